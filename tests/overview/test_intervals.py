"""Intervals stand beside shares of samples, and nowhere else; expected values from outside."""

from functools import lru_cache

import pytest
from scipy.stats import binomtest

from tests.overview.rows import DEMO_SPEC, fixture_rows, framework, spec
from tests.overview.small import values
from waymark.core.errors import RuleError, SpecError
from waymark.core.shares import wilson_interval
from waymark.overview.disclosure.protect import protect_release, protect_tables
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.spec.names import INTERVAL
from waymark.overview.tables.confidence_intervals import LABELS
from waymark.overview.tables.tabulate import tabulate
from waymark.publishing.attack.merge_files import is_share

SAMPLE = """select:
  collection: demo
  sample_of:
    population: 48
    of: reviews completed in 2003 to 2008
    drawn: At random, four from each of six boards.
"""
OF_48 = DEMO_SPEC.replace("select:\n  collection: demo\n", SAMPLE)


@pytest.mark.parametrize(("part", "base"), [(18, 24), (4, 18), (0, 24), (24, 24), (1, 100)])
def test_the_interval_is_that_of_wilson_as_another_program_finds_it(part, base):
    other = binomtest(part, base).proportion_ci(0.95, method="wilson")
    assert wilson_interval(part, base) == pytest.approx((other.low, other.high), abs=1e-9)


def test_the_examples_of_the_notes_on_method():
    assert [round(100 * end) for end in wilson_interval(18, 24)] == [55, 88]
    assert [round(100 * end) for end in wilson_interval(4, 18)] == [9, 45]


def test_where_half_of_all_were_drawn_the_interval_is_narrower():
    """By hand: 24 of 48 count for 24 * 47 / 24 = 47; 0.7311 plus and minus 0.1205."""
    assert wilson_interval(18, 24, drawn=24, population=48) == pytest.approx(
        (0.6106, 0.8516), abs=5e-4
    )


def test_of_very_many_the_correction_vanishes():
    assert wilson_interval(18, 24, drawn=24, population=10**9) == pytest.approx(
        wilson_interval(18, 24), abs=1e-6
    )


@lru_cache(maxsize=4)
def tables(profile="open"):
    rows = fixture_rows(OF_48)
    if profile == "open":
        protected = protect_tables(tabulate(rows, spec(OF_48), framework()), profile="open")
    else:
        protected = protect_release(plan_of(rows, spec(OF_48), framework()), profile=profile).tables
    return {table.table.id: table.table for table in protected}


def test_shares_of_a_sample_have_an_interval_with_its_label_and_its_base():
    printed = tables()["T3"]
    results = values(printed, "n", "percent", *INTERVAL)
    # Deaths: 18 of 24, see above. Other: 6 of 24, the same from the other side.
    assert results["deaths"] == ("18", "75", "61", "85")
    assert results["other"] == ("6", "25", "15", "39")
    assert results["all"] == ("24", "100", "[z]", "[z]")
    assert [item.label for item in printed.columns[-2:]] == [
        "95% interval, lower",
        "95% interval, upper",
    ]
    (text,) = [note for note in printed.notes if note.startswith("95% interval")]
    assert "Wilson" in text
    assert "24 reviews drawn from 48: reviews completed in 2003 to 2008" in text
    assert "Method: At random, four from each of six boards." in text
    assert printed.cell("deaths", "interval_lower").base == 24


def test_what_is_not_counted_in_reviews_has_no_interval_because_only_reviews_were_drawn():
    for name in ("T6", "T13"):
        assert not {column.id for column in tables()[name].columns} & set(INTERVAL)
        assert any("Only counts of reviews" in note for note in tables()[name].notes)


def test_without_a_sample_no_table_has_an_interval():
    for result in tabulate(fixture_rows(), spec(), framework()):
        assert not {column.id for column in result.columns} & set(INTERVAL)
        assert "interval" not in " ".join(result.notes).replace("95 per cent interval", "")


def test_an_interval_is_withheld_with_its_number_and_worked_out_from_no_other():
    printed = values(tables("k5")["T3"], "n", "percent", *INTERVAL)
    assert printed["assault"] == ("[c]", "[c]", "[c]", "[c]")
    assert printed["deaths"] == ("18", "75", "61", "85")
    for table in tables("k5").values():
        columns = [column.id for column in table.columns]
        for row in table.rows if INTERVAL[0] in columns else ():
            marks = {cell.mark for cell in row.cells if cell.mark == "[c]"}
            share = row.cells[columns.index("percent")]
            if share.mark:
                assert {table.cell(row.id, column).mark for column in INTERVAL} == {share.mark}, (
                    marks
                )


def test_rounded_numbers_have_no_interval_and_a_note_says_why():
    table = tables("r5")["T3"]
    assert not {column.id for column in table.columns} & set(INTERVAL)
    (note,) = [note for note in table.notes if "sample of 48" in note]
    assert note.endswith("No 95% interval is given, because the numbers are rounded.")


def test_under_rounding_base_total_and_percentages_agree():
    """24 reviews print as 25 everywhere: 20 of 25 are 80%."""
    table = tables("r5")["T3"]
    assert table.base == "About 25 reviews read and coded"
    printed = values(table, "n", "percent")
    assert (printed["deaths"], printed["all"][0]) == (("20", "80"), "25")


def test_reviews_that_are_all_there_were_are_no_sample():
    source = OF_48.replace("population: 48", "population: 24")
    with pytest.raises(RuleError, match="they are not a sample of 24: remove sample_of"):
        tabulate(fixture_rows(source), spec(source), framework())


def test_the_attack_takes_the_ends_of_an_interval_for_shares_and_not_for_counts():
    assert all(is_share(label) for label in LABELS)


def test_a_sample_needs_to_say_of_what_and_how():
    with pytest.raises(SpecError) as error:
        spec(OF_48.replace("    drawn: At random, four from each of six boards.\n", ""))
    line = OF_48[: OF_48.index("sample_of")].count("\n") + 1
    assert [str(fault) for fault in error.value.faults] == [f"line {line}: drawn: is missing"]
