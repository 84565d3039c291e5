"""For cataloguers: what the catalogue says of a review, its draft abstract, where it stands."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark import pipeline
from waymark.accounts.permissions import may, require
from waymark.core.errors import Overtaken, RuleError
from waymark.documents.models import Review
from waymark.library import services
from waymark.library.abstract import NAMES, PARTS, composed, still_said
from waymark.library.description import version_of
from waymark.library.queries import cataloguing as queries
from waymark.library.queries import reviews as abouts
from waymark.library.queries.cataloguing import Catalogued, MaybeSame
from waymark.library.queries.reviews import Sentence, standing_steps, taken
from waymark.library.schemes import Scheme, Step, builtin_schemes, may_follow
from waymark.pipeline import ReviewDescription
from waymark.web.catalogue import Theirs, history
from waymark.web.fields import Field, Form, Group
from waymark.web.review_form import read, review_form, shown

MOST_PLACES = 60
UNITS = {"working-days": "working days", "days": "days", "months": "months"}
SEEN_AS = {"event": "What happened", **{part: name for part, name in NAMES.items() if name}}


@dataclass(frozen=True, slots=True)
class Drafted:
    """The proposed sentences of one part, each with whether the abstract holds it already."""

    name: str
    sentences: tuple[tuple[Sentence, bool], ...]


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """The form for a review, with a draft of its abstract beside it; and describing it anew."""
    held = queries.held_review(reference, request.user)
    now = timezone.now()
    draft = abouts.draft_abstract(held.review, request.user, now)
    form = review_form()
    if request.method != "POST":
        form.fill(shown(pipeline.review_described(held.review)))
        return _page(request, held, form, draft)
    said = read(form, request.POST)
    places = _places(request)
    seen = request.POST.get("seen", "")
    if request.POST.get("do") == "take":
        _take(request, form, draft)
        return _page(request, held, form, draft, places=places, seen=seen, taking=True)
    same = _same(request, held, said)
    if form.errors or not {one.key for one in same} <= _answered(request):
        return _page(request, held, form, draft, places=places, seen=seen, same=same)
    try:
        changed = pipeline.describe_review(
            by=request.user, review=held.review, said=said, now=now, places=places, seen=seen
        )
    except Overtaken:
        theirs = _theirs(form, said, held.review)
        return _page(request, held, form, draft, places=places, theirs=theirs)
    messages.success(request, "Saved." if changed else "Nothing was different: nothing changed.")
    return redirect("edit-review", reference)


def _places(request: HttpRequest) -> tuple[str, ...]:
    """The keys of the sentences that were taken so far."""
    return tuple(dict.fromkeys(request.POST.getlist("place")))[:MOST_PLACES]


def _take(request: HttpRequest, form: Form, draft: list[Sentence]) -> None:
    """Put the chosen sentences into the abstract, each into its part."""
    wanted = set(_places(request))
    chosen = [(one.part, one.text) for one in draft if one.key in wanted]
    form.put("summary", composed(chosen, after=form.value("summary")))


def _answered(request: HttpRequest) -> set[str]:
    return set(request.POST.getlist("not")) if request.POST.get("do") == "anyway" else set()


def _same(request: HttpRequest, held: Catalogued, said: ReviewDescription) -> list[MaybeSame]:
    """Other reviews that may be this one, where what tells reviews apart was changed."""
    before = pipeline.review_described(held.review)
    known = said.published_on or said.completed_on
    was = before.published_on or before.completed_on
    if (said.board, said.pseudonym, known) == (before.board, before.pseudonym, was):
        return []
    return queries.maybe_same_review(
        held.review,
        board=said.board,
        pseudonym=said.pseudonym,
        year=known.year if known else None,
        person=request.user,
    )


def _theirs(form: Form, said: ReviewDescription, review: Review) -> list[Theirs]:
    now, typed = shown(pipeline.review_described(review)), shown(said)
    return [Theirs(form.label(name), value) for name, value in now.items() if value != typed[name]]


def _page(
    request: HttpRequest,
    held: Catalogued,
    form: Form,
    draft: list[Sentence],
    *,
    places: tuple[str, ...] = (),
    same: list[MaybeSame] | None = None,
    theirs: list[Theirs] | None = None,
    seen: str | None = None,
    taking: bool = False,
) -> HttpResponse:
    stored = pipeline.review_described(held.review)
    abstract = form.value("summary")
    errors = [] if taking else form.errors
    return render(
        request,
        "catalogue/review.html",
        {
            "review": held.review,
            "form": form,
            "errors": errors,
            "drafted": _drafted(draft, abstract),
            "places": places,
            "about": abouts.about_review(held.review, request.user, timezone.now()),
            "same": same or [],
            "theirs": theirs,
            "seen": seen if seen is not None else version_of(stored),
            "taking": taking,
            "history": history(f"review {held.review.reference}", request),
            "in_catalogue": held.record is not None,
            "may_publish": may(request.user, "publish reports"),
        },
        status=409 if theirs is not None else 400 if errors else 200,
    )


def _drafted(draft: list[Sentence], abstract: str) -> list[Drafted]:
    return [
        Drafted(SEEN_AS[part], tuple((one, still_said(abstract, one.text)) for one in of_part))
        for part in PARTS
        if (of_part := [one for one in draft if one.part == part])
    ]


# ---- where reviews stand ----


@require_http_methods(["GET", "HEAD", "POST"])
def steps(request: HttpRequest, reference: str) -> HttpResponse:
    """The steps of a review and what is due; recording the next, taking back the last."""
    held = queries.held_review(reference, request.user)
    form, following = _step_form(held)
    problem = ""
    if request.method == "POST":
        try:
            messages.success(request, _step(request, held.review, form))
            return redirect("review-steps", reference)
        except RuleError as error:
            problem = f"{str(error)[:1].upper()}{str(error)[1:]}."
    today = timezone.localdate()
    return render(
        request,
        "catalogue/steps.html",
        {
            "review": held.review,
            "course": queries.course_of(held.review, held.details, request.user, today),
            "scheme": _scheme_of(held),
            "limits": _limits(_scheme_of(held)),
            "form": form,
            "goes_on": bool(following),
            "problem": problem,
        },
        status=400 if problem else 200,
    )


def _scheme_of(held: Catalogued) -> Scheme | None:
    known = builtin_schemes().schemes
    return next((one for one in known if one.key == held.details.scheme), None)


def _limits(scheme: Scheme | None) -> list[str]:
    """The time limits of a process, each as a line."""
    known = builtin_schemes()
    return [
        f"{known.label(scheme, step.status)}: within {step.clock.within} "
        f"{UNITS[step.clock.unit]} of “{known.label(scheme, step.clock.of)}”"
        for step in (scheme.steps if scheme else ())
        if scheme and step.clock
    ]


def _step_form(held: Catalogued) -> tuple[Form, tuple[Step, ...]]:
    """The form for the next step; without a process there is none to choose."""
    known, scheme = builtin_schemes(), _scheme_of(held)
    following = may_follow(scheme, taken(standing_steps(held.review))) if scheme else ()
    decisions = {one.key: one.label for step in following for one in step.decisions}
    fields = [
        Field(
            "status",
            "Status",
            "choice",
            options=[("", "Choose")]
            + [(one.status, known.label(scheme, one.status)) for one in following if scheme],
        ),
        Field("on", "Date", "date"),
        Field(
            "reason",
            "Reason",
            hint="Where the status needs one. Seen by staff alone; name no person.",
            most=500,
        ),
    ]
    if decisions:
        options = [("", "Nothing is decided with it"), *decisions.items()]
        fields.insert(1, Field("decision", "What was decided", "choice", options=options))
    return Form([Group("Next step", fields)]), following


def _step(request: HttpRequest, review: Review, form: Form) -> str:
    """Do what the button asks for; what was done, as a sentence. Raises RuleError."""
    now = timezone.now()
    if request.POST.get("do") == "take-back":
        standing = standing_steps(review)
        if not standing or str(standing[-1].pk) != request.POST.get("step"):
            raise RuleError("another step was recorded meanwhile: look at the list again")
        services.take_back_step(by=request.user, step=standing[-1], now=now)
        return "The step is taken back."
    form.fill(request.POST)
    on, status = form.day("on"), form.value("status")
    if on is None:
        raise RuleError("enter the date of the step, as year-month-day")
    if not status:
        raise RuleError("choose the status that was reached")
    services.record_step(
        by=request.user,
        review=review,
        status=status,
        on=on,
        now=now,
        decision=form.value("decision") if "decision" in form.names else "",
        reason=form.value("reason"),
    )
    return "The step is recorded."


@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """The reviews with something still to be done by a day, the most urgent first."""
    require(request.user, "see unpublished reports")
    courses = queries.courses_with_dues(request.user, timezone.localdate())
    return render(
        request,
        "catalogue/due.html",
        {"courses": courses, "may_catalogue": may(request.user, "catalogue")},
    )
