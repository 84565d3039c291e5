"""The cheapest pattern that protects, proven so: cutting planes on a 0-1 problem.

A master problem chooses what to withhold; the attacker answers with the counts that are still too
narrow, and for each a cut that every protecting pattern keeps (by weak duality, truncated to what
is missing, after Fischetti and Salazar). It ends when the attacker has no answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from waymark.overview.protection.attacker import (
    EPSILON,
    Attacker,
    Mask,
    Need,
    Numbers,
    Reach,
    reached,
    unreached,
)
from waymark.overview.protection.cells import CountSystem

ROUNDS = 150
NODES = 20_000
"""Limits are counted, never timed: the same tables give the same pattern on a slow machine."""


@dataclass(slots=True)
class _Cuts:
    """Rows: sum of weight x withheld >= least."""

    rows: list[dict[int, float]] = field(default_factory=list)
    least: list[float] = field(default_factory=list)

    def add(self, row: dict[int, float], least: float) -> None:
        self.rows.append(row)
        self.least.append(least)


@dataclass(frozen=True, slots=True)
class Problem:
    """What to protect in one system. forced: withheld whatever it costs; latent counts are always.

    free: what may be withheld at all. barred: patterns already found wanting; a pattern must
    withhold something outside each of them.
    """

    system: CountSystem
    k: int
    needs: tuple[Need, ...]
    forced: Mask
    free: Mask
    barred: tuple[Mask, ...] = ()

    @property
    def costs(self) -> Numbers:
        """What withholding each count costs."""
        return np.array([count.cost for count in self.system.counts], dtype=np.float64)


def cheapest(problem: Problem) -> Mask | None:
    """The cheapest protecting pattern; None where the limits are reached before it is proven.

    Raises LookupError(place) for a count that nothing can protect.
    """
    attacker = Attacker(problem.system, problem.k)
    cuts = _Cuts()
    _one_is_never_alone(problem, cuts)
    for pattern in problem.barred:
        cuts.add({int(place): 1.0 for place in np.flatnonzero(problem.free & ~pattern)}, 1.0)
    for _ in range(ROUNDS):
        chosen = _master(problem, cuts)
        if chosen is None:
            return None
        if not _answered(problem, attacker, chosen, cuts):
            return chosen
    return None


def _one_is_never_alone(problem: Problem, cuts: _Cuts) -> None:
    """Of an equation never one count alone is withheld: the others would give it away."""
    guarded = {need.place for need in problem.needs}
    for equation in problem.system.equations:
        places = [problem.system.index[key] for key, _ in equation.terms]
        if any(problem.forced[place] and place not in guarded for place in places):
            continue
        for place in places:
            if problem.free[place]:
                row = {other: 1.0 for other in places if other != place}
                cuts.add(row | {place: -1.0}, 0.0)


def _master(problem: Problem, cuts: _Cuts) -> Mask | None:
    size = len(problem.system.counts)
    entries = [
        (weight, row, place) for row, one in enumerate(cuts.rows) for place, weight in one.items()
    ]
    constraints = []
    if entries:
        weights, rows, places = zip(*entries, strict=True)
        shape = (len(cuts.rows), size)
        matrix = csr_matrix((weights, (rows, places)), shape=shape)
        constraints.append(LinearConstraint(matrix, np.array(cuts.least), np.inf))
    found = milp(
        problem.costs,
        constraints=constraints,
        bounds=Bounds(problem.forced.astype(float), problem.free.astype(float)),
        integrality=np.ones(size),
        options={"node_limit": NODES, "mip_rel_gap": 0.0},
    )
    return None if found.status != 0 else found.x > 0.5


def _answered(problem: Problem, attacker: Attacker, chosen: Mask, cuts: _Cuts) -> bool:
    """Whether the attacker narrows any count too far; a cut is added for each."""
    before = len(cuts.rows)
    for sign in (1, -1):
        waiting = list(problem.needs)
        witness = attacker.spread(chosen, waiting, sign)
        while waiting := unreached(witness, waiting, sign):
            reach = attacker.reach(chosen, waiting[0], sign)
            if not reached(reach.witness, waiting[0], sign):
                _cut(problem, reach, waiting.pop(0), sign, cuts)
            witness = reach.witness
    return len(cuts.rows) > before


def _cut(problem: Problem, reach: Reach, need: Need, sign: int, cuts: _Cuts) -> None:
    """What is withheld anyway is taken off the need; no count adds more than what is missing."""
    anyway = float(reach.prices[problem.forced].sum())
    missing = need.distance(sign) - anyway
    row = {
        int(place): min(float(reach.prices[place]), missing)
        for place in np.flatnonzero((reach.prices > EPSILON) & problem.free & ~problem.forced)
    }
    if not row:
        raise LookupError(need.place)
    cuts.add(row, missing)


def needs_of(system: CountSystem, keys: Sequence[str], k: int) -> tuple[Need, ...]:
    """What protects these counts: as far as the attacker knows they may be 0, and k or more."""
    made = []
    for key in sorted(keys, key=system.index.__getitem__):
        place = system.index[key]
        value = float(system.values[place])
        made.append(Need(place, max(1.0, k - value), value))
    return tuple(made)
