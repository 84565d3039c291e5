"""Blocks of a document -> its headings, their levels, the title and the paths (no Django).

A heading is larger or bolder than body text, in capitals, or numbered, begins like a sentence and
does not end like one, and has text of its own below it. Cells of tables and details such as dates
and addresses are none, however they are printed.
"""

# Example, a judgement table on the first page, in bold: "Adoption performance | Good" is a row;
# "Inspection date: 6 July 2015" is a label with its value. Neither is a heading. A row in larger
# type than the body, "Leadership | Requires improvement", is one: its path is "Leadership".

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from waymark.documents.reading.contents_pages import is_contents_title, mark_contents
from waymark.documents.reading.details import POSTCODE, is_detail, is_labelled
from waymark.documents.reading.headings import NUMBERED, SECTION, Level, is_section
from waymark.documents.reading.segment import CHAPTER, TextBlock, TypeMeasures, ends_sentence

LONGEST_HEADING_LINES = 4
LONGEST_HEADING = 200
LARGER = 1.12  # a heading's size against that of body text
SHORTEST_TEXT = 25  # characters of the text below a heading in the type of the body
LONG_TEXT = 100
MOST_ADDRESS_LINES = 6
MOST_TITLE_LINES = 12
SAME_SIZE = 0.97
WORD = re.compile(r"[^\W\d_]{2}")
JOINING = re.compile(r"\b(?:and|or|of|the|an?|for|in|to|on|with|by|from|into|about)$")
# The mark of a footnote after the last word: "this area2", "improve? 1".
NOTE_MARK = re.compile(r"(?<=[a-z)\u2019\u201d])\d{1,2}$|(?<=[?!])\s?\d{1,2}$")

TypeStyle = tuple[float, bool, bool]  # size, bold, capitals


def mark_headings(blocks: list[TextBlock], usual: TypeMeasures) -> None:
    """Find the headings among the blocks of a whole document and set their levels."""
    mark_contents(blocks)
    details = _details(blocks)
    headings: list[TextBlock] = []
    cells: list[TextBlock] = []
    for place, block in enumerate(blocks):
        following = blocks[place + 1] if place + 1 < len(blocks) else None
        if not _is_heading(block, following, usual):
            continue
        is_cell = place in details or (following is not None and _is_left_of(block, following))
        (cells if is_cell else headings).append(block)
    headings = _with_text_below(blocks, headings, cells, usual)
    for block in headings:
        block.kind = "heading"
    _set_levels(headings)
    _mark_title(blocks, headings, usual)
    _mark_paths(blocks, headings, usual)


def heading_text(block: TextBlock, text: str) -> str:
    """What stands in the path for a heading: the label of a row, no mark of a footnote."""
    return NOTE_MARK.sub("", block.label or text)


def _details(blocks: list[TextBlock]) -> set[int]:
    """Places of the blocks that are details; also the lines of an address above its postcode."""
    details: set[int] = set()
    for place, block in enumerate(blocks):
        if not is_detail(block.text) and not is_labelled(block.text):
            continue
        details.add(place)
        if not POSTCODE.fullmatch(block.text.strip(" .")):
            continue
        for above in range(place - 1, max(-1, place - MOST_ADDRESS_LINES), -1):
            if not _is_address_line(blocks[above], block):
                break
            details.add(above)
    return details


def _is_address_line(line: TextBlock, postcode: TextBlock) -> bool:
    return (
        line.page == postcode.page
        and len(line.lines) == 1
        and len(line.text) <= 60
        and abs(line.size - postcode.size) < 1
        and not ends_sentence(line.text)
    )


def _is_left_of(block: TextBlock, following: TextBlock) -> bool:
    """True if the next block is beside this one: both are cells of a table."""
    line, other = block.lines[0], following.lines[0]
    return block.page == following.page and other.beside(line) and other.x0 >= line.x1


def _is_heading(block: TextBlock, following: TextBlock | None, usual: TypeMeasures) -> bool:
    if following is None or block.continued or block.goes_on or not _reads_like_heading(block):
        return False
    if block.row and not _is_headed_row(block, usual):
        return False
    # Body text of 11 points: from 12.3 points on a line is a heading by its size. Bold text of one
    # block is one too, as "Recommendation 3" set in bold at the size of body text.
    return _is_large(block, usual) or block.bold or _is_plain_heading(block, following)


def _reads_like_heading(block: TextBlock) -> bool:
    """True for a short text with a word that begins like a sentence and does not end like one."""
    text = block.text
    if not 1 < len(text) <= LONGEST_HEADING or len(block.lines) > LONGEST_HEADING_LINES:
        return False
    if block.listed and not is_contents_title(block):
        return False
    begins = text[0].isupper() or text[0].isdigit()
    return begins and text[-1] not in ".;," and WORD.search(text) is not None


def _is_plain_heading(block: TextBlock, following: TextBlock) -> bool:
    """True for a line in the type of the body that is in capitals, or has a number."""
    capitals = block.text.isupper() and len(block.text) >= 5
    return len(block.lines) == 1 and (capitals or _is_numbered_heading(block, following))


def _is_large(block: TextBlock, usual: TypeMeasures) -> bool:
    return block.size >= LARGER * usual.body


def _is_headed_row(block: TextBlock, usual: TypeMeasures) -> bool:
    """True for a row of a table in larger type: the name of a section and its grade."""
    grade = block.text.removeprefix(block.label)
    return _is_large(block, usual) and is_detail(grade) and not grade.strip().isdigit()


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
    return len(following.text) >= LONG_TEXT or bool(listed)


def _with_text_below(
    blocks: list[TextBlock], headings: list[TextBlock], cells: list[TextBlock], usual: TypeMeasures
) -> list[TextBlock]:
    """The headings that are larger than the body, or have text of their own below them.

    In a type that more cells of tables have than headings with text below, the text has to be long.
    """
    below = dict(_text_below(blocks, headings))
    rows = [block for block in blocks if block.row and len(block.text) <= LONGEST_HEADING]
    as_cell = Counter(_style(block) for block in (*cells, *rows))
    as_heading = Counter(_style(block) for block in headings if below[id(block)] >= SHORTEST_TEXT)
    staying: list[TextBlock] = []
    for block in headings:
        style = _style(block)
        least = LONG_TEXT if as_cell[style] > as_heading[style] else SHORTEST_TEXT
        if _is_large(block, usual) or below[id(block)] >= least:
            staying.append(block)
    return staying


def _style(block: TextBlock) -> TypeStyle:
    return (round(block.size), block.bold, block.text.isupper())


def _text_below(blocks: list[TextBlock], headings: list[TextBlock]) -> Iterator[tuple[int, int]]:
    """Identity of each heading, and the length of the longest text between it and the next one, or
    of the next one's where that is of another type: a heading over headings."""
    known = {id(block) for block in headings}
    longest, after = 0, None
    for block in reversed(blocks):
        if id(block) not in known:
            longest = max(longest, len(block.text) if not block.row else SHORTEST_TEXT)
            continue
        if longest == 0 and after is not None and _style(after) != _style(block):
            longest = LONG_TEXT
        yield id(block), longest
        longest, after = 0, block


def _set_levels(headings: list[TextBlock]) -> None:
    """Set levels: larger type is further out, then bold, then capitals, then shorter numbers."""
    # Example: "FINDINGS" in 16 points gets (0, 1); "4 Health" and "4.2 School" in bold 12 points
    # get (1, 1) and (1, 2).
    styles: list[TypeStyle] = []
    for block in headings:
        style = (block.size, block.bold, block.text.isupper())
        if not any(_same_style(style, known) for known in styles):
            styles.append(style)
    styles.sort(key=lambda style: (-style[0], not style[1], not style[2]))
    for block in headings:
        style = (block.size, block.bold, block.text.isupper())
        rank = next(n for n, known in enumerate(styles) if _same_style(style, known))
        block.level = (rank, max(1, _depth_of(block)))
    _level_numbers(headings)


def _depth_of(block: TextBlock) -> int:
    """Depth of the number before a heading: of "4" 1, of "4.2" 2; 0 without one."""
    number = NUMBERED.match(block.text)
    return number["number"].count(".") + 1 if number else 0


def _same_style(style: TypeStyle, other: TypeStyle) -> bool:
    return style[1:] == other[1:] and abs(style[0] - other[0]) <= 0.03 * other[0]


def _level_numbers(headings: list[TextBlock]) -> None:
    """Give headings with numbers of one depth the commonest level of these, and never one further
    out than that of shorter numbers."""
    # Example: "1 Facts" and "2 Findings" at (1, 1) and "3 Lessons", printed larger by mistake, at
    # (0, 1): all three get (1, 1).
    ranks: dict[int, Counter[int]] = defaultdict(Counter)
    for block in headings:
        ranks[_depth_of(block)][block.level[0]] += 1
    least = 0
    for depth in sorted(depth for depth in ranks if depth):
        least = max(least, ranks[depth].most_common(1)[0][0])
        for block in headings:
            if _depth_of(block) == depth:
                block.level = (least, depth)


def _mark_title(
    blocks: Sequence[TextBlock], headings: list[TextBlock], usual: TypeMeasures
) -> None:
    """The largest headings of the first page are the title, if they are larger than the body, with
    the headings next to them: the kind of document and its subject."""
    first = [block for block in blocks if block.page == 0]
    sizes = [block.size if block.kind == "heading" and not block.row else 0.0 for block in first]
    largest = max(sizes, default=0.0)
    if largest < LARGER * usual.body:
        return
    start = next(place for place, size in enumerate(sizes) if size >= SAME_SIZE * largest)
    end = start + _title_length(first[start:], headings)
    while start and sizes[start - 1] >= LARGER * usual.body:
        start -= 1
    for block in first[start:end]:
        block.in_title = block.kind == "heading"


def _title_length(blocks: list[TextBlock], headings: list[TextBlock]) -> int:
    """How many blocks, from the largest heading on, are the title; dates may be among them."""
    order = [id(block) for block in headings]
    length = 1
    for place, block in enumerate(blocks[1:MOST_TITLE_LINES], start=1):
        if is_detail(block.text) or is_labelled(block.text):
            continue
        below = blocks[place + 1] if place + 1 < len(blocks) else None
        if block.kind != "heading":
            break
        if block.size >= SAME_SIZE * blocks[0].size:
            is_part = not _is_section(block, below)
        else:
            after = {other.level for other in headings[order.index(id(block)) + 1 :]}
            is_part = length == place and _is_subtitle(block, below, after)
        if not is_part:
            break
        length = place + 1
    return length


def _is_section(block: TextBlock, below: TextBlock | None) -> bool:
    """True for a heading as large as the title that begins the text: "Introduction", "1 Facts"."""
    on_cover = below is None or below.kind == "heading"  # as the kind of document: "Summary"
    return block.listed or _depth_of(block) > 0 or (is_section(block.text) and not on_cover)


def _is_subtitle(block: TextBlock, below: TextBlock | None, after: set[Level]) -> bool:
    """True if a heading next to the title is part of it, not the heading of the first section.
    after: the levels of the headings that follow."""
    if block.row or _depth_of(block) or SECTION.match(block.text):
        return False
    if below is None or below.kind == "heading" or below.row or is_labelled(below.text):
        return True
    return is_detail(below.text) or block.level not in after


def title_parts(blocks: Sequence[TextBlock]) -> Iterator[tuple[TextBlock, str]]:
    """Blocks of the title with what joins each to the part before: "" for the first."""
    titles = [block for block in blocks if block.in_title]
    yield from ((block, "") for block in titles[:1])
    for before, block in pairwise(titles):
        text = before.text
        open_end = not text[-1].isalnum() or JOINING.search(text)
        goes_on = open_end or block.text[0].islower() or block.level == before.level
        yield block, " " if goes_on else ": "


def _mark_paths(blocks: list[TextBlock], headings: list[TextBlock], usual: TypeMeasures) -> None:
    """Mark the headings that go into the paths.

    All do except those of a cover page, and except the title if no later page has a heading of its
    kind: these do not tell one place in the document from another.
    """
    # Title "Child K" on page 0 with level 0: if page 5 has a heading of level 0 too ("Appendix"),
    # the title is one of several and stays in the path. If none has, every path would begin with
    # the same "Child K", which says nothing.
    top = min((block.level for block in headings if block.in_title), default=())[:1]
    later = [block for block in headings if block.page > 0 and not block.listed]
    title_is_alone = not any(block.level[:1] == top for block in later)
    cover = _has_cover(blocks, usual)
    for block in headings:
        in_title = block.in_title and (title_is_alone or block.level[:1] != top)
        block.in_path = not (cover and block.page == 0) and not in_title


def _has_cover(blocks: list[TextBlock], usual: TypeMeasures) -> bool:
    """True for more than two pages of which the first has no long text in the type of the body."""
    has_body_text = any(
        block.kind != "heading"
        and len(block.text) >= LONGEST_HEADING
        and block.size >= 0.95 * usual.body
        for block in blocks
        if block.page == 0
    )
    return not has_body_text and any(block.page > 1 for block in blocks)
