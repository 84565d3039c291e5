"""How the index follows the database, whatever happens on the way."""

import fcntl
import subprocess
import sys
import textwrap
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.databases import environment_for
from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import agree_code, ask, counts, found, shelve
from tests.new_installations import new_installation
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import NotPermitted, RuleError, ServiceUnavailable
from waymark.documents.models import Passage
from waymark.library.indexing.documents import BATCH, documents_in_parts, documents_of
from waymark.library.models import CatalogueRecord
from waymark.library.queries import IndexState, index_state
from waymark.library.queries.search_backend import search_backend
from waymark.library.search.protocol import IndexDocuments
from waymark.library.search.tantivy import schema
from waymark.library.search.tantivy.backend import TantivyIndex
from waymark.library.services import (
    catalogue_review,
    index_changed,
    indexing,
    mark_changed,
    rebuild_index,
)

HOUR = timedelta(hours=1)


def review_of(reference, *texts):
    review = make_review(reference)
    make_report(review, *texts)
    return review


def test_cataloguing_makes_one_record_and_writes_it_to_the_audit(cataloguer):
    review = review_of("R1", "Baby.")
    record = catalogue_review(by=cataloguer, review=review, now=NOON)
    assert (record.changed_at, record.indexed_at) == (NOON, None)
    (entry,) = AuditEntry.objects.filter(action="catalogue")
    assert (entry.actor, entry.subject) == (cataloguer.username, "review R1")


def test_cataloguing_again_has_the_review_indexed_again(cataloguer):
    review = review_of("R1", "Baby.")
    catalogue_review(by=cataloguer, review=review, now=NOON)
    index_changed(now=NOON)
    record = catalogue_review(by=cataloguer, review=review, now=NOON + HOUR)
    assert record.changed_at == NOON + HOUR
    assert CatalogueRecord.objects.count() == 1
    assert index_changed(now=NOON + HOUR).done == 1


def test_a_reader_may_not_catalogue(db):
    with pytest.raises(NotPermitted):
        catalogue_review(by=make_person(Role.READER), review=review_of("R1", "x"), now=NOON)
    assert not CatalogueRecord.objects.exists()


def test_what_is_to_do_is_told_by_the_times(db):
    review = review_of("R1", "Baby.")
    shelve(review)
    record = CatalogueRecord.objects.get()
    assert record.indexed_at == record.changed_at == NOON
    assert index_changed(now=NOON).done == 0
    assert index_state() == IndexState(ready=True, waiting=0)
    assert mark_changed(reviews=[review], now=NOON + HOUR) == 1
    assert index_state() == IndexState(ready=True, waiting=1)
    assert index_changed(now=NOON + HOUR).done == 1


def test_a_change_at_the_very_same_time_is_still_a_change(db):
    review = review_of("R1", "Baby.")
    shelve(review)
    mark_changed(reviews=[review.pk], now=NOON)
    mark_changed(reviews=[review.pk], now=NOON - HOUR)
    assert CatalogueRecord.objects.get().changed_at == NOON + timedelta(microseconds=2)
    assert index_changed(now=NOON).done == 1


def test_reviews_that_are_not_catalogued_are_not_marked(db):
    assert mark_changed(reviews=[review_of("R1", "Baby.")], now=NOON) == 0


def test_no_more_than_the_limit_is_done_and_the_rest_is_told(db):
    shelve()
    for number in range(3):
        catalogue_review(by=None, review=review_of(f"R{number}", "Baby."), now=NOON + number * HOUR)
    first = index_changed(now=NOON, limit=2)
    assert (first.done, first.waiting) == (2, 1)
    assert found(ask("baby")) == ["R0", "R1"]
    assert index_changed(now=NOON, limit=2).done == 1
    assert found(ask("baby")) == ["R0", "R1", "R2"]


def test_more_reviews_than_one_batch_are_all_indexed(db):
    shelve(*(review_of(f"R{number:02}", "Baby.") for number in range(BATCH + 5)))
    assert ask("baby").total == BATCH + 5


def test_others_can_write_between_the_records_that_a_rebuild_marks(db, monkeypatch):
    """In one transaction those of a large library would take longer than others wait."""
    monkeypatch.setattr(indexing, "ROWS", 2)
    for number in range(5):
        catalogue_review(by=None, review=review_of(f"Z{number}", "drink"), now=NOON)
    with CaptureQueriesContext(connection) as queries:
        rebuild_index(now=NOON)
    words = [row["sql"].split()[0] for row in queries]
    # In a test each transaction is a savepoint. PostgreSQL declares what is read in pieces.
    changes = [word for word in words if word not in {"SELECT", "DECLARE"}]
    assert changes == ["SAVEPOINT", "UPDATE", "RELEASE"] * 3
    assert index_state() == IndexState(ready=True, waiting=0)


def test_an_update_replaces_and_never_duplicates(db):
    review = review_of("R1", "The baby was seen.")
    shelve(review)
    report = review.reports.get()
    report.text.content = "The child was seen."
    report.text.save()
    Passage.objects.filter(report=report).update(end=len(report.text.content))
    for _ in range(3):
        mark_changed(reviews=[review], now=NOON)
        index_changed(now=NOON)
    assert ask("baby").total == 0
    answer = ask("child")
    assert (answer.total, answer.passages_total) == (1, 1)
    assert ask("").total == 1


def test_an_agreed_theme_that_changes_is_followed(framework):
    review = review_of("R1", "Baby.")
    agreed = agree_code(review, framework.codes.get(code="a"))
    shelve(review)
    assert counts(ask(""), "theme") == {"a": 1}
    agreed.superseded_at = NOON
    agreed.save()
    mark_changed(reviews=[review], now=NOON)
    index_changed(now=NOON)
    assert counts(ask(""), "theme") == {}


def everything():
    queries = ["", "baby", "seen OR home", '"the baby"', "home NOT seen", "see*"]
    return [
        (
            answer.total,
            answer.passages_total,
            [(hit.record.reference, hit.score, hit.passages) for hit in answer.hits],
            answer.facets,
        )
        for answer in (ask(query) for query in queries)
    ]


def test_an_index_built_twice_gives_the_same_answers(db):
    shelve(
        review_of("R1", "The baby was seen at home.", "The baby slept."),
        review_of("R2", "Nobody saw the home."),
        review_of("R3", "The baby was seen."),
        review_of("R4", "The baby was seen."),
    )
    rebuild_index(now=NOON)
    once = everything()
    rebuild_index(now=NOON)
    assert everything() == once


def test_a_rebuild_leaves_one_generation_on_disk(shelf, db):
    shelve(review_of("R1", "Baby."))
    rebuild_index(now=NOON)
    rebuild_index(now=NOON)
    assert len([entry for entry in (shelf / "index").iterdir() if entry.is_dir()]) == 1


def test_a_lost_index_is_built_anew(shelf, db):
    shelve(review_of("R1", "Baby."))
    (shelf / "index" / "current").unlink()
    assert not search_backend().ready()
    assert index_changed(now=NOON).done == 1
    assert found(ask("baby")) == ["R1"]


def test_an_index_of_another_version_is_not_used_and_is_built_anew(monkeypatch, db):
    shelve(review_of("R1", "Baby."))
    monkeypatch.setattr("waymark.library.search.tantivy.index_files.STAMP", schema.STAMP + " newer")
    assert not search_backend().ready()
    with pytest.raises(ServiceUnavailable, match="run waymark index rebuild"):
        ask("baby")
    assert index_changed(now=NOON).done == 1
    assert found(ask("baby")) == ["R1"]


KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from waymark.library.search.protocol import AnalysedText, DocumentVisibility
    from waymark.library.search.protocol import IndexDocuments, RecordDocument
    from waymark.library.search.tantivy.backend import TantivyIndex

    def documents():
        words = AnalysedText("killed", "kill", "en")
        seen = DocumentVisibility(staff=True, public=True)
        record = RecordDocument(seen, (), words, (words,), {}, {}, 0)
        for number in range(int(sys.argv[3])):
            yield IndexDocuments(number, (record,), ())
        os.kill(os.getpid(), signal.SIGKILL)

    index, what = TantivyIndex(Path(sys.argv[1])), sys.argv[2]
    index.rebuild([documents()]) if what == "rebuild" else index.replace(documents())
    """
)


@pytest.mark.parametrize("what", ["replace", "rebuild"])
def test_a_killed_writer_changes_nothing_and_blocks_nobody(what, shelf, db):
    review = review_of("R1", "Baby.")
    shelve(review)
    mark_changed(reviews=[review], now=NOON + HOUR)
    command = [sys.executable, "-c", KILLED, str(shelf / "index"), what, str(review.record.pk + 1)]
    killed = subprocess.run(command, check=False)
    assert killed.returncode == -9
    assert found(ask("baby")) == ["R1"]
    assert ask("killed").total == 0
    assert index_changed(now=NOON + HOUR).done == 1
    assert found(ask("baby")) == ["R1"]
    rebuild_index(now=NOON)
    assert len([entry for entry in (shelf / "index").iterdir() if entry.is_dir()]) == 1


def test_a_process_killed_before_it_could_say_so_is_repaired_by_the_next(db):
    review = review_of("R1", "The baby was seen.")
    shelve(review)
    # The index followed, but the process died before it could write that down.
    CatalogueRecord.objects.update(indexed_at=None)
    assert index_changed(now=NOON).done == 1
    assert (ask("baby").total, ask("baby").passages_total) == (1, 1)


def test_a_review_withdrawn_while_it_waits_leaves_the_index(db):
    review = review_of("R1", "Baby.")
    shelve(review)
    review.state = State.WITHDRAWN
    review.save()
    mark_changed(reviews=[review], now=NOON)
    assert index_changed(now=NOON).done == 1
    assert ask("", person=None).total == 0
    assert index_changed(now=NOON).done == 0


def test_a_batch_costs_the_same_number_of_queries_however_long_its_reports(
    db, django_assert_max_num_queries
):
    shelve()
    for number in range(BATCH):
        review = review_of(f"R{number:02}", *["The baby was seen."] * 10)
        catalogue_review(by=None, review=review, now=NOON)
    # One of them asks which reviews have protected numbers; PostgreSQL takes two locks besides.
    with django_assert_max_num_queries(23 if connection.vendor == "postgresql" else 21):
        index_changed(now=NOON)


def test_a_search_costs_the_same_number_of_queries_however_many_it_finds(
    db, django_assert_max_num_queries
):
    shelve(*(review_of(f"R{number:02}", *["The baby was seen."] * 10) for number in range(30)))
    with django_assert_max_num_queries(30):
        assert len(ask("baby", limit=30).hits) == 30


def test_a_second_writer_waits_and_is_then_told(shelf, db, monkeypatch):
    review = review_of("R1", "Baby.")
    shelve(review)
    mark_changed(reviews=[review], now=NOON)
    monkeypatch.setattr("waymark.library.search.tantivy.index_files.LOCK_SECONDS", 0.1)
    with (shelf / "index" / "writing").open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        with pytest.raises(RuleError, match="another process is updating"):
            index_changed(now=NOON)
        assert found(ask("baby")) == ["R1"]
    assert index_changed(now=NOON).done == 1


@pytest.mark.parametrize("what", ["replace", "rebuild"])
def test_what_another_process_wrote_is_found_at_once(what, shelf, db):
    first, second = review_of("R1", "Baby."), review_of("R2", "Baby.")
    shelve(first)
    catalogue_review(by=None, review=second, now=NOON)
    assert found(ask("baby")) == ["R1"]
    elsewhere = TantivyIndex(shelf / "index")
    documents = documents_of([first.record.pk, second.record.pk], now=NOON)
    elsewhere.rebuild([documents]) if what == "rebuild" else elsewhere.replace(documents)
    assert found(ask("baby")) == ["R1", "R2"]


def test_documents_are_one_part_while_the_only_worker_starts_again(db):
    (part,) = documents_in_parts([3, 5], places=0, now=NOON)
    assert part.records == (3, 5)


class AtAnotherPath:
    """An executor of a machine that has the data folder at another path, or none."""

    places = 2

    def __init__(self, folder):
        self.folder = folder

    def outcomes(self, function, parts):
        write, (done, new) = function.func, function.args
        for part in parts:
            there = [self.folder / path.relative_to(done.parent) for path in (done, new)]
            yield part, write(*there, part)


def test_a_machine_without_the_shared_folder_writes_no_part_of_the_index(tmp_path):
    index, elsewhere = TantivyIndex(tmp_path / "index"), tmp_path / "elsewhere"
    with pytest.raises(ServiceUnavailable, match="is not in the shared data folder"):
        index.rebuild([[IndexDocuments(1)]] * 2, executor=AtAnotherPath(elsewhere))
    assert not elsewhere.exists()
    assert not index.ready()


class LeavingFolders:
    """An executor that leaves in the new generation what cannot be deleted."""

    places = 2

    def __init__(self, folder):
        self.folder = folder

    def outcomes(self, function, parts):
        for part in parts:
            yield part, function(part)
        # rmtree() refuses a link, as it does a folder to which another process writes.
        (function.args[1] / "0-late").symlink_to(self.folder)


def test_a_worker_that_was_given_up_and_still_writes_fails_no_rebuild(tmp_path):
    index = TantivyIndex(tmp_path / "index")
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "interrupted").symlink_to(tmp_path)
    index.rebuild([[IndexDocuments(1)]] * 2, executor=LeavingFolders(tmp_path))
    assert index.ready()
    assert list(index.faults()) == []


SEVERAL = textwrap.dedent(
    """
    import django
    django.setup()
    from django.contrib.auth.models import AnonymousUser
    from tantivy import Index
    from tests.factories import NOON, make_report, make_review
    from waymark.accounts.models import State
    from waymark.library.indexing import documents
    from waymark.library.queries.search_backend import search_backend
    from waymark.library.search.protocol import SearchRequest
    from waymark.library.queries import search_library
    from waymark.library.services import catalogue_review, index_changed, rebuild_index
    from waymark.library.services.indexing import mark_changed

    reviews = [make_review(f"R{number}", title="A review") for number in range(6)]
    for number, review in enumerate(reviews):
        make_report(review, f"Baby {number}.", "Seen by nobody.")
        review.reports.update(page_count=12 if number == 5 else 1)
        catalogue_review(by=None, review=review, now=NOON)
    for review in reviews[1:3]:
        make_report(review, "A heron.", state=State.RECEIVED)
    visitor, operator = AnonymousUser(), None

    def answer(text, person=visitor):
        request = SearchRequest(text)
        return search_library(request, person=person, now=NOON).as_json()

    def answers():
        words = ("baby", "3", "'seen by'", "heron", "")
        return [answer(text, person) for person in (visitor, operator) for text in words]

    def links():
        stores = search_backend().files.folder.glob("*/public/*/*.store")
        return sorted((file.parent.name, file.stat().st_nlink) for file in stores)

    rebuild_index(now=NOON)
    alone = answers()
    totals = [row["total"] for row in alone]
    assert links() == [("passages", 1), ("records", 1)]
    assert totals == [6, 1, 6, 0, 6] + [6, 1, 6, 2, 6]
    documents.PARALLEL, documents.BATCH, documents.processors = 1, 2, lambda: 2
    numbers = [review.record.pk for review in reviews]
    # 2 pages each, 3 each, and 13: half of 25 are in the last.
    parts = documents.documents_in_parts(numbers, places=2, now=NOON)
    assert [part.records for part in parts] == [tuple(numbers[:5]), tuple(numbers[5:])]
    rebuild_index(now=NOON)
    # Passages that both see are shared. R1 and R2 have a report for staff, so the public has a text
    # of its own of them: as all records are written for each, they come in their place for both.
    assert links() == [("passages", 2)] * 2 + [("records", 1)] * 2 and answers() == alone
    def by_title(person):
        request = SearchRequest("", sort="title")
        return [hit.record.number for hit in search_library(request, person=person, now=NOON).hits]

    assert by_title(visitor) == by_title(operator) == numbers
    (passages,) = search_backend().files.folder.glob("*/public/passages")
    words = Index.open(str(passages)).searcher()
    assert (words.doc_freq("exact", "heron"), words.doc_freq("exact", "baby")) == (0, 6)
    assert list(search_backend().faults()) == []
    assert sorted(path.name for path in search_backend().files.folder.glob("*/*")) == [
        "public", "staff"
    ]
    make_report(reviews[3], "An otter.")
    mark_changed(reviews=[reviews[3]], now=NOON)
    index_changed(now=NOON)
    assert [row["total"] for row in answers()] == totals and answer("otter")["total"] == 1
    # The order by title does not show which record was changed last.
    assert by_title(visitor) == by_title(operator) == numbers
    assert list(search_backend().faults()) == []
    """
)


@pytest.mark.skipif(connection.vendor == "postgresql", reason="copies an SQLite installation")
def test_an_index_that_several_processes_wrote_answers_the_same_and_can_be_changed(tmp_path):
    # An installation of its own: other processes do not see what a test has in its transaction.
    data = new_installation(tmp_path / "data")
    environment = {**environment_for(data), "DJANGO_SETTINGS_MODULE": "waymark.settings"}
    run = subprocess.run(
        [sys.executable, "-c", SEVERAL], env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
