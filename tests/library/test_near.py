"""Records with some of the words, told apart from those that hold them all."""

import pytest

from tests.factories import NOON, make_review
from tests.library.conftest import READER, make_resource, shelve
from tests.written_once import written_once
from waymark.accounts.models import State
from waymark.library.queries import search_library
from waymark.library.search.protocol import SearchRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
@written_once
def shelves():
    shelve(
        make_resource("both", title="Heron and otter"),
        make_resource("heron", title="Heron alone"),
        make_resource("otter", title="Otter alone", year=2004),
        make_resource("neither", title="Nothing of the kind"),
        make_resource("hidden", title="Heron in check", state=State.IN_CHECK),
    )


def asked(query, **options):
    request = SearchRequest(query, include_partial=True, **options)
    answer = search_library(request, person=READER, now=NOON)
    return tuple(
        [hit.record.reference for hit in hits] for hits in (answer.hits, answer.partial_matches)
    )


def test_what_holds_some_of_the_words_stands_apart_from_what_holds_all(shelves):
    references, near = asked("heron otter")
    assert references == ["both"]
    assert sorted(near) == ["heron", "otter"]


def test_it_is_told_where_nothing_holds_all(shelves):
    references, near = asked("heron badger")
    assert references == []
    assert sorted(near) == ["both", "heron"]


@pytest.mark.parametrize("query", ["heron", "heron OR otter", "heron NOT otter", "", "NOT heron"])
def test_only_a_search_for_all_of_several_words_has_it(shelves, query):
    assert asked(query)[1] == []


def test_what_else_is_asked_stays_asked(shelves):
    assert asked("heron otter year:2004") == ([], ["otter"])


def test_filters_stay(shelves):
    make = make_review("A1", title="Heron in a review")
    shelve(make)
    assert asked("heron otter", filters={"kind": ["case-review"]}) == ([], ["A1"])


def test_it_stands_on_the_first_page_alone_and_only_where_asked_for(shelves):
    assert asked("heron otter", page=2)[1] == []
    assert (
        search_library(SearchRequest("heron otter"), person=READER, now=NOON).partial_matches == ()
    )


def test_a_full_page_has_none(shelves):
    shelve(*(make_resource(f"r{number}", title="Heron and otter") for number in range(9)))
    references, near = asked("heron otter")
    assert (len(references), near) == (10, [])
