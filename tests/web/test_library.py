"""The search page: words found, where they stand, facets, order, pages, and nothing found."""

from datetime import date

import pytest
from django.urls import reverse

from tests.factories import NOON, make_report, make_review
from tests.web.test_pages import see, strictly
from waymark.accounts.models import State
from waymark.library.services import catalogue_review, index_changed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shelf(settings, tmp_path):
    """The data folder of this test: each has its own index."""
    settings.DATA = tmp_path


def shelve(*reviews):
    for review in reviews:
        catalogue_review(by=None, review=review, now=NOON)
    index_changed(now=NOON)


@pytest.fixture
def shelved(coded):
    other = make_review("W02", title="A second review", published_on=date(2006, 3, 4))
    make_report(other, "The school kept no notes.", "A nurse visited twice.")
    shelve(coded.review, other)
    return coded


def look(client, **asked):
    return see(client, f"{reverse('library')}?{'&'.join(f'{k}={v}' for k, v in asked.items())}")


def test_without_words_the_library_lists_everything(client, shelved):
    said = look(client)
    assert "2 reviews" in said
    assert "A second review" in said
    assert "Case management review: Child Beech" in said


def test_words_are_shown_where_they_stand_with_marks_and_a_way_to_the_page(client, shelved, key_of):
    answer = client.get(reverse("library"), {"q": "school nurse"})
    tree = strictly(answer)
    assert "school" in {mark.text for mark in tree.iter("mark")}
    paragraph = key_of(
        "3.1 Two letters about <missed> appointments were filed & never passed on to the "
        "school nurse."
    )
    links = [one.get("href") for one in tree.iter("a")]
    assert reverse("passage-page", args=[paragraph]) in links
    assert reverse("passage", args=[paragraph]) in links
    assert reverse("review", args=["W01"]) in links
    said = look(client, q="school nurse")
    assert "2 reviews, 4 passages" in said
    assert "open on the page" in said


def test_a_facet_narrows_and_is_taken_away_again(client, shelved):
    tree = strictly(client.get(reverse("library")))
    narrowing = next(
        one.get("href") for one in tree.iter("a") if (one.text or "").startswith("Recording and")
    )
    assert narrowing == "?theme=prac.recording"
    narrowed = client.get(reverse("library") + narrowing)
    said = see(client, reverse("library") + narrowing)
    assert "1 review " in said
    assert "A second review" not in said
    back = next(one for one in strictly(narrowed).iter("a") if one.get("class") == "tag")
    assert back.get("href") == "?"


def test_a_new_search_keeps_what_is_narrowed_to(client, shelved):
    tree = strictly(client.get(reverse("library"), {"theme": "prac.recording"}))
    kept = tree.find(".//form[@role='search']//input[@name='theme']")
    assert kept.get("value") == "prac.recording"


def test_what_was_not_understood_is_told(client, shelved):
    assert "quotation mark is not closed" in look(client, q='"school')


def test_nothing_found_explains_what_to_try(client, shelved):
    said = look(client, q="zebra")
    assert "0 reviews" in said
    assert "Use fewer words" in said


def test_a_spelling_close_to_a_word_there_is_is_proposed(client, shelved):
    assert "Did you mean school" in look(client, q="schooll")


def test_hidden_reviews_are_neither_found_nor_counted(client, shelved):
    hidden = make_review("W03", state=State.INTERNAL, title="An internal one")
    make_report(hidden, "The school was told.", state=State.INTERNAL)
    shelve(hidden)
    said = look(client, q="school")
    assert "An internal one" not in said
    assert "2 reviews" in said


def test_long_lists_have_pages_and_the_order_can_be_chosen(client):
    reviews = [
        make_review(f"L{number:02}", published_on=date(2001, 1, number)) for number in range(1, 13)
    ]
    for review in reviews:
        make_report(review, "The same words.")
    shelve(*reviews)
    first = strictly(client.get(reverse("library"), {"q": "words", "sort": "oldest"}))
    titles = [one.find("a").text for one in first.iter("h3") if one.find("a") is not None]
    assert titles[0] == "Review L01"
    assert len(titles) == 10
    later = next(one.get("href") for one in first.iter("a") if one.get("rel") == "next")
    second = see(client, reverse("library") + later)
    assert "11 to 12 of 12 reviews" in second
    assert "Review L12" in second


@pytest.mark.parametrize(
    "query",
    [
        "q=%00school%01%EF%BF%BF",
        "theme=%00",
        "q=" + "(" * 300,
        "q=%F0%9F%A6%93+AND+NOT",
        "theme=nonsense&year=abc&year=2005&nation=",
        "sort=sideways",
        "page=999",
        "q=school&page=7",
    ],
)
def test_odd_questions_get_a_page(client, shelved, query):
    see(client, f"{reverse('library')}?{query}")


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "9" * 30, ""])
def test_what_is_no_page_number_is_not_found(client, shelved, page):
    see(client, f"{reverse('library')}?page={page}", status=404)
