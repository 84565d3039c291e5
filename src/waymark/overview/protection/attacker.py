"""What can be worked out from what is printed, by linear programming.

The engine asks this while it looks for a pattern. It is generous to the attacker's opponent in one
point only, that counts need not be whole; so its result is checked by audit.py, in integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from waymark.overview.protection.cells import CountSystem

EPSILON = 1e-6
Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Need:
    """How far a count must be able to lie from its true value: up and down, in records."""

    place: int
    up: float
    down: float

    def distance(self, sign: int) -> float:
        """How far in the direction of sign (1 up, -1 down)."""
        return self.up if sign > 0 else self.down


@dataclass(frozen=True, slots=True)
class Insider:
    """One who is the only one in a withheld count, and so knows it; needs: of the other counts."""

    place: int
    needs: tuple[Need, ...]

    def sees(self, withheld: Mask) -> Mask:
        """What is withheld from them."""
        hidden = withheld.copy()
        hidden[self.place] = False
        return hidden


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a count can be thought to lie from its true value, in one direction.

    distance: at most what was asked for. witness: another table that fits what is printed, as
    differences from the true one. prices: what each count's freedom, were it withheld, would add.
    """

    distance: float
    witness: Numbers
    prices: Numbers


class Attacker:
    """Thinks of other tables that fit what is printed: differences d with matrix @ d = 0."""

    def __init__(self, system: CountSystem, k: int) -> None:
        self.matrix = system.matrix
        self.values = system.values
        self.ceiling = float(self.values.sum() + 2 * k)

    def reach(self, withheld: Mask, need: Need, sign: int) -> Reach:
        """How far towards sign the count can be thought to lie when these are withheld."""
        witness, duals, distance = self._furthest(withheld, (need,), sign)
        return Reach(distance, witness, self._prices(duals, need.place, sign))

    def spread(self, withheld: Mask, needs: Sequence[Need], sign: int) -> Numbers:
        """One table in which many of these counts at once lie as far away as they need to.

        It proves nothing about a count that does not; it spares asking about each that does.
        """
        return self._furthest(withheld, needs, sign)[0]

    def _furthest(
        self, withheld: Mask, needs: Sequence[Need], sign: int
    ) -> tuple[Numbers, Numbers, float]:
        """Witness, duals of the equations, and how far all went, in parts of what they need.

        For one count alone the last is the distance in records.
        """
        columns = np.flatnonzero(withheld)
        inside = self.matrix[:, columns]
        rows = np.unique(inside.indices)
        at = np.searchsorted(columns, [need.place for need in needs])
        enough = np.array([need.distance(sign) for need in needs])
        objective = np.zeros(len(columns))
        objective[at] = -float(sign) if len(needs) == 1 else -float(sign) / enough
        bounds = np.column_stack([-self.values[columns], np.full(len(columns), self.ceiling)])
        bounds[at, 1 if sign > 0 else 0] = sign * enough
        found = linprog(
            objective,
            A_eq=inside[rows] if len(rows) else None,
            b_eq=np.zeros(len(rows)) if len(rows) else None,
            bounds=bounds,
            method="highs",
        )
        witness = np.zeros(len(self.values))
        witness[columns] = found.x
        duals = np.zeros(self.matrix.shape[0])
        if len(rows):
            duals[rows] = found.eqlin.marginals
        return witness, duals, -float(found.fun)

    def _prices(self, duals: Numbers, place: int, sign: int) -> Numbers:
        """By weak duality, for any pattern: distance <= sum of the prices of what it withholds."""
        reduced = -(self.matrix.T @ duals)
        reduced[place] -= sign
        prices = np.where(reduced > 0, reduced * self.values, -reduced * self.ceiling)
        prices[np.abs(reduced) < EPSILON] = 0.0
        prices[place] = 0.0
        return np.asarray(prices, dtype=np.float64)


def unreached(witness: Numbers, needs: Sequence[Need], sign: int) -> list[Need]:
    """The counts that this table does not yet show to lie far enough away."""
    return [need for need in needs if not reached(witness, need, sign)]


def reached(witness: Numbers, need: Need, sign: int) -> bool:
    """Whether another table already shows that the count can lie far enough away."""
    return bool(sign * witness[need.place] >= need.distance(sign) - EPSILON)
