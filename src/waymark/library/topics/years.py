"""The reviews of a topic by year: as numbers, in a sentence and as a drawing. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from waymark.core.tables import Figure
from waymark.overview.charts import svg

NARROW_WIDTH, TOP, FLOOR = 360, 26.0, 150.0
LABEL = 40.0
"""Room for a year below each column."""


@dataclass(frozen=True, slots=True)
class ReviewsByYear:
    """years: (year, reviews), every year from the first to the last. undated: without a year."""

    years: tuple[tuple[int, int], ...]
    undated: int

    @property
    def total(self) -> int:
        return sum(number for _, number in self.years) + self.undated

    @property
    def period(self) -> str:
        """The years in words: "2003 to 2008", "2003", "" if no year is known."""
        if not self.years:
            return ""
        first, last = self.years[0][0], self.years[-1][0]
        return str(first) if first == last else f"{first} to {last}"

    @property
    def finding(self) -> str:
        """Finding of the numbers: the title of the drawing."""
        known = self.total - self.undated
        if len(self.years) < 2:
            return f"{_reviews(known)} from {self.period}"
        most = max(number for _, number in self.years)
        peaks = [year for year, number in self.years if number == most]
        if len(peaks) == 1:
            return f"{_reviews(known)} from {self.period}, most in {peaks[0]} ({most})"
        empty = sum(not number for _, number in self.years)
        years = len(self.years) - empty
        return f"{_reviews(known)} from {self.period}, in {years} of {len(self.years)} years"

    @property
    def in_words(self) -> str:
        """All numbers in one sentence; years without a review are named together."""
        listed = "; ".join(f"{year}: {number}" for year, number in self.years if number)
        empty = [str(year) for year, number in self.years if not number]
        ending = f"; none in {', '.join(empty)}" if empty else ""
        without = f"; year not known: {self.undated}" if self.undated else ""
        return f"Reviews by year. {listed}{ending}{without}."


def _reviews(number: int) -> str:
    return f"{number:,} review{'' if number == 1 else 's'}"


def reviews_by_year(counts: Mapping[int, int], *, total: int) -> ReviewsByYear:
    """counts: year -> reviews; total: of all reviews, with and without a year."""
    known = {year: number for year, number in counts.items() if number}
    years = range(min(known), max(known) + 1) if known else range(0)
    return ReviewsByYear(
        tuple((year, known.get(year, 0)) for year in years), total - sum(known.values())
    )


def years_figure(topic: str, by_year: ReviewsByYear) -> Figure | None:
    """Columns from zero, one for each year, wide and narrow; None if no year is known."""
    if not by_year.years:
        return None
    measure = f"{topic}: reviews by year"
    wide, narrow = (_years_drawing(measure, by_year, width) for width in (svg.WIDTH, NARROW_WIDTH))
    return Figure(
        id="years",
        title=measure,
        table="",
        svg=wide,
        text=by_year.in_words,
        finding=by_year.finding,
        measure=measure,
        narrow=narrow,
    )


def _years_drawing(title: str, by_year: ReviewsByYear, width: float) -> str:
    """With many years, only every fifth is labelled; all numbers are in the table beside."""
    years = by_year.years
    most = max(number for _, number in years)
    step = width / len(years)
    column = min(44.0, step * 0.66)
    all_labels = step >= LABEL
    inside = []
    for place, (year, number) in enumerate(years):
        middle = step * (place + 0.5)
        height = (FLOOR - TOP) * number / most
        inside.append(svg.bar(middle - column / 2, FLOOR - height, column, height))
        if all_labels or number == most:
            inside.append(
                svg.text_line(middle, FLOOR - height - 8, f"{number}", anchor="middle", bold=True)
            )
        if all_labels or year % 5 == 0:
            inside.append(svg.text_line(middle, FLOOR + 21, f"{year}", anchor="middle"))
    inside.append(svg.line(0, FLOOR, width, FLOOR))
    base = f"Base: {_reviews(by_year.total)}"
    base += f", {by_year.undated} without a known year." if by_year.undated else "."
    inside.append(svg.text_line(0, FLOOR + 48, base, size=svg.SMALL, colour="soft"))
    return svg.drawing("years", title, by_year.in_words, FLOOR + 56, *inside, width=width)
