"""Lines of the pages -> paragraphs, items and headings (no Django).

A printed page does not mark where a paragraph ends. The signs are: more space than between the
lines of a paragraph, another type size or weight, a bullet or number, an indent, and a line that
leaves room for the first word of the next.
"""

# Example: with lines 11 points high and a usual pitch of 1.2, feet of lines are 13.2 points apart;
# a line more than WIDER * 13.2 = 16.1 points below the one before it begins a new paragraph.

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from waymark.documents.reading.headings import Level
from waymark.documents.reading.text_lines import PrintedLine

LONGEST_HEADING_LINES = 4
LONGEST_HEADING = 200
LARGER = 1.12  # a heading's height against that of body text
WIDER = 1.22  # the space that ends a paragraph against that between its lines
TERMINAL = re.compile("[.:;?!][\"'\u201d\u2019)\\]]*\\d{0,2}$")
NUMBERED = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+(?=[A-Z])")
CHAPTER = re.compile(r"(?:chapter|part|section|appendix|annex)\s+[\dA-Z]{1,3}\b", re.IGNORECASE)
CONTENTS = re.compile(r"(?:\.\s?){4,}\s*\d+$")


@dataclass(slots=True)
class TextBlock:
    """Lines of one paragraph, item or heading, on one page (counted from 0).

    level: of a heading, smaller further out. in_title: a heading that is part of the title.
    in_path: a heading that belongs to the paths of what follows it.
    """

    lines: list[PrintedLine]
    page: int
    kind: str = "paragraph"
    level: Level = ()
    in_title: bool = False
    in_path: bool = False

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)

    @property
    def height(self) -> float:
        return max(line.height for line in self.lines)

    @property
    def bold(self) -> bool:
        return all(line.bold for line in self.lines)


@dataclass(slots=True)
class TypeMeasures:
    """Usual measures of a document. body: height of its lines of text, in points.

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
    heights: Counter[float] = Counter()
    pitches: Counter[tuple[int, float]] = Counter()
    for lines in pages:
        for line in lines:
            heights[round(line.height * 2) / 2] += len(line.text)
        for before, after in pairwise(lines):
            # Below 0.7 the two are on one row, above 2.5 there is a gap: neither is a pitch.
            ratio = (after.y1 - before.y1) / (before.height or 1)
            if (
                0.7 < ratio < 2.5
                and before.column == after.column
                and _alike_in_height(before, after)
            ):
                pitches[round(before.height), round(ratio, 2)] += 1
    # Heights are weighed by characters, not lines: a report has many short headings, but most of
    # its characters are body text. Rounding to half a point unites 10.9 and 11.1.
    body = heights.most_common(1)[0][0] if heights else 12.0
    everywhere: Counter[float] = Counter()
    by_height: dict[int, Counter[float]] = defaultdict(Counter)
    for (height, ratio), count in pitches.items():
        everywhere[ratio] += count
        by_height[height][ratio] += count
    # Fewer than 5 pairs of lines of a height say little: such heights get the ratio of all lines.
    known = {
        height: _usual_ratio(ratios) for height, ratios in by_height.items() if ratios.total() >= 5
    }
    return TypeMeasures(body, _usual_ratio(everywhere) if everywhere else 1.2, known)


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
    for line in lines:
        edges[line.column] = max(edges.get(line.column, 0.0), line.x1)
    blocks: list[TextBlock] = []
    for line in lines:
        if blocks and _on_one_row(blocks[-1].lines[-1], line):
            _join_cells(blocks[-1].lines[-1], line)
        elif blocks and _runs_on(blocks[-1].lines, line, edges[line.column], usual):
            blocks[-1].lines.append(line)
        else:
            kind = "item" if line.marker and not _is_long_number(line) else "paragraph"
            blocks.append(TextBlock([line], page, kind))
    return blocks


def _is_long_number(line: PrintedLine) -> bool:
    """True if the marker is the number of a paragraph, as "4.12", and not of a list item."""
    return re.match(r"\d+\.\d+", line.text) is not None


def _on_one_row(before: PrintedLine, line: PrintedLine) -> bool:
    return before.column == line.column and before.beside(line) and line.x0 >= before.x1 - 1


def _join_cells(before: PrintedLine, line: PrintedLine) -> None:
    """Join the cells of a table row, or the parts of a line on a contents page, into one line."""
    far = line.x0 - before.x1 > before.height
    before.words = [*before.words, *line.words]
    before.text = f"{before.text} {line.text}"
    before.x1, before.y1 = line.x1, max(before.y1, line.y1)
    before.bold = before.bold and line.bold
    before.cells += line.cells if far else 0


def _runs_on(lines: list[PrintedLine], line: PrintedLine, edge: float, usual: TypeMeasures) -> bool:
    """True if line continues the paragraph that lines began."""
    before = lines[-1]
    if line.marker or not _alike_in_height(before, line) or before.cells > 1 or line.cells > 1:
        return False
    if before.turn != line.turn:
        return False
    # A small letter at its beginning is the strongest sign that a line continues a sentence: it
    # outweighs a change of weight ("see **Chapter 2** for ...") and a new column.
    starts_low = line.text[0].islower()
    if before.bold != line.bold and not starts_low:
        return False
    # The line is at the top of the next column or page. Only the words can say whether the
    # paragraph goes on: "the mother was" + "seen by" does; "was seen." + "the" does not.
    if before.column != line.column or line.y1 < before.y0:
        return starts_low and not TERMINAL.search(before.text)
    if line.y1 - before.y1 > WIDER * usual.pitch_of(before):
        return False
    return not _is_indented(lines, line) and not _ends_early(before, line, edge)


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
    # Example: the column ends at x = 500, before at 430, and the first word of line is 5 of its 60
    # characters on 420 points, so 35 wide: 70 points of room are more than 35 + 0.6 * 11.
    first = line.text.split(" ", 1)[0]
    wide = (line.x1 - line.x0) * len(first) / max(len(line.text), 1)
    room = edge - before.x1
    if room < wide + 0.6 * line.height:
        return False
    return bool(TERMINAL.search(before.text)) or line.text[0].isupper()


def mark_headings(blocks: list[TextBlock], usual: TypeMeasures) -> None:
    """Find the headings among the blocks of a whole document and set their levels."""
    contents = _contents_pages(blocks)
    headings = []
    for place, block in enumerate(blocks):
        following = blocks[place + 1] if place + 1 < len(blocks) else None
        if block.page not in contents and _is_heading(block, following, usual):
            block.kind = "heading"
            headings.append(block)
    _set_levels(headings)
    _mark_title(headings, usual)
    _mark_paths(blocks, headings, usual)


def _contents_pages(blocks: list[TextBlock]) -> set[int]:
    """Contents pages: several lines that end, far from their words, in a page number."""
    listed: Counter[int] = Counter()
    for block in blocks:
        last = block.lines[-1]
        by_gap = last.cells > 1 and last.text.rsplit(" ", 1)[-1].isdigit()
        if by_gap or CONTENTS.search(last.text):
            listed[block.page] += 1
    return {page for page, count in listed.items() if count >= 5}


def _is_heading(block: TextBlock, following: TextBlock | None, usual: TypeMeasures) -> bool:
    if len(block.lines) > LONGEST_HEADING_LINES:
        return False
    text = block.text
    if not 1 < len(text) <= LONGEST_HEADING:
        return False
    if max(line.cells for line in block.lines) > 1 or not re.search(r"[^\W\d_]{2}", text):
        return False
    # A heading has something below it, does not end like a sentence and begins like one.
    if following is None or text[-1] in ".;," or not (text[0].isupper() or text[0].isdigit()):
        return False
    # Body text of 11 points: from 12.3 points on a line is a heading by its size. Bold text of one
    # block is one too, as "Recommendation 3" set in bold at the size of body text.
    if block.height >= LARGER * usual.body or block.bold:
        return True
    capitals = text.isupper() and len(text) >= 5
    return len(block.lines) == 1 and (capitals or _is_numbered_heading(block, following))


def _is_numbered_heading(block: TextBlock, following: TextBlock) -> bool:
    """True for a short numbered line in plain type before a paragraph, outside a list."""
    numbered = NUMBERED.match(block.text) or CHAPTER.match(block.text)
    if not numbered or len(block.text) > 80:
        return False
    # "3 Findings" before "3.1 The panel ..." is a heading; "3 Smith, J." before "4 Jones, K." is
    # an item of a list, since the next line has a plain number too.
    listed = NUMBERED.match(following.text)
    if listed and "." not in listed["number"]:
        return False
    return len(following.text) >= 100 or bool(listed)


def _set_levels(headings: list[TextBlock]) -> None:
    """Set levels: larger type is further out, then bold, then capitals, then shorter numbers."""
    # Example: "FINDINGS" in 16 points gets (0, 1); "4 Health" and "4.2 School" in bold 12 points
    # get (1, 1) and (1, 2).
    styles: list[tuple[float, bool, bool]] = []
    for block in headings:
        style = (block.height, block.bold, block.text.isupper())
        if not any(_same_style(style, known) for known in styles):
            styles.append(style)
    styles.sort(key=lambda style: (-style[0], not style[1], not style[2]))
    for block in headings:
        style = (block.height, block.bold, block.text.isupper())
        rank = next(n for n, known in enumerate(styles) if _same_style(style, known))
        number = NUMBERED.match(block.text)
        depth = number["number"].count(".") + 1 if number else 1
        block.level = (rank, depth)


def _same_style(style: tuple[float, bool, bool], other: tuple[float, bool, bool]) -> bool:
    return style[1:] == other[1:] and abs(style[0] - other[0]) <= 0.04 * other[0]


def _mark_title(headings: list[TextBlock], usual: TypeMeasures) -> None:
    """The largest headings of the first page are the title, when they are larger than the body."""
    first = [block for block in headings if block.page == 0]
    if not first:
        return
    top = min(block.level[0] for block in first)
    for block in first:
        block.in_title = block.level[0] == top and block.height >= LARGER * usual.body


def _mark_paths(blocks: list[TextBlock], headings: list[TextBlock], usual: TypeMeasures) -> None:
    """Mark the headings that go into the paths.

    All do except those of a cover page, and except the title if no later page has a heading of its
    kind: these do not tell one place in the document from another.
    """

    def is_body_text(block: TextBlock) -> bool:
        long = block.kind != "heading" and len(block.text) >= LONGEST_HEADING
        return long and block.height >= 0.95 * usual.body

    # Title "Child K" on page 0 with level 0: if page 5 has a heading of level 0 too ("Appendix"),
    # the title is one of several and stays in the path. If none has, every path would begin with
    # the same "Child K", which says nothing.
    top = {block.level[0] for block in headings if block.in_title}
    title_is_alone = not any(block.level[0] in top for block in headings if block.page > 0)
    first_page = [block for block in blocks if block.page == 0]
    has_more = max((block.page for block in blocks), default=0) > 1
    cover = has_more and not any(map(is_body_text, first_page))
    for block in headings:
        block.in_path = not (cover and block.page == 0) and not (title_is_alone and block.in_title)
