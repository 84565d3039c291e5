"""One fact grouped in two ways: what the difference would tell is protected like what is printed.

Expected: worked out by hand from the 24 reviews (assault 4, infant death 6, suicide or accident 8,
other 6) and the 45 children of the shared fixture.
"""

from dataclasses import replace

import pytest

from tests.overview.rows import fixture_rows, framework, spec
from tests.overview.test_ledger import with_more
from waymark.core.errors import RuleError, TablesNotShown
from waymark.overview.disclosure.engine.cells import joined_systems
from waymark.overview.disclosure.engine.history_file import to_bytes
from waymark.overview.disclosure.protect import ReleaseProtection, protect_release
from waymark.overview.disclosure.regrouping import derived_counts
from waymark.overview.disclosure.release_history import past_of
from waymark.overview.disclosure.release_plan import plan_of

HEAD = """\
overview: grouped
title: Grouped
subtitle: In two ways
framework: cr-core 1.0.0
place: Nowhere
period: 2003 to 2008
select: {collection: demo}
disclosure: {profile: k5, controller: One, reason: Small., decided: 2026-01-12}
tables:
"""
BLOCK = """\
  - id: %s
    kind: crosstab
    title: Grouped
    blocks:
      - id: only
        title: Grouped
        unit: %s
        base: all
        all_label: All
        rows: %s
"""
NATURE = BLOCK % ("T3", "review", "{variable: nature}")


def table(name, unit, rows, *more):
    return BLOCK % (name, unit, rows) + "".join(f"        {one}\n" for one in more)


def grouped(name, *groups):
    listed = [f"{{id: g{n}, label: G{n}, values: [{one}]}}" for n, one in enumerate(groups)]
    return table(name, "review", f"{{variable: nature, groups: [{', '.join(listed)}]}}")


def aged(name, *bands, columns=()):
    listed = [
        f"{{id: b{n}, label: B{n}, from: {low}{f', to: {high}' if high else ''}}}"
        for n, (low, high) in enumerate(bands)
    ]
    return table(name, "child", f"{{variable: age, bands: [{', '.join(listed)}]}}", *columns)


def protected(*tables, profile="k5", earlier=()) -> ReleaseProtection:
    source = HEAD + "".join(tables)
    rows = fixture_rows(source)
    past = past_of(rows, earlier, keep=False)
    return protect_release(plan_of(rows, spec(source), framework()), profile=profile, past=past)


def shown(made, name):
    found = {one.table.id: one.table for one in made.tables}[name]
    return {row.id: row.cells[0].mark or row.cells[0].value for row in found.rows}


def guarded(k: int) -> frozenset[str]:
    """What is protected although no table prints it, of two tables that group natures otherwise."""
    source = HEAD + grouped("T20", "assault, suicide_or_accident", "infant_death, other")
    source += grouped("T21", "suicide_or_accident", "assault, infant_death, other")
    plan = plan_of(fixture_rows(source), spec(source), framework())
    system = joined_systems([ladder.steps[0].system for ladder in plan.ladders])
    return derived_counts(plan.facts, system, (), k=k, process=frozenset()).guarded


def test_a_part_that_no_table_prints_is_protected_below_the_threshold_and_not_at_it():
    """12 assaults and suicides less 8 suicides are 4 assaults; the others are 8 and 12."""
    assert set(guarded(4)) == set()
    assert set(guarded(5)) == {"review: nature is assault"}


TWO_KINDS = ("assault, suicide_or_accident", "infant_death, other")


def test_a_group_less_what_another_table_prints_of_it_is_no_way_to_a_small_number():
    """12 assaults and suicides, less 8 suicides, would be the 4 assaults."""
    made = protected(NATURE, grouped("T20", *TWO_KINDS))
    there, groups = shown(made, "T3"), shown(made, "T20")
    assert there["assault"] == "[c]"
    assert "[c]" in {there["suicide_or_accident"], groups["g0"]}


def test_the_same_holds_for_a_group_that_another_edition_printed():
    first = protected(grouped("T20", *TWO_KINDS))
    assert shown(first, "T20") == {"g0": 12, "g1": 12, "all": 24}
    second = protected(NATURE, earlier=[to_bytes(replace(first.entry, name="edition 1"))])
    assert shown(second, "T3") | {"assault": "[c]", "suicide_or_accident": "[c]"} == shown(
        second, "T3"
    )


def test_what_follows_of_reviews_that_came_from_three_groups_is_protected():
    """6 infant deaths of 24 were printed. Of 39 reviews, 15 are of assault or infant death and 6
    are told apart as assault: 9 infant deaths, so that 3 of the 15 that came would be known.
    """
    before = grouped("T20", "infant_death", "other", "assault, suicide_or_accident")
    first = protected(before)
    assert shown(first, "T20") == {"g0": 6, "g1": 6, "g2": 12, "all": 24}
    source = HEAD + grouped("T21", "assault", "infant_death, suicide_or_accident, other")
    source += grouped("T22", "assault, infant_death", "suicide_or_accident, other")
    came = ["assault"] * 5 + ["infant_death"] * 3 + ["suicide_or_accident"] * 7
    rows = with_more(fixture_rows(source), **{f"N{n}": one for n, one in enumerate(came)})
    earlier = [to_bytes(replace(first.entry, name="edition 1"))]
    past = past_of(rows, earlier, keep=False)
    with pytest.raises(TablesNotShown, match="T22 cannot be shown in this release"):
        protect_release(plan_of(rows, spec(source), framework()), profile="k5", past=past)


def test_what_lies_between_two_bands_is_protected_though_no_table_prints_it():
    """The fixture's 10 children under 1 are 5 months old, those of 1 to 5 are 30 months old.

    So 0-35 are 21, and of the 11 between 3 died. Less the 7 infants of the 10 who died are 3.
    """
    groups = "[{id: died, label: Died, deaths: true}, {id: others, label: Others, rest: true}]"
    fate = (f"columns: {{variable: outcome, groups: {groups}}}",)
    older = aged("T22", (0, 35), (36, None), columns=fate)
    alone = protected(older)
    cells = {
        row.id: [one.mark or one.value for one in row.cells] for row in alone.tables[0].table.rows
    }
    assert cells["b0"] == [10, 11, 21]
    with pytest.raises(RuleError, match=r"^T2[12] "):
        protected(aged("T21", (0, 11), (12, None), columns=fate), older, profile="k5")


def test_two_groupings_that_tell_no_kind_apart_both_stand():
    """a + s = 12, a + i = 10: a may still be anything from 0 to 10."""
    made = protected(
        grouped("T20", *TWO_KINDS),
        grouped("T21", "assault, infant_death", "suicide_or_accident, other"),
    )
    assert shown(made, "T20") == {"g0": 12, "g1": 12, "all": 24}
    assert shown(made, "T21") == {"g0": 10, "g1": 14, "all": 24}


def test_some_children_less_than_all_are_not_told_by_two_tables():
    """Of the children on the register 5 are subjects: were others few, all less these are they."""
    all_children = table("T20", "child", "{variable: sex}")
    subjects = table(
        "T21", "child", "{variable: sex}", "where: {variable: role, values: [subject]}"
    )
    made = protected(all_children, subjects)
    rows = fixture_rows()
    role = {(r.review, r.child): r.value for r in rows.judgements if r.variable == "role"}
    sex = {(r.review, r.child): r.value for r in rows.judgements if r.variable == "sex"}
    for one in ("female", "male"):
        others = sum(sex[child] == one and role[child] != "subject" for child in role)
        both = {shown(made, name)[one] for name in ("T20", "T21")}
        assert others >= 5 or "[c]" in both


def test_numbers_outside_two_sets_of_bands_are_two_numbers():
    """Outside 0-11 are 32 children, outside 0-35 are 21."""
    made = protected(aged("T21", (0, 11)), profile="k3")
    assert shown(made, "T21")["outside"] == 32
    made = protected(aged("T21", (0, 11)), aged("T22", (0, 35)), profile="k3")
    assert shown(made, "T22")["outside"] == 21


def test_rounding_knows_of_both_groupings():
    made = protected(NATURE, grouped("T20", *TWO_KINDS), profile="r5")
    assert shown(made, "T20")["all"] == 25
