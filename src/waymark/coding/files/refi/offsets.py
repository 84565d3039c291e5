"""Meaning of the positions in a project: programs count in different units.

REFI-QDA asks for code points from 0, the end not included. NVivo on Windows writes UTF-16 units and
counts a line break of two characters as two; ATLAS.ti counts it as one; others count bytes, or
include the last character.
"""

# Example: "Né 😀\r\nend" has "end" at code point 6. In UTF-16 units it begins at 7, in bytes at 10;
# if the line break counts as one, at 5; if a byte-order mark counts, at 7.

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal

from waymark.core.extras import LaterModule
from waymark.documents.reading.qda_values import QdaText

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = LaterModule("numpy")

Place = tuple[int, int]
"""Code points of a text, start included, end not."""
Unit = Literal["characters", "utf-16", "bytes"]
LineBreaks = Literal["as stored", "one", "two"]
UNIT_NAMES = {"characters": "characters", "utf-16": "UTF-16 units", "bytes": "bytes of UTF-8"}


@dataclass(frozen=True, slots=True)
class OffsetReading:
    """One meaning of positions.

    line_breaks: whether CRLF counts as two characters, every line break as one, or every line break
    as two. counts_mark: a byte-order mark counts. includes_end: the end is the last character.
    """

    unit: Unit = "characters"
    line_breaks: LineBreaks = "as stored"
    counts_mark: bool = False
    includes_end: bool = False

    def __str__(self) -> str:
        parts = [f"counted in {UNIT_NAMES[self.unit]}"]
        if self.line_breaks != "as stored":
            parts.append(f"each line break as {self.line_breaks}")
        if self.counts_mark:
            parts.append("the byte-order mark counted")
        parts.append("the end included" if self.includes_end else "the end not included")
        return ", ".join(parts)


def possible_readings(texts: Iterable[QdaText]) -> list[OffsetReading]:
    """The readings that can differ on some texts, that of the standard first."""
    content = [text.content for text in texts]
    units: list[Unit] = ["characters"]
    if any(max(text, default="") > "\uffff" for text in content):
        units.append("utf-16")
    if any(not text.isascii() for text in content):
        units.append("bytes")
    breaks: list[LineBreaks] = ["as stored"]
    if any("\r\n" in text for text in content):
        breaks.append("one")
    if any(text.count("\n") + text.count("\r") > 2 * text.count("\r\n") for text in content):
        breaks.append("two")
    marks = [False, True] if any(text.has_mark for text in texts) else [False]
    return [
        OffsetReading(unit, lines, mark, ends)
        for ends, mark, lines, unit in product([False, True], marks, breaks, units)
    ]


class TextOffsets:
    """Positions of one text in every reading."""

    def __init__(self, text: QdaText) -> None:
        self.text = text
        self._points = np.frombuffer(
            text.content.encode("utf-32-le", "surrogatepass"), dtype=np.uint32
        )
        self._bounds: dict[tuple[str, str, bool], NDArray[np.int64]] = {}

    def place(self, start: int, end: int, reading: OffsetReading) -> Place | None:
        """Code points of a selection as written. None if it is outside, or within a character."""
        return self.places([start], [end], reading)[0]

    def places(
        self, starts: Sequence[int], ends: Sequence[int], reading: OffsetReading
    ) -> list[Place | None]:
        """The places of many selections: a project has thousands, and dozens of readings."""
        bounds = self._bounds_of(reading)
        first, last = self._indexes(starts, bounds), self._indexes(ends, bounds)
        if reading.includes_end:
            # The last character begins at the end as written: its own end is one further.
            last = np.where((last >= 0) & (last < len(self._points)), last + 1, -1)
        whole = (first >= 0) & (last > first)
        return [
            (one, other) if ok else None
            for one, other, ok in zip(first.tolist(), last.tolist(), whole.tolist(), strict=True)
        ]

    @staticmethod
    def _indexes(offsets: Sequence[int], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
        """Code point at each offset, -1 if none begins there."""
        positions = np.asarray(offsets, dtype=np.int64)
        # Where CRLF counts as one, two code points have one position: the later one is meant.
        at = np.searchsorted(bounds, positions, side="right") - 1
        return np.where((at >= 0) & (bounds[at] == positions), at, -1)

    def _bounds_of(self, reading: OffsetReading) -> NDArray[np.int64]:
        key = reading.unit, reading.line_breaks, reading.counts_mark
        if key not in self._bounds:
            widths = self._line_widths(self._unit_widths(reading.unit), reading.line_breaks)
            mark = self._mark_width(reading)
            self._bounds[key] = np.concatenate(([mark], mark + np.cumsum(widths)))
        return self._bounds[key]

    def _mark_width(self, reading: OffsetReading) -> int:
        if not (reading.counts_mark and self.text.has_mark):
            return 0
        return 3 if reading.unit == "bytes" else 1

    def _unit_widths(self, unit: Unit) -> NDArray[np.int64]:
        points = self._points
        widths = np.ones(len(points), dtype=np.int64)
        if unit == "utf-16":
            widths += points > 0xFFFF
        elif unit == "bytes":
            widths += (points > 0x7F).astype(np.int64) + (points > 0x7FF) + (points > 0xFFFF)
        return widths

    def _line_widths(self, widths: NDArray[np.int64], line_breaks: LineBreaks) -> NDArray[np.int64]:
        if line_breaks == "as stored" or not len(widths):
            return widths
        feeds, returns = self._points == 10, self._points == 13
        paired_feeds = feeds & np.concatenate(([False], returns[:-1]))
        paired_returns = returns & np.concatenate((feeds[1:], [False]))
        if line_breaks == "one":
            widths[paired_feeds] = 0
        else:
            widths[(feeds & ~paired_feeds) | (returns & ~paired_returns)] = 2
        return widths
