"""Secondary suppression by a heuristic, for systems too large to be proven cheapest.

For each count with too narrow bounds: the cheapest other table that moves it far enough, paying for
every printed count that differs; those counts are then withheld. At the end, counts that are no
longer needed are printed again, the dearest first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from waymark.core.extras import LaterModule
from waymark.overview.disclosure.engine.attacker import (
    EPSILON,
    LinearAttacker,
    ProtectionNeed,
    is_reached,
    unreached_needs,
)
from waymark.overview.disclosure.engine.cuts import SuppressionProblem

if TYPE_CHECKING:
    import numpy as np
    import scipy

    from waymark.overview.disclosure.engine.attacker import Mask, Numbers
else:
    np = LaterModule("numpy")
    scipy = LaterModule("scipy")


@dataclass(frozen=True, slots=True)
class BoundSide:
    """One side of a bound: a count must be able to lie far enough up (sign 1) or down (-1).

    knows: the place of the count that an insider knows, for whom this must be true; None: anybody.
    """

    need: ProtectionNeed
    sign: int
    knows: int | None = None

    def shown_by(self, witness: Numbers) -> bool:
        """Return True if another table shows that it is possible."""
        sees = self.knows is None or abs(witness[self.knows]) < EPSILON
        return bool(sees and is_reached(witness, self.need, self.sign))


@dataclass(slots=True)
class _AugmentSearch:
    problem: SuppressionProblem
    attacker: LinearAttacker
    withheld: Mask
    witnesses: dict[BoundSide, Numbers] = field(default_factory=dict)


def augmented_pattern(problem: SuppressionProblem) -> Mask:
    """A protecting pattern. Raises LookupError(place) for a count that nothing can protect."""
    search = _AugmentSearch(
        problem, LinearAttacker(problem.system, problem.k), problem.forced.copy()
    )
    for pattern in problem.barred:
        search.withheld |= pattern | _one_more(problem, pattern)
    values = problem.system.values
    needs = sorted(problem.needs, key=lambda need: (values[need.place], need.place))
    sides = [BoundSide(need, sign) for need in needs for sign in (1, -1)]
    for insider in problem.insiders:
        sides += [
            BoundSide(need, sign, insider.place)
            for need in insider.needs
            for sign in (1, -1)
            if need.distance(sign) > 0
        ]
    for side in sides:
        _protect_side(search, side)
    _prune_pattern(search)
    return search.withheld


def _one_more(problem: SuppressionProblem, pattern: Mask) -> Mask:
    """The cheapest count outside a pattern that shares an equation with one inside."""
    near = np.zeros(len(pattern), dtype=bool)
    matrix = problem.system.matrix
    rows = np.unique(matrix[:, np.flatnonzero(pattern)].indices)
    near[np.unique(matrix.tocsr()[rows].indices)] = True
    places = np.flatnonzero(near & problem.free & ~pattern)
    chosen = np.zeros(len(pattern), dtype=bool)
    if len(places):
        chosen[places[np.argmin(problem.costs[places])]] = True
    return chosen


def _protect_side(search: _AugmentSearch, side: BoundSide) -> None:
    for witness in search.witnesses.values():
        if side.shown_by(witness):
            search.witnesses[side] = witness
            return
    if not _is_enough(search, side):
        search.witnesses[side] = _cheapest_witness(search, side)
        search.withheld |= np.abs(search.witnesses[side]) > EPSILON


def _is_enough(search: _AugmentSearch, side: BoundSide) -> bool:
    """Return True if the counts withheld now are enough for one side; store its witness."""
    need, sign = side.need, side.sign
    reach = search.attacker.reach(_hidden_from(search.withheld, side.knows), need, sign)
    if reach.distance < need.distance(sign) - EPSILON:
        return False
    search.witnesses[side] = reach.witness
    return True


def _hidden_from(withheld: Mask, knows: int | None) -> Mask:
    """The counts withheld from a person who knows one of them."""
    hidden = withheld.copy()
    if knows is not None:
        hidden[knows] = False
    return hidden


def _cheapest_witness(search: _AugmentSearch, side: BoundSide) -> Numbers:
    """The cheapest table that moves a count far enough; zeros stay shut as long as that works."""
    enough = side.need.distance(side.sign)
    for opens_zeros, furthest in ((False, enough), (True, enough), (True, np.inf)):
        witness = _solved_witness(search, side, furthest=furthest, opens_zeros=opens_zeros)
        if witness is not None:
            return witness
    raise LookupError(side.need.place)


def _solved_witness(
    search: _AugmentSearch, side: BoundSide, *, furthest: float, opens_zeros: bool
) -> Numbers | None:
    need, sign = side.need, side.sign
    problem, values = search.problem, search.problem.system.values
    enough = need.distance(sign)
    furthest = min(furthest, search.attacker.ceiling)
    # d = up - down, both >= 0: so that the price of a printed count is paid in either direction. A
    # count of 4 can go down by 4 at most; one that is not free cannot move at all.
    up = np.where(search.withheld, search.attacker.ceiling, np.where(problem.free, furthest, 0.0))
    down = np.where(search.withheld, values, np.where(problem.free, np.minimum(values, up), 0.0))
    # A 0 is withheld only if nothing else will do: zeros are what readers most want to see printed.
    if not opens_zeros:
        up = np.where((values == 0) & ~search.withheld, 0.0, up)
    if side.knows is not None:
        up[side.knows] = down[side.knows] = 0.0
    least_up, least_down = np.zeros_like(up), np.zeros_like(down)
    at = need.place
    up[at], down[at] = (enough, 0.0) if sign > 0 else (0.0, enough)
    (least_up if sign > 0 else least_down)[at] = enough
    # Counts that are withheld already are free, so the search prefers to use them again.
    prices = np.where(search.withheld, 0.0, problem.costs / enough)
    matrix = problem.system.matrix
    solution = scipy.optimize.linprog(
        np.concatenate([prices, prices]),
        A_eq=scipy.sparse.hstack([matrix, -matrix]),
        b_eq=np.zeros(matrix.shape[0]),
        bounds=np.column_stack(
            [np.concatenate([least_up, least_down]), np.concatenate([up, down])]
        ),
        method="highs",
    )
    if solution.x is None:
        return None
    size = len(values)
    return np.asarray(solution.x[:size] - solution.x[size:], dtype=np.float64)


def _prune_pattern(search: _AugmentSearch) -> None:
    """Print counts again, the dearest first, that no side needs withheld."""
    costs = search.problem.costs
    extra = np.flatnonzero(search.withheld & ~search.problem.forced)
    for place in sorted(map(int, extra), key=lambda place: (-costs[place], place)):
        # Printed for a trial; if some side is no longer reached, all is as it was.
        search.withheld[place] = False
        before = dict(search.witnesses)
        if not _sides_hold(search, place):
            search.withheld[place] = True
            search.witnesses = before


def _sides_hold(search: _AugmentSearch, place: int) -> bool:
    """Return True if all sides are still reached; only those whose witness used it can change."""
    for pattern in search.problem.barred:
        if not (search.withheld & ~pattern).any():
            return False
    waiting: dict[tuple[int, int | None], list[ProtectionNeed]] = {}
    for side, witness in search.witnesses.items():
        if abs(witness[place]) > EPSILON:
            waiting.setdefault((side.sign, side.knows), []).append(side.need)
    return all(_reach_all(search, needs, *view) for view, needs in waiting.items())


def _reach_all(
    search: _AugmentSearch, waiting: list[ProtectionNeed], sign: int, knows: int | None
) -> bool:
    """Return True if the counts withheld now are enough for all of these; store witnesses."""
    while waiting:
        witness = search.attacker.spread(_hidden_from(search.withheld, knows), waiting, sign)
        left = unreached_needs(witness, waiting, sign)
        search.witnesses |= {
            BoundSide(need, sign, knows): witness for need in waiting if need not in left
        }
        if left == waiting and not _is_enough(search, BoundSide(left.pop(0), sign, knows)):
            return False
        waiting = left
    return True
