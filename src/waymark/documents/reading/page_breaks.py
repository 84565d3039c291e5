"""Paragraphs and items that a page or column break cuts (no Django).

The two halves become one passage, so the text of a page ends with the first half and that of the
next begins with the second. What is printed between them (notes at the foot, a caption, a table at
the top) goes before the first half or after the second.
"""

# Example: page 1 ends with the paragraph "The mother was" and a note, page 2 begins with a table
# and "seen by nobody." Page 1 is read as the note, then the paragraph; page 2 as the rest of the
# paragraph, then the table.

import re
from collections import defaultdict
from itertools import chain, pairwise

from waymark.documents.reading.contents_pages import has_leaders
from waymark.documents.reading.heading_marks import LARGER
from waymark.documents.reading.segment import (
    TextBlock,
    TypeMeasures,
    continuing_edge,
    ends_sentence,
    is_false_marker,
    is_full,
    starts_low,
)
from waymark.documents.reading.text_lines import PrintedLine

SMALLER = 0.94  # size of a note against that of body text
MOST_BETWEEN = 40  # blocks between two halves on one page
SAME_EDGE = 3.0  # points
AT_EDGE = 1.0  # points
MOSTLY = 0.8
FEWEST_LINES = 3  # of a column
NEAR = 40.0  # points
CAPTION = re.compile(
    r"(?:figure|fig\.|table|chart|graph|map|box)\s+\d|(?:source|note)s?:", re.IGNORECASE
)


def join_halves(pages: list[list[TextBlock]], usual: TypeMeasures) -> None:
    """Find the blocks that go on over a page break and mark both halves."""
    for above, below in pairwise(pages):
        halves = _halves(above, below, usual)
        if halves is not None:
            first, second = halves
            first.goes_on = second.continued = True


def join_columns(blocks: list[TextBlock], usual: TypeMeasures) -> list[TextBlock]:
    """The blocks of a page with those joined that a column break cuts."""
    edges = _ColumnEdges(blocks)
    joined: list[TextBlock] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.lines[-1].turn == block.lines[0].turn
            and before.lines[-1].column != block.lines[0].column
            and block.lines[0].y1 < before.lines[-1].y0
            and _is_one_paragraph(before, block, (edges, edges), usual)
        ):
            before.lines += block.lines
        else:
            joined.append(block)
    return joined


def bring_halves_together(blocks: list[TextBlock]) -> list[TextBlock]:
    """The blocks of a page with a continued one first and one that goes on last."""
    first = [block for block in blocks if block.continued]
    last = [block for block in blocks if block.goes_on and not block.continued]
    between = [block for block in blocks if not block.continued and not block.goes_on]
    return [*first, *between, *last]


def _halves(
    above: list[TextBlock], below: list[TextBlock], usual: TypeMeasures
) -> tuple[TextBlock, TextBlock] | None:
    """The last block of a page that goes on, and the first of the next that continues it."""
    # A block that fills a page is continued and goes on: nothing else can then be on the page.
    ends = [
        block for block in _up_to_body(above[::-1], usual) if not block.continued or len(above) == 1
    ]
    edges = _ColumnEdges(above), _ColumnEdges(below)
    for first in ends:
        for second in _up_to_body(below, usual):
            if _is_one_paragraph(first, second, edges, usual):
                return first, second
    return None


def _up_to_body(blocks: list[TextBlock], usual: TypeMeasures) -> list[TextBlock]:
    """Blocks from the edge of a page on, up to the first that is no note, caption or row."""
    reached: list[TextBlock] = []
    for block in blocks[:MOST_BETWEEN]:
        reached.append(block)
        small = block.size < SMALLER * usual.body
        if not (block.row or small or CAPTION.match(block.text)):
            break
    return reached


class _ColumnEdges:
    """Left and right edges of the columns of a page, in points. justified: most lines of its
    paragraphs end at the right edge."""

    def __init__(self, blocks: list[TextBlock]) -> None:
        paragraphs = [block.lines for block in blocks if not block.row]
        self._lines = list(chain.from_iterable(paragraphs))
        columns: dict[int, list[PrintedLine]] = defaultdict(list)
        for line in self._lines:
            columns[line.column].append(line)
        self._edges = {
            number: _edges_of(lines)
            for number, lines in columns.items()
            if len(lines) >= FEWEST_LINES
        }
        within = [line for lines in paragraphs for line in lines[:-1]]
        at_edge = sum(self.of(line)[1] - line.x1 < AT_EDGE for line in within)
        self.justified = len(within) >= 5 and at_edge >= MOSTLY * len(within)

    def of(self, line: PrintedLine) -> tuple[float, float]:
        """Left and right edge of the column of a line; where the column is too short to tell, of
        all lines that begin near it."""
        if line.column in self._edges:
            return self._edges[line.column]
        return _edges_of([other for other in self._lines if abs(other.x0 - line.x0) < NEAR])


def _edges_of(lines: list[PrintedLine]) -> tuple[float, float]:
    return min(line.x0 for line in lines), max(line.x1 for line in lines)


def _is_one_paragraph(
    first: TextBlock,
    second: TextBlock,
    edges: tuple[_ColumnEdges, _ColumnEdges],
    usual: TypeMeasures,
) -> bool:
    """True if the second block continues the first, by their words and their places."""
    before, line = first.lines[-1], second.lines[0]
    if not all(map(_may_be_half, (first, second))) or not _is_one_type(first, second):
        return False
    if before.broken:
        return True
    left, right = edges[0].of(before)
    # Left and right pages may have other margins: places are compared from the column's edge.
    left_after, right_after = edges[1].of(line)
    shift = left - left_after
    right = max(right, right_after + shift)  # the page above may have few lines
    offset = min(_offset(first, line.x0), _offset(first, line.x0 + shift))
    full = is_full(before, line, right)
    if line.marker and not (offset <= SAME_EDGE and is_false_marker(first.lines, line, right)):
        return False
    if starts_low(second.text):
        return not ends_sentence(before.text) or (full and before.text[-1] in ":;")
    # The second begins with a capital or a number, as a new paragraph would.
    if (
        not full
        or offset > SAME_EDGE
        or any(_is_heading_like(half, usual) for half in (first, second))
    ):
        return False
    return not ends_sentence(before.text) or _has_more(first, right, justified=edges[0].justified)


def _has_more(first: TextBlock, right: float, *, justified: bool) -> bool:
    """True if a block goes on after a sentence that ends at the end of a full line."""
    # Ragged lines alone do not tell: one in ten last lines has no room for another word by chance.
    # Justified ones do, and so do items whose lines begin further in than their marker, since the
    # lines of no other paragraph begin there.
    line = first.lines[0]
    hangs = line.marker and line.text_x0 - line.x0 > 0.8 * line.height
    return hangs or (justified and right - first.lines[-1].x1 < AT_EDGE)


def _may_be_half(block: TextBlock) -> bool:
    """False for rows of tables, entries of contents pages and captions."""
    return not (block.row or has_leaders(block) or CAPTION.match(block.text))


def _is_one_type(first: TextBlock, second: TextBlock) -> bool:
    before, line = first.lines[-1], second.lines[0]
    if abs(before.size - line.size) > 0.05 * before.size:
        return False
    # A paragraph may have bold lines within it, but a bold heading does not run into plain text.
    partly = not first.bold and not second.bold and starts_low(second.text)
    return before.bold == line.bold or partly


def _offset(first: TextBlock, x0: float) -> float:
    """How far from the place of a next line of the first block a line begins."""
    # A paragraph of one line may have its first line indented: its next line begins further out.
    alone = len(first.lines) == 1 and first.kind == "paragraph"
    away = x0 - continuing_edge(first.lines)
    return 0.0 if alone and -40 < away <= 0 else abs(away)


def _is_heading_like(block: TextBlock, usual: TypeMeasures) -> bool:
    return block.bold or block.size >= LARGER * usual.body or block.text.isupper()
