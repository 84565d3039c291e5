"""Leaks by the order of rows: a withheld row among rows that are in order of number."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from waymark.publishing.attack.grid import WITHHELD, Leak, PrintedRow, printed_number
from waymark.publishing.attack.merge_files import MergedTable

ENOUGH = 5
"""Different numbers in falling order that are no chance: of 120 orders of five, one falls."""


def order_leaks(tables: Sequence[MergedTable]) -> Iterator[Leak]:
    """Withheld rows with a printed one below them, in blocks that are ordered by number."""
    for table in tables:
        if table.process or not table.counts():
            continue
        for block in table.blocks:
            parts = [line for _, line in block.lines if line.role == "part"]
            for line in _rows_among(parts, table.counts()[0]):
                where = f"{table.id} {line.label}"
                what = "rows are in order of number, and this one is among them"
                yield Leak("", where, what)


def _rows_among(lines: Sequence[PrintedRow], column: int) -> Iterator[PrintedRow]:
    """Withheld rows above a printed one, if the printed ones fall from row to row.

    12, 9, [c], 7, 4, 2: the withheld number lies between 9 and 7. A [c] after the 2 tells nothing
    but that it is no more than 2, which its mark says already.
    """
    printed = [printed_number(line.cells[column]) for line in lines]
    there = [value for value in printed if value is not None]
    # Fewer than ENOUGH different numbers can fall by chance: 5, 5, 4 is no order yet.
    falls = all(first >= other for first, other in pairwise(there))
    if not falls or len(set(there)) < ENOUGH:
        return
    last = max(at for at, value in enumerate(printed) if value is not None)
    for line in lines[:last]:
        if line.cells[column] == WITHHELD:
            yield line
