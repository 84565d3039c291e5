"""Check references: for anybody, and for the desk beside an enquiry. Nothing is stored."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.core.errors import RuleError
from waymark.enquiries.models import Enquiry, MessageSender
from waymark.enquiries.queries import desk
from waymark.enquiries.queries.drafts import draft_of
from waymark.enquiries.queries.references import ReferenceCheck, check_references
from waymark.enquiries.reference_answers import AnsweredReference, reference_answer
from waymark.enquiries.references.split import LONGEST, MOST
from waymark.enquiries.services import store_draft
from waymark.web.shared.client_address import client_network
from waymark.web.shared.fields import TextAreaField
from waymark.web.shared.form_guard import GuardedForm
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.rate_limit import RateLimiter

LIMITER = RateLimiter(at_once=20, a_minute=6)
"""Checks of one network: each compares every reference with the whole library."""
WAIT = "You have checked many lists. Wait a minute, then check this one."
LABEL = "References"
HINT = (
    f"Paste up to {MOST} references in any style, one on each line or in a numbered list, with or "
    "without a DOI, ISBN or web address."
)


class CheckReferencesForm(GuardedForm):
    """References that anybody pastes."""

    text = TextAreaField(
        LABEL, missing="Enter at least one reference.", hint=HINT, rows=12, most=LONGEST
    )


class DeskReferencesForm(SiteForm):
    """References of an enquiry."""

    text = TextAreaField(
        LABEL, missing="Enter at least one reference.", hint=HINT, rows=12, most=LONGEST
    )


@require_http_methods(["GET", "HEAD", "POST"])
def check_page(request: HttpRequest) -> HttpResponse:
    """Check references against what the public can find. It needs no account."""
    form = CheckReferencesForm.of(request)
    check, status = None, form.http_status
    if form.is_valid():
        if LIMITER.allows(client_network(request)):
            check = _checked(form)
        else:
            form.refuse(WAIT)
    status = 429 if WAIT in form.non_field_errors() else form.http_status
    context = {"form": form, "check": check, "most": MOST}
    answer = render(request, "enquiries/check_references.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _checked(form: SiteForm) -> ReferenceCheck | None:
    """The check of a valid form, as the public sees it; None if it has an error now."""
    try:
        # Also for staff: the asker must be able to find what the answer names.
        return check_references(form.cleaned_data["text"], AnonymousUser(), timezone.now())
    except RuleError as error:
        form.refuse(error, "text")
        return None


@require_http_methods(["GET", "HEAD", "POST"])
def enquiry_references(request: HttpRequest, reference: str) -> HttpResponse:
    """Check the references of an enquiry, and add the result to the draft of its answer."""
    enquiry = desk.enquiry_for(reference, request.user)
    if request.method == "POST":
        form = DeskReferencesForm(request.POST)
    else:
        form = DeskReferencesForm({"text": _asked_text(enquiry)})
    check = _checked(form) if form.is_valid() else None
    if check is not None and form.action == "add":
        _add_to_draft(request, enquiry, check)
        return redirect("enquiry", reference)
    if request.method != "POST":
        # The asker's own words are no mistake of the person who opens the page.
        form = form if check else DeskReferencesForm()
    context = {"enquiry": enquiry, "form": form, "check": check}
    return render(request, "enquiries/references.html", context, status=form.http_status)


def _asked_text(enquiry: Enquiry) -> str:
    texts = enquiry.messages.exclude(sender=MessageSender.DESK).values_list("text", flat=True)
    return "\n\n".join(texts)[:LONGEST]


def _add_to_draft(request: HttpRequest, enquiry: Enquiry, check: ReferenceCheck) -> None:
    """Add the wording of a result to the person's draft."""
    wording = reference_answer(
        AnsweredReference(row.text, row.record.key if row.record else "", row.differences)
        for row in check.results
    )
    draft = draft_of(enquiry, request.user)
    values: dict[str, Any] = {"text": wording, "seen": 0}
    if draft is not None:
        values = {"text": f"{draft.text.rstrip()}\n\n{wording}".lstrip(), "seen": draft.number}
    store_draft(by=request.user, enquiry=enquiry, now=timezone.now(), **values)
    messages.success(request, "Added to your answer: read it, then send it.")
