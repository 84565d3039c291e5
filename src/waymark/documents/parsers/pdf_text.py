"""Pages of lines -> the one text of a PDF, with the places of its words, pages and passages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from waymark.documents.headings import HeadingPath, shortened
from waymark.documents.parsers.lines import Line
from waymark.documents.parsers.pdf_words import PageWords
from waymark.documents.reading import ReadPage, ReadPassage, shown_title
from waymark.documents.segment import TERMINAL, Block
from waymark.documents.words import WordBoxes

Numbers = NDArray[np.int64]

LONGEST_TITLE = 300
# First parts that are usually written with a hyphen, for words that occur once and only broken.
HYPHENED = re.compile(
    "multi|self|well|non|inter|intra|cross|co|re|ex|high|low|long|short|full|part"
    "|first|second|third|one|two|three|four|five|six|seven|eight|nine|ten|single"
    "|double|half|day|week|month|year|follow|child|family|problem|decision|face|mid"
    "|semi|anti|pro|drop|step"
)
EDGES = ".,;:()[]'\"\u2018\u2019\u201c\u201d"


@dataclass(slots=True)
class PageLines:
    """One page while it is read: its words, the lines of its running header and footer, its lines
    in reading order, the blocks that they make, and whether it is the image of a page."""

    words: PageWords
    lines: list[Line] = field(default_factory=list)
    top: list[Line] = field(default_factory=list)
    bottom: list[Line] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    scanned: bool = False


@dataclass(slots=True)
class Whole:
    """A document put together. spans: each block with its start and end in the text."""

    text: str = ""
    pages: list[ReadPage] = field(default_factory=list)
    spans: list[tuple[Block, int, int]] = field(default_factory=list)
    furniture: list[tuple[int, int]] = field(default_factory=list)


def assemble(pages: list[PageLines]) -> Whole:
    """One text: headers, blocks and footers of each page on lines of their own."""
    whole = Whole()
    vocabulary = Vocabulary(pages)
    parts: list[str] = []
    length = 0
    for number, page in enumerate(pages, start=1):
        text = _page_text(page, number, length, vocabulary, whole)
        parts.append(text)
        length += len(text) + 1
    whole.text = "\n".join(parts)
    return whole


class Vocabulary:
    """How a document writes a word elsewhere; its words are put together when first asked."""

    def __init__(self, pages: list[PageLines]) -> None:
        self._pages = pages
        self._said: str | None = None

    def count(self, word: str) -> int:
        """How often a word (in small letters) occurs, also within longer words."""
        if self._said is None:
            blocks = (block for page in self._pages for block in page.blocks)
            self._said = "\n".join(line.text for block in blocks for line in block.lines).lower()
        return self._said.count(word)


def _page_text(
    page: PageLines, number: int, offset: int, vocabulary: Vocabulary, whole: Whole
) -> str:
    """The text of one page, which begins at offset; its parts are entered into whole."""
    words = page.words
    parts: list[str] = []
    indices: list[int] = []
    mended: list[tuple[int, list[str], list[str]]] = []
    hyphens = bool(words.hyphen.any())
    at = offset
    for lines, block in _in_turn(page):
        chosen = list(chain.from_iterable([line.words for line in lines]))
        if hyphens and words.hyphen[chosen].any():
            tokens, gaps = _mended(words, chosen, vocabulary)
            mended.append((len(indices), tokens, gaps))
            text = "".join(chain.from_iterable(zip(tokens, gaps, strict=True)))
        else:
            text = " ".join([line.text for line in lines])
        if block is None:
            whole.furniture.append((at, at + len(text)))
        else:
            whole.spans.append((block, at, at + len(text)))
        parts.append(text)
        indices += chosen
        at += len(text) + 1
    page_text = "\n".join(parts)
    starts, ends = _places(words.lengths[indices], mended, offset)
    boxes = WordBoxes.of(starts, ends, words.boxes[indices])
    end = offset + len(page_text)
    whole.pages.append(ReadPage(number, words.width, words.height, offset, end, boxes))
    return page_text


def _places(
    lengths: Numbers, mended: list[tuple[int, list[str], list[str]]], offset: int
) -> tuple[Numbers, Numbers]:
    """Starts and ends of the words of a page: each is followed by one space or line feed, but for
    the halves of broken words."""
    gaps = np.ones_like(lengths)
    for first, tokens, after in mended:
        place = slice(first, first + len(tokens))
        lengths[place] = [len(token) for token in tokens]
        gaps[place][:-1] = [len(gap) for gap in after[:-1]]
    ends = np.cumsum(lengths + gaps) - gaps + offset
    return ends - lengths, ends


def _in_turn(page: PageLines) -> Iterator[tuple[list[Line], Block | None]]:
    """What the text of a page holds, in order: header lines, blocks, footer lines."""
    for line in page.top:
        yield [line], None
    for block in page.blocks:
        yield block.lines, block
    for line in page.bottom:
        yield [line], None


def _mended(
    words: PageWords, chosen: list[int], vocabulary: Vocabulary
) -> tuple[list[str], list[str]]:
    """The words of a block and what stands after each, words broken over lines made whole."""
    tokens = [words.tokens[index] for index in chosen]
    gaps = [" "] * len(tokens)
    gaps[-1] = ""
    for place in np.flatnonzero(words.hyphen[chosen]).tolist():
        if place + 1 == len(tokens):
            tokens[place] += "-"
            continue
        gaps[place] = ""
        within = _on_one_line(words, chosen[place], chosen[place + 1])
        if within or is_hyphened(tokens[place], tokens[place + 1], vocabulary):
            tokens[place] += "-"
    return tokens, gaps


def _on_one_line(words: PageWords, first: int, second: int) -> bool:
    """Whether second stands to the right of first: then the hyphen between them ends no line."""
    before, after = words.boxes[first], words.boxes[second]
    return bool(after[0] >= before[2] and after[1] < before[3] and before[1] < after[3])


def is_hyphened(first: str, second: str, vocabulary: Vocabulary) -> bool:
    """Whether the hyphen at a line's end belongs to the word.

    Judged by how the document writes it elsewhere; else by whether the first part is one that is
    usually written with a hyphen, or the second does not begin with a small letter.
    """
    first, second = first.strip(EDGES).lower(), second.strip(EDGES)
    whole = vocabulary.count(f"{first}{second.lower()}")
    parted = vocabulary.count(f"{first}-{second.lower()}")
    if whole or parted:
        return parted > whole
    return not second[:1].islower() or bool(HYPHENED.fullmatch(first.rsplit("-", 1)[-1]))


def passages_of(whole: Whole) -> Iterator[ReadPassage]:
    """Each block as a passage with the headings above it; one that runs over a page break is one.

    Where a running header or footer lies between its parts, they stay two passages.
    """
    path = HeadingPath()
    spans = whole.spans
    place = 0
    while place < len(spans):
        block, start, end = spans[place]
        last = block
        while place + 1 < len(spans) and _goes_on(last, end, *spans[place + 1][:2]):
            place += 1
            last, _, end = spans[place]
        if block.in_path:
            path.leave(block.level)
        yield ReadPassage(start, end, block.page + 1, last.page + 1, str(path), block.kind)
        if block.in_path:
            path.enter(block.level, whole.text[start:end])
        place += 1


def _goes_on(block: Block, end: int, after: Block, start: int) -> bool:
    """Whether a paragraph runs on over the page break, with no furniture between."""
    return (
        after.page == block.page + 1
        and start == end + 1
        and block.kind != "heading"
        and after.kind == "paragraph"
        and after.text[0].islower()
        and not TERMINAL.search(block.text)
    )


def title_of(whole: Whole, said: str) -> str:
    """The words in the largest type of the first page, else the title the file states where its
    pages show the words, else its first words."""
    titles = [whole.text[start:end] for block, start, end in whole.spans if block.in_title]
    said = shown_title(" ".join(said.split()), whole.text)
    if titles:
        return shortened(" ".join(titles), LONGEST_TITLE)
    if said and not said.lower().startswith(("microsoft word", "untitled")):
        return shortened(said, LONGEST_TITLE)
    _, start, end = whole.spans[0]
    return shortened(whole.text[start:end], LONGEST_TITLE)
