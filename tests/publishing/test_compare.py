"""Two overviews side by side: a difference where it means something, the reason where not."""

import itertools
from dataclasses import replace

import pytest
from defusedxml import ElementTree as ET
from hypothesis import given
from hypothesis import strategies as st

from tests.overview.small import FRAMEWORK, SPEC, SPEC_YAML, judged
from tests.publishing.small_release import PROVENANCE, small_release
from waymark.overview.releases.release import Release, make_release
from waymark.overview.snapshot.rows import ReviewRow, freeze_rows
from waymark.overview.spec.check import checked_overview
from waymark.publishing.comparison.compare import ComparedTable, ReleaseComparison, compare_releases
from waymark.publishing.comparison.differences import differing_rows
from waymark.publishing.comparison.export import comparison_json, comparison_text

FIRST = {"fire": 15, "fall": 3, "harm": 5, "unknown": 1}
SECOND = {"fire": 10, "fall": 4, "harm": 6}
"""24 and 20 reviews by cause: 15 of 24 are 62.5%, 10 of 20 are 50%."""


def release(
    causes: dict[str, int],
    *,
    profile: str = "open",
    letter: str = "B",
    old: str = "",
    new: str = "",
) -> Release:
    """A release of the small spec over made-up reviews with these causes."""
    texts = [cause for cause, number in causes.items() for _ in range(number)]
    names = [f"{letter}{number}" for number in range(1, len(texts) + 1)]
    rows = freeze_rows(
        framework="adult-core 2.0.0",
        framework_sha256="f" * 64,
        spec=SPEC_YAML,
        reviews=[ReviewRow(name, f"Review {name}", True, True) for name in names],
        children=[],
        judgements=[judged(name, "cause", cause) for name, cause in zip(names, texts, strict=True)],
        codes=[],
        double_coded=[],
        recommendations=[],
    )
    spec = checked_overview(SPEC_YAML.replace(old, new, 1), FRAMEWORK, file="small.yaml")
    return make_release(rows, spec, FRAMEWORK, profile=profile, provenance=PROVENANCE)


def causes(comparison: ReleaseComparison) -> ComparedTable:
    (table,) = [one for one in comparison.tables if one.title == "Cause" and one.column == ""]
    return table


def row(comparison: ReleaseComparison, label: str):
    return {one.label: one for one in causes(comparison).rows}[label]


def test_both_shares_their_difference_and_both_together_stand_in_one_row() -> None:
    fire = row(compare_releases(release(FIRST), release(SECOND), "apart"), "Fire")
    assert (fire.first.with_share, fire.second.with_share) == ("15 of 24 (63%)", "10 of 20 (50%)")
    assert fire.pooled.with_share == "25 of 44 (57%)"


def test_a_difference_is_of_unrounded_shares_and_the_same_the_other_way_round() -> None:
    there = row(compare_releases(release(FIRST), release(SECOND), "apart"), "Fire")
    back = row(compare_releases(release(SECOND), release(FIRST), "apart"), "Fire")
    # 50 - 62.5 = -12.5: away from nought either way, where printed shares would give 13 by chance.
    assert (there.signed, back.signed) == ("\N{MINUS SIGN}13", "+13")
    # Harm: 5 of 24 = 20.83% (printed 21), 6 of 20 = 30%: 9.17, not the 9 of printed shares alone.
    assert row(compare_releases(release(FIRST), release(SECOND), "apart"), "Harm").signed == "+9"


def test_no_difference_is_given_on_a_base_under_20_and_the_reason_names_the_side() -> None:
    comparison = compare_releases(release(FIRST), release({"fire": 19}), "apart")
    fire = row(comparison, "Fire")
    assert (fire.signed, fire.reason) == ("", "The base of the second is 19, under 20.")
    assert fire.second.with_share == "19 of 19"
    assert fire.pooled.with_share == "34 of 43 (79%)"


@pytest.mark.parametrize(
    ("relation", "reason"),
    [("same", "Both count the same reviews"), ("overlapping", "Some reviews are counted in both")],
)
def test_reviews_counted_twice_are_neither_set_against_each_other_nor_added_up(
    relation, reason
) -> None:
    comparison = compare_releases(release(FIRST), release(SECOND), relation)
    assert comparison.reason.startswith(reason)
    assert all(one.reason == comparison.reason for one in comparison.tables)
    for one in itertools.chain.from_iterable(table.rows for table in comparison.tables):
        assert (one.signed, one.pooled) == ("", None)


def test_a_series_breaks_where_the_framework_changes() -> None:
    other = release(SECOND)
    other = replace(other, spec=other.spec.model_copy(update={"framework": "adult-core 3.0.0"}))
    comparison = compare_releases(release(FIRST), other, "apart")
    assert "adult-core 2.0.0 and the second with adult-core 3.0.0" in comparison.reason
    fire = row(comparison, "Fire")
    assert (fire.first.with_share, fire.second.with_share) == ("15 of 24 (63%)", "10 of 20 (50%)")
    assert (fire.signed, fire.pooled) == ("", None)


def test_no_line_joins_the_dots_across_a_break() -> None:
    """Guides go up and down; what joins two dots goes along a row."""

    def joining(comparison: ReleaseComparison) -> int:
        drawing = ET.fromstring(causes(comparison).figure.svg)
        lines = drawing.iter("{http://www.w3.org/2000/svg}line")
        return sum(line.attrib["y1"] == line.attrib["y2"] for line in lines)

    other = release(SECOND)
    broken = replace(other, spec=other.spec.model_copy(update={"framework": "adult-core 3.0.0"}))
    # Fire, fall and harm differ, as do the deaths; "not known" is 4% and 0%: all rows of parts.
    assert joining(compare_releases(release(FIRST), other, "apart")) > 0
    assert joining(compare_releases(release(FIRST), broken, "apart")) == 0


def test_a_drawing_says_which_dots_are_the_first_s() -> None:
    """Both sides may be of one place and period."""
    drawing = ET.fromstring(
        causes(compare_releases(release(FIRST), release(SECOND), "apart")).figure.svg
    )
    texts = [one.text for one in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:2] == ["First: Nowhere, 2001 to 2003", "Second: Nowhere, 2001 to 2003"]


def test_what_one_side_withholds_is_worked_out_from_nothing() -> None:
    comparison = compare_releases(
        release(FIRST, profile="k5"), release(SECOND, letter="C"), "apart"
    )
    withheld = [one for one in causes(comparison).rows if one.first and one.first.text == "[c]"]
    assert withheld
    for one in withheld:
        assert (one.signed, one.pooled) == ("", None)
        assert one.reason == "Not shown in the first: [c]."
        assert one.first.base is None or one.first.percent is None


def test_rounded_numbers_are_shown_and_not_set_against_each_other() -> None:
    comparison = compare_releases(release(FIRST, profile="r5"), release(SECOND), "apart")
    assert comparison.reason.startswith("Numbers are rounded")
    assert row(comparison, "Fire").pooled is None


def test_a_row_of_one_side_alone_says_so() -> None:
    other = release(
        SECOND,
        old="subtotals: [{id: deaths, label: Deaths, deaths: true}]",
        new="groups: [{id: deaths, label: D, deaths: true}]",
    )
    comparison = compare_releases(release(FIRST), other, "apart")
    assert row(comparison, "Deaths").reason == "The second has no such row."
    assert row(comparison, "D").reason == "The first has no such row."


def test_a_table_of_one_side_alone_is_listed() -> None:
    other = release(SECOND, old="  - {id: T7, kind: contacts, title: Services, group: agencies}\n")
    assert compare_releases(release(FIRST), other, "apart").missing == ("Services (first only)",)
    assert compare_releases(other, release(FIRST), "apart").missing == ("Services (second only)",)


def test_a_table_under_a_condition_is_set_only_against_one_under_the_same() -> None:
    old = "  - {id: T7, kind: contacts, title: Services, group: agencies}\n"
    fires, deaths = (
        {
            "old": old,
            "new": old.replace("}", f", where: {{variable: cause, values: [{values}]}}}}"),
        }
        for values in ("fire", "fall, fire")
    )
    apart = compare_releases(release(FIRST), release(SECOND, **fires), "apart")
    assert apart.missing == ("Services (first only)", "Services (second only)")
    others = compare_releases(release(FIRST, **deaths), release(SECOND, **fires), "apart")
    assert others.missing == ("Services (first only)", "Services (second only)")
    same = {**deaths, "new": deaths["new"].replace("fall, fire", "fire, fall")}
    comparison = compare_releases(release(FIRST, **deaths), release(SECOND, **same), "apart")
    assert comparison.missing == ()
    (services,) = [one for one in comparison.tables if one.title == "Services"]
    assert services.rows[0].first.with_share == "0 of 18"


def test_how_reviews_reached_the_analysis_stands_side_by_side() -> None:
    comparison = compare_releases(release(FIRST), release(SECOND), "apart")
    (flow,) = [one for one in comparison.tables if one.title == "Flow"]
    coded = {one.label: one for one in flow.rows}["Read and coded"]
    assert (coded.first.with_share, coded.second.with_share) == (
        "24 of 24 (100%)",
        "20 of 20 (100%)",
    )


def test_how_far_coders_agreed_is_not_compared() -> None:
    comparison = compare_releases(release(FIRST), release(SECOND), "apart")
    assert "Agreement" not in {one.title for one in comparison.tables}
    assert comparison.missing == ()
    assert SPEC.tables[-1].title == "Agreement"


@given(st.tuples(*[st.integers(0, 30)] * 3), st.tuples(*[st.integers(0, 30)] * 3))
def test_what_is_pooled_is_what_one_overview_of_all_reviews_would_print(first, second) -> None:
    kinds = ("fire", "fall", "harm")
    one, other = dict(zip(kinds, first, strict=True)), dict(zip(kinds, second, strict=True))
    both = {kind: one[kind] + other[kind] for kind in kinds}
    if not (sum(first) and sum(second)):
        return
    comparison = compare_releases(release(one), release(other, letter="C"), "apart")
    whole = release(both).table("T3").table
    for table in causes(comparison).rows:
        (expected,) = [line for line in whole.rows if line.label == table.label]
        assert table.pooled.value == expected.cells[0].value
        printed = expected.cells[1].shown
        assert ("[x]" if table.pooled.percent is None else str(table.pooled.percent)) == printed


# ---- what is counted ----


def units(comparison: ReleaseComparison) -> dict[tuple[str, str, str], str]:
    """Table, column and group -> what its rows count."""
    return {
        (table.first, table.column, row.group): row.unit
        for table in comparison.tables
        for row in table.rows
    }


def test_every_table_column_and_block_says_what_it_counts() -> None:
    comparison = compare_releases(small_release(), small_release(), "same")
    assert units(comparison) == {
        ("T1", "", ""): "review",
        **{("T2", column, ""): "review" for column in ("Death", "Other", "Not known", "All")},
        ("T3", "", ""): "review",
        ("T4", "All", "Reviews by people"): "review",
        ("T4", "All", "People by age"): "child",
        ("T4", "Died", "Reviews by people"): "review",
        ("T4", "Died", "People by age"): "child",
        ("T4", "Lives", "Reviews by people"): "review",
        ("T4", "Lives", "People by age"): "child",
        ("T7", "", ""): "review",
        **{("T8", column, ""): "review" for column in STATES},
        ("T9", "", ""): "review",
        ("T10", "Reviews", ""): "review",
        ("T10", "Passages", ""): "passage",
    }
    assert [one.unit for one in comparison.tables if one.first in {"T4", "T10"}] == [
        *["review and child"] * 3,
        "review",
        "passage",
    ]


STATES = (
    "Recorded",
    "Present",
    "Suspected",
    "Stated absent",
    "Not mentioned",
    "Unclear or not judged",
)


def test_units_stand_on_the_terminal_and_in_json_too() -> None:
    comparison = compare_releases(small_release(), small_release(), "same")
    texts = comparison_text(comparison).splitlines()
    assert "Themes: Passages (unit: passage)" in texts
    assert "People: All (unit: review and child)" in texts
    (people,) = [
        one
        for one in comparison_json(comparison)["tables"]
        if (one["first"], one["column"]) == ("T4", "All")
    ]
    assert people["unit"] == "review and child"
    assert {row["group"]: row["unit"] for row in people["rows"]} == {
        "Reviews by people": "review",
        "People by age": "child",
    }


def test_what_counts_another_unit_is_neither_set_against_it_nor_added_up() -> None:
    """The same variables, once of reviews and once of the children in them."""
    years = "base: reviews\n        rows: {variable: year}"
    of_children = release(
        SECOND,
        letter="C",
        old=f"unit: review\n        {years}",
        new=f"unit: child\n        {years}",
    )
    comparison = compare_releases(release(FIRST), of_children, "apart")
    (every,) = [one for one in comparison.tables if (one.first, one.column) == ("T2", "All")]
    (total,) = [one for one in every.rows if one.label == "All years"]
    assert total.unit == every.unit == "review and child"
    assert (total.first.value, total.second.value) == (24, 0)
    assert (total.reason, total.signed, total.pooled) == (
        "The first counts reviews, the second children.",
        "",
        None,
    )


def test_a_table_that_shares_no_column_is_listed_with_the_reason() -> None:
    """T3 names its one column by its unit: reviews here, children there."""
    causes_of = "base: reviews\n        rows: {variable: cause, sub"
    of_children = release(
        SECOND,
        letter="C",
        old=f"unit: review\n        {causes_of}",
        new=f"unit: child\n        {causes_of}",
    )
    (texts,) = compare_releases(release(FIRST), of_children, "apart").missing
    assert texts == "Cause (in both, but without a column of the same name)"


# ---- what differs ----


def labels(comparison: ReleaseComparison) -> list[str]:
    return [pair.row.label for pair in differing_rows(comparison) if pair.table.title == "Cause"]


def test_what_differs_most_comes_first_whichever_side_has_more() -> None:
    # In points: fire -12.5, harm 9.17, fall 3 of 24 = 12.5 and 4 of 20 = 20, so 7.5.
    comparison = compare_releases(release(FIRST), release(SECOND), "apart")
    assert labels(comparison)[:3] == ["Fire", "Harm", "Fall"]


def test_two_editions_of_the_same_reviews_differ_where_a_printed_number_does() -> None:
    recoded = {**FIRST, "fire": 14, "fall": 4}
    comparison = compare_releases(release(FIRST), release(recoded), "same")
    assert labels(comparison) == ["Fire", "Fall"]


def test_nothing_is_said_to_differ_across_frameworks() -> None:
    other = release(SECOND)
    other = replace(other, spec=other.spec.model_copy(update={"framework": "adult-core 3.0.0"}))
    assert differing_rows(compare_releases(release(FIRST), other, "apart")) == []


def test_only_the_chosen_tables_are_looked_at() -> None:
    comparison = compare_releases(release(FIRST), release(SECOND), "apart")
    chosen = causes(comparison).first
    assert {pair.table.first for pair in differing_rows(comparison, [chosen])} == {chosen}
    # An old link to a table that is not there any more shows all of them.
    assert differing_rows(comparison, ["T99"]) == differing_rows(comparison)
