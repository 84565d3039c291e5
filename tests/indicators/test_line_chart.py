"""What the drawing of a nation says: its ends, markers and breaks."""

from datetime import date
from decimal import Decimal

from waymark.indicators.cells import IndicatorCell
from waymark.indicators.line_chart import BreakMark, NationSeries, SeriesPoint, series_figure
from waymark.indicators.periods import Period, year_period


def day(year: int, month: int = 3, *, value: int | None = 1, marker: str = "") -> SeriesPoint:
    on = date(year, month, 30)
    cell = IndicatorCell(None if value is None else Decimal(value), 0, marker)
    return SeriesPoint(Period(on, on), cell)


def series(*points: SeriesPoint, breaks: tuple[BreakMark, ...] = ()) -> NationSeries:
    return NationSeries("Wales", "Children on a register", "count", points, breaks)


def test_first_and_last_value_are_the_title_unless_people_wrote_a_finding():
    assert series(day(2020, value=900), day(2024, value=1000)).title == "900 in 2020, 1,000 in 2024"


def test_values_of_different_days_of_the_year_make_no_trend():
    assert series(day(2023, 6), day(2024, 3, value=7)).title == "7 on 30 March 2024"


def test_a_break_between_the_ends_is_said():
    row = BreakMark(date(2022, 4, 1), "a new form")
    text = series(day(2020), day(2024), breaks=(row,))
    assert "counted otherwise in between" in text.title
    assert "From 1 April 2022: a new form." in text.in_words


def test_a_marker_breaks_the_line_and_is_written_where_the_value_would_be():
    figure = series_figure(
        "wales", series(day(2020), day(2021), day(2022, value=None, marker="c"), day(2023))
    )
    assert figure is not None
    assert ">[c]<" in figure.svg
    assert figure.svg.count("<polyline") == 1  # 2020 to 2021; 2023 is a point alone
    assert "[c] means withheld to protect people." in figure.text


def test_without_a_single_value_there_is_no_drawing():
    assert series_figure("wales", series(day(2022, value=None, marker="x"))) is None


def test_years_are_drawn_by_their_names():
    point = SeriesPoint(year_period("financial", 2023), IndicatorCell(Decimal("3.5"), 1))
    figure = series_figure("wales", series(point))
    assert figure is not None
    assert ">2023-24<" in figure.narrow
    assert ">3.5<" in figure.narrow
