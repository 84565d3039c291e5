"""Width of a printed table, estimated from its words: for the formats that have pages. Pure."""

from waymark.core.tables import Table

TEXT_WIDTH = 16.6
"""Width of the text on a portrait A4 page, in centimetres."""
LABELS = 3.6
"""Least width of the column that names the rows, in which labels wrap, in centimetres."""
CHARACTER, MARGINS = 0.15, 0.2
"""Width of a character of a small table, and of the margins of a cell, in centimetres."""


def longest_word(table: Table, column: int) -> int:
    """Characters of the longest number of a column, or of the longest word of its head.

    "Not mentioned" over 12 has the nine characters of "mentioned".
    """
    words = table.columns[column].label.split()
    return max((len(text) for text in (*words, *_numbers(table, column))), default=0)


def _numbers(table: Table, column: int) -> list[str]:
    return [row.cells[column].shown for row in table.rows]


def is_wide(table: Table) -> bool:
    """True if a table needs a landscape page."""
    columns = range(len(table.columns))
    numbers = sum(longest_word(table, column) * CHARACTER + MARGINS for column in columns)
    return numbers + LABELS > TEXT_WIDTH
