"""Optimal secondary suppression: cutting planes on a 0-1 problem.

A master problem chooses the counts to withhold; the attacker answers with those whose bounds are
still too narrow, and for each a cut that every protecting pattern satisfies (by weak duality,
truncated to the missing distance, after Fischetti and Salazar). It ends when the attacker has no
answer: then no cheaper pattern protects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from waymark.core.extras import LaterModule
from waymark.overview.disclosure.engine.attacker import (
    EPSILON,
    FurthestReach,
    Insider,
    LinearAttacker,
    ProtectionNeed,
    is_reached,
    unreached_needs,
)
from waymark.overview.disclosure.engine.cells import CountSystem

if TYPE_CHECKING:
    import numpy as np
    import scipy

    from waymark.overview.disclosure.engine.attacker import Mask, Numbers
else:
    np = LaterModule("numpy")
    scipy = LaterModule("scipy")

ROUNDS = 150
NODES = 20_000
"""Limits are counted, never timed: the same tables give the same pattern on a slow machine."""


@dataclass(slots=True)
class _CutRows:
    """Rows: sum of weight x withheld >= least."""

    rows: list[dict[int, float]] = field(default_factory=list)
    least: list[float] = field(default_factory=list)

    def add(self, row: dict[int, float], least: float) -> None:
        self.rows.append(row)
        self.least.append(least)


@dataclass(frozen=True, slots=True)
class SuppressionProblem:
    """The counts to protect in one system, and the choices.

    forced: counts that are withheld at any cost, latent ones among them. free: counts that may be
    withheld at all. barred: patterns that failed the audit; a pattern must withhold something
    outside each of them. insiders: people who know a count of their own.
    """

    system: CountSystem
    k: int
    needs: tuple[ProtectionNeed, ...]
    forced: Mask
    free: Mask
    barred: tuple[Mask, ...] = ()
    insiders: tuple[Insider, ...] = ()

    @property
    def costs(self) -> Numbers:
        """The cost of withholding each count."""
        return np.array([count.cost for count in self.system.counts], dtype=np.float64)


def cheapest_pattern(problem: SuppressionProblem) -> Mask | None:
    """The cheapest protecting pattern; None if the limits are reached before it is proven.

    Raises LookupError(place) for a count that nothing can protect.
    """
    attacker = LinearAttacker(problem.system, problem.k)
    cuts = _CutRows()
    _one_is_never_alone(problem, cuts)
    # A pattern that failed in whole numbers fails with fewer suppressions as well: one more must
    # go.
    for pattern in problem.barred:
        cuts.add({int(place): 1.0 for place in np.flatnonzero(problem.free & ~pattern)}, 1.0)
    for _ in range(ROUNDS):
        chosen = _master_solution(problem, cuts)
        if chosen is None:
            return None
        before = len(cuts.rows)
        _add_cuts(problem, attacker, chosen, problem.needs, cuts)
        # Insiders know more, so they are asked only when the attacker has no answer left: most cuts
        # for the attacker are cuts for them, and the attacker's programs are fewer.
        for insider in problem.insiders if len(cuts.rows) == before else ():
            _add_cuts(problem, attacker, insider.sees(chosen), insider.needs, cuts, insider)
        if len(cuts.rows) == before:
            return chosen
    return None


def _one_is_never_alone(problem: SuppressionProblem, cuts: _CutRows) -> None:
    """Of an equation never one count alone is withheld: the others would give it away.

    Of a + b + c = all with x = 1 for withheld: x_b + x_c + x_all >= x_a, and so for b, c and all.
    An equation with a forced count that is not guarded, as of an earlier release, needs no cut.
    """
    guarded = {need.place for need in problem.needs}
    for equation in problem.system.equations:
        places = [problem.system.index[key] for key, _ in equation.terms]
        if any(problem.forced[place] and place not in guarded for place in places):
            continue
        # 4 counts in an equation give up to 4 cuts, one for each that might be the only one
        # withheld.
        for place in places:
            if problem.free[place]:
                row = {other: 1.0 for other in places if other != place}
                cuts.add(row | {place: -1.0}, 0.0)


def _master_solution(problem: SuppressionProblem, cuts: _CutRows) -> Mask | None:
    size = len(problem.system.counts)
    entries = [
        (weight, row, place) for row, cut in enumerate(cuts.rows) for place, weight in cut.items()
    ]
    constraints = []
    if entries:
        weights, rows, places = zip(*entries, strict=True)
        shape = (len(cuts.rows), size)
        matrix = scipy.sparse.csr_matrix((weights, (rows, places)), shape=shape)
        constraints.append(scipy.optimize.LinearConstraint(matrix, np.array(cuts.least), np.inf))
    solution = scipy.optimize.milp(
        problem.costs,
        constraints=constraints,
        bounds=scipy.optimize.Bounds(problem.forced.astype(float), problem.free.astype(float)),
        integrality=np.ones(size),
        options={"node_limit": NODES, "mip_rel_gap": 0.0},
    )
    return None if solution.status != 0 else solution.x > 0.5


def _add_cuts(
    problem: SuppressionProblem,
    attacker: LinearAttacker,
    chosen: Mask,
    needs: Sequence[ProtectionNeed],
    cuts: _CutRows,
    insider: Insider | None = None,
) -> None:
    """Add a cut for every count whose bounds for the attacker, or an insider, are too narrow."""
    forced = problem.forced if insider is None else insider.sees(problem.forced)
    free = problem.free if insider is None else insider.sees(problem.free)
    for sign in (1, -1):
        waiting = [need for need in needs if need.distance(sign) > 0]
        witness = attacker.spread(chosen, waiting, sign)
        # One table shows many counts to be safe at once; each of the rest is asked about alone.
        while waiting := unreached_needs(witness, waiting, sign):
            reach = attacker.reach(chosen, waiting[0], sign)
            if not is_reached(reach.witness, waiting[0], sign):
                _add_cut(reach, waiting.pop(0), sign, cuts, forced=forced, free=free)
            witness = reach.witness


def _add_cut(
    reach: FurthestReach,
    need: ProtectionNeed,
    sign: int,
    cuts: _CutRows,
    *,
    forced: Mask,
    free: Mask,
) -> None:
    """Forced counts are taken off the need; no other adds more than the missing distance.

    a = 2 needs 3 up. Its bounds widen by 1 if b = 1 is withheld and by 9 if c = 9 is: the cut is
    1 x_b + 3 x_c >= 3, with the 9 cut to the 3 that are missing. So c alone will do, b will not.
    """
    anyway = float(reach.prices[forced].sum())
    missing = need.distance(sign) - anyway
    row = {
        int(place): min(float(reach.prices[place]), missing)
        for place in np.flatnonzero((reach.prices > EPSILON) & free & ~forced)
    }
    if not row:
        raise LookupError(need.place)
    cuts.add(row, missing)


def needs_of(system: CountSystem, keys: Sequence[str], k: int) -> tuple[ProtectionNeed, ...]:
    """The needs of these counts: for the attacker they may be 0, and k or more.

    A count of 2 at k = 5 needs 3 up and 2 down; a guarded count of 7 needs 1 up and 7 down.
    """
    needs = []
    for key in sorted(keys, key=system.index.__getitem__):
        place = system.index[key]
        value = float(system.values[place])
        needs.append(ProtectionNeed(place, max(1.0, k - value), value))
    return tuple(needs)


def insiders_of(system: CountSystem, keys: Sequence[str], k: int) -> tuple[Insider, ...]:
    """People who are the only one in a count, with the needs of the other counts.

    For them another count may be 1 or less, and k or more. A count of 1 that is a part of theirs,
    or the whole of it, they know anyway: it counts themselves.

    a = 1 and b = 2 at k = 3: the person in a needs b to be 1 or less (1 down) and 3 or more (1 up).
    a and b alone withheld, of 3 in all, would tell them that b is 2; so a third is withheld, too.
    """
    insiders = []
    within = _parts_within(system)
    for key in keys:
        if system.count(key).value == 1:
            # "Infants who died" (1) within "infants" (1): the one person is in both, so neither
            # count tells them about someone else.
            same = {other for other in keys if key in within(other) or other in within(key)}
            ones = {other for other in same if system.count(other).value == 1}
            others = [other for other in keys if other != key and other not in ones]
            needs = (
                replace(need, down=max(0.0, need.down - 1)) for need in needs_of(system, others, k)
            )
            insiders.append(Insider(system.index[key], tuple(needs)))
    return tuple(insiders)


def _parts_within(system: CountSystem) -> Callable[[str], frozenset[str]]:
    """Return a function from a count to the counts it is a sum of, and those they are sums of."""
    parts: dict[str, set[str]] = {}
    for equation in system.equations:
        totals = [key for key, factor in equation.terms if factor < 0]
        if len(totals) == 1:
            inside = {key for key, factor in equation.terms if factor > 0}
            parts.setdefault(totals[0], set()).update(inside)

    @cache
    def within(key: str) -> frozenset[str]:
        inner, waiting = set[str](), [key]
        while waiting:
            new = parts.get(waiting.pop(), set()) - inner
            inner |= new
            waiting += new
        return frozenset(inner)

    return within


def others_of(system: CountSystem, insiders: Sequence[Insider]) -> dict[str, list[str]]:
    """The key of each count that an insider knows -> the keys of those to keep from them."""
    keys = [count.key for count in system.counts]
    return {
        keys[insider.place]: [keys[need.place] for need in insider.needs] for insider in insiders
    }
