"""Agreed facts as plain rows, each with the words it rests on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quote:
    """The words a fact rests on. key: citation key; report: its key; page counted from 1."""

    key: str
    report: str
    page: int
    exact: str


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
