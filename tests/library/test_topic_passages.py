"""The rule by which a topic's passages are chosen, and how its years are said and drawn."""

from xml.etree import ElementTree as ET

import pytest

from waymark.core.spans import Span
from waymark.library.topics.passages import (
    TopicPassage,
    strongest_passages,
    whole_sentences,
    with_ellipses,
)
from waymark.library.topics.years import reviews_by_year, years_figure

READABLE = "The advice was given once, and nobody asked again where the baby slept."


def passage(review, key="k1", **values):
    """A passage that one person coded, of readable length, without the topic's words."""
    parts = {
        "title": review,
        "page": 1,
        "text": READABLE,
        "basis": "sole",
        "codes": ("Sleep",),
        "with_words": False,
        "rank": 1,
        **values,
    }
    return TopicPassage(review=review, key=key, **parts)


def keys(passages, number=5):
    return [f"{one.review} {one.key}" for one in strongest_passages(passages, number=number)]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({}, {"basis": "", "codes": (), "with_words": True}),
        ({}, {"text": "Too short.", "with_words": True}),
        ({}, {"text": "long " * 100, "with_words": True}),
        ({"with_words": True}, {"basis": "both"}),
        ({"basis": "both"}, {"basis": "adjudicated"}),
        ({"basis": "adjudicated"}, {"basis": "sole", "codes": ("a", "b")}),
        ({"codes": ("a", "b")}, {"rank": 0}),
        ({"rank": 1}, {"rank": 2}),
        ({"place": 1}, {"place": 2}),
    ],
    ids=[
        "coded before words alone",
        "readable before short",
        "readable before long",
        "words of the topic before agreement",
        "both before adjudicated",
        "adjudicated before one person",
        "more codes before the order of the search",
        "the order of the search",
        "the order of the passages of a review in the search",
    ],
)
def test_the_stronger_passage_comes_first(better, worse):
    # The weaker one has the reference that would come first.
    assert keys([passage("R1", **worse), passage("R2", **better)]) == ["R2 k1", "R1 k1"]


def test_no_review_has_two_passages_before_every_review_has_one():
    strong = [passage("R1", f"k{number}", basis="both", with_words=True) for number in range(4)]
    weak = passage("R2", basis="", codes=())
    assert keys([*strong, weak]) == ["R1 k0", "R2 k1", "R1 k1", "R1 k2", "R1 k3"]
    assert keys([*strong, weak], number=2) == ["R1 k0", "R2 k1"]


def test_ties_are_fixed_by_review_and_place_whatever_order_they_come_in():
    tied = [passage("R2", "b"), passage("R1", "b"), passage("R1", "a")]
    assert keys(tied) == keys(tied[::-1]) == ["R1 a", "R2 b", "R1 b"]


def test_a_topic_without_passages_has_none():
    assert strongest_passages([]) == []


PARAGRAPH = "He slept. She was seen once, alone, by the nurse. Nobody asked."


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("seen once", "She was seen once, alone, by the nurse."),
        ("nurse. Nobody", "She was seen once, alone, by the nurse. Nobody asked."),
        ("He slept.", "He slept."),
    ],
)
def test_a_passage_is_shown_in_whole_sentences(words, shown):
    start = PARAGRAPH.index(words)
    assert whole_sentences(PARAGRAPH, Span(start, start + len(words))).of(PARAGRAPH) == shown


def test_a_sentence_too_long_to_be_read_at_a_glance_is_cut():
    long = "She was seen " + "and seen again " * 40 + "by the nurse."
    assert whole_sentences(long, Span(4, 12)) == Span(4, 12)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("was seen once", "… was seen once …"),
        ("“Was it seen?”", "“Was it seen?”"),
        ("It was seen", "It was seen …"),
        ("• R2 Ask where a baby sleeps.", "R2 Ask where a baby sleeps."),
    ],
)
def test_a_quotation_has_an_ellipsis_where_it_is_cut(words, shown):
    assert with_ellipses(words) == shown


# ---- years ----


def test_years_between_are_counted_as_none_and_reviews_without_a_year_are_said():
    by_year = reviews_by_year({2004: 2, 2007: 1}, total=5)
    assert by_year.years == ((2004, 2), (2005, 0), (2006, 0), (2007, 1))
    assert (by_year.undated, by_year.total, by_year.period) == (2, 5, "2004 to 2007")
    assert by_year.in_words == (
        "Reviews by year. 2004: 2; 2007: 1; none in 2005, 2006; year not known: 2."
    )


@pytest.mark.parametrize(
    ("counts", "finding"),
    [
        ({2004: 2, 2006: 1}, "3 reviews from 2004 to 2006, most in 2004 (2)"),
        ({2004: 1, 2006: 1}, "2 reviews from 2004 to 2006, in 2 of 3 years"),
        ({2004: 1}, "1 review from 2004"),
    ],
)
def test_the_title_of_the_drawing_is_its_finding(counts, finding):
    assert reviews_by_year(counts, total=sum(counts.values())).finding == finding


def test_the_drawing_has_a_bar_for_each_year_with_reviews_and_says_all_numbers():
    by_year = reviews_by_year({2004: 2, 2006: 1}, total=3)
    figure = years_figure("Sleep", by_year)
    assert figure.title == "Sleep: reviews by year"
    for drawing in (figure.svg, figure.narrow):
        svg = ET.fromstring(drawing)  # noqa: S314
        names = [element.tag.rpartition("}")[2] for element in svg.iter()]
        assert names.count("rect") == 2
        texts = [element.text for element in svg.iter() if element.tag.endswith("text")]
        assert texts == ["2", "2004", "0", "2005", "1", "2006", "Base: 3 reviews."]
        assert next(el.text for el in svg.iter() if el.tag.endswith("desc")) == by_year.in_words


def test_many_years_are_labelled_every_fifth():
    counts = dict.fromkeys(range(1990, 2021), 1) | {2003: 4}
    figure = years_figure("Sleep", reviews_by_year(counts, total=34))
    svg = ET.fromstring(figure.narrow)  # noqa: S314
    labels = [el.text for el in svg.iter() if el.tag.endswith("text")]
    assert labels == [
        "1990",
        "1995",
        "2000",
        "4",
        "2005",
        "2010",
        "2015",
        "2020",
        "Base: 34 reviews.",
    ]


def test_a_topic_without_a_known_year_has_no_drawing():
    assert years_figure("Sleep", reviews_by_year({}, total=3)) is None
