"""Words of a page -> lines: neighbouring words of one row, parted where a column or cell begins."""

import re
from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from waymark.documents.parsers.pdf_words import PageWords
from waymark.documents.reading.text_lines import PrintedLine

# Marks before an item, often far from its words: a bullet, "1.", "4.2", "(a)", "iv)".
MARKER = re.compile(
    r"(?:[•◦‣∙·*○□\u2013\u2014\u2015-]|o|\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zA-Z]|[ivx]{1,5})[.)]"
    r"|\d{1,3}(?:\.\d{1,3})+|\d{1,2})"
)
LONGEST_MARKER = 20
FARTHEST_MARKER = 60.0  # points between a marker and its words


class PageFonts(Protocol):
    """What tells of a character, by its index, whether it is bold."""

    def is_bold(self, index: int) -> bool:
        """True if the character is bold."""


def lines_of(words: PageWords, layer: PageFonts) -> list[PrintedLine]:
    """The lines of a page in drawing order."""
    lines: list[PrintedLine] = []
    for line in _lines_by_row(words):
        if lines and _belongs_to_marker(lines[-1], line):
            _join_marker(lines[-1], line)
        else:
            lines.append(line)
    for line in lines:
        # The first word decides for most lines. If it is bold, the middle and last words have to
        # be too, because a paragraph may begin with a few bold words.
        first, *others = (line.words[0], line.words[len(line.words) // 2], line.words[-1])
        line.bold = layer.is_bold(words.at[first]) and all(
            layer.is_bold(words.at[index]) for index in others
        )
    return lines


def _lines_by_row(words: PageWords) -> Iterator[PrintedLine]:
    """Lines, before bullets and numbers on their own are joined to their words."""
    tokens, boxes = words.tokens, words.boxes
    count = len(tokens)
    if not count:
        return
    starts = np.flatnonzero(_line_starts(words))
    # The longest word of each line, the first among equals. One number sorts by both: of 4 words
    # with lengths 3 5 5 2 the keys are 15 22 21 8; the greatest, 22 = 5 * 4 + 2, is word 4-1-2 = 1.
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
        line = PrintedLine(range(start, end), text, x0, y0, x1, y1, x0, rank)
        first = tokens[start]
        if end - start > 1 and len(first) <= LONGEST_MARKER and MARKER.fullmatch(first):
            line.marker, line.text_x0 = True, second_x0
        yield line


def _line_starts(words: PageWords) -> NDArray[np.bool_]:
    """(n,) True if a line begins at the word."""
    box = words.boxes
    parts = words.breaks.copy()
    height = box[:, 3] - box[:, 1]
    low = np.minimum(height[1:], height[:-1])
    shared = np.minimum(box[1:, 3], box[:-1, 3]) - np.maximum(box[1:, 1], box[:-1, 1])
    gap = box[1:, 0] - box[:-1, 2]
    parts[1:] |= (shared < 0.3 * low) | (gap > np.maximum(0.8 * low, 4)) | (gap < -low)
    return parts


def _belongs_to_marker(before: PrintedLine, line: PrintedLine) -> bool:
    """True if before is a bullet or number on its own and line contains its words."""
    return (
        len(before.words) == 1
        and before.beside(line)
        and -1 <= line.x0 - before.x1 < FARTHEST_MARKER
        and MARKER.fullmatch(before.text) is not None
    )


def _join_marker(marker: PrintedLine, line: PrintedLine) -> None:
    marker.words = [*marker.words, *line.words]
    marker.text = f"{marker.text} {line.text}"
    marker.x1, marker.y0, marker.y1 = max(marker.x1, line.x1), line.y0, line.y1
    marker.height = line.height
    marker.marker, marker.text_x0 = True, line.x0
