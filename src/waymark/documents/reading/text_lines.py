"""Line of text on a page, as parsers measure it and segment.py reads it (no Django)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class PrintedLine:
    """Words that read on from left to right. words: their indices on the page.

    x0, x1: points from the left edge of the page; y0, y1: from the top, of the line's longest word,
    so that a raised or large character does not count. text_x0: where the words after a marker
    begin.
    rank: place in drawing order, and once it is mended in reading order. column: number of its
    column, in reading order. turn: quarter turns, clockwise, of a sideways line, which is measured
    on the page turned back. size: of its type, in points; first_width: of its first word.
    cells: how many parts, far apart, the row was joined from; label: the words of the first;
    cell_edges: where the others begin. broken: its last word goes on in the next line.

    Example: "4.2 The panel met" in 11 point type, 72 points from the left and 100 from the top, has
    words [0, 1, 2, 3], x0 72, y0 100, height 11, marker True, and text_x0 at the T of "The".
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
    label: str = ""
    cell_edges: Sequence[float] = ()
    broken: bool = False
    column: int = 0
    turn: int = 0
    height: float = 0.0
    size: float = 0.0
    first_width: float = 0.0

    def __post_init__(self) -> None:
        self.height = self.y1 - self.y0
        self.size = self.size or self.height
        letters = len(self.text.split(" ", 1)[0]) / max(len(self.text), 1)
        self.first_width = self.first_width or (self.x1 - self.x0) * letters

    def beside(self, other: "PrintedLine") -> bool:
        """True if the two are on one row: they share most of the lower one's height."""
        shared = min(self.y1, other.y1) - max(self.y0, other.y0)
        return shared > 0.5 * min(self.height, other.height)
