"""Confirm recommendations that are proposed from the numbered lists of a report."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.accounts.permissions import require_account
from waymark.core.errors import RuleError
from waymark.core.wording import as_sentence
from waymark.documents.anchors import ReportAnchors
from waymark.documents.queries.reader import review_for
from waymark.frameworks.queries import file_of
from waymark.recommendations import services
from waymark.recommendations.queries.proposals import (
    ReportProposal,
    open_assignment,
    proposed_recommendations,
)
from waymark.web.shared.clean_input import whole_number

SMART = ("specific", "measurable", "achievable", "relevant", "timed")


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, reference: str) -> HttpResponse:
    """What the reports of a review seem to recommend, each to confirm or to leave."""
    coder = require_account(request.user, "code", "record a recommendation")
    now = timezone.now()
    review = review_for(reference, coder, now)
    proposals = proposed_recommendations(review, coder, now)
    assignment = open_assignment(review, coder)
    framework = file_of(assignment.framework) if assignment is not None else None
    if request.method == "POST" and framework is not None:
        number = whole_number(str(request.POST.get("number", "")))
        chosen = next((row for row in proposals if row.row.number == number), None)
        try:
            _confirm(request, chosen, coder, framework)
        except RuleError as error:
            messages.error(request, as_sentence(error))
        else:
            messages.success(request, f"Recommendation {number} recorded.")
        return redirect("propose-recommendations", reference)
    context = {
        "review": review,
        "proposals": proposals,
        "framework": framework,
        "smart": SMART,
    }
    return render(request, "follow_up/propose.html", context)


def _confirm(
    request: HttpRequest, chosen: ReportProposal | None, coder: Any, framework: Any
) -> None:
    if chosen is None:
        raise RuleError("this proposal is no longer there: another person has recorded it")
    services.record_recommendation(
        by=coder,
        framework=framework,
        anchors=ReportAnchors(chosen.report),
        span=chosen.row.span,
        number=chosen.row.number,
        category=str(request.POST.get("category", "")),
        audience=str(request.POST.get("audience", "")),
        smart=[name for name in SMART if name in request.POST.getlist("smart")],
        now=timezone.now(),
    )
