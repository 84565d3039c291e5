"""Words of a page -> lines: neighbouring words of one row, parted where a column or cell begins."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waymark.documents.parsers.pdf_words import PageWords, TextLayer

# What may stand before an item, far from its words: a bullet, "1.", "4.2", "(a)", "iv)".
MARKER = re.compile(
    r"(?:[•◦‣∙·*○□\u2013\u2014\u2015-]|o|\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zA-Z]|[ivx]{1,5})[.)]"
    r"|\d{1,3}(?:\.\d{1,3})+|\d{1,2})"
)
LONGEST_MARKER = 20
FARTHEST_MARKER = 60.0  # points between a marker and the words that it belongs to


@dataclass(slots=True)
class Line:
    """Words that read on from left to right. words: their indices on the page.

    x0, x1: points from the left edge of the page; y0, y1: from the top, of the line's longest word,
    so that a raised or large character does not count. text_x0: where the words after a marker
    begin.
    rank: place in drawing order. cells: how many parts, far apart, the row was joined from.
    column: number of the column that it stands in, in reading order.
    """

    words: Sequence[int]
    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    text_x0: float
    rank: int
    bold: bool = False
    marker: bool = False
    cells: int = 1
    column: int = 0
    height: float = 0.0

    def __post_init__(self) -> None:
        self.height = self.y1 - self.y0

    def beside(self, other: "Line") -> bool:
        """Whether the two stand on one row: they share most of the lower one's height."""
        shared = min(self.y1, other.y1) - max(self.y0, other.y0)
        return shared > 0.5 * min(self.height, other.height)


def lines_of(words: PageWords, layer: TextLayer) -> list[Line]:
    """The lines of a page in drawing order."""
    lines: list[Line] = []
    for line in _rows(words):
        if lines and _belongs_to_marker(lines[-1], line):
            _append(lines[-1], line)
        else:
            lines.append(line)
    for line in lines:
        # The first word speaks for most lines; bold ones are asked again, since a paragraph may
        # begin in bold type.
        first, *others = (line.words[0], line.words[len(line.words) // 2], line.words[-1])
        line.bold = layer.is_bold(words.at[first]) and all(
            layer.is_bold(words.at[index]) for index in others
        )
    return lines


def _rows(words: PageWords) -> Iterator[Line]:
    """Lines before bullets and numbers that stand by themselves are joined to their words."""
    tokens, boxes = words.tokens, words.boxes
    count = len(tokens)
    if not count:
        return
    starts = np.flatnonzero(_parts(words))
    # The longest word of each line, the first among equals: one number says both.
    key = words.lengths * count + np.arange(count - 1, -1, -1)
    longest = boxes[count - 1 - np.maximum.reduceat(key, starts) % count]
    edges = zip(
        starts.tolist(),
        [*starts[1:].tolist(), count],
        boxes[starts, 0].tolist(),
        longest[:, 1].tolist(),
        np.maximum.reduceat(boxes[:, 2], starts).tolist(),
        longest[:, 3].tolist(),
        boxes[np.minimum(starts + 1, count - 1), 0].tolist(),
        strict=True,
    )
    for rank, (start, end, x0, y0, x1, y1, second_x0) in enumerate(edges):
        text = " ".join(tokens[start:end])
        line = Line(range(start, end), text, x0, y0, x1, y1, x0, rank)
        first = tokens[start]
        if end - start > 1 and len(first) <= LONGEST_MARKER and MARKER.fullmatch(first):
            line.marker, line.text_x0 = True, second_x0
        yield line


def _parts(words: PageWords) -> NDArray[np.bool_]:
    """(n,) whether a line begins at each word."""
    box = words.boxes
    parts = words.breaks.copy()
    height = box[:, 3] - box[:, 1]
    low = np.minimum(height[1:], height[:-1])
    shared = np.minimum(box[1:, 3], box[:-1, 3]) - np.maximum(box[1:, 1], box[:-1, 1])
    gap = box[1:, 0] - box[:-1, 2]
    parts[1:] |= (shared < 0.3 * low) | (gap > np.maximum(0.8 * low, 4)) | (gap < -low)
    # A hyphen within a line, which pdfium may take for one at its end, ends no line.
    parts[1:] |= words.hyphen[:-1] & (gap < -low)
    return parts


def _belongs_to_marker(before: Line, line: Line) -> bool:
    """Whether before is a bullet or number by itself and line holds the words to it."""
    return (
        len(before.words) == 1
        and before.beside(line)
        and -1 <= line.x0 - before.x1 < FARTHEST_MARKER
        and MARKER.fullmatch(before.text) is not None
    )


def _append(marker: Line, line: Line) -> None:
    marker.words = [*marker.words, *line.words]
    marker.text = f"{marker.text} {line.text}"
    marker.x1, marker.y0, marker.y1 = max(marker.x1, line.x1), line.y0, line.y1
    marker.height = line.height
    marker.marker, marker.text_x0 = True, line.x0
