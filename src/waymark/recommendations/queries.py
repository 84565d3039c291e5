"""Reading recommendations with what was last told about each."""

from dataclasses import dataclass
from datetime import date, datetime

from waymark.accounts.permissions import Person
from waymark.accounts.visibility import visible_to
from waymark.documents.models import Review
from waymark.recommendations.models import Progress, Recommendation, Status

CLOSED = frozenset({Status.COMPLETE, Status.SUPERSEDED, Status.NOT_ACCEPTED})


@dataclass(frozen=True, slots=True)
class Followed:
    """A recommendation and the latest account of it (None: nothing was told yet).

    overdue: its day has passed and it is not closed.
    """

    recommendation: Recommendation
    progress: Progress | None
    overdue: bool


def recommendations_of(review: Review, person: Person, now: datetime) -> list[Followed]:
    """The recommendations of a review, from reports the person may see, in their order."""
    rows = list(
        Recommendation.objects.filter(visible_to(person, now=now, prefix="report__"), review=review)
        .select_related("report")
        .order_by("number")
    )
    latest: dict[int, Progress] = {}
    for told in Progress.objects.filter(recommendation__in=rows).order_by("told_at", "pk"):
        latest[told.recommendation_id] = told
    return [
        Followed(row, latest.get(row.pk), is_overdue(latest.get(row.pk), today=now.date()))
        for row in rows
    ]


def is_overdue(told: Progress | None, *, today: date) -> bool:
    """Whether a recommendation's day has passed while it is still open."""
    return bool(told and told.due and told.due < today and told.status not in CLOSED)
