"""What is said of a resource: tidied, checked field by field, cited; what may be there already."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waymark.library.catalogue.author_names import in_reading_order
from waymark.library.catalogue.citation import cite_resource
from waymark.library.catalogue.duplicates import (
    ComparedReview,
    ComparedWork,
    plain_title,
    plain_url,
    similar_reviews,
    similar_works,
)
from waymark.library.catalogue.resource_description import (
    FIELDS,
    KINDS,
    ResourceDescription,
    changed_fields,
    description_faults,
    isbn13,
    tidy_description,
    version_of,
)
from waymark.library.models import Resource, ResourceKind

GOOD = ResourceDescription(
    kind="research-report",
    title="Reading reviews",
    authors=("Rowe, Ada",),
    publisher="A press",
    year=2013,
    url="https://press.example/reading",
)


def wrong(**changed):
    """The fields that are found wrong with these changes."""
    return [one.field for one in description_faults(tidy_description(replace(GOOD, **changed)))]


def test_a_good_description_has_no_fault():
    assert description_faults(tidy_description(GOOD)) == []


def test_its_fields_are_those_of_the_row_and_its_kinds_those_of_the_model():
    columns = {field.name for field in Resource._meta.concrete_fields}
    assert set(FIELDS) <= columns
    assert columns - set(FIELDS) == {
        *("id", "key", "state", "public_from", "added_at", "link_checked_at", "link_fault"),
        *("link_status", "link_failed_at", "link_due_at"),
    }
    assert list(KINDS) == ResourceKind.values


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"kind": "pamphlet"}, ["kind"]),
        ({"title": "   "}, ["title"]),
        ({"title": "x" * 301}, ["title"]),
        ({"year": 1799}, ["year"]),
        ({"url": "javascript:alert(1)"}, ["url"]),
        ({"url": "press.example/reading"}, ["url"]),
        ({"doi": "11.1234/x"}, ["doi"]),
        ({"isbn": "9780306406158"}, ["isbn"]),
        ({"language": "english"}, ["language"]),
        ({"published_on": date(2014, 1, 1)}, ["published_on"]),
        ({"cpd_hours": Decimal(6)}, ["cpd_hours"]),
        ({"contents": (("Foreword", 0),)}, ["contents"]),
        ({"authors": tuple(f"A{n}" for n in range(51))}, ["authors"]),
        (
            {
                "kind": "training-course",
                "starts_on": date(2027, 3, 2),
                "ends_on": date(2027, 3, 1),
                "cpd_hours": Decimal(-1),
            },
            ["ends_on", "cpd_hours"],
        ),
    ],
)
def test_each_fault_is_told_at_its_field(changed, fields):
    assert wrong(**changed) == fields


def test_tidying_takes_away_what_is_only_wrapping():
    said = tidy_description(
        ResourceDescription(
            kind="guidance",
            title="  Two \n words ",
            authors=("Rowe, Ada ", " "),
            doi="https://doi.org/10.1136/ADC.2010.12345.",
            isbn="ISBN 978-0-306-40615-7",
            published_on=date(2014, 5, 1),
            summary="One.  Two.\r\n\r\n\r\n\r\nThree.",
            contents=((" Foreword ", 5), ("", 7)),
        )
    )
    assert said.title == "Two words"
    assert said.authors == ("Rowe, Ada",)
    assert said.doi == "10.1136/adc.2010.12345"
    assert said.isbn == "9780306406157"
    assert said.year == 2014
    assert said.summary == "One. Two.\n\nThree."
    assert said.contents == (("Foreword", 5),)


@pytest.mark.parametrize("typed", ["doi: https://doi.org/10.1/a ;", "DOI:10.1/A .", "10.1/a"])
def test_what_stands_around_a_doi_goes(typed):
    assert tidy_description(replace(GOOD, doi=typed)).doi == "10.1/a"


@given(st.text(max_size=60), st.text(max_size=60))
def test_tidying_twice_changes_nothing_more(title, summary):
    once = tidy_description(replace(GOOD, title=title, summary=summary, doi=title, isbn=summary))
    assert tidy_description(once) == once


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        # The pairs of the ISBN manual's own example and of a check digit X.
        ("0-306-40615-2", "9780306406157"),
        ("978-0-306-40615-7", "9780306406157"),
        ("080442957X", "9780804429573"),
        ("0-306-40615-3", None),
        ("9780306406158", None),
        ("12345", None),
    ],
)
def test_an_isbn_of_ten_digits_is_that_of_thirteen(said, meant):
    assert isbn13(said) == meant


def test_the_mark_of_a_description_changes_with_any_field():
    marks = {version_of(GOOD), version_of(replace(GOOD, year=2014)), version_of(GOOD, ["neglect"])}
    assert len(marks) == 3
    assert version_of(GOOD) == version_of(replace(GOOD))
    assert changed_fields(GOOD, replace(GOOD, year=2014, title="Other")) == ["title", "year"]


# ---- citing ----


def test_a_resource_is_cited_by_author_and_date():
    said = replace(GOOD, authors=("Rowe, Ada Mary", "Bell, Tom", "A body"), series="Readers")
    assert cite_resource(said) == (
        "Rowe, A. M., Bell, T. and A body (2013) Reading reviews. (Readers). A press. "
        "https://press.example/reading"
    )


def test_without_authors_the_publisher_stands_first_and_a_page_tells_when_it_was_looked_at():
    said = replace(GOOD, authors=(), year=None, title="How safe?")
    assert cite_resource(said, accessed=date(2026, 5, 4)) == (
        "A press (no date) How safe? https://press.example/reading (accessed 4 May 2026)"
    )
    assert cite_resource(replace(said, doi="10.1/x")).endswith("How safe? https://doi.org/10.1/x")


def test_an_article_is_cited_with_its_journal_and_a_report_with_its_number():
    article = replace(
        GOOD,
        kind="journal-article",
        publisher="",
        host_title="Journal of Reading",
        volume="41",
        issue="2",
        pages="242-260",
    )
    assert cite_resource(article) == (
        "Rowe, A. (2013) Reading reviews. Journal of Reading, 41(2), 242-260. "
        "https://press.example/reading"
    )
    assert cite_resource(replace(GOOD, report_number="RR1")) == (
        "Rowe, A. (2013) Reading reviews. (RR1). A press. https://press.example/reading"
    )


def test_names_are_read_with_the_first_name_first():
    assert in_reading_order("Devaney, John") == "John Devaney"
    assert in_reading_order("Brandon and others") == "Brandon and others"


# ---- duplicates ----


def work(key="new", **changed):
    said = {"title": "Reading reviews", "authors": ("Rowe, Ada",), "year": 2013, **changed}
    return ComparedWork(key, **said)


def reasons(new, *known):
    return {one.key: one.reasons for one in similar_works(new, known)}


def test_the_same_number_or_address_is_a_reason_whatever_the_titles():
    known = (
        work("a", title="Another", doi="10.1/X"),
        work("b", title="Third", isbn="0306406152"),
        work("c", title="Fourth", url="http://www.press.example/reading/?utm_source=mail#top"),
    )
    new = work(
        title="Quite different",
        doi="10.1/x",
        isbn="978-0-306-40615-7",
        url="https://press.example/reading",
    )
    assert reasons(new, *known) == {
        "a": ("the same DOI",),
        "b": ("the same ISBN",),
        "c": ("the same address",),
    }


@pytest.mark.parametrize(
    ("theirs", "same"),
    [
        ({}, True),
        ({"title": "The reading  of reviews"}, True),
        ({"title": "Reading reviews of Wales"}, False),
        ({"title": "READING REVIEWS!"}, True),
        ({"title": "Reading reviewś"}, True),
        ({"title": "Reading review"}, True),
        ({"title": "Reading reviews well"}, False),
        ({"year": 2014}, True),
        ({"year": 2015}, False),
        ({"year": None}, True),
        ({"authors": ("Ada Rowe", "Bell, Tom")}, True),
        ({"authors": ("Bell, Tom",)}, False),
        ({"authors": ()}, True),
    ],
)
def test_nearly_the_same_title_counts_with_a_close_year_and_a_shared_author(theirs, same):
    assert bool(reasons(work(), work("old", **theirs))) is same


def test_two_years_of_a_series_are_not_the_same_work():
    first = work("a", title="How safe are our children? 2013", authors=())
    assert reasons(work(title="How safe are our children? 2014", authors=()), first) == {}


def test_one_word_tells_the_parts_of_a_series_apart_but_not_its_spelling():
    first = work("a", title="Learning from case reviews: education", authors=())
    assert reasons(work(title="Learning from case reviews: home education"), first) == {}
    assert reasons(work(title="Learning from case revews: educaton"), first) != {}


def test_a_record_is_no_duplicate_of_itself_and_most_in_common_comes_first():
    near, nearer = work("near"), work("nearer", doi="10.1/x")
    assert [one.key for one in similar_works(work(doi="10.1/x"), [near, nearer])] == [
        "nearer",
        "near",
    ]
    assert similar_works(work("near"), [near]) == []


def test_every_leading_article_goes_from_a_title_that_is_compared():
    assert plain_title("The children") == plain_title("A: the children") == "children"
    assert plain_title("Another: a review") == "another a review"
    assert plain_title("\N{MATHEMATICAL BOLD CAPITAL T}he children") == "children"


@given(st.text(max_size=40))
def test_no_text_breaks_the_comparison(text):
    one = ComparedWork("a", text, (text,), 2013, text, text, text)
    similar_works(replace(one, key="b"), [one])
    assert plain_title(plain_title(text)) == plain_title(text)
    assert plain_url(f"https://a.example/{text}") == plain_url(f"http://www.a.example/{text}")


def test_reviews_are_compared_by_board_pseudonym_and_year():
    known = [
        ComparedReview("R1", "A Board", "Child  Birch", 2004),
        ComparedReview("R2", "Another board", "Child Birch", 2004),
        ComparedReview("R3", "A board", "Child Birch", 2005),
        ComparedReview("R4", "A board", "", 2004),
    ]
    assert [
        one.key
        for one in similar_reviews(ComparedReview("N", "a board", "child birch", 2004), known)
    ] == ["R1"]
    assert similar_reviews(ComparedReview("N", "A board", "", 2004), known) == []
    assert similar_reviews(known[0], known) == []
