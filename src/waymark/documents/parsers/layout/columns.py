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

from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from waymark.documents.parsers.layout.drawing_order import repaired_order
from waymark.documents.reading.segment import TERMINAL
from waymark.documents.reading.text_lines import PrintedLine

FEWEST_BROKEN = 3  # sentences that lines of another column interrupt
FEWEST_CHARACTERS = 15  # of a line of prose
FEWEST_ROWS = 3  # of a table
MOST_ALIGNED = 0.75  # share of the gaps of a table
WIDER_BY = 0.25  # of a line's height: space between rows against that between lines
LONGEST_NUMBER = 5  # characters of a page number
MOST_DEPTH = 6
TRIES = 3
MOST_LINES = 1_500  # of a page in which columns are looked for
MOST_GAPS = 300


@dataclass(slots=True)
class ColumnBlock:
    """Lines of one column in reading order. parted: they were drawn among those of another."""

    lines: list[PrintedLine]
    parted: bool = False


@dataclass(slots=True)
class ColumnGutter:
    """White space between columns, from x0 to x1 in points. support: rows that leave it free."""

    x0: float
    x1: float
    support: int


def reading_order(lines: list[PrintedLine]) -> list[PrintedLine]:
    """The same lines in the order of reading, with their column numbers set.

    Sideways lines come after the upright ones, those of each turn in their own frame.
    """
    ordered: list[PrintedLine] = []
    for turn in sorted({line.turn for line in lines}):
        part = _frame_order([line for line in lines if line.turn == turn])
        first = ordered[-1].column + 1 if ordered else 0
        for line in part:
            line.column += first
        ordered += part
    return ordered


def _frame_order(lines: list[PrintedLine]) -> list[PrintedLine]:
    """The order of lines of one turn."""
    ordered = repaired_order(sorted(lines, key=lambda line: line.rank))
    _set_ranks(ordered)
    blocks = _blocks_of_columns(ordered, depth=0)
    for number, block in enumerate(blocks):
        for line in block.lines:
            line.column = number
    if any(block.parted for block in blocks):
        ordered = [line for block in blocks for line in block.lines]
        _set_ranks(ordered)
    # A column that is left and entered again is two, since its lines do not run on.
    number = 0
    previous = None
    for line in ordered:
        number += previous is not None and line.column != previous
        previous, line.column = line.column, number
    return ordered


def _set_ranks(lines: list[PrintedLine]) -> None:
    for rank, line in enumerate(lines):
        line.rank = rank


def _blocks_of_columns(lines: list[PrintedLine], depth: int) -> list[ColumnBlock]:
    """Blocks of lines: each is one column, or a stretch without columns."""
    if 1 < len(lines) <= MOST_LINES and depth < MOST_DEPTH:
        for gutter in _likely_gutters(lines):
            blocks = _split_at_gutter(lines, gutter, depth)
            if blocks is not None:
                return blocks
    return [ColumnBlock(sorted(lines, key=lambda line: line.rank))]


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
                and min(other.y1, line.y1) > max(other.y0, line.y0)
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
) -> list[ColumnBlock] | None:
    """The blocks on both sides of a gutter, between lines that cross it; None if no columns."""
    # The middle of the gutter decides: its edges touch the longest lines of both columns.
    x = (gutter.x0 + gutter.x1) / 2
    blocks: list[ColumnBlock] = []
    has_columns = False
    # A page with a title over two columns and a full-width table below them has three bands: the
    # title crosses x, the columns do not, the table does.
    for band, crossing in _bands_across(lines, x):
        sides = None if crossing else _sides_of(band, x, depth)
        has_columns = has_columns or sides is not None
        blocks += sides or [ColumnBlock(sorted(band, key=lambda line: line.rank))]
    return blocks if has_columns else None


def _sides_of(band: list[PrintedLine], x: float, depth: int) -> list[ColumnBlock] | None:
    """The blocks left and right of x, None if the two sides are not columns."""
    left = [line for line in band if line.x1 <= x]
    right = [line for line in band if line.x1 > x]
    if not left or not right:
        return None
    parted = _interrupt_each_other(left, right) and not _are_rows_of_cells(left, right)
    if not parted and not _are_drawn_as_columns(left, right):
        return None
    blocks = [*_blocks_of_columns(left, depth + 1), *_blocks_of_columns(right, depth + 1)]
    for block in blocks:
        block.parted = block.parted or parted
    return blocks


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


def _are_drawn_as_columns(left: list[PrintedLine], right: list[PrintedLine]) -> bool:
    """True if one side was drawn after the other, and they are not one row or page numbers."""
    if max(len(line.text) for line in right) <= LONGEST_NUMBER or len(left) == len(right) == 1:
        return False
    # Where one side is longer, its last lines may have been drawn at any time, as a footnote is.
    first, second = _ranks_beside(left, right), _ranks_beside(right, left)
    if not first or not second:
        return False
    return max(first) < min(second) or max(second) < min(first)


def _ranks_beside(lines: list[PrintedLine], others: list[PrintedLine]) -> list[int]:
    """Places in the order of the lines that are as high up as some of the others."""
    top, foot = min(line.y0 for line in others), max(line.y1 for line in others)
    return [line.rank for line in lines if line.y1 > top and line.y0 < foot]


def _interrupt_each_other(left: list[PrintedLine], right: list[PrintedLine]) -> bool:
    """True if the sentences of one side are parted by lines of the other.

    Example: 12 lines of prose drawn LRLRLRLRLRLR are columns, because each line but the first of a
    side goes on after a line of the other. Drawn LLLRRRLLLRRR they are the cells of a table: no
    line of the other side is within a cell, only between two.
    """
    broken, whole = _broken_sentences(left, right)
    more_broken, more_whole = _broken_sentences(right, left)
    return broken + more_broken >= max(FEWEST_BROKEN, whole + more_whole + 1)


def _are_rows_of_cells(left: list[PrintedLine], right: list[PrintedLine]) -> bool:
    """True if most gaps within one side end where a row of both sides begins, as in a table.

    The paragraphs of two columns of prose begin at the same height only by chance.
    """
    gaps = [*_gaps_below(left), *_gaps_below(right)]
    # Most gaps of a table with short cells are between rows: a low one is that between lines.
    between_lines = sorted(gap for _, gap in gaps)[len(gaps) // 5]
    usual = between_lines + WIDER_BY * median(line.height for line in left)
    starts = _row_tops([*left, *right], usual)
    wide = [line for line, gap in gaps if gap > usual]
    aligned = [any(abs(line.y0 - top) < 0.5 * line.height for top in starts) for line in wide]
    return len(starts) >= FEWEST_ROWS and sum(aligned) >= MOST_ALIGNED * len(aligned)


def _gaps_below(side: list[PrintedLine]) -> Iterable[tuple[PrintedLine, float]]:
    """Each line of a side but the first, with the space between it and the one above."""
    for before, line in pairwise(sorted(side, key=lambda line: line.y0)):
        if not line.beside(before):
            yield line, line.y0 - before.y1


def _row_tops(lines: list[PrintedLine], usual: float) -> list[float]:
    """Where lines begin below a white space across all of them, wider than usual."""
    tops: list[float] = []
    foot = float("-inf")
    for line in sorted(lines, key=lambda line: line.y0):
        if line.y0 - foot > usual:
            tops.append(line.y0)
        foot = max(foot, line.y1)
    return tops


def _broken_sentences(lines: list[PrintedLine], others: list[PrintedLine]) -> tuple[int, int]:
    """Sentences that run from a line to the next beside others: parted by them, and not."""
    top, foot = min(line.y0 for line in others), max(line.y1 for line in others)
    edge = max(line.x1 for line in lines)
    ranks = sorted(line.rank for line in others)
    broken = whole = 0
    for before, line in pairwise(sorted(lines, key=lambda line: line.rank)):
        if line.y1 < top or before.y0 > foot or not _continues(before, line, edge):
            continue
        if bisect(ranks, before.rank) == bisect(ranks, line.rank):
            whole += 1
        else:
            broken += 1
    return broken, whole


def _continues(before: PrintedLine, line: PrintedLine, edge: float) -> bool:
    """True if a sentence runs from a full line of prose into the next line below it."""
    if not line.text[0].islower() or TERMINAL.search(before.text):
        return False
    if len(before.text) < FEWEST_CHARACTERS or not 0 < line.y1 - before.y1 < 3 * line.height:
        return False
    # A full line leaves no room for the first word of the next, as a cell of a table mostly does.
    first = line.text.split(" ", 1)[0]
    wide = (line.x1 - line.x0) * len(first) / len(line.text)
    return bool(edge - before.x1 < wide + line.height)
