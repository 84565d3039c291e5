"""What can be shown of an overview is shown; what cannot is named with the reason and its place."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.overview.rows import DEMO_SPEC, fixture_rows, framework, spec
from tests.overview.test_ledger import two_more
from waymark.core.errors import RuleError, TablesNotShown
from waymark.overview.disclosure.engine.history_file import from_bytes, to_bytes
from waymark.overview.disclosure.release_history import open_entry, past_of
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.releases.partial_release import PartialRelease, make_partial_release
from waymark.overview.releases.release import Provenance, Release, make_release
from waymark.overview.tables.export import table_json

PROVENANCE = Provenance(1, datetime(2026, 1, 12, tzinfo=UTC), "0" * 64, "0", "0" * 64)
FINE = DEMO_SPEC.replace(
    "          - {label: totals of ages and of deaths alone, totals: true}\n", ""
)
"""Ages by outcome without their last resort: under k5 table 5 would lose more than half."""


def showable(source=FINE, *, rows=None, profile="k5", only="", earlier=()) -> PartialRelease:
    return make_partial_release(
        rows or fixture_rows(source),
        spec(source),
        framework(),
        profile=profile,
        provenance=PROVENANCE,
        earlier=earlier,
        only=only,
    )


def printed(release: Release) -> str:
    return json.dumps([table_json(one) for one in release.tables])


def test_one_table_that_cannot_be_protected_does_not_hide_the_others():
    made = showable()
    shown = [one.table.id for one in made.release.tables]
    assert shown == [f"T{n}" for n in range(1, 19) if n != 5]
    assert [one.id for one in made.release.spec.tables] == shown
    table = next(one for one in made.left_out if one.table)
    assert (table.name, table.at, table.table) == (
        "Table 5, Children by age and whether they died",
        ("tables", 4),
        "T5",
    )
    assert "under 5 could be worked out" in table.reason
    assert "Leave it out, or add a less detailed version." in table.reason


def test_the_rest_prints_what_a_spec_without_that_table_would():
    read = spec(FINE)
    without = read.model_copy(
        update={
            "tables": tuple(one for one in read.tables if one.id != "T5"),
            "figures": (),
            "logic": (),
        }
    )
    alone = make_release(
        fixture_rows(FINE), without, framework(), profile="k5", provenance=PROVENANCE
    )
    assert printed(showable().release) == printed(alone)


def test_what_is_not_shown_stands_in_no_figure_and_no_text():
    made = showable()
    assert "T5" not in {figure.table for figure in made.release.figures}
    assert not [one for one in made.release.spec.points if "{T5/" in one]
    assert "{T5/" in "".join(spec(FINE).points)
    (point,) = [one for one in made.left_out if one.name.startswith("Main point")]
    assert point.reason == "It refers to a number in table 5, which is not shown."
    number = next(at for at, one in enumerate(spec(FINE).points) if "{T5/" in one)
    assert point.at == ("points", number)


def test_a_rule_of_logic_about_a_table_left_out_still_binds():
    """Every infant death is a child under 1 who died: readers know it, shown or not."""
    rows = fixture_rows(FINE)
    kept = plan_of(rows, spec(FINE), framework(), leaving_out={"T5"})
    rules = [
        equation
        for system in kept.links
        for equation in system.equations
        if any(key.startswith("rule 1:") for key, _ in equation.terms)
    ]
    assert rules


def test_what_is_given_out_is_still_refused_whole():
    with pytest.raises(TablesNotShown, match="T5 would lose more than half of its cells at 5"):
        make_release(
            fixture_rows(FINE), spec(FINE), framework(), profile="k5", provenance=PROVENANCE
        )


def test_where_everything_can_be_shown_nothing_is_left_out():
    made = showable(DEMO_SPEC)
    whole = make_release(fixture_rows(), spec(), framework(), profile="k5", provenance=PROVENANCE)
    assert made.left_out == ()
    assert made.release == whole


def only(*ids: str):
    read = spec()
    tables = tuple(one for one in read.tables if one.id in ids)
    empty = dict.fromkeys(("figures", "logic", "points", "about"), ())
    return read.model_copy(update={"tables": tables, **empty})


def some(read, *, rows=None, earlier=()) -> PartialRelease:
    return make_partial_release(
        rows or fixture_rows(),
        read,
        framework(),
        profile="k5",
        provenance=PROVENANCE,
        earlier=earlier,
    )


def printed_before(*ids: str) -> bytes:
    """The ledger entry of an edition under open: every count of these tables was printed."""
    rows = fixture_rows()
    plan = plan_of(rows, only(*ids), framework())
    return to_bytes(open_entry(plan, "edition 1", past_of(rows, (), keep=False)))


def test_a_table_that_earlier_editions_undo_is_left_out_and_the_others_protected_with_them():
    made = some(only("T3", "T6"), earlier=[printed_before("T3")])
    assert [one.table.id for one in made.release.tables] == ["T6"]
    (left,) = made.left_out
    assert left.name == "Table 3, Nature of the incident"
    assert "other tables and earlier editions" in left.reason


def test_where_no_table_can_be_shown_all_reasons_are_told():
    with pytest.raises(RuleError, match=r"no table can be shown\. T3: Because of the numbers"):
        some(only("T3"), earlier=[printed_before("T3")])


def withheld_before(*ids: str) -> bytes:
    made = make_release(
        fixture_rows(), only(*ids), framework(), profile="k5", provenance=PROVENANCE
    )
    return to_bytes(replace(made.entry, name="edition 1"))


def test_a_release_that_differs_by_very_few_reviews_is_refused_whole():
    """No table is to blame: each difference would be about two reviews."""
    with pytest.raises(RuleError, match="only 2 records differ from edition 1, fewer than 5"):
        some(only("T1", "T3", "T10"), rows=two_more(), earlier=[withheld_before("T3")])


def test_where_no_table_can_be_named_nothing_is_shown():
    """An edition that withheld the 4 assaults alone gives them away: 18 deaths less 6 and 8."""
    whole = from_bytes(withheld_before("T3"))
    assault = min(whole.withheld, key=lambda key: whole.system.count(key).value)
    assert (len(whole.withheld), whole.system.count(assault).value) == (2, 4)
    alone = replace(whole, withheld=frozenset({assault}))
    with pytest.raises(RuleError, match="No single table is the cause"):
        some(only("T6"), earlier=[to_bytes(alone)])


# ---- figures and texts ----


def test_a_figure_of_a_column_that_the_profile_does_not_print_is_left_out_alone():
    source = DEMO_SPEC.replace(
        "{id: F2, kind: columns, table: T2, column: n,",
        "{id: F2, kind: columns, table: T2, column: not_recorded,",
    )
    assert source != DEMO_SPEC
    made = showable(source)
    assert len(made.release.tables) == 18
    assert "F2" not in {one.id for one in made.release.figures}
    assert "F2" not in {one.id for one in made.release.spec.figures}
    (left,) = made.left_out
    assert left.name.startswith("Figure 2, ")
    assert left.reason == (
        "T2 has no column not_recorded under k5: choose another column for the figure."
    )


def test_one_table_under_open_needs_no_other_and_tells_only_of_its_own_lead():
    source = DEMO_SPEC.replace(
        "    title: Nature of the incident\n",
        "    title: Nature of the incident\n"
        '    intro: "Of {T1/coded/n}, and {T5/outside/n} of others."\n',
        1,
    )
    made = showable(source, profile="open", only="T3")
    assert [one.table.id for one in made.release.tables] == ["T1", "T3", "T5"]
    (left,) = made.left_out
    assert left.name == "The lead of table 3"
    assert "{T5/outside/n}, which table 5 does not have under open" in left.reason
    (lead,) = [one.intro for one in made.release.spec.tables if one.id == "T3"]
    assert lead == ""
