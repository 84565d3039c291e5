"""The pattern is the cheapest there is: compared with every other pattern of small tables."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from waymark.core.errors import UnprotectableCount
from waymark.overview.disclosure.engine import audit
from waymark.overview.disclosure.engine.cells import CountSystem
from waymark.overview.disclosure.engine.cube import CubeAxis, cube_system
from waymark.overview.disclosure.engine.suppress import suppress_counts


def cheapest_by_trying(system: CountSystem, k: int) -> int | None:
    """The least cost of any pattern that passes the audit; None where there is none."""
    primaries = system.primaries(k)
    others = [c.key for c in system.counts if c.exposure != "known" and c.key not in primaries]
    best: int | None = None
    for size in range(len(others) + 1):
        for more in combinations(others, size):
            pattern = primaries | set(more)
            cost = sum(system.count(key).cost for key in pattern)
            if (best is None or cost < best) and not audit.exposed_counts(
                system, pattern, sorted(primaries), k=k
            ):
                best = cost
    return best


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=6, max_size=6), st.sampled_from([3, 5]))
def test_no_protecting_pattern_is_cheaper(counts, k):
    leaves = {(row, col): counts.pop() for row in ("a", "b") for col in ("x", "y", "z")}
    axes = [CubeAxis(("a", "b")), CubeAxis(("x", "y", "z"))]
    system = cube_system("t", axes, leaves, known=lambda cell: cell[0] == "all")
    best = cheapest_by_trying(system, k)
    try:
        found = suppress_counts(system, k)
    except UnprotectableCount:
        assert best is None
    else:
        assert found.cost == best
