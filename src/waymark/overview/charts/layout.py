"""Layout that drawings of tables share: cells, scales, and positions of rows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.errors import RuleError
from waymark.core.tables import Cell, ProtectedTable, Row
from waymark.overview.charts import svg
from waymark.overview.charts.metrics import wrapped_text

BAR = 24
"""Height of a bar."""
AXIS = 24
"""Height of the numbers of a scale below the drawing."""
Pair = tuple[Row, Cell]
DrawingParts = tuple[list[str], float]
"""The SVG elements of a drawing, and its height."""


@dataclass(frozen=True, slots=True)
class Room:
    """The width a drawing is made for. On a narrow one, labels stand above the bars."""

    width: float
    narrow: bool

    def left(self, labels: float = 232) -> float:
        """Where the bars begin. labels: the width of the column of labels of a wide drawing."""
        return 1.0 if self.narrow else labels


WIDE, NARROW = Room(svg.WIDTH, narrow=False), Room(300, narrow=True)


def part_rows(protected: ProtectedTable, block: str | None = None) -> list[Row]:
    """The rows that are parts of the whole or unknown; of one block if it is named."""
    return [
        row
        for row in protected.table.rows
        if row.role in {"part", "unknown"} and (block is None or row.id.startswith(f"{block}."))
    ]


def column_index(protected: ProtectedTable, column: str) -> int:
    """The index of a column. Raises RuleError if this version of the table does not have it."""
    columns = [candidate.id for candidate in protected.table.columns]
    if column not in columns:
        message = f"{protected.table.id} has no column {column} under {protected.profile}"
        raise RuleError(f"{message}: choose another column for the figure")
    return columns.index(column)


def column_cells(protected: ProtectedTable, column: str, block: str | None = None) -> list[Pair]:
    """The cells of a column in the rows that are parts of the whole or unknown.

    block: id of one block, if the table has several.
    """
    at = column_index(protected, column)
    return [(row, row.cells[at]) for row in part_rows(protected, block)]


def largest_first(pairs: Sequence[Pair]) -> list[Pair]:
    """Rows by the number shown, unknown values last; equal ones keep the order of the table."""
    return sorted(pairs, key=lambda pair: (pair[0].role == "unknown", -length_of(pair[1])))


def length_of(cell: Cell) -> float:
    """A number as a length; 0 if there is a mark instead."""
    return 0 if cell.mark or cell.value is None else cell.value


# ---- scales ----


@dataclass(frozen=True, slots=True)
class Scale:
    """From zero to the end of the drawing. most: the number at the end. ticks: those printed."""

    left: float
    right: float
    most: float
    ticks: tuple[int, ...]

    def x(self, value: float) -> float:
        """Where a number stands."""
        return self.left + (self.right - self.left) * value / self.most

    def axis(self, spans: Sequence[tuple[float, float]], floor: float, unit: str = "") -> list[str]:
        """Guides behind the marks, with their numbers below. unit: after each number.

        spans: from and to which height the guides go. floor: the end of the rows.
        """
        inside = []
        for tick in self.ticks:
            at = self.x(tick)
            inside += [svg.line(at, top, at, end, faint=tick > 0) for top, end in spans]
            anchor = "start" if at < 10 else "middle"
            inside.append(svg.tick_label(at, floor + 17, f"{tick:,}{unit}", anchor=anchor))
        return inside


def scale_to(most: float, left: float, right: float, *, exact: bool = False) -> Scale:
    """A scale of whole numbers to at least this one. exact: it ends there, as a base does."""
    # To 11: ticks of 0, 5 and 10, and 15 if the end may be round. To 2: 0, 1 and 2.
    most = max(1, int(most))
    steps = [power * step for power in (1, 10, 100, 1000, 10_000, 100_000) for step in (1, 2, 5)]
    step = next((step for step in steps if most / step <= 5), steps[-1])
    if not exact:
        end = -(-most // step) * step
        return Scale(left, right, end, tuple(range(0, end + 1, step)))
    # A round number next to the end would touch it.
    ticks = [tick for tick in range(0, most, step) if tick <= most - step * 0.6]
    return Scale(left, right, most, (*ticks, most))


def percent_scale(left: float, right: float) -> Scale:
    """A scale of 0 to 100 per cent."""
    return Scale(left, right, 100, (0, 25, 50, 75, 100))


# ---- rows ----


@dataclass(frozen=True, slots=True)
class RowPosition:
    """One row of a horizontal drawing. middle: the height of the middle of its bar."""

    row: Row
    cell: Cell
    middle: float
    label: str


def row_positions(
    pairs: Sequence[Pair], top: float, room: Room, *, below: float = 0, labels: float = 232
) -> tuple[list[RowPosition], float]:
    """Rows from the top with their labels drawn, and where they end.

    below: height under each bar, for numbers. labels: as in Room.left.
    """
    places, y = [], top
    for row, cell in pairs:
        lines = svg.wrapped_label(row.label, room=room.width if room.narrow else labels - 14)
        text = svg.LINE * len(lines)
        if room.narrow:
            middle = y + text + 6 + BAR / 2
            centre, height = y + text / 2, text + 6 + BAR + below + 12
        else:
            height = max(BAR + below + 14, text + 16)
            centre = y + (BAR + 14) / 2 if below and len(lines) == 1 else y + height / 2
            middle = y + (BAR + 14) / 2 if below else y + height / 2
        places.append(RowPosition(row, cell, middle, svg.label_lines(0, centre, lines)))
        y += height
    return places, y


def guide_spans(
    places: Sequence[RowPosition], top: float, floor: float, room: Room
) -> list[tuple[float, float]]:
    """Where the guides of a scale go: past every row, or past the bars alone on a narrow page.

    There, labels stand above the bars, and a guide would cross them.
    """
    if not room.narrow or not places:
        return [(top + 2, floor)]
    half = BAR / 2 + 3
    return [(place.middle - half, place.middle + half) for place in places]


def mark_or(
    cell: Cell, left: float, middle: float, drawn: str, end: float
) -> tuple[list[str], float]:
    """A drawn mark and its end, unless the number is withheld: then a broken bar of no length."""
    if cell.is_withheld:
        return [svg.broken_bar(left, middle - BAR / 2, BAR)], left + svg.HATCHED
    return ([], left) if cell.mark else ([drawn], end)


# ---- words below ----


def foot_lines(
    protected: ProtectedTable, inside: Sequence[str], top: float, room: Room
) -> DrawingParts:
    """Below a drawing: what its marks mean, its base, and its framework.

    inside: the drawing, whose marks are explained.
    """
    drawn = "".join(inside)
    marks = [
        f"{mark}{', a broken bar' if mark == '[c]' else ''}: {meaning}."
        for mark, meaning in protected.shorthand
        if f">{mark}" in drawn or f" {mark}" in drawn
    ]
    words = [*marks, f"Base: {protected.table.base}.", framework_sentence(protected)]
    lines = [line for part in words if part for line in wrapped_text(part, room.width, svg.SMALL)]
    y = top + 20
    written = []
    for line in lines:
        written.append(svg.text_line(0, y, line, size=svg.SMALL, colour="soft"))
        y += 17
    return written, y - 8


def framework_sentence(protected: ProtectedTable) -> str:
    """The framework as a sentence: numbers of two frameworks must not be combined."""
    name = protected.table.framework
    return f"Framework {name}." if name else ""
