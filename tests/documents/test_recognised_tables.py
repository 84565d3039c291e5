"""Recognised tables are read cell by cell, and the whole is never worse than bare Tesseract."""

import numpy as np
import pytest

from tests.documents.scanned_truth import DAMAGE, PAGES, bare_text, score
from tests.documents.scans import needs_tesseract, page_image, pdf_of_pages
from waymark.documents.isolation.engine import find_engine
from waymark.documents.isolation.parent import ReadingJob, read_job, recognise_isolated
from waymark.documents.parsers.scanned.recognised_tables import table_order
from waymark.documents.reading.values import ReadingLimits

LIMITS = ReadingLimits()


def lines_at(*places):
    """Boxes 60 wide and 12 high at (x, y), one line each."""
    boxes = np.array([(x, y, x + 60, y + 12) for x, y in places], np.float64)
    return boxes, [True] * len(places)


def test_the_lines_of_a_cell_stay_together_and_rows_follow_each_other():
    # Three rows of two cells; the second cell of each has two lines, 14 apart. Rows: 28.
    places = [(x, y + 42 * row) for row in range(3) for x, y in ((50, 100), (200, 100), (200, 114))]
    across = [places[index] for index in (0, 1, 2, 3, 4, 5, 6, 7, 8)]
    boxes, begins = lines_at(*across)
    assert table_order(boxes, begins) == [[n] for n in range(9)]
    # Read column by column: the first cells of all rows, then the second ones.
    by_column = [places[index] for index in (0, 3, 6, 1, 2, 4, 5, 7, 8)]
    assert table_order(*lines_at(*by_column)) == [[n] for n in (0, 3, 4, 1, 5, 6, 2, 7, 8)]


def test_words_before_and_after_a_table_keep_their_places():
    table = [(x, y + 42 * row) for row in range(3) for x, y in ((50, 100), (200, 100), (200, 114))]
    boxes, begins = lines_at((50, 20), *table, (50, 400))
    boxes[[0, -1], 2] = 400  # lines across both columns
    assert table_order(boxes, begins) == [[n] for n in range(11)]


def test_columns_of_prose_are_no_table():
    left = [(50, 100 + 14 * n) for n in range(9)]
    right = [(200, 100 + 14 * n) for n in range(9)]
    assert table_order(*lines_at(*left, *right)) == [[n] for n in range(18)]


def test_a_page_without_words_has_no_order():
    assert table_order(np.zeros((0, 4)), []) == []


@needs_tesseract
@pytest.mark.parametrize("name", ["table", "one column"])
def test_recognised_pages_are_never_below_bare_tesseract_and_tables_above_it(tmp_path, name):
    source, truth = PAGES[name]()
    damage = DAMAGE["150 dpi, skew -2, noisy"]
    image = page_image(source, **damage)
    path = pdf_of_pages(tmp_path / "a.pdf", [image])
    page = recognise_isolated(path, 1, find_engine(), "eng", LIMITS)
    ours = score(truth, read_job(ReadingJob(path, path.name, recognised={1: page}), LIMITS).text)
    bare = score(truth, bare_text(image, 150))
    assert ours > (0.98, 0.98)
    assert all(mine >= its for mine, its in zip(ours, bare, strict=True))
    assert ours[1] > bare[1]
