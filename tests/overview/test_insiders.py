"""One who is the only one in a withheld number knows it, and must not learn another from it.

Expected: worked out by hand, by trying every table, and by the attacker of its own.
"""

import numpy as np
import pytest

from tests.overview.brute_force import seen_by_trying
from tests.overview.own_attacker import narrowed
from waymark.core.errors import UnprotectableCount
from waymark.overview.disclosure.engine import augment, cuts
from waymark.overview.disclosure.engine.cells import Count, CountSystem, adds_up
from waymark.overview.disclosure.engine.cube import CubeAxis, cube_system
from waymark.overview.disclosure.engine.suppress import suppress_counts

KINDS = {"a": 1, "b": 2, "c": 8, "d": 4}


def row(values=KINDS):
    counts = [Count(key, value) for key, value in values.items()]
    whole = Count("all", sum(values.values()), "known")
    return CountSystem((*counts, whole), (adds_up("all", values),))


def knowing(system, key):
    """The same as one sees it who knows a count."""
    counts = tuple(
        Count(one.key, one.value, "known") if one.key == key else one for one in system.counts
    )
    return CountSystem(counts, system.equations)


def test_a_one_beside_a_two_tells_the_two_to_whoever_is_the_one():
    """1 + 2 = 3: anybody else sees 0 to 3 of each."""
    pattern = suppress_counts(row(), 3)
    assert pattern.withheld == {"a", "b"}
    assert seen_by_trying(row(), pattern.withheld, limit=15)["b"] == (0, 3)
    assert seen_by_trying(knowing(row(), "a"), {"b"}, limit=15)["b"] == (2, 2)


def test_so_a_third_is_withheld():
    """1 + 2 + 4 = 7: whoever is the 1 sees 0 to 6 of the 2."""
    pattern = suppress_counts(row(), 3, insiders=True)
    assert pattern.withheld == {"a", "b", "d"}
    assert seen_by_trying(knowing(row(), "a"), {"b", "d"}, limit=15)["b"] == (0, 6)


def test_where_a_one_tells_all_there_is_no_pattern():
    system = cube_system(
        "t", [CubeAxis(("a", "b")), CubeAxis(("x", "y"))], {("a", "x"): 1, ("b", "y"): 2}
    )
    with pytest.raises(UnprotectableCount):
        suppress_counts(system, 3, insiders=True)


def test_of_a_total_and_its_part_one_who_is_both_learns_nothing_of_others():
    """The one in a is the one in half, too: to them both are 1, and to nobody else."""
    counts = [
        Count(key, value) for key, value in {"half": 1, "a": 1, "b": 0, "c": 9, "d": 5}.items()
    ]
    whole = Count("all", 15, "known")
    system = CountSystem(
        (*counts, whole), (adds_up("half", "ab"), adds_up("all", ("half", "c", "d")))
    )
    pattern = suppress_counts(system, 3, insiders=True)
    assert {"half", "a"} < pattern.withheld


def random_table(seed):
    lot = np.random.default_rng(seed)
    rows, columns = CubeAxis(tuple("abcd")), CubeAxis(tuple("xyz"))
    numbers = lot.choice([0, 1, 2, 4, 7, 12], 12, p=[0.1, 0.12, 0.12, 0.2, 0.26, 0.2])
    cells = zip([(r, c) for r in "abcd" for c in "xyz"], map(int, numbers), strict=True)
    return cube_system("t", [rows, columns], dict(cells))


def learnt(system, withheld, one):
    """What one who knows a count can work out of the other small numbers."""
    hidden = [key for key in withheld if key != one]
    printed = {c.key: (c.value, c.value) for c in system.counts if c.key not in hidden}
    small = [key for key in hidden if 1 < system.count(key).value < 3]
    lines = [(dict(equation.terms), equation.constant) for equation in system.equations]
    return narrowed(printed, hidden, lines, small, ceiling=200)


@pytest.mark.parametrize("heuristic", [False, True])
def test_in_tables_by_lot_nobody_learns_a_small_number_from_their_own(heuristic):
    asked = 0
    for seed in range(14):
        system = random_table(seed)
        try:
            withheld = _withheld(system, heuristic=heuristic)
        except (UnprotectableCount, LookupError):
            continue
        for one in (c.key for c in system.counts if c.value == 1 and c.key in withheld):
            for key, (low, high) in learnt(system, withheld, one).items():
                asked += 1
                assert low <= 1, (seed, one, key, low, high)
                assert high >= 3, (seed, one, key, low, high)
    assert asked >= 8


def _withheld(system, *, heuristic):
    if not heuristic:
        return suppress_counts(system, 3, insiders=True).withheld
    keys = sorted(system.primaries(3))
    problem = cuts.SuppressionProblem(
        system,
        3,
        cuts.needs_of(system, keys, 3),
        forced=np.array([count.key in keys for count in system.counts]),
        free=np.array([count.exposure != "known" for count in system.counts]),
        insiders=cuts.insiders_of(system, keys, 3),
    )
    pattern = augment.augmented_pattern(problem)
    return {count.key for count, out in zip(system.counts, pattern, strict=True) if out}
