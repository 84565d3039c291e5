"""The note at the head of PDF and Word files about what the quoted reviews describe."""

import io
import re
from dataclasses import replace

import pypdfium2
import pytest
from docx import Document as read_word

from tests.publishing.small_release import small_document
from waymark.publishing.document.citations import CitedPassage, ReportContent
from waymark.publishing.document.content_note import no_notes, with_content_note
from waymark.publishing.document.nodes import NoteList, NoteMark, QuotationNode, ReportNote
from waymark.publishing.formats.html import render_page
from waymark.publishing.formats.pdf import render_pdf
from waymark.publishing.formats.word import render_word

NOTE = (
    "Content note. This report is about children who died or were seriously harmed."
    " The reviews that it quotes describe suicide and neglect."
)
REPORT = ReportContent(
    "",
    passages={
        f"k{number}": CitedPassage(f"k{number}", "Words.", review, "A title", "report", 1)
        for number, review in enumerate(("R2", "R1", "R2"))
    },
)


def notes_of(references):
    """Notes of exactly the reviews quoted, each asked for once."""
    return "suicide and neglect" if list(references) == ["R2", "R1"] else ""


def quoting_document(*keys):
    """A document that ends with the quotations of these keys."""
    document = small_document()
    quotations = (QuotationNode("Words.", "A title", NoteMark(1), key) for key in keys)
    notes = NoteList((ReportNote(1, "A title.", ""),))
    return replace(document, nodes=(*document.nodes, *quotations, notes))


@pytest.fixture(scope="module")
def noted():
    return with_content_note(quoting_document("k0", "k1", "k2"), REPORT, notes_of)


def html_text(document):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", render_page(document)))


def word_text(document):
    paragraphs = read_word(io.BytesIO(render_word(document))).paragraphs
    return " ".join(paragraph.text for paragraph in paragraphs)


def pdf_text(document):
    first = pypdfium2.PdfDocument(render_pdf(document))[0]
    return re.sub(r"\s+", " ", first.get_textpage().get_text_range())


@pytest.mark.parametrize("text_of", [html_text, word_text, pdf_text])
def test_each_file_has_the_kinds_of_content_of_the_reviews_it_quotes_before_its_tables(
    noted, text_of
):
    text = text_of(noted)
    assert NOTE in text
    assert text.index(NOTE) < text.index("Table 1")


def test_without_chosen_notes_or_quotations_a_document_is_unchanged():
    document = quoting_document("k0")
    assert with_content_note(document, REPORT, no_notes) is document
    assert with_content_note(document, ReportContent(""), notes_of) is document


def test_a_review_whose_words_are_no_longer_shown_does_not_count():
    """Its passages stay in the stored texts; the document has its words no more."""
    seen = []
    with_content_note(
        quoting_document("k1"), REPORT, lambda references: seen.extend(references) or ""
    )
    assert seen == ["R1"]
