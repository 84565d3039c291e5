"""Chart of two shares per row as dots, joined by a line only if they may be compared. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.tables import Figure
from waymark.overview.charts import svg

# Units of the drawing (pixels at its natural size): labels to the left, 0% to 100% between.
LEFT, RIGHT = 262, 600
ROW, LINE, TOP = 34, 18, 78
TICKS = (0, 25, 50, 75, 100)


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
    """Draw the chart. labels: names of the two sides; filled dots are the first."""
    inside = [
        svg.dot(10, 14),
        svg.text_line(24, 19, labels[0]),
        _open_dot(10, 38),
        svg.text_line(24, 43, labels[1]),
    ]
    rows: list[str] = []
    y = float(TOP)
    for pair in pairs:
        lines = svg.wrapped_label(pair.label, room=LEFT - 14)
        tall = ROW + LINE * (len(lines) - 1)
        middle = y + tall / 2
        rows.append(svg.label_lines(0, middle, lines))
        if pair.joined and pair.first != pair.second:
            rows.append(
                svg.line(_x_of_percent(pair.first), middle, _x_of_percent(pair.second), middle)
            )
        rows += [
            svg.dot(_x_of_percent(pair.first), middle),
            _open_dot(_x_of_percent(pair.second), middle),
        ]
        y += tall
    for tick in TICKS:
        inside.append(svg.text_line(_x_of_percent(tick), TOP - 8, f"{tick}%", anchor="middle"))
        inside.append(svg.line(_x_of_percent(tick), TOP, _x_of_percent(tick), y, faint=True))
    words = "; ".join(f"{pair.label}: {pair.first}% and {pair.second}%" for pair in pairs)
    text = f"{labels[0]} and {labels[1]}. {words}."
    return Figure(name, title, name, svg.drawing(name, title, text, y + 8, *inside, *rows), text)


def _x_of_percent(percent: int) -> float:
    return LEFT + (RIGHT - LEFT) * percent / 100


def _open_dot(x: float, y: float) -> str:
    """Open dot, larger than a filled one, so that both are visible where they coincide."""
    return svg.element("circle", cx=x, cy=y, r=8, fill="none", **svg.stroked("ink", 2))
