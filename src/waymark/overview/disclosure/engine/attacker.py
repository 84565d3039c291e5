"""Feasibility bounds of suppressed counts, by linear programming.

The engine asks for these while it looks for a pattern: how far can a count lie from its true value
in another table that a reader could believe in? Counts need not be whole here, which makes the
bounds wider than they are; so the result is checked by audit.py, in integers.

2, 3, 9 and all 14, with 2 and 3 suppressed: differences d of the two counts must keep the total, so
d1 + d2 = 0. The first can go up by 3 (then the other is 0) and down by 2: its bounds are [0, 5].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from waymark.core.extras import LaterModule
from waymark.overview.disclosure.engine.cells import CountSystem

if TYPE_CHECKING:
    import numpy as np
    import scipy
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Mask = NDArray[np.bool_]
else:
    np = LaterModule("numpy")
    scipy = LaterModule("scipy")

EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class ProtectionNeed:
    """Distance a count must be able to lie from its true value: up and down, in records."""

    place: int
    up: float
    down: float

    def distance(self, sign: int) -> float:
        """The distance in the direction of sign (1 up, -1 down)."""
        return self.up if sign > 0 else self.down


@dataclass(frozen=True, slots=True)
class Insider:
    """A person who is the only one in a withheld count, and so knows it. needs: of the others."""

    place: int
    needs: tuple[ProtectionNeed, ...]

    def sees(self, withheld: Mask) -> Mask:
        """The counts that are withheld from this person."""
        hidden = withheld.copy()
        hidden[self.place] = False
        return hidden


@dataclass(frozen=True, slots=True)
class FurthestReach:
    """The furthest a count can lie from its true value, in one direction.

    distance: at most the distance needed. witness: another table that fits the printed numbers, as
    differences from the true one. prices: the distance that suppressing each count would add.
    """

    distance: float
    witness: Numbers
    prices: Numbers


class LinearAttacker:
    """Finds other tables that fit the printed numbers: differences d with matrix @ d = 0."""

    def __init__(self, system: CountSystem, k: int) -> None:
        self.matrix = system.matrix
        self.values = system.values
        self.ceiling = float(self.values.sum() + 2 * k)

    def reach(self, withheld: Mask, need: ProtectionNeed, sign: int) -> FurthestReach:
        """The furthest towards sign that the count can lie when these are withheld."""
        witness, duals, distance = self._furthest(withheld, (need,), sign)
        return FurthestReach(distance, witness, self._prices(duals, need.place, sign))

    def spread(self, withheld: Mask, needs: Sequence[ProtectionNeed], sign: int) -> Numbers:
        """One table in which many of these counts at once lie as far away as they need to.

        It proves nothing about a count that does not; it spares asking about each that does.
        """
        return self._furthest(withheld, needs, sign)[0]

    def _furthest(
        self, withheld: Mask, needs: Sequence[ProtectionNeed], sign: int
    ) -> tuple[Numbers, Numbers, float]:
        """Witness, duals of the equations, and the distance of all, in parts of their needs.

        For one count alone the last is the distance in records.
        """
        columns = np.flatnonzero(withheld)
        # Printed counts cannot differ, so only the columns of withheld ones are unknowns; an
        # equation without any of these says 0 = 0 and would only make the program larger.
        inside = self.matrix[:, columns]
        rows = np.unique(inside.indices)
        at = np.searchsorted(columns, [need.place for need in needs])
        enough = np.array([need.distance(sign) for need in needs])
        objective = np.zeros(len(columns))
        # One count: its distance in records. Several: each in parts of its need, so that a need of
        # 30 does not outweigh a need of 2. linprog minimises, hence the minus.
        objective[at] = -float(sign) if len(needs) == 1 else -float(sign) / enough
        bounds = np.column_stack([-self.values[columns], np.full(len(columns), self.ceiling)])
        # Further than needed proves nothing more, and would leave less for the others.
        bounds[at, 1 if sign > 0 else 0] = sign * enough
        solution = scipy.optimize.linprog(
            objective,
            A_eq=inside[rows] if len(rows) else None,
            b_eq=np.zeros(len(rows)) if len(rows) else None,
            bounds=bounds,
            method="highs",
        )
        witness = np.zeros(len(self.values))
        witness[columns] = solution.x
        duals = np.zeros(self.matrix.shape[0])
        if len(rows):
            duals[rows] = solution.eqlin.marginals
        return witness, duals, -float(solution.fun)

    def _prices(self, duals: Numbers, place: int, sign: int) -> Numbers:
        """By weak duality, for any pattern: distance <= sum of the prices of what it withholds."""
        # The dual of "d in [-value, ceiling]" pays value for going down and ceiling for going up; a
        # count that is printed has d = 0 and pays nothing.
        reduced = -(self.matrix.T @ duals)
        reduced[place] -= sign
        prices = np.where(reduced > 0, reduced * self.values, -reduced * self.ceiling)
        prices[np.abs(reduced) < EPSILON] = 0.0
        prices[place] = 0.0
        return np.asarray(prices, dtype=np.float64)


def unreached_needs(
    witness: Numbers, needs: Sequence[ProtectionNeed], sign: int
) -> list[ProtectionNeed]:
    """The counts that are not far enough away in this table."""
    return [need for need in needs if not is_reached(witness, need, sign)]


def is_reached(witness: Numbers, need: ProtectionNeed, sign: int) -> bool:
    """Return True if the count is far enough away in this table."""
    return bool(sign * witness[need.place] >= need.distance(sign) - EPSILON)
