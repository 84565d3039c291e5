"""What is withheld, what it costs, and that it holds: numbers of the notes on disclosure."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.overview.brute_force import seen_by_trying
from tests.shared import FACTS
from waymark.core.errors import RuleError, UnprotectableCount
from waymark.overview.disclosure.engine import audit, augment, cuts, suppress
from waymark.overview.disclosure.engine.cells import (
    Count,
    CountSystem,
    Equation,
    adds_up,
    at_most,
    complement_of,
    joined_systems,
)
from waymark.overview.disclosure.engine.cube import CubeAxis, cube_system
from waymark.overview.disclosure.engine.suppress import suppress_counts as protect

CLASSES = ("assault", "infant_death", "suicide", "other")
NATURE = CubeAxis(CLASSES, (("deaths", CLASSES[:3]), ("all", ("deaths", "other"))))
OUTCOME = CubeAxis(("died", "did_not"))
AGES = ("<1", "1-5", "6-10", "11-15", "16-17", "not recorded")
SIX_BANDS = ((7, 3), (3, 8), (1, 7), (3, 5), (4, 1), (0, 3))


def nature(*counts: int) -> CountSystem:
    """Reviews by nature of the incident; deaths and all are known."""
    return cube_system(
        "nature",
        [NATURE],
        {(name,): count for name, count in zip(CLASSES, counts, strict=True)},
        known=lambda cell: cell == ("deaths",),
    )


def by_outcome(rows: tuple[str, ...], counts: tuple[tuple[int, int], ...]) -> CountSystem:
    """Children by age and whether they died, with all margins."""
    leaves = {
        (row, column): value
        for row, pair in zip(rows, counts, strict=True)
        for column, value in zip(OUTCOME.leaves, pair, strict=True)
    }
    return cube_system("age", [CubeAxis(rows), OUTCOME], leaves)


def shown(system: CountSystem, withheld: frozenset[str], k: int) -> dict[str, str]:
    order = [count.key for count in system.counts if count.key in withheld]
    found = audit.audit_bounds(system, withheld, order, k=k)
    return {key.split(":")[-1]: str(found[key]) for key in order}


def test_nothing_is_withheld_where_every_count_is_large_enough():
    found = protect(nature(4, 6, 8, 6), 3)
    assert (found.withheld, found.cost, found.method) == (frozenset(), 0, "nothing to do")


def test_at_5_the_four_assaults_are_withheld_with_the_six_infant_deaths():
    found = protect(nature(4, 6, 8, 6), 5)
    assert found.primaries == {"nature:assault"}
    assert shown(found.system, found.withheld, 5) == {
        "assault": "[0, 10]",
        "infant_death": "[0, 10]",
    }
    assert found.cost == 5 + 7
    assert found.method == "cuts"


def test_zeros_are_printed_and_are_not_small():
    found = protect(nature(0, 10, 8, 6), 5)
    assert found.withheld == frozenset()


def test_a_total_costs_six_times_a_cell_of_its_size():
    system = by_outcome(("a", "b"), ((1, 9), (9, 9)))
    costs = {count.key: count.cost for count in system.counts}
    assert (costs["age:a|died"], costs["age:a|did_not"]) == (2, 10)
    assert costs["age:a|all"] == 6 * 11


def test_both_sides_go_where_one_side_of_a_known_whole_is_small():
    whole = Count("reviews", 24, "known")
    services = {"probation": 4, "social services": 20, "mental health": 5, "general practice": 19}
    parts = [complement_of(Count(name, value), whole) for name, value in services.items()]
    found = protect(joined_systems(parts), 5)
    printed = {name for name in services if name not in found.withheld}
    assert printed == {"mental health", "general practice"}
    assert found.intervals()["probation"] == audit.AuditBounds(0, 24)


def test_plain_counts_are_printed_small_but_withheld_where_others_need_them():
    counts = (Count("died", 3), Count("not recorded", 2, "plain"), Count("all", 5, "known"))
    found = protect(CountSystem(counts, (adds_up("all", ("died", "not recorded")),)), 4)
    assert (found.primaries, found.withheld) == ({"died"}, {"died", "not recorded"})


def test_a_count_among_known_ones_cannot_be_protected():
    counts = (Count("died", 2), Count("did not", 0), Count("year 2003", 2, "known"))
    system = CountSystem(counts, (adds_up("year 2003", ("died", "did not")),))
    with pytest.raises(UnprotectableCount, match="died cannot be protected"):
        protect(system, 3)


def test_logic_narrows_what_a_table_alone_would_not():
    """Every infant death is of a child under 1: seven such deaths leave at least 3 assaults."""
    infants = nature(4, 6, 8, 6).count("nature:infant_death")
    rule = at_most("other deaths under 1", infants, Count("died under 1", 7, "known"))
    hidden = ["nature:assault", "nature:infant_death"]
    alone, together = nature(4, 6, 8, 6), joined_systems([nature(4, 6, 8, 6), rule])
    assert str(audit.audit_bounds(alone, hidden, hidden)["nature:assault"]) == "[0, 10]"
    assert str(audit.audit_bounds(together, hidden, hidden)["nature:assault"]) == "[3, 10]"
    assert audit.exposed_counts(together, hidden, ["nature:assault"], k=5)


def test_the_engine_takes_such_a_rule_into_account():
    infants = nature(4, 6, 8, 6).count("nature:infant_death")
    rule = at_most("other deaths under 1", infants, Count("died under 1", 7, "known"))
    found = protect(joined_systems([nature(4, 6, 8, 6), rule]), 5)
    assert not audit.exposed_counts(found.system, found.withheld, sorted(found.primaries), k=5)
    assert "nature:suicide" in found.withheld


def test_a_pattern_that_only_fractions_allow_is_mended():
    """x + 2u = 5: in halves x may be 0, in whole numbers it is 1, 3 or 5. So w goes, not u."""
    counts = (Count("x", 1), Count("u", 2), Count("w", 4), Count("all", 9, "known"))
    system = CountSystem(counts, (Equation((("x", 1), ("u", 2), ("w", 1), ("all", -1))),))
    alone = audit.exposed_counts(system, ["x", "u"], ["x"], k=3)
    assert {key: str(one) for key, one in alone.items()} == {"x": "[1, 5]"}
    found = protect(system, 2)
    assert found.withheld == {"x", "w"}
    assert found.cost == 2 + 5
    assert found.intervals()["x"] == audit.AuditBounds(0, 5)


def with_plain_unknowns(system: CountSystem) -> CountSystem:
    """What is not recorded is nobody's secret: printed small, withheld only for others."""
    counts = tuple(
        replace(count, exposure="plain") if "not recorded" in count.key else count
        for count in system.counts
    )
    return CountSystem(counts, system.equations)


def test_at_3_six_age_bands_lose_four_cells_and_four_bands_none():
    six = protect(with_plain_unknowns(by_outcome(AGES, SIX_BANDS)), 3)
    assert shown(six.system, six.withheld, 3) == {
        "6-10|died": "[0, 5]",
        "6-10|did_not": "[3, 8]",
        "16-17|died": "[0, 5]",
        "16-17|did_not": "[0, 5]",
    }
    four = ((7, 3), (4, 15), (7, 6), (0, 3))
    rows = ("<1", "1-10", "11-17", "not recorded")
    assert protect(with_plain_unknowns(by_outcome(rows, four)), 3).withheld == frozenset()


@pytest.mark.parametrize("k", [3, 5])
@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("T03", nature(4, 6, 8, 6)),
        ("T05 six bands", with_plain_unknowns(by_outcome(AGES, SIX_BANDS))),
    ],
)
def test_no_pattern_costs_more_than_the_expected_one(name, system, k):
    path = FACTS / "suppression.json"
    expected = json.loads(path.read_text("utf-8"))[name][f"k{k}"]
    found = protect(system, k)
    assert found.cost <= sum(cell["value"] + 1 for cell in expected)
    assert len(found.primaries) == sum(cell["primary"] for cell in expected)


def test_the_heuristic_protects_as_well_and_costs_no_less():
    system = by_outcome(AGES[:5], SIX_BANDS[:5])
    best = protect(system, 5)
    keys = sorted(best.primaries)
    problem = cuts.SuppressionProblem(
        system,
        5,
        cuts.needs_of(system, keys, 5),
        forced=np.array([count.key in best.primaries for count in system.counts]),
        free=np.array([count.exposure != "known" for count in system.counts]),
    )
    pattern = augment.augmented_pattern(problem)
    withheld = {c.key for c, out in zip(system.counts, pattern, strict=True) if out}
    assert audit.exposed_counts(system, withheld, keys, k=5) == {}
    assert sum(system.count(key).cost for key in withheld) >= best.cost


def test_large_parts_go_to_the_heuristic(monkeypatch):
    monkeypatch.setattr(suppress, "MOST_CELLS", 5)
    monkeypatch.setattr(suppress, "MOST_PRIMARIES", 1)
    found = protect(by_outcome(AGES[:5], SIX_BANDS[:5]), 5)
    assert found.method == "augmentation"


def test_a_known_count_cannot_be_forced_out():
    with pytest.raises(RuleError, match="known to the attacker"):
        protect(nature(4, 6, 8, 6), 5, forced=["nature:deaths"])


def test_the_audit_names_a_small_count_that_is_printed():
    found = audit.exposed_counts(nature(4, 6, 8, 6), [], ["nature:assault"], k=5)
    assert found == {"nature:assault": audit.AuditBounds(4, 4)}


def test_the_audit_names_a_withheld_count_that_cannot_be_k():
    """2 and 1 of 3: each may be 0 to 3, which is enough at 3 and not at 4."""
    counts = (Count("a", 2), Count("b", 1), Count("all", 3, "known"))
    system = CountSystem(counts, (adds_up("all", ("a", "b")),))
    assert audit.exposed_counts(system, ["a", "b"], ["a", "b"], k=3) == {}
    found = audit.exposed_counts(system, ["a", "b"], ["a", "b"], k=4)
    assert found == {key: audit.AuditBounds(0, 3) for key in ("a", "b")}


def test_the_audit_names_a_withheld_count_that_cannot_be_0():
    """2 and 3 of 5, where the 3 is known to be 4 at most: the 2 is 1 at least."""
    counts = (Count("a", 2), Count("b", 3), Count("all", 5, "known"))
    table = CountSystem(counts, (adds_up("all", ("a", "b")),))
    system = joined_systems([table, at_most("rest", counts[1], Count("cap", 4, "known"))])
    found = audit.exposed_counts(system, ["a", "b"], ["a"], k=5)
    assert found == {"a": audit.AuditBounds(1, 5)}


def test_the_audit_agrees_with_trying_every_table():
    system = nature(4, 6, 8, 6)
    hidden = ["nature:assault", "nature:suicide"]
    tried = seen_by_trying(system, hidden, limit=24)
    found = audit.audit_bounds(system, hidden, hidden)
    assert {key: (one.least, one.most) for key, one in found.items()} == tried


def test_a_count_without_limit_is_told_so():
    counts = (Count("a", 2), Count("b", 3), Count("both", 5))
    system = CountSystem(counts, (adds_up("both", ("a", "b")),))
    assert str(audit.audit_bounds(system, ["a", "both"], ["both"])["both"]) == "[3, no limit]"


@pytest.mark.parametrize(
    ("counts", "equations", "fault"),
    [
        ((Count("a", 1), Count("a", 1)), (), "is twice"),
        ((Count("a", -1),), (), "never negative"),
        ((Count("a", 1),), (adds_up("b", ("a",)),), "not in the system"),
        ((Count("a", 1), Count("b", 2)), (adds_up("b", ("a",)),), "do not add up"),
    ],
)
def test_tables_that_contradict_themselves_are_refused(counts, equations, fault):
    with pytest.raises(RuleError, match=fault):
        CountSystem(counts, equations)


def test_one_count_with_two_values_is_refused():
    with pytest.raises(RuleError, match="is 1 in one table and 2 in another"):
        joined_systems([CountSystem((Count("a", 1),), ()), CountSystem((Count("a", 2),), ())])
