"""Counts that are or could be printed, and everything that ties them together.

One system holds all tables of a release: a count that stands in two tables is one count, and every
total, subtotal and hierarchy is an equation. What an attacker may know besides (a process figure,
an earlier release, a rule of logic) goes in as further counts and equations.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix

from waymark.core.errors import RuleError

Exposure = Literal["sensitive", "plain", "known", "latent"]
STRENGTH: dict[Exposure, int] = {"latent": 0, "plain": 1, "sensitive": 2, "known": 3}
MARGIN = 6
"""How many times dearer a total is to withhold than a cell of the same size."""


@dataclass(frozen=True, slots=True)
class Count:
    """One number of records, value >= 0.

    sensitive: withheld when 0 < value < k, and where others need it. plain: withheld only where
    others need it. known: the attacker knows it, printed or not, so it is never withheld.
    latent: never printed, but it exists and the attacker can reason about it.
    weight: how dear it is to withhold, beside its size.
    meaning: whatever the caller knows the count by; carried along, never looked at or compared.
    """

    key: str
    value: int
    exposure: Exposure = "sensitive"
    weight: int = 1
    meaning: object = field(default=None, compare=False, repr=False)

    @property
    def cost(self) -> int:
        """What withholding it costs: its size and one more, times its weight."""
        return 0 if self.exposure == "latent" else self.weight * (self.value + 1)


@dataclass(frozen=True, slots=True)
class Equation:
    """Sum of factor x count over the terms = constant. terms: keys with whole factors, not 0."""

    terms: tuple[tuple[str, int], ...]
    constant: int = 0


def adds_up(total: str, parts: Iterable[str]) -> Equation:
    """The parts add up to the total."""
    return Equation(((total, -1), *((part, 1) for part in parts)))


@dataclass(frozen=True)
class CountSystem:
    """Counts and the equations that hold between them.

    Raises RuleError where a key stands twice or is missing, a value is negative, or an equation
    does not hold for the true values: then the tables contradict each other.
    """

    counts: tuple[Count, ...]
    equations: tuple[Equation, ...]

    def __post_init__(self) -> None:
        if len(self.index) != len(self.counts):
            raise RuleError("a count stands twice in the system: join systems with joined()")
        for count in self.counts:
            if count.value < 0:
                raise RuleError(f"{count.key} is {count.value}: a count is never negative")
        for equation in self.equations:
            self._check(equation)

    def _check(self, equation: Equation) -> None:
        missing = [key for key, _ in equation.terms if key not in self.index]
        if missing:
            raise RuleError(f"an equation names {missing[0]}, which is not in the system")
        found = sum(factor * self.counts[self.index[key]].value for key, factor in equation.terms)
        if found != equation.constant:
            names = ", ".join(key for key, _ in equation.terms)
            raise RuleError(f"the counts do not add up ({found - equation.constant:+d}): {names}")

    @cached_property
    def index(self) -> dict[str, int]:
        """Key -> place among the counts."""
        return {count.key: place for place, count in enumerate(self.counts)}

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """The true values, in the order of the counts."""
        return np.array([count.value for count in self.counts], dtype=np.float64)

    @cached_property
    def matrix(self) -> csc_matrix:
        """Equations x counts: the factors. matrix @ values is the constants."""
        entries = [
            (factor, row, self.index[key])
            for row, equation in enumerate(self.equations)
            for key, factor in equation.terms
        ]
        factors, rows, columns = zip(*entries, strict=True) if entries else ((), (), ())
        shape = (len(self.equations), len(self.counts))
        return csc_matrix((np.array(factors, dtype=np.float64), (rows, columns)), shape=shape)

    def count(self, key: str) -> Count:
        """The count of a key. Raises KeyError."""
        return self.counts[self.index[key]]

    def primaries(self, k: int) -> frozenset[str]:
        """Keys that must be withheld for their own sake: sensitive, and 0 < value < k."""
        return frozenset(
            count.key
            for count in self.counts
            if count.exposure == "sensitive" and 0 < count.value < k
        )

    def restricted(self, keys: Iterable[str]) -> "CountSystem":
        """The counts of these keys with the equations in which any of them stands.

        Every count outside is taken as known: its value moves into the constants.
        """
        held = set(keys)
        counts = tuple(count for count in self.counts if count.key in held)
        equations = []
        for equation in self.equations:
            inside = tuple(term for term in equation.terms if term[0] in held)
            if inside:
                outside = sum(
                    factor * self.count(key).value
                    for key, factor in equation.terms
                    if key not in held
                )
                equations.append(Equation(inside, equation.constant - outside))
        return CountSystem(counts, tuple(equations))

    def hiding(self, keys: Iterable[str]) -> "CountSystem":
        """The same with these counts latent: they are no longer printed at all."""
        hidden = set(keys)
        counts = tuple(
            replace(count, exposure="latent") if count.key in hidden else count
            for count in self.counts
        )
        return CountSystem(counts, self.equations)


def joined(systems: Sequence[CountSystem]) -> CountSystem:
    """Several systems as one; counts of one key are one count, as much exposed as in any of them.

    Raises RuleError where one key has two values.
    """
    counts: dict[str, Count] = {}
    for system in systems:
        for count in system.counts:
            there = counts.get(count.key)
            counts[count.key] = count if there is None else _one(there, count)
    equations = dict.fromkeys(equation for system in systems for equation in system.equations)
    return CountSystem(tuple(counts.values()), tuple(equations))


def _one(first: Count, second: Count) -> Count:
    if first.value != second.value:
        raise RuleError(f"{first.key} is {first.value} in one table and {second.value} in another")
    strongest = max(first.exposure, second.exposure, key=STRENGTH.__getitem__)
    weight, meaning = max(first.weight, second.weight), first.meaning or second.meaning
    return Count(first.key, first.value, strongest, weight, meaning)


def at_most(name: str, smaller: Count, larger: Count) -> CountSystem:
    """What logic says: smaller is never more than larger, whatever the data.

    name: of the difference, a latent count of its own. Raises RuleError where it does not hold.
    """
    if smaller.value > larger.value:
        raise RuleError(f"{smaller.key} is said to be at most {larger.key}, and is not")
    rest = Count(name, larger.value - smaller.value, "latent")
    return CountSystem((smaller, larger, rest), (adds_up(larger.key, (smaller.key, name)),))


def complement(count: Count, whole: Count) -> CountSystem:
    """A count out of a known whole: who sees one side can work out the other.

    The other side is a count of its own, sensitive like the first, that costs nothing.
    """
    other = Count(f"{count.key} (not)", whole.value - count.value, count.exposure, weight=0)
    return CountSystem((count, other, whole), (adds_up(whole.key, (count.key, other.key)),))
