"""Emails that a person decides on, all that arrived, and files that came with them."""

import re
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.core.errors import FileRefused, NotFound, RuleError
from waymark.enquiries import services
from waymark.enquiries.models import EmailToSort, Enquiry, SortDecision
from waymark.enquiries.queries import desk
from waymark.enquiries.queries.files import attachment_path
from waymark.mail.inbound.email_content import EmailContent, read_email
from waymark.mail.inbound.outcome import own_addresses, raw_bytes
from waymark.mail.models import InboundMailKind, InboundMailState
from waymark.mail.queries import inbound_for, listed_inbound
from waymark.web.shared.fields import RadioField, TextField
from waymark.web.shared.file_answers import file_answer
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList

DECISIONS = {
    SortDecision.ADDED: "Add it to an enquiry",
    SortDecision.NEW: "Make a new enquiry of it",
    SortDecision.DROPPED: "It is not for us",
}
HINTS: dict[str, str] = {
    SortDecision.ADDED: "The asker can then read it. Our answers still go to the asker alone.",
    SortDecision.NEW: "Its sender gets an acknowledgement, unless it may be an automatic reply.",
    SortDecision.DROPPED: "Its sender gets no answer.",
}
UNSAFE = re.compile(r"[^A-Za-z0-9._ -]")
INBOUND = StaffList(
    "email",
    "emails",
    search=("recipient", "reason"),
    columns=(
        ListColumn("Email", "number", ("pk",), falling=True),
        ListColumn("State", "state", ("state",)),
        ListColumn("Kind", "kind", ("kind",)),
        ListColumn("Reason"),
        ListColumn("Received", "received", ("received_at",), falling=True),
    ),
    order="-received",
    filters=(
        ListFilter("state", "State", dict(InboundMailState.choices), lambda value: Q(state=value)),
        ListFilter("kind", "Kind", dict(InboundMailKind.choices), lambda value: Q(kind=value)),
    ),
)


@require_safe
def emails_to_sort(request: HttpRequest) -> HttpResponse:
    """Emails that may belong to an enquiry and wait for a decision."""
    rows = [(row, _content_of(row)) for row in desk.emails_to_sort(request.user)[:200]]
    return render(request, "enquiries/sort.html", {"rows": rows})


def _content_of(row: EmailToSort) -> EmailContent | None:
    """What an email says; None if its bytes are gone."""
    try:
        return read_email(raw_bytes(row.mail), own=own_addresses(), name=str(row.mail))
    except FileRefused:
        return None


class SortForm(SiteForm):
    """The decision on an email."""

    decision = RadioField(
        "What happens to this email?",
        [(key.value, label) for key, label in DECISIONS.items()],
        HINTS,
        missing="Choose what happens to the email.",
    )
    reference = TextField("Reference of the enquiry to add it to", most=20)


@require_http_methods(["GET", "HEAD", "POST"])
def sort_email(request: HttpRequest, number: int) -> HttpResponse:
    """One email, beside the enquiry that it may belong to, and the decision on it."""
    row = desk.email_to_sort(number, request.user)
    initial = {"reference": row.enquiry.reference if row.enquiry else ""}
    form = SortForm.of(request, initial=initial)
    if form.is_valid() and (target := _decide(request, row, form)):
        return target
    context: dict[str, Any] = {"row": row, "email": _content_of(row), "form": form}
    return render(request, "enquiries/sort_email.html", context, status=form.http_status)


def _decide(request: HttpRequest, row: EmailToSort, form: SortForm) -> HttpResponse | None:
    """Decide on an email; None, with the reason in the form, if a rule is against it."""
    decision = form.cleaned_data["decision"]
    try:
        enquiry = services.decide_email(
            by=request.user,
            row=row,
            decision=decision,
            enquiry=_named(request, form) if decision == SortDecision.ADDED else None,
            now=timezone.now(),
        )
    except (RuleError, NotFound, FileRefused) as error:
        form.refuse(error)
        return None
    messages.success(request, f"{SortDecision(decision).label}.")
    return redirect("enquiry", enquiry.reference) if enquiry else redirect("sort-emails")


def _named(request: HttpRequest, form: SortForm) -> Enquiry:
    return desk.enquiry_for(form.cleaned_data["reference"].strip().upper(), request.user)


@require_safe
def inbound_mail(request: HttpRequest) -> HttpResponse:
    """All emails that arrived, with what happened to each and why."""
    view = INBOUND.view(request, listed_inbound(request.user))
    return render(request, "enquiries/inbound.html", {"list": view})


@require_safe
def inbound_file(request: HttpRequest, number: int) -> HttpResponseBase:
    """An email as it arrived, as a file to download."""
    mail = inbound_for(number, request.user)
    if not mail.has_raw:
        raise NotFound("this email is no longer stored")
    try:
        content = raw_bytes(mail)
    except FileRefused as error:
        raise NotFound(str(error)) from error
    return _untrusted(file_answer(request, content, name=f"email-{mail.pk}.eml", media_type=BYTES))


@require_safe
def enquiry_attachment(request: HttpRequest, reference: str, number: int) -> HttpResponseBase:
    """A file that came with an email: only ever downloaded, never shown."""
    attachment = desk.attachment_for(number, reference, request.user)
    path = attachment_path(attachment.sha256)
    if not path.is_file():
        raise NotFound("this file is no longer stored")
    name = UNSAFE.sub("_", attachment.name).strip(" .") or "file"
    return _untrusted(file_answer(request, path, name=name, media_type=BYTES))


BYTES = "application/octet-stream"
"""No browser opens it, whatever the sender called it."""


def _untrusted(answer: HttpResponseBase) -> HttpResponseBase:
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
