"""Values of one nation over time, as a drawing and in a sentence. Pure.

The line begins at zero, is broken where a marker stands for a value and at a break of the series,
and has its first and last value written at its ends. Each nation has a scale of its own, so that
two drawings side by side do not invite a comparison.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from waymark.core.tables import Figure
from waymark.indicators.cells import MARKERS, IndicatorCell
from waymark.indicators.periods import Period
from waymark.overview.charts import svg
from waymark.overview.charts.metrics import text_width, wrapped_text

NARROW_WIDTH = 300
TOP, FLOOR, EDGE = 34.0, 150.0, 14.0
LABEL = 46.0
"""Room for the label of a period below the line."""


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """A value of a series. address: of its page, "" if it has none."""

    period: Period
    cell: IndicatorCell
    note: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class BreakMark:
    """A day from which values are counted otherwise, and what changed."""

    starts: date
    note: str


@dataclass(frozen=True, slots=True)
class NationSeries:
    """Values of a nation by period. finding: title of the drawing; measure: what is shown."""

    nation: str
    measure: str
    unit: str
    points: tuple[SeriesPoint, ...]
    breaks: tuple[BreakMark, ...] = field(default=())
    finding: str = ""

    @property
    def title(self) -> str:
        """The finding that people wrote, else the first and last value."""
        return self.finding or self.change

    @property
    def change(self) -> str:
        """First and last value in words; a break between them forbids a comparison."""
        known = [point for point in self.points if point.cell.value is not None]
        if not known:
            return "No values are shown"
        first, last = known[0], known[-1]
        if first == last:
            return f"{_value(last, self.unit)} in {last.period.short}"
        if first.period.is_day and first.period.key[5:] != last.period.key[5:]:
            # Counted on different days of the year: the two do not make a trend.
            return f"{_value(last, self.unit)} on {last.period.label}"
        ends = (
            f"{_value(first, self.unit)} in {first.period.short},"
            f" {_value(last, self.unit)} in {last.period.short}"
        )
        broken = any(first.period.end < row.starts <= last.period.end for row in self.breaks)
        return f"{ends} (counted otherwise in between)" if broken else ends

    @property
    def in_words(self) -> str:
        """All values in one sentence, with what each marker means."""
        listed = "; ".join(f"{point.period.label}: {point.cell.shown}" for point in self.points)
        marks = sorted({point.cell.marker for point in self.points if point.cell.marker})
        meaning = "".join(f" [{mark}] means {MARKERS[mark]}." for mark in marks)
        breaks = "".join(
            f" From {row.starts.day} {row.starts:%B %Y}: {row.note}." for row in self.breaks
        )
        return f"{self.measure}. {listed}.{meaning}{breaks}"


def _value(point: SeriesPoint, unit: str) -> str:
    return f"{point.cell.shown}%" if unit == "percent" else point.cell.shown


def series_figure(name: str, series: NationSeries) -> Figure | None:
    """The drawing of a series, wide and narrow; None without a value. name: of the drawing."""
    if all(point.cell.value is None for point in series.points):
        return None
    wide, narrow = (
        _Drawing(name if width == svg.WIDTH else f"{name}-narrow", series, width).drawn()
        for width in (svg.WIDTH, NARROW_WIDTH)
    )
    return Figure(
        id=name,
        title=f"{series.nation}: {series.measure}",
        table="",
        svg=wide,
        text=series.in_words,
        finding=f"{series.nation}: {series.title}",
        measure=series.measure,
        narrow=narrow,
    )


class _Drawing:
    """Marks of one drawing. width: of the whole, in the units of the drawing."""

    def __init__(self, name: str, series: NationSeries, width: float) -> None:
        self.name, self.series, self.width = name, series, width
        values = [point.cell.value for point in series.points if point.cell.value is not None]
        self.most = max(*values, Decimal(0), Decimal(1)) if values else Decimal(1)
        self.least = min(*values, Decimal(0)) if values else Decimal(0)
        room = width - 2 * EDGE
        last = max(len(series.points) - 1, 1)
        self.at = [EDGE + room * place / last for place in range(len(series.points))]

    def drawn(self) -> str:
        inside = [svg.line(0, FLOOR, self.width, FLOOR, faint=True)]
        inside += [part for run in self._runs() for part in self._line(run)]
        inside += [*self._break_marks(), *self._markers(), *self._ends(), *self._period_labels()]
        lines = wrapped_text(self._base(), self.width, svg.SMALL)
        inside += [
            svg.text_line(0, FLOOR + 46 + 17 * at, words, size=svg.SMALL, colour="soft")
            for at, words in enumerate(lines)
        ]
        height = FLOOR + 52 + 17 * (len(lines) - 1)
        title = f"{self.series.nation}: {self.series.measure}"
        return svg.drawing(
            self.name, title, self.series.in_words, height, *inside, width=self.width
        )

    def _base(self) -> str:
        first = self.series.points[0].period
        how = "the line is broken where a marker stands for a value"
        what = "Values as at a date" if first.is_day else "Values by year"
        marked = any(point.cell.value is None for point in self.series.points)
        return f"{what}; the scale begins at zero{f'; {how}' if marked else ''}."

    def _height(self, value: Decimal) -> float:
        share = (value - self.least) / (self.most - self.least)
        return FLOOR - (FLOOR - TOP) * float(share)

    def _runs(self) -> list[list[int]]:
        """Places of points that a line joins: cut at markers and at breaks of the series."""
        runs: list[list[int]] = [[]]
        points = self.series.points
        for place, point in enumerate(points):
            cut = place and any(
                points[place - 1].period.end < row.starts <= point.period.end
                for row in self.series.breaks
            )
            if cut or point.cell.value is None:
                runs.append([])
            if point.cell.value is not None:
                runs[-1].append(place)
        return [run for run in runs if run]

    def _line(self, run: Sequence[int]) -> list[str]:
        places = [(self.at[place], self._point_height(place)) for place in run]
        dots = [svg.element("circle", cx=x, cy=y, r=3, **svg.filled("tone-1")) for x, y in places]
        if len(places) == 1:
            return dots
        points = " ".join(f"{svg.rounded_number(x)},{svg.rounded_number(y)}" for x, y in places)
        style = {"stroke": svg.COLOURS["tone-1"], "stroke_width": "2.5"}
        line = svg.element(
            "polyline", points=points, fill="none", class_="chart-tone-1-line", **style
        )
        return [line, *dots]

    def _point_height(self, place: int) -> float:
        value = self.series.points[place].cell.value
        return FLOOR if value is None else self._height(value)

    def _break_marks(self) -> list[str]:
        marks = []
        for row in self.series.breaks:
            after = [i for i, p in enumerate(self.series.points) if p.period.end >= row.starts]
            if not after or after[0] == 0:
                continue
            x = (self.at[after[0]] + self.at[after[0] - 1]) / 2
            style = svg.stroked("soft") | {"stroke_dasharray": "3 4"}
            marks.append(svg.element("line", x1=x, y1=TOP - 12, x2=x, y2=FLOOR, **style))
            anchor = "end" if x > self.width / 2 else "start"
            at = x - 4 if anchor == "end" else x + 4
            label = "counted otherwise"
            marks.append(svg.text_line(at, 12, label, anchor=anchor, size=svg.SMALL, colour="soft"))
        return marks

    def _markers(self) -> list[str]:
        return [
            svg.text_line(x, FLOOR - 6, f"[{point.cell.marker}]", anchor="middle", size=svg.SMALL)
            for x, point in zip(self.at, self.series.points, strict=True)
            if point.cell.value is None
        ]

    def _ends(self) -> list[str]:
        """The first and the last value, written above their points."""
        known = [i for i, p in enumerate(self.series.points) if p.cell.value is not None]
        marks = []
        for place in dict.fromkeys((known[0], known[-1])):
            words = _value(self.series.points[place], self.series.unit)
            half = text_width(words, svg.SIZE, bold=True) / 2
            x = min(max(self.at[place], half), self.width - half)
            y = max(self._point_height(place) - 10, 26.0)
            marks.append(svg.text_line(x, y, words, anchor="middle", bold=True))
        return marks

    def _period_labels(self) -> list[str]:
        """Labels of the first and last period, and of those between that have room."""
        last = len(self.at) - 1
        places, marks, free = [0], [], self.at[0] + LABEL * 1.4
        for place in range(1, last):
            if free <= self.at[place] <= self.at[last] - LABEL * 1.4:
                places.append(place)
                free = self.at[place] + LABEL * 1.2
        for place in dict.fromkeys([*places, last]):
            anchor = "start" if place == 0 else "end" if place == last else "middle"
            x = (
                0
                if place == 0 and last
                else self.width
                if place == last and last
                else self.at[place]
            )
            label = self.series.points[place].period.short
            marks.append(svg.tick_label(x, FLOOR + 20, label, anchor=anchor if last else "start"))
        return marks
