"""Printed counts as unknowns with bounds, and the linear equations between them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Name = tuple[str, int, int]
"""A cell: table, row and column; what no table prints has the table "" and numbers of its own."""
Key = tuple[int, str, frozenset[str]]
"""A base, its unit, and the labels that narrow it: cells of one key are one count."""


@dataclass(frozen=True, slots=True)
class BoundedEquation:
    """sum of factor x cell is at least low and at most high.

    guessed: read out of words. single: about single reviews and children.
    """

    terms: tuple[tuple[Name, int], ...]
    low: float
    high: float
    guessed: bool = False
    single: bool = False

    @property
    def is_one_count(self) -> bool:
        """True if it says that two cells are one count."""
        return (self.low, self.high) == (0, 0) and sorted(f for _, f in self.terms) == [-1, 1]


@dataclass(slots=True)
class UnknownCounts:
    """Every count with the least and the most that is printed of it; and what ties them.

    withheld: cells with a mark in place of a number. rounded: cells that print a rounded number.
    bases: of each cell, if known. sides: cells of which the rest of the base counts too.
    wrong: totals that their parts do not make up. rests: of counts under a condition, those whom
    the same count without it has besides.
    """

    low: dict[Name, float] = field(default_factory=dict)
    high: dict[Name, float] = field(default_factory=dict)
    equations: list[BoundedEquation] = field(default_factory=list)
    withheld: list[Name] = field(default_factory=list)
    rounded: list[Name] = field(default_factory=list)
    bases: dict[Name, int] = field(default_factory=dict)
    sides: set[Name] = field(default_factory=set)
    named: dict[Key, list[Name]] = field(default_factory=dict)
    wrong: list[Name] = field(default_factory=list)
    rests: dict[Name, Name] = field(default_factory=dict)

    def merge(self, other: "UnknownCounts") -> None:
        """The counts of another rendering besides, of other names."""
        self.low.update(other.low)
        self.high.update(other.high)
        self.bases.update(other.bases)
        self.rests.update(other.rests)
        self.sides |= other.sides
        self.equations += other.equations
        self.withheld += other.withheld
        self.rounded += other.rounded

    def at_least(self, name: Name, value: float) -> None:
        self.low[name] = max(self.low[name], value)

    def at_most(self, name: Name, value: float) -> None:
        self.high[name] = min(self.high[name], value)

    def can_add(self, whole: Name, parts: Sequence[Name]) -> bool:
        """Return True if the printed numbers allow the parts to add up to the whole."""
        least, most = (sum(side[part] for part in parts) for side in (self.low, self.high))
        return least <= self.high[whole] and most >= self.low[whole]

    def add_sum(self, whole: Name, parts: Sequence[Name], *, guessed: bool = False) -> None:
        """The parts add up to the whole, unless the printed numbers say otherwise."""
        if self.can_add(whole, parts):
            terms = ((whole, -1), *((part, 1) for part in parts))
            self.equations.append(BoundedEquation(terms, 0, 0, guessed))
        elif not guessed:
            self.wrong.append(whole)
