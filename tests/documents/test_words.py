"""Word boxes: what is packed comes back, and a span is marked line by line."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waymark.core.errors import RuleError
from waymark.core.spans import Span
from waymark.documents.reading.values import WordBox
from waymark.documents.reading.words import WordBoxes, pack_words, span_rectangles, unpack_words

twentieths = st.integers(0, 20 * 14_400).map(lambda number: number / 20)


@st.composite
def pages_of_words(draw):
    """Words in the order of a text, anywhere on a page."""
    words, at = [], draw(st.integers(0, 5_000_000))
    for length, gap in draw(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9)))):
        (x0, x1), (y0, y1) = (sorted(draw(st.tuples(twentieths, twentieths))) for _ in "xy")
        words.append(WordBox(at, at + length, x0, y0, x1, y1))
        at += length + gap
    return words


@given(pages_of_words())
def test_what_is_packed_comes_back(words):
    assert list(unpack_words(pack_words(words))) == words
    assert list(pickle.loads(pickle.dumps(unpack_words(pack_words(words))))) == words  # noqa: S301


@given(pages_of_words(), st.integers(0, 5_000_000), st.integers(1, 400))
def test_rectangles_lie_within_the_boxes_of_the_words_they_mark(words, start, length):
    span = Span(start, start + length)
    touched = [word for word in words if word.start < span.end and word.end > span.start]
    boxes = span_rectangles(unpack_words(pack_words(words)), span)
    assert bool(boxes) == bool(touched)
    for x0, y0, x1, y1 in boxes:
        assert min(word.x0 for word in touched) - 0.01 <= x0
        assert x1 <= max(word.x1 for word in touched) + 0.01
        assert min(word.y0 for word in touched) - 0.01 <= y0
        assert y1 <= max(word.y1 for word in touched) + 0.01


def test_places_are_kept_to_a_twentieth_of_a_point():
    boxes = WordBoxes.of([0], [4], [[10.02, 20.04, 30.06, 40.08]])
    assert boxes[0] == WordBox(0, 4, 10.0, 20.05, 30.05, 40.1)


WORDS = [
    WordBox(0, 4, 10, 100, 30, 110),  # two words of one line
    WordBox(5, 10, 35, 100, 60, 110),
    WordBox(11, 15, 10, 115, 30, 125),  # the next line
    WordBox(16, 20, 300, 115, 320, 125),  # the same line, in another column
]


@pytest.mark.parametrize(
    ("start", "end", "marked"),
    [
        (0, 10, [(10, 100, 60, 110)]),
        (2, 4, [(20, 100, 30, 110)]),
        (7, 13, [(45, 100, 60, 110), (10, 115, 20, 125)]),
        (11, 20, [(10, 115, 30, 125), (300, 115, 320, 125)]),
        (4, 5, []),
    ],
)
def test_a_span_is_marked_line_by_line_and_words_in_part(start, end, marked):
    assert span_rectangles(unpack_words(pack_words(WORDS)), Span(start, end)) == marked


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"W1",
        b"W1\x01\x00\x00\x00",
        b"X1\x00\x00\x00\x00",
        pack_words(WORDS)[:-3],
        b"W1\xff" * 9,
    ],
)
def test_damaged_boxes_are_refused(damaged):
    with pytest.raises(RuleError, match="word boxes"):
        unpack_words(damaged)


def test_a_page_of_400_words_takes_about_2_kilobytes():
    number = np.arange(400)
    x0, y0 = 60 + 45 * (number % 10), 70 + 14 * (number // 10)
    boxes = np.stack([x0, y0, x0 + 30 + number % 7, y0 + 12], axis=1)
    packed = WordBoxes.of(6 * number, 6 * number + 5, boxes).pack()
    assert len(packed) < 2_500
