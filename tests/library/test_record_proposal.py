"""What is proposed for the record of a review from the beginning of its report."""

from datetime import date

import pytest

from waymark.library.catalogue.record_proposal import READ, propose_record

TEXT = """Zennorshire and Lyonesse Safeguarding Children Board

Serious case review: Child Fern

The review was completed on 12 March 2013. It was published by the board on 4th May, 2014.
"""


def test_title_board_and_dates_are_read_with_the_words_that_state_them():
    proposal = propose_record(TEXT)
    assert {field: stated.value for field, stated in proposal.items()} == {
        "title": "Serious case review: Child Fern",
        "board": "Zennorshire and Lyonesse Safeguarding Children Board",
        "completed_on": date(2013, 3, 12),
        "published_on": date(2014, 5, 4),
    }
    assert proposal["completed_on"].words == "completed on 12 March 2013"
    assert proposal["published_on"].words == "published by the board on 4th May, 2014"
    for stated in proposal.values():
        assert TEXT[stated.start :].startswith(stated.words[:8])


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("Serious case review: Child Fern1", "Serious case review: Child Fern"),
        ("Serious case review: Child Fern¹", "Serious case review: Child Fern"),
        ("Serious case review: Child Fern *", "Serious case review: Child Fern"),
        ("Serious case review: Child Fern [1]", "Serious case review: Child Fern"),
        ("Serious case review: Child A1", "Serious case review: Child A1"),
        ("Serious case review 2014", "Serious case review 2014"),
        ("Overview report of review 2", "Overview report of review 2"),
    ],
)
def test_a_proposed_title_has_no_footnote_mark(line, title):
    stated = propose_record(f"{line}\nBoard\n")["title"]
    assert stated.value == title
    assert stated.words == line


@pytest.mark.parametrize(
    "text",
    [
        "The child was born on 12 March 2013.",
        "The work was completed. On 12 March 2013 the mother moved.",
        "The review was completed in March 2013.",
        "The review was completed on 31 February 2013.",
        "",
    ],
)
def test_what_is_not_stated_in_plain_words_is_not_proposed(text):
    assert propose_record(text) == {}


def test_a_sentence_about_the_review_is_not_its_title():
    assert propose_record("This review was asked for by the board.\nNotes") == {}


@pytest.mark.parametrize(
    "board",
    [
        "Zennorshire Child Protection Committee",
        "Zennorshire Area Child Protection Committee",
        "Zennorshire Local Safeguarding Children Board",
        "Zennorshire Safeguarding Children Partnership",
        "Zennorshire Safeguarding Board",
    ],
)
def test_boards_of_each_nation_are_recognised(board):
    assert propose_record(f"A paper of the {board} in May")["board"].value == board


def test_only_the_beginning_is_read():
    assert propose_record("x" * READ + "\n" + TEXT) == {}
