"""Highlighted and plain runs of a text, so that templates can wrap the highlighted ones."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextRun:
    """Piece of text, highlighted or not."""

    text: str
    marked: bool


def text_runs(text: str, marks: Iterable[tuple[int, int]]) -> tuple[TextRun, ...]:
    """Cut a text into runs that together make up the whole text.

    marks: [start, end) in code points of text, in any order, overlapping or not; parts outside
    the text are ignored. Example: text_runs("abcd", [(1, 3)]) -> a, bc (marked), d.
    """
    pieces: list[TextRun] = []
    # "at" is the end of the text that has been cut so far; overlapping marks start there.
    at = 0
    for start, end in sorted(marks):
        first, last = max(start, at), min(end, len(text))
        if first >= last:
            continue
        if first > at:
            pieces.append(TextRun(text[at:first], marked=False))
        pieces.append(TextRun(text[first:last], marked=True))
        at = last
    if at < len(text):
        pieces.append(TextRun(text[at:], marked=False))
    return tuple(pieces)
