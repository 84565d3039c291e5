"""Concerns for those who answer them, and the public report of what was done about them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.db.models import Case, Count, QuerySet, Value, When
from django.utils import timezone

from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import require_found
from waymark.library.models import Concern, ConcernDecision, ConcernKind, Removal

ANSWER_CONCERNS = "publish reports"
QUARTERS = (
    "January to March",
    "April to June",
    "July to September",
    "October to December",
)
DAY = timedelta(days=1)


def listed_concerns(person: Actor) -> QuerySet[Concern]:
    """All concerns. urgency: 0 for open ones that could identify a person, 1 for other open ones,
    2 for decided ones. Raises NotPermitted.
    """
    require_permission(person, ANSWER_CONCERNS)
    urgency = Case(
        When(decided_at__isnull=False, then=Value(2)),
        When(kind=ConcernKind.IDENTIFYING, then=Value(0)),
        default=Value(1),
    )
    return Concern.objects.select_related("decided_by").annotate(urgency=urgency)


def open_concerns(person: Actor) -> QuerySet[Concern]:
    """Concerns without a decision. Raises NotPermitted."""
    require_permission(person, ANSWER_CONCERNS)
    return Concern.objects.filter(decided_at=None)


def concern_for(reference: str, person: Actor) -> Concern:
    """The concern with a reference. Raises NotPermitted, NotFound."""
    require_permission(person, ANSWER_CONCERNS)
    rows = Concern.objects.filter(reference=reference).select_related("decided_by")
    return require_found(rows.first(), f"there is no concern {reference}")


@dataclass(frozen=True, slots=True)
class ConcernRow:
    """Concerns of one kind in a period. decisions: in the order of ConcernDecision.

    to_hide, to_decide: medians from receipt to hiding and to the decision, in words, "" for none.
    """

    kind: str
    received: int
    waiting: int
    decisions: tuple[int, ...]
    to_hide: str
    to_decide: str


@dataclass(frozen=True, slots=True)
class ConcernPeriod:
    """A quarter in the public report. rows: one for each kind that was reported in it."""

    name: str
    rows: tuple[ConcernRow, ...]


def concern_periods() -> list[ConcernPeriod]:
    """Counts of concerns by quarter and kind, the latest quarter first. For everyone.

    It contains only counts and times: no page, no words, no day.
    """
    quarters: dict[tuple[int, int], list[Concern]] = defaultdict(list)
    for concern in Concern.objects.only(
        "kind", "received_at", "hidden_at", "decision", "decided_at"
    ):
        day = timezone.localdate(concern.received_at)
        quarters[day.year, (day.month - 1) // 3].append(concern)
    return [
        ConcernPeriod(f"{QUARTERS[quarter]} {year}", _rows(concerns))
        for (year, quarter), concerns in sorted(quarters.items(), reverse=True)
    ]


def _rows(concerns: list[Concern]) -> tuple[ConcernRow, ...]:
    by_kind = {kind: [row for row in concerns if row.kind == kind] for kind in ConcernKind}
    return tuple(_row(kind, rows) for kind, rows in by_kind.items() if rows)


def _row(kind: ConcernKind, rows: list[Concern]) -> ConcernRow:
    return ConcernRow(
        kind.label,
        len(rows),
        sum(not row.decision for row in rows),
        tuple(sum(row.decision == decision for row in rows) for decision in ConcernDecision),
        _median(row.hidden_at - row.received_at for row in rows if row.hidden_at),
        _median(row.decided_at - row.received_at for row in rows if row.decided_at),
    )


def _median(times: Iterable[timedelta]) -> str:
    """The median in words: minutes up to an hour and a half, hours up to two days, then days."""
    seconds = [time.total_seconds() for time in times]
    if not seconds:
        return ""
    minutes = max(1, round(median(seconds) / 60))
    if minutes < 90:
        return _number(minutes, "minute")
    if minutes < 2 * 24 * 60:
        return _number(round(minutes / 60), "hour")
    return _number(round(minutes / (24 * 60)), "day")


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def removal_counts() -> dict[str, int]:
    """Kind of removal, as withdrawn or expired -> number of items that were public and are gone."""
    rows = Removal.objects.filter(undone_at=None).order_by().values_list("kind")
    return dict(rows.annotate(Count("pk")))
