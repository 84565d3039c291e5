"""The topic that is offered when a search finds nothing."""

import pytest

from waymark.library.search.nearest_topic import TopicNames, content_terms, nearest_topic

TOPICS = {
    "babies": TopicNames(("Babies and safer sleep", "sofa sleeping"), ("Bed sharing",)),
    "housing": TopicNames(("Housing and poverty", "hostel"), ("Sofa surfing", "Bed and breakfast")),
    "injuries": TopicNames(("Injuries to babies", "bruise"), ("Crying babies",)),
}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("bruised dragon", "injuries"),
        ("hostels", "housing"),
        # Of the topics with a term, one that has it in its own name or words.
        ("sofa dragon", "babies"),
        # Babies are in two topics, sleep is in one alone.
        ("sleeping babies", "babies"),
        # Equal: the first by key.
        ("bed dragon", "babies"),
        ("dragon", None),
        ("what do reviews say and show", None),
        ("", None),
    ],
)
def test_the_nearest_topic_shares_most_with_the_words(text, key):
    assert nearest_topic(text, TOPICS) == key


def test_without_topics_none_is_nearest():
    assert nearest_topic("babies", {}) is None


def test_words_of_grammar_and_words_that_only_ask_name_no_topic():
    assert content_terms("Lessons from the practice of nurses") == {"nurs"}
