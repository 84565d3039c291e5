"""What many tests begin with is copied, and no test can tell it from what the services wrote."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core import serializers
from django.db import connection

from tests.factories import NOON, make_person, make_report, make_review
from tests.written_once import written_once
from waymark.accounts.audit import broken_links, record_about
from waymark.accounts.models import AuditEntry, ContentState, Role, User
from waymark.documents.models import Passage, Report, Review
from waymark.documents.services import set_review_state

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="nothing is copied on PostgreSQL"),
]
calls = []


@written_once
def small():
    """A review whose state a service has changed, its report, a file."""
    calls.append("small")
    editor = make_person(Role.EDITOR, name="first")
    review = make_review("W01", summary="Nobody asked.")
    report = make_report(review, "The visits stopped in May.")
    set_review_state(by=editor, review=review, state="internal", public_from=None, now=NOON)
    folder = Path(settings.DATA) / "kept"
    folder.mkdir(exist_ok=True)
    (folder / "a.txt").write_text("Written by a service.", "utf-8")
    return report


@written_once
def larger():
    """What another has written, and an entry more, so that a row is changed."""
    calls.append("larger")
    record_about(None, "edit review", Review.objects.get(), NOON)


def everything():
    models = (User, Review, Report, Passage, AuditEntry, ContentState)
    return [serializers.serialize("json", model.objects.order_by("pk")) for model in models]


@pytest.fixture(scope="module")
def rows_of_first():
    return []


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.mark.parametrize("number", [1, 2, 3])
def test_each_test_finds_what_the_services_wrote_once(number, rows_of_first):
    report = small()
    larger()
    assert report.review.summary == "Nobody asked."
    assert report.review.added_at == NOON
    assert (Path(settings.DATA) / "kept" / "a.txt").read_text("utf-8") == "Written by a service."
    assert Review.objects.get().state == "internal"
    assert AuditEntry.objects.get(action="edit review").at == NOON
    assert broken_links() == []
    assert calls == ["small", "larger"]
    rows_of_first.append(everything())
    assert rows_of_first[0] == rows_of_first[-1]
    # What a test does to its copies, no other test finds.
    report.review.summary = "Changed."
    report.review.save()
    (Path(settings.DATA) / "kept" / "a.txt").unlink()


def test_what_is_written_after_it_has_keys_of_its_own():
    first = small().review
    assert make_review("W02").pk > first.pk
    record_about(None, "edit review", first, NOON)
    assert broken_links() == []


def test_where_something_else_is_stored_the_services_write_again():
    small()
    before = list(calls)
    Passage.objects.all().delete()
    Report.objects.all().delete()
    Review.objects.all().delete()
    User.objects.filter(username="first").delete()
    other = make_review("T1")
    report = small()
    assert calls == [*before, "small"]
    assert report.review.pk != other.pk
    assert Review.objects.count() == 2


@pytest.fixture
@written_once
def one_review():
    """Written by a fixture."""
    calls.append("one_review")
    return make_review("W03")


@pytest.mark.parametrize("number", [1, 2])
def test_a_fixture_may_write_once(one_review, number):
    assert Review.objects.get() == one_review
    assert calls.count("one_review") == 1


@written_once
def named(title, *, board=""):
    calls.append(title + board)
    return make_review("W04", title=title, board=board)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize(("title", "board"), [("Ash", ""), ("Birch", ""), ("Ash", "Hillside")])
def test_what_is_written_of_other_words_or_beside_other_rows_is_written_once_as_well(
    title, board, number
):
    review = named(title, board=board)
    assert (review.title, review.board) == (title, board)
    assert calls.count(title + board) == 1


@pytest.mark.parametrize("number", [1, 2])
def test_what_is_written_beside_other_rows_is_written_once_as_well(number):
    make_review("T9")
    assert named("Oak").reference == "W04"
    assert Review.objects.count() == 2
    assert calls.count("Oak") == 1


def test_where_keys_have_gone_on_the_services_write_anew():
    """A copy with the keys of then would take the place of rows that have these keys now."""
    User.objects.create(username="gone").delete()
    before = len(calls)
    small()
    assert len(calls) == before + 1
    assert {person.username for person in User.objects.all()} == {"first"}
