"""Drawings of crossed tables: stacked bars, shares of a whole, and a matrix. Pure."""

from collections.abc import Iterable, Sequence
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


@dataclass(frozen=True, slots=True)
class _Segment:
    """One part of one bar, from an x to another; both are the same if it counts nothing."""

    part: _PartSeries
    cell: Cell
    start: float
    end: float

    @property
    def fits(self) -> bool:
        """True if its number is drawn on it; a withheld one never is."""
        return not self.cell.is_withheld and (
            svg.room_on(self.cell.shown) <= self.end - self.start - GAP
        )


def _segments(row: Row, series: Sequence[_PartSeries], scale: Scale) -> list[_Segment]:
    """The parts of one bar from the left."""
    segments, start = [], scale.left
    for part in series:
        cell = row.cells[part.at]
        length = svg.HATCHED + GAP if cell.is_withheld else scale.x(length_of(cell)) - scale.left
        segments.append(_Segment(part, cell, start, start + length))
        start += length
    return segments


def _room_below(bars: Iterable[Sequence[_Segment]]) -> float:
    """Height under each bar: none if every number fits on its part."""
    outside = any(
        segment.end > segment.start and not segment.fits for bar in bars for segment in bar
    )
    return BELOW if outside else 0


def stacked_drawing(spec: FigureSpec, protected: ProtectedTable, room: Room) -> DrawingParts:
    """Bars of counts in the table's order, each made of parts in tones with their numbers on them.

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
    bars = {row.id: _segments(row, series, scale) for row in rows}
    places, height = row_positions(pairs, top, room, below=_room_below(bars.values()))
    inside += scale.axis(guide_spans(places, top, height, room), height)
    for place in places:
        segments = bars[place.row.id]
        end = segments[-1].end + 8
        inside += [place.label, *_stacked_bar(segments, place.middle)]
        inside.append(svg.text_line(end, place.middle + 5, place.cell.shown, bold=True))
    return inside, height + AXIS


def shares_drawing(spec: FigureSpec, protected: ProtectedTable, room: Room) -> DrawingParts:
    """Bars of one length, divided by the parts' shares; the whole at the end."""
    rows = part_rows(protected, spec.block)
    series = _occurring_series(spec, protected, rows)
    every = column_index(protected, spec.column or "n")
    inside, top = _legend_elements(series, room)
    axis = percent_scale(room.left(), room.width - (66 if room.narrow else 80))
    pairs = [(row, row.cells[every]) for row in rows]
    bars = {row.id: _share_segments(row, series, axis) for row in rows}
    places, height = row_positions(pairs, top, room, below=_room_below(bars.values()))
    inside += axis.axis(guide_spans(places, top, height, room), height, "%")
    for place in places:
        number = f"n = {place.cell.shown}"
        inside += [place.label, svg.text_line(room.width, place.middle + 5, number, anchor="end")]
        cells = [place.row.cells[part.at] for part in series]
        if bars[place.row.id]:
            inside += _stacked_bar(bars[place.row.id], place.middle)
        elif any(cell.is_withheld for cell in cells):
            marks = ", ".join(cell.shown for cell in cells)
            inside.append(svg.broken_bar(axis.left, place.middle - TALL / 2, TALL))
            inside.append(svg.text_line(axis.left + svg.HATCHED + 8, place.middle + 5, marks))
        else:
            inside.append(svg.text_line(axis.left + 8, place.middle + 5, "none"))
    return inside, height + AXIS


def _share_segments(row: Row, series: Sequence[_PartSeries], axis: Scale) -> list[_Segment]:
    """The parts of a bar of the full length; none without a whole, or if a part is withheld."""
    cells = [row.cells[part.at] for part in series]
    whole = sum(map(length_of, cells))
    if not whole or any(cell.is_withheld for cell in cells):
        return []
    return _segments(row, series, Scale(axis.left, axis.right, whole, ()))


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
    """Key to the parts, in the order of the bars, and the height at which the bars begin."""
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


def _stacked_bar(segments: Sequence[_Segment], middle: float) -> list[str]:
    """The parts of one bar with their numbers: on the parts, or below those too short for it."""
    inside: list[str] = []
    right = segments[0].start - GAP
    for segment in segments:
        cell, shade, start = segment.cell, segment.part.shade, segment.start
        length = segment.end - start
        if cell.is_withheld:
            inside.append(svg.broken_bar(start, middle - TALL / 2, TALL))
        elif length:
            wide = max(1.0, length - GAP)
            inside.append(svg.segment(start, middle - TALL / 2, wide, TALL, shade=shade))
        if segment.fits:
            inside.append(
                svg.number_on(start + (length - GAP) / 2, middle, cell.shown, shade=shade)
            )
        elif length:
            # Below its part, but moved right if the number before it is in the way.
            half = text_width(cell.shown, svg.SIZE) / 2 + 1
            at = max(start + length / 2, right + GAP + half)
            right = at + half
            inside.append(svg.text_line(at, middle + TALL / 2 + 15, cell.shown, anchor="middle"))
    return inside


# ---- matrix ----


def matrix_drawing(spec: FigureSpec, protected: ProtectedTable, room: Room) -> DrawingParts:
    """Every row by every column, each cell with its number out of the column's base.

    The line under a number is as long as its share of the base. Narrow columns have letters, with
    their names above.
    """
    labels = [column.label for column in protected.table.columns]
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
    heads = [_head_lines(label, step - 10) for label in labels]
    most = max((len(lines) for lines in heads), default=1)
    inside = [
        svg.text_line(MATRIX_LEFT + step * place, 16 + svg.LINE * (most - len(lines) + at), line)
        for place, lines in enumerate(heads)
        for at, line in enumerate(lines)
    ]
    return inside, svg.LINE * most + 12


def _head_lines(label: str, room: float) -> list[str]:
    """A column head: what is in brackets, and its base, begin a line of their own.

    Other (no death) (n = 6): "Other", "(no death)", "(n = 6)".
    """
    parts = label.replace(" (", "\n(").split("\n")
    return [line for part in parts for line in svg.wrapped_label(part, room=room)]


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
