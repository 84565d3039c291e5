"""Recommendations by year and by how far they came, as stacked columns and as a table. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from waymark.core.tables import Figure
from waymark.overview.charts import svg
from waymark.overview.charts.layout import scale_to
from waymark.overview.charts.metrics import text_width

PARTS: Mapping[str, frozenset[str]] = {
    "Complete": frozenset({"reported", "verified"}),
    "Accepted or in progress": frozenset({"accepted", "in_part", "in_principle", "in_progress"}),
    "No answer yet": frozenset({"not_told", "waiting"}),
    "Not accepted or superseded": frozenset({"rejected", "superseded"}),
}
"""Label of each part of a column, from below -> the standings in it."""
NARROW_WIDTH = 300
MOST_YEARS = 30
"""The latest years of the drawing; the table has all."""
LEFT, TOP, FLOOR = 44.0, 20.0, 200.0
KEY_LINE = 22.0
WIDEST_COLUMN = 46.0


@dataclass(frozen=True, slots=True)
class YearCounts:
    """Recommendations of the reviews that ended in a year. counts: in the order of PARTS."""

    year: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts)


def counts_by_year(by_year: Mapping[str, Mapping[str, int]]) -> list[YearCounts]:
    """Counts by standing of each year ("" if not known) -> counts by part, unknown years last."""
    years = sorted(by_year, key=lambda year: (not year, year))
    return [
        YearCounts(
            year,
            tuple(
                sum(by_year[year].get(standing, 0) for standing in standings)
                for standings in PARTS.values()
            ),
        )
        for year in years
    ]


def year_figure(rows: Sequence[YearCounts]) -> Figure | None:
    """The drawing of the years that are known, wide and narrow; None for fewer than two.

    Years without a review between others have an empty place, so that time runs evenly.
    """
    known = {int(row.year): row for row in rows if row.year}
    if len(known) < 2:
        return None
    none = tuple(0 for _ in PARTS)
    last = max(known)
    first = max(min(known), last - MOST_YEARS + 1)
    shown = [known.get(year) or YearCounts(str(year), none) for year in range(first, last + 1)]
    words = _in_words(shown)
    title = "Recommendations by the year in which the review ended"
    return Figure(
        id="years",
        title=title,
        table="",
        svg=_drawn("years", shown, title, words, svg.WIDTH),
        text=words,
        finding=words,
        measure="Number of recommendations",
        narrow=_drawn("years-narrow", shown, title, words, NARROW_WIDTH),
    )


def _in_words(rows: Sequence[YearCounts]) -> str:
    """Example: "Of 14 recommendations of reviews that ended from 2019 to 2021, 3 are complete"."""
    total, complete = sum(row.total for row in rows), sum(row.counts[0] for row in rows)
    verb = "is" if complete == 1 else "are"
    return (
        f"Of {total:,} recommendations of reviews that ended from {rows[0].year} to"
        f" {rows[-1].year}, {complete:,} {verb} complete"
    )


def _drawn(name: str, rows: Sequence[YearCounts], title: str, words: str, width: float) -> str:
    key, top = _key(width)
    floor = top + FLOOR - TOP
    scale = scale_to(max(row.total for row in rows), floor, top)
    inside = [*key]
    for tick in scale.ticks:
        inside.append(svg.line(LEFT, scale.x(tick), width, scale.x(tick), faint=tick > 0))
        inside.append(svg.tick_label(LEFT - 8, scale.x(tick) + 4, f"{tick:,}", anchor="end"))
    step = (width - LEFT) / len(rows)
    column = min(WIDEST_COLUMN, step * 0.7)
    every = _labelled_every(step)
    for place, row in enumerate(rows):
        middle = LEFT + step * (place + 0.5)
        below = 0
        for shade, number in zip(svg.SHADES, row.counts, strict=False):
            head = scale.x(below + number)
            if number:
                height = scale.x(below) - head
                inside.append(svg.segment(middle - column / 2, head, column, height, shade=shade))
            below += number
        if (len(rows) - 1 - place) % every == 0:
            inside.append(svg.tick_label(middle, floor + 18, row.year))
    return svg.drawing(name, title, words, floor + 24, *inside, width=width)


def _labelled_every(step: float) -> int:
    """How many years apart the labels are, so that they do not touch. step: width of a year."""
    room = text_width("2000", svg.SMALL) + 8
    return next(every for every in (1, 2, 5, 10, 20) if every * step >= room or every == 20)


def _key(width: float) -> tuple[list[str], float]:
    """The key to the parts above the columns, and the height at which these begin."""
    inside: list[str] = []
    x, y = 1.0, 2.0
    for shade, label in zip(svg.SHADES, PARTS, strict=False):
        wide = 22 + text_width(label, svg.SIZE)
        if x > 1 and x + wide > width:
            x, y = 1.0, y + KEY_LINE
        inside.append(svg.segment(x, y, 14, 14, shade=shade))
        inside.append(svg.text_line(x + 22, y + 12, label))
        x += wide + 20
    return inside, y + KEY_LINE + TOP
