"""The catch-up alert of the demo: public facts, with what no page states left out."""

import pytest

from waymark.demo.alerts import published_in_words, read_alert, text_of
from waymark.demo.sources import sources_folder


@pytest.mark.parametrize(
    ("published", "words"),
    [
        ("", ""),
        ("2026", "2026"),
        ("2025-07", "July 2025"),
        ("2026-02-12", "12 February 2026"),
    ],
)
def test_a_date_is_as_precise_as_its_page_states_it(published, words):
    assert published_in_words(published) == words


def test_an_item_without_a_date_says_what_was_found():
    items = {item.title: text_of(item) for item in read_alert(sources_folder()).items}
    assert len(items) == 8
    drowning = items["Child drowning deaths 2019-2025"]
    assert drowning.dated == ""
    assert "No page that we read states when it was published." in drowning.summary
    assert drowning.content_note == "About the deaths of children."
    assert all("\n" not in text.summary and len(text.summary) < 900 for text in items.values())
