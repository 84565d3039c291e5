"""Counts that are or could be printed, and the linear equations between them.

One system has all tables of a release: a count in two tables is one count, and every total,
subtotal and hierarchy is an equation. Other knowledge of an attacker (a process figure, an earlier
release, a rule of logic) is further counts and equations. The kinds of equation:

- sums (`adds_up`): died 3 + lives 9 = all 12;
- differences that are never negative (`at_most`): infant deaths 6 + others 1 = deaths under 1, 7;
- the other side of a count (`complement_of`): 22 with neglect + 2 without = 24 reviews;
- weighted bounds: 8 children = 2 x 3 reviews + 2 beyond two each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from waymark.core.errors import RuleError
from waymark.core.extras import LaterModule

if TYPE_CHECKING:
    import numpy as np
    import scipy
    from numpy.typing import NDArray
else:
    np = LaterModule("numpy")
    scipy = LaterModule("scipy")

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
    tag: whatever the caller knows the count by; carried along, never looked at or compared.
    """

    key: str
    value: int
    exposure: Exposure = "sensitive"
    weight: int = 1
    tag: object = field(default=None, compare=False, repr=False)

    @property
    def cost(self) -> int:
        """The cost of suppressing it: (value + 1) x weight; 0 if it is latent.

        A cell of 4 costs 5; a total of 4, of weight MARGIN, costs 30.
        """
        return 0 if self.exposure == "latent" else self.weight * (self.value + 1)


@dataclass(frozen=True, slots=True)
class Equation:
    """Sum of factor x count over the terms = constant. terms: keys with whole factors, not 0."""

    terms: tuple[tuple[str, int], ...]
    constant: int = 0


def adds_up(total: str, parts: Iterable[str]) -> Equation:
    """The equation that the parts add up to the total: -12 + 3 + 9 = 0."""
    return Equation(((total, -1), *((part, 1) for part in parts)))


@dataclass(frozen=True)
class CountSystem:
    """Counts and the equations that hold between them.

    Raises RuleError if a key is there twice or missing, a value is negative, or an equation is not
    true of the true values: then the tables contradict each other.
    """

    counts: tuple[Count, ...]
    equations: tuple[Equation, ...]

    def __post_init__(self) -> None:
        if len(self.index) != len(self.counts):
            raise RuleError("a count is twice in the system: join systems with joined_systems()")
        for count in self.counts:
            if count.value < 0:
                raise RuleError(f"{count.key} is {count.value}: a count is never negative")
        for equation in self.equations:
            self._check(equation)

    def _check(self, equation: Equation) -> None:
        missing = [key for key, _ in equation.terms if key not in self.index]
        if missing:
            raise RuleError(f"an equation names {missing[0]}, which is not in the system")
        total = sum(factor * self.counts[self.index[key]].value for key, factor in equation.terms)
        if total != equation.constant:
            names = ", ".join(key for key, _ in equation.terms)
            raise RuleError(f"the counts do not add up ({total - equation.constant:+d}): {names}")

    @cached_property
    def index(self) -> dict[str, int]:
        """Key -> place among the counts."""
        return {count.key: place for place, count in enumerate(self.counts)}

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """The true values, in the order of the counts."""
        return np.array([count.value for count in self.counts], dtype=np.float64)

    @cached_property
    def matrix(self) -> scipy.sparse.csc_matrix:
        """Equations x counts: the factors. matrix @ values is the constants."""
        entries = [
            (factor, row, self.index[key])
            for row, equation in enumerate(self.equations)
            for key, factor in equation.terms
        ]
        factors, rows, columns = zip(*entries, strict=True) if entries else ((), (), ())
        shape = (len(self.equations), len(self.counts))
        return scipy.sparse.csc_matrix(
            (np.array(factors, dtype=np.float64), (rows, columns)), shape=shape
        )

    def count(self, key: str) -> Count:
        """The count of a key. Raises KeyError."""
        return self.counts[self.index[key]]

    def primaries(self, k: int) -> frozenset[str]:
        """Keys of the primary suppressions: sensitive, and 0 < value < k. A 0 is printed."""
        return frozenset(
            count.key
            for count in self.counts
            if count.exposure == "sensitive" and 0 < count.value < k
        )

    def restricted(self, keys: Iterable[str]) -> CountSystem:
        """The counts of these keys with the equations in which any of them is a term.

        Every count outside is taken as known: of a + b + c - all = 0 with c 8 and all 24 outside
        there remains a + b = 16.
        """
        inside_keys = set(keys)
        counts = tuple(count for count in self.counts if count.key in inside_keys)
        equations = []
        for equation in self.equations:
            inside = tuple(term for term in equation.terms if term[0] in inside_keys)
            if inside:
                outside = sum(
                    factor * self.count(key).value
                    for key, factor in equation.terms
                    if key not in inside_keys
                )
                equations.append(Equation(inside, equation.constant - outside))
        return CountSystem(counts, tuple(equations))

    def hiding(self, keys: Iterable[str]) -> CountSystem:
        """The same with these counts latent: they are not printed at all."""
        hidden = set(keys)
        counts = tuple(
            replace(count, exposure="latent") if count.key in hidden else count
            for count in self.counts
        )
        return CountSystem(counts, self.equations)


def joined_systems(systems: Sequence[CountSystem]) -> CountSystem:
    """Several systems as one; counts of one key are one count, with the strongest exposure.

    Raises RuleError if one key has two values.
    """
    counts: dict[str, Count] = {}
    for system in systems:
        for count in system.counts:
            there = counts.get(count.key)
            counts[count.key] = count if there is None else _joined_count(there, count)
    equations = dict.fromkeys(equation for system in systems for equation in system.equations)
    return CountSystem(tuple(counts.values()), tuple(equations))


def _joined_count(first: Count, second: Count) -> Count:
    if first.value != second.value:
        raise RuleError(f"{first.key} is {first.value} in one table and {second.value} in another")
    # Printed in one table and latent in another: it is printed. Known anywhere: it is known.
    strongest = max(first.exposure, second.exposure, key=STRENGTH.__getitem__)
    weight = max(first.weight, second.weight)
    return Count(first.key, first.value, strongest, weight, first.tag or second.tag)


def at_most(name: str, smaller: Count, larger: Count) -> CountSystem:
    """A rule of logic: smaller is never more than larger, whatever the data.

    name: of the difference, a latent count of its own. Raises RuleError if it is not true.
    Infant deaths 6 are among 7 deaths under 1: 7 = 6 + 1 with the difference >= 0, so a reader who
    sees the 7 knows that the 6, if withheld, is at most 7.
    """
    if smaller.value > larger.value:
        raise RuleError(f"a rule says that {smaller.key} is at most {larger.key}, but it is not")
    rest = Count(name, larger.value - smaller.value, "latent")
    return CountSystem((smaller, larger, rest), (adds_up(larger.key, (smaller.key, name)),))


def complement_of(count: Count, whole: Count) -> CountSystem:
    """A count out of a known whole: a reader who sees one side can work out the other.

    The other side is a count of its own, as sensitive as the first, that costs nothing. 22 of 24
    reviews record neglect: the 2 that do not are small, so 22 must be withheld to hide them.
    """
    other = Count(f"{count.key} (not)", whole.value - count.value, count.exposure, weight=0)
    return CountSystem((count, other, whole), (adds_up(whole.key, (count.key, other.key)),))
