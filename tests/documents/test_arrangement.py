"""Passages put together as headings, lists, tables and notes, without changing a character."""

import pytest

from waymark.core.spans import Span
from waymark.documents.reading.arrangement import (
    TextStretch,
    arrange,
    cell_spans,
    heading_level,
    marker_length,
    note_number,
    printed_rows,
)
from waymark.documents.reading.printed_cells import printed_cells
from waymark.documents.reading.values import ReadPage, WordBox
from waymark.documents.reading.words import pack_words, unpack_words


def stretches(*parts):
    """Stretches of (kind, text) or (kind, text, path), one after the other."""
    made, at = [], 0
    for kind, text, *path in parts:
        key = "" if kind == "loose" else f"k-{at}"
        made.append(
            TextStretch(at, at + len(text), text, key, kind, continued=False, heading="".join(path))
        )
        at += len(text) + 1
    return made


def shapes(*parts):
    return [(group.kind, len(group.stretches)) for group in arrange(stretches(*parts))]


def test_items_that_follow_each_other_are_one_list():
    assert shapes(
        ("paragraph", "The panel found:"),
        ("item", "• One"),
        ("item", "• Two"),
        ("paragraph", "So."),
    ) == [("paragraph", 1), ("list", 2), ("paragraph", 1)]


def test_rows_that_follow_each_other_are_one_table_and_a_row_alone_is_a_paragraph():
    assert shapes(
        ("paragraph", "Judgement | Grade"), ("paragraph", "Leaders | Good"), ("heading", "Next")
    ) == [("table", 2), ("heading", 1)]
    assert shapes(("paragraph", "Yes | no"), ("heading", "A | B")) == [
        ("paragraph", 1),
        ("heading", 1),
    ]


def test_a_paragraph_that_begins_with_a_mark_in_brackets_is_a_note():
    assert shapes(("paragraph", "As before.[1]"), ("paragraph", "[1] A letter.")) == [
        ("paragraph", 1),
        ("note", 1),
    ]
    assert note_number("[12] A letter.") == "12"
    assert note_number("[1234] A letter.") == note_number("See [1] a letter.") == ""


def test_words_outside_passages_stay_apart():
    assert shapes(("loose", "Page | 3"), ("loose", "Page | 4")) == [("loose", 1), ("loose", 1)]


def test_no_level_of_headings_is_left_out():
    found = arrange(
        stretches(
            ("heading", "Findings"),
            ("heading", "Health", "Findings"),
            ("heading", "Deep", "Findings > Health > Visits > Spring"),
            ("heading", "Next"),
            ("heading", "Odd", "Next > Missing"),
        )
    )
    assert [group.level for group in found] == [1, 2, 3, 1, 2]
    assert heading_level("", 0) == 1
    assert heading_level("A > B > C > D > E > F > G", 9) == 6


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("Judgement | Good", [(0, 9), (12, 16)]),
        # An empty cell in between: "A | " and then " | C".
        ("A |  | C", [(0, 1), (7, 8)]),
        ("No cells", [(0, 8)]),
    ],
)
def test_cells_are_parts_of_the_text_of_their_row(text, cells):
    assert cell_spans(text) == [Span(*cell) for cell in cells]


# ---- rows of a PDF, by the boxes of their words ----


def boxes_of(*lines):
    """Word boxes 10 points high: each line is (top, word, left, word, left, ...), words in order.

    Each word is 6 points wide a character, and one character apart in the text.
    """
    words, at = [], 0
    for top, *rest in lines:
        for word, left in zip(rest[::2], rest[1::2], strict=True):
            box = (left, top, left + 6 * len(word), top + 10)
            words.append(WordBox(at, at + len(word), *box))
            at += len(word) + 1
    return words


def cells_in(*lines):
    words = boxes_of(*lines)
    packed = unpack_words(pack_words(words))
    return [(cell.start, cell.left) for cell in printed_cells(packed, 0, words[-1].end)]


def test_a_cell_begins_where_all_words_are_to_the_right_of_those_before():
    # "Leaders of" over "care", then "Good" far to the right beside them.
    assert cells_in((100, "Leaders", 72, "of", 120), (112, "care", 72), (100, "Good", 300)) == [
        (0, 72.0),
        (16, 300.0),
    ]


def test_prose_and_words_close_together_are_one_cell():
    full = (100, "Nobody", 72, "asked", 114, "anybody", 300)
    assert cells_in(full, (112, "at", 72, "all.", 90)) == [(0, 72.0)]
    # "Dates:" ends at 108 and "May" begins at 112: a space, not a column.
    assert cells_in((100, "Dates:", 72, "May", 112)) == [(0, 72.0)]


def test_printed_rows_with_shared_columns_are_one_table():
    rows = stretches(
        ("paragraph", "Care Good"),
        ("paragraph", "Help Poor"),
        ("paragraph", "Odd Row"),
        ("item", "x"),
    )
    lefts = ((72, 300), (72.5, 301), (90, 200))
    words = [
        WordBox(row.start + at, row.start + at + size, left, row.start, left + 20, row.start + 10)
        for row, (first, second) in zip(rows, lefts, strict=False)
        for at, size, left in (
            (0, row.text.index(" "), first),
            (row.text.index(" ") + 1, len(row.text.split()[1]), second),
        )
    ]
    page = ReadPage(1, 595, 842, 0, rows[-1].end)
    printed = printed_rows(rows, [page], {1: pack_words(words)})
    groups = list(arrange(rows, printed))
    # "Odd Row" has columns of its own: alone it is no table.
    assert [(group.kind, len(group.stretches)) for group in groups] == [
        ("table", 2),
        ("paragraph", 1),
        ("list", 1),
    ]
    assert groups[0].cells == ((Span(0, 4), Span(5, 9)), (Span(0, 4), Span(5, 9)))


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("1.1 The visits stopped.", "1.1 "),
        ("12. The visits stopped.", "12. "),
        ("(a) The visits stopped.", "(a) "),
        ("iv) The visits stopped.", "iv) "),
        ("• The visits stopped.", "• "),
        ("19 children were seen.", ""),
        ("A child was seen.", ""),
        ("2004 was the year.", ""),
        ("1.1 ", ""),
    ],
)
def test_the_number_or_bullet_that_a_passage_begins_with(text, marker):
    assert text[: marker_length(text)] == marker
