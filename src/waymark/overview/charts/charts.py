"""Protected tables -> drawings with direct labels, for wide and narrow pages. Pure.

A drawing shows nothing that its table does not print: a cell with a mark instead of a number has
the mark and no length.
"""

from collections.abc import Callable

from waymark.core.tables import Cell, Figure, ProtectedTable
from waymark.overview.charts import svg
from waymark.overview.charts.findings import Finding, finding_of
from waymark.overview.charts.layout import (
    NARROW,
    WIDE,
    DrawingParts,
    Pair,
    Room,
    column_cells,
    foot_lines,
    length_of,
    scale_to,
)
from waymark.overview.charts.metrics import text_width, wrapped_text
from waymark.overview.charts.rows import bars_drawing, bars_of, dots_drawing, ranges_drawing
from waymark.overview.charts.stacked import matrix_drawing, shares_drawing, stacked_drawing
from waymark.overview.spec.schema import FigureSpec

Maker = Callable[[FigureSpec, ProtectedTable, Room], DrawingParts]


def draw_figure(spec: FigureSpec, protected: ProtectedTable) -> Figure:
    """The figure of a table. Raises RuleError for a column that the table does not have."""
    measure = protected.table.title.rsplit(": ", 1)[-1]
    title = f"{spec.title}: {measure}"
    finding = finding_of(spec, protected)
    said = f"{finding.sentence} " if finding.sentence else ""
    text = f"{said}Numbers in Table {spec.table[1:]}."
    wide, height = _drawn(spec, protected, WIDE)
    narrow, narrow_height = _drawn(spec, protected, NARROW)
    small = svg.drawing(
        f"{spec.id}-narrow", title, text, narrow_height, *narrow, width=NARROW.width
    )
    return Figure(
        id=spec.id,
        title=title,
        table=spec.table,
        svg=svg.drawing(spec.id, title, text, height, *wide),
        text=text,
        finding=_headline(spec, finding),
        measure=title,
        narrow=small,
        claim=finding.marked,
    )


def _headline(spec: FigureSpec, finding: Finding) -> str:
    return finding.sentence.removesuffix(".") or spec.title


def _drawn(spec: FigureSpec, protected: ProtectedTable, room: Room) -> DrawingParts:
    makers: dict[str, Maker] = {
        "flow": _flow_drawing,
        "columns": _columns_drawing,
        "bars": bars_drawing,
        "ranges": ranges_drawing,
        "dots": dots_drawing,
        "stacked": stacked_drawing,
        "shares": shares_drawing,
        "matrix": matrix_drawing,
    }
    inside, height = makers[spec.kind](spec, protected, room)
    foot, end = foot_lines(protected, inside, height, room)
    return [*inside, *foot], end


def _flow_drawing(spec: FigureSpec, protected: ProtectedTable, room: Room) -> DrawingParts:
    cells = {row.id: (row.label, row.cells[0]) for row in protected.table.rows}
    boxes = [cells[stage] for stage in ("identified", "obtained", "coded", "double_coded")]
    left_out = _difference(cells["identified"][1], cells["obtained"][1])
    beside = [
        "",
        f"Not obtained: {left_out}" if left_out is not None else "Not obtained",
        f"{cells['excluded'][0]}: {cells['excluded'][1].shown}",
        "",
    ]
    wide = min(room.width, 340) - 2
    inside, y = [], 2.0
    for place, ((name, cell), note) in enumerate(zip(boxes, beside, strict=True)):
        if place:
            inside += [svg.line(40, y - 30, 40, y - 8), _arrow_head(40, y)]
        box = {"x": 1, "y": y, "width": wide, "height": 44}
        inside += [
            svg.element("rect", **box, fill="none", **svg.stroked("ink", 1.5), rx=3),
            svg.text_line(16, y + 28, name),
            svg.text_line(wide - 14, y + 28, cell.shown, anchor="end", bold=True),
        ]
        if note:
            inside.append(svg.text_line(60, y - 10, note, colour="soft"))
        y += 76
    return inside, y - 28


def _difference(whole: Cell, part: Cell) -> int | None:
    if whole.mark or part.mark or whole.value is None or part.value is None:
        return None
    return int(whole.value - part.value)


def _arrow_head(x: float, y: float) -> str:
    left, right, top = map(svg.rounded_number, (x - 5, x + 5, y - 9))
    point = f"{svg.rounded_number(x)},{svg.rounded_number(y - 1)}"
    return svg.element("polygon", points=f"{left},{top} {right},{top} {point}", **svg.filled("ink"))


def _columns_drawing(spec: FigureSpec, protected: ProtectedTable, room: Room) -> DrawingParts:
    """Columns from zero, one for each row, with their numbers on top; no line is fitted.

    Bars in the same order where the labels do not fit below columns.
    """
    pairs = column_cells(protected, spec.column or "n", spec.block)
    left = 34.0
    step = (room.width - left) / max(1, len(pairs))
    if any(_widest_word(row.label) > step - 6 for row, _ in pairs):
        return bars_of(pairs, room)
    return _upright(pairs, left, step)


def _widest_word(label: str) -> float:
    return max(text_width(word, svg.SIZE) for word in label.split(" "))


def _upright(pairs: list[Pair], left: float, step: float) -> DrawingParts:
    top, floor, right = 30.0, 230.0, left + step * len(pairs)
    most = max((length_of(cell) for _, cell in pairs), default=0)
    scale = scale_to(most, floor, top)
    width = min(72.0, step * 0.62)
    inside = []
    for tick in scale.ticks:
        y = scale.x(tick)
        inside.append(svg.line(left, y, right, y, faint=tick > 0))
        inside.append(svg.tick_label(left - 8, y + 4, f"{tick:,}", anchor="end"))
    rows = 1
    for place, (row, cell) in enumerate(pairs):
        middle = left + step * (place + 0.5)
        head = scale.x(length_of(cell))
        if cell.is_withheld:
            head = floor - 24
            inside.append(svg.broken_bar(middle - svg.HATCHED / 2, head, 24))
        else:
            inside.append(svg.bar(middle - width / 2, head, width, floor - head))
        inside.append(svg.text_line(middle, head - 8, cell.shown, anchor="middle", bold=True))
        lines = svg.wrapped_label(row.label, room=step - 6)
        rows = max(rows, len(lines))
        inside += [
            svg.text_line(middle, floor + 22 + svg.LINE * number, line, anchor="middle")
            for number, line in enumerate(lines)
        ]
    return inside, floor + 28 + svg.LINE * (rows - 1)


# ---- saved drawings ----

MARGIN = 24


def saved_drawing(figure: Figure, source: str) -> str:
    """A drawing for a file of its own: with its title, measure and source, on a white ground.

    source: the overview and its edition. It says and shows nothing besides that the page does not.
    """
    titles = wrapped_text(figure.finding, svg.WIDTH, 20, bold=True)
    inside = [
        svg.text_line(MARGIN, 40 + 25 * at, line, size=20, bold=True)
        for at, line in enumerate(titles)
    ]
    y = 40.0 + 25 * len(inside)
    lines = svg.wrapped_label(figure.measure, room=svg.WIDTH)
    inside += [
        svg.text_line(MARGIN, y + svg.LINE * at, line, colour="soft")
        for at, line in enumerate(lines)
    ]
    y += svg.LINE * len(lines)
    marks, height = _inside_of(figure.svg)
    inside.append(svg.element("g", marks, transform=f"translate({MARGIN} {svg.rounded_number(y)})"))
    y += height + 14
    sources = wrapped_text(f"Source: {source}", svg.WIDTH, svg.SMALL)
    inside += [
        svg.text_line(MARGIN, y + 17 * at, line, size=svg.SMALL, colour="soft")
        for at, line in enumerate(sources)
    ]
    whole, width = y + 17 * len(sources) + 8, svg.WIDTH + 2 * MARGIN
    # A path: a filled rectangle would stand behind every withheld number as a mark would.
    ground = svg.element(
        "path", d=f"M0 0H{width}V{svg.rounded_number(whole)}H0z", **svg.filled("ground")
    )
    return svg.drawing(figure.id, figure.title, figure.text, whole, ground, *inside, width=width)


def _inside_of(drawn: str) -> tuple[str, float]:
    """The shapes of a drawing made here, and its height."""
    start = drawn.index("</desc>") + len("</desc>")
    height = drawn.partition(' viewBox="')[2].partition('"')[0].rpartition(" ")[2]
    return drawn[start : -len("</svg>")], float(height)
