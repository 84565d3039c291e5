"""Agreed facts as plain rows, each with the places of the words it rests on.

Rows are tuples with names, and places plain tuples, because an overview of 10,000 reviews holds
more than a million of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import eq
from typing import NamedTuple

Place = tuple[str, int, int, int, str]
"""Where words stand: the fields of a Quote."""


class Quote(NamedTuple):
    """The words a fact rests on; quotes sort in the order in which a report is read.

    report: its key; start, end: code points of its text, as in core.spans; page: counted from 1.
    """

    report: str
    start: int
    end: int
    page: int
    exact: str

    @property
    def key(self) -> str:
        """The citation key, as documents.keys.span_key() makes it."""
        return f"{self.report}-{self.start}-{self.end}"


def quotes_at(places: Iterable[Place]) -> tuple[Quote, ...]:
    """Places as quotes, in their order."""
    return tuple(map(Quote._make, places))


Placed = tuple[int, int, int, int, int, str]
"""Whose words, the primary key of their report, and where they stand: start, end, page, exact."""


def places_by(rows: Iterable[Placed], keys: Mapping[int, str]) -> dict[int, tuple[Place, ...]]:
    """Places by their owner: each once, in reading order. Owners without one are not in it.

    keys: of the reports. So each is one string, and not joined to every row.
    """
    found: dict[int, list[Place]] = defaultdict(list)
    for owner, report, start, end, page, exact in rows:
        found[owner].append((keys[report], start, end, page, exact))
    return {owner: _each_once(places) for owner, places in found.items()}


def _each_once(places: list[Place]) -> tuple[Place, ...]:
    places.sort()
    # Seldom are two alike: putting the words of all of them into a set takes longer than looking.
    twice = len(places) > 1 and any(map(eq, places, islice(places, 1, None)))
    return tuple(dict.fromkeys(places) if twice else places)


def quotes_by(rows: Iterable[tuple[int, str, int, int, int, str]]) -> dict[int, tuple[Quote, ...]]:
    """An owner's primary key and the fields of a quote, each -> owner -> quotes, likewise."""
    found: dict[int, set[Quote]] = defaultdict(set)
    for owner, report, start, end, page, exact in rows:
        found[owner].add(Quote(report, start, end, page, exact))
    return {owner: tuple(sorted(quotes)) for owner, quotes in found.items()}


@dataclass(frozen=True, slots=True)
class ChildRow:
    """A child of a review; name is what the report calls the child."""

    review: str
    number: int
    name: str


class JudgementRow(NamedTuple):
    """An agreed value. child: the child's number, None for a fact about the review.

    value: as stored: a value of the variable's list, a year, or an age in whole months ("" where
    it is not recorded). basis: sole, both or adjudicated.
    """

    review: str
    child: int | None
    variable: str
    value: str
    basis: str
    places: tuple[Place, ...]

    @property
    def quotes(self) -> tuple[Quote, ...]:
        return quotes_at(self.places)


class CodeRow(NamedTuple):
    """Whether a review bears a code, as agreed, with the passages that carry it."""

    review: str
    code: str
    present: bool
    basis: str
    places: tuple[Place, ...]

    @property
    def quotes(self) -> tuple[Quote, ...]:
        return quotes_at(self.places)


class RecommendationRow(NamedTuple):
    """A recommendation of a review, with what was last told about it.

    smart: which of the five criteria hold. status, impact: "" where nothing was told yet.
    overdue: its day had passed, and it was still open, on the day that was asked about.
    """

    review: str
    number: int
    category: str
    audience: str
    smart: tuple[str, ...]
    status: str
    impact: str
    overdue: bool
    places: tuple[Place, ...]

    @property
    def quotes(self) -> tuple[Quote, ...]:
        return quotes_at(self.places)


@dataclass(frozen=True, slots=True)
class DoubleCoded:
    """The codes that the first and the second coder used, each blind to the other."""

    review: str
    first: frozenset[str]
    second: frozenset[str]
