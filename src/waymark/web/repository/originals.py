"""The original file of a report: its download, and the decision to offer it."""

from contextlib import nullcontext
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import require_permission
from waymark.core.errors import RuleError
from waymark.documents.models import Report
from waymark.documents.queries import holdings
from waymark.library.models import OriginalTerms
from waymark.library.queries import originals as queries
from waymark.library.services import originals as services
from waymark.web.middleware.errors import ErrorExplanation, error_page
from waymark.web.server.slow_work import place_to_wait
from waymark.web.shared.fields import RadioField, ReasonField
from waymark.web.shared.file_answers import file_answer
from waymark.web.shared.forms import SiteForm

BUSY = ErrorExplanation(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Too many files are being fetched",
    "The site is fetching as many files as it can.",
    "Reload the page in a few seconds.",
    retry_after=5,
)
HINTS: dict[str, str] = {
    OriginalTerms.LICENCE: "The record of the review names a licence that allows copies.",
    OriginalTerms.PERMISSION: "Say below who agreed, and when.",
}


class OfferForm(SiteForm):
    """Terms and reason of offering an original."""

    terms = RadioField(
        "Why may it be offered?",
        OriginalTerms.choices,
        HINTS,
        missing="Choose why the file may be offered.",
    )
    reason = ReasonField(
        "Reason",
        missing="Enter the reason for your decision.",
        hint="What you checked. Only staff see it. Name no person of the case.",
        most=services.LONGEST_REASON,
    )


class StopForm(SiteForm):
    """Reason of offering an original no longer."""

    reason = ReasonField(
        "Reason",
        missing="Enter the reason for your decision.",
        hint="Only staff see it.",
        most=services.LONGEST_REASON,
    )


@require_safe
def original_file(request: HttpRequest, key: str) -> HttpResponseBase:
    """The original of a report, as it was received."""
    # A file of the folder is sent at once; a store may not answer for half a minute.
    with place_to_wait() if settings.ORIGINALS else nullcontext(enter_result=True) as free:
        return _original_answer(request, key) if free else error_page(request, BUSY)


def _original_answer(request: HttpRequest, key: str) -> HttpResponseBase:
    original = queries.original_for(key, request.user, timezone.now())
    return file_answer(
        request,
        original.content,
        name=original.name,
        media_type=original.media_type,
        tag=original.sha256[:32],
    )


@require_http_methods(["GET", "HEAD", "POST"])
def original_decision(request: HttpRequest, key: str) -> HttpResponse:
    """Offer the original of a report, or no longer."""
    require_permission(request.user, services.OFFER_ORIGINALS)
    report = holdings.report_in_any_state(key, request.user)
    decisions = queries.original_decisions(report, request.user)
    offered = bool(decisions and decisions[0].offered)
    form: SiteForm = StopForm.of(request) if offered else OfferForm.of(request)
    if form.is_valid() and _decide(request, report, form, offered=offered):
        return redirect("original-decision", key)
    context = {
        "report": report,
        "decisions": decisions,
        "offered": offered,
        "downloadable": report.pk in queries.offered_originals([report]),
        "obstacle": queries.original_obstacle(report),
        "form": form,
    }
    return render(request, "staff/original.html", context, status=form.http_status)


def _decide(request: HttpRequest, report: Report, form: SiteForm, *, offered: bool) -> bool:
    """Store the decision; False, with the reason in the form, if a rule is against it."""
    values: dict[str, Any] = {"by": request.user, "report": report, "now": timezone.now()}
    try:
        if offered:
            services.stop_offering_original(**values, **form.cleaned_data)
        else:
            services.offer_original(**values, **form.cleaned_data)
    except RuleError as error:
        form.refuse(error)
        return False
    action = "is no longer offered" if offered else "is now offered for download"
    messages.success(request, f"The original of {report.file_name} {action}.")
    return True
