"""Texts that were never written."""

import pytest

from waymark.core.placeholders import Placeholder, find_placeholders


@pytest.mark.parametrize(
    "text",
    [
        *(
            "TODO",
            "to do",
            "tbc",
            "...",
            "…",
            "C",
            "R.",
            "A. B.",
            "42",
            "?",
            "---",
            "Not yet named",
        ),
        *("n/a", "N/A", "Placeholder", "<your name>", "[reason]", "Insert text here.", "XXXX"),
        *("The reason is TBC.", "Lorem ipsum dolor sit amet.", "todo: ask the council"),
        "Proposed when the overview was begun; the data controller has yet to decide.",
    ],
)
def test_words_that_stand_for_none_are_found(text):
    assert find_placeholders(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Ann", "a trial", "All is public.", "NHS", "Small.", "County council", ""),
        *("It is unknown who asked.", "Nobody asked why ... and nobody told.", "The todo list."),
        *("Every test of it was made.", "{quote 0123456789ab-1-20}", "A name [@record:x] here"),
    ],
)
def test_written_words_are_none(text):
    assert find_placeholders(text) == []


def test_a_placeholder_is_found_with_its_line():
    text = "### Why\n\nBecause.\n\nTODO: ask\n...\n"
    assert find_placeholders(text) == [Placeholder("TODO", 5), Placeholder("...", 6)]
    assert find_placeholders("\n\nC\n") == [Placeholder("C", 3)]
