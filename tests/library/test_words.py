"""Words as the search sees them, and where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waymark.library.language.analyser import LONGEST, analyse_text, word_forms, words_in
from waymark.library.search.highlights import highlight_spans
from waymark.library.search.parser import parse_query


@pytest.mark.parametrize(
    ("text", "folded", "stems"),
    [
        ("The visits stopped.", "the visits stopped", "the visit stop"),
        ("Pháiste PHAISTE", "phaiste phaiste", "phaist phaist"),
        (
            "the children\u2019s and the child's",
            "the children's and the child's",
            "the child and the child",
        ),
        ("Women, men", "women men", "woman man"),
        ("co-sleeping", "co sleeping", "co sleep"),
        ("infant_death", "infant death", "infant death"),
        ("section 47, £1,000", "section 47 1 000", "section 47 1 000"),
        ("cafe\u0301 café", "cafe cafe", "cafe cafe"),
        ("...", "", ""),
    ],
)
def test_words_are_folded_and_stemmed(text, folded, stems):
    assert analyse_text(text) == (folded, stems, "en")


@given(st.text())
def test_no_form_of_a_word_is_empty_long_or_holds_white_space(text):
    for word in words_in(text):
        for form in word_forms(word):
            assert 0 < len(form) <= LONGEST
            assert not any(letter.isspace() for letter in form)


@given(st.text(), st.text())
def test_words_are_the_same_wherever_a_text_is_cut_between_them(before, after):
    assert words_in(f"{before} {after}") == words_in(before) + words_in(after)


def marked(text, query):
    pairs = highlight_spans(text, parse_query(query).tree)
    return [text[start:end] for start, end in pairs]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("visit", ["visits", "visiting"]),
        ('"visits"', ["visits"]),
        ("visi*", ["visits", "visiting"]),
        ("health visiting", ["visits", "health", "visiting"]),
        ('"health visiting"', ["health visiting"]),
        ('health "health visiting"', ["health visiting"]),
        ("NOT visits stopped", ["stopped"]),
        ("theme:visits stopped", ["stopped"]),
        ("co-sleeping", ["co-sleeping", "Cosleeping"]),
        ("élan", ["Élan"]),
        ("absent", []),
    ],
)
def test_words_are_marked_where_they_stand(query, words):
    text = "The visits stopped; health visiting too. On co-sleeping: Cosleeping 𝄞 Élan."
    assert marked(text, query) == words


def test_marks_are_code_points_not_bytes():
    text = "𝄞 Ó Élan, baby"
    assert highlight_spans(text, parse_query("baby").tree) == [(10, 14)]


@given(st.text(), st.text())
def test_marks_are_in_order_and_never_overlap(text, query):
    at = 0
    for start, end in highlight_spans(text, parse_query(query).tree):
        assert at <= start < end <= len(text)
        at = end
