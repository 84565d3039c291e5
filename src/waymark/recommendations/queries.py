"""Queries about recommendations with the latest progress on each."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from waymark.accounts.models import User
from waymark.accounts.permissions import Person
from waymark.core.evidence import RecommendationRow, places_by_owner
from waymark.core.uk_time import uk_date
from waymark.documents.anchors import place_columns
from waymark.documents.models import Report, Review
from waymark.documents.queries.reader import (
    ReviewSelection,
    keys_of_reports,
    open_reports,
    references_of,
)
from waymark.recommendations.models import Progress, ProgressStatus, Recommendation
from waymark.recommendations.progress_rules import ReportedState, progress_doubts, progress_faults

CLOSED = frozenset(
    {ProgressStatus.COMPLETE, ProgressStatus.SUPERSEDED, ProgressStatus.NOT_ACCEPTED}
)
NOTHING_TOLD = ("", "", None)


@dataclass(frozen=True, slots=True)
class FollowedRecommendation:
    """Recommendation with its latest progress, None if nothing has been reported.

    overdue: its due date has passed and it is not closed. doubts: what a person should check in it.
    earlier: progress that was reported before, the latest first.
    """

    recommendation: Recommendation
    progress: Progress | None
    overdue: bool
    doubts: tuple[str, ...] = ()
    earlier: tuple[Progress, ...] = ()


def recommendations_of(
    review: Review, person: Person, now: datetime
) -> list[FollowedRecommendation]:
    """Recommendations of a review from reports that the person may see, by number."""
    rows = list(
        Recommendation.objects.filter(
            report__in=open_reports(person, now), review=review, superseded_at=None
        )
        .select_related("report")
        .order_by("number")
    )
    reported: dict[int, list[Progress]] = defaultdict(list)
    # By number and not by row: progress passes on to the row that supersedes a corrected one.
    every = Progress.objects.filter(recommendation__review=review)
    for account in every.select_related("recommendation").order_by("-told_at", "-pk"):
        reported[account.recommendation.number].append(account)
    followed = []
    for row in rows:
        accounts = reported[row.number]
        last = accounts[0] if accounts else None
        overdue = last is not None and is_overdue(last.status, last.due, today=uk_date(now))
        doubts = tuple(doubts_of(last, review)) if last is not None else ()
        followed.append(FollowedRecommendation(row, last, overdue, doubts, tuple(accounts[1:])))
    return followed


def doubts_of(progress: Progress, review: Review) -> list[str]:
    """What is impossible or doubtful in stored progress: earlier versions stored either."""
    state = ReportedState(
        progress.status, progress.impact, progress.due, progress.evidence, progress.evidence_on
    )
    made_on = review.completed_on
    return progress_faults(state, made_on=made_on) + progress_doubts(state, made_on=made_on)


def recommendation_rows(reviews: ReviewSelection, *, as_at: date) -> list[RecommendationRow]:
    """Rows of recommendations with their latest progress, ordered by review and number.

    as_at: the date on which they are overdue or not.
    """
    accounts = Progress.objects.filter(recommendation__review__in=reviews).order_by("told_at", "pk")
    latest = {
        (review, number): (status, impact, due)
        for review, number, status, impact, due in accounts.values_list(
            "recommendation__review", "recommendation__number", "status", "impact", "due"
        ).iterator()
    }
    current = Recommendation.objects.filter(review__in=reviews, superseded_at=None).order_by()
    places = places_by_owner(
        current.values_list("pk", *place_columns()).iterator(), keys_of_reports(reviews)
    )
    references = references_of(reviews)
    rows = current.values_list("pk", "review_id", "number", "category", "audience", "smart")
    evidence = []
    for pk, review, number, category, audience, smart in rows.iterator():
        status, impact, due = latest.get((review, number), NOTHING_TOLD)
        evidence.append(
            RecommendationRow(
                review=references[review],
                number=number,
                category=category,
                audience=audience,
                smart=tuple(smart),
                status=status,
                impact=impact,
                overdue=is_overdue(status, due, today=as_at),
                places=places[pk],
            )
        )
    return sorted(evidence)


def recommendations_anchored_in(report: Report) -> QuerySet[Recommendation]:
    """The current recommendations whose words are in a report."""
    return Recommendation.objects.filter(report=report, superseded_at=None)


def recorded_by(coder: User, review: Review) -> list[Recommendation]:
    """Current recommendations of a review that a person recorded, by number."""
    return list(
        Recommendation.objects.filter(
            review=review, recorded_by=coder, superseded_at=None
        ).select_related("report")
    )


def is_overdue(status: str, due: date | None, *, today: date) -> bool:
    """True if the due date has passed and the recommendation is still open."""
    return due is not None and due < today and status not in CLOSED
