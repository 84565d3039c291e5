"""Rectangles on the pages of a PDF: which words they cover, in each reading."""

import pytest

from waymark.coding.files.refi.page_boxes import (
    MOST_REGIONS,
    PageReading,
    SourcePage,
    choose_page_reading,
    words_in_region,
)
from waymark.core.errors import RuleError
from waymark.core.spans import Span
from waymark.documents.reading.qda_values import QdaRegion
from waymark.documents.reading.values import WordBox

TEXT = "Nobody asked why.\nThe file was thin."
WORDS = ["Nobody", "asked", "why.", "The", "file", "was", "thin."]


def page(top: float) -> SourcePage:
    """A page of 800 points with both lines, the first at `top` points from its top."""
    boxes, at = [], 0
    for number, word in enumerate(WORDS):
        start = TEXT.index(word, at)
        at = start + len(word)
        line, column = divmod(number, 3) if number < 3 else (1, number - 3)
        x, y = 50 + 40 * column, top + 20 * line
        boxes.append(WordBox(start, at, x, y, x + 30, y + 10))
    return SourcePage(800, tuple(boxes))


def test_a_project_with_too_many_rectangles_is_refused():
    rows = [(region(1, (0, 0, 9, 9), "asked"), {1: page(100)}, TEXT)] * (MOST_REGIONS + 1)
    with pytest.raises(RuleError, match="more than 20,000 rectangles"):
        choose_page_reading(rows)


def region(number: int, corners: tuple[int, int, int, int], words: str = "") -> QdaRegion:
    return QdaRegion("G", "", number, corners, words, "", "", ())


@pytest.mark.parametrize(
    ("reading", "number", "corners"),
    [
        # "asked why." is at x 90 to 160, and 100 to 110 from the top: 690 to 700 from the bottom.
        (PageReading(), 1, (85, 688, 165, 702)),
        (PageReading(first=0), 0, (85, 688, 165, 702)),
        (PageReading(from_top=True), 1, (85, 98, 165, 112)),
        (PageReading(first=0, from_top=True), 0, (165, 112, 85, 98)),
    ],
)
def test_a_rectangle_covers_its_words_in_the_reading_in_which_it_is_written(
    reading, number, corners
):
    pages = {1: page(100), 2: page(400)}
    stated = region(number, corners, "asked why.")
    choice = choose_page_reading([(stated, pages, TEXT)])
    assert (choice.reading, choice.confirmed, choice.stated) == (reading, 1, 1)
    assert words_in_region(stated, pages, choice.reading) == Span(7, 17)


def test_a_rectangle_whose_words_are_no_stretch_of_the_text_covers_none():
    # The first column: "Nobody" and "The", without what is between them.
    assert words_in_region(region(1, (45, 660, 85, 702)), {1: page(100)}, PageReading()) is None


def test_a_rectangle_of_no_words_or_no_page_covers_none():
    pages = {1: page(100)}
    assert words_in_region(region(1, (500, 1, 501, 2)), pages, PageReading()) is None
    assert words_in_region(region(7, (0, 0, 800, 800)), pages, PageReading()) is None
    assert words_in_region(region(-1, (0, 0, 800, 800)), pages, PageReading()) is None
