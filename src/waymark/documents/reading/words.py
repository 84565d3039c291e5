"""Boxes of words: arrays in memory, packed for the database, turned into rectangles (no Django).

The packing (format 1) was chosen for its size: a page of 400 words takes about 2 KB.
- the bytes "W1", then the number of words n as a little-endian 32-bit number;
- then zlib data of six columns of n little-endian 32-bit numbers, each column stored byte plane by
  byte plane (all lowest bytes first), which zlib packs a third smaller than plain numbers.
Columns: start (difference to the word before, the first to 0), length in code points, x0 and y0
(differences to the word before), width, height. Lengths on paper are in twentieths of a point.
"""

# Example: the words (0, 3) at x0 72.0 and (4, 9) at x0 90.5, both at y0 100.0, 10 points high and
# 16 and 28 wide, give the columns 0 4 | 3 5 | 1440 370 | 2000 0 | 320 560 | 200 200.

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from waymark.core.errors import RuleError
from waymark.core.extras import LaterModule
from waymark.core.spans import Span
from waymark.documents.reading.values import WordBox

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray
else:
    np = LaterModule("numpy")

PER_POINT = 20
HEAD = struct.Struct("<2sI")
COLUMNS = 6
MOST_WORDS = 2_000_000

Box = tuple[float, float, float, float]


class WordBoxes(Sequence[WordBox]):
    """The words of a page, in the order of the text, as one array; reads as a list of WordBox.

    table: (n, 6) int32: start, end, then x0, y0, x1, y1 in twentieths of a point.
    """

    __slots__ = ("_packed", "table")

    def __init__(self, table: NDArray[np.int32], packed: bytes | None = None) -> None:
        self.table = table
        self._packed = packed

    @classmethod
    def of(cls, starts: ArrayLike, ends: ArrayLike, boxes: ArrayLike) -> WordBoxes:
        """From n starts, n ends and (n, 4) boxes in points, rounded to a twentieth of a point."""
        corners = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
        table = np.empty((len(corners), COLUMNS), dtype=np.int32)
        table[:, 0], table[:, 1] = starts, ends
        table[:, 2:] = np.rint(np.clip(corners, -1e6, 1e6) * PER_POINT)
        return cls(table)

    @overload
    def __getitem__(self, index: int) -> WordBox: ...
    @overload
    def __getitem__(self, index: slice) -> WordBoxes: ...
    def __getitem__(self, index: int | slice) -> WordBox | WordBoxes:
        if isinstance(index, slice):
            return WordBoxes(self.table[index])
        start, end, *box = self.table[index].tolist()
        x0, y0, x1, y1 = (corner / PER_POINT for corner in box)
        return WordBox(start, end, x0, y0, x1, y1)

    def __len__(self) -> int:
        return len(self.table)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, WordBoxes):
            return bool(np.array_equal(self.table, other.table))
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(self.pack())

    def __repr__(self) -> str:
        return f"<WordBoxes: {len(self)} words>"

    def __reduce__(self) -> tuple[object, tuple[bytes]]:
        return unpack_words, (self.pack(),)

    def pack(self) -> bytes:
        """The bytes stored in Page.words."""
        if self._packed is None:
            self._packed = _pack_table(self.table)
        return self._packed


def pack_words(words: Sequence[WordBox]) -> bytes:
    """The words of one page, in the order of the text -> bytes, to a twentieth of a point."""
    if isinstance(words, WordBoxes):
        return words.pack()
    rows = [(word.start, word.end, word.x0, word.y0, word.x1, word.y1) for word in words]
    table = np.array(rows, dtype=np.float64).reshape(-1, COLUMNS)
    return WordBoxes.of(table[:, 0], table[:, 1], table[:, 2:]).pack()


def _pack_table(table: NDArray[np.int32]) -> bytes:
    # Words follow each other closely, so differences are small numbers, mostly with three zero
    # bytes; stored plane by plane these zeros stand together and compress to almost nothing.
    columns = np.empty((COLUMNS, len(table)), dtype="<i4")
    columns[0] = np.diff(table[:, 0], prepend=0)
    columns[1] = table[:, 1] - table[:, 0]
    columns[2] = np.diff(table[:, 2], prepend=0)
    columns[3] = np.diff(table[:, 3], prepend=0)
    columns[4] = table[:, 4] - table[:, 2]
    columns[5] = table[:, 5] - table[:, 3]
    planes = columns.view(np.uint8).reshape(COLUMNS, len(table), 4).transpose(0, 2, 1)
    return HEAD.pack(b"W1", len(table)) + zlib.compress(planes.tobytes(), 1)


def unpack_words(content: bytes | memoryview) -> WordBoxes:
    """Bytes of `pack` -> the words. Raises RuleError for any other bytes."""
    packed = bytes(content)
    try:
        mark, count = HEAD.unpack_from(packed)
        if mark != b"W1" or count > MOST_WORDS:
            raise RuleError("these are not packed word boxes")
        size = count * COLUMNS * 4
        inflater = zlib.decompressobj()
        # One byte more than promised shows a stream that is too long, without inflating all of it.
        planes = inflater.decompress(packed[HEAD.size :], size + 1)
    except (struct.error, zlib.error) as error:
        raise RuleError("packed word boxes are damaged") from error
    if len(planes) != size or not inflater.eof:
        raise RuleError("packed word boxes are cut short or too long")
    table = np.empty((count, COLUMNS), dtype=np.int32)
    if count:
        loose = np.frombuffer(planes, dtype=np.uint8).reshape(COLUMNS, 4, count)
        columns = np.ascontiguousarray(loose.transpose(0, 2, 1)).view("<i4")[:, :, 0]
        table[:, 0] = np.cumsum(columns[0])
        table[:, 1] = table[:, 0] + columns[1]
        table[:, 2] = np.cumsum(columns[2])
        table[:, 3] = np.cumsum(columns[3])
        table[:, 4] = table[:, 2] + columns[4]
        table[:, 5] = table[:, 3] + columns[5]
    return WordBoxes(table, packed)


def span_rectangles(words: WordBoxes, span: Span) -> list[Box]:
    """The rectangles that mark a span on its page: one per line, in points from the top left.

    A word only partly in the span is marked in part, by its share of characters: of "neglect", 35
    points wide, a span of its first 3 characters marks 15. Words far apart on one line (cells of a
    table) get rectangles of their own.
    """
    table = words.table
    chosen = table[(table[:, 0] < span.end) & (table[:, 1] > span.start)]
    boxes: list[list[float]] = []
    for start, end, left, top, right, bottom in chosen.tolist():
        x0, y0, x1, y1 = (corner / PER_POINT for corner in (left, top, right, bottom))
        wide, count = x1 - x0, end - start
        box = [
            x0 + wide * max(0, span.start - start) / count,
            y0,
            x1 - wide * max(0, end - span.end) / count,
            y1,
        ]
        if boxes and _same_line(boxes[-1], box):
            last = boxes[-1]
            last[1], last[2], last[3] = min(last[1], y0), max(last[2], box[2]), max(last[3], y1)
        else:
            boxes.append(box)
    return [(x0, y0, x1, y1) for x0, y0, x1, y1 in boxes]


def _same_line(before: list[float], box: list[float]) -> bool:
    """True if box continues before: at the same height, after no more than a wide space."""
    shared = min(before[3], box[3]) - max(before[1], box[1])
    lower = min(before[3] - before[1], box[3] - box[1])
    gap = box[0] - before[2]
    return shared > lower / 2 and -lower < gap < 2 * max(lower, 1)
