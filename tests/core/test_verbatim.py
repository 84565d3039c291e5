"""Which quotes are in a text word for word, and what is wrong with the others."""

import pytest

from waymark.core.spans import Span
from waymark.core.verbatim import fault_of_quote, find_words

TEXT = (
    "They did \u2018not\u2019 see\nthe child\u2019s room \u2013 nobody asked about the "
    "non-school days."
)
OTHER = "The health visitor called twice in May. The door was not opened to her."


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        ("did 'not' see the child's", "did \u2018not\u2019 see\nthe child\u2019s"),
        ('did "not"   see', "did \u2018not\u2019 see"),
        ("room - nobody asked", "room \u2013 nobody asked"),
        (" see the child", "see\nthe child"),
        ("school days.", None),
        ("the non-school days.", "the non-school days."),
    ],
)
def test_only_white_space_quotation_marks_and_hyphens_may_differ(quote, words):
    span = find_words(quote, TEXT)
    assert (span and span.of(TEXT)) == words


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("safe at home", "The child was unsafe at home."),
        ("was safe at ho", "The child was safe at home."),
        ("engagement of the family", "The non-engagement of the family went on."),
        ("did see the child", TEXT),
        ("They Did", TEXT),
        ("nobody asked, about", TEXT),
        ("", TEXT),
        (".*", TEXT),
    ],
)
def test_other_words_case_punctuation_and_parts_of_words_are_not_there(quote, text):
    assert find_words(quote, text) is None


def test_the_first_of_several_places_is_taken():
    assert find_words("a bb", "x a bb a bb") == Span(2, 6)


@pytest.mark.parametrize(
    ("quote", "fault"),
    [
        ("nobody asked about", None),
        ("did see the child", "fabricated"),
        ("nobody   a", "too short"),
        ("", "too short"),
        ("called twice in May", "misattributed"),
        ("nobody asked about \u2026 called twice in May", "joined"),
        ("nobody asked about called twice in May", "joined"),
        ("nobody asked about [...] the non-school days", "joined"),
        ("nobody asked about the door and then called twice in May", "fabricated"),
        ("nobody asked about the moon", "fabricated"),
    ],
)
def test_a_quote_is_too_short_misattributed_joined_or_fabricated(quote, fault):
    assert fault_of_quote(quote, TEXT, [OTHER]) == fault


def test_the_end_of_one_text_and_the_beginning_of_the_next_are_two_pieces():
    assert fault_of_quote("nobody came back The door was shut", "x", [
        "In the end nobody came back", "The door was shut again",
    ]) == "joined"  # fmt: skip
