"""Counts of recommendations by block of reviews, which together are the national picture.

A change alters the counts of one block. The others are taken from the database, where the worker
keeps them, or from this process; each only if all that it was counted from is still the same. What
a person may see is part of that, so that a review that is withdrawn leaves its block at once.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any, cast

from django.db.models import CharField, Q
from django.db.models.functions import Cast, Substr

from waymark.accounts.content_state import ContentCache, ContentMark
from waymark.accounts.permissions import Actor
from waymark.accounts.visibility import visible_to
from waymark.core.uk_time import uk_date
from waymark.documents.models import Report, Review
from waymark.recommendations.models import (
    REVIEWS_IN_BLOCK,
    Addressee,
    CountBlock,
    Recommendation,
)

FORM = 1
"""Of the counts: raise it if they change, so that stored ones are counted anew."""
_counted: ContentCache["Tally"] = ContentCache(2_048)
# A block names in its key all that it depends on, so it holds in every state of the content.
_ANY_STATE = ContentMark("", staff=True, visible=())

Counts = dict[str, list[int]]
"""Value -> the number, and how many of these are late."""
AXES = ("standing", "category", "audience", "board", "body", "year", "year and standing")


class Tally:
    """Counts by each axis of AXES.

    board: the words of the review; body: primary key of the body that was asked, counted by
    addressee; year: in which the review ended; year and standing: "2024 in_progress". "" is for
    what is not known.
    """

    def __init__(self, axes: Mapping[str, Counts] | None = None) -> None:
        self.axes: dict[str, Counts] = {axis: {} for axis in AXES}
        self.axes.update(axes or {})

    def count(self, axis: str, values: Iterable[tuple[str, bool]]) -> None:
        """Count values, each with whether it is late."""
        counts = self.axes[axis]
        for (value, late), number in Counter(values).items():
            count = counts.setdefault(value, [0, 0])
            count[0] += number
            count[1] += number * late

    def add_all(self, other: "Tally") -> None:
        """Count all that another has counted."""
        for axis, counts in other.axes.items():
            own = self.axes[axis]
            for value, (number, late) in counts.items():
                count = own.setdefault(value, [0, 0])
                count[0] += number
                count[1] += late


CountedReview = tuple[int, str, str | None]
"""Primary key of a review, its board, and the year in which it ended, None if not known."""


@dataclass(frozen=True)
class ReviewBlock:
    """The reviews of a block that a person may see, with what else their counts depend on.

    rows: further conditions for the recommendations that are counted, with `limits` in words;
    hidden: primary keys of the reports that the person may not see.
    """

    number: int
    reviews: tuple[CountedReview, ...]
    hidden: tuple[int, ...]
    changes: int
    person: Actor
    now: datetime
    limits: str
    rows: Q

    @cached_property
    def counted_for(self) -> str:
        """SHA-256 of all that the counts depend on."""
        today = uk_date(self.now).isoformat()
        all_of_it = (FORM, today, self.limits, self.changes, self.hidden, self.reviews)
        return hashlib.sha256(json.dumps(all_of_it).encode()).hexdigest()

    def count(self) -> Tally:
        """Count the recommendations of these reviews, and their addressees."""
        today = uk_date(self.now)
        boards = {pk: board for pk, board, _ in self.reviews}
        years_of = {pk: year or "" for pk, _, year in self.reviews}
        rows = list(
            Recommendation.objects.filter(
                self.rows,
                visible_to(self.person, now=self.now, prefix="report__"),
                review__in=list(boards),
                superseded_at=None,
            )
            .order_by()
            .values_list(
                *("review_id", "number", "standing", "category", "audience", "overdue_from")
            )
        )
        lates = [_late(row[5], today) for row in rows]
        years = [years_of[row[0]] for row in rows]
        columns = {
            "standing": [row[2] for row in rows],
            "category": [row[3] for row in rows],
            "audience": [row[4] for row in rows],
            "board": [boards[row[0]] for row in rows],
            "year": years,
            "year and standing": [
                f"{year} {row[2]}" for year, row in zip(years, rows, strict=True)
            ],
        }
        tally = Tally()
        for axis, values in columns.items():
            tally.count(axis, zip(values, lates, strict=True))
        counted = {(row[0], row[1]) for row in rows}
        addressees = Addressee.objects.filter(
            review__in={pk for pk, _ in counted}, body__isnull=False
        ).order_by()
        tally.count(
            "body",
            (
                (str(body), _late(overdue_from, today))
                for pk, number, body, overdue_from in addressees.values_list(
                    *("review_id", "number", "body_id", "overdue_from")
                )
                if (pk, number) in counted
            ),
        )
        return tally


def _late(overdue_from: date | None, today: date) -> bool:
    return overdue_from is not None and overdue_from <= today


def review_blocks(
    person: Actor, now: datetime, *, reviews: Q, rows: Q, limits: str
) -> Iterator[ReviewBlock]:
    """The blocks with the reviews that a person may see.

    reviews, rows: further conditions for reviews and recommendations; limits: those for the
    recommendations in words, "" for none. What `reviews` leaves out is known by the reviews left.
    """
    # The changes before the rest: counts must never be older than what they are for.
    changes = dict(CountBlock.objects.values_list("number", "changes"))
    hidden: dict[int, list[int]] = defaultdict(list)
    reports = Report.objects.exclude(visible_to(person, now=now)).order_by("pk")
    for pk, review in reports.values_list("pk", "review_id"):
        hidden[review // REVIEWS_IN_BLOCK].append(pk)
    visible = Review.objects.filter(visible_to(person, now=now), reviews).order_by("pk")
    by_block: dict[int, list[CountedReview]] = defaultdict(list)
    year = Substr(Cast("completed_on", CharField()), 1, 4)
    for row in visible.values_list("pk", "board", year):
        by_block[row[0] // REVIEWS_IN_BLOCK].append(row)
    for number, listed in by_block.items():
        yield ReviewBlock(
            number,
            tuple(listed),
            tuple(hidden[number]),
            changes.get(number, 0),
            person,
            now,
            limits,
            rows,
        )


def counts_together(blocks: Iterable[ReviewBlock]) -> Tally:
    """The counts of blocks, added up; only what has changed is counted anew."""
    total, stored = Tally(), _StoredCounts()
    for block in blocks:
        total.add_all(_counted.value(_ANY_STATE, block.counted_for, partial(stored.of, block)))
    return total


class _StoredCounts:
    """The counts in the database, read once they are needed."""

    @cached_property
    def _rows(self) -> Mapping[str, Mapping[str, Any]]:
        return dict(CountBlock.objects.values_list("counted_for", "counts"))

    def of(self, block: ReviewBlock) -> Tally:
        counts = self._rows.get(block.counted_for)
        return Tally(cast("Mapping[str, Counts]", counts)) if counts else block.count()


def uncounted_blocks(blocks: Iterable[ReviewBlock]) -> list[ReviewBlock]:
    """The blocks whose counts are not in the database, or are of an earlier state."""
    stored = set(CountBlock.objects.values_list("counted_for", flat=True))
    return [block for block in blocks if block.counted_for not in stored]
