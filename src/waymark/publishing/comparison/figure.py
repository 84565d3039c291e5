"""Chart of two shares per row as dots, joined by a line only if they may be compared. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.tables import Cell, Figure, Row
from waymark.overview.charts import svg
from waymark.overview.charts.layout import (
    AXIS,
    NARROW,
    WIDE,
    Room,
    guide_spans,
    percent_scale,
    row_positions,
)

NUMBERS = 126
"""Room for two percentages at the end of a row, and for the dots before them."""


@dataclass(frozen=True, slots=True)
class SharePair:
    """Percentages of one row, rounded. joined: draw a line between them."""

    label: str
    first: int
    second: int
    joined: bool


def paired_dots(
    name: str, title: str, pairs: Sequence[SharePair], labels: tuple[str, str]
) -> Figure:
    """Draw the chart, wide and narrow. labels: of the two sides; filled dots are the first."""
    words = "; ".join(f"{pair.label}: {pair.first}% and {pair.second}%" for pair in pairs)
    text = f"{labels[0]} and {labels[1]}. {words}."
    measure = "Share of each base"
    wide, narrow = (_drawn(name, title, text, pairs, labels, room) for room in (WIDE, NARROW))
    return Figure(name, title, name, wide, text, finding=title, measure=measure, narrow=narrow)


def _drawn(
    name: str,
    title: str,
    text: str,
    pairs: Sequence[SharePair],
    labels: tuple[str, str],
    room: Room,
) -> str:
    inside, top = _legend(labels, room)
    scale = percent_scale(room.left() + 9, room.width - NUMBERS)
    rows = [(Row(str(at), pair.label, ()), Cell(None)) for at, pair in enumerate(pairs)]
    places, floor = row_positions(rows, top, room)
    inside += scale.axis(guide_spans(places, top, floor, room), floor, "%")
    for place, pair in zip(places, pairs, strict=True):
        first, second, middle = scale.x(pair.first), scale.x(pair.second), place.middle
        inside.append(place.label)
        if pair.joined and pair.first != pair.second:
            inside.append(svg.line(first, middle, second, middle))
        numbers = f"{pair.first}% and {pair.second}%"
        inside += [
            svg.dot(first, middle),
            _open_dot(second, middle),
            svg.text_line(room.width, middle + 5, numbers, anchor="end"),
        ]
    drawing_name = f"{name}-narrow" if room.narrow else name
    return svg.drawing(drawing_name, title, text, floor + AXIS, *inside, width=room.width)


def _legend(labels: tuple[str, str], room: Room) -> tuple[list[str], float]:
    """Key to the dots of each side, and the height at which the rows begin."""
    inside, y = [], 0.0
    for mark, label in zip((svg.dot, _open_dot), labels, strict=True):
        lines = svg.wrapped_label(label, room=room.width - 24)
        inside.append(mark(10, y + 14))
        inside += [svg.text_line(24, y + 19 + svg.LINE * at, line) for at, line in enumerate(lines)]
        y += 24 + svg.LINE * (len(lines) - 1)
    return inside, y + 10


def _open_dot(x: float, y: float) -> str:
    """Open dot, larger than a filled one, so that both are visible where they coincide."""
    return svg.element("circle", cx=x, cy=y, r=8, fill="none", **svg.stroked("ink", 2))
