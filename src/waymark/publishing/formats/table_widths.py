"""Width of a printed table, estimated from its words: for the formats that have pages. Pure."""

from waymark.core.tables import Table

TEXT_WIDTH = 16.6
"""Width of the text on a portrait A4 page, in centimetres."""
LABELS = 3.6
"""Least width of the column that names the rows, in which labels wrap, in centimetres."""
CHARACTER, MARGINS = 0.15, 0.2
"""Width of a character of a small table, and of the margins of a cell, in centimetres."""


def number_width(table: Table, column: int) -> float:
    """Width in centimetres that a column of numbers needs: its longest number or word of its head.

    "Not mentioned" over 12 needs the nine characters of "mentioned": 9 * 0.15 + 0.2 = 1.55 cm.
    """
    words = table.columns[column].label.split()
    longest = max((len(text) for text in (*words, *_numbers(table, column))), default=0)
    return longest * CHARACTER + MARGINS


def _numbers(table: Table, column: int) -> list[str]:
    return [row.cells[column].shown for row in table.rows]


def is_wide(table: Table) -> bool:
    """True if a table needs a landscape page."""
    numbers = sum(number_width(table, column) for column in range(len(table.columns)))
    return numbers + LABELS > TEXT_WIDTH
