"""Documents of which every word's place is known: in order, in whole paragraphs, under headings.

The same documents with LibreOffice's, and other readers beside ours: benchmarks/reading_truth.py.
"""

import pypdfium2
import pytest

from benchmarks.reading_documents import truth_documents
from benchmarks.reading_truth import Totals, order_score
from waymark.documents import parsers
from waymark.documents.reading.values import ReadingLimits, broken_laws

RAGGED = {"typst: two columns, gutter 9 pt", "typst: three columns"}
"""In these some paragraphs end a full line with a full stop at the foot of a column."""


@pytest.fixture(scope="module")
def readings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("truth")
    return [
        (document, parsers.read_file(document.path, document.path.name, ReadingLimits()))
        for document in truth_documents(folder, office=False)
    ]


def test_every_word_is_read_once_in_the_order_of_reading(readings):
    assert len(readings) == 21
    for document, report in readings:
        assert broken_laws(report) == [], document.name
        score = order_score(document, report.text)
        assert (score.words, score.inversions, score.whole) == (1, 0, 1), document.name


def test_no_document_is_read_worse_than_pdfium_alone_reads_it(readings):
    for document, report in readings:
        if document.path.suffix == ".pdf":
            with pypdfium2.PdfDocument(document.path) as pdf:
                bare = "\n".join(page.get_textpage().get_text_range() for page in pdf)
            ours, peer = order_score(document, report.text), order_score(document, bare)
            assert not ours.below(peer), document.name


def test_paragraphs_are_one_passage_under_the_headings_above_them(readings):
    totals = Totals()
    for document, report in readings:
        alone = Totals()
        alone.add(document, report)
        totals.add(document, report)
        assert alone.paths == alone.below_headings, document.name
        if document.name not in RAGGED:
            assert alone.passages == alone.paragraphs, document.name
    assert totals.paragraphs > 400
    assert totals.passages >= 0.99 * totals.paragraphs
