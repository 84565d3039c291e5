"""Files of an edition: what each has, and how it shows what became of the passages since."""

import hashlib
import io
import re
from datetime import timedelta

import pypdfium2
import pytest
from docx import Document as read_word

from tests.briefings.writing import LETTERS, make_briefing, publish
from tests.factories import NOON, reading_of
from waymark.accounts.models import State
from waymark.briefings.queries.files import FILES, PDF, edition_file
from waymark.core.errors import NotFound
from waymark.documents.services import replace_reading, set_report_state
from waymark.library.models import ReviewDetails

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)
ADDRESS = "https://library.example.org/briefings/visits/1/"
FLAG = "[check again]"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def small(db):
    small = make_briefing()
    ReviewDetails.objects.update_or_create(
        review=small.reports[1].review, defaults={"content_notes": ["neglect"]}
    )
    return small


def words_of(edition, name, *, now=LATER):
    content = edition_file(edition, name, ADDRESS, now)
    if FILES[name].media_type == PDF:
        pages = pypdfium2.PdfDocument(content)
        texts = [page.get_textpage().get_text_range() for page in pages]
    else:
        texts = [row.text for row in read_word(io.BytesIO(content)).paragraphs]
    return " ".join(" ".join(texts).split())


@pytest.mark.parametrize("name", FILES)
def test_each_file_begins_with_what_the_reviews_cited_describe(small, name):
    words = words_of(publish(small), name)
    assert "Content note. The reviews cited here describe neglect." in words
    assert FLAG not in words


@pytest.mark.parametrize("name", FILES)
def test_each_file_marks_the_statements_whose_passage_has_other_words_now(small, name):
    edition = publish(small)
    newer = reading_of("The visits went on until May. Everybody asked.")
    replace_reading(by=None, report=small.reports[0], read=newer, now=LATER)
    words = words_of(edition, name)
    # One statement of the whole text rests on it, and six of the seven-minute form.
    assert "7 statements of this edition need checking again, marked [check again]" in words
    assert re.search(r"The visits stopped[^.]*\.( \[\d\])? \[check again\]", words), words
    assert not re.search(r"two letters\.( \[\d\])? \[check again\]", words)


@pytest.mark.parametrize("name", FILES)
def test_no_file_is_there_while_a_passage_is_not_public(small, name):
    edition = publish(small)
    set_report_state(by=None, report=small.reports[1], state=State.WITHDRAWN, now=LATER)
    with pytest.raises(NotFound, match="cites words that are no longer public"):
        edition_file(edition, name, ADDRESS, LATER)


def test_the_whole_pdf_is_the_stored_one_until_something_is_to_be_checked(small):
    edition = publish(small)
    stored = edition_file(edition, "whole.pdf", ADDRESS, NOON)
    assert edition.pdf.startswith(hashlib.sha256(stored).hexdigest())
    assert LETTERS not in words_of(edition, "one-page.pdf", now=NOON)
