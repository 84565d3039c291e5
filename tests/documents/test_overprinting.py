"""The quick look for characters in one place finds what the look at each in turn finds."""

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from waymark.documents.parsers.page_hidden.overprinting import overlapping_characters

SIDE = st.integers(0, 30)


@st.composite
def characters(draw):
    corners = draw(st.lists(st.tuples(SIDE, SIDE, SIDE, SIDE), min_size=1, max_size=8))
    boxes = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in corners]
    text = draw(st.text("ab .", min_size=len(boxes), max_size=len(boxes)))
    return text, np.array(boxes, float)


def pairs_in_turn(text, boxes):
    """(lower, upper, doubled), by asking each cell of every earlier box."""
    lower, upper, doubled, owner = set(), set(), set(), {}
    for index, (x0, y0, x1, y1) in enumerate(boxes.astype(int).tolist()):
        if not text[index].isalnum():
            continue
        other = owner.get(((y0 + y1) // 2, (x0 + x1) // 2))
        if other is not None and text[other] == text[index]:
            doubled |= {index, other}
        elif other is not None:
            lower.add(other)
            upper.add(index)
        inset = (y1 - y0) // 4
        for y in range(y0 + inset, y1 - inset + 1):
            for x in range(x0 + 1, x1):
                owner[y, x] = index
    return lower, upper, doubled


@given(characters())
def test_characters_in_one_place_are_the_same_as_by_looking_at_each_in_turn(page):
    found = overlapping_characters(*page)
    assert (found.lower, found.upper, found.doubled) == pairs_in_turn(*page)


def test_letters_as_large_as_the_page_take_no_more_memory_than_the_page():
    boxes = np.tile((0.0, 0.0, 600.0, 800.0), (2000, 1))
    tracemalloc.start()
    shared = overlapping_characters("ab" * 1000, boxes)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    assert len(shared.lower) == 1999
