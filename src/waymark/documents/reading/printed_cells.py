"""Cells of printed rows, from the boxes of their words (no Django).

A PDF has no tables: a row is stored as one passage, "Leaders Good". Its cells show in the boxes:
all words of a cell are to the right of all words of the cell before, with room between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from waymark.core.extras import LaterModule
from waymark.documents.reading.words import PER_POINT, WordBoxes

if TYPE_CHECKING:
    import numpy as np
else:
    np = LaterModule("numpy")

ROOM = 0.8  # least room between two cells, as a share of the height of a line
NEAR = 2.0  # points between the left edges of cells in one column

# Example: "Leaders of / social work" on two lines from x 72 to 140, then "Good" from 300 to 330:
# all that comes before "Good" ends at 140, and it begins at 300. In a paragraph the first line
# ends at the right margin, so no word of the next line is to the right of it.


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """Cell of a printed row. start: of its first word in the text; left: its edge, in points."""

    start: int
    left: float


def printed_cells(words: WordBoxes, start: int, end: int) -> list[PrintedCell]:
    """Cells of the words from start to end: one if nothing sets them apart, none without words."""
    first, last = np.searchsorted(words.table[:, 0], (start, end))
    row = words.table[first:last]
    if not len(row):
        return []
    rightmost = np.maximum.accumulate(row[:-1, 4])
    leftmost = np.minimum.accumulate(row[:0:-1, 2])[::-1]
    height = float(np.median(row[:, 5] - row[:, 3]))
    cuts = [0, *(np.flatnonzero(leftmost - rightmost > ROOM * height) + 1).tolist()]
    edges = np.minimum.reduceat(row[:, 2], cuts)
    return [
        PrintedCell(int(row[cut, 0]), float(edge) / PER_POINT)
        for cut, edge in zip(cuts, edges, strict=True)
    ]


def share_columns(row: Sequence[PrintedCell], other: Sequence[PrintedCell]) -> bool:
    """True if two printed rows have two cells or more that begin at the same places."""
    near = sum(any(abs(cell.left - there.left) < NEAR for there in other) for cell in row)
    return near >= 2
