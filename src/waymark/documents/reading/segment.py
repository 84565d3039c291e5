"""Lines of a page -> paragraphs, items and rows of tables (no Django).

heading_marks.py finds the headings among them; page_breaks.py joins what a page break cuts.

A printed page does not mark where a paragraph ends. The signs are: more space than between the
lines of a paragraph, another type size or weight, a bullet or number, an indent, and a line that
leaves room for the first word of the next.
"""

# Example: with lines 11 points high and a usual pitch of 1.2, feet of lines are 13.2 points apart;
# a line more than WIDER * 13.2 = 16.1 points below the one before it begins a new paragraph.

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from waymark.documents.reading.details import is_detail, is_labelled
from waymark.documents.reading.headings import Level
from waymark.documents.reading.text_lines import PrintedLine

LONGEST_CELL = 60  # characters of a cell that is joined to the label beside it
LONGEST_LABEL = 200
MOST_ROOM = 0.2  # share of a column that lines of prose leave free
WIDER = 1.22  # the space that ends a paragraph against that between its lines
TERMINAL = re.compile("[.:;?!][\"'\u201d\u2019)\\]]*\\d{0,2}$")
ABBREVIATED = re.compile(
    r"\b(?:e\.g|i\.e|etc|cf|vs|approx|no|nos|para|paras|pp?|vol|fig|dr|mrs?|ms|prof|st)\.$",
    re.IGNORECASE,
)
# A number that may be a word of the sentence, not a marker: "19 children", or a dash.
BARE_MARKER = re.compile("\\d{1,2}|[\u2013\u2014\u2015-]")
PARAGRAPH_NUMBER = re.compile(r"\d+(?:\.\d+)+[.)]?(?:\s|$)")
BULLET = re.compile("[\u2022\u25e6\u2023\u2219\xb7*\u25cb\u25a1\u2013\u2014\u2015-]")
# A label that is read on with the words far on its right: "Part 1 <tab> Background".
CHAPTER = re.compile(
    r"(?:chapter|part|section|appendix|annex)\s+(?:\d{1,3}|[A-Z]|[ivx]{1,5}|one|two|three|four|five"
    r"|six|seven|eight|nine|ten)\b[.:]?",
    re.IGNORECASE,
)
OPENING = "\"'\u2018\u201c(["


@dataclass(slots=True)
class TextBlock:
    """Lines of one paragraph, item or heading, on one page (counted from 0).

    row: the cells of one row of a table, of which label is the first. listed: part of a contents
    page.
    level: of a heading, smaller further out. in_title: a heading that is part of the title.
    in_path: a heading that belongs to the paths of what follows it.
    continued, goes_on: it begins on the page before, or ends on the next: then the text of this
    page begins, or ends, with it.
    """

    lines: list[PrintedLine]
    page: int
    kind: str = "paragraph"
    level: Level = ()
    in_title: bool = False
    in_path: bool = False
    row: bool = False
    label: str = ""
    listed: bool = False
    continued: bool = False
    goes_on: bool = False

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)

    @property
    def size(self) -> float:
        return max(line.size for line in self.lines)

    @property
    def bold(self) -> bool:
        return all(line.bold for line in self.lines)


@dataclass(slots=True)
class TypeMeasures:
    """Usual measures of a document. body: size of the type of its text, in points.

    pitch: from the foot of a line to that of the next, as a multiple of the line's height, by
    rounded height; usual: over all heights.
    """

    body: float
    usual: float
    pitch: dict[int, float] = field(default_factory=dict)

    def pitch_of(self, line: PrintedLine) -> float:
        return self.pitch.get(round(line.height), self.usual) * line.height


def measure_type(pages: list[list[PrintedLine]]) -> TypeMeasures:
    """The usual height and pitch of the lines of all pages."""
    # Sizes are weighed by characters, not lines: a report has many short headings, but most of
    # its characters are body text. Rounding to half a point unites 10.9 and 11.1.
    sizes: Counter[float] = Counter()
    everywhere: Counter[float] = Counter()
    by_height: dict[int, Counter[float]] = defaultdict(Counter)
    for lines in pages:
        for line in lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
        for height, ratio in _pitches(lines):
            everywhere[ratio] += 1
            by_height[height][ratio] += 1
    body = sizes.most_common(1)[0][0] if sizes else 12.0
    # Fewer than 5 pairs of lines of a height say little: such heights get the ratio of all lines.
    known = {
        height: _usual_ratio(ratios) for height, ratios in by_height.items() if ratios.total() >= 5
    }
    return TypeMeasures(body, _usual_ratio(everywhere) if everywhere else 1.2, known)


def _pitches(lines: list[PrintedLine]) -> Iterator[tuple[int, float]]:
    """Rounded height of each line, and the distance to the next in multiples of it."""
    for before, after in pairwise(lines):
        # Below 0.7 the two are on one row, above 2.5 there is a gap: neither is a pitch.
        ratio = (after.y1 - before.y1) / (before.height or 1)
        together = before.column == after.column and _alike_in_height(before, after)
        if together and 0.7 < ratio < 2.5:
            yield round(before.height), round(ratio, 2)


def _usual_ratio(ratios: Counter[float]) -> float:
    """The commonest ratio, counting near ones together; the smallest of equals."""
    # Example: 1.18 x 4, 1.20 x 3 and 1.50 x 5 give 1.18, because 1.18 and 1.20 count as 7.
    near = {
        ratio: sum(count for other, count in ratios.items() if abs(other - ratio) < 0.025)
        for ratio in ratios
    }
    return min(near, key=lambda ratio: (-near[ratio], ratio))


def _alike_in_height(line: PrintedLine, other: PrintedLine) -> bool:
    return abs(line.height - other.height) <= 0.08 * max(line.height, other.height)


def blocks_of(lines: list[PrintedLine], page: int, usual: TypeMeasures) -> list[TextBlock]:
    """The lines of a page in reading order -> its blocks; mark_headings() finds the headings."""
    edges: dict[int, float] = {}
    for place, line in enumerate(lines):
        # Cells of a table may reach further than the text.
        near = lines[max(0, place - 1) : place + 2]
        if not any(_on_one_row(*pair) for pair in pairwise(near)):
            edges[line.column] = max(edges.get(line.column, 0.0), line.x1)
    blocks: list[TextBlock] = []
    for line in lines:
        if blocks and _on_one_row(blocks[-1].lines[-1], line):
            _join_cells(blocks[-1].lines[-1], line)
            blocks[-1].kind = _kind_of(blocks[-1].lines[0])
        elif blocks and _runs_on(blocks[-1].lines, line, edges.get(line.column, 0.0), usual):
            # A number that is a word of the sentence is no marker for the next line either.
            line.marker, line.text_x0 = False, line.x0
            blocks[-1].lines.append(line)
        else:
            blocks.append(TextBlock([line], page, _kind_of(line)))
    return _joined_rows(blocks, usual)


def _kind_of(line: PrintedLine) -> str:
    """Kind of a block by its first line. The number of a paragraph, as "4.12", marks no item."""
    return "item" if line.marker and not PARAGRAPH_NUMBER.match(line.text) else "paragraph"


def _on_one_row(before: PrintedLine, line: PrintedLine) -> bool:
    return before.column == line.column and before.beside(line) and line.x0 >= before.x1 - 1


def _join_cells(before: PrintedLine, line: PrintedLine) -> None:
    """Join the cells of a table row, or the parts of a line on a contents page, into one line; or a
    bullet that was drawn apart with its words."""
    bullet = BULLET.fullmatch(before.text) is not None
    if bullet:
        before.marker, before.text_x0 = True, line.x0
        before.size = line.size
    chapter = CHAPTER.fullmatch(before.text) is not None and not is_detail(line.text)
    far = line.x0 - before.x1 > before.height and not (bullet or chapter)
    if far:
        before.label = before.label or before.text
        before.cell_edges = [*before.cell_edges, line.x0]
    before.words = [*before.words, *line.words]
    before.text = f"{before.text} {line.text}"
    before.x1, before.y1 = line.x1, max(before.y1, line.y1)
    before.bold = before.bold and (far or line.bold)
    before.cells += line.cells if far else 0


def _runs_on(lines: list[PrintedLine], line: PrintedLine, edge: float, usual: TypeMeasures) -> bool:
    """True if line continues the paragraph that lines began."""
    before = lines[-1]
    if before.broken and before.column == line.column and _alike_in_height(before, line):
        return True
    if not _is_one_type(before, line):
        return False
    if line.marker and not is_false_marker(lines, line, edge):
        return False
    # The line is at the top of the next column or page. Only the words can say whether the
    # paragraph goes on: "the mother was" + "seen by" does; "was seen." + "the" does not.
    if before.column != line.column or line.y1 < before.y0:
        return line.text[0].islower() and not TERMINAL.search(before.text)
    if line.y1 - before.y1 > WIDER * usual.pitch_of(before):
        return False
    return not _is_indented(lines, line) and not _ends_early(before, line, edge)


def _is_one_type(before: PrintedLine, line: PrintedLine) -> bool:
    """True if two lines are in the same type, and neither is a row of a table."""
    # A small letter at its beginning is the strongest sign that a line continues a sentence: it
    # outweighs a change of weight ("see **Chapter 2** for ...") and a new column.
    same_weight = before.bold == line.bold or line.text[0].islower()
    in_table = max(before.cells, line.cells) > 1
    same_frame = before.turn == line.turn and _alike_in_height(before, line)
    return same_weight and same_frame and not in_table


def _is_indented(lines: list[PrintedLine], line: PrintedLine) -> bool:
    """True if line begins further in than a paragraph's next line would, or further out."""
    before = lines[-1]
    step = line.x0 - before.text_x0
    if step > 0.8 * line.height:
        return line.text[0].isupper() and bool(TERMINAL.search(before.text))
    # The first line of a paragraph may be indented or have a marker before it: then the second
    # line may begin further out.
    return step < -0.8 * line.height and len(lines) > 1


def _ends_early(before: PrintedLine, line: PrintedLine, edge: float) -> bool:
    """True if before leaves room for the first word of line, so that it was ended on purpose."""
    if is_full(before, line, edge):
        return False
    return ends_sentence(before.text) or line.text[0].isupper()


def is_full(before: PrintedLine, line: PrintedLine, edge: float) -> bool:
    """True if before has no room for the first word of line, or is long and ends no sentence. edge:
    right end of its column."""
    # Example: the column ends at x = 500, before at 430, and the first word of line is 35 wide: 70
    # points of room are more than the word and a space, 35 + 0.3 * 11.
    room = edge - before.x1
    long = room < MOST_ROOM * (edge - before.x0) and not ends_sentence(before.text)
    return long or room < line.first_width + 0.3 * line.height


def ends_sentence(text: str) -> bool:
    """True if a text ends like a sentence, and not with an abbreviation such as "e.g."."""
    return bool(TERMINAL.search(text)) and not ABBREVIATED.search(text)


def starts_low(text: str) -> bool:
    """True if the first letter of a text, after any quotation mark or bracket, is small."""
    return text.lstrip(OPENING)[:1].islower()


def continuing_edge(lines: list[PrintedLine]) -> float:
    """Where the next line of a paragraph or item would begin, in points from the left."""
    return lines[-1].x0 if len(lines) > 1 else lines[0].text_x0


def is_false_marker(lines: list[PrintedLine], line: PrintedLine, edge: float) -> bool:
    """True if the marker of line is a word of the sentence that lines began: "aged" + "12 and".

    Its number stands alone, in line with the words before it, after a full line without an end.
    """
    first = line.text.split(" ", 1)[0]
    before = lines[-1]
    return (
        BARE_MARKER.fullmatch(first) is not None
        and not ends_sentence(before.text)
        and abs(line.x0 - continuing_edge(lines)) < 0.5 * line.height
        and is_full(before, line, edge)
    )


def _joined_rows(blocks: list[TextBlock], usual: TypeMeasures) -> list[TextBlock]:
    """The blocks with the cells of each row of a table in one: a label and its value.

    Example: the block "The experiences of" / "children in care", and right of it "Good".
    """
    joined: list[TextBlock] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if before is not None and (
            _is_beside(before, block) or _is_under_cell(before, block, usual)
        ):
            before.label = before.label or before.text
            before.row = True
            before.lines += block.lines
        else:
            cells = block.lines[-1]
            block.row = cells.cells > 1
            if block.row:
                above = [line.text for line in block.lines[:-1]]
                block.label = " ".join([*above, cells.label or cells.text])
            joined.append(block)
    return joined


def _is_beside(label: TextBlock, cell: TextBlock) -> bool:
    """True if a short block is right of another, at the same height."""
    before, line = label.lines[-1], cell.lines[0]
    # A label and its grade, drawn one after the other, can seem to be two columns.
    if before.column != line.column and not is_detail(cell.text):
        return False
    if line.marker or len(cell.text) > LONGEST_CELL:
        return False
    top, foot = label.lines[0].y0, max(line.y1 for line in label.lines)
    middle = (line.y0 + cell.lines[-1].y1) / 2
    right = max(line.x1 for line in label.lines)
    return (
        len(label.text) <= LONGEST_LABEL
        and top <= middle <= foot
        and line.x0 > right + 0.5 * line.height
    )


def _is_under_cell(row: TextBlock, cell: TextBlock, usual: TypeMeasures) -> bool:
    """True if a short block goes on below the last cell of a row, or below the value of a label
    such as "Author:"."""
    before, line = row.lines[-1], cell.lines[0]
    if before.column != line.column or line.marker or len(cell.text) > LONGEST_CELL:
        return False
    if not _alike_in_height(before, line) or line.y1 - before.y1 > 1.6 * usual.pitch_of(before):
        return False
    if before.cell_edges:
        return abs(line.x0 - before.cell_edges[-1]) < 3
    indent = line.x0 - row.lines[0].x0
    return len(cell.lines) == 1 and indent > 4 * line.height and is_labelled(row.text)
