"""Drawings of crossed tables: stacked bars, shares of a whole, and a matrix. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from waymark.core.tables import Cell, ProtectedTable, Row
from waymark.overview.charts import svg
from waymark.overview.charts.layout import (
    AXIS,
    DrawingParts,
    Room,
    Scale,
    column_index,
    guide_spans,
    length_of,
    part_rows,
    percent_scale,
    row_positions,
    scale_to,
)
from waymark.overview.charts.metrics import text_width
from waymark.overview.charts.rows import bars_of
from waymark.overview.spec.schema import FigureSpec

TALL, GAP, BELOW = 24, 2, 18
MATRIX_LEFT = 186


@dataclass(frozen=True, slots=True)
class _PartSeries:
    """One part of every bar. at: the index of its column."""

    label: str
    at: int
    shade: svg.PartShade


def stacked_drawing(spec: FigureSpec, protected: ProtectedTable, room: Room) -> DrawingParts:
    """Bars of counts in the table's order, each made of parts in tones with their numbers below.

    If the table shows only totals, these are drawn as bars.
    """
    rows = part_rows(protected, spec.block)
    series = _occurring_series(spec, protected, rows)
    every = column_index(protected, spec.column or "n")
    pairs = [(row, row.cells[every]) for row in rows]
    if len(series) < 2:
        return bars_of(pairs, room)
    most = max((sum(length_of(row.cells[part.at]) for part in series) for row in rows), default=0)
    scale = scale_to(most, room.left(), room.width - 56)
    inside, top = _legend_elements(series, room)
    places, height = row_positions(pairs, top, room, below=BELOW)
    inside += scale.axis(guide_spans(places, top, height, room), height)
    for place in places:
        end = _stacked_bar(place.row, series, scale, place.middle, inside)
        number = svg.text_line(end + 8, place.middle + 5, place.cell.shown, bold=True)
        inside += [place.label, number]
    return inside, height + AXIS


def shares_drawing(spec: FigureSpec, protected: ProtectedTable, room: Room) -> DrawingParts:
    """Bars of one length, divided by the parts' shares; numbers below, the whole at the end."""
    rows = part_rows(protected, spec.block)
    series = _occurring_series(spec, protected, rows)
    every = column_index(protected, spec.column or "n")
    inside, top = _legend_elements(series, room)
    axis = percent_scale(room.left(), room.width - (66 if room.narrow else 80))
    pairs = [(row, row.cells[every]) for row in rows]
    places, height = row_positions(pairs, top, room, below=BELOW)
    inside += axis.axis(guide_spans(places, top, height, room), height, "%")
    for place in places:
        cells = [place.row.cells[part.at] for part in series]
        whole = sum(length_of(cell) for cell in cells)
        number = f"n = {place.cell.shown}"
        inside += [place.label, svg.text_line(room.width, place.middle + 5, number, anchor="end")]
        if whole and not any(cell.is_withheld for cell in cells):
            scale = Scale(axis.left, axis.right, whole, ())
            _stacked_bar(place.row, series, scale, place.middle, inside)
        elif any(cell.is_withheld for cell in cells):
            marks = ", ".join(cell.shown for cell in cells)
            inside.append(svg.broken_bar(axis.left, place.middle - TALL / 2, TALL))
            inside.append(svg.text_line(axis.left + svg.HATCHED + 8, place.middle + 5, marks))
        else:
            inside.append(svg.text_line(axis.left + 8, place.middle + 5, "none"))
    return inside, height + AXIS


def _occurring_series(
    spec: FigureSpec, protected: ProtectedTable, rows: Sequence[Row]
) -> list[_PartSeries]:
    """The parts that occur, in the order of the specification.

    A part can be missing if a profile shows a coarser table, or if it has nothing to count.
    """
    columns = {column.id for column in protected.table.columns}
    occurring = [
        (protected.table.columns[at].label, at)
        for at in (column_index(protected, part) for part in spec.parts if part in columns)
        if any(length_of(row.cells[at]) or row.cells[at].is_withheld for row in rows)
    ]
    shades = svg.SHADES_OF_TWO if len(occurring) == 2 else svg.SHADES
    return [
        _PartSeries(label, at, shades[place % len(shades)])
        for place, (label, at) in enumerate(occurring)
    ]


def _legend_elements(series: Sequence[_PartSeries], room: Room) -> DrawingParts:
    """What each part is, in the order of the bars, and the height at which the bars begin."""
    inside: list[str] = []
    if len(series) < 2:
        return inside, 0
    x, y = 1.0, 4.0
    for part in series:
        lines = svg.wrapped_label(part.label, room=room.width - 28)
        width = 24 + max(text_width(line, svg.SIZE) for line in lines)
        if x > 1 and x + width > room.width:
            x, y = 1, y + 24
        inside.append(svg.segment(x, y, 14, 14, shade=part.shade))
        inside += [
            svg.text_line(x + 22, y + 12 + svg.LINE * at, line) for at, line in enumerate(lines)
        ]
        if len(lines) > 1:
            y += svg.LINE * (len(lines) - 1)
        x += width + 22
    return inside, y + 34


def _stacked_bar(
    row: Row, series: Sequence[_PartSeries], scale: Scale, middle: float, inside: list[str]
) -> float:
    """Draw the parts of one bar with their numbers below. Return the end of the bar."""
    x = scale.left
    right = x - GAP
    for part in series:
        cell = row.cells[part.at]
        width = scale.x(length_of(cell)) - scale.left
        if cell.is_withheld:
            width = svg.HATCHED + GAP
            inside.append(svg.broken_bar(x, middle - TALL / 2, TALL))
        else:
            length = max(1.0, width - GAP) if width else 0
            inside.append(svg.segment(x, middle - TALL / 2, length, TALL, shade=part.shade))
        if width:
            # The number is centred below its part, but moves right if the number before it is in
            # the way.
            half = text_width(cell.shown, svg.SIZE) / 2 + 1
            at = max(x + width / 2, right + GAP + half)
            right = at + half
            inside.append(svg.text_line(at, middle + TALL / 2 + 15, cell.shown, anchor="middle"))
        x += width
    return x


# ---- matrix ----


def matrix_drawing(spec: FigureSpec, protected: ProtectedTable, room: Room) -> DrawingParts:
    """Every row by every column, each cell with its number out of the column's base.

    The line under a number is as long as its share of the base. Narrow columns have letters, with
    their names above.
    """
    names = [column.label for column in protected.table.columns]
    labels = [name.replace("(n = ", "(n\u00a0=\u00a0") for name in names]
    left = 0 if room.narrow else MATRIX_LEFT
    step = (room.width - left) / max(1, len(labels))
    inside, y = _lettered_heads(labels, step, room) if room.narrow else _wrapped_heads(labels, step)
    inside.append(svg.line(0, y - 2, room.width, y - 2))
    for row in part_rows(protected):
        label_room = room.width if room.narrow else MATRIX_LEFT - 14
        lines = svg.wrapped_label(row.label, room=label_room)
        text = svg.LINE * len(lines)
        height = text + 48 if room.narrow else max(46, text + 16)
        middle = y + text + 22 if room.narrow else y + height / 2
        centre = y + 4 + text / 2 if room.narrow else middle
        inside.append(svg.label_lines(0, centre, lines))
        for place, cell in enumerate(row.cells):
            inside += _matrix_cell(cell, left + step * place, middle, step - 12)
        y += height
        inside.append(svg.line(0, y, room.width, y, faint=True))
    return inside, y + 4


def _wrapped_heads(labels: Sequence[str], step: float) -> DrawingParts:
    heads = [svg.wrapped_label(label, room=step - 10) for label in labels]
    most = max((len(lines) for lines in heads), default=1)
    inside = [
        svg.text_line(MATRIX_LEFT + step * place, 16 + svg.LINE * (most - len(lines) + at), line)
        for place, lines in enumerate(heads)
        for at, line in enumerate(lines)
    ]
    return inside, svg.LINE * most + 12


def _lettered_heads(labels: Sequence[str], step: float, room: Room) -> DrawingParts:
    inside, y = [], 16.0
    for letter, label in zip(ascii_uppercase, labels, strict=False):
        inside.append(svg.text_line(0, y, letter, bold=True))
        for line in svg.wrapped_label(label, room=room.width - 22):
            inside.append(svg.text_line(22, y, line))
            y += svg.LINE
        y += 4
    y += 8
    inside += [
        svg.text_line(step * place, y, letter, bold=True)
        for place, letter in enumerate(ascii_uppercase[: len(labels)])
    ]
    return inside, y + 12


def _matrix_cell(cell: Cell, x: float, middle: float, wide: float) -> list[str]:
    if cell.mark or not cell.base:
        return [svg.text_line(x, middle + 3, cell.shown)]
    share = wide * length_of(cell) / cell.base
    words = f"{cell.shown} of {cell.base}"
    size = svg.SIZE if text_width(words, svg.SIZE) <= wide else svg.SMALL
    return [
        svg.text_line(x, middle + 3, words, size=size),
        svg.bar(x, middle + 9, wide, 5, colour="track") + svg.bar(x, middle + 9, share, 5),
    ]
