"""Whatever the tables: linked ones, hierarchies, rounding, the heuristic, and one release after
another. An attacker with a program of its own never finds a small count.
"""

from itertools import product
from unittest.mock import patch

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.overview.brute_force import seen_by_trying
from tests.overview.own_attacker import Line, narrowed
from tests.overview.test_protection_random import boxes, flat_tables
from waymark.core.errors import RuleError, UnprotectableCount
from waymark.overview.disclosure.engine import suppress as engine
from waymark.overview.disclosure.engine.cells import CountSystem, Equation, joined_systems
from waymark.overview.disclosure.engine.cube import CubeAxis, cube_system
from waymark.overview.disclosure.engine.history import ReleaseLedgerEntry
from waymark.overview.disclosure.engine.recode import RecodeLadder, RecodeStep
from waymark.overview.disclosure.engine.release import EarlierReleases, suppressed_release
from waymark.overview.disclosure.engine.rounding import round_counts
from waymark.overview.disclosure.engine.suppress import suppress_counts

MOST_TO_TRY = 8
THRESHOLDS = st.sampled_from([2, 3, 5])


def lines(system: CountSystem) -> list[Line]:
    return [(dict(one.terms), one.constant) for one in system.equations]


def seen(system: CountSystem, withheld, k: int) -> dict[str, tuple[int, int]]:
    """What can be worked out of each small count."""
    printed = {c.key: (c.value, c.value) for c in system.counts if c.key not in withheld}
    ceiling = sum(count.value for count in system.counts) + k
    small = sorted(system.primaries(k))
    return narrowed(printed, withheld, lines(system), small, ceiling=ceiling)


def exposed(found: dict[str, tuple[int, int]], k: int) -> dict[str, tuple[int, int]]:
    return {key: ends for key, ends in found.items() if ends[0] > 0 or ends[1] < k}


@settings(max_examples=15, deadline=None)
@given(boxes(), THRESHOLDS)
def test_nothing_small_of_a_box_is_found_by_another_program(system, k):
    try:
        found = suppress_counts(system, k)
    except UnprotectableCount:
        return
    assert exposed(seen(system, found.withheld, k), k) == {}


@settings(max_examples=20, deadline=None)
@given(flat_tables(most=6), THRESHOLDS)
def test_nothing_small_is_found_where_the_heuristic_chose(system, k):
    with patch.object(engine, "MOST_CELLS", 0), patch.object(engine, "MOST_PRIMARIES", 0):
        try:
            found = suppress_counts(system, k)
        except UnprotectableCount:
            return
    assert found.method in {"augmentation", "nothing to do"}
    assert exposed(seen(system, found.withheld, k), k) == {}
    if len(found.withheld) <= MOST_TO_TRY:
        limit = max(count.value for count in system.counts) + k
        tried = seen_by_trying(system, found.withheld, limit=limit)
        assert exposed({key: tried[key] for key in found.primaries}, k) == {}


@st.composite
def linked_tables(draw: st.DrawFn) -> CountSystem:
    """Children by age and fate, and by sex and fate: the totals by fate are the same counts."""
    ages, sexes, fates = ("a1", "a2", "a3"), ("f", "m", "u"), ("died", "lives")
    children = draw(
        st.lists(
            st.tuples(st.sampled_from(ages), st.sampled_from(sexes), st.sampled_from(fates)),
            min_size=4,
            max_size=30,
        )
    )
    made = []
    for name, values, place in (("age", ages, 0), ("sex", sexes, 1)):
        counts = {
            (value, fate): sum(one[place] == value and one[2] == fate for one in children)
            for value, fate in product(values, fates)
        }
        made.append(cube_system(name, [CubeAxis(values), CubeAxis(fates)], counts))
    tied = [Equation(((f"age:all|{one}", 1), (f"sex:all|{one}", -1))) for one in (*fates, "all")]
    both = joined_systems(made)
    return CountSystem(both.counts, (*both.equations, *tied))


@settings(max_examples=15, deadline=None)
@given(linked_tables(), THRESHOLDS)
def test_nothing_small_of_two_tables_that_share_totals_is_found(system, k):
    try:
        found = suppress_counts(system, k)
    except UnprotectableCount:
        return
    assert exposed(seen(system, found.withheld, k), k) == {}


@settings(max_examples=20, deadline=None)
@given(flat_tables(most=12), st.sampled_from([3, 5]))
def test_a_small_count_that_is_rounded_can_have_as_many_values_as_the_base(system, base):
    try:
        made = round_counts(system, base)
    except UnprotectableCount:
        return
    printed = {}
    for count in system.counts:
        number = made.printed[count.key]
        known = count.exposure == "known"
        ends = (max(0, number - made.within), number + made.within)
        printed[count.key] = (count.value, count.value) if known else ends
    small = sorted(system.primaries(base))
    found = narrowed(printed, [], lines(system), small, ceiling=100)
    assert all(most - least + 1 >= base for least, most in found.values())


@st.composite
def two_releases(draw: st.DrawFn) -> tuple[dict[str, int], dict[str, int]]:
    """Reviews by class, then the same with further ones."""
    classes = ("a", "b", "c", "d")
    first = {one: draw(st.integers(0, 9)) for one in classes}
    more = {one: draw(st.integers(0, 6)) for one in classes}
    assume(sum(first.values()) > 0)
    return first, {one: first[one] + more[one] for one in classes}


def by_class(counts: dict[str, int]) -> CountSystem:
    return cube_system(
        "n", [CubeAxis(tuple(counts))], {(one,): number for one, number in counts.items()}
    )


def reviews(number: int) -> dict[str, str]:
    return {f"R{n}": "as it was" for n in range(number)}


def kept(name: str, counts: dict[str, int], withheld: frozenset[str], k: int) -> ReleaseLedgerEntry:
    return ReleaseLedgerEntry(name, by_class(counts), withheld, reviews(sum(counts.values())), k)


@settings(max_examples=25, deadline=None)
@given(two_releases(), st.sampled_from([3, 5]), st.booleans())
def test_nothing_small_of_either_release_is_found_with_both(releases, k, keep):
    first, second = releases
    try:
        before = suppress_counts(by_class(first), k).withheld
        past = EarlierReleases(
            (kept("first", first, before, k),), reviews(sum(second.values())), keep=keep
        )
        system = by_class(second)
        parts = frozenset(count.key for count in system.counts if count.exposure == "sensitive")
        ladder = RecodeLadder("T", (RecodeStep("as it is", system, parts),))
        now = suppressed_release([ladder], k, past=past).pattern.withheld
    except RuleError:  # refused, as UnprotectableCount is, too
        return
    assert exposed(seen_in_both(first, second, before, now, k), k) == {}


def seen_in_both(first, second, before, now, k):
    """Whoever keeps both knows: a class grew by those who came, nobody left."""
    printed, hidden, known = {}, [], []
    for name, counts, withheld in (("1", first, before), ("2", second, now)):
        system = by_class(counts)
        for count in system.counts:
            if count.key in withheld:
                hidden.append(f"{name}/{count.key}")
            else:
                printed[f"{name}/{count.key}"] = (count.value, count.value)
        for terms, total in lines(system):
            known.append(({f"{name}/{key}": factor for key, factor in terms.items()}, total))
    for count in by_class(first).counts:
        came = f"came/{count.key}"
        hidden.append(came)
        known.append(({f"2/{count.key}": 1, f"1/{count.key}": -1, came: -1}, 0))
    wanted = [f"1/{key}" for key in sorted(by_class(first).primaries(k))]
    wanted += [f"2/{key}" for key in sorted(by_class(second).primaries(k))]
    return narrowed(printed, hidden, known, wanted, ceiling=sum(second.values()) + k)


def test_the_attacker_finds_what_a_second_release_in_full_gives_away():
    first, second = {"a": 4, "b": 6, "c": 8, "d": 6}, {"a": 5, "b": 6, "c": 9, "d": 6}
    before = frozenset({"n:a", "n:b"})
    found = seen_in_both(first, second, before, frozenset(), 5)
    assert found == {"1/n:a": (4, 5)}
    assert seen_in_both(first, second, before, before, 5)["1/n:a"] == (0, 10)
