"""A good pattern for systems too large to be proven cheapest.

For each count that is still too narrow the cheapest other table is sought that moves it far enough,
paying for every printed count that differs; those counts are then withheld. At the end what is no
longer needed is printed again, the dearest first.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import hstack

from waymark.overview.protection.attacker import (
    EPSILON,
    Attacker,
    Mask,
    Need,
    Numbers,
    reached,
    unreached,
)
from waymark.overview.protection.cuts import Problem

Side = tuple[Need, int]


@dataclass(slots=True)
class _Search:
    problem: Problem
    attacker: Attacker
    withheld: Mask
    witnesses: dict[Side, Numbers] = field(default_factory=dict)


def augmented(problem: Problem) -> Mask:
    """A protecting pattern. Raises LookupError(place) for a count that nothing can protect."""
    search = _Search(problem, Attacker(problem.system, problem.k), problem.forced.copy())
    for pattern in problem.barred:
        search.withheld |= pattern | _one_more(problem, pattern)
    values = problem.system.values
    sides = [
        (need, sign)
        for need in sorted(problem.needs, key=lambda need: (values[need.place], need.place))
        for sign in (1, -1)
    ]
    for side in sides:
        _protect(search, side)
    _prune(search)
    return search.withheld


def _one_more(problem: Problem, pattern: Mask) -> Mask:
    """The cheapest count outside a pattern that stands in an equation with one inside."""
    near = np.zeros(len(pattern), dtype=bool)
    matrix = problem.system.matrix
    rows = np.unique(matrix[:, np.flatnonzero(pattern)].indices)
    near[np.unique(matrix.tocsr()[rows].indices)] = True
    places = np.flatnonzero(near & problem.free & ~pattern)
    chosen = np.zeros(len(pattern), dtype=bool)
    if len(places):
        chosen[places[np.argmin(problem.costs[places])]] = True
    return chosen


def _protect(search: _Search, side: Side) -> None:
    for witness in search.witnesses.values():
        if reached(witness, *side):
            search.witnesses[side] = witness
            return
    if not _attempt(search, side):
        search.witnesses[side] = _cheapest_witness(search, side)
        search.withheld |= np.abs(search.witnesses[side]) > EPSILON


def _attempt(search: _Search, side: Side) -> bool:
    """Whether what is withheld now is enough for one side; its witness is then kept."""
    need, sign = side
    reach = search.attacker.reach(search.withheld, need, sign)
    if reach.distance < need.distance(sign) - EPSILON:
        return False
    search.witnesses[side] = reach.witness
    return True


def _cheapest_witness(search: _Search, side: Side) -> Numbers:
    """The cheapest table that moves a count far enough; zeros stay shut as long as that works."""
    need, sign = side
    enough = need.distance(sign)
    for opens_zeros, furthest in ((False, enough), (True, enough), (True, np.inf)):
        found = _solved(search, side, furthest=furthest, opens_zeros=opens_zeros)
        if found is not None:
            return found
    raise LookupError(need.place)


def _solved(search: _Search, side: Side, *, furthest: float, opens_zeros: bool) -> Numbers | None:
    need, sign = side
    problem, values = search.problem, search.problem.system.values
    enough = need.distance(sign)
    furthest = min(furthest, search.attacker.ceiling)
    up = np.where(search.withheld, search.attacker.ceiling, np.where(problem.free, furthest, 0.0))
    down = np.where(search.withheld, values, np.where(problem.free, np.minimum(values, up), 0.0))
    if not opens_zeros:
        up = np.where((values == 0) & ~search.withheld, 0.0, up)
    least_up, least_down = np.zeros_like(up), np.zeros_like(down)
    at = need.place
    up[at], down[at] = (enough, 0.0) if sign > 0 else (0.0, enough)
    (least_up if sign > 0 else least_down)[at] = enough
    prices = np.where(search.withheld, 0.0, problem.costs / enough)
    matrix = problem.system.matrix
    found = linprog(
        np.concatenate([prices, prices]),
        A_eq=hstack([matrix, -matrix]),
        b_eq=np.zeros(matrix.shape[0]),
        bounds=np.column_stack(
            [np.concatenate([least_up, least_down]), np.concatenate([up, down])]
        ),
        method="highs",
    )
    if found.x is None:
        return None
    size = len(values)
    return np.asarray(found.x[:size] - found.x[size:], dtype=np.float64)


def _prune(search: _Search) -> None:
    """Print again, the dearest first, what every side can do without."""
    costs = search.problem.costs
    extra = np.flatnonzero(search.withheld & ~search.problem.forced)
    for place in sorted((int(one) for one in extra), key=lambda place: (-costs[place], place)):
        search.withheld[place] = False
        kept = dict(search.witnesses)
        if not _holds(search, place):
            search.withheld[place] = True
            search.witnesses = kept


def _holds(search: _Search, place: int) -> bool:
    """Whether all sides are still reached; only those whose witness used the count can change."""
    for pattern in search.problem.barred:
        if not (search.withheld & ~pattern).any():
            return False
    return all(
        _reach_all(
            search,
            [
                need
                for (need, toward), witness in search.witnesses.items()
                if toward == sign and abs(witness[place]) > EPSILON
            ],
            sign,
        )
        for sign in (1, -1)
    )


def _reach_all(search: _Search, waiting: list[Need], sign: int) -> bool:
    """Whether what is withheld now is enough for all of these; their witnesses are then kept."""
    while waiting:
        witness = search.attacker.spread(search.withheld, waiting, sign)
        left = unreached(witness, waiting, sign)
        search.witnesses |= {(need, sign): witness for need in waiting if need not in left}
        if left == waiting and not _attempt(search, (left.pop(0), sign)):
            return False
        waiting = left
    return True
