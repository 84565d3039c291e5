"""What the reports of a review seem to recommend, as far as nobody has recorded it."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.coding.models import Assignment
from waymark.documents.models import PassageKind, Report, Review
from waymark.documents.queries.reader import PassageRow, passages_of, reports_of
from waymark.recommendations.models import Recommendation
from waymark.recommendations.proposals import (
    FINDINGS,
    ProposedRecommendation,
    ReportPassage,
    propose_recommendations,
)

MOST_FINDINGS = 150
"""Passages of a report from which the finding is chosen."""


@dataclass(frozen=True, slots=True)
class ReportProposal:
    """A proposal with the report that has its words, and the passages with its findings."""

    report: Report
    row: ProposedRecommendation
    findings: tuple[PassageRow, ...] = ()


def proposed_recommendations(review: Review, person: Actor, now: datetime) -> list[ReportProposal]:
    """Proposals from the reports of a review that a person may see, without recorded numbers.

    Raises NotPermitted.
    """
    require_permission(person, "code")
    current = Recommendation.objects.filter(review=review, superseded_at=None)
    used_numbers = set(current.values_list("number", flat=True))
    proposals = []
    for report in reports_of(review, person, now):
        passages = [
            ReportPassage(row.start, row.text, row.page, row.heading)
            for row in passages_of(report)
            if row.kind != PassageKind.HEADING
        ]
        findings: tuple[PassageRow, ...] | None = None
        for row in propose_recommendations(passages):
            if row.number not in used_numbers:
                used_numbers.add(row.number)
                findings = finding_passages(report) if findings is None else findings
                proposals.append(ReportProposal(report, row, findings))
    return proposals


def finding_passages(report: Report) -> tuple[PassageRow, ...]:
    """The passages under headings about findings, analysis or learning, in their order."""
    rows = (
        row
        for row in passages_of(report)
        if row.kind != PassageKind.HEADING and FINDINGS.search(row.heading)
    )
    return tuple(islice(rows, MOST_FINDINGS))


def open_assignment(review: Review, coder: User) -> Assignment | None:
    """The work on a review that a coder has not finished; None if there is none."""
    rows = Assignment.objects.filter(review=review, coder=coder, finished_at=None)
    return rows.select_related("framework").first()
