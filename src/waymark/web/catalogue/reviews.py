"""For cataloguers: the catalogue data of a review, its draft abstract, its progress."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark import pipeline
from waymark.accounts.permissions import has_permission, require_permission
from waymark.core.errors import ConcurrentChange, NotReady, RuleError
from waymark.core.language_advice import advice_on_fields
from waymark.documents.models import Review
from waymark.library import services
from waymark.library.catalogue.draft_abstract import (
    PART_NAMES,
    PARTS,
    compose_abstract,
    contains_sentence,
)
from waymark.library.catalogue.resource_description import version_of
from waymark.library.catalogue.review_process import (
    ProcessStep,
    ReviewProcess,
    builtin_processes,
    next_steps,
)
from waymark.library.queries import cataloguing as queries
from waymark.library.queries import reviews as abouts
from waymark.library.queries.cataloguing import CataloguedReview, SimilarRecord
from waymark.library.queries.content_notes import missing_notes
from waymark.library.queries.deposit_records import proposed_for
from waymark.library.queries.reviews import PlacedSentence, current_steps, plain_steps
from waymark.pipeline import ReviewDescription, review_work
from waymark.web.catalogue.review_form import ReviewForm, initial_values
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.fields import ChoiceField, DateField, OpenChoiceField, TextField
from waymark.web.shared.forms import CurrentValue, SiteForm
from waymark.web.shared.lists import search_words
from waymark.web.shared.paging import Paging, page_number
from waymark.web.shared.proposals import mark_proposal
from waymark.web.shared.sent_items import sent_items

DEADLINES_ON_A_PAGE = 50
UNITS = {"working-days": "working days", "days": "days", "months": "months"}
PART_LABELS = {
    "event": "What happened",
    **{part: name for part, name in PART_NAMES.items() if name},
}


@dataclass(frozen=True, slots=True)
class DraftedPart:
    """Proposed sentences of one part; True for one that is already in the abstract."""

    name: str
    sentences: tuple[tuple[PlacedSentence, bool], ...]


@require_http_methods(["GET", "HEAD", "POST"])
def edit_review(request: HttpRequest, reference: str) -> HttpResponse:
    """Change the catalogue data of a review, with a draft of its abstract beside the form."""
    holding = queries.review_to_catalogue(reference, request.user)
    now = timezone.now()
    draft = abouts.draft_abstract(holding.review, request.user, now)
    stored = pipeline.review_description(holding.review)
    proposed = proposed_for(holding.review)
    initial = {
        **initial_values(stored),
        **{name: proposal.value for name, proposal in proposed.items()},
        "seen": version_of(stored),
    }
    form = ReviewForm.of(request, initial=initial)
    for name, proposal in proposed.items():
        mark_proposal(form, name, proposal, "Save")
    valid = form.is_valid()
    if form.action == "take":
        chosen = [(row.part, row.text) for row in draft if row.key in form.places]
        form.put("summary", compose_abstract(chosen, after=form.cleaned_data.get("summary", "")))
        form.errors.clear()
        return _review_page(request, holding, form, draft, taking=True)
    if not valid:
        return _review_page(request, holding, form, draft)
    same = _likely_duplicates(request, holding, form.description)
    if not form.confirms(same):
        return _review_page(request, holding, form, draft, same=same)
    try:
        changed = pipeline.describe_review(
            by=request.user,
            review=holding.review,
            description=form.description,
            now=now,
            places=form.places,
            seen=form.cleaned_data["seen"],
        )
    except NotReady as error:
        form.refuse(error)
        return _review_page(request, holding, form, draft)
    except ConcurrentChange:
        stored = pipeline.review_description(holding.review)
        form.put("seen", version_of(stored))
        current = form.current_values(initial_values(stored), initial_values(form.description))
        return _review_page(request, holding, form, draft, current=current)
    messages.success(request, "Saved." if changed else "No changes to save.")
    return redirect("edit-review", reference)


def _likely_duplicates(
    request: HttpRequest, holding: CataloguedReview, description: ReviewDescription
) -> list[SimilarRecord]:
    """Other reviews that may be this one, if what distinguishes reviews was changed."""
    before = pipeline.review_description(holding.review)
    known = description.published_on or description.completed_on
    known_before = before.published_on or before.completed_on
    if (description.board, description.pseudonym, known) == (
        before.board,
        before.pseudonym,
        known_before,
    ):
        return []
    return queries.similar_reviews_of(
        holding.review,
        board=description.board,
        pseudonym=description.pseudonym,
        year=known.year if known else None,
        person=request.user,
    )


def _review_page(
    request: HttpRequest,
    holding: CataloguedReview,
    form: ReviewForm,
    draft: list[PlacedSentence],
    *,
    same: list[SimilarRecord] | None = None,
    current: list[CurrentValue] | None = None,
    taking: bool = False,
) -> HttpResponse:
    return render(
        request,
        "catalogue/review.html",
        {
            "review": holding.review,
            "form": form,
            "drafted": _drafted_parts(draft, str(form["summary"].value() or "")),
            "about": abouts.about_review(holding.review, request.user, timezone.now()),
            "missing_notes": missing_notes(holding.review, request.user, timezone.now()),
            "advice": advice_on_fields(form.own_words("title", "summary")),
            "same": same or [],
            "current": current,
            "taking": taking,
            "record": holding.review,
            "sent_items": sent_items(request, holding.review),
        },
        status=form.http_status if current is None else 409,
    )


def _drafted_parts(draft: list[PlacedSentence], abstract: str) -> list[DraftedPart]:
    return [
        DraftedPart(
            PART_LABELS[part],
            tuple((sentence, contains_sentence(abstract, sentence.text)) for sentence in of_part),
        )
        for part in PARTS
        if (of_part := [sentence for sentence in draft if sentence.part == part])
    ]


# ---- review progress ----


@require_http_methods(["GET", "HEAD", "POST"])
def review_steps(request: HttpRequest, reference: str) -> HttpResponse:
    """The steps of a review and its deadlines; recording the next step, undoing the last."""
    holding = queries.review_to_catalogue(reference, request.user)
    scheme = _scheme_of(holding)
    following = next_steps(scheme, plain_steps(current_steps(holding.review))) if scheme else ()
    form = StepForm.of(request, scheme, following)
    try:
        message = _change_steps(request, holding.review, form)
        if message:
            messages.success(request, message)
            return redirect("review-steps", reference)
    except RuleError as error:
        form.refuse(error, alone=True)
    today = timezone.localdate()
    return render(
        request,
        "catalogue/steps.html",
        {
            "review": holding.review,
            "record": holding.review,
            "work": review_work(holding.review, request.user, timezone.now()),
            "course": queries.progress_of(holding.review, holding.details, request.user, today),
            "scheme": scheme,
            "limits": _time_limits(scheme),
            "form": form,
            "goes_on": bool(following),
        },
        status=form.http_status,
    )


def _scheme_of(holding: CataloguedReview) -> ReviewProcess | None:
    known = builtin_processes().schemes
    return next((scheme for scheme in known if scheme.key == holding.details.scheme), None)


def _time_limits(scheme: ReviewProcess | None) -> list[str]:
    """The time limits of a process, each as a line."""
    known = builtin_processes()
    return [
        f"{known.label(scheme, step.status)}: within {step.clock.within} "
        f"{UNITS[step.clock.unit]} of “{known.label(scheme, step.clock.of)}”"
        for step in (scheme.steps if scheme else ())
        if scheme and step.clock
    ]


class StepForm(SiteForm):
    """The next step of a review. following: the steps that its process allows next."""

    status = OpenChoiceField("Status", missing="Choose the status that was reached.")
    decision = ChoiceField("Decision")
    on = DateField("Date", missing="Enter the date of the step.")
    reason = TextField(
        "Reason", hint="If the status needs one. Only staff see it. Name no person.", most=500
    )
    groups = (("Next step", ("status", "decision", "on", "reason")),)

    def __init__(
        self, scheme: ReviewProcess | None, following: tuple[ProcessStep, ...], **options: Any
    ) -> None:
        super().__init__(**options)
        known = builtin_processes()
        statuses = [(step.status, known.label(scheme, step.status)) for step in following if scheme]
        decisions = {
            decision.key: decision.label for step in following for decision in step.decisions
        }
        choices = {
            "status": [("", "Choose"), *statuses],
            "decision": [("", "No decision is made with it"), *decisions.items()],
        }
        for name, options_of_field in choices.items():
            cast(ChoiceField, self.fields[name]).choices = options_of_field
        if not decisions:
            del self.fields["decision"]


def _change_steps(request: HttpRequest, review: Review, form: StepForm) -> str:
    """Do what the button asks for; a message, or "" for a form with errors. Raises RuleError."""
    now = timezone.now()
    if form.action == "take-back":
        current = current_steps(review)
        if not current or str(current[-1].pk) != form.data.get("step"):
            raise RuleError("another step was recorded in the meantime: check the list again")
        services.take_back_step(by=request.user, step=current[-1], now=now)
        return "Step removed."
    if not form.is_valid():
        return ""
    values = {"decision": "", **form.cleaned_data}
    services.record_step(by=request.user, review=review, now=now, **values)
    return "Step recorded."


DUE = {
    "overdue": ("Overdue", timedelta(0)),
    "soon": ("Overdue, or within 28 days", timedelta(days=29)),
}
"""Choice of deadlines -> label, and the time from today before which the first one is."""


@require_safe
def deadlines(request: HttpRequest) -> HttpResponse:
    """Reviews with deadlines, most urgent first."""
    require_permission(request.user, "see unpublished reports")
    number, today = page_number(request), timezone.localdate()
    words, due = search_words(request.GET), request.GET.get("due", "")
    wrong = ""
    if due and due not in DUE:
        wrong, due = f"First deadline: there is no “{clean_line(due[:80])}”. Choose a value.", ""
    total, courses = queries.reviews_with_deadlines(
        request.user,
        today,
        offset=(number - 1) * DEADLINES_ON_A_PAGE,
        limit=DEADLINES_ON_A_PAGE,
        words=words,
        before=today + DUE[due][1] if due else None,
    )
    return render(
        request,
        "catalogue/due.html",
        {
            "courses": courses,
            "words": words,
            "due": due,
            "wrong": wrong,
            "problems": [("by-due", wrong)] if wrong else [],
            "dues": [(value, label) for value, (label, _) in DUE.items()],
            "paging": Paging.of(request, number, total=total, size=DEADLINES_ON_A_PAGE),
            "may_catalogue": has_permission(request.user, "catalogue"),
        },
    )
