"""Follow-up for staff: who is late, the ledger of a recommendation, and addresses of bodies."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import require_permission
from waymark.bodies.queries import body_with_key
from waymark.core.errors import NotFound, RuleError
from waymark.core.uk_time import uk_date
from waymark.core.wording import as_sentence
from waymark.follow_up import queries
from waymark.recommendations import services
from waymark.recommendations.models import Addressee, BodyContact, LedgerEntry, Standing
from waymark.recommendations.queries.contacts import contacts_of
from waymark.web.follow_up.ledger_forms import (
    ActionForm,
    AddresseeForm,
    DoneForm,
    EntryForm,
    ProgressForm,
    number_in,
)
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.fields import EmailField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList

RECORD = "record progress"


def _late_filter(value: str) -> Q:
    late = Q(overdue_from__lte=uk_date(timezone.now()))
    if value == "post":
        contacts = BodyContact.objects.filter(body=OuterRef("body"))
        return late & ~Q(Exists(contacts))
    return late if value == "late" else Q(level__gt=0)


ADDRESSEES = StaffList(
    "addressee",
    "addressees",
    search=("words", "review__reference", "review__title", "body__name"),
    columns=(
        ListColumn("Recommendation", "review", ("review__reference", "number")),
        ListColumn("Asked", "words", ("words",)),
        ListColumn("Standing", "standing", ("standing",)),
        ListColumn("Late since", "late", ("overdue_from",), falling=True, empty_last=True),
        ListColumn("Reminders", "steps", ("steps",), number=True, words=("fewest", "most")),
    ),
    order="late",
    filters=(
        ListFilter("standing", "Standing", dict(Standing.choices), lambda value: Q(standing=value)),
        ListFilter(
            "late",
            "Late",
            {"late": "Late", "post": "Late, and no email address", "escalated": "Escalated"},
            _late_filter,
        ),
    ),
)


@require_safe
def follow_up_list(request: HttpRequest) -> HttpResponse:
    """Everybody who was asked to act, the latest in time first."""
    require_permission(request.user, RECORD)
    now = timezone.now()
    view = ADDRESSEES.view(request, queries.open_addressees(request.user, now))
    return render(request, "follow_up/staff_list.html", {"list": view, "today": uk_date(now)})


@require_http_methods(["GET", "HEAD", "POST"])
def ledger_page(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """One recommendation: serve it, and record what happened."""
    require_permission(request.user, RECORD)
    view = queries.recommendation_view(reference, number, None, timezone.now())
    review = view.recommendation.review
    action = str(request.POST.get("do", ""))
    forms = {name: form(request.POST) if action == name else form() for name, form in FORMS.items()}
    sent = forms.get(action)
    addressees = Addressee.objects.filter(review=review, number=number)
    try:
        if action in BUTTONS:
            BUTTONS[action](request, addressees)
        elif sent is not None and sent.is_valid():
            WRITERS[action](request, view.recommendation, addressees, sent)
    except RuleError as error:
        if sent is None:
            messages.error(request, as_sentence(error))
        else:
            sent.refuse(error)
    if action and (sent is None or not sent.errors):
        return redirect("edit-ledger", reference, number)
    context = {
        "view": view,
        "recommendation": view.recommendation,
        "review": review,
        "forms": forms,
        "sent": sent,
        "entries": LedgerEntry.objects.filter(addressee__in=addressees, taken_back_at=None)
        .select_related("addressee")
        .order_by("-on", "-pk")[:200],
    }
    status = sent.http_status if sent is not None else 200
    return render(request, "follow_up/ledger.html", context, status=status)


def _chosen(asked: Any, number: int) -> Addressee:
    addressee: Addressee | None = asked.filter(pk=number).first()
    if addressee is None:
        raise RuleError("choose who it is about")
    return addressee


def _add_addressee(request: HttpRequest, row: Any, _asked: Any, form: AddresseeForm) -> None:
    services.add_addressee(
        by=request.user,
        review=row.review,
        number=row.number,
        words=form.cleaned_data["words"],
        body=form.body,
        scheme=form.cleaned_data["scheme"],
        now=timezone.now(),
    )


def _add_entry(request: HttpRequest, _row: Any, asked: Any, form: EntryForm) -> None:
    addressee = _chosen(asked, number_in(form, "addressee"))
    services.record_entry_of(
        by=request.user, addressee=addressee, entry=form.entry, now=timezone.now()
    )


def _add_progress(request: HttpRequest, _row: Any, asked: Any, form: ProgressForm) -> None:
    addressee = _chosen(asked, number_in(form, "addressee"))
    services.record_progress_of(
        by=request.user, addressee=addressee, progress=form.progress, now=timezone.now()
    )


def _add_action(request: HttpRequest, _row: Any, asked: Any, form: ActionForm) -> None:
    addressee = _chosen(asked, number_in(form, "addressee"))
    services.add_action(
        by=request.user, addressee=addressee, action=form.new_action, now=timezone.now()
    )


def _finish_action(request: HttpRequest, _row: Any, asked: Any, form: DoneForm) -> None:
    number = number_in(form, "number")
    for addressee in asked:
        if (action := addressee.actions.filter(pk=number).first()) is not None:
            services.finish_action(
                by=request.user,
                action=action,
                done_on=form.cleaned_data["done_on"],
                evidence=form.cleaned_data["evidence"],
                now=timezone.now(),
            )
            return
    raise RuleError("there is no such action")


FORMS: Mapping[str, Callable[..., SiteForm]] = {
    "addressee": AddresseeForm,
    "entry": EntryForm,
    "progress": ProgressForm,
    "action": ActionForm,
    "done": DoneForm,
}
WRITERS: Mapping[str, Callable[..., None]] = {
    "addressee": _add_addressee,
    "entry": _add_entry,
    "progress": _add_progress,
    "action": _add_action,
    "done": _finish_action,
}


def _take_back(request: HttpRequest, asked: Any) -> None:
    number = whole_number(str(request.POST.get("number", ""))) or 0
    entry = LedgerEntry.objects.filter(addressee__in=asked, pk=number).first()
    if entry is None:
        raise NotFound(f"there is no entry {number}")
    reason = str(request.POST.get("reason", ""))[:500]
    services.take_back_entry(by=request.user, entry=entry, reason=reason, now=timezone.now())


def _remove(request: HttpRequest, asked: Any) -> None:
    addressee = _chosen(asked, whole_number(str(request.POST.get("number", ""))) or 0)
    services.remove_addressee(by=request.user, addressee=addressee, now=timezone.now())


BUTTONS: Mapping[str, Callable[[HttpRequest, Any], None]] = {
    "take-back": _take_back,
    "remove": _remove,
}


class BodyContactForm(SiteForm):
    """An address that a body has registered."""

    address = EmailField(
        "Email address",
        missing="Enter an email address, such as name@example.org.",
        hint="One that the body itself gave you. It gets reminders, and can report for the body.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def body_contacts(request: HttpRequest, key: str) -> HttpResponse:
    """The addresses of a body: add and remove."""
    require_permission(request.user, RECORD)
    body, now = body_with_key(key), timezone.now()
    contacts = contacts_of(body, request.user)
    if request.POST.get("do") == "remove":
        number = whole_number(str(request.POST.get("number", "")))
        contact = next((row for row in contacts if row.pk == number), None)
        if contact is None:
            raise NotFound(f"{body} has no such address")
        services.remove_contact(by=request.user, contact=contact, now=now)
        messages.success(request, "Address removed, with the emails to it.")
        return redirect("body-contacts", key)
    form = BodyContactForm.of(request)
    if form.is_valid():
        try:
            services.add_contact(
                by=request.user, body=body, address=form.cleaned_data["address"], now=now
            )
        except RuleError as error:
            form.refuse(error, "address")
        else:
            messages.success(request, "Address added.")
            return redirect("body-contacts", key)
    context = {"body": body, "contacts": contacts, "form": form}
    return render(request, "follow_up/contacts.html", context, status=form.http_status)
