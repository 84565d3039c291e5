"""Stretches of a text arranged as headings, paragraphs, lists, tables and notes (no Django).

What is stored of a text is one passage after the other. Here those that belong together are put
together again, by their words and their places on the page: no word and no position changes.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from types import MappingProxyType
from typing import Protocol

from waymark.core.spans import Span
from waymark.documents.reading.headings import JOINT
from waymark.documents.reading.printed_cells import PrintedCell, printed_cells, share_columns
from waymark.documents.reading.words import unpack_words

CELL_JOINT = " | "
"""What readers of formats put between the cells of a row."""
NOTE = re.compile(r"\[(\d{1,3})\]\s")
# "1.", "2.14", "(a)", "iv)", "Recommendation 3:", a bullet or a dash; the space after it included.
MARKER = re.compile(
    "(?:\\(?(?:\\d{1,3}(?:\\.\\d{1,3}){0,4}|[a-z]|[ivx]{1,5})[.)]|\\d{1,3}(?:\\.\\d{1,3}){1,4}"
    "|[\u2022\u25e6\u2023\u2219\xb7\u25cb\u25a1\u25aa*\u2013\u2014-])\\s+"
)
DEEPEST = 6  # of headings in HTML
LONGEST_ROW = 400  # characters of a printed row; longer passages are prose


@dataclass(frozen=True, slots=True)
class TextStretch:
    """A part of a report's text in one passage, or in none.

    start, end: code points of the report's text. key, kind, heading: the passage's, "" if there is
    none (headers and footers in the text of an earlier extractor, loose lines). continued: the
    passage began on an earlier page.
    """

    start: int
    end: int
    text: str
    key: str
    kind: str
    continued: bool
    heading: str = ""


@dataclass(frozen=True, slots=True)
class StretchGroup:
    """Stretches shown as one thing: "heading", "paragraph", "list", "table", "note" or "loose".

    level: of a heading, 1 for the outermost. cells: of each row of a table, in its own text.
    """

    kind: str
    stretches: tuple[TextStretch, ...]
    level: int = 0
    cells: tuple[tuple[Span, ...], ...] = ()


class PageSpan(Protocol):
    """Part of a text that is on one page."""

    number: int
    start: int
    end: int


PrintedRows = Mapping[int, Sequence[PrintedCell]]
"""Start of a stretch -> its cells on the page, two or more."""


def printed_rows(
    stretches: Iterable[TextStretch], pages: Sequence[PageSpan], packed: Mapping[int, bytes]
) -> PrintedRows:
    """Stretches that are printed as cells beside each other. packed: word boxes of the pages."""
    boxes = {number: unpack_words(words) for number, words in packed.items()}
    rows: dict[int, Sequence[PrintedCell]] = {}
    for stretch in stretches:
        if stretch.kind != "paragraph" or len(stretch.text) > LONGEST_ROW:
            continue
        page = pages[max(bisect_right(pages, stretch.start, key=lambda page: page.start) - 1, 0)]
        if page.number in boxes and stretch.end <= page.end:
            cells = printed_cells(boxes[page.number], stretch.start, stretch.end)
            if len(cells) > 1:
                rows[stretch.start] = cells
    return rows


def arrange(
    stretches: Iterable[TextStretch], printed: PrintedRows = MappingProxyType({})
) -> Iterator[StretchGroup]:
    """Group stretches in order: items into lists, rows into tables, everything else by itself."""
    level = 0
    for (kind, _), together in groupby(stretches, _ShapeInRun(printed)):
        group = tuple(together)
        if kind == "row" and len(group) == 1:  # one row alone is no table
            kind = "paragraph"
        if kind == "row":
            cells = tuple(_cells_of(row, printed) for row in group)
            yield StretchGroup("table", group, cells=cells)
            continue
        if kind == "item":
            yield StretchGroup("list", group)
            continue
        for stretch in group:
            if kind == "heading":
                level = heading_level(stretch.heading, level)
            yield StretchGroup(kind, (stretch,), level if kind == "heading" else 0)


class _ShapeInRun:
    """Shape of each stretch in turn, with a number that changes where a printed table ends."""

    def __init__(self, printed: PrintedRows) -> None:
        self.printed = printed
        self.before: Sequence[PrintedCell] = ()
        self.run = 0

    def __call__(self, stretch: TextStretch) -> tuple[str, int]:
        shape = _shape_of(stretch)
        cells = self.printed.get(stretch.start, ()) if shape == "paragraph" else ()
        if cells:
            shape = "row"
            if self.before and not share_columns(self.before, cells):
                self.run += 1
        self.before = cells
        return shape, self.run


def _cells_of(row: TextStretch, printed: PrintedRows) -> tuple[Span, ...]:
    """Cells of a row in its own text, without the white space between them."""
    if row.start not in printed:
        return tuple(cell_spans(row.text))
    # From one cell to the next, so that no character is lost, also one without a box.
    starts = [0, *(cell.start - row.start for cell in printed[row.start][1:]), len(row.text)]
    return tuple(
        Span(start, start + len(row.text[start:end].rstrip())) for start, end in pairwise(starts)
    )


def _shape_of(stretch: TextStretch) -> str:
    if not stretch.key:
        return "loose"
    if stretch.kind == "paragraph":
        if NOTE.match(stretch.text):
            return "note"
        if CELL_JOINT in stretch.text:
            return "row"
    return stretch.kind


def heading_level(path: str, before: int) -> int:
    """Level of a heading below a path of headings: at most one deeper than the one before it.

    Example: below "Findings > Health" it is 3, but 2 right after a heading of level 1.
    """
    depth = path.count(JOINT) + 2 if path else 1
    return min(depth, before + 1, DEEPEST)


def cell_spans(text: str) -> list[Span]:
    """The cells of a row in its text; an empty cell is left out.

    Example: "Judgement | Good" has the cells [0, 9) and [12, 16).
    """
    spans, at = [], 0
    for cell in text.split(CELL_JOINT):
        if cell:
            spans.append(Span(at, at + len(cell)))
        at += len(cell) + len(CELL_JOINT)
    return spans


def marker_length(text: str) -> int:
    """Length of the number, letter or bullet that a text begins with, and its space; else 0."""
    marker = MARKER.match(text)
    return marker.end() if marker and marker.end() < len(text) else 0


def note_number(text: str) -> str:
    """Number of the note that a text is, as in "[3] Its source."; "" if it is none."""
    number = NOTE.match(text)
    return number[1] if number else ""
