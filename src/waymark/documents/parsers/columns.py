"""Reading order of the lines of a page.

pdfium gives text in drawing order, which is right in most files but not in all: some draw pages row
by row across two columns, or from the bottom up. So the drawing order is kept unless the places of
the lines contradict it, columns of prose are read one after the other, and anything else is read
row by row.
"""

# Example, a page of two columns (ranks in drawing order on the left, reading order on the right):
#
#     0 Heading across the page            0
#     1 left text      2 right text        1    4
#     3 left text      4 right text        2    5
#     5 left text      6 right text        3    6
#
# The gutter between the columns is free in three rows. The heading crosses it and is a band of its
# own; below, the drawing order changes sides with every line, so the band is read by columns.

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from waymark.documents.reading.text_lines import PrintedLine

FEWEST_LINES = 3  # of a column of prose
MEAN_CHARACTERS = 18  # of its lines
RUNNING_ON = 0.35  # share of its lines that begin in the middle of a sentence
MOST_DEPTH = 6
TRIES = 3
MOST_LINES = 1_500  # of a page in which columns are looked for
MOST_GAPS = 300


@dataclass(slots=True)
class ColumnGutter:
    """White space between columns, from x0 to x1 in points. support: rows that leave it free."""

    x0: float
    x1: float
    support: int


def reading_order(lines: list[PrintedLine]) -> list[PrintedLine]:
    """The same lines in the order of reading, with their column numbers set."""
    ordered: list[PrintedLine] = []
    for number, block in enumerate(_blocks_of_columns(lines, depth=0)):
        for line in block:
            line.column = number
        ordered += block
    return ordered


def _blocks_of_columns(lines: list[PrintedLine], depth: int) -> list[list[PrintedLine]]:
    """Blocks of lines in reading order: each is one column, or a stretch without columns."""
    if 1 < len(lines) <= MOST_LINES and depth < MOST_DEPTH:
        for gutter in _likely_gutters(lines):
            blocks = _split_at_gutter(lines, gutter, depth)
            if blocks is not None:
                return blocks
    return [_ordered_lines(lines)]


def _likely_gutters(lines: list[PrintedLine]) -> list[ColumnGutter]:
    """The likeliest gutters: white space that the most rows leave free, at most TRIES of them."""
    # For large tables only every second, third ... gap is looked at: the loop below is quadratic.
    gaps = list(_row_gaps(lines))
    gaps = gaps[:: 1 + len(gaps) // MOST_GAPS]
    best: list[ColumnGutter] = []
    for left, right in gaps:
        x = (left + right) / 2
        over = [gap for gap in gaps if gap[0] < x < gap[1]]
        best.append(
            ColumnGutter(max(gap[0] for gap in over), min(gap[1] for gap in over), len(over))
        )
    best.sort(key=lambda gutter: (-gutter.support, gutter.x0))
    chosen: list[ColumnGutter] = []
    for gutter in best:
        if all(gutter.x1 < other.x0 or gutter.x0 > other.x1 for other in chosen):
            chosen.append(gutter)
    return chosen[:TRIES]


def _row_gaps(lines: list[PrintedLine]) -> Iterable[tuple[float, float]]:
    """The gap between each line and the nearest one to its right on the same row."""
    ranked = sorted(lines, key=lambda line: line.y0)
    for place, line in enumerate(ranked):
        nearest = None
        for other in _nearby_lines(ranked, place):
            if (
                other.x0 >= line.x1
                and other.beside(line)
                and (nearest is None or other.x0 < nearest)
            ):
                nearest = other.x0
        if nearest is not None and nearest > line.x1:
            yield line.x1, nearest


def _nearby_lines(ranked: list[PrintedLine], place: int) -> Iterable[PrintedLine]:
    """The lines around a place of a list ordered by height that may share its row."""
    line = ranked[place]
    for other in ranked[place + 1 :]:
        if other.y0 > line.y1:
            break
        yield other
    for other in reversed(ranked[:place]):
        # The list is sorted by upper edges only: a taller line that began earlier may reach down.
        if other.y0 < line.y0 - 2 * line.height:
            break
        yield other


def _split_at_gutter(
    lines: list[PrintedLine], gutter: ColumnGutter, depth: int
) -> list[list[PrintedLine]] | None:
    """The blocks on both sides of a gutter, between lines that cross it; None if no columns."""
    # The middle of the gutter decides: its edges touch the longest lines of both columns.
    x = (gutter.x0 + gutter.x1) / 2
    blocks: list[list[PrintedLine]] = []
    has_columns = False
    # A page with a title over two columns and a full-width table below them has three bands: the
    # title crosses x, the columns do not, the table does.
    for band, crossing in _bands_across(lines, x):
        if not crossing:
            left = [line for line in band if line.x1 <= x]
            right = [line for line in band if line.x1 > x]
            if left and right and _are_columns(left, right):
                has_columns = True
                blocks += [
                    *_blocks_of_columns(left, depth + 1),
                    *_blocks_of_columns(right, depth + 1),
                ]
                continue
        blocks.append(_ordered_lines(band))
    return blocks if has_columns else None


def _bands_across(lines: list[PrintedLine], x: float) -> Iterable[tuple[list[PrintedLine], bool]]:
    """Stretches of the page from top to bottom: lines that cross x, and lines beside it."""
    band: list[PrintedLine] = []
    crossing = False
    for line in sorted(lines, key=lambda line: line.y0):
        crosses = line.x0 < x < line.x1
        if band and crosses != crossing:
            yield band, crossing
            band = []
        crossing = crosses
        band.append(line)
    if band:
        yield band, crossing


def _are_columns(left: list[PrintedLine], right: list[PrintedLine]) -> bool:
    """True if two sides are columns to read one after the other, not the cells of a table.

    They are if they were drawn so, or if both contain prose and the drawing order is either broken
    or changes sides line by line. A table drawn cell by cell changes sides too, but with whole
    cells; its order is kept. Example: 12 lines drawn LRLRLRLRLRLR change sides 11 times, 1 line at
    a time: columns. Drawn LLLRRRLLLRRR they change 3 times, 3 lines at a time: cells.
    """
    if max(len(line.text) for line in right) <= 5:  # page numbers of a table of contents
        return False
    on_left = {line.rank for line in left}
    drawn = sorted([*left, *right], key=lambda line: line.rank)
    sides = [line.rank in on_left for line in drawn]
    changes = sum(side != other for side, other in pairwise(sides))
    if changes == 1 and sides[0]:
        return True
    # Lines for each change of side: 12 lines with 11 changes are 1 each, with 3 changes 3 each.
    by_line = len(drawn) / (changes + 1) < 1.5
    return _is_prose(left) and _is_prose(right) and (by_line or not _is_in_order(drawn))


def _is_prose(lines: list[PrintedLine]) -> bool:
    """True if lines run on from one to the next, like those of a column of prose."""
    if len(lines) < FEWEST_LINES:
        return False
    characters = sum(len(line.text) for line in lines)
    running = sum(line.text[0].islower() for line in lines)
    return characters >= MEAN_CHARACTERS * len(lines) and running >= RUNNING_ON * len(lines)


def _ordered_lines(lines: list[PrintedLine]) -> list[PrintedLine]:
    """Drawing order where the places agree with it, else row by row."""
    drawn = sorted(lines, key=lambda line: line.rank)
    return drawn if _is_in_order(drawn) else _by_rows(drawn)


def _is_in_order(drawn: list[PrintedLine]) -> bool:
    """True if each line is below the one before it, or to its right."""
    return all(
        after.y1 >= before.y0 + 0.5 * before.height or after.x0 >= before.x1 - 2
        for before, after in pairwise(drawn)
    )


def _by_rows(lines: list[PrintedLine]) -> list[PrintedLine]:
    """From the top down, and within a row from left to right."""
    rows: list[list[PrintedLine]] = []
    for line in sorted(lines, key=lambda line: (line.y0 + line.y1) / 2):
        if rows and rows[-1][0].beside(line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.x0)]
