"""Known items: who looks for one record finds it first, however it is written."""

import pytest

from tests.factories import make_review
from tests.library.conftest import ask, make_resource, shelve
from tests.written_once import written_once
from waymark.library.search.known_items import identifier_of, known_item_of, title_key, title_keys

ISBN = "9781847754745"


@pytest.fixture
@written_once
def library(db):
    """A publication with all numbers, others with the same words, and two reviews."""
    shelve(
        make_resource(
            "ash-2013",
            title="Learning for the future: a study of ponds",
            authors=["Ash, Ann May", "Board of Ponds"],
            author_bodies=["Board of Ponds"],
            year=2013,
            isbn=ISBN,
            doi="10.1000/otter.2013",
            report_number="DFE-RR226",
            url="https://www.ponds.test/studies/2013/",
        ),
        make_resource("ash-a", title="Ponds again", authors=["Ash, Alan"], year=2013),
        make_resource("ash-2011", title="Ponds", authors=["Ash, A."], year=2011),
        make_resource("elm", title="The ponds of 2013", publisher="Pond Trust", year=2013),
        make_review("R02", title="Serious case review: Child Reed"),
        make_review("R20", title="Serious case review: Child Sedge"),
    )


def first(query):
    hits = ask(query).hits
    return hits[0].record.reference if hits else None


@pytest.mark.parametrize(
    "query",
    [
        "ISBN 978-1-84775-474-5",
        "isbn:1-84775-474-0",
        "ISBN-13: 9781847754745 (pbk)",
        "1 84775 474 0",
        "urn:isbn:9781847754745",
        "doi:10.1000/otter.2013",
        "https://doi.org/10.1000/OTTER.2013",
        "DFE RR226",
        "https://library.test/resources/ash-2013/",
        "http://ponds.test/studies/2013",
        "Ash and Board of Ponds 2013",
        "learning for the future",
        "Learning for the Future - a study of ponds",
        "Ash, A. M. (2013) Learning for the future: a study of ponds. London: A press",
    ],
)
def test_a_publication_is_first_by_its_number_address_authors_or_title(library, query):
    assert first(query) == "ash-2013"


def test_an_author_with_initials_and_year_leaves_the_others_behind(library):
    found = {hit.record.reference for hit in ask("Ash A M 2013").hits}
    assert found == {"ash-2013"}
    assert {hit.record.reference for hit in ask("Alan Ash 2011").hits} == {"ash-2011"}
    assert {hit.record.reference for hit in ask("Ash M").hits} == {"ash-2013"}
    assert first("Pond Trust 2013") == "elm"


@pytest.mark.parametrize(
    "query", ["R02", "r2", "review R02", "Ref. R2", "https://library.test/reviews/R02/"]
)
def test_a_review_is_first_by_its_reference_with_or_without_zeros(library, query):
    assert first(query) == "R02"


def test_a_whole_title_with_a_colon_is_a_title_and_gives_no_note(library):
    for title in ("Serious case review: Child Reed", "Learning for the future: a study of ponds"):
        answer = ask(title)
        assert answer.hits[0].record.title == title
        assert answer.notes == ()


def test_a_title_that_begins_with_the_name_of_a_field_is_a_title(db):
    shelve(make_resource("a", title="Review: what next"), make_resource("b", title="What next"))
    answer = ask("Review: what next")
    assert answer.hits[0].record.reference == "a"
    assert answer.notes == ()
    assert "directly after review:" in ask("review: otters").notes[0].message


def test_a_main_title_is_one_only_if_it_is_no_subject():
    assert title_key("The otter") in title_keys("The otter")
    assert title_keys("Learning for the future: a study") == (
        "title learning for the future a study",
        "title learning for the future",
    )
    assert title_keys("Neglect: a review") == ("title neglect a review",)
    assert title_keys("Serious case review: Child A") == ("title serious case review child a",)


def test_identifiers_are_letters_and_digits_without_what_varies():
    assert identifier_of("R007") == identifier_of("r7") == "r7"
    assert identifier_of("0 10 104122 5") == identifier_of("978-0-10-104122-5") == "9780101041225"
    assert identifier_of("https://www.a.test/b/") == "atestb"
    assert identifier_of("10.1000/007") == "101000007"


def test_words_for_a_report_are_no_authors():
    assert known_item_of("Munro review 2011").authors == ("Munro",)
    assert known_item_of("neglect").authors == ()
