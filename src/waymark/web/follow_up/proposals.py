"""Confirm recommendations that are proposed from the numbered lists of a report."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.accounts.models import User
from waymark.accounts.permissions import require_account
from waymark.core.errors import RuleError
from waymark.core.spans import Span
from waymark.core.wording import as_sentence
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import Review
from waymark.documents.queries.reader import review_for
from waymark.follow_up.queries.said_before import SaidBefore, said_before
from waymark.frameworks.queries import file_of
from waymark.frameworks.schema import FrameworkFile
from waymark.recommendations import services
from waymark.recommendations.models import Comparison
from waymark.recommendations.queries.proposals import (
    ReportProposal,
    open_assignment,
    proposed_recommendations,
)
from waymark.recommendations.relation_keys import RelationKey
from waymark.recommendations.strengths import SOURCE, SOURCE_BY, STRENGTHS
from waymark.web.shared.clean_input import whole_number

SMART = ("specific", "measurable", "achievable", "relevant", "timed")


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """A proposal with what was recommended before in nearly the same words."""

    proposal: ReportProposal
    before: Sequence[SaidBefore]


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
            _confirm(request, chosen, review, coder, framework)
        except RuleError as error:
            messages.error(request, as_sentence(error))
        else:
            messages.success(request, f"Recommendation {number} recorded.")
        return redirect("propose-recommendations", reference)
    context = {
        "review": review,
        "proposals": [
            ShownProposal(row, said_before(row.row.text, coder, now, source=f"review-{review.pk}"))
            for row in proposals
        ],
        "framework": framework,
        "smart": SMART,
        "strengths": STRENGTHS,
        "strength_source": f"{SOURCE} ({SOURCE_BY})",
        "relations": Comparison.choices,
    }
    return render(request, "follow_up/propose.html", context)


def _confirm(
    request: HttpRequest,
    chosen: ReportProposal | None,
    review: Review,
    coder: User,
    framework: FrameworkFile,
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
        strength=str(request.POST.get("strength", "")),
        finding=_finding(chosen, str(request.POST.get("finding", ""))),
        relations=_relations(request, chosen, review, coder),
        now=timezone.now(),
    )


def _finding(chosen: ReportProposal, key: str) -> Span | None:
    if not key:
        return None
    for passage in chosen.findings:
        if passage.key == key:
            return Span(passage.start, passage.end)
    raise RuleError("the finding is not in the current text of this report: choose it again")


def _relations(
    request: HttpRequest, chosen: ReportProposal, review: Review, coder: User
) -> dict[RelationKey, str]:
    """How the new recommendation relates to those shown beside it, as far as the coder chose."""
    related = said_before(chosen.row.text, coder, timezone.now(), source=f"review-{review.pk}")
    relations = {
        row.other.key: str(request.POST.get(f"relation-{row.other.key}", "")) for row in related
    }
    return {key: relation for key, relation in relations.items() if relation}
