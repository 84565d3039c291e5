"""Drawings of one number for each row: bars, dots on a line, shares with their bounds. Pure."""

from collections.abc import Sequence

from waymark.core.tables import Cell, ProtectedTable
from waymark.overview.charts import svg
from waymark.overview.charts.layout import (
    AXIS,
    BAR,
    DrawingParts,
    Pair,
    Room,
    column_cells,
    guide_spans,
    largest_first,
    length_of,
    mark_or,
    percent_scale,
    row_positions,
    scale_to,
)
from waymark.overview.spec.schema import FigureSpec


def bars_drawing(spec: FigureSpec, protected: ProtectedTable, room: Room) -> DrawingParts:
    """Bars from zero with the largest first and their numbers at their ends."""
    return bars_of(largest_first(column_cells(protected, spec.column or "n", spec.block)), room)


def bars_of(pairs: Sequence[Pair], room: Room) -> DrawingParts:
    """Bars from zero in the order given."""
    most = max((length_of(cell) for _, cell in pairs), default=0)
    scale = scale_to(most, room.left(), room.width - 56)
    places, height = row_positions(pairs, 0, room)
    inside = scale.axis(guide_spans(places, 0, height, room), height)
    for place in places:
        end = scale.x(length_of(place.cell))
        bar = svg.bar(scale.left, place.middle - BAR / 2, end - scale.left, BAR)
        drawn, end = mark_or(place.cell, scale.left, place.middle, bar, end)
        number = svg.text_line(end + 8, place.middle + 5, place.cell.shown, bold=True)
        inside += [place.label, *drawn, number]
    return inside, height + AXIS


def dots_drawing(spec: FigureSpec, protected: ProtectedTable, room: Room) -> DrawingParts:
    """One dot for each row on a line from zero to the base."""
    pairs = largest_first(column_cells(protected, spec.column or "n", spec.block))
    most = max((cell.base or length_of(cell) for _, cell in pairs), default=0)
    scale = scale_to(most, room.left(), room.width - 56, exact=True)
    places, height = row_positions(pairs, 0, room)
    inside = scale.axis(guide_spans(places, 0, height, room), height)
    for place in places:
        x = scale.x(length_of(place.cell))
        dot = svg.line(scale.left, place.middle, x, place.middle) + svg.dot(x, place.middle)
        drawn, end = mark_or(place.cell, scale.left, place.middle, dot, x + 6)
        number = svg.text_line(end + 8, place.middle + 5, place.cell.shown, bold=True)
        inside += [place.label, *drawn, number]
    return inside, height + AXIS


def ranges_drawing(spec: FigureSpec, protected: ProtectedTable, room: Room) -> DrawingParts:
    """The share recorded, in per cent: a dot in its range from lower to upper bound.

    Bars if this version of the table has no bounds.
    """
    bounds = _bounds_by_row(protected)
    pairs = largest_first(column_cells(protected, "percent"))
    inside, top = _legend(room) if bounds else ([], 0.0)
    scale = percent_scale(room.left(), room.width - (126 if bounds else 56))
    places, height = row_positions(pairs, top, room)
    inside += scale.axis(guide_spans(places, top, height, room), height, "%")
    for place in places:
        pair = bounds.get(place.row.id)
        x = scale.x(length_of(place.cell))
        drawn = svg.bar(scale.left, place.middle - BAR / 2, x - scale.left, BAR)
        words = place.cell.shown if place.cell.mark else f"{place.cell.shown}%"
        if pair is not None:
            low, high = pair
            drawn = _range(scale.x(length_of(low)), scale.x(length_of(high)), place.middle)
            drawn += svg.dot(x, place.middle)
            words = f"{words} ({low.shown} to {high.shown})"
        shapes, end = mark_or(place.cell, scale.left, place.middle, drawn, x)
        inside += [place.label, *shapes]
        if bounds and not place.cell.mark:
            inside.append(svg.text_line(room.width, place.middle + 5, words, anchor="end"))
        else:
            inside.append(svg.text_line(end + 8, place.middle + 5, words, bold=True))
    return inside, height + AXIS


def _legend(room: Room) -> DrawingParts:
    beside = 0 if room.narrow else 150
    below = 24 if room.narrow else 0
    return [
        svg.dot(8, 10),
        svg.text_line(34, 15, "Recorded"),
        _range(beside + 2, beside + 26, 10 + below),
        svg.text_line(beside + 34, 15 + below, "Lower to upper bound"),
    ], 32 + below


def _range(start: float, end: float, middle: float) -> str:
    """A band between two bounds, with a line at each."""
    band = svg.bar(start, middle - 5, end - start, 10, colour="tone-3")
    return band + "".join(svg.line(at, middle - 8, at, middle + 8) for at in (start, end))


def _bounds_by_row(protected: ProtectedTable) -> dict[str, tuple[Cell, Cell]]:
    """Row id -> lower and upper bound, for rows in which both are numbers."""
    if not {"lower", "upper"} <= {column.id for column in protected.table.columns}:
        return {}
    upper = {row.id: cell for row, cell in column_cells(protected, "upper")}
    return {
        row.id: (cell, upper[row.id])
        for row, cell in column_cells(protected, "lower")
        if not cell.mark and not upper[row.id].mark
    }
