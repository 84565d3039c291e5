"""What drawings of tables share: their cells, and where each row of them stands. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.errors import RuleError
from waymark.core.tables import Cell, ProtectedTable, Row
from waymark.overview import svg

LEFT, RIGHT = 262, 560
ROW, LINE = 36, 18

Drawn = tuple[str, float, list[str]]
"""A drawing in words, its height, and what is in it."""


def rows_of(protected: ProtectedTable, block: str | None = None) -> list[Row]:
    """The rows that are parts of the whole or not known: of one block where it is named."""
    return [
        row
        for row in protected.table.rows
        if row.role in {"part", "unknown"} and (block is None or row.id.startswith(f"{block}."))
    ]


def place_of(protected: ProtectedTable, column: str) -> int:
    """The place of a column. Raises RuleError where this version of the table has none."""
    columns = [one.id for one in protected.table.columns]
    if column not in columns:
        said = f"{protected.table.id} has no column {column} under {protected.profile}"
        raise RuleError(f"{said}: draw another in its figure")
    return columns.index(column)


def cells_of(
    protected: ProtectedTable, column: str, block: str | None = None
) -> list[tuple[Row, Cell]]:
    """The cells of a column in the rows that are parts of the whole or not known.

    block: the one whose rows are meant, of a table of several.
    """
    at = place_of(protected, column)
    return [(row, row.cells[at]) for row in rows_of(protected, block)]


def value_of(cell: Cell) -> float:
    """A number as a length; nothing where a mark stands in its place."""
    return 0 if cell.mark or cell.value is None else cell.value


def withheld(cell: Cell) -> bool:
    """Whether the number is withheld to protect people."""
    return cell.mark == "[c]"


def said_of(pairs: Sequence[tuple[str, str]], ending: str) -> str:
    """Names with what is drawn of each, in words."""
    return "; ".join(f"{name}: {value}" for name, value in pairs) + f". {ending}"


def base_of(protected: ProtectedTable) -> str:
    """The base as a sentence, and by which framework it was counted."""
    return f"Base: {protected.table.base}. {framework_of(protected)}".rstrip()


def framework_of(protected: ProtectedTable) -> str:
    """By which framework a series was counted: it must not be joined to one of another."""
    said = protected.table.framework
    return f"Framework {said}." if said else ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one row of a sideways drawing stands: the height of its middle."""

    row: Row
    cell: Cell
    middle: float
    lines: list[str]


def places_of(pairs: Sequence[tuple[Row, Cell]], top: float) -> tuple[list[Place], float]:
    """Rows from top downwards, taller where the label needs more lines; then the height."""
    made, y = [], top
    for row, cell in pairs:
        lines = svg.lines_of(row.label)
        tall = ROW + LINE * (len(lines) - 1)
        made.append(Place(row, cell, y + tall / 2, lines))
        y += tall
    return made, y
