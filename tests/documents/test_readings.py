"""Reading a stored file again: the older text stays, and its keys lead to its words for ever."""

from dataclasses import fields
from dataclasses import replace as replace_fields
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON, make_person, make_report, make_review, reading_of
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import NotFound, NotPermitted, RuleError
from waymark.documents import services
from waymark.documents.models import Passage, Reading, ReadingState
from waymark.documents.queries import reader
from waymark.documents.reading.values import ConcealedText, ReadPage, ReadReport, RunningLine
from waymark.documents.reading.words import WordBoxes, unpack_words
from waymark.documents.services.readings import _as_read

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=30)
OLD = ("The visits stopped in May.", "Page 1 of 9", "Nobody wrote down a reason.")
NEW = ("The visits stopped in May.", "Nobody wrote down a reason.")


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()


@pytest.fixture
def report():
    return make_report(make_review("R10"), *OLD)


def replace(report, read, by=None, now=LATER):
    return services.replace_reading(by=by, report=report, read=read, now=now)


def words_at(key, person=None):
    return reader.cited_place(key, person or make_person(Role.READER), LATER).quote


def test_a_newer_reading_is_the_text_and_the_older_one_is_kept(report):
    older = replace(report, reading_of(*NEW))
    assert reader.text_of(report) == "\n".join(NEW)
    assert [row.text for row in reader.passages_of(report)] == list(NEW)
    assert (report.reading, report.extractor, report.read_at) == (2, "test 2", LATER)
    assert (older.number, older.state, older.extractor) == (1, ReadingState.OLDER, "test 1")
    assert (older.content, older.read_at, older.replaced_at) == ("\n".join(OLD), NOON, LATER)
    assert older.passages[1] == [27, 38, 1, 1, "Findings", "paragraph"]
    assert older.pages.get().end == len("\n".join(OLD))
    entry = AuditEntry.objects.get(action="replace reading")
    assert (entry.subject, entry.detail["reading"]) == (f"report {report.key}", 2)


def test_a_key_leads_to_the_words_of_its_own_reading(report):
    old = Passage.objects.get(report=report, ordinal=2).key
    replace(report, reading_of(*NEW))
    new = Passage.objects.get(report=report, ordinal=1).key
    assert old == f"{report.key}-39-66"
    assert new == f"{report.key}r2-27-54"
    assert words_at(old) == words_at(new) == "Nobody wrote down a reason."
    # The same positions in the other reading are other words.
    assert words_at(f"{report.key}-27-54") == "Page 1 of 9\nNobody wrote do"


def test_the_place_of_an_older_key_has_its_page_heading_and_passage(report):
    replace(report, reading_of(*NEW))
    place = reader.cited_place(f"{report.key}-41-45", make_person(Role.READER), LATER)
    assert (place.reading, place.page, place.heading) == (1, 1, "Findings")
    assert place.passage == f"{report.key}-39-66"
    leaf = reader.page_for(report, 1, reading=1)
    assert [stretch.text for stretch in leaf.stretches] == list(OLD)
    assert [stretch.text for stretch in reader.page_for(report, 1).stretches] == list(NEW)


def test_the_place_of_an_older_key_reads_the_older_text_once_and_only_its_own_pages(report):
    replace(report, reading_of(*NEW))
    with CaptureQueriesContext(connection) as queries:
        reader.cited_place(f"{report.key}-41-45", AnonymousUser(), LATER)
    texts = [query["sql"] for query in queries if '"documents_reading"."content"' in query["sql"]]
    assert len(texts) == 1
    pages = [query["sql"] for query in queries if 'FROM "documents_readingpage"' in query["sql"]]
    assert len(pages) == 1
    assert '"start" < 45' in pages[0]


@pytest.mark.parametrize("number", ["r1", "r3", "r0", "r02", "r99999", "r"])
def test_a_reading_that_does_not_exist_is_not_found(report, number):
    replace(report, reading_of(*NEW))
    with pytest.raises(NotFound):
        words_at(f"{report.key}{number}-0-5")


def test_every_reading_keeps_its_own_number(report):
    for number in (2, 3):
        replace(report, reading_of(f"Reading {number}."))
    assert [words_at(f"{report.key}{mark}-0-10") for mark in ("", "r2", "r3")] == [
        "The visits",
        "Reading 2.",
        "Reading 3.",
    ]
    assert Reading.objects.count() == 2


def test_an_equal_text_keeps_its_keys(report):
    before = list(report.passages.values_list("key", flat=True))
    assert replace(report, reading_of(*OLD)) is None
    assert (report.reading, report.extractor) == (1, "test 2")
    assert list(report.passages.values_list("key", flat=True)) == before
    assert not Reading.objects.exists()


def test_a_report_without_text_moves_on_without_keeping_it():
    scan = make_report(make_review(), "x")
    scan.passages.all().delete()
    scan.text.content = " \n"
    scan.text.save()
    assert replace(scan, reading_of("Words from the scan.")) is None
    assert scan.reading == 1
    assert words_at(f"{scan.key}-0-5") == "Words"


def test_new_hidden_text_is_stored_and_holds_back_the_report(report):
    covered = ConcealedText(1, "a name", "under a box", "covered")
    replace(report, reading_of(*NEW, hidden=(covered,)))
    assert report.hidden_texts.get().words == "a name"
    assert services.reason_held_back(report)


def test_a_reader_cannot_replace_a_reading(report):
    with pytest.raises(NotPermitted):
        replace(report, reading_of(*NEW), by=make_person(Role.READER))
    assert reader.text_of(report) == "\n".join(OLD)


def test_erasing_a_file_erases_every_reading(report):
    replace(report, reading_of(*NEW))
    report.state = State.WITHDRAWN
    report.save()
    services.erase_original(by=None, report=report, now=LATER)
    assert not Reading.objects.exists()
    assert reader.text_of(report) == ""
    with pytest.raises(RuleError, match="was erased"):
        replace(report, reading_of(*NEW))


def test_a_pending_reading_keeps_all_that_was_read(report):
    """A new part of a reading must be kept by Reading, or accepting it would lose that part."""
    words = WordBoxes.of([0, 4], [3, 10], [[1, 2, 3, 4], [5, 6, 7, 8]])
    read = replace_fields(
        reading_of(*NEW, furniture=((0, 3),), warnings=("a note",)),
        title=report.title,
        pages=(ReadPage(1, 595, 842, 0, len("\n".join(NEW)), words),),
        running_lines=(RunningLine(1, "Page 1", (1.0, 2.0, 3.0, 4.0)),),
    )
    kept = {"media_type", "extractor", "title", "text", "pages", "passages", "furniture"}
    # Hidden text and unread pages are rows of the report itself.
    kept |= {"running_lines", "hidden", "warnings", "unread"}
    assert {field.name for field in fields(ReadReport)} == kept
    services.propose_reading(by=None, report=report, read=read, places=[], now=LATER)
    (pending,) = report.readings.all()
    assert _as_read(report, pending) == read
    services.accept_reading(by=None, report=report, places=[], now=LATER)
    report.refresh_from_db()
    assert (report.warnings, report.text.furniture) == (["a note"], [[0, 3]])
    assert unpack_words(bytes(report.pages.get().words)) == words
    # What was accepted is kept again when it is replaced in turn.
    older = replace(report, reading_of("Other words."))
    assert replace_fields(_as_read(report, older), title=report.title) == read
