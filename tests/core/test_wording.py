"""Numbers and lists in words."""

import pytest

from waymark.core.wording import counted


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 codings"), (1, "1 coding"), (2, "2 codings"), (1204, "1,204 codings")],
)
def test_a_number_has_the_form_of_its_noun(number, words):
    assert counted(number, "coding") == words


def test_a_plural_can_be_given():
    assert [counted(number, "child", "children") for number in (1, 2)] == ["1 child", "2 children"]
