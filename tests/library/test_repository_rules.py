"""The pure rules of the repository: terms, names that may tell, letters, what is listed."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from waymark.documents.anonymity.board_names import distinctive_words, find_name, first_full_name
from waymark.library.access.indexing_policy import RULES, RecordClass
from waymark.library.access.retention_period import years_after
from waymark.library.deposits import email_templates

LAW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BOARD = "Zennorshire and Ard Mhór Safeguarding Children Partnership"


@pytest.mark.parametrize(
    ("day", "years", "then"),
    [
        (date(2026, 5, 4), 5, date(2031, 5, 4)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2024, 2, 29), 5, date(2029, 3, 1)),
        (date(2026, 12, 31), 1, date(2027, 12, 31)),
    ],
)
def test_a_term_ends_on_the_same_day_of_its_last_year(day, years, then):
    assert years_after(day, years) == then


def test_a_term_does_not_end_after_the_last_year_there_is():
    with pytest.raises(OverflowError):
        years_after(date(9998, 1, 1), 5)


@LAW
@given(st.dates(max_value=date(9000, 1, 1)), st.integers(1, 900))
def test_a_term_is_never_a_day_too_short_and_at_most_one_too_long(day, years):
    then = years_after(day, years)
    assert then > day
    assert (then - timedelta(days=1)).year <= day.year + years
    assert abs((then - day).days - years * 365.2425) < 4


@LAW
@given(
    st.dates(max_value=date(9000, 1, 1)),
    st.dates(max_value=date(9000, 1, 1)),
    st.integers(1, 900),
)
def test_who_publishes_later_keeps_no_shorter(first, second, years):
    first, second = sorted((first, second))
    assert years_after(first, years) <= years_after(second, years)


def test_a_board_is_told_by_the_words_that_others_do_not_have():
    assert distinctive_words(BOARD) == ["zennorshire", "ard", "mhor"]
    assert distinctive_words("Local Safeguarding Children Board") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            f"The {BOARD} met.",
            [("Zennorshire and Ard Mhór Safeguarding Children Partnership", True)],
        ),
        (
            "THE ZENNORSHIRE AND ARD MHOR\nSAFEGUARDING-CHILDREN PARTNERSHIP",
            [("ZENNORSHIRE AND ARD MHOR\nSAFEGUARDING-CHILDREN PARTNERSHIP", True)],
        ),
        ("They moved to Zennorshire's coast.", [("Zennorshire", False)]),
        ("The Safeguarding Children Partnership met.", []),
        ("A Zennorshireman spoke of children.", []),
    ],
)
def test_a_text_names_a_board_wholly_or_by_a_telling_word(text, found):
    told = find_name(BOARD, text)
    assert [(one.words, one.whole) for one in told] == found
    for one in told:
        assert text[one.start : one.start + len(one.words)] == one.words


@LAW
@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from([str.upper, str.lower, str]))
def test_a_name_put_into_any_text_is_found_there(before, after, written):
    name = "Ballyferne Trust"
    text = f"{before} {written(name)} {after}"
    assert first_full_name([name], text) == name


@LAW
@given(st.text(max_size=80), st.text(max_size=40))
def test_traces_are_places_in_the_text_in_order(text, name):
    told = find_name(name, text)
    assert [one.start for one in told] == sorted({one.start for one in told})
    assert all(text[one.start : one.start + len(one.words)] == one.words for one in told)


def test_a_name_of_no_words_is_in_no_text():
    assert find_name(" - ", "a - b") == []
    assert first_full_name(["", "!"], "anything!") == ""


LETTERS = (
    email_templates.receipt_email("D2026-7KQ4M2", files=1, years=1, site="The library"),
    email_templates.published_email(
        "D2026-7KQ4M2", opens=date(2026, 6, 1), until=date(2031, 6, 1), site="The library"
    ),
    email_templates.published_email("D2026-7KQ4M2", opens=None, until=None, site="The library"),
    email_templates.returned_email("D2026-7KQ4M2", reason="Page 2 is missing.", site="The library"),
)


@pytest.mark.parametrize("letter", LETTERS)
def test_the_subject_of_a_letter_is_one_line_with_the_reference(letter):
    assert "D2026-7KQ4M2" in letter.subject
    assert "\n" not in letter.subject
    assert len(letter.subject) < 70
    assert letter.body.endswith("The library\n")
    assert "D2026-7KQ4M2" in letter.body
    assert max(len(line) for line in letter.body.splitlines()) <= 110


def test_a_letter_says_one_file_and_one_year():
    assert "received 1 file." in LETTERS[0].body
    assert "for\n1 year," in LETTERS[0].body
    assert "from 1 June 2026" in LETTERS[1].body
    assert "We remove the file on 1 June 2031" in LETTERS[1].body
    assert "until" not in LETTERS[2].body


def test_every_class_has_a_rule_and_no_case_may_be_listed():
    assert set(RULES) == set(RecordClass)
    assert all(rule.why for rule in RULES.values())
    never = {RecordClass.CASE_REVIEW, RecordClass.REPORT, RecordClass.EVIDENCE, RecordClass.SEARCH}
    assert not any(RULES[one].listed for one in never | {RecordClass.TOMBSTONE, RecordClass.STAFF})
