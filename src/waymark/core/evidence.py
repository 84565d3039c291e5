"""Agreed facts as plain rows, each with the words it rests on."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Quote(NamedTuple):
    """The words a fact rests on, in the order in which a report is read.

    report: its key; page: counted from 1; start, end: code points of the report's text, as in
    core.spans. A tuple, because an overview of 10,000 reviews holds most of a million.
    """

    report: str
    page: int
    start: int
    end: int
    exact: str

    @property
    def key(self) -> str:
        """The citation key, as documents.keys.span_key() makes it."""
        return f"{self.report}-{self.start}-{self.end}"


def quotes_by(rows: Iterable[tuple[int, str, int, int, int, str]]) -> dict[int, tuple[Quote, ...]]:
    """Pairs of an owner's key and a quote's fields -> owner -> its quotes.

    Each place once, in reading order. Owners without a quote are not in it.
    """
    found: dict[int, list[Quote]] = defaultdict(list)
    reports: dict[str, str] = {}
    for owner, report, page, start, end, exact in rows:
        # One string for each report, not one for each quote of it.
        found[owner].append(Quote(reports.setdefault(report, report), page, start, end, exact))
    return {
        owner: tuple(sorted(set(quotes)) if len(quotes) > 1 else quotes)
        for owner, quotes in found.items()
    }


@dataclass(frozen=True, slots=True)
class ChildRow:
    """A child of a review; name is what the report calls the child."""

    review: str
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class JudgementRow:
    """An agreed value. child: the child's number, None for a fact about the review.

    value: as stored: a value of the variable's list, a year, or an age in whole months ("" where
    it is not recorded). basis: sole, both or adjudicated.
    """

    review: str
    child: int | None
    variable: str
    value: str
    basis: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class CodeRow:
    """Whether a review bears a code, as agreed, with the passages that carry it."""

    review: str
    code: str
    present: bool
    basis: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class RecommendationRow:
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
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class DoubleCoded:
    """The codes that the first and the second coder used, each blind to the other."""

    review: str
    first: frozenset[str]
    second: frozenset[str]
