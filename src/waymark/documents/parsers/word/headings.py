"""Headings of a Word file: by style or outline level, else by look, as on a printed page.

A style is a heading by its outline level, by a name of Word's own ("heading 1", in the languages
that programs write it in), or by being based on such a style.
"""

import re
from collections import Counter
from dataclasses import dataclass

from waymark.documents.parsers.flow import FlowPiece
from waymark.documents.parsers.word.names import VAL, Element, W, number_in, value_at
from waymark.documents.parsers.word.styles import WordStyles

LARGER = 1.12  # a heading's size against that of body text
LONGEST_HEADING = 200
LONGEST_SENTENCE = 120  # a paragraph in a heading style that ends like a sentence and is longer
MOST_IN_A_ROW = 3  # lines that look like headings: more are an address or a cover
OPENING = 3  # paragraphs: a heading further down is no title
BODY_LEVEL = 9
TITLE_LEVEL = 0
NAME = re.compile(
    r"(?:heading|überschrift|titre|título|titulo|titolo|kop|rubrik|overskrift|otsikko|nadpis|"
    r"nagłówek|pennawd|ceannteideal|заголовок)\s*([1-9])",
    re.IGNORECASE,
)
TITLES = frozenset({"title", "titel", "titre", "título", "titolo", "teitl", "teideal"})
NO_HEADING = re.compile(
    r"(?:toc|table of|contents|caption|subtitle|quote|intense quote|list|header|footer|footnote|"
    r"endnote|index|signature|salutation)\b",
    re.IGNORECASE,
)
LISTED = re.compile(r"(?:toc|table of|contents|index)\b", re.IGNORECASE)
BODY, TABLE, BOX, NOTE, CONTENTS = "body", "table", "box", "note", "contents"


@dataclass(frozen=True, slots=True)
class ParagraphLook:
    """Type of a paragraph: the smallest size in points, and whether all of it is bold."""

    size: float = 0.0
    bold: bool = False


@dataclass(slots=True)
class WordParagraph:
    """A paragraph as read. level: of a heading, 0 for the title; None for no heading.

    part: BODY, TABLE, BOX, NOTE or CONTENTS. may_head: False in a style that is never a heading.
    """

    text: str
    kind: str = "paragraph"
    level: int | None = None
    part: str = BODY
    look: ParagraphLook = ParagraphLook()
    may_head: bool = True


class HeadingStyles:
    """Heading level of each style of a document."""

    def __init__(self, styles: WordStyles) -> None:
        self._styles = styles
        self._known: dict[str, int | None] = {}
        self._may_head: dict[str, bool] = {}

    def level(self, own: Element | None, style: str) -> int | None:
        """Level of a paragraph, from 1; TITLE_LEVEL for a title, None for no heading."""
        outline = value_at(own, f"{W}outlineLvl")
        if outline:
            return _level_of_outline(outline)
        if style not in self._known:
            self._known[style] = self._level_of_style(style)
        return self._known[style]

    def may_head(self, style: str) -> bool:
        """True if a paragraph of this style may be a heading by its look."""
        if style not in self._may_head:
            names = [value_at(element, f"{W}name") for element in self._styles.chain(style)]
            self._may_head[style] = not any(map(NO_HEADING.match, names))
        return self._may_head[style]

    def is_listed(self, style: str) -> bool:
        """True for the styles of entries of contents, such as "toc 1"."""
        element = next(iter(self._styles.chain(style)), None)
        return element is not None and LISTED.match(value_at(element, f"{W}name")) is not None

    def _level_of_style(self, style: str) -> int | None:
        for element in self._styles.chain(style):
            name = value_at(element, f"{W}name").strip()
            if name.lower() in TITLES:
                return TITLE_LEVEL
            outline = value_at(element, f"{W}pPr/{W}outlineLvl")
            if outline:
                return _level_of_outline(outline)
            if match := NAME.fullmatch(name):
                return int(match[1])
        return None


def _level_of_outline(value: str) -> int | None:
    level = int(number_in(value, BODY_LEVEL))
    return level + 1 if 0 <= level < BODY_LEVEL else None


def is_a_sentence(text: str) -> bool:
    """True for a paragraph in a heading style that is body text: numbered so by its author."""
    # Many reviews number their paragraphs by styles of headings: "4.2 The school wrote ... time."
    return len(text) > LONGEST_HEADING or (len(text) > LONGEST_SENTENCE and text[-1] in ".;")


def flow_pieces(paragraphs: list[WordParagraph]) -> tuple[list[FlowPiece], str]:
    """The pieces of a document with the levels of all its headings, and the title by its style."""
    _mark_by_look(paragraphs)
    titles = _opening_titles(paragraphs)
    opening = {place for place, paragraph in enumerate(paragraphs[:OPENING]) if paragraph.level}
    # One further in, so that the only chapter of a report with a title is not taken for its title.
    inner = 0 if opening and not titles else 1
    pieces = []
    for place, paragraph in enumerate(paragraphs):
        level = paragraph.level
        if level is None:
            listed = paragraph.part == CONTENTS
            pieces.append(FlowPiece(paragraph.text, paragraph.kind, listed=listed))
        elif place in titles:
            pieces.append(FlowPiece(paragraph.text, "heading", TITLE_LEVEL))
        else:
            pieces.append(FlowPiece(paragraph.text, "heading", max(level, 1) + inner))
    return pieces, " ".join(paragraphs[place].text for place in titles)


def _opening_titles(paragraphs: list[WordParagraph]) -> list[int]:
    """Places of the paragraphs in the style of a title before the first heading."""
    places = []
    for place, paragraph in enumerate(paragraphs):
        if paragraph.level == TITLE_LEVEL:
            places.append(place)
        elif paragraph.level is not None:
            break
    return places


def _mark_by_look(paragraphs: list[WordParagraph]) -> None:
    """Give levels to short bold or large lines that have text below them."""
    usual = _usual_look(paragraphs)
    by_look: list[WordParagraph] = []
    chain: list[WordParagraph] = []
    room = 0  # lines that may be headings of what is below them: the last lines have nothing
    for paragraph in reversed(paragraphs):
        if paragraph.level is None and _looks_like_heading(paragraph, usual):
            chain.append(paragraph)
            continue
        by_look += chain if len(chain) <= room else []
        chain = []
        room = MOST_IN_A_ROW if paragraph.level is None else 1
    by_look += chain if len(chain) <= room else []
    _set_levels(paragraphs, by_look, usual.size)


def _usual_look(paragraphs: list[WordParagraph]) -> ParagraphLook:
    """Size of most of the body text, and whether most of it is bold."""
    looks: Counter[ParagraphLook] = Counter()
    for paragraph in paragraphs:
        if paragraph.level is None and paragraph.part == BODY:
            looks[paragraph.look] += len(paragraph.text)
    return looks.most_common(1)[0][0] if looks else ParagraphLook()


def _looks_like_heading(paragraph: WordParagraph, usual: ParagraphLook) -> bool:
    text = paragraph.text
    if paragraph.part != BODY or not paragraph.may_head or not 1 < len(text) <= LONGEST_HEADING:
        return False
    if text[-1] in ".;," or not (text[0].isupper() or text[0].isdigit()):
        return False
    if not re.search(r"[^\W\d_]{2}", text):
        return False
    look = paragraph.look
    by_type = look.size >= LARGER * usual.size or (look.bold and not usual.bold)
    return by_type or (text.isupper() and len(text) >= 5)


def _set_levels(
    paragraphs: list[WordParagraph], by_look: list[WordParagraph], usual: float
) -> None:
    """Levels by look: with the styled heading of that size or less, else below all of them."""
    # Example: Heading 1 in 16 points, Heading 2 in 13: a bold line of 13 points gets 2, one of 11
    # gets 3. Without headings by style, the largest look gets 1, the next 2.
    styled: dict[int, float] = {}
    for paragraph in paragraphs:
        if paragraph.level and paragraph.part == BODY:
            styled[paragraph.level] = max(styled.get(paragraph.level, 0.0), paragraph.look.size)
    deepest = max(styled, default=0)
    below: list[tuple[float, bool, bool]] = []
    for paragraph in by_look:
        level = _level_beside(paragraph.look.size, styled, usual)
        if level is None and _rank_of(paragraph) not in below:
            below.append(_rank_of(paragraph))
        paragraph.kind, paragraph.level = "heading", level
    below.sort(reverse=True)
    for paragraph in by_look:
        if paragraph.level is None:
            paragraph.level = deepest + 1 + below.index(_rank_of(paragraph))


def _level_beside(size: float, styled: dict[int, float], usual: float) -> int | None:
    """The outermost level by style with headings no larger, but larger than body text."""
    return next((level for level, other in sorted(styled.items()) if size >= other > usual), None)


def _rank_of(paragraph: WordParagraph) -> tuple[float, bool, bool]:
    """Larger type is further out, then bold, then capitals."""
    return paragraph.look.size, paragraph.look.bold, paragraph.text.isupper()


def own_style(properties: Element | None) -> str:
    """Key of the style of a paragraph; "" if it names none."""
    style = properties.find(f"{W}pStyle") if properties is not None else None
    return style.get(VAL, "") if style is not None else ""
