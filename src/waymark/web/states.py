"""Who may see a review, a report or a publication: the page of its state, and withdrawing it."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark import pipeline
from waymark.accounts.models import State
from waymark.accounts.permissions import require
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import NotFound, RuleError
from waymark.documents import held, services
from waymark.documents.models import Report, Review
from waymark.library.models import CatalogueRecord, Resource
from waymark.library.queries import repository
from waymark.library.services.keeping import Told
from waymark.web.typed import typed

PUBLISH = "publish reports"
FURTHEST = 366 * 5
"""Days ahead that an embargo may end."""


@dataclass(frozen=True, slots=True)
class Step:
    """A state something may be put into. effect: what then happens, in words.

    before, after: what the button says around the name of the thing. dated: it takes a day.
    """

    state: str
    action: str
    effect: str
    before: str
    after: str = ""
    dated: bool = False


STEPS = (
    Step(
        State.PUBLISHED,
        "Publish",
        "Everybody can read it, and the library finds it.",
        "Publish",
    ),
    Step(
        State.EMBARGOED,
        "Publish later",
        "Only people with a staff role can read it until the day given here. When that day begins "
        "it opens by itself.",
        "Put an embargo on",
        dated=True,
    ),
    Step(
        State.INTERNAL,
        "Make internal",
        "Only people with a staff role can read it. It leaves the public library at once.",
        "Make",
        "internal",
    ),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page of states is about. name: how the page calls it; kind: as its address does.

    review: of a report, its review; of a review, itself. back: where one came from.
    """

    thing: Review | Report | Resource
    kind: str
    name: str
    key: str
    review: Review | None
    report: Report | None
    back: str

    @property
    def page(self) -> str:
        """The address of its page of states."""
        return reverse(f"{self.kind}-state", args=[self.key])


def _of_review(request: HttpRequest, reference: str) -> Subject:
    review = held.held_review(reference, request.user)
    back = f"{reverse('staff')}#{reference}"
    return Subject(review, "review", reference, reference, review, None, back)


def _of_report(request: HttpRequest, key: str) -> Subject:
    report = held.held_report(key, request.user)
    back = f"{reverse('staff')}#{report.review.reference}"
    return Subject(report, "report", report.file_name, key, report.review, report, back)


def _of_resource(request: HttpRequest, key: str) -> Subject:
    resource = repository.held_resource(key, request.user)
    back = reverse("resource-state", args=[key])
    return Subject(resource, "resource", resource.title, key, None, None, back)


@require_http_methods(["GET", "HEAD", "POST"])
def review_state(request: HttpRequest, reference: str) -> HttpResponse:
    """What a review's state is and may become."""
    return _state_page(request, _of_review(request, reference))


@require_http_methods(["GET", "HEAD", "POST"])
def report_state(request: HttpRequest, key: str) -> HttpResponse:
    """What a report's state is and may become."""
    return _state_page(request, _of_report(request, key))


@require_http_methods(["GET", "HEAD", "POST"])
def resource_state(request: HttpRequest, key: str) -> HttpResponse:
    """What the state of a publication is and may become."""
    return _state_page(request, _of_resource(request, key))


def _state_page(request: HttpRequest, subject: Subject) -> HttpResponse:
    require(request.user, PUBLISH)
    wrong_day = ""
    if request.method == "POST":
        step = next((one for one in STEPS if one.state == request.POST.get("to")), None)
        if step is None:
            raise RuleError("the form named no state this can be put into")
        opens, wrong_day = _day_of(request) if step.dated else (None, "")
        if not wrong_day:
            return _changed(request, subject, State(step.state), opens)
    thing, review = subject.thing, subject.review
    return render(
        request,
        "staff/state.html",
        {
            "subject": subject,
            "review": review,
            "report": subject.report,
            "now": thing.get_state_display(),
            "state": thing.state,
            "opens": thing.public_from,
            "gone": thing.state not in OPEN_TO_STAFF,
            "steps": [one for one in STEPS if one.state != thing.state or one.dated],
            "held_because": services.why_held(subject.report) if subject.report else "",
            "hidden_by_review": subject.report is not None
            and review is not None
            and not repository.is_public(review, timezone.now()),
            "wrong_day": wrong_day,
            "day": typed(request.POST.get("day", "")),
        },
        status=400 if wrong_day else 200,
    )


def _day_of(request: HttpRequest) -> tuple[datetime | None, str]:
    """The moment at which the day typed begins, or what is wrong with it."""
    said = typed(request.POST.get("day", ""))
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return None, "Enter the day as year-month-day, such as 2027-01-24."
    today = timezone.localdate()
    if not 0 < (day - today).days <= FURTHEST:
        return None, "Enter a day after today, within the next five years."
    return timezone.make_aware(datetime.combine(day, time())), ""


def _changed(
    request: HttpRequest, subject: Subject, state: State, opens: datetime | None
) -> HttpResponse:
    pipeline.change_state(
        by=request.user,
        thing=subject.thing,
        state=state,
        now=timezone.now(),
        seen=_seen(request),
        public_from=opens,
    )
    messages.success(request, f"{subject.name} is now {state.label.lower()}.")
    return redirect(subject.back)


def _seen(request: HttpRequest) -> State | None:
    """The state that the page showed when its form was sent."""
    seen = request.POST.get("from")
    return State(seen) if seen in State.values else None


# ---- withdrawing ----


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_review(request: HttpRequest, reference: str) -> HttpResponse:
    """What withdrawing a review means, and doing it with a reason."""
    return _withdraw_page(request, _of_review(request, reference))


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_report(request: HttpRequest, key: str) -> HttpResponse:
    """The same for one report of a review."""
    return _withdraw_page(request, _of_report(request, key))


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_resource(request: HttpRequest, key: str) -> HttpResponse:
    """The same for a publication."""
    return _withdraw_page(request, _of_resource(request, key))


def _withdraw_page(request: HttpRequest, subject: Subject) -> HttpResponse:
    require(request.user, PUBLISH)
    thing, state = subject.thing, subject.thing.state
    if state == State.WITHDRAWN:
        if request.method == "POST":
            messages.warning(
                request, f"Nothing was changed: {subject.name} had been withdrawn already."
            )
        return redirect(subject.page)
    said = {name: typed(request.POST.get(name, "")) for name in ("reason", "title", "successor")}
    wrong: dict[str, str] = {}
    if request.method == "POST":
        wrong = _withdraw(request, subject, said)
        if not wrong:
            messages.success(request, f"{subject.name} is now withdrawn.")
            return redirect(subject.back)
    return render(
        request,
        "staff/withdraw_record.html",
        {
            "subject": subject,
            "state": state,
            "was_public": repository.is_public(thing, timezone.now()),
            "editions": repository.editions_counting(subject.review) if subject.review else [],
            "said": said,
            "wrong": wrong,
        },
        status=400 if wrong else 200,
    )


def _withdraw(request: HttpRequest, subject: Subject, said: dict[str, str]) -> dict[str, str]:
    """Withdraw it; what is wrong with the form, by field, where it was not done."""
    if not said["reason"]:
        return {"reason": "Say why it is withdrawn."}
    successor: CatalogueRecord | None = None
    if said["successor"]:
        try:
            successor = repository.record_called(said["successor"])
        except NotFound:
            return {"successor": f"There is no record {said['successor']}. Leave it empty or look."}
    try:
        pipeline.change_state(
            by=request.user,
            thing=subject.thing,
            state=State.WITHDRAWN,
            now=timezone.now(),
            seen=_seen(request),
            told=Told(said["reason"], said["title"], successor),
        )
    except RuleError as error:
        return {"reason": f"{str(error)[:1].upper()}{str(error)[1:]}."}
    return {}
