"""Every review that a query finds, and the query in words."""

import pytest

from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import READER, agree_code, agree_value, shelve
from tests.written_once import written_once
from waymark.accounts.models import Role, State
from waymark.library.queries import matching_reviews, select_all, understand_query
from waymark.library.services import index_changed


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        (
            "theme:neglect year:2004-2006",
            "theme for learning contains “neglect”, and year of the review from 2004 to 2006",
        ),
        ("year:2004", "year of the review 2004"),
        ("year:2004-", "year of the review from 2004"),
        ("year:-2006", "year of the review up to 2006"),
        (
            'visits OR "school nurse"',
            "any form of the word “visits”, or the exact words “school nurse”",
        ),
        (
            "he* NOT (type:a OR board:b)",
            (
                "any word starting with “he”, "
                "and not (type of review contains “a”, or board contains “b”)"
            ),
        ),
    ],
)
def test_a_query_is_told_in_words(query, meaning):
    explained = understand_query(query)
    assert (explained.explanation, explained.notes) == (meaning, ())


def test_what_of_a_query_is_not_understood_is_noted():
    explained = understand_query("thme:neglect")
    assert [note.message.split(".")[0] for note in explained.notes] == ["There is no field thme"]


def ask(query, person=None):
    return matching_reviews(understand_query(query).tree, person=person or READER, now=NOON)


@pytest.fixture
@written_once
def shelf_of_four(framework, cataloguer):
    reviews = [make_review(f"T{n}") for n in (1, 2, 3)]
    reviews.append(make_review("T4", state=State.INTERNAL))
    for review in reviews:
        make_report(review, "The heron stood by.", state=review.state)
    code = framework.codes.get(code="a")
    year = framework.variables.get(variable="review_year")
    for review, text in zip(reviews, ("2003", "2004", "2006", "2005"), strict=True):
        agree_value(review, year, text)
        agree_code(review, code, on=review.reports.get())
    shelve(*reviews)
    return reviews


def test_all_that_a_query_finds_are_named_in_their_order(shelf_of_four):
    assert ask("year:2004-2006") == ("T2", "T3")
    assert ask("heron NOT year:2003") == ("T2", "T3")


def test_only_what_the_person_may_see_is_found(shelf_of_four):
    assert ask("heron") == ("T1", "T2", "T3")
    assert ask("heron", make_person(Role.ANALYST)) == ("T1", "T2", "T3", "T4")


def test_what_was_withdrawn_a_moment_ago_is_not_found_though_the_index_holds_it(shelf_of_four):
    review = shelf_of_four[1]
    review.state = State.WITHDRAWN
    review.save()
    assert ask("heron") == ("T1", "T3")


def test_more_than_are_read_at_once_are_all_found(shelf_of_four, monkeypatch):
    monkeypatch.setattr(select_all, "AT_ONCE", 2)
    index_changed(now=NOON)
    assert ask("heron") == ("T1", "T2", "T3")
