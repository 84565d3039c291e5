"""Drawings of crossed tables: stacked bars, shares of a whole, and a matrix. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.tables import Cell, ProtectedTable, Row
from waymark.overview.charts import svg
from waymark.overview.charts.layout import (
    LEFT,
    LINE,
    RIGHT,
    ROW,
    DrawingParts,
    base_sentence,
    column_index,
    drawing_in_words,
    length_of,
    part_rows,
)
from waymark.overview.spec.schema import FigureSpec

TALL, GAP = 20, 2
DIGIT = 9
"""Width of a digit, about."""
OF_TWO = (svg.SHADES[0], svg.SHADES[4])
SHARES_LEFT, MATRIX_LEFT = 232, 186


@dataclass(frozen=True, slots=True)
class _PartSeries:
    """One part of every bar. at: the index of its column."""

    label: str
    at: int
    shade: svg.PartShade


def stacked_drawing(spec: FigureSpec, protected: ProtectedTable) -> DrawingParts:
    """Bars of counts in the table's order, each made of parts in tones with their numbers below.

    If the table shows only totals, there is one series: the bars of the total column.
    """
    rows = part_rows(protected, spec.block)
    series = _occurring_series(spec, protected, rows)
    every = column_index(protected, spec.column or "n")
    if not series:
        series = [_PartSeries("", every, svg.SHADES[0])]
    most = max((sum(length_of(row.cells[part.at]) for part in series) for row in rows), default=0)
    unit = (RIGHT - LEFT) / (most or 1)
    inside, y = _legend_elements(series)
    top = y
    for row in rows:
        middle, y = _row_label(row, y, inside)
        end = _stacked_bar(row, series, LEFT, unit, middle, inside)
        if len(series) > 1:
            inside.append(svg.text_line(end + 8, middle + 5, row.cells[every].shown, bold=True))
    inside.append(svg.line(LEFT, top + 2, LEFT, y - 2))
    return drawing_in_words(_in_words(rows, series, every), base_sentence(protected)), y, inside


def shares_drawing(spec: FigureSpec, protected: ProtectedTable) -> DrawingParts:
    """Bars of one length, divided by the parts' shares; numbers below, the whole at the end."""
    rows = part_rows(protected, spec.block)
    series = _occurring_series(spec, protected, rows)
    every = column_index(protected, spec.column or "n")
    inside, y = _legend_elements(series)
    for row in rows:
        middle, y = _row_label(row, y, inside)
        cells = [row.cells[part.at] for part in series]
        whole = sum(length_of(cell) for cell in cells)
        inside.append(svg.text_line(RIGHT + 14, middle + 5, f"n = {row.cells[every].shown}"))
        if whole and not any(cell.is_withheld for cell in cells):
            _stacked_bar(row, series, SHARES_LEFT, (RIGHT - SHARES_LEFT) / whole, middle, inside)
        else:
            marks = ", ".join(cell.shown for cell in cells) if whole else "none"
            inside.append(svg.text_line(SHARES_LEFT, middle + 5, marks))
    ending = f"Every bar is 100 per cent of its row, n. {base_sentence(protected)}"
    return drawing_in_words(_in_words(rows, series, every), ending), y, inside


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
    shades = OF_TWO if len(occurring) == 2 else svg.SHADES
    return [
        _PartSeries(label, at, shades[place % len(shades)])
        for place, (label, at) in enumerate(occurring)
    ]


def _legend_elements(series: Sequence[_PartSeries]) -> tuple[list[str], float]:
    """The legend, two parts in a line, and the height at which the bars begin."""
    inside: list[str] = []
    if len(series) < 2:
        return inside, 0
    for place, part in enumerate(series):
        x, y = 320 * (place % 2), 4 + 24 * (place // 2)
        inside.append(svg.segment(x + 1, y, 14, 14, shade=part.shade))
        inside.append(svg.text_line(x + 24, y + 12, part.label))
    return inside, 24 * ((len(series) + 1) // 2) + 16


def _row_label(row: Row, y: float, inside: list[str]) -> tuple[float, float]:
    """Write a row's label. Return the middle of its bar and the top of the next row."""
    lines = svg.wrapped_label(row.label, width=28)
    height = max(TALL + LINE + 14, LINE * len(lines) + 14)
    middle = y + TALL / 2 + 4
    inside.append(svg.label_lines(0, middle + 9 * (len(lines) - 1), lines))
    return middle, y + height


def _stacked_bar(
    row: Row, series: Sequence[_PartSeries], x: float, unit: float, middle: float, inside: list[str]
) -> float:
    """Draw the parts of one bar with their numbers below. Return the end of the bar."""
    right = x - GAP
    for part in series:
        cell = row.cells[part.at]
        width = unit * length_of(cell)
        if cell.is_withheld:
            width = svg.HATCHED + GAP
            inside.append(svg.hatched_box(x, middle - TALL / 2, TALL))
        else:
            length = max(1.0, width - GAP) if width else 0
            inside.append(svg.segment(x, middle - TALL / 2, length, TALL, shade=part.shade))
        if width:
            # The number is centred below its part, but moves right if the number before it is in
            # the way: SVG has no layout, so the width of a number is estimated from its digits.
            half = DIGIT * len(cell.shown) / 2
            at = max(x + width / 2, right + GAP + half)
            right = at + half
            inside.append(svg.text_line(at, middle + TALL / 2 + 15, cell.shown, anchor="middle"))
        x += width
    return x


def _in_words(
    rows: Sequence[Row], series: Sequence[_PartSeries], every: int
) -> list[tuple[str, str]]:
    pairs = []
    for row in rows:
        counts = [f"{part.label} {row.cells[part.at].shown}" for part in series if part.label]
        whole = row.cells[every].shown
        pairs.append((row.label, f"{whole} ({', '.join(counts)})" if counts else whole))
    return pairs


def matrix_drawing(spec: FigureSpec, protected: ProtectedTable) -> DrawingParts:
    """Every row by every column, each cell with its number out of the column's base.

    The line under a number is as long as its share of the base.
    """
    table = protected.table
    step = (svg.WIDTH - MATRIX_LEFT) / max(1, len(table.columns))
    names = [column.label for column in table.columns]
    labels = [name.replace("(n = ", "(n\u00a0=\u00a0") for name in names]
    heads = [svg.wrapped_label(label, width=max(6, int((step - 8) / 8))) for label in labels]
    most = max((len(lines) for lines in heads), default=1)
    inside = []
    for place, lines in enumerate(heads):
        start = LINE * (most - len(lines))
        inside += [
            svg.text_line(MATRIX_LEFT + step * place, start + 16 + LINE * number, line)
            for number, line in enumerate(lines)
        ]
    y: float = LINE * most + 12
    inside.append(svg.line(0, y - 2, svg.WIDTH, y - 2))
    pairs = []
    for row in part_rows(protected):
        lines = svg.wrapped_label(row.label, width=23)
        height = ROW + 8 + LINE * (len(lines) - 1)
        middle = y + height / 2
        inside.append(svg.label_lines(0, middle, lines))
        for place, cell in enumerate(row.cells):
            inside += _matrix_cell(cell, MATRIX_LEFT + step * place, middle, step - 16)
        pairs.append((row.label, _across_in_words(row, names)))
        y += height
        inside.append(svg.line(0, y, svg.WIDTH, y, faint=True))
    return drawing_in_words(pairs, base_sentence(protected)), y + 4, inside


def _matrix_cell(cell: Cell, x: float, middle: float, wide: float) -> list[str]:
    if cell.mark or not cell.base:
        return [svg.text_line(x, middle + 3, cell.shown)]
    share = wide * length_of(cell) / cell.base
    return [
        svg.text_line(x, middle + 3, f"{cell.shown} of {cell.base}"),
        svg.bar(x, middle + 9, share, 5),
    ]


def _across_in_words(row: Row, labels: Sequence[str]) -> str:
    return ", ".join(
        f"{label.rsplit(' (n =', 1)[0]} {cell.shown}" + (f" of {cell.base}" if cell.base else "")
        for label, cell in zip(labels, row.cells, strict=True)
    )
