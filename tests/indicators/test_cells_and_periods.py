"""Cells of official tables and the periods that they are about."""

from datetime import date
from decimal import Decimal

import pytest

from waymark.core.errors import RuleError
from waymark.indicators.cells import IndicatorCell, UnreadableCell, read_cell
from waymark.indicators.periods import Period, UnreadablePeriod, read_period
from waymark.indicators.sums import sum_of_parts


@pytest.mark.parametrize(
    ("text", "value", "marker", "shown", "plain"),
    [
        ("1234", "1234", "", "1,234", "1234"),
        ("1,234.50", "1234.50", "", "1,234.50", "1234.50"),
        ("0", "0", "", "0", "0"),
        ("-0.5", "-0.5", "", "-0.5", "-0.5"),
        ("\u22123", "-3", "", "-3", "-3"),
        ("c", None, "c", "[c]", "c"),
        ("[low]", None, "low", "[low]", "low"),
        ("Z", None, "z", "[z]", "z"),
        ("12 [u]", "12", "u", "12 [u]", "12 u"),
        ("12.0[u]", "12.0", "u", "12.0 [u]", "12.0 u"),
    ],
)
def test_a_cell_is_a_number_a_marker_or_both(text, value, marker, shown, plain):
    cell = read_cell(text)
    assert (cell.value, cell.marker) == (Decimal(value) if value else None, marker)
    assert (cell.shown, cell.plain) == (shown, plain)


@pytest.mark.parametrize("text", ["", "abc", "1,23", "1.2.3", "k", "12 apples", "1e5", "[]"])
def test_what_is_neither_a_number_nor_a_marker_is_refused(text):
    with pytest.raises(UnreadableCell):
        read_cell(text)


def test_a_file_may_have_signs_of_its_own_also_for_an_empty_cell():
    symbols = {":": "x", "": "z"}
    assert read_cell(":", symbols).marker == "x"
    assert read_cell(" ", symbols).marker == "z"


@pytest.mark.parametrize(
    ("text", "kind", "start", "end", "key"),
    [
        ("2025", "calendar", date(2025, 1, 1), date(2025, 12, 31), "2025"),
        ("2025", "financial", date(2024, 4, 1), date(2025, 3, 31), "2024-25"),
        ("2024-25", "financial", date(2024, 4, 1), date(2025, 3, 31), "2024-25"),
        ("202425", "academic", date(2024, 9, 1), date(2025, 8, 31), "2024-25"),
        ("1999/2000", "financial", date(1999, 4, 1), date(2000, 3, 31), "1999-00"),
        ("2024", "day", date(2024, 3, 31), date(2024, 3, 31), "2024-03-31"),
        ("2024-07-31", "day", date(2024, 7, 31), date(2024, 7, 31), "2024-07-31"),
    ],
)
def test_years_of_three_kinds_and_days_are_periods(text, kind, start, end, key):
    period = read_period(text, kind)
    assert (period.start, period.end, period.key) == (start, end, key)


def test_a_single_year_can_be_the_one_in_which_a_financial_year_begins():
    assert read_period("2024", "financial", ends=False).key == "2024-25"


@pytest.mark.parametrize(
    ("text", "kind"),
    [("2024-26", "financial"), ("March", "day"), ("2024-02-30", "day"), ("2024-25", "calendar")],
)
def test_text_that_names_no_such_period_is_refused(text, kind):
    with pytest.raises(UnreadablePeriod):
        read_period(text, kind)


def test_a_period_is_named_in_words():
    assert Period(date(2024, 4, 1), date(2025, 3, 31)).label == "April 2024 to March 2025"
    assert Period(date(2025, 3, 31), date(2025, 3, 31)).label == "31 March 2025"


# ---- sums ----


def number(value: int) -> IndicatorCell:
    return IndicatorCell(Decimal(value))


WITHHELD = IndicatorCell(None, 0, "c")
PARTS = {"Ashby": number(60), "Broad": number(37), "Cold": WITHHELD}


def test_a_sum_is_refused_if_the_total_minus_the_shown_parts_gives_what_is_withheld():
    """100 - (60 + 37) = 3 is the number behind [c]."""
    with pytest.raises(RuleError, match="withheld to protect people"):
        sum_of_parts(PARTS, ["Ashby", "Broad"], number(100))


def test_a_sum_is_refused_if_a_single_part_is_withheld_whatever_else_is_left_out():
    parts = {**PARTS, "Dale": number(20)}
    with pytest.raises(RuleError, match="withheld to protect people"):
        sum_of_parts(parts, ["Ashby", "Broad"], number(120))


def test_the_rest_of_several_withheld_parts_is_refused_too():
    parts = {**PARTS, "Dale": WITHHELD}
    with pytest.raises(RuleError, match="withheld to protect people"):
        sum_of_parts(parts, ["Ashby", "Broad"], number(105))


def test_a_sum_of_some_shown_parts_is_given_while_several_are_withheld():
    parts = {**PARTS, "Dale": WITHHELD, "East": number(8)}
    assert sum_of_parts(parts, ["Ashby", "Broad"], number(113)).value == 97


def test_without_a_total_nothing_can_be_undone():
    assert sum_of_parts(PARTS, ["Ashby", "Broad"], None).value == 97


def test_a_marker_is_never_added_up_as_a_zero():
    with pytest.raises(RuleError, match="Cold: a marker stands there"):
        sum_of_parts(PARTS, ["Ashby", "Cold"], None)


def test_two_values_at_least_make_a_sum():
    with pytest.raises(RuleError, match="at least two"):
        sum_of_parts(PARTS, ["Ashby", "Ashby"], None)
