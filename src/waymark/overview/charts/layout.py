"""Layout that drawings of tables share: cells, lengths, and positions of rows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.errors import RuleError
from waymark.core.tables import Cell, ProtectedTable, Row
from waymark.overview.charts import svg

LEFT, RIGHT = 262, 560
ROW, LINE = 36, 18

DrawingParts = tuple[str, float, list[str]]
"""A drawing in words, its height, and its SVG elements."""


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


def column_cells(
    protected: ProtectedTable, column: str, block: str | None = None
) -> list[tuple[Row, Cell]]:
    """The cells of a column in the rows that are parts of the whole or unknown.

    block: id of one block, if the table has several.
    """
    at = column_index(protected, column)
    return [(row, row.cells[at]) for row in part_rows(protected, block)]


def length_of(cell: Cell) -> float:
    """A number as a length; 0 if there is a mark instead."""
    return 0 if cell.mark or cell.value is None else cell.value


def drawing_in_words(pairs: Sequence[tuple[str, str]], ending: str) -> str:
    """A drawing in words: each name with its value, then an ending."""
    return "; ".join(f"{name}: {value}" for name, value in pairs) + f". {ending}"


def base_sentence(protected: ProtectedTable) -> str:
    """The base and the framework, as sentences."""
    return f"Base: {protected.table.base}. {framework_sentence(protected)}".rstrip()


def framework_sentence(protected: ProtectedTable) -> str:
    """The framework as a sentence: numbers of two frameworks must not be combined."""
    name = protected.table.framework
    return f"Framework {name}." if name else ""


@dataclass(frozen=True, slots=True)
class RowPosition:
    """One row of a horizontal drawing. middle: the height of its middle."""

    row: Row
    cell: Cell
    middle: float
    lines: list[str]


def row_positions(pairs: Sequence[tuple[Row, Cell]], top: float) -> tuple[list[RowPosition], float]:
    """Rows from the top, taller if the label needs more lines, and the height of them all."""
    # Labels of 1, 2 and 1 lines from 10: rows of 36, 54 and 36 with their middles at 28, 73 and
    # 118.
    places, y = [], top
    for row, cell in pairs:
        lines = svg.wrapped_label(row.label)
        height = ROW + LINE * (len(lines) - 1)
        places.append(RowPosition(row, cell, y + height / 2, lines))
        y += height
    return places, y
