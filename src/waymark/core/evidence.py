"""Agreed facts as plain rows, each with the positions of its passages.

Rows are named tuples and positions plain tuples, because an overview of 10,000 reviews has more
than a million of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import eq
from typing import NamedTuple

Place = tuple[str, int, int, int, str]
"""Position of a passage: the fields of a Quote."""


def text_key(report: str, reading: int) -> str:
    """The key of one reading's text: the report's key, and the number of a later reading.

    Example: "3f9c01ab2d44" for the first reading, "3f9c01ab2d44r2" for the second. Keys of reports
    are hexadecimal, so the "r" cannot be a part of one.
    """
    return report if reading == 1 else f"{report}r{reading}"


def text_of_key(key: str) -> str:
    """The key of the text that a citation key belongs to."""
    return key.partition("-")[0]


def report_of_key(key: str) -> str:
    """The key of the report that a text key or a citation key belongs to, whichever reading."""
    return text_of_key(key).partition("r")[0]


def reading_of_key(key: str) -> int:
    """The number of the reading that a text key or a citation key belongs to."""
    return int(text_of_key(key).partition("r")[2] or 1)


class Quote(NamedTuple):
    """Quoted words that a fact is based on; quotes sort in reading order.

    text: key of the text, from text_key(); start, end: code points of it, as in core.spans; page:
    counted from 1.
    """

    text: str
    start: int
    end: int
    page: int
    exact: str

    @property
    def report(self) -> str:
        """The key of the report."""
        return report_of_key(self.text)

    @property
    def key(self) -> str:
        """The citation key, as documents.keys.span_key() makes it."""
        return f"{self.text}-{self.start}-{self.end}"


def quotes_at(places: Iterable[Place]) -> tuple[Quote, ...]:
    """Turn positions into quotes, in the same order."""
    return tuple(map(Quote._make, places))


Placed = tuple[int, int, int, int, int, int, str]
"""Owner, primary key of the report, number of the reading, start, end, page and exact words."""


def places_by_owner(
    rows: Iterable[Placed], keys: Mapping[int, str]
) -> dict[int, tuple[Place, ...]]:
    """Group positions by owner, without duplicates, in reading order.

    keys: primary key -> key of each report, so that rows share one string per report.
    """
    grouped: dict[int, list[Place]] = defaultdict(list)
    # Readings after the first are few: their keys are made once each, and shared like the others.
    later: dict[tuple[int, int], str] = {}
    for owner, report, reading, start, end, page, exact in rows:
        if reading == 1:
            text = keys[report]
        else:
            text = later.setdefault((report, reading), text_key(keys[report], reading))
        grouped[owner].append((text, start, end, page, exact))
    return {owner: _each_once(places) for owner, places in grouped.items()}


def _each_once(places: list[Place]) -> tuple[Place, ...]:
    places.sort()
    # Duplicates are rare: comparing neighbours is faster than hashing the words of every row.
    twice = len(places) > 1 and any(map(eq, places, islice(places, 1, None)))
    return tuple(dict.fromkeys(places) if twice else places)


def quotes_by_owner(
    rows: Iterable[tuple[int, str, int, int, int, int, str]],
) -> dict[int, tuple[Quote, ...]]:
    """Group rows of owner and QUOTE_COLUMNS by owner; quotes without duplicates, sorted."""
    grouped: dict[int, set[Quote]] = defaultdict(set)
    for owner, report, reading, start, end, page, exact in rows:
        grouped[owner].add(Quote(text_key(report, reading), start, end, page, exact))
    return {owner: tuple(sorted(quotes)) for owner, quotes in grouped.items()}


@dataclass(frozen=True, slots=True)
class ChildRow:
    """Child of a review. name: as used in the report."""

    review: str
    number: int
    name: str


class JudgementRow(NamedTuple):
    """Agreed value. child: the child's number, None for a fact about the review.

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
    """Agreed code of a review with its passages. present: False if the code was ruled out.

    qualifiers: for each place its qualifiers, as ("valence=strength",); empty if nobody asked for
    them.
    """

    review: str
    code: str
    present: bool
    basis: str
    places: tuple[Place, ...]
    qualifiers: tuple[tuple[str, ...], ...] = ()

    @property
    def quotes(self) -> tuple[Quote, ...]:
        return quotes_at(self.places)


class RecommendationRow(NamedTuple):
    """Recommendation of a review with its latest progress.

    smart: those of the five criteria that it meets. status, impact: "" if nothing was reported.
    overdue: on the requested day its due date had passed and it was still open.
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
    """Codes of the first and second coder, each working without seeing the other's."""

    review: str
    first: frozenset[str]
    second: frozenset[str]
