"""Order of recognised words in tables: cell by cell, row by row.

Text recognition reads a table line by line across its columns, or column by column. A typeset table
is drawn cell by cell, which is also how a person reads it; so its words are put in that order, and
everything else on the page keeps the order of the engine.
"""

# Example, a table of two rows; the lines of print on the left, their order on the right:
#
#     Police     Share the           0    1
#                chronology               2
#
#     Midwives   Name a lead         3    4
#                worker                   5
#
# Lines of one cell are 14 points apart, rows 28: more than 1.3 times as far, so a new row begins.

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from waymark.documents.parsers.layout.pdf_words import Floats

WIDE_GAP = 1.0  # between cells, in heights of a line
ROW_GAP = 1.3  # between rows of a table, in distances of the lines of a cell
LEAST_LEADING = 0.85  # distance of the lines of a cell, in heights of a line
FARTHEST_ROW = 4.0  # below the row before, in heights of a line
FEWEST_ROWS = 3
MOST_LINES = 6  # of a cell, on average: longer ones are columns of prose
ALIGNED = 0.7  # share of the rows in which two cells or more begin at the same height


@dataclass(slots=True)
class PrintedPart:
    """Words of one line without a wide gap between them."""

    words: list[int]
    x0: float
    x1: float
    middle: float
    height: float


PartsRow = list[PrintedPart]


def table_order(boxes: Floats, begins: Sequence[bool]) -> list[list[int]]:
    """The words of a page, by their indices, as lines in the order of reading.

    boxes: (n, 4), those of one line equally high. begins: True at the first word of a line.
    """
    rows = _rows_of(_parts_of(boxes, begins))
    places: dict[int, tuple[int, int]] = {}
    lines: dict[int, list[int]] = {}
    for run in _runs_of(rows):
        cells = _cells_of(run)
        first = min(part.words[0] for row in run for part in row)
        for place, part in enumerate(cells):
            # All words of a table stand where its first word stood.
            places[part.words[0]] = (first, place)
            lines[part.words[0]] = part.words
    in_tables = {index for words in lines.values() for index in words}
    for words in _lines_of(begins):
        outside = [index for index in words if index not in in_tables]
        if outside:
            places[outside[0]] = (outside[0], 0)
            lines[outside[0]] = outside
    return [lines[word] for word in sorted(lines, key=places.__getitem__)]


def _lines_of(begins: Sequence[bool]) -> list[list[int]]:
    starts = [*np.flatnonzero(begins).tolist(), len(begins)]
    return [list(range(start, end)) for start, end in pairwise(starts)]


def _parts_of(boxes: Floats, begins: Sequence[bool]) -> list[PrintedPart]:
    parts: list[PrintedPart] = []
    for index, (x0, y0, x1, y1) in enumerate(boxes.tolist()):
        last = parts[-1] if parts else None
        if last is None or begins[index] or x0 - last.x1 > WIDE_GAP * last.height:
            parts.append(PrintedPart([index], x0, x1, (y0 + y1) / 2, y1 - y0))
        else:
            last.words.append(index)
            last.x1 = max(last.x1, x1)
    return parts


def _rows_of(parts: list[PrintedPart]) -> list[PartsRow]:
    """Parts at one height, from the top down, each row from left to right."""
    rows: list[PartsRow] = []
    for part in sorted(parts, key=lambda part: part.middle):
        if rows and part.middle - rows[-1][0].middle < part.height / 2:
            rows[-1].append(part)
        else:
            rows.append([part])
    return [sorted(row, key=lambda part: part.x0) for row in rows]


def _runs_of(rows: list[PartsRow]) -> list[list[PartsRow]]:
    """Stretches of rows that leave the same white space free between at least two columns."""
    runs: list[list[PartsRow]] = []
    run: list[PartsRow] = []
    for row in rows:
        near = bool(run) and row[0].middle - run[-1][0].middle < FARTHEST_ROW * row[0].height
        if near and len(_columns_of([*run, row])) > 1:
            run.append(row)
            continue
        runs.append(run)
        run = [row] if len(row) > 1 else []
    return [rows for rows in [*runs, run] if len(rows) >= FEWEST_ROWS]


def _columns_of(rows: list[PartsRow]) -> list[tuple[float, float]]:
    """From where to where each column reaches."""
    columns: list[tuple[float, float]] = []
    for part in sorted((part for row in rows for part in row), key=lambda part: part.x0):
        if columns and part.x0 - columns[-1][1] < part.height / 2:
            columns[-1] = (columns[-1][0], max(columns[-1][1], part.x1))
        else:
            columns.append((part.x0, part.x1))
    return columns


def _cells_of(run: list[PartsRow]) -> list[PrintedPart]:
    """The parts of a table cell by cell; none if the rows are no table."""
    columns = _columns_of(run)
    table = _rows_of_table(run)
    parts = sum(map(len, run))
    aligned = sum(len(rows[0]) > 1 for rows in table)
    if (
        len(table) < FEWEST_ROWS
        or len(table) == len(run)
        or aligned < ALIGNED * len(table)
        or parts > MOST_LINES * len(columns) * len(table)
    ):
        return []
    return [
        part
        for rows in table
        for left, right in columns
        for row in rows
        for part in row
        if left <= part.x0 <= right
    ]


def _rows_of_table(run: list[PartsRow]) -> list[list[PartsRow]]:
    """The lines of print of each row of a table; none if rows cannot be told from lines."""
    steps = [after[0].middle - before[0].middle for before, after in pairwise(run)]
    leading = float(np.percentile(steps, 20))
    if leading < LEAST_LEADING * run[0][0].height:
        return []
    table = [[run[0]]]
    for step, row in zip(steps, run[1:], strict=True):
        if step > ROW_GAP * leading:
            table.append([row])
        else:
            table[-1].append(row)
    return table
