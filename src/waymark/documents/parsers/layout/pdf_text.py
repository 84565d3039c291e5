"""Pages of lines -> the one text of a PDF, with the places of its words, pages and passages."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest

import numpy as np
from numpy.typing import NDArray

from waymark.documents.parsers.layout.pdf_words import PageWords
from waymark.documents.reading.heading_marks import heading_text, title_parts
from waymark.documents.reading.headings import HeadingPath, shorten_text
from waymark.documents.reading.segment import TextBlock
from waymark.documents.reading.text_lines import PrintedLine
from waymark.documents.reading.values import FROM_FILE, ReadPage, ReadPassage, shown_title
from waymark.documents.reading.words import WordBoxes

Numbers = NDArray[np.int64]

LONGEST_TITLE = 300
# First parts usually written with a hyphen, for words that occur only once and broken.
HYPHENED = re.compile(
    "multi|self|well|non|inter|intra|cross|co|re|ex|high|low|long|short|full|part"
    "|first|second|third|one|two|three|four|five|six|seven|eight|nine|ten|single"
    "|double|half|day|week|month|year|follow|child|family|problem|decision|face|mid"
    "|semi|anti|pro|drop|step"
)
BROKEN = re.compile(r"(?<=[^\W\d_])[-\u2010]$")
EDGES = ".,;:()[]'\"\u2018\u2019\u201c\u201d"


@dataclass(slots=True)
class PageLines:
    """One page while it is read. lines: in reading order, without the running header (top) and
    footer (bottom). blocks: the blocks of these lines. source: of the words, one of PAGE_SOURCES.
    unread: the words have to be recognised in the image of the page."""

    words: PageWords
    lines: list[PrintedLine] = field(default_factory=list)
    top: list[PrintedLine] = field(default_factory=list)
    bottom: list[PrintedLine] = field(default_factory=list)
    blocks: list[TextBlock] = field(default_factory=list)
    source: str = FROM_FILE
    unread: bool = False


@dataclass(slots=True)
class AssembledText:
    """The text of a whole document. spans: each block with its start and end in the text, in their
    order."""

    text: str = ""
    pages: list[ReadPage] = field(default_factory=list)
    spans: list[tuple[TextBlock, int, int]] = field(default_factory=list)


def assemble_text(pages: list[PageLines]) -> AssembledText:
    """One text: each block on a line of its own, also where it goes on over a page break."""
    whole = AssembledText()
    vocabulary = DocumentVocabulary(pages)
    parts: list[str] = []
    length = 0
    for number, (page, after) in enumerate(zip_longest(pages, pages[1:]), start=1):
        joint, onward = _page_joint(page, after)
        text = _page_text(page, number, length, vocabulary, whole, onward)
        parts += [text, joint]
        length += len(text) + len(joint)
    whole.text = "".join(parts)
    return whole


def _page_joint(page: PageLines, after: PageLines | None) -> tuple[str, str]:
    """What the text has between a page and the next; and the second part of a word broken there."""
    # Example: "safe-" at the foot of a page and "guarding" at the top of the next: nothing is
    # between them.
    if after is None:
        return "", ""
    if not (page.blocks and page.blocks[-1].goes_on):
        return "\n", ""
    last = page.blocks[-1].lines[-1].words[-1]
    second = after.words.tokens[after.blocks[0].lines[0].words[0]]
    broken = page.words.hyphen[last] or BROKEN.search(page.words.tokens[last])
    return ("", second) if broken and second[0].isalpha() else (" ", "")


class DocumentVocabulary:
    """Counts of words in a document, taken from its lines, which are joined on demand."""

    def __init__(self, pages: list[PageLines]) -> None:
        self._pages = pages
        self._text: str | None = None

    def count(self, word: str) -> int:
        """Number of times a word (in small letters) occurs, also within longer words."""
        if self._text is None:
            blocks = (block for page in self._pages for block in page.blocks)
            self._text = "\n".join(line.text for block in blocks for line in block.lines).lower()
        return self._text.count(word)


def _page_text(
    page: PageLines,
    number: int,
    offset: int,
    vocabulary: DocumentVocabulary,
    whole: AssembledText,
    onward: str,
) -> str:
    """The text of one page, which begins at offset; its parts are entered into whole. onward: the
    second part of its last word, which is broken, on the next page."""
    words = page.words
    parts: list[str] = []
    indices: list[int] = []
    mended: list[tuple[int, list[str], list[str]]] = []
    hyphens = bool(words.hyphen.any())
    at = offset
    for block in page.blocks:
        chosen = list(chain.from_iterable([line.words for line in block.lines]))
        rest = onward if block is page.blocks[-1] else ""
        if rest or (hyphens and words.hyphen[chosen].any()):
            tokens, gaps = _joined_words(words, chosen, vocabulary, rest)
            mended.append((len(indices), tokens, gaps))
            text = "".join(chain.from_iterable(zip(tokens, gaps, strict=True)))
        else:
            text = " ".join([line.text for line in block.lines])
        whole.spans.append((block, at, at + len(text)))
        parts.append(text)
        indices += chosen
        at += len(text) + 1
    page_text = "\n".join(parts)
    starts, ends = _word_positions(words.lengths[indices], mended, offset)
    boxes = WordBoxes.of(starts, ends, words.boxes[indices])
    end = offset + len(page_text)
    size = words.width, words.height
    whole.pages.append(ReadPage(number, *size, offset, end, boxes, source=page.source))
    return page_text


def _word_positions(
    lengths: Numbers, mended: list[tuple[int, list[str], list[str]]], offset: int
) -> tuple[Numbers, Numbers]:
    """Starts and ends of the words of a page.

    Each is followed by one space or line feed, except the first halves of broken words. Example:
    lengths 3 5 2 at offset 100 give starts 100 104 110 and ends 103 109 112; if the second word is
    the first half of a broken one, its gap is 0 and the third starts at 109.
    """
    gaps = np.ones_like(lengths)
    for first, tokens, after in mended:
        place = slice(first, first + len(tokens))
        lengths[place] = [len(token) for token in tokens]
        gaps[place][:-1] = [len(gap) for gap in after[:-1]]
    ends = np.cumsum(lengths + gaps) - gaps + offset
    return ends - lengths, ends


def _joined_words(
    words: PageWords, chosen: list[int], vocabulary: DocumentVocabulary, onward: str
) -> tuple[list[str], list[str]]:
    """The words of a block and the gap after each, with words broken over lines joined. onward: the
    second part of the last word, on the next page, or ""."""
    # Example: "safe-" at a line's end and "guarding" become "safe", "guarding" with the gaps "" and
    # " ", so the text is "safeguarding" and both halves keep their boxes. "follow-" and "up" become
    # "follow-", "up".
    tokens = [words.tokens[index] for index in chosen]
    gaps = [" "] * len(tokens)
    gaps[-1] = ""
    if onward:
        first = BROKEN.sub("", tokens[-1])
        tokens[-1] = f"{first}-" if is_hyphened(first, onward, vocabulary) else first
    for place in np.flatnonzero(words.hyphen[chosen]).tolist():
        if place + 1 == len(tokens):
            tokens[place] += "" if onward else "-"
            continue
        gaps[place] = ""
        within = _on_one_line(words, chosen[place], chosen[place + 1])
        if within or is_hyphened(tokens[place], tokens[place + 1], vocabulary):
            tokens[place] += "-"
    return tokens, gaps


def _on_one_line(words: PageWords, first: int, second: int) -> bool:
    """True if second is to the right of first: then the hyphen between them is within a line."""
    before, after = words.boxes[first], words.boxes[second]
    return bool(after[0] >= before[2] and after[1] < before[3] and before[1] < after[3])


def is_hyphened(first: str, second: str, vocabulary: DocumentVocabulary) -> bool:
    """True if the hyphen at a line's end belongs to the word.

    Decided by the spelling elsewhere in the document; else the hyphen stays if the first part is
    usually written with one, or the second does not begin with a small letter. Example: with
    "multi-agency" twice and "multiagency" never, the hyphen of "multi-" + "agency" stays.
    """
    first, second = first.strip(EDGES).lower(), second.strip(EDGES)
    whole = vocabulary.count(f"{first}{second.lower()}")
    parted = vocabulary.count(f"{first}-{second.lower()}")
    if whole or parted:
        return parted > whole
    return not second[:1].islower() or bool(HYPHENED.fullmatch(first.rsplit("-", 1)[-1]))


def passages_of(whole: AssembledText) -> Iterator[ReadPassage]:
    """Each block as a passage with the headings above it.

    A paragraph that goes on over a page break is one passage.
    """
    path, listed = HeadingPath(), False
    spans = whole.spans
    place = 0
    while place < len(spans):
        block, start, end = spans[place]
        last = block
        while last.goes_on:
            place += 1
            last, _, end = spans[place]
        if block.listed != listed:  # entries of a contents page are in no chapter
            path, listed = HeadingPath(), block.listed
        if block.in_path:
            path.leave(block.level)
        yield ReadPassage(start, end, block.page + 1, last.page + 1, str(path), block.kind)
        if block.in_path:
            path.enter(block.level, heading_text(block, whole.text[start:end]))
        place += 1


def title_of(whole: AssembledText, pages: Sequence[PageLines], stated: str) -> str:
    """The words in the largest type of the first page and the headings next to them, else the title
    in the file's properties if its words are on the pages, else the first words."""
    texts = {id(block): whole.text[start:end] for block, start, end in whole.spans}
    blocks = [block for block, _, _ in whole.spans]
    title = "".join(
        f"{joint}{heading_text(block, texts[id(block)])}" for block, joint in title_parts(blocks)
    )
    running = [line.text for page in pages for line in [*page.top, *page.bottom]]
    stated = shown_title(" ".join(stated.split()), "\n".join([whole.text, *running]))
    if title:
        return shorten_text(title, LONGEST_TITLE)
    if stated and not stated.lower().startswith(("microsoft word", "untitled")):
        return shorten_text(stated, LONGEST_TITLE)
    if not whole.spans:
        return ""
    _, start, end = whole.spans[0]
    return shorten_text(whole.text[start:end], LONGEST_TITLE)
