"""Stretches of a text arranged as headings, paragraphs, lists, tables and notes (no Django).

What is stored of a text is one passage after the other. Here those that belong together are put
together again, by their words alone: no word and no position changes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from waymark.core.spans import Span
from waymark.documents.reading.headings import JOINT

CELL_JOINT = " | "
"""What readers of formats put between the cells of a row."""
NOTE = re.compile(r"\[(\d{1,3})\]\s")
# "1.", "2.14", "(a)", "iv)", "Recommendation 3:", a bullet or a dash; the space after it included.
MARKER = re.compile(
    "(?:\\(?(?:\\d{1,3}(?:\\.\\d{1,3}){0,4}|[a-z]|[ivx]{1,5})[.)]|\\d{1,3}(?:\\.\\d{1,3}){1,4}"
    "|[\u2022\u25e6\u2023\u2219\xb7\u25cb\u25a1\u25aa*\u2013\u2014-])\\s+"
)
DEEPEST = 6  # of headings in HTML


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

    level: of a heading, 1 for the outermost.
    """

    kind: str
    stretches: tuple[TextStretch, ...]
    level: int = 0


def arrange(stretches: Iterable[TextStretch]) -> Iterator[StretchGroup]:
    """Group stretches in order: items into lists, rows into tables, everything else by itself."""
    level = 0
    for kind, together in groupby(stretches, _shape_of):
        group = tuple(together)
        if kind == "row" and len(group) == 1:  # one row alone: words with a bar between them
            kind = "paragraph"
        if kind in {"row", "item"}:
            yield StretchGroup({"row": "table", "item": "list"}[kind], group)
            continue
        for stretch in group:
            if kind == "heading":
                level = heading_level(stretch.heading, level)
            yield StretchGroup(kind, (stretch,), level if kind == "heading" else 0)


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


def most_cells(rows: Sequence[TextStretch]) -> int:
    """Columns of a table: the cells of its widest row."""
    return max(len(cell_spans(row.text)) for row in rows)
