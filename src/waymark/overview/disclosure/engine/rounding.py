"""Controlled rounding: every count to a multiple of the base, all totals still adding up.

Found by integer programming. A multiple stays as it is and any other count goes to one of its two
neighbours, if that is possible; the furthest that counts may lie from their print is part of the
result, because the reader is told, and so is the attacker.

3, 4, 8 and all 15 at base 5: each to its nearest multiple would print 5, 5, 10 and 15, which do not
add up. 5 + 5 + 5 = 15 does, at a cost of 2 + 1 + 3 = 6, and no rounding that adds up costs less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

from waymark.core.errors import RuleError, UnprotectableCount
from waymark.core.extras import LaterModule
from waymark.overview.disclosure.engine.audit import AuditBounds
from waymark.overview.disclosure.engine.cells import CountSystem, joined_systems

if TYPE_CHECKING:
    import numpy as np
    import scipy
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
else:
    np = LaterModule("numpy")
    scipy = LaterModule("scipy")

NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RoundedCounts:
    """The printed number of each count that is not latent. within: no count lies further off."""

    system: CountSystem
    base: int
    printed: Mapping[str, int]
    within: int


def round_counts(
    system: CountSystem,
    base: int,
    *,
    besides: Sequence[CountSystem] = (),
    printed_before: Mapping[str, int] = NOTHING,
) -> RoundedCounts:
    """Counts rounded to multiples of base >= 2, with the least sum of differences; audited.

    besides: further knowledge of the attacker (earlier releases). printed_before: the numbers that
    a release of the same records printed; a second, other rounding of one count would narrow it.
    Raises RuleError if no rounding adds up, UnprotectableCount if the attacker can narrow a small
    sensitive count to fewer than base values.
    """
    keys = [count.key for count in system.counts if count.exposure != "latent"]
    # First with the two neighbours of each count alone; if that cannot add up, one step further.
    printed = _RoundingProgram(system, keys, base, 0, printed_before).multiples()
    if printed is None:
        printed = _RoundingProgram(system, keys, base, 1, printed_before).multiples()
    if printed is None:
        raise RuleError(
            f"no rounding to multiples of {base} adds up: make the tables less detailed"
        )
    furthest = max((abs(printed[key] - system.count(key).value) for key in keys), default=0)
    rounding = RoundedCounts(system, base, printed, base - 1 if furthest < base else 2 * base - 1)
    for key, interval in rounding_bounds(rounding, besides=besides).items():
        if interval.most is not None and interval.most - interval.least + 1 < base:
            raise UnprotectableCount(key, f"rounded to {base} it can be narrowed to {interval}")
    return rounding


class _RoundingProgram:
    """The integer program: for each count the number of steps up from a multiple below it.

    spare: steps allowed beyond the two neighbours; then multiples may move, too. fixed: multiples
    that are settled already.
    """

    def __init__(
        self, system: CountSystem, keys: list[str], base: int, spare: int, fixed: Mapping[str, int]
    ) -> None:
        self.system, self.keys, self.base = system, keys, base
        values = [system.count(key).value for key in keys]
        self.low = [max(0, value // base - spare) for value in values]
        high = [-(-value // base) + spare for value in values]
        for place, key in enumerate(keys):
            if key in fixed:
                self.low[place] = high[place] = fixed[key] // base
        self.owner: list[int] = []
        self.costs: list[float] = []
        # A binary per step: 8 at base 5 has the levels 5 and 10, distances 3 and 2, so one step
        # that costs 2 - 3 = -1. Distances are convex in the level, so the steps are taken in order.
        for place, value in enumerate(values):
            away = [abs(base * n - value) for n in range(self.low[place], high[place] + 1)]
            for before, after in pairwise(away):
                self.owner.append(place)
                self.costs.append(float(after - before))

    def multiples(self) -> dict[str, int] | None:
        """Multiples by key, or None if none add up."""
        levels = np.array(self.low, dtype=np.int64)
        if self.owner:
            size = len(self.owner)
            solution = scipy.optimize.milp(
                np.array(self.costs),
                constraints=self._adding_up(),
                bounds=scipy.optimize.Bounds(np.zeros(size), np.ones(size)),
                integrality=np.ones(size),
                options={"mip_rel_gap": 0.0},
            )
            if solution.x is None:
                return None
            np.add.at(levels, self.owner, np.round(solution.x).astype(np.int64))
        return {key: self.base * int(n) for key, n in zip(self.keys, levels, strict=True)}

    def _adding_up(self) -> list[scipy.optimize.LinearConstraint]:
        """Totals that are printed with all their parts: the rounded ones add up as well."""
        place = {key: number for number, key in enumerate(self.keys)}
        printed = [
            [(place[key], factor) for key, factor in equation.terms]
            for equation in self.system.equations
            if not equation.constant and all(key in place for key, _ in equation.terms)
        ]
        if not printed:
            return []
        entries = [(f, row, at) for row, terms in enumerate(printed) for at, f in terms]
        factors, rows, places = zip(*entries, strict=True)
        shape = (len(printed), len(self.keys))
        matrix = scipy.sparse.csr_matrix(
            (np.array(factors, dtype=np.float64), (rows, places)), shape=shape
        )
        # The lower levels are a constant, so the steps must make up for what these do not add up
        # to.
        sums = -(matrix @ np.array(self.low, dtype=np.float64))
        return [scipy.optimize.LinearConstraint(matrix[:, self.owner], sums, sums)]


def rounding_bounds(
    rounding: RoundedCounts, *, besides: Sequence[CountSystem] = ()
) -> dict[str, AuditBounds]:
    """The exact audit bounds of each small sensitive count (0 < n < base).

    The attacker knows the printed numbers, the furthest they may be off, the equations, and the
    true value of every known count.
    """
    attacker = _RoundingAttacker(rounding, besides)
    small = sorted(rounding.system.primaries(rounding.base))
    return {key: attacker.interval(key) for key in small}


class _RoundingAttacker:
    """Integer programs over the true counts, given the rounded ones."""

    def __init__(self, rounding: RoundedCounts, besides: Sequence[CountSystem]) -> None:
        system = joined_systems([rounding.system, *besides])
        self.at = system.index
        self.limit = 2.0 * float(system.values.sum()) + 4 * rounding.base
        low, high = np.zeros(len(self.at)), np.full(len(self.at), self.limit)
        for place, count in enumerate(system.counts):
            if count.exposure == "known":
                low[place] = high[place] = float(count.value)
            elif count.key in rounding.printed:
                low[place] = max(0, rounding.printed[count.key] - rounding.within)
                high[place] = rounding.printed[count.key] + rounding.within
        self.bounds = scipy.optimize.Bounds(low, high)
        sums = np.array([equation.constant for equation in system.equations], dtype=np.float64)
        self.constraints = (
            [scipy.optimize.LinearConstraint(system.matrix, sums, sums)] if len(sums) else []
        )

    def interval(self, key: str) -> AuditBounds:
        """The least and the most that the true count can be."""
        ends = []
        for sign in (1.0, -1.0):
            objective: Numbers = np.zeros(len(self.at))
            objective[self.at[key]] = sign
            solution = scipy.optimize.milp(
                objective,
                constraints=self.constraints,
                bounds=self.bounds,
                integrality=np.ones(len(self.at)),
            )
            if solution.x is None:
                raise RuleError(f"the audit could not be carried out: {solution.message}")
            ends.append(round(float(solution.x[self.at[key]])))
        return AuditBounds(ends[0], None if ends[1] >= self.limit else ends[1])
