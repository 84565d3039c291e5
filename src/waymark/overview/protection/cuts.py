"""The cheapest pattern that protects, proven so: cutting planes on a 0-1 problem.

A master problem chooses what to withhold; the attacker answers with the counts that are still too
narrow, and for each a cut that every protecting pattern keeps (by weak duality, truncated to what
is missing, after Fischetti and Salazar). It ends when the attacker has no answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from waymark.overview.protection.attacker import (
    EPSILON,
    Attacker,
    Insider,
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
    withhold something outside each of them. insiders: those who know a count of their own.
    """

    system: CountSystem
    k: int
    needs: tuple[Need, ...]
    forced: Mask
    free: Mask
    barred: tuple[Mask, ...] = ()
    insiders: tuple[Insider, ...] = ()

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
        before = len(cuts.rows)
        _answer(problem, attacker, chosen, problem.needs, cuts)
        for insider in problem.insiders if len(cuts.rows) == before else ():
            _answer(problem, attacker, insider.sees(chosen), insider.needs, cuts, insider)
        if len(cuts.rows) == before:
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


def _answer(
    problem: Problem,
    attacker: Attacker,
    chosen: Mask,
    needs: Sequence[Need],
    cuts: _Cuts,
    insider: Insider | None = None,
) -> None:
    """Adds a cut for every count that the attacker, or an insider, narrows too far."""
    forced = problem.forced if insider is None else insider.sees(problem.forced)
    free = problem.free if insider is None else insider.sees(problem.free)
    for sign in (1, -1):
        waiting = [need for need in needs if need.distance(sign) > 0]
        witness = attacker.spread(chosen, waiting, sign)
        while waiting := unreached(witness, waiting, sign):
            reach = attacker.reach(chosen, waiting[0], sign)
            if not reached(reach.witness, waiting[0], sign):
                _cut(reach, waiting.pop(0), sign, cuts, forced=forced, free=free)
            witness = reach.witness


def _cut(reach: Reach, need: Need, sign: int, cuts: _Cuts, *, forced: Mask, free: Mask) -> None:
    """What is withheld anyway is taken off the need; no count adds more than what is missing."""
    anyway = float(reach.prices[forced].sum())
    missing = need.distance(sign) - anyway
    row = {
        int(place): min(float(reach.prices[place]), missing)
        for place in np.flatnonzero((reach.prices > EPSILON) & free & ~forced)
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


def insiders_of(system: CountSystem, keys: Sequence[str], k: int) -> tuple[Insider, ...]:
    """Those who are the only one in a count, each with what must stay open to them of the others.

    Another count may be one or less, and k or more. Of a count of one that is a part of theirs, or
    the whole of it, they know anyway what it is: it counts themselves.
    """
    made = []
    within = _within(system)
    for key in keys:
        if system.count(key).value == 1:
            same = {other for other in keys if key in within(other) or other in within(key)}
            ones = {other for other in same if system.count(other).value == 1}
            others = [other for other in keys if other != key and other not in ones]
            needs = (
                replace(one, down=max(0.0, one.down - 1)) for one in needs_of(system, others, k)
            )
            made.append(Insider(system.index[key], tuple(needs)))
    return tuple(made)


def _within(system: CountSystem) -> Callable[[str], frozenset[str]]:
    """Finds the counts that a count is the sum of, and what these are sums of."""
    parts: dict[str, set[str]] = {}
    for equation in system.equations:
        totals = [key for key, factor in equation.terms if factor < 0]
        if len(totals) == 1:
            inside = {key for key, factor in equation.terms if factor > 0}
            parts.setdefault(totals[0], set()).update(inside)

    @cache
    def within(key: str) -> frozenset[str]:
        found, waiting = set[str](), [key]
        while waiting:
            new = parts.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return frozenset(found)

    return within


def others_of(system: CountSystem, insiders: Sequence[Insider]) -> dict[str, list[str]]:
    """The key of each count that an insider knows -> those of the counts to be kept from them."""
    keys = [count.key for count in system.counts]
    return {
        keys[insider.place]: [keys[need.place] for need in insider.needs] for insider in insiders
    }
