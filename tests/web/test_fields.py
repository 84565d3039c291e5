"""What is typed into longer forms, and what it means."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waymark.web.fields import Field, Form, Group, as_lines, entries


def form(**values):
    looks = {"day": "date", "n": "number", "hours": "number", "text": "lines", "pick": "choice"}
    fields = [Field(name, name.title(), look) for name, look in looks.items()]
    fields[-1].options = [("", "Choose"), ("a", "A")]
    made = Form([Group("All", fields)])
    made.fill(values)
    return made


@pytest.mark.parametrize(
    ("lines", "meant"),
    [
        ("Foreword | 5", [("Foreword", 5)]),
        ("Foreword\t5", [("Foreword", 5)]),
        ("Foreword ....... 5", [("Foreword", 5)]),
        ("Deaths of children 2003", [("Deaths of children 2003", None)]),
        ("A | B | 7", [("A | B", 7)]),
        ("Annex |", [("Annex |", None)]),
    ],
)
def test_a_line_of_contents_ends_with_its_page_behind_a_sign(lines, meant):
    assert list(entries(lines.split("\n"))) == meant


TITLE = st.text(st.characters(codec="ascii", exclude_characters="|.\t\n\r\x0b\x0c\x1c\x1d\x1e\x85"))


@given(
    st.lists(
        st.tuples(TITLE.map(lambda t: " ".join(t.split())).filter(bool), st.integers(1, 99_999))
    )
)
def test_contents_are_read_as_they_were_written(contents):
    assert list(entries(as_lines(contents).split("\n") if contents else [])) == contents


def test_values_mean_dates_numbers_and_lines():
    made = form(day="2013-01-24", n="12", hours="7.5", text=" one \r\n\r\n two\x00 ", pick="a")
    assert made.day("day") == date(2013, 1, 24)
    assert made.number("n") == 12
    assert made.decimal("hours") == Decimal("7.5")
    assert made.lines("text") == ("one", "two")
    assert made.errors == []
    empty = form()
    assert (empty.day("day"), empty.number("n"), empty.decimal("hours")) == (None, None, None)
    assert empty.errors == []


def test_what_cannot_be_meant_is_noted_at_its_field_once():
    made = form(day="24.1.2013", n="²", hours="1.25")
    assert (made.day("day"), made.number("n"), made.decimal("hours")) == (None, None, None)
    made.note("day", "Something else")
    assert [(one.name, one.error.split(",")[0].rstrip(".")) for one in made.errors] == [
        ("day", "Enter a date as year-month-day"),
        ("n", "Enter a whole number"),
        ("hours", "Enter a number with one decimal at most"),
    ]


@pytest.mark.parametrize("said", ["NaN", "Infinity", "1e400", "-", "12345678901234567890x"])
def test_no_number_breaks_the_form(said):
    made = form(n=said, hours=said)
    made.number("n")
    made.decimal("hours")
    assert made.errors


def test_a_value_that_is_not_on_offer_stays_to_be_seen_and_judged():
    made = form(pick="gone")
    assert ("gone", "gone") in made.groups[0].fields[-1].options
