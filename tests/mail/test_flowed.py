"""Flowed text of emails: RFC 3676."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waymark.mail.flowed import WIDTH, flowed_text, joined_paragraphs


def read_flowed(text):
    """The text as a program reads it: RFC 3676, section 4."""
    lines = []
    goes_on = False
    for line in text.split("\n"):
        plain = line.removeprefix(" ") if line[:1] == " " else line
        if goes_on:
            lines[-1] += plain
        else:
            lines.append(plain)
        goes_on = line.endswith(" ") and line != "-- "
    return "\n".join(lines)


def test_a_paragraph_that_was_broken_in_the_source_is_one_again():
    text = (
        "If you did not send us a deposit, someone entered your email address by\n"
        "mistake. You do not need to do anything, and we do not write to you again\n"
        "about it.\n\nThe library\nhttps://library.example.org\n"
    )
    joined = joined_paragraphs(text)
    first = joined.split("\n")[0]
    assert first.endswith(
        "by mistake. You do not need to do anything, and we do not write to you again about it."
    )
    assert joined.endswith("\n\nThe library\nhttps://library.example.org\n")


@pytest.mark.parametrize("second", ["- a point", "* a point", "https://example.org/x", "", "> was"])
def test_lists_links_and_quotations_are_lines_of_their_own(second):
    first = "This line has more than sixty characters, so that it was perhaps broken:"
    assert joined_paragraphs(f"{first}\n{second}") == f"{first}\n{second}"


def test_lines_that_programs_take_for_something_else_get_a_space():
    assert flowed_text(">quoted\nFrom me\n indented\n-- \nname") == (
        " >quoted\n From me\n  indented\n-- \nname"
    )


WORD = st.text("abcé>-/:.", min_size=1, max_size=90)


@given(st.lists(st.lists(WORD, max_size=40).map(" ".join), max_size=8).map("\n".join))
def test_what_is_read_is_what_was_written(text):
    text = "\n".join(line for line in text.split("\n") if line != "--")
    flowed = flowed_text(text)
    assert read_flowed(flowed) == text
    assert all(len(line) <= WIDTH + 1 or " " not in line.strip() for line in flowed.split("\n"))
