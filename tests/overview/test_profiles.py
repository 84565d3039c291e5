"""The default overview under k3, k5 and r5: the numbers of the specification, and no side door."""

import json
from functools import lru_cache

import pytest

from tests.overview.own_attacker import narrowed
from tests.overview.rows import DEMO_SPEC, fixture_rows, framework, spec, with_value
from tests.overview.small import values
from waymark.core.errors import RuleError
from waymark.overview.charts.charts import draw_figure
from waymark.overview.disclosure.engine import audit
from waymark.overview.disclosure.engine.history import linked_system
from waymark.overview.disclosure.protect import ReleaseProtection, protect_release
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.tables.export import table_csv, table_json, table_text


@lru_cache(maxsize=4)
def protection(profile: str) -> ReleaseProtection:
    return protect_release(plan_of(fixture_rows(), spec(), framework()), profile=profile)


def table(profile, name):
    found = {one.table.id: one.table for one in protection(profile).tables}
    return found[name]


def column(profile, name, *columns):
    return [row[0] for row in values(table(profile, name), *columns).values()]


@pytest.mark.parametrize("profile", ["k3", "k5"])
def test_years_keep_their_totals_and_lose_the_crossing(profile):
    shown = table(profile, "T2")
    assert column(profile, "T2", "n") == ["2", "3", "5", "5", "4", "5", "24"]
    assert [shown.cell("all", one).value for one in ("death", "other")] == [18, 6]
    assert {shown.cell("2003", one).mark for one in ("death", "other")} == {"[z]"}


def test_at_3_the_nature_of_the_incident_stands_as_counted():
    assert column("k3", "T3", "n") == ["4", "6", "8", "18", "6", "24"]
    assert column("k3", "T3", "percent") == ["17", "25", "33", "75", "25", "100"]


def test_at_5_assault_and_infant_death_are_withheld_with_their_percentages():
    assert column("k5", "T3", "n") == ["[c]", "[c]", "8", "18", "6", "24"]
    assert column("k5", "T3", "percent") == ["[c]", "[c]", "33", "75", "25", "100"]
    entry = protection("k5").entry
    assert len([key for key in entry.withheld if "nature" in key]) == 2


@pytest.mark.parametrize("profile", ["k3", "k5"])
def test_children_and_their_sex_stand_as_counted(profile):
    shown = values(table(profile, "T4"), "n", "died")
    assert [shown[f"children.{one}"][0] for one in ("one", "two", "three_or_more")] == [
        "12",
        "6",
        "6",
    ]
    assert shown["children.median"][0] == "1.5"
    assert (shown["sex.female"], shown["sex.not_recorded"]) == (("20", "7"), ("3", "0"))


def test_ages_become_four_bands_at_3_and_totals_at_5():
    four = values(table("k3", "T5"), "died", "did_not_die")
    assert list(four.values()) == [("7", "3"), ("4", "15"), ("7", "6"), ("0", "3"), ("18", "27")]
    totals = values(table("k5", "T5"), "died", "did_not_die", "n")
    assert [row[2] for row in totals.values()] == ["10", "11", "8", "8", "5", "3", "45"]
    assert totals["all"] == ("18", "27", "45")
    assert totals["under_1"][:2] == ("[z]", "[z]")


def test_at_5_services_in_contact_lose_both_sides():
    shown = values(table("k5", "T7"), "n", "percent")
    assert shown["ag.probation"] == shown["ag.social_services"] == ("[c]", "[c]")
    assert shown["ag.camhs"] == ("5", "21")
    assert sum(row[0] == "[c]" for row in shown.values()) == 2


def test_factors_are_shown_without_bounds_and_learning_disability_is_withheld_at_5():
    shown = table("k5", "T8")
    assert [one.id for one in shown.columns] == ["recorded", "percent"]
    assert [row.id for row in shown.rows if row.cells[0].mark] == [
        "fac.parental_learning_disability"
    ]


def test_together_none_is_withheld_with_one_because_two_would_follow_from_the_factors():
    """With two withheld, the factors' own counts leave at most 4 reviews with none recorded."""
    assert column("k5", "T9", "n") == ["[c]", "[c]", "6", "8", "24"]
    system = protection("k5").entry.system
    none, two = (
        next(key for key in system.index if key.startswith(f"review: {number} of ("))
        for number in (0, 2)
    )
    assert not audit.audit_bounds(system, [none, two], [none])[none].protects(5)


def test_at_5_every_withheld_small_count_may_be_nobody_and_may_be_5():
    entry = protection("k5").entry
    small = entry.system.primaries(5)
    assert small
    assert audit.exposed_counts(entry.system, entry.withheld, sorted(small), k=5) == {}


def test_rounding_to_5_adds_up():
    assert column("r5", "T3", "n") == ["5", "5", "10", "20", "5", "25"]
    assert column("r5", "T3", "percent") == ["20", "20", "40", "80", "20", "100"]
    for name in ("T2", "T4", "T5", "T6", "T7", "T8", "T9"):
        for row in table("r5", name).rows:
            for one, cell in zip(table("r5", name).columns, row.cells, strict=True):
                if one.kind == "count" and cell.value is not None:
                    assert cell.value % 5 == 0, (name, row.id, one.id)


@pytest.mark.parametrize("profile", ["k3", "k5", "r5"])
def test_numbers_about_the_process_stand_as_counted(profile):
    """They open to their words where no table counts themes by a fact about people: rounded."""
    themes = values(table(profile, "T10"), "n", "passages")
    assert next(iter(themes.items())) == ("prac.assessment", ("22", "104"))
    assert bool(table(profile, "T10").rows[0].cells[0].evidence) == (profile == "r5")
    assert values(table(profile, "T14"), "units", "agreed")["all"] == ("66", "59")
    assert [row.cells[0].value for row in table(profile, "T1").rows] == [26, 24, 0, 24, 6]


def test_they_open_to_nothing_where_the_controller_decided_so():
    source = DEMO_SPEC.replace("  decided: 2026", "  open_process: false\n  decided: 2026")
    plan = plan_of(fixture_rows(source), spec(source), framework())
    made = protect_release(plan, profile="k5")
    assert not _leads_anywhere(one.table for one in made.tables)


def _leads_anywhere(tables):
    return any(
        cell.evidence or cell.records for one in tables for row in one.rows for cell in row.cells
    )


@pytest.mark.parametrize("profile", ["k3", "k5", "r5"])
def test_numbers_about_people_lead_to_no_record(profile):
    people = [
        one.table
        for one in protection(profile).tables
        if not any("about the process" in note for note in one.table.notes)
    ]
    crossed = [] if profile == "r5" else ["T11"]
    assert [one.id for one in people] == [*(f"T{n}" for n in range(2, 10)), *crossed, "T17", "T18"]
    assert not _leads_anywhere(people)


def test_rows_are_ordered_by_what_is_printed_and_those_withheld_come_last():
    order = [row.id for row in table("k5", "T7").rows]
    assert order[-2:] == ["ag.social_services", "ag.probation"]
    framework_order = [one.id for one in framework().variables if one.group == "agencies"]
    rounded = [(row.cells[0].value, row.id) for row in table("r5", "T7").rows]
    assert rounded == sorted(rounded, key=lambda pair: (-pair[0], framework_order.index(pair[1])))


def test_no_rendering_of_a_withheld_cell_says_its_number():
    protected = {one.table.id: one for one in protection("k5").tables}
    cells = table_json(protected["T3"])["rows"][0]["cells"]
    assert [(cell["value"], cell["shown"]) for cell in cells] == [(None, "[c]"), (None, "[c]")]
    assert "assault,[c],[c]" in table_csv(protected["T3"])
    assert "withheld to protect people" in table_text(protected["T3"])


def test_a_withheld_bar_is_hatched_and_of_one_width_whatever_the_number():
    def drawn(rows):
        made = protect_release(plan_of(rows, spec(), framework()), profile="k5")
        by_id = {one.table.id: one for one in made.tables}
        figure = next(one for one in spec().figures if one.id == "F3")
        return draw_figure(figure, by_id[figure.table])

    before = drawn(fixture_rows())
    moved = drawn(with_value(fixture_rows(), "R01", "nature", "infant_death"))
    assert before.svg.count(">[c]<") == before.narrow.count(">[c]<") == 2
    assert before.svg == moved.svg


def test_at_3_themes_stand_by_each_nature():
    assert values(table("k3", "T11"))["prac.communication"] == ("3", "5", "8", "16", "5")


def test_at_5_themes_count_assault_and_infant_death_together_as_their_bases_are_withheld():
    shown = table("k5", "T11")
    assert [one.id for one in shown.columns] == [
        "assault-infant_death",
        "suicide_or_accident",
        "deaths",
        "other",
    ]
    assert [cell.base for cell in shown.rows[0].cells] == [10, 8, 18, 6]
    assert values(shown)["prac.communication"] == ("8", "8", "16", "5")
    assert any("Counted together" in note for note in shown.notes)


def test_rounded_themes_have_one_column_because_no_exact_base_of_a_kind_may_be_told():
    shown = table("r5", "T11")
    assert [one.label for one in shown.columns] == ["All reviews (n = 24)"]
    assert values(shown)["prac.communication"] == ("21",)


@pytest.mark.parametrize("profile", ["k3", "k5", "r5"])
def test_themes_by_nature_lead_to_no_record(profile):
    assert not _leads_anywhere([table(profile, "T11")])


@pytest.mark.parametrize("profile", ["k3", "k5", "r5"])
def test_recommendations_stand_as_counted(profile):
    shown = table(profile, "T12")
    assert values(shown)["all"] == ("38", "24", "13", "9", "8", "4", "96")
    assert len(shown.cell("all", "n").evidence) == (96 if profile == "r5" else 0)


def test_the_drawing_of_ages_has_one_series_where_the_table_prints_totals_alone():
    by_id = {one.table.id: one for one in protection("k5").tables}
    figure = next(one for one in spec().figures if one.kind == "stacked")
    drawn = draw_figure(figure, by_id["T5"])
    assert "Died" not in drawn.svg
    assert drawn.text.startswith("1 to 5 years is the largest group: 11 of 45 children.")


def test_figures_of_factors_have_no_bounds():
    by_id = {one.table.id: one for one in protection("k5").tables}
    figure = next(one for one in spec().figures if one.kind == "ranges")
    assert "Lower to upper bound" not in draw_figure(figure, by_id["T8"]).svg


def test_the_same_rows_are_protected_alike_every_time():
    plan = plan_of(fixture_rows(), spec(), framework())
    again = protect_release(plan, profile="k5")
    first, second = (
        json.dumps([table_json(one) for one in made.tables]) for made in (again, protection("k5"))
    )
    assert first == second


def test_what_is_withheld_here_is_not_printed_there():
    """The deaths of T2 and T3 are one count; so are the died of T4 and T5."""
    system = protection("k5").entry.system
    plan = plan_of(fixture_rows(), spec(), framework())
    cells = {
        one.spec.id: one.parts[-1].versions[0].counts.cells for one in plan.tables if one.parts
    }
    assert cells["T2"]["all", "death"] == cells["T3"]["deaths", "n"]
    assert cells["T4"]["sex.all", "died"] == cells["T5"]["all", "died"]
    assert system.count(cells["T2"]["all", "death"]).value == 18


def test_a_rule_of_logic_that_the_data_break_is_told():
    source = DEMO_SPEC.replace("row: under_1, column: died", "row: from_6_to_10, column: died")
    with pytest.raises(RuleError, match="a rule says that"):
        plan_of(fixture_rows(source), spec(source), framework())


def test_a_rule_about_a_cell_that_is_not_there_is_told():
    source = DEMO_SPEC.replace("row: under_1, column: died", "row: outside, column: died")
    with pytest.raises(RuleError, match="T5 has no count in outside, died"):
        plan_of(fixture_rows(source), spec(source), framework())


def test_a_table_that_would_lose_more_than_half_is_refused_by_name():
    source = DEMO_SPEC.replace(
        "          - {label: totals of ages and of deaths alone, totals: true}\n", ""
    )
    plan = plan_of(fixture_rows(source), spec(source), framework())
    with pytest.raises(RuleError, match="T5 would lose more than half of its cells at 5"):
        protect_release(plan, profile="k5")


def test_open_needs_no_plan():
    with pytest.raises(RuleError, match="protected one by one"):
        protect_release(plan_of(fixture_rows(), spec(), framework()), profile="open")


def test_a_release_of_the_same_rows_links_to_the_first_without_contradiction():
    entry = protection("k5").entry
    both = linked_system(entry.system, [entry], entry.records)
    small = sorted(entry.guarded)
    assert audit.exposed_counts(both, entry.withheld, small, k=5) == {}


SECOND = """
  - id: T25
    kind: themes
    title: Themes by who was concerned
    of: {themes: true}
    columns:
      variable: nature
      groups:
        - {id: first, label: First, values: [assault, other]}
        - {id: second, label: Second, values: [infant_death, suicide_or_accident]}

figures:
"""


def in_two_tables(groups="[assault, other]", others="[infant_death, suicide_or_accident]"):
    source = DEMO_SPEC.replace("\nfigures:\n", SECOND, 1)
    source = source.replace("[assault, other]", groups).replace(
        "[infant_death, suicide_or_accident]", others
    )
    made = protect_release(plan_of(fixture_rows(), spec(source), framework()), profile="k5")
    return next(one.table for one in made.tables if one.table.id == "T25")


def test_a_second_table_of_themes_does_not_divide_what_the_first_counts_together():
    """Assault and other (10), less the other 6 of table 3, would be the 4 that are withheld."""
    shown = in_two_tables()
    assert [one.label for one in shown.columns] == ["All reviews (n = 24)"]


def test_two_tables_of_themes_that_divide_each_other_tell_no_kind_apart():
    """Neither groups more finely: 10 and 14 here, 12 and 12 there, and no table counts one alone.

    Assault and other, suicide and infant death, assault and suicide: of the themes that both tell
    no more follows of a small number than that it may be none, or five.
    """
    both = SECOND.replace("\nfigures:\n", "") + SECOND.replace("T25", "T26").replace(
        "[assault, other]", "[assault, suicide_or_accident]"
    ).replace("[infant_death, suicide_or_accident]", "[infant_death, other]")
    read = spec(DEMO_SPEC.replace("\nfigures:\n", both, 1))
    tables = tuple(one for one in read.tables if one.id in {"T25", "T26"})
    alone = read.model_copy(update={"tables": tables, "figures": (), "logic": ()})
    made = protect_release(plan_of(fixture_rows(), alone, framework()), profile="k5")
    first, second = (one.table for one in made.tables)
    assert [one.label for one in first.columns] == ["First (n = 10)", "Second (n = 14)"]
    assert [one.label for one in second.columns] == ["First (n = 12)", "Second (n = 12)"]
    told = [row.id for row in second.rows if not row.cells[0].mark]
    assert 0 < len(told) < len(second.rows)
    kinds = ["assault", "infant_death", "suicide_or_accident", "other"]
    for code in told:
        lines = [
            ({"assault": 1, "other": 1}, first.cell(code, "first").value),
            ({"infant_death": 1, "suicide_or_accident": 1}, first.cell(code, "second").value),
            ({"assault": 1, "suicide_or_accident": 1}, second.cell(code, "first").value),
            ({"infant_death": 1, "other": 1}, second.cell(code, "second").value),
        ]
        low, high = narrowed({}, kinds, lines, ["assault"], ceiling=24)["assault"]
        assert low == 0, code
        assert high >= 5, code


def test_a_second_table_of_themes_that_is_only_coarser_stands():
    shown = in_two_tables("[assault, infant_death]", "[suicide_or_accident, other]")
    assert [one.label for one in shown.columns] == ["First (n = 10)", "Second (n = 14)"]
