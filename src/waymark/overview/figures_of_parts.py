"""Drawings of crossed tables: stacked bars, shares of a whole, and a matrix. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.tables import Cell, ProtectedTable, Row
from waymark.overview import svg
from waymark.overview.places import (
    LEFT,
    LINE,
    RIGHT,
    ROW,
    Drawn,
    base_of,
    place_of,
    rows_of,
    said_of,
    value_of,
    withheld,
)
from waymark.overview.spec import FigureSpec

TALL, GAP = 20, 2
DIGIT = 9
"""Width of a digit, about."""
OF_TWO = (svg.SHADES[0], svg.SHADES[4])
SHARES_LEFT, MATRIX_LEFT = 232, 186


@dataclass(frozen=True, slots=True)
class _Series:
    """One part of every bar. at: the index of its column."""

    label: str
    at: int
    shade: svg.Shade


def stacked(spec: FigureSpec, protected: ProtectedTable) -> Drawn:
    """Bars of counts in the table's order, each made of parts in tones with their numbers below.

    If the table shows only totals, there is one series: the bars of the total column.
    """
    rows = rows_of(protected, spec.block)
    series = _series(spec, protected, rows)
    every = place_of(protected, spec.column or "n")
    if not series:
        series = [_Series("", every, svg.SHADES[0])]
    most = max((sum(value_of(row.cells[part.at]) for part in series) for row in rows), default=0)
    unit = (RIGHT - LEFT) / (most or 1)
    inside, y = _legend(series)
    top = y
    for row in rows:
        middle, y = _row_label(row, y, inside)
        end = _bar(row, series, LEFT, unit, middle, inside)
        if len(series) > 1:
            inside.append(svg.text(end + 8, middle + 5, row.cells[every].shown, bold=True))
    inside.append(svg.line(LEFT, top + 2, LEFT, y - 2))
    return said_of(_in_words(rows, series, every), base_of(protected)), y, inside


def shares(spec: FigureSpec, protected: ProtectedTable) -> Drawn:
    """Bars of one length, divided by the parts' shares; numbers below, the whole at the end."""
    rows = rows_of(protected, spec.block)
    series = _series(spec, protected, rows)
    every = place_of(protected, spec.column or "n")
    inside, y = _legend(series)
    for row in rows:
        middle, y = _row_label(row, y, inside)
        cells = [row.cells[part.at] for part in series]
        whole = sum(value_of(cell) for cell in cells)
        inside.append(svg.text(RIGHT + 14, middle + 5, f"n = {row.cells[every].shown}"))
        if whole and not any(withheld(cell) for cell in cells):
            _bar(row, series, SHARES_LEFT, (RIGHT - SHARES_LEFT) / whole, middle, inside)
        else:
            marks = ", ".join(cell.shown for cell in cells) if whole else "none"
            inside.append(svg.text(SHARES_LEFT, middle + 5, marks))
    ending = f"Every bar is 100 per cent of its row, n. {base_of(protected)}"
    return said_of(_in_words(rows, series, every), ending), y, inside


def _series(spec: FigureSpec, protected: ProtectedTable, rows: Sequence[Row]) -> list[_Series]:
    """The parts that occur, in the order of the specification.

    A part can be missing if a profile shows a coarser table, or if it has nothing to count.
    """
    columns = {column.id for column in protected.table.columns}
    occurring = [
        (protected.table.columns[at].label, at)
        for at in (place_of(protected, part) for part in spec.parts if part in columns)
        if any(value_of(row.cells[at]) or withheld(row.cells[at]) for row in rows)
    ]
    shades = OF_TWO if len(occurring) == 2 else svg.SHADES
    return [
        _Series(label, at, shades[place % len(shades)])
        for place, (label, at) in enumerate(occurring)
    ]


def _legend(series: Sequence[_Series]) -> tuple[list[str], float]:
    """The legend, two parts in a line, and the height at which the bars begin."""
    inside: list[str] = []
    if len(series) < 2:
        return inside, 0
    for place, part in enumerate(series):
        x, y = 320 * (place % 2), 4 + 24 * (place // 2)
        inside.append(svg.segment(x + 1, y, 14, 14, shade=part.shade))
        inside.append(svg.text(x + 24, y + 12, part.label))
    return inside, 24 * ((len(series) + 1) // 2) + 16


def _row_label(row: Row, y: float, inside: list[str]) -> tuple[float, float]:
    """Write a row's label. Return the middle of its bar and the top of the next row."""
    lines = svg.lines_of(row.label, width=28)
    height = max(TALL + LINE + 14, LINE * len(lines) + 14)
    middle = y + TALL / 2 + 4
    inside.append(svg.label(0, middle + 9 * (len(lines) - 1), lines))
    return middle, y + height


def _bar(
    row: Row, series: Sequence[_Series], x: float, unit: float, middle: float, inside: list[str]
) -> float:
    """Draw the parts of one bar with their numbers below. Return the end of the bar."""
    right = x - GAP
    for part in series:
        cell = row.cells[part.at]
        width = unit * value_of(cell)
        if withheld(cell):
            width = svg.HATCHED + GAP
            inside.append(svg.hatched(x, middle - TALL / 2, TALL))
        else:
            length = max(1.0, width - GAP) if width else 0
            inside.append(svg.segment(x, middle - TALL / 2, length, TALL, shade=part.shade))
        if width:
            # The number is centred below its part, but moves right if the number before it is in
            # the way: SVG has no layout, so the width of a number is estimated from its digits.
            half = DIGIT * len(cell.shown) / 2
            at = max(x + width / 2, right + GAP + half)
            right = at + half
            inside.append(svg.text(at, middle + TALL / 2 + 15, cell.shown, anchor="middle"))
        x += width
    return x


def _in_words(rows: Sequence[Row], series: Sequence[_Series], every: int) -> list[tuple[str, str]]:
    pairs = []
    for row in rows:
        counts = [f"{part.label} {row.cells[part.at].shown}" for part in series if part.label]
        whole = row.cells[every].shown
        pairs.append((row.label, f"{whole} ({', '.join(counts)})" if counts else whole))
    return pairs


def matrix(spec: FigureSpec, protected: ProtectedTable) -> Drawn:
    """Every row by every column, each cell with its number out of the column's base.

    The line under a number is as long as its share of the base.
    """
    table = protected.table
    step = (svg.WIDTH - MATRIX_LEFT) / max(1, len(table.columns))
    names = [column.label for column in table.columns]
    labels = [name.replace("(n = ", "(n\u00a0=\u00a0") for name in names]
    heads = [svg.lines_of(label, width=max(6, int((step - 8) / 8))) for label in labels]
    most = max((len(lines) for lines in heads), default=1)
    inside = []
    for place, lines in enumerate(heads):
        start = LINE * (most - len(lines))
        inside += [
            svg.text(MATRIX_LEFT + step * place, start + 16 + LINE * number, line)
            for number, line in enumerate(lines)
        ]
    y: float = LINE * most + 12
    inside.append(svg.line(0, y - 2, svg.WIDTH, y - 2))
    pairs = []
    for row in rows_of(protected):
        lines = svg.lines_of(row.label, width=23)
        height = ROW + 8 + LINE * (len(lines) - 1)
        middle = y + height / 2
        inside.append(svg.label(0, middle, lines))
        for place, cell in enumerate(row.cells):
            inside += _matrix_cell(cell, MATRIX_LEFT + step * place, middle, step - 16)
        pairs.append((row.label, _across_in_words(row, names)))
        y += height
        inside.append(svg.line(0, y, svg.WIDTH, y, faint=True))
    return said_of(pairs, base_of(protected)), y + 4, inside


def _matrix_cell(cell: Cell, x: float, middle: float, wide: float) -> list[str]:
    if cell.mark or not cell.base:
        return [svg.text(x, middle + 3, cell.shown)]
    share = wide * value_of(cell) / cell.base
    return [
        svg.text(x, middle + 3, f"{cell.shown} of {cell.base}"),
        svg.bar(x, middle + 9, share, 5),
    ]


def _across_in_words(row: Row, labels: Sequence[str]) -> str:
    return ", ".join(
        f"{label.rsplit(' (n =', 1)[0]} {cell.shown}" + (f" of {cell.base}" if cell.base else "")
        for label, cell in zip(labels, row.cells, strict=True)
    )
