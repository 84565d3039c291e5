"""Visibility of a review, a report or a publication: change its state, withdraw it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark import pipeline
from waymark.accounts.models import State
from waymark.accounts.permissions import require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import NotFound, RuleError
from waymark.core.wording import list_in_words
from waymark.documents.models import Report, Review
from waymark.documents.queries import holdings
from waymark.library.models import CatalogueRecord, Publishable
from waymark.library.queries import repository
from waymark.library.queries.deposit_records import record_gaps
from waymark.library.queries.family import family_notifications
from waymark.library.services.retention import TombstoneText
from waymark.pipeline.library.record_checklist import IncompleteRecord
from waymark.pipeline.publishing.publication_reasons import OPENING
from waymark.web.shared.fields import CODE, DateField, ReasonField, TextField
from waymark.web.shared.forms import SiteForm

PUBLISH = "publish reports"
View = Callable[..., HttpResponse]
LATEST_EMBARGO_DAYS = 366 * 5
"""Days ahead that an embargo may end."""


@dataclass(frozen=True, slots=True)
class StateStep:
    """A state that can be chosen. effect: what then happens, in words.

    before, after: the words of the button around the name. dated: it takes a day.
    """

    state: str
    action: str
    effect: str
    before: str
    after: str = ""
    dated: bool = False


STEPS = (
    StateStep(
        State.PUBLISHED, "Publish", "Everyone can read it and find it in the library.", "Publish"
    ),
    StateStep(
        State.EMBARGOED,
        "Publish later",
        "Only people with a staff role can read it until the day you enter. It is published "
        "automatically when that day begins.",
        "Schedule publication of",
        dated=True,
    ),
    StateStep(
        State.INTERNAL,
        "Make internal",
        "Only people with a staff role can read it. It leaves the public library at once.",
        "Make",
        "internal",
    ),
)


@dataclass(frozen=True, slots=True)
class StateSubject:
    """The record whose state is changed. name: on the page; back: address of the page before."""

    record: Publishable
    name: str
    key: str
    back: str
    report: Report | None = None

    @property
    def kind(self) -> str:
        """The kind of the record in its address."""
        return str(self.record._meta.model_name)

    @property
    def review(self) -> Review | None:
        """Of a report, its review; of a review, itself."""
        return self.record.related_review()

    @property
    def page(self) -> str:
        """The address of its page of states."""
        return reverse(f"{self.kind}-state", args=[self.key])

    @property
    def publish_page(self) -> str:
        """The address of the page that publishes a review; "" for others."""
        return reverse("publish-review", args=[self.key]) if self.kind == "review" else ""

    @property
    def gaps(self) -> list[str]:
        """Fields that the record of a review lacks."""
        return record_gaps(self.record) if isinstance(self.record, Review) else []

    @property
    def withdraw_page(self) -> str:
        """The address of the page to withdraw it."""
        return reverse(f"withdraw-{self.kind}", args=[self.key])


def _review_subject(request: HttpRequest, reference: str) -> StateSubject:
    review = holdings.review_in_any_state(reference, request.user)
    back = reverse("review-state", args=[reference])
    return StateSubject(review, reference, reference, back)


def _report_subject(request: HttpRequest, key: str) -> StateSubject:
    report = holdings.report_in_any_state(key, request.user)
    back = reverse("report-state", args=[key])
    return StateSubject(report, report.file_name, key, back, report)


def _resource_subject(request: HttpRequest, key: str) -> StateSubject:
    resource = repository.resource_to_publish(key, request.user)
    back = reverse("resource-state", args=[key])
    return StateSubject(resource, resource.title, key, back)


class VisibilityForm(SiteForm):
    """A change of the state of something. from: its state before, a hidden input of the page."""

    @property
    def seen(self) -> State | None:
        """The state that the page showed when its form was sent."""
        state = self.data.get("from")
        return State(state) if state in State.values else None


class StateForm(VisibilityForm):
    """The state that something is put into. to: a hidden input of the page."""

    day = DateField(
        "First day on which it can be read",
        missing="Enter the first day on which it can be read.",
        hint="For example, 24 1 2027.",
    )

    @property
    def step(self) -> StateStep:
        """The step of the button. Raises RuleError."""
        for step in STEPS:
            if step.state == self.data.get("to"):
                return step
        raise RuleError("the form named no state")

    def clean_day(self) -> date:
        """A day in the next five years."""
        day: date = self.cleaned_data["day"]
        if not 0 < (day - timezone.localdate()).days <= LATEST_EMBARGO_DAYS:
            raise ValidationError("Enter a day after today, within the next five years.")
        return day

    @property
    def confirms_gaps(self) -> bool:
        """True if the person wants it published with the gaps of its record."""
        return self.data.get("incomplete") == "on"

    @property
    def opens(self) -> datetime | None:
        """The moment at which the day begins, of a valid form."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["day"], time()))


def _state_page(request: HttpRequest, subject: StateSubject) -> HttpResponse:
    require_permission(request.user, PUBLISH)
    form = StateForm.of(request)
    if form.is_bound and (not form.step.dated or form.is_valid()):
        try:
            _change_state(request, subject, form)
        except IncompleteRecord as error:
            form.refuse(error, alone=True)
        else:
            label = State(form.step.state).label.lower()
            messages.success(request, f"{subject.name} is now {label}.")
            return redirect(subject.back)
    return _show_states(request, subject, form)


def _change_state(request: HttpRequest, subject: StateSubject, form: StateForm) -> None:
    """Do what the button says. Of a review with the rules of its checklist."""
    state = State(form.step.state)
    opens = form.opens if form.step.dated else None
    record, now = subject.record, timezone.now()
    if isinstance(record, Review) and state in OPENING:
        pipeline.publish_record(
            by=request.user,
            review=record,
            state=state,
            now=now,
            seen=form.seen,
            public_from=opens,
            incomplete=form.confirms_gaps,
        )
        return
    pipeline.change_state(
        by=request.user, item=record, state=state, now=now, seen=form.seen, public_from=opens
    )


def _show_states(request: HttpRequest, subject: StateSubject, form: StateForm) -> HttpResponse:
    record, review = subject.record, subject.review
    return render(
        request,
        "staff/state.html",
        {
            "subject": subject,
            "record": record,
            "publish_page": subject.publish_page,
            "gaps": list_in_words(subject.gaps),
            "review": review,
            "report": subject.report,
            "now": record.get_state_display(),
            "state": record.state,
            "opens": record.public_from,
            "gone": record.state not in OPEN_TO_STAFF,
            "steps": [step for step in STEPS if step.state != record.state or step.dated],
            "reasons": pipeline.open_reasons(record, timezone.now(), whole=True),
            "hidden_by_review": subject.report is not None
            and review is not None
            and not repository.is_public(review, timezone.now()),
            "family_told": family_notifications(review, request.user) if review else [],
            "form": form,
        },
        status=form.http_status,
    )


# ---- withdrawing ----


class WithdrawForm(VisibilityForm):
    """Why something is withdrawn: the text of its tombstone."""

    reason = ReasonField(
        "Reason, for everyone to read",
        missing="Enter why it is withdrawn.",
        hint="One or two sentences. Name no person, no board and nothing that identifies the case.",
        rows=3,
        most=500,
    )
    title = TextField("Neutral description (optional)")
    successor = TextField(
        "Look at instead (optional)",
        hint="The reference of a review or the key of a publication, as in its address.",
        most=80,
        attrs=CODE,
    )

    def __init__(self, subject: StateSubject, **options: Any) -> None:
        super().__init__(**options)
        usual = f"{subject.report.get_kind_display()} of a case review" if subject.report else ""
        usual = usual or ("A publication" if subject.kind == "resource" else "A case review")
        self.fields["title"].help_text = f"If you leave it empty, the page says “{usual}”."

    def clean_successor(self) -> CatalogueRecord | None:
        """The record of that name."""
        name = self.cleaned_data["successor"]
        try:
            return repository.record_named(name) if name else None
        except NotFound:
            raise ValidationError(f"There is no record {name}. Leave it empty or look.") from None


def _withdraw_page(request: HttpRequest, subject: StateSubject) -> HttpResponse:
    require_permission(request.user, PUBLISH)
    record, state = subject.record, subject.record.state
    if state == State.WITHDRAWN:
        if request.method == "POST":
            messages.warning(request, f"Nothing was changed: {subject.name} was already withdrawn.")
        return redirect(subject.page)
    form = WithdrawForm.of(request, subject)
    if form.is_valid() and _withdraw_record(request, subject, form):
        messages.success(request, f"{subject.name} is now withdrawn.")
        return redirect(subject.back)
    return render(
        request,
        "staff/withdraw_record.html",
        {
            "subject": subject,
            "state": state,
            "was_public": repository.is_public(record, timezone.now()),
            "editions": repository.editions_counting(subject.review) if subject.review else [],
            "form": form,
        },
        status=form.http_status,
    )


def _withdraw_record(request: HttpRequest, subject: StateSubject, form: WithdrawForm) -> bool:
    """Withdraw it; False, with the reason in the form, if a rule is against it."""
    try:
        pipeline.change_state(
            by=request.user,
            item=subject.record,
            state=State.WITHDRAWN,
            now=timezone.now(),
            seen=form.seen,
            tombstone=TombstoneText(
                *(form.cleaned_data[name] for name in ("reason", "title", "successor"))
            ),
        )
    except RuleError as error:
        form.refuse(error, "reason")
        return False
    return True


# ---- the views ----


def _record_view(page: Callable[..., HttpResponse], find: Callable[..., StateSubject]) -> View:
    """The view of a page for one kind of record."""

    def view(request: HttpRequest, **key: str) -> HttpResponse:
        return page(request, find(request, *key.values()))

    return require_http_methods(["GET", "HEAD", "POST"])(view)


review_state = _record_view(_state_page, _review_subject)
report_state = _record_view(_state_page, _report_subject)
resource_state = _record_view(_state_page, _resource_subject)
withdraw_review = _record_view(_withdraw_page, _review_subject)
withdraw_report = _record_view(_withdraw_page, _report_subject)
withdraw_resource = _record_view(_withdraw_page, _resource_subject)
