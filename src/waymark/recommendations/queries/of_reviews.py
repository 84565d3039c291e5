"""Recommendations of reviews, with the latest progress on each."""

from collections import defaultdict
from collections.abc import Iterable
from copy import copy
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
from waymark.recommendations.models import Addressee, Progress, ProgressStatus, Recommendation
from waymark.recommendations.progress_rules import ReportedState, progress_doubts, progress_faults
from waymark.recommendations.standing import ProgressFact, overall

CLOSED = frozenset(
    {ProgressStatus.COMPLETE, ProgressStatus.SUPERSEDED, ProgressStatus.NOT_ACCEPTED}
)


@dataclass(frozen=True, slots=True)
class FollowedRecommendation:
    """Recommendation with its latest progress, None if nothing has been reported.

    Of several addressees the progress is the latest report, with the status and impact of all of
    them together. addressees: how many were asked. overdue: its due date has passed and it is not
    closed. doubts: what a person should check in it. earlier: progress that was reported before,
    the latest first.
    """

    recommendation: Recommendation
    progress: Progress | None
    overdue: bool
    doubts: tuple[str, ...] = ()
    earlier: tuple[Progress, ...] = ()
    addressees: int = 0


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
    addressees_of: dict[int, list[int]] = defaultdict(list)
    addressed = Addressee.objects.filter(review=review)
    for number, addressee in addressed.values_list("number", "pk"):
        addressees_of[number].append(addressee)
    followed = []
    for row in rows:
        # A report that was entered late is of its own day.
        accounts = sorted(reported[row.number], key=lambda account: account.day, reverse=True)
        last = _of_all(accounts, addressees_of[row.number])
        overdue = last is not None and is_overdue(last.status, last.due, today=uk_date(now))
        doubts = tuple(doubts_of(last, review)) if last is not None else ()
        followed.append(
            FollowedRecommendation(
                row, last, overdue, doubts, tuple(accounts[1:]), len(addressees_of[row.number])
            )
        )
    return followed


def _of_all(accounts: list[Progress], addressees: list[int]) -> Progress | None:
    """The latest report, with the status, impact and due day of all addressees together."""
    if not accounts or all(account.addressee_id is None for account in accounts):
        return accounts[0] if accounts else None
    together = overall(
        latest_of_each(
            [
                (
                    account.addressee_id,
                    ProgressFact(account.status, account.impact, account.day, account.due),
                )
                for account in reversed(accounts)
            ],
            addressees,
        )
    )
    last = copy(accounts[0])
    if together is not None:
        last.status, last.impact, last.due = together.status, together.impact, together.due
    return last


def latest_of_each(
    reports: Iterable[tuple[int | None, ProgressFact]], addressees: Iterable[int]
) -> list[ProgressFact]:
    """The latest progress of each addressee; one that has not reported has not started.

    reports: addressee (None for the recommendation as a whole) and progress, the latest last. What
    was reported of the whole holds for each addressee. Without addressees: the latest of the whole.
    """
    whole: ProgressFact | None = None
    own: dict[int, ProgressFact] = {}
    for addressee, fact in reports:
        if addressee is None:
            whole, own = fact, {}
        else:
            own[addressee] = fact
    everybody = {*addressees, *own}
    if whole is None and not own:
        return []
    if not everybody or not own:
        return [whole] if whole is not None else []
    silent = whole or ProgressFact("not_started", "no_evidence", min(f.on for f in own.values()))
    return [own.get(addressee, silent) for addressee in sorted(everybody)]


def doubts_of(progress: Progress, review: Review) -> list[str]:
    """What is impossible or doubtful in stored progress: earlier versions stored either."""
    state = ReportedState(
        progress.status, progress.impact, progress.due, progress.evidence, progress.evidence_on
    )
    made_on = review.completed_on
    return progress_faults(state, made_on=made_on) + progress_doubts(state, made_on=made_on)


def recommendation_rows(reviews: ReviewSelection, *, as_at: date) -> list[RecommendationRow]:
    """Rows of recommendations with their latest progress, ordered by review and number.

    as_at: the date on which they are overdue or not; what was reported later is left out. A report
    without a day of its own counts on any date: an earlier version stored none.
    """
    standing = _progress_at(reviews, as_at)
    current = Recommendation.objects.filter(review__in=reviews, superseded_at=None).order_by()
    places = places_by_owner(
        current.values_list("pk", *place_columns()).iterator(), keys_of_reports(reviews)
    )
    references = references_of(reviews)
    rows = current.values_list("pk", "review_id", "number", "category", "audience", "smart")
    evidence = []
    for pk, review, number, category, audience, smart in rows.iterator():
        fact = standing.get((review, number))
        evidence.append(
            RecommendationRow(
                review=references[review],
                number=number,
                category=category,
                audience=audience,
                smart=tuple(smart),
                status=fact.status if fact else "",
                impact=fact.impact if fact else "",
                overdue=fact is not None and is_overdue(fact.status, fact.due, today=as_at),
                places=places[pk],
            )
        )
    return sorted(evidence)


def _progress_at(reviews: ReviewSelection, as_at: date) -> dict[tuple[int, int], ProgressFact]:
    """Review and number -> progress of the recommendation from that of all its addressees."""
    accounts = Progress.objects.filter(recommendation__review__in=reviews).order_by("told_at", "pk")
    columns = ("status", "impact", "due", "reported_on", "told_at", "addressee")
    reports: dict[tuple[int, int], list[tuple[int | None, ProgressFact]]] = defaultdict(list)
    for (
        review,
        number,
        status,
        impact,
        due,
        reported_on,
        told_at,
        addressee,
    ) in accounts.values_list(
        "recommendation__review", "recommendation__number", *columns
    ).iterator():
        if reported_on is None or reported_on <= as_at:
            on = reported_on or uk_date(told_at)
            reports[review, number].append((addressee, ProgressFact(status, impact, on, due)))
    addressees: dict[tuple[int, int], list[int]] = defaultdict(list)
    for review, number, pk in Addressee.objects.filter(review__in=reviews).values_list(
        "review", "number", "pk"
    ):
        addressees[review, number].append(pk)
    standing = {}
    for key, rows in reports.items():
        rows.sort(key=lambda row: row[1].on)
        if (fact := overall(latest_of_each(rows, addressees[key]))) is not None:
            standing[key] = fact
    return standing


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
