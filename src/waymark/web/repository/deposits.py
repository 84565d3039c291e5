"""Pages for those who manage the repository: deposits, unsent emails, file expiry."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_safe

from waymark import pipeline
from waymark.accounts.permissions import Person, has_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import NotFound, NotReady, RuleError
from waymark.core.wording import list_in_words
from waymark.documents.queries import holdings
from waymark.documents.queries.anonymity import ids_with_identifiers
from waymark.library.models import Deposit, DepositState
from waymark.library.queries import repository
from waymark.library.queries.deposit_records import proposed_record, record_gaps
from waymark.library.services.deposits import CONFIRM_DAYS
from waymark.mail import queries as emails
from waymark.mail.smtp import can_send
from waymark.web.shared.fields import (
    CODE,
    CheckField,
    DateField,
    TextAreaField,
    TextField,
    TicksField,
)
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList, column_filter
from waymark.web.shared.proposals import mark_proposal

PUBLISH = "publish reports"
MOST_AT_ONCE = 200
"""Deposits that one form offers to return."""


# ---- deposits ----


DEPOSITS = StaffList(
    "deposit",
    "deposits",
    search=("title", "reference", "board"),
    columns=(
        ListColumn("Deposit", "title", ("title",)),
        ListColumn("State", "state", ("state",)),
        ListColumn("Board", "board", ("board",)),
        ListColumn("Received", "received", ("received_at",), falling=True),
    ),
    order="-received",
    filters=(
        ListFilter(
            "naming",
            "Board",
            {"named": "May be named", "anonymous": "Not to be named"},
            lambda value: Q(anonymous=value == "anonymous"),
        ),
    ),
)


@require_safe
def deposit_list(request: HttpRequest) -> HttpResponse:
    """All deposits, newest first."""
    rows = repository.listed_deposits(request.user)
    states = column_filter("state", "State", rows, dict(DepositState.choices))
    unconfirmed = (states.counts or {}).get(DepositState.TO_CONFIRM, 0)
    # Apart: anybody can send what nobody confirmed.
    if request.GET.get("state") != DepositState.TO_CONFIRM:
        rows = rows.exclude(state=DepositState.TO_CONFIRM)
    return render(
        request,
        "staff/deposits.html",
        {
            "list": DEPOSITS.view(request, rows, states),
            "post": emails.unsent_emails(request.user),
            "can_send": can_send(),
            "open": settings.DEPOSITS,
            "unconfirmed": unconfirmed,
            "days": CONFIRM_DAYS,
        },
    )


class ReturnSeveralForm(SiteForm):
    """Deposits that nobody has begun to check, to be returned for one reason."""

    chosen = TicksField("Deposits", (), missing="Choose at least one deposit.")
    reason = TextAreaField(
        "Reason, for the boards to read",
        missing="Enter the reason for the boards.",
        hint="Those who confirmed their deposit get it by email: name no child and no family.",
        most=5_000,
    )

    def __init__(self, deposits: list[Deposit], **options: Any) -> None:
        super().__init__(**options)
        self.fields["chosen"].choices = [(row.reference, _in_words(row)) for row in deposits]  # type: ignore[attr-defined]


def _in_words(deposit: Deposit) -> str:
    received = date_format(timezone.localtime(deposit.received_at), "j F Y")
    state = " (not confirmed)" if deposit.state == DepositState.TO_CONFIRM else ""
    return f"{deposit.title}, {deposit.board}, {received}{state}"


@require_http_methods(["GET", "HEAD", "POST"])
def return_several(request: HttpRequest) -> HttpResponse:
    """Return several deposits at once, such as what one stranger sent again and again."""
    deposits = list(repository.returnable_deposits(request.user)[:MOST_AT_ONCE])
    form = ReturnSeveralForm.of(request, deposits)
    if not form.is_valid():
        context = {"form": form, "deposits": deposits}
        return render(request, "staff/return_deposits.html", context, status=form.http_status)
    chosen = set(form.cleaned_data["chosen"])
    refused = pipeline.return_deposits(
        by=request.user,
        deposits_to_return=[row for row in deposits if row.reference in chosen],
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    for reference, reason in refused.items():
        messages.warning(request, f"{reference} was not returned: {reason}.")
    number = len(chosen) - len(refused)
    messages.success(request, f"{number} deposit{'' if number == 1 else 's'} returned.")
    return redirect("deposits")


class DepositAction(SiteForm):
    """A decision about a deposit: one section of its page."""

    def __init__(self, deposit: Deposit, **options: Any) -> None:
        super().__init__(**options)
        self.deposit = deposit

    def apply(self, by: Person) -> str:
        """Do it; a message. Raises RuleError."""
        raise NotImplementedError


class BeginForm(DepositAction):
    """Begin to check a deposit."""

    def apply(self, by: Person) -> str:
        pipeline.begin_check(by=by, deposit=self.deposit, now=timezone.now())
        return f"{self.deposit.reference} is in check."


RENAMED = {"title": "new_title", "board": "new_board"}
"""Field of the record -> its field in the form that creates a review."""


class NewReviewForm(DepositAction):
    """Create a review from a deposit."""

    new_reference = TextField(
        "Reference",
        missing="Enter a reference.",
        hint="Used in its web address. You cannot change it later. Letters, digits and hyphens.",
        most=60,
        attrs=CODE,
    )
    new_title = TextField("Title", missing="Enter a title.", hint="As the catalogue shows it.")
    new_board = TextField("Board or partnership (optional)", most=200)
    completed_on = DateField("Completed on (optional)")
    published_on = DateField("Published on (optional)")

    def __init__(self, deposit: Deposit, **options: Any) -> None:
        # What its text states is proposed until it is filed, and a person confirms it.
        proposed = {} if deposit.review else proposed_record(deposit)
        initial = {
            "new_title": "" if deposit.anonymous else deposit.title,
            "new_board": deposit.board,
            **{
                RENAMED.get(name, name): proposal.value
                for name, proposal in proposed.items()
                if name != "board"
            },
        }
        super().__init__(deposit, initial=initial, **options)
        if deposit.anonymous:
            del self.fields["new_board"]
            for name in ("new_reference", "new_title"):
                self.fields[name].help_text += " Leave out anything that identifies the board."
        for name, proposal in proposed.items():
            if proposal.value != deposit.board:
                mark_proposal(self, RENAMED.get(name, name), proposal, "Create review")

    def clean_new_reference(self) -> str:
        """A reference that an address can contain."""
        reference: str = self.cleaned_data["new_reference"]
        plain = reference.replace("-", "").replace("_", "")
        if not (plain.isascii() and plain.isalnum()):
            raise ValidationError("Use letters, digits and hyphens only.")
        return reference

    def apply(self, by: Person) -> str:
        review = pipeline.file_as_new(
            by=by,
            deposit=self.deposit,
            reference=self.cleaned_data["new_reference"],
            title=self.cleaned_data["new_title"],
            board=self.cleaned_data.get("new_board", ""),
            completed_on=self.cleaned_data["completed_on"],
            published_on=self.cleaned_data["published_on"],
            now=timezone.now(),
        )
        return f"Review {review.reference} created."


class ExistingReviewForm(DepositAction):
    """Add the files of a deposit to a review."""

    review = TextField(
        "Reference of the review",
        missing="Enter the reference of a review.",
        most=60,
        attrs={**CODE, "list": "reviews"},
    )

    def apply(self, by: Person) -> str:
        try:
            review = holdings.review_in_any_state(self.cleaned_data["review"], by)
        except NotFound as error:
            raise RuleError(str(error)) from error
        pipeline.file_under(by=by, deposit=self.deposit, review=review, now=timezone.now())
        return f"The files are now part of the review {review.reference}."


class PublishForm(DepositAction):
    """Publish a deposit. looked: the places that may name the board were checked.

    incomplete: publish it with the gaps of its catalogue record.
    """

    looked = CheckField("I have checked each place that may identify the board, and none does")
    incomplete = CheckField("Publish it without: none of this is known")

    def apply(self, by: Person) -> str:
        pipeline.publish_deposit(
            by=by, deposit=self.deposit, now=timezone.now(), **self.cleaned_data
        )
        return f"{self.deposit.reference} is published. The board will get an email."


class ReturnForm(DepositAction):
    """Return a deposit to its board."""

    reason = TextAreaField(
        "Reason, for the board to read",
        missing="Enter the reason for the board.",
        hint="It is sent by email: name no child and no family.",
        most=5_000,
    )

    def apply(self, by: Person) -> str:
        reason = self.cleaned_data["reason"]
        pipeline.return_deposit(by=by, deposit=self.deposit, reason=reason, now=timezone.now())
        return f"{self.deposit.reference} is returned. The board will get an email."


ACTIONS: dict[str, type[DepositAction]] = {
    "begin": BeginForm,
    "new": NewReviewForm,
    "under": ExistingReviewForm,
    "publish": PublishForm,
    "return": ReturnForm,
}


@require_http_methods(["GET", "HEAD", "POST"])
def deposit_check(request: HttpRequest, reference: str) -> HttpResponse:
    """One deposit: its data, the checks of its files, and what can be done with it."""
    deposit = repository.deposit_for(reference, request.user)
    forms = {name: action(deposit) for name, action in ACTIONS.items()}
    form = None
    if request.method == "POST":
        name = request.POST.get("do", "")
        if name not in ACTIONS:
            raise RuleError("the form named no action for a deposit")
        form = forms[name] = ACTIONS[name].of(request, deposit)
        try:
            if form.is_valid():
                messages.success(request, form.apply(request.user))
                return redirect("deposit-check", reference=reference)
        except NotReady:
            # It has a page of its own, with links to where each reason is answered.
            raise
        except RuleError as error:
            form.refuse(error)
            deposit = repository.deposit_for(reference, request.user)
    check = repository.check_of(deposit)
    gaps = record_gaps(deposit.review) if deposit.review else []
    return render(
        request,
        "staff/deposit.html",
        {
            "deposit": deposit,
            "check": check,
            "gaps": list_in_words([f"no {gap}" for gap in gaps]),
            "with_hidden_text": holdings.ids_with_hidden_text(
                file.report.pk for file in check.files if file.report
            ),
            "with_identifiers": ids_with_identifiers(
                file.report.pk for file in check.files if file.report
            ),
            "open_states": OPEN_TO_STAFF,
            "decided": deposit.state in {DepositState.PUBLISHED, DepositState.RETURNED},
            "letters": emails.letters_about(deposit.reference, request.user),
            "reviews": holdings.attachable_reviews(request.user, limit=1_000),
            "form": form,
            "forms": forms,
            "may_publish": has_permission(request.user, PUBLISH),
        },
        status=form.http_status if form else 200,
    )
