"""Disclosure control at the sizes of the notes: time, cost, and whether the audit holds.

    .venv/bin/python benchmarks/disclosure.py

Flat tables go to the cutting planes and are proven cheapest; where the plain integer program of the
same problem can still be solved, its cost is printed beside. Linked tables (9 partnerships in 3
regions, 4 classes with a subtotal of deaths, 4 periods) have 390 counts and go to the heuristic
when more than 30 are small; what it withholds without need is printed again at the end, and time
and cost without that are told beside. The tables are random, so costs compare with the notes' only
in kind; times are of this machine, while it may be doing other things.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from unittest.mock import patch

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_diag, csr_matrix, hstack, identity, vstack

from waymark.overview.disclosure.engine import augment
from waymark.overview.disclosure.engine.audit import exposed_counts
from waymark.overview.disclosure.engine.cells import CountSystem
from waymark.overview.disclosure.engine.cube import CubeAxis, cube_system
from waymark.overview.disclosure.engine.cuts import needs_of
from waymark.overview.disclosure.engine.suppress import SuppressionPattern, suppress_counts


@dataclass(frozen=True)
class Case:
    """One problem. notes: what the notes measured for a problem of this size."""

    name: str
    system: CountSystem
    k: int
    notes: str
    compact: bool = False


def axis(letter: str, size: int) -> CubeAxis:
    return CubeAxis(tuple(f"{letter}{number}" for number in range(size)))


def random_table(
    axes: list[CubeAxis], records: int, seed: int, *, small: int | None, k: int
) -> CountSystem:
    """Records dealt out at random; with small, tried until exactly so many cells are under k."""
    leaves = list(product(*(one.leaves for one in axes)))
    draw = np.random.default_rng(seed)
    while True:
        shares = draw.dirichlet(np.full(len(leaves), 1.0 if small is None else 3.0))
        counts = draw.multinomial(records, shares)
        if small is None or int(((counts > 0) & (counts < k)).sum()) == small:
            table = dict(zip(leaves, map(int, counts), strict=True))
            return cube_system("t", axes, table)


def cases() -> Iterator[Case]:
    for rows, columns, records, small, compact, notes in (
        (8, 5, 330, 3, True, "compact 3.3 s, cuts 0.19 s"),
        (12, 8, 900, 6, True, "compact 12.0 s, cuts 0.12 s"),
        (14, 10, 1000, 16, False, "compact over 60 s, cuts 0.89 s"),
        (30, 20, 7000, 25, False, "cuts 1.95 s"),
    ):
        system = random_table([axis("r", rows), axis("c", columns)], records, 7, small=small, k=3)
        yield Case(f"{rows} x {columns}", system, 3, notes, compact)
    regions = tuple((f"R{n}", tuple(f"r{i}" for i in range(3 * n, 3 * n + 3))) for n in range(3))
    place = CubeAxis(axis("r", 9).leaves, (*regions, ("all", ("R0", "R1", "R2"))))
    nature = CubeAxis(("a", "b", "c", "d"), (("deaths", ("a", "b", "c")), ("all", ("deaths", "d"))))
    for records in (60, 250, 1000, 3000):
        for k in (3, 5):
            system = random_table([place, nature, axis("y", 4)], records, 3, small=None, k=k)
            yield Case(f"linked, N {records}, k {k}", system, k, "heuristic 0.4 to 5.2 s")


def compact_cost(case: Case, *, seconds: float = 60) -> str:
    """The cost by one integer program with a witness table for each side of each small count."""
    system, size = case.system, len(case.system.counts)
    needs = needs_of(system, sorted(system.primaries(case.k)), case.k)
    sides = [(need, sign) for need in needs for sign in (1, -1)]
    ceiling = float(system.values.sum())
    width = size * (1 + len(sides))
    low, high = np.zeros(width), np.full(width, np.inf)
    high[:size] = [0.0 if c.exposure == "known" else 1.0 for c in system.counts]
    low[[need.place for need in needs]] = 1.0
    low[size:], high[size:] = -ceiling, ceiling
    for number, (need, sign) in enumerate(sides):
        at = size * (1 + number) + need.place
        low[at], high[at] = sorted((sign * need.distance(sign), sign * ceiling))
    zeros = csr_matrix((len(system.equations) * len(sides), size))
    adds = hstack([zeros, block_diag([system.matrix] * len(sides))])
    stacked = vstack([identity(size)] * len(sides))
    moves = identity(size * len(sides))
    lower = vstack([csr_matrix(np.diag(system.values))] * len(sides))
    found = milp(
        np.concatenate([[c.cost for c in system.counts], np.zeros(width - size)]),
        constraints=[
            LinearConstraint(adds, 0, 0),
            LinearConstraint(hstack([-ceiling * stacked, moves]), -np.inf, 0),
            LinearConstraint(hstack([lower, moves]), 0, np.inf),
        ],
        bounds=Bounds(low, high),
        integrality=np.concatenate([np.ones(size), np.zeros(width - size)]),
        options={"time_limit": seconds},
    )
    if found.status != 0:
        return f"not solved in {seconds:.0f} s"
    return f"{found.fun:.0f}"


def unpruned(case: Case) -> str:
    """Time and cost of the heuristic as the notes had it: nothing is printed again at the end."""
    with patch.object(augment, "_prune_pattern", lambda search: None):
        begun = time.perf_counter()
        pattern = suppress_counts(case.system, case.k)
        return f"unpruned: cost {pattern.cost}, {time.perf_counter() - begun:.1f} s"


def run_case(case: Case) -> bool:
    """Run one problem and print its line; True if nothing is exposed and the cost is right."""
    begun = time.perf_counter()
    pattern: SuppressionPattern = suppress_counts(case.system, case.k)
    elapsed = time.perf_counter() - begun
    begun = time.perf_counter()
    open_ = exposed_counts(case.system, pattern.withheld, sorted(pattern.primaries), k=case.k)
    audited = time.perf_counter() - begun
    line = (
        f"{case.name:20} {len(case.system.counts):4} counts {len(pattern.primaries):4} small"
        f" {len(pattern.withheld):4} withheld  cost {pattern.cost:5}  {elapsed:6.2f} s"
        f"  {pattern.method:12} audit {len(open_)} exposed, {audited:5.2f} s  notes: {case.notes}"
    )
    right = not open_
    if pattern.method == "augmentation":
        line += f"  {unpruned(case)}"
    if case.compact:
        begun = time.perf_counter()
        cost = compact_cost(case)
        line += f"  compact now: cost {cost}, {time.perf_counter() - begun:.1f} s"
        right &= cost == str(pattern.cost) or cost.startswith("not")
    print(line, flush=True)
    return right


if __name__ == "__main__":
    passed = [run_case(case) for case in cases()]
    sys.exit(0 if all(passed) else 1)
