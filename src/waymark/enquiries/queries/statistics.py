"""Statistics of the desk: enquiries by month, kind and channel, and time to the first answer."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil
from statistics import median
from typing import Any

from django.db.models import Count, Sum

from waymark.accounts.permissions import Actor, require_permission
from waymark.core.uk_time import uk_date
from waymark.enquiries.models import (
    ConsultancyHours,
    CopyRequest,
    Enquiry,
    EnquiryChannel,
    EnquiryKind,
    EnquiryState,
    WantedForm,
)
from waymark.enquiries.queries.desk import HANDLE
from waymark.enquiries.queries.gaps import gap_counts


@dataclass(frozen=True, slots=True)
class DeskCount:
    """Enquiries that were received in a month, or of one kind or channel.

    answered: with a first answer; in_time: of these, before they were due. median_minutes,
    ninth_minutes: opening time to the first answer, of half and of nine tenths of the answered;
    None without any.
    """

    name: str
    received: int
    answered: int
    in_time: int
    waiting: int
    closed: int
    median_minutes: int | None
    ninth_minutes: int | None

    @property
    def usual(self) -> str:
        """The median in words."""
        return in_hours(self.median_minutes)

    @property
    def slow(self) -> str:
        """The time within which nine of ten were answered, in words."""
        return in_hours(self.ninth_minutes)


@dataclass(frozen=True, slots=True)
class DeskStatistics:
    """All counts; spam is counted apart and in none of them.

    gaps: number of gaps by state. copies: of requests by what was wanted.
    """

    total: DeskCount
    months: tuple[DeskCount, ...]
    kinds: tuple[DeskCount, ...]
    channels: tuple[DeskCount, ...]
    spam: int
    gaps: Mapping[str, int]
    copies: Mapping[str, int]
    consultancy_hours: float

    def as_json(self) -> dict[str, Any]:
        """The output of `waymark desk statistics --json`."""
        return asdict(self)


def in_hours(minutes: int | None) -> str:
    """Opening minutes in words: "45 minutes", "7.5 hours"; "" for None."""
    if minutes is None:
        return ""
    if minutes < 90:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    hours = f"{minutes / 60:.1f}".removesuffix(".0")
    return f"{hours} hours"


def desk_statistics(person: Actor) -> DeskStatistics:
    """The statistics, the latest month first. Raises NotPermitted.

    They contain no word and nobody: they are the same after the askers were erased.
    """
    require_permission(person, HANDLE)
    rows = list(
        Enquiry.objects.only(
            "kind",
            "channel",
            "state",
            "received_at",
            "answered_at",
            "opening_minutes",
            "in_time",
        )
    )
    real = [row for row in rows if row.state != EnquiryState.SPAM]
    months: dict[str, list[Enquiry]] = defaultdict(list)
    for row in real:
        months[f"{uk_date(row.received_at):%Y-%m}"].append(row)
    return DeskStatistics(
        total=_count("all", real),
        months=tuple(_count(name, of) for name, of in sorted(months.items(), reverse=True)),
        kinds=tuple(
            _count(kind.label, [row for row in real if row.kind == kind]) for kind in EnquiryKind
        ),
        channels=tuple(
            _count(way.label, [row for row in real if row.channel == way]) for way in EnquiryChannel
        ),
        spam=len(rows) - len(real),
        gaps=gap_counts(),
        copies=_copies(),
        consultancy_hours=float(ConsultancyHours.objects.aggregate(all=Sum("hours"))["all"] or 0),
    )


def _copies() -> Mapping[str, int]:
    rows = CopyRequest.objects.order_by().values_list("wanted").annotate(Count("pk"))
    counted = dict(rows)
    return {
        str(form_of_copy.value): counted.get(form_of_copy.value, 0) for form_of_copy in WantedForm
    }


def _count(name: str, rows: list[Enquiry]) -> DeskCount:
    minutes = sorted(row.opening_minutes for row in rows if row.opening_minutes is not None)
    return DeskCount(
        name=name,
        received=len(rows),
        answered=sum(row.answered_at is not None for row in rows),
        in_time=sum(bool(row.in_time) for row in rows),
        waiting=sum(row.state == EnquiryState.WAITING for row in rows),
        closed=sum(row.state == EnquiryState.CLOSED for row in rows),
        median_minutes=round(median(minutes)) if minutes else None,
        # Of 10 answers, the ninth; of 4, the fourth.
        ninth_minutes=minutes[ceil(0.9 * len(minutes)) - 1] if minutes else None,
    )
