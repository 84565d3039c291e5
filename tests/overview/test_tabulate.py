"""Tables counted by hand from a small set of rows. See small.py for the rows in words."""

from dataclasses import replace

import pytest

from tests.overview.small import FRAMEWORK, SPEC_YAML, judged, key, rows, tables, values
from waymark.core.evidence import DoubleCoded
from waymark.overview.spec.check import checked_overview
from waymark.overview.tables.tabulate import tabulate


def test_reviews_flow_from_identified_to_coded():
    table = tables()["T1"]
    assert values(table) == {
        "identified": ("7",),
        "obtained": ("6",),
        "excluded": ("1",),
        "coded": ("4",),
        "double_coded": ("2",),
    }
    assert table.cell("obtained", "n").records == ("A1", "A2", "A3", "A4", "A6", "A7")
    assert table.base == "7 reviews identified"
    assert "Obtained but not yet coded, so not counted: A7." in table.notes
    assert "Excluded: A6: a summary only." in table.notes


def test_years_stand_without_gaps_and_what_is_not_known_keeps_its_column():
    table = tables()["T2"]
    assert [column.id for column in table.columns] == ["death", "other", "unknown", "n"]
    assert values(table) == {
        "2001": ("2", "0", "0", "2"),
        "2002": ("0", "0", "0", "0"),
        "2003": ("0", "1", "1", "2"),
        "all": ("2", "1", "1", "4"),
    }


def test_a_subtotal_follows_its_last_part_and_the_unknown_stand_last():
    table = tables()["T3"]
    assert values(table, "n") == {
        "fire": ("1",),
        "fall": ("1",),
        "deaths": ("2",),
        "harm": ("1",),
        "unknown": ("1",),
        "all": ("4",),
    }
    assert [row.role for row in table.rows] == [
        "part",
        "part",
        "subtotal",
        "part",
        "unknown",
        "total",
    ]


def test_no_percentage_stands_on_a_base_under_20():
    assert {printed for _, printed in values(tables()["T3"]).values()} == {"[x]"}


def test_reviews_are_counted_by_their_people_and_people_by_age_and_fate():
    table = tables()["T4"]
    assert values(table) == {
        "people.one": ("2", "[z]", "[z]"),
        "people.more": ("2", "[z]", "[z]"),
        "people.all": ("4", "[z]", "[z]"),
        "people.median": ("1.5", "[z]", "[z]"),
        "ages.young": ("2", "0", "2"),
        "ages.old": ("2", "2", "0"),
        "ages.not_recorded": ("1", "0", "1"),
        "ages.not_judged": ("2", "1", "1"),
        "ages.all": ("7", "3", "4"),
    }
    assert table.base == "4 reviews; 7 people"
    assert table.unit == "reviews and children"


def test_a_child_is_counted_with_its_review_and_number_and_its_own_words():
    cell = tables()["T4"].cell("ages.old", "died")
    assert cell.records == ("A1/2", "A2/1")
    assert cell.evidence == (key("A1", 80), key("A1", 90), key("A2", 60), key("A2", 70))


def test_a_count_of_children_rests_on_the_words_that_show_them():
    cell = tables()["T4"].cell("people.more", "n")
    assert cell.records == ("A1", "A4")
    assert cell.evidence == tuple(
        key(review, at)
        for review, at in (("A1", 70), ("A1", 90), ("A4", 70), ("A4", 80), ("A4", 90))
    )


def test_a_service_is_counted_where_the_report_says_it_was_in_contact():
    assert values(tables()["T7"], "n") == {"ag.nurse": ("2",)}
    assert tables()["T7"].cell("ag.nurse", "n").evidence == (key("A1", 50), key("A4", 50))


def test_five_states_of_a_factor_stand_apart():
    names = ("recorded", "present", "suspected", "stated_absent", "not_mentioned", "unclear")
    assert values(tables()["T8"], *names) == {
        "fac.cold": ("2", "2", "0", "1", "1", "0"),
        "fac.alone": ("1", "0", "1", "0", "1", "2"),
    }


def test_the_upper_bound_counts_all_that_do_not_state_absence():
    table = tables()["T8"]
    assert table.cell("fac.cold", "lower").records == ("A1", "A4")
    assert table.cell("fac.cold", "upper").records == ("A1", "A3", "A4")
    assert table.cell("fac.alone", "lower").records == ()
    assert table.cell("fac.alone", "upper").records == ("A1", "A2", "A3", "A4")


def test_what_nobody_judged_is_told_in_a_note():
    assert "Not judged in every review: Living alone." in tables()["T8"].notes


def test_silence_has_records_and_no_words():
    cell = tables()["T8"].cell("fac.cold", "not_mentioned")
    assert (cell.records, cell.evidence) == (("A3",), ())


def test_reviews_are_counted_by_how_many_factors_they_record():
    table = tables()["T9"]
    assert values(table) == {"0": ("2",), "1": ("1",), "2": ("1",), "all": ("4",)}
    assert [row.label for row in table.rows][:3] == [
        "None recorded",
        "One recorded",
        "All 2 recorded",
    ]
    assert table.cell("2", "n").evidence == (key("A1", 30), key("A1", 40))
    assert table.cell("0", "n").evidence == ()


def test_a_theme_counts_a_review_once_and_takes_in_its_parts():
    table = tables()["T10"]
    assert values(table, "n", "passages") == {"th.visits": ("2", "4"), "th.letters": ("1", "1")}
    assert table.cell("th.visits", "n").evidence == (
        key("A1", 200),
        key("A1", 300),
        key("A1", 400),
        key("A2", 200),
    )


def test_agreement_is_counted_on_the_codes_each_coder_used():
    """Units: A1 visits yes/yes, A1 letters no/no, A2 visits yes/no, A2 letters yes/yes.

    Raw 3/4. Kappa: chance = (3/4)(2/4) + (1/4)(2/4) = 1/2, so (3/4 - 1/2) / (1/2) = 1/2. AC1: mean
    share of yes 5/8, chance = 2 (5/8)(3/8) = 15/32, so (3/4 - 15/32) / (17/32) = 9/17 = 0.529.
    Within codes kappa: chance 1/2 for each, so the same; AC1: chance 3/8 and 1/2 of two units each,
    so (3 - 7/4) / (4 - 7/4) = 5/9.
    """
    table = tables()["T14"]
    assert values(table, "units", "first", "second", "agreed", "raw", "kappa", "ac1") == {
        "th.visits": ("2", "2", "1", "1", "0.500", "0.000", "0.200"),
        "th.letters": ("2", "1", "1", "2", "1.000", "1.000", "1.000"),
        "within": ("4", "3", "2", "3", "0.750", "0.500", "0.556"),
        "mean": ("[z]", "[z]", "[z]", "[z]", "[z]", "0.500", "0.600"),
        "all": ("4", "3", "2", "3", "0.750", "0.500", "0.529"),
    }
    assert table.base == "4 units: 2 codes in 2 reviews coded twice"


def test_kappa_is_not_defined_where_both_gave_every_unit_one_value_but_ac1_is():
    alike = DoubleCoded("A1", frozenset({"th.visits"}), frozenset({"th.visits"}))
    table = tables(replace(rows(), double_coded=(alike,)))["T14"]
    assert values(table, "raw", "kappa", "kappa_lower", "ac1")["th.visits"] == (
        "1.000",
        "[z]",
        "[z]",
        "1.000",
    )


def test_agreement_without_any_double_coding_shows_no_number():
    table = tables(replace(rows(), double_coded=()))["T14"]
    assert values(table, "units", "raw", "kappa")["all"] == ("0", "[z]", "[z]")


def test_a_missing_judgement_gets_a_row_of_its_own_so_that_parts_still_add_up():
    left = tuple(row for row in rows().judgements if (row.review, row.variable) != ("A1", "cause"))
    table = tables(replace(rows(), judgements=left))["T3"]
    assert values(table, "n")["not_judged"] == ("1",)
    assert values(table, "n")["all"] == ("4",)


def test_an_age_outside_all_bands_gets_a_row_of_its_own():
    source = SPEC_YAML.replace("from: 600}", "from: 600, to: 700}")
    spec = checked_overview(source, FRAMEWORK, file="small.yaml")
    table = next(item for item in tabulate(rows(), spec, FRAMEWORK) if item.id == "T4")
    assert values(table, "n")["ages.outside"] == ("1",)


def test_every_table_names_its_unit_base_framework_and_what_it_cannot_show():
    for table in tables().values():
        assert table.unit
        assert table.base
        assert table.stub
        assert table.title.endswith(", Nowhere, 2001 to 2003")
        assert "Counted with the framework adult-core 2.0.0." in table.notes
        assert any("cannot be used to predict" in note for note in table.notes)


def test_reviews_that_do_not_count_are_in_no_number():
    for table in tables().values():
        if table.id != "T1":
            cells = [cell for row in table.rows for cell in row.cells]
            seen = {record.split("/")[0] for cell in cells for record in cell.records}
            assert seen <= {"A1", "A2", "A3", "A4"}


@pytest.mark.parametrize("value", ["stated_absent", "present", "unclear", "suspected"])
def test_one_changed_judgement_moves_the_cells_of_its_own_row_only(value):
    before = tables()
    changed = [
        judged("A3", "fac.cold", value, 30)
        if (row.review, row.variable) == ("A3", "fac.cold")
        else row
        for row in rows().judgements
    ]
    after = tables(replace(rows(), judgements=tuple(changed)))
    for name, table in before.items():
        moved = {
            (row.id, column.id)
            for row in table.rows
            for column in table.columns
            if table.cell(row.id, column.id).records != after[name].cell(row.id, column.id).records
        }
        if name == "T8":
            expected = {
                "stated_absent": {"upper", "stated_absent", "not_mentioned"},
                "present": {"recorded", "percent", "lower", "present", "not_mentioned"},
                "suspected": {"recorded", "percent", "suspected", "not_mentioned"},
                "unclear": {"unclear", "not_mentioned"},
            }[value]
            assert moved == {("fac.cold", column) for column in expected}
        elif name == "T9" and value in {"present", "suspected"}:
            assert moved == {("0", "n"), ("1", "n")}
        else:
            assert moved == set()


def test_a_handful_of_units_shows_agreement_without_bounds():
    printed = values(tables()["T14"], "kappa", "kappa_lower", "kappa_upper")
    assert printed["all"] == printed["within"] == ("0.500", "[x]", "[x]")


def test_bounds_of_agreement_tell_how_few_reviews_they_rest_on():
    (rests_on,) = [note for note in tables()["T14"].notes if "bounds rest on" in note]
    assert rests_on.startswith("The bounds rest on 2 reviews coded twice. That is too few")
    many = tuple(rows().double_coded[0] for _ in range(20))
    (rests_on,) = [
        note
        for note in tables(replace(rows(), double_coded=many))["T14"].notes
        if "bounds rest on" in note
    ]
    assert rests_on == (
        "The bounds rest on 20 reviews coded twice: whole reviews were drawn 2,000 times."
    )
