"""Reading recommendations with what was last told about each."""

from dataclasses import dataclass
from datetime import date, datetime

from waymark.accounts.models import User
from waymark.accounts.permissions import Person
from waymark.core.evidence import RecommendationRow, places_by
from waymark.documents.anchors import place_columns
from waymark.documents.models import Review
from waymark.documents.queries import Reviews, keys_of_reports, open_reports, references_of
from waymark.recommendations.models import Progress, Recommendation, Status

CLOSED = frozenset({Status.COMPLETE, Status.SUPERSEDED, Status.NOT_ACCEPTED})
NOTHING_TOLD = ("", "", None)


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
        Recommendation.objects.filter(
            report__in=open_reports(person, now), review=review, superseded_at=None
        )
        .select_related("report")
        .order_by("number")
    )
    latest: dict[int, Progress] = {}
    every = Progress.objects.filter(recommendation__review=review)
    for told in every.select_related("recommendation").order_by("told_at", "pk"):
        latest[told.recommendation.number] = told
    made = []
    for row in rows:
        last = latest.get(row.number)
        overdue = last is not None and is_overdue(last.status, last.due, today=now.date())
        made.append(Followed(row, last, overdue))
    return made


def recommendation_rows(reviews: Reviews, *, as_at: date) -> list[RecommendationRow]:
    """Recommendations with what was last told of each, ordered by review and number.

    as_at: the day on which one asks what is overdue.
    """
    told = Progress.objects.filter(recommendation__review__in=reviews).order_by("told_at", "pk")
    latest = {
        (review, number): (status, impact, due)
        for review, number, status, impact, due in told.values_list(
            "recommendation__review", "recommendation__number", "status", "impact", "due"
        ).iterator()
    }
    asked = Recommendation.objects.filter(review__in=reviews, superseded_at=None).order_by()
    places = places_by(
        asked.values_list("pk", *place_columns()).iterator(), keys_of_reports(reviews)
    )
    references = references_of(reviews)
    rows = asked.values_list("pk", "review_id", "number", "category", "audience", "smart")
    made = []
    for pk, review, number, category, audience, smart in rows.iterator():
        status, impact, due = latest.get((review, number), NOTHING_TOLD)
        made.append(
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
    return sorted(made)


def recorded_by(coder: User, review: Review) -> list[Recommendation]:
    """The standing recommendations of a review that a person recorded, by number."""
    return list(
        Recommendation.objects.filter(
            review=review, recorded_by=coder, superseded_at=None
        ).select_related("report")
    )


def is_overdue(status: str, due: date | None, *, today: date) -> bool:
    """Whether a recommendation's day has passed while it is still open."""
    return due is not None and due < today and status not in CLOSED
