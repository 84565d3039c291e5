"""Protected tables -> drawings with direct labels, and the same in words. Pure.

A drawing shows nothing that its table does not print: a cell with a mark instead of a number has
the mark and no length.
"""

from collections.abc import Sequence

from waymark.core.tables import Cell, Figure, ProtectedTable, Row
from waymark.overview.charts import svg
from waymark.overview.charts.layout import (
    LEFT,
    RIGHT,
    DrawingParts,
    base_sentence,
    column_cells,
    drawing_in_words,
    framework_sentence,
    length_of,
    row_positions,
)
from waymark.overview.charts.stacked import matrix_drawing, shares_drawing, stacked_drawing
from waymark.overview.spec.schema import FigureSpec


def draw_figure(spec: FigureSpec, protected: ProtectedTable) -> Figure:
    """The figure of a table. Raises RuleError for a column that the table does not have."""
    makers = {
        "flow": _flow_drawing,
        "columns": _columns_drawing,
        "bars": _bars_drawing,
        "ranges": _ranges_drawing,
        "dots": _dots_drawing,
        "stacked": stacked_drawing,
        "shares": shares_drawing,
        "matrix": matrix_drawing,
    }
    words, height, inside = makers[spec.kind](spec, protected)
    table = protected.table
    title = f"{spec.title}: {table.title.rsplit(': ', 1)[-1]}"
    foot = framework_sentence(protected)
    if foot:
        inside.append(svg.text_line(0, height + 20, foot, small=True))
        height += 26
    drawn = svg.drawing(spec.id, title, words, height, *inside)
    return Figure(spec.id, title, table.id, drawn, words)


def _flow_drawing(spec: FigureSpec, protected: ProtectedTable) -> DrawingParts:
    cells = {row.id: (row.label, row.cells[0]) for row in protected.table.rows}
    boxes = [cells[stage] for stage in ("identified", "obtained", "coded", "double_coded")]
    beside = [
        ("", None),
        ("Not obtained", _difference(cells["identified"][1], cells["obtained"][1])),
        (f"{cells['excluded'][0]}: {cells['excluded'][1].shown}", None),
        ("", None),
    ]
    inside, y = [], 4.0
    for place, ((name, cell), (note, left)) in enumerate(zip(boxes, beside, strict=True)):
        if place:
            inside += [svg.line(150, y - 26, 150, y - 2), _arrow_head(150, y)]
        inside.append(
            svg.element(
                "rect", x=1, y=y, width=298, height=44, fill="none", stroke="currentColor", rx=3
            )
        )
        inside += [
            svg.text_line(16, y + 28, name),
            svg.text_line(284, y + 28, cell.shown, anchor="end", bold=True),
        ]
        words = f"{note}: {left}" if left is not None else note
        if words:
            inside.append(svg.line(150, y - 14, 330, y - 14, faint=True))
            inside.append(svg.text_line(340, y - 9, words))
        y += 72
    pairs_in_words = [(name, cell.shown) for name, cell in cells.values()]
    ending = f"Every stage is a number of reviews. {framework_sentence(protected)}"
    return drawing_in_words(pairs_in_words, ending.rstrip()), y - 24, inside


def _difference(whole: Cell, part: Cell) -> int | None:
    if whole.mark or part.mark or whole.value is None or part.value is None:
        return None
    return int(whole.value - part.value)


def _arrow_head(x: float, y: float) -> str:
    left, right, top = map(svg.rounded_number, (x - 5, x + 5, y - 8))
    points = f"{left},{top} {right},{top}"
    return svg.element(
        "polygon", points=f"{points} {svg.rounded_number(x)},{svg.rounded_number(y)}"
    )


def _columns_drawing(spec: FigureSpec, protected: ProtectedTable) -> DrawingParts:
    """Columns from zero, one for each row, with their numbers on top; no line is fitted."""
    cells = column_cells(protected, spec.column or "n", spec.block)
    top, floor = 30.0, 230.0
    most = max((length_of(cell) for _, cell in cells), default=0) or 1
    step = svg.WIDTH / max(1, len(cells))
    width = min(72.0, step * 0.62)
    inside = []
    for place, (row, cell) in enumerate(cells):
        middle = step * (place + 0.5)
        height = (floor - top) * length_of(cell) / most
        if cell.is_withheld:
            inside.append(svg.hatched_box(middle - svg.HATCHED / 2, floor - 24, 24))
            height = 24
        else:
            inside.append(svg.bar(middle - width / 2, floor - height, width, height))
        inside += [
            svg.text_line(middle, floor - height - 8, cell.shown, anchor="middle", bold=True),
            svg.text_line(middle, floor + 22, row.label, anchor="middle"),
        ]
    inside.append(svg.line(0, floor, svg.WIDTH, floor))
    pairs_in_words = [(row.label, cell.shown) for row, cell in cells]
    return drawing_in_words(pairs_in_words, base_sentence(protected)), floor + 34, inside


def _largest_first(pairs: Sequence[tuple[Row, Cell]]) -> list[tuple[Row, Cell]]:
    """Rows by the number shown, unknown values last; equal ones keep the order of the table."""
    return sorted(pairs, key=lambda pair: (pair[0].role == "unknown", -length_of(pair[1])))


def _bars_drawing(spec: FigureSpec, protected: ProtectedTable) -> DrawingParts:
    pairs = _largest_first(column_cells(protected, spec.column or "n", spec.block))
    most = max((length_of(cell) for _, cell in pairs), default=0) or 1
    places, height = row_positions(pairs, 0)
    inside = []
    for place in places:
        length = (RIGHT - LEFT) * length_of(place.cell) / most
        if place.cell.is_withheld:
            length = svg.HATCHED
            inside.append(svg.hatched_box(LEFT, place.middle - 12, 24))
        else:
            inside.append(svg.bar(LEFT, place.middle - 12, length, 24))
        inside += [
            svg.label_lines(0, place.middle, place.lines),
            svg.text_line(LEFT + length + 8, place.middle + 5, place.cell.shown, bold=True),
        ]
    inside.append(svg.line(LEFT, 2, LEFT, height - 2))
    pairs_in_words = [(row.label, cell.shown) for row, cell in pairs]
    return drawing_in_words(pairs_in_words, base_sentence(protected)), height, inside


def _ranges_drawing(spec: FigureSpec, protected: ProtectedTable) -> DrawingParts:
    """Bars of the share recorded, in per cent, with a thin line from lower to upper bound."""
    columns = {column.id for column in protected.table.columns}
    bounded = {"lower", "upper"} <= columns
    bounds = _bounds_by_row(protected) if bounded else {}
    pairs = _largest_first(column_cells(protected, "percent"))
    places, height = row_positions(pairs, 52)
    width = RIGHT - 30 - LEFT
    key = "Bar: recorded. Line: lower to upper bound." if bounded else "Bar: recorded."
    inside = [svg.text_line(0, 16, f"{key} Per cent of reviews.")]
    for tick in (0, 25, 50, 75, 100):
        x = LEFT + width * tick / 100
        inside.append(svg.line(x, 50, x, height - 2, faint=tick > 0))
        inside.append(svg.text_line(x, 44, f"{tick}", anchor="middle"))
    pairs_in_words = []
    for place in places:
        inside.append(svg.label_lines(0, place.middle, place.lines))
        if place.cell.is_withheld:
            inside.append(svg.hatched_box(LEFT, place.middle - 11, 13))
        else:
            inside.append(svg.bar(LEFT, place.middle - 11, width * length_of(place.cell) / 100, 13))
        words = place.cell.shown
        if place.row.id in bounds:
            low, high = bounds[place.row.id]
            start, end = (LEFT + width * length_of(bound) / 100 for bound in (low, high))
            under = place.middle + 8
            inside += [
                svg.line(start, under, end, under),
                svg.line(start, under - 4, start, under + 4),
                svg.line(end, under - 4, end, under + 4),
            ]
            words = f"{words} ({low.shown} to {high.shown})"
        inside.append(svg.text_line(svg.WIDTH, place.middle + 5, words, anchor="end"))
        pairs_in_words.append((place.row.label, f"{words} per cent"))
    ending = base_sentence(protected)
    if bounded:
        ending = f"In brackets: lower and upper bound. {ending}"
    return drawing_in_words(pairs_in_words, ending), height, inside


def _bounds_by_row(protected: ProtectedTable) -> dict[str, tuple[Cell, Cell]]:
    """Row id -> lower and upper bound, for rows in which both are numbers."""
    upper = {row.id: cell for row, cell in column_cells(protected, "upper")}
    return {
        row.id: (cell, upper[row.id])
        for row, cell in column_cells(protected, "lower")
        if not cell.mark and not upper[row.id].mark
    }


def _dots_drawing(spec: FigureSpec, protected: ProtectedTable) -> DrawingParts:
    """One dot for each row on a line from zero to the base."""
    pairs = _largest_first(column_cells(protected, spec.column or "n", spec.block))
    most = max((cell.base or 0 for _, cell in pairs), default=0) or 1
    places, height = row_positions(pairs, 0)
    inside = []
    for place in places:
        x = LEFT + (RIGHT - LEFT) * length_of(place.cell) / most
        inside += [
            svg.label_lines(0, place.middle, place.lines),
            svg.line(LEFT, place.middle, x, place.middle, faint=True),
            "" if place.cell.mark else svg.dot(x, place.middle),
            svg.text_line(x + 14, place.middle + 5, place.cell.shown, bold=True),
        ]
    inside.append(svg.line(LEFT, 2, LEFT, height + 4))
    inside += [
        svg.text_line(LEFT, height + 22, "0", anchor="middle"),
        svg.text_line(RIGHT, height + 22, f"{most} reviews", anchor="middle"),
    ]
    pairs_in_words = [(row.label, cell.shown) for row, cell in pairs]
    return drawing_in_words(pairs_in_words, base_sentence(protected)), height + 30, inside
