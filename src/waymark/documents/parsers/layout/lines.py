"""Words of a page -> lines: neighbouring words of one row, parted where a column or cell begins."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from waymark.documents.parsers.layout.pdf_words import Floats, PageWords, only_words, upright_boxes
from waymark.documents.reading.text_lines import PrintedLine

# Marks before an item, often far from its words: a bullet, "1.", "4.2", "(a)", "iv)", "1.1(a)",
# "R1." of a recommendation.
MARKER = re.compile(
    r"(?:[•◦‣∙·*○□☐☑☒\u2013\u2014\u2015-]|o|\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zA-Z]|[ivx]{1,5})[.)]"
    r"|\(?\d{1,3}(?:\.\d{1,3})*\)?(?:\((?:[a-zA-Z]|[ivx]{1,5}|\d{1,2})\))+[.:]?"
    r"|\d{1,3}(?:\.\d{1,3})+|\d{1,2}|R\d{1,2}[.:)])"
)
BULLETS = "•◦‣∙·○□☐☑☒"
LONGEST_MARKER = 20
FARTHEST_MARKER = 60.0  # points between a marker and its words
NARROW_GUTTER = 0.5  # heights of a line
GUTTER_ROWS = 5
FEWEST_WORDS = 3  # on the left of a narrow gutter, in most rows
ALIGNED = 1.5  # points


class PageFonts(Protocol):
    """What tells of a character, by its index, whether it is bold."""

    def is_bold(self, index: int) -> bool:
        """True if the character is bold."""

    def size(self, index: int) -> float:
        """The size of its type in points; 0 if it is not known."""


def lines_of(words: PageWords, layer: PageFonts) -> list[PrintedLine]:
    """The lines of a page in drawing order, by turn.

    Sideways lines are measured on the page turned so that they are upright.
    """
    lines: list[PrintedLine] = []
    for part, places, turn in _parts_by_turn(words):
        rank = len(lines)
        for line in _with_markers(_lines_by_row(part)):
            line.turn, line.rank = turn, rank + line.rank
            if places is not None:
                line.words = [places[index] for index in line.words]
            lines.append(line)
    for line in lines:
        # The first word decides for most lines. If it is bold, the middle and last words have to
        # be too, because a paragraph may begin with a few bold words.
        first, *others = (line.words[0], line.words[len(line.words) // 2], line.words[-1])
        line.bold = layer.is_bold(words.at[first]) and all(
            layer.is_bold(words.at[index]) for index in others
        )
        _measure_type(line, words, layer)
    return lines


def _measure_type(line: PrintedLine, words: PageWords, layer: PageFonts) -> None:
    """Set the size of a line's type, its first word's width, and whether its last is broken."""
    longest = max(line.words, key=words.lengths.__getitem__)
    line.size = layer.size(words.at[longest]) or line.height
    x0, y0, x1, y1 = words.boxes[line.words[0]].tolist()
    line.first_width = y1 - y0 if line.turn % 2 else x1 - x0
    line.broken = bool(words.hyphen[line.words[-1]])


def _parts_by_turn(words: PageWords) -> Iterator[tuple[PageWords, list[int] | None, int]]:
    """The words of each turn with upright boxes, their places among all words, and the turn."""
    if words.turns is None:
        yield words, None, 0
        return
    for turn in np.unique(words.turns).tolist():
        staying = words.turns == turn
        part = only_words(replace(words), staying)
        part.boxes = upright_boxes(part.boxes, turn, words.width, words.height)
        yield part, np.flatnonzero(staying).tolist(), turn


def _with_markers(lines: Iterable[PrintedLine]) -> list[PrintedLine]:
    """The lines with bullets and numbers on their own joined to the words on their right."""
    joined: list[PrintedLine] = []
    for line in lines:
        if joined and _belongs_to_marker(joined[-1], line):
            _join_marker(joined[-1], line)
        else:
            joined.append(line)
    bullets = [line for line in joined if len(line.words) == 1 and line.text in BULLETS]
    return _with_distant_bullets(joined, bullets) if bullets else joined


def _with_distant_bullets(
    lines: list[PrintedLine], bullets: list[PrintedLine]
) -> list[PrintedLine]:
    """The lines with bullets joined to their words: some files draw all bullets first, or last."""
    absorbed: set[int] = set()
    for bullet in bullets:
        beside = [
            line
            for line in lines
            if line.rank not in absorbed and not line.marker and _belongs_to_marker(bullet, line)
        ]
        if beside:
            line = min(beside, key=lambda line: line.x0)
            absorbed.add(line.rank)
            _join_marker(bullet, line)
            bullet.rank = line.rank
    staying = [line for line in lines if line.rank not in absorbed or line.marker]
    return sorted(staying, key=lambda line: line.rank)


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
    apart = (shared < 0.3 * low) | (gap < -low) | parts[1:]
    parts[1:] = apart | (gap > np.maximum(0.8 * low, 4))
    aligned = np.flatnonzero(~apart & (gap > NARROW_GUTTER * low))
    if len(aligned) >= GUTTER_ROWS and not parts[1:][aligned].all():
        parts[1 + _gutter_places(words, aligned, parts, gap)] = True
    return parts


def _gutter_places(
    words: PageWords, gaps: NDArray[np.int64], parts: NDArray[np.bool_], gap: Floats
) -> NDArray[np.int64]:
    """Those of some gaps within lines that are part of a gutter between two columns of prose.

    gaps: numbers of the words before them. A gutter may be as narrow as 8 points, little more than
    a wide space in a justified line. But the words on its right begin at one x in several rows, one
    below the other, with several words on their left, and no word crosses it there.
    """
    box = words.boxes
    begins = np.maximum.accumulate(np.where(parts, np.arange(len(parts)), 0))
    usual = np.median(gap[~parts[1:]]) if not parts[1:].all() else 0.0
    x0 = box[gaps + 1, 0]
    chosen: list[NDArray[np.int64]] = []
    for x in np.unique(np.round(x0)):
        rows = gaps[np.abs(x0 - x) < ALIGNED]
        if len(rows) < GUTTER_ROWS or np.median(rows - begins[rows]) < FEWEST_WORDS - 1:
            continue
        if gap[rows].min() < 1.5 * usual:
            continue
        rows = rows[np.argsort(box[rows, 1])]
        heights = np.median(box[rows, 3] - box[rows, 1])
        stretches = np.split(rows, 1 + np.flatnonzero(np.diff(box[rows, 1]) > 2.5 * heights))
        chosen += [rows for rows in stretches if _is_gutter(box, rows, x)]
    return np.concatenate(chosen) if chosen else gaps[:0]


def _is_gutter(box: Floats, rows: NDArray[np.int64], x: float) -> bool:
    """True if enough rows have white space before x, and no word crosses it among them."""
    if len(rows) < GUTTER_ROWS:
        return False
    # The gap's foot is at its narrowest row: from there to x no word of the stretch may be.
    left = box[rows, 2].max()
    top, foot = box[rows, 1].min(), box[rows, 3].max()
    middle = (left + x) / 2
    crossing = (box[:, 0] < middle) & (box[:, 2] > middle) & (box[:, 1] < foot) & (box[:, 3] > top)
    return bool(left < x - 1 and not crossing.any())


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
