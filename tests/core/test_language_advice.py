"""Advice on words that can hurt or blame: where they are, why, and what to write instead."""

import pytest

from waymark.core.language_advice import advice_entries, advice_on_fields, language_advice


def words(text: str) -> list[tuple[int, str]]:
    return [(row.line, row.words) for row in language_advice(text)]


def test_the_list_has_a_reason_and_other_words_for_each_of_its_entries():
    assert len(advice_entries()) >= 40
    forms = [form.lower() for entry in advice_entries() for form in entry.words]
    assert len(forms) == len(set(forms))


@pytest.mark.parametrize(
    "form",
    [
        *("failed to", "should have known", "refused to engage", "committed suicide"),
        *("hard to reach", "disguised compliance", "child prostitute"),
    ],
)
def test_known_hurtful_words_are_found_in_any_case(form):
    assert words(f"It said {form.upper()}.") == [(1, form.upper())]


def test_advice_says_place_line_reason_and_what_to_write():
    (row,) = advice_on_fields([("Title", "A review"), ("Abstract", "One.\nHe committed\nsuicide.")])
    assert (row.place, row.line, row.words) == ("Abstract", 2, "committed suicide")
    assert row.reason == "Sounds like a crime and hurts the bereaved"
    assert row.instead == "“died by suicide”, “took their own life”"
    assert str(row).startswith("Abstract, line 2: “committed suicide”. Sounds like a crime")


def test_the_longest_form_is_advised_on_once():
    assert words("The mother failed to engage.") == [(1, "failed to engage")]


@pytest.mark.parametrize(
    "text",
    [
        "The report says “the father failed to attend”.",
        'The report says "the father failed to attend".',
        "The report says \u2018the father\u2019s worker failed to attend\u2019.",
        "{quote failed to}",
        "Nobody came. {exempt two: failed to}",
        "She unfailed to-do nothing.",
    ],
)
def test_quotations_marks_and_parts_of_words_are_left_alone(text):
    assert words(text) == []


def test_an_apostrophe_begins_no_quotation():
    assert words("The child's school failed to write; the nurses' team failed to call.") == [
        (1, "failed to"),
        (1, "failed to"),
    ]
