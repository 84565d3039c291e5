"""Rectangles on the pages of a PDF: which words of our reading of it they cover.

REFI-QDA measures in points from the bottom left and does not say whether the first page is 0 or 1;
programs differ in both. As with positions in a text, every reading is scored.
"""

# Example: a word at y 100 to 110 from the top of a page of 800 points is at 690 to 700 from its
# bottom. A rectangle (50, 680) to (300, 705) covers it in the standard's reading; read from the top
# it covers what is printed at 680.

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from waymark.coding.files.refi.folding import fold
from waymark.core.errors import RuleError
from waymark.core.spans import Span
from waymark.documents.reading.qda_values import QdaRegion
from waymark.documents.reading.values import WordBox


@dataclass(frozen=True, slots=True)
class PageReading:
    """One meaning of rectangles. first: number of the first page; from_top: y grows downwards."""

    first: int = 1
    from_top: bool = False

    def __str__(self) -> str:
        start = "top" if self.from_top else "bottom"
        return f"pages counted from {self.first}, measured from the {start} of the page"


MOST_REGIONS = 20_000
"""Rectangles of a project: each is compared with all words of its page in every reading."""
READINGS = tuple(PageReading(first, top) for top, first in product([False, True], [1, 0]))


@dataclass(frozen=True, slots=True)
class SourcePage:
    """The words of a page in the order of the text. height: of the page, in points."""

    height: float
    words: tuple[WordBox, ...]


@dataclass(frozen=True, slots=True)
class PageChoice:
    """The reading of the rectangles of a project. confirmed: those with the words they state."""

    reading: PageReading
    confirmed: int
    stated: int


def choose_page_reading(
    regions: Iterable[tuple[QdaRegion, Mapping[int, SourcePage], str]],
) -> PageChoice:
    """The reading in which most rectangles have the words they state, of those that state some.

    regions: each with the pages and the text of its report. Raises RuleError above MOST_REGIONS.
    """
    regions = list(regions)
    if len(regions) > MOST_REGIONS:
        raise RuleError(f"the project has more than {MOST_REGIONS:,} rectangles: split it")
    rows = [row for row in regions if fold(row[0].words)]
    scores = {
        reading: sum(_has_words(region, pages, text, reading) for region, pages, text in rows)
        for reading in READINGS
    }
    best = max(READINGS, key=lambda reading: scores[reading])
    return PageChoice(best, scores[best], len(rows))


def _has_words(
    region: QdaRegion, pages: Mapping[int, SourcePage], text: str, reading: PageReading
) -> bool:
    span = words_in_region(region, pages, reading)
    if span is None:
        return False
    stated, covered = fold(region.words), fold(span.of(text))
    return stated in covered or covered in stated


def words_in_region(
    region: QdaRegion, pages: Mapping[int, SourcePage], reading: PageReading
) -> Span | None:
    """The words whose middle is in a rectangle; None if there are none, or not in one piece."""
    page = pages.get(region.page - reading.first + 1)
    if page is None:
        return None
    x0, y0, x1, y1 = region.corners
    left, right = sorted((x0, x1))
    # Word boxes are measured from the top.
    above, below = sorted(y if reading.from_top else page.height - y for y in (y0, y1))
    inside = [
        number
        for number, word in enumerate(page.words)
        if left <= (word.x0 + word.x1) / 2 <= right and above <= (word.y0 + word.y1) / 2 <= below
    ]
    # Words of two columns side by side are no stretch of the text.
    if not inside or inside[-1] - inside[0] != len(inside) - 1:
        return None
    return Span(page.words[inside[0]].start, page.words[inside[-1]].end)
