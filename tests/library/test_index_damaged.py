"""A search index that is cut, emptied or overwritten: noticed, never shown, made again."""

import shutil

import pytest
from django.urls import reverse

from tests.factories import NOON, make_report, make_review
from tests.library.conftest import ask, found, shelve
from tests.written_once import written_once
from waymark.core.errors import ServiceUnavailable
from waymark.library.indexing.documents import documents_of
from waymark.library.models import CatalogueRecord
from waymark.library.queries.search_backend import search_backend
from waymark.library.search.protocol import RebuildProgress
from waymark.library.search.tantivy.backend import index_in
from waymark.library.services import index_changed, mark_changed, rebuild_index

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelved(shelf):
    three_reviews()
    return shelf / "index"


@written_once
def three_reviews():
    for number in range(3):
        review = make_review(f"R{number}")
        make_report(review, "The baby was seen.", "Nobody asked why the visits ended.")
        shelve(review)


def put(path, content):
    """In place of a file: one that was open keeps what it had, as cutting it short would not."""
    path.unlink()
    path.write_bytes(content)


def remove_all(index):
    shutil.rmtree(index)


def empty_the_generation(index):
    for level in index.glob("*/*"):
        shutil.rmtree(level)


def point_to_nothing(index):
    (index / "current").write_bytes(b"\xff\x00 no JSON")


def point_elsewhere(index):
    (index / "current").write_text('{"generation": "../originals", "stamp": "x"}')


def cut_the_list_of_segments(index):
    for path in index.glob("*/*/records/meta.json"):
        put(path, path.read_bytes()[:40])


def cut_the_terms(index):
    for path in index.glob("*/*/records/*.term"):
        put(path, path.read_bytes()[:-100])


def overwrite_the_columns(index):
    """The engine panics on these."""
    for path in index.glob("*/*/records/*.fast"):
        content = path.read_bytes()
        put(path, bytes(byte ^ 0xFF for byte in content[:200]) + content[200:])


DAMAGE = [
    remove_all,
    empty_the_generation,
    point_to_nothing,
    point_elsewhere,
    cut_the_list_of_segments,
    cut_the_terms,
    overwrite_the_columns,
]


def reopened():
    """What a process finds that starts now: nothing of the index is open in it."""
    index_in.cache_clear()


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_visitor_never_reads_the_engines_words(client, shelved, damage, caplog):
    damage(shelved)
    reopened()
    for address in (reverse("find"), f"{reverse('find')}?q=baby"):
        answer = client.get(address)
        page = answer.content.decode()
        assert answer.status_code == 503
        assert int(answer["Retry-After"]) > 0
        assert "Search is not available at the moment" in page
        for word in ("index", "tantivy", "rebuild", "corrupt", str(shelved)):
            assert word not in page.lower().replace("noindex", "").replace("tabindex", "")
    assert "run waymark index rebuild" in caplog.text
    assert client.get(reverse("home")).status_code == 200


def test_while_the_index_is_built_a_visitor_reads_how_far_it_is(client, shelved):
    remove_all(shelved)
    reopened()
    answers = []

    def documents():
        for document in documents_of(
            CatalogueRecord.objects.values_list("pk", flat=True), now=NOON
        ):
            answers.append(client.get(reverse("find")))
            yield document

    search_backend().rebuild([documents()], total=3)
    first, second, third = answers
    assert [answer.status_code for answer in answers] == [503] * 3
    assert "Search is being updated" in first.content.decode()
    assert "0 of 3 records are ready to be searched" in first.content.decode()
    assert "1 of 3 records are ready to be searched" in second.content.decode()
    assert "2 of 3 records are ready to be searched" in third.content.decode()
    assert "Try again in about a minute" in third.content.decode()
    assert int(third["Retry-After"]) >= 10
    assert client.get(reverse("find")).status_code == 200
    assert search_backend().progress() is None
    assert not (shelved / "progress").exists()
    assert not (shelved / "done").exists()


def test_a_rebuild_that_was_killed_is_not_reported_as_running(shelved):
    (shelved / "progress").write_text('{"total": 300, "begun": 0.0}')
    (shelved / "done").write_text("...")
    assert search_backend().progress() is None


def test_the_time_left_is_estimated_from_the_records_done():
    assert RebuildProgress(done=100, total=400, seconds=60.0).seconds_left == 180
    assert RebuildProgress(done=399, total=400, seconds=60.0).seconds_left == 10
    assert RebuildProgress(done=0, total=400, seconds=1.0).seconds_left == 60


@pytest.mark.parametrize("damage", DAMAGE)
def test_whatever_was_damaged_a_rebuild_makes_it_again(shelved, damage):
    damage(shelved)
    reopened()
    rebuild_index(now=NOON)
    assert found(ask("baby")) == ["R0", "R1", "R2"]
    assert list(search_backend().faults()) == []


@pytest.mark.parametrize("damage", DAMAGE[:-1])
def test_the_worker_makes_an_index_again_that_does_not_open(shelved, damage):
    damage(shelved)
    reopened()
    assert index_changed(now=NOON).done == 3
    assert found(ask("baby")) == ["R0", "R1", "R2"]


def test_each_file_of_the_index_is_read_against_its_checksum(shelved):
    assert list(search_backend().faults()) == []
    paths = [path for path in shelved.glob("*/*/*/*.*") if path.suffix not in {".json", ".lock"}]
    assert len(paths) >= 24
    for path in paths:
        content = path.read_bytes()
        put(path, content[:9] + bytes([content[9] ^ 1]) + content[10:])
        assert [path.name in fault for fault in search_backend().faults()] == [True], path
        put(path, content)
    assert list(search_backend().faults()) == []


def test_a_deleted_document_is_part_of_a_whole_index(shelved):
    shelve(make_review("R9"))
    review = make_review("R8")
    make_report(review, "The baby was seen.")
    shelve(review)
    mark_changed(reviews=[review], now=NOON)
    index_changed(now=NOON)
    assert list(search_backend().faults()) == []


def test_an_unreadable_index_is_an_error_for_programs_too(shelved):
    overwrite_the_columns(shelved)
    reopened()
    with pytest.raises(ServiceUnavailable, match="run waymark index rebuild"):
        ask("baby")


def test_the_old_index_answers_until_the_new_one_is_whole(shelved):
    answers = []

    def documents():
        for record_documents in documents_of(
            CatalogueRecord.objects.values_list("pk", flat=True), now=NOON
        ):
            answers.append(ask("baby").total)
            yield record_documents

    search_backend().rebuild([documents()])
    assert answers == [3, 3, 3]
