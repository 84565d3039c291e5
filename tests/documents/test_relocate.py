"""Finding quoted words in a newer reading: moved, unsure or lost, and never silently elsewhere."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waymark.core.spans import Span
from waymark.documents.reading.relocate import SearchableText, relocate

REPORT = """\
1. What happened
In May the visits stopped and nobody wrote down a reason for it.
The family had moved to another town, where the school noticed that the child was often tired.
In June the visits stopped and the health visitor was told by letter.
2. Findings
The services did not share what each of them knew, although a meeting had been agreed.
The Trust should agree who tells whom when a family moves.
"""


def found(words, old, new, *, which=0, old_furniture=(), new_furniture=()):
    """(outcome, words there) of an occurrence of some words in the older text."""
    start = -1
    for _ in range(which + 1):
        start = old.index(words, start + 1)
    moved = relocate(
        Span(start, start + len(words)),
        SearchableText(old, old_furniture),
        SearchableText(new, new_furniture),
    )
    return moved.outcome, moved.span and moved.span.of(new), moved.span and moved.span.start


def test_words_that_are_there_once_are_moved_wherever_they_are():
    new = "A new first line.\n" + REPORT.replace("1. What happened\n", "")
    words = "nobody wrote down a reason for it."
    assert found(words, REPORT, new) == ("moved", words, new.index(words))


@pytest.mark.parametrize(("which", "before"), [(0, "In May the "), (1, "In June the ")])
def test_equal_words_are_told_apart_by_what_is_around_them(which, before):
    new = "Another line.\n" + REPORT
    outcome, _, start = found("visits stopped and", REPORT, new, which=which)
    assert (outcome, start) == ("moved", new.index(before) + len(before))


def test_equal_words_that_changed_places_are_told_apart_by_what_is_around_them():
    lines = REPORT.splitlines(keepends=True)
    new = "".join([lines[0], lines[3], lines[2], lines[1], *lines[4:]])
    outcome, _, start = found("visits stopped and", REPORT, new)
    assert (outcome, start) == ("moved", new.index("In May the ") + len("In May the "))


def test_if_only_other_equal_words_are_left_the_place_is_a_proposal():
    new = REPORT.replace("In May the visits stopped and nobody wrote down a reason for it.\n", "")
    outcome, words, _ = found("visits stopped and", REPORT, new)
    assert (outcome, words) == ("unsure", "visits stopped and")


def test_equal_words_with_equal_surroundings_are_a_proposal():
    old = "The visits stopped here. " * 30
    assert found("The visits stopped here.", old, old, which=15)[0] == "unsure"


def test_few_words_with_nothing_around_them_are_a_proposal():
    assert found("tired", REPORT, "Nothing else here but tired people.")[0] == "unsure"


def test_white_space_and_line_ends_do_not_count():
    new = REPORT.replace("the school noticed", "the\n school\u00a0 noticed")
    outcome, words, _ = found("where the school noticed that", REPORT, new)
    assert (outcome, words) == ("moved", "where the\n school\u00a0 noticed that")


def test_words_that_held_a_running_footer_are_moved_without_it():
    footer = "\nPage 3 of 9\n"
    old = REPORT.replace("had moved to", f"had moved{footer}to")
    quoted = f"The family had moved{footer}to another town"
    start = old.index(footer) + 1
    outcome, words, _ = found(quoted, old, REPORT, old_furniture=[[start, start + 11]])
    assert (outcome, words) == ("moved", "The family had moved to another town")
    # And into a newer reading that has another one there.
    new = REPORT.replace("had moved to", "had moved Page iv to")
    at = new.index("Page iv")
    there = found(
        quoted, old, new, old_furniture=[[start, start + 11]], new_furniture=[[at, at + 7]]
    )
    assert there[:2] == ("moved", "The family had moved Page iv to another town")


def test_the_words_of_a_running_footer_are_lost_when_it_leaves_the_text():
    old = REPORT + "Copy of the board"
    start = old.index("Copy of")
    furniture = [[start, len(old)]]
    assert found("Copy of the board", old, REPORT, old_furniture=furniture)[0] == "lost"


@pytest.mark.parametrize(
    "change",
    [
        ("school noticed", "schoolnoticed"),
        ("had moved", "had mov-ed"),
        ("The family", "\u201cThe family\u201d"),
        ("that the child", "that THE child"),
    ],
)
def test_letters_that_agree_but_for_their_setting_are_a_proposal(change):
    new = REPORT.replace(*change)
    words = "The family had moved to another town, where the school noticed that the child"
    outcome, there, _ = found(words, REPORT, new)
    assert (outcome, there.casefold()[-5:]) == ("unsure", "child")


def test_a_ligature_is_a_proposal():
    new = REPORT.replace("stopped", "\ufb06opped")
    assert found("the visits stopped and nobody", REPORT, new)[:2] == (
        "unsure",
        "the visits \ufb06opped and nobody",
    )


def test_numbers_that_were_added_in_the_middle_are_a_proposal():
    new = REPORT.replace("The Trust", "2.2 The Trust")
    words = "although a meeting had been agreed.\nThe Trust should agree who tells whom"
    assert found(words, REPORT, new)[:2] == (
        "unsure",
        "although a meeting had been agreed.\n2.2 The Trust should agree who tells whom",
    )


def test_most_words_in_order_are_a_proposal_and_half_of_them_are_lost():
    words = "The Trust should agree who tells whom when a family moves."
    near = REPORT.replace("should agree who tells whom", "should settle who will tell whom")
    outcome, there, _ = found(words, REPORT, near)
    assert outcome == "unsure"
    assert there.startswith("The Trust should settle")
    far = REPORT.replace(words, "The Trust has now reported that no family will ever move again.")
    assert found(words, REPORT, far)[0] == "lost"


def test_a_word_inside_another_word_is_not_the_word():
    assert found("In May", REPORT, "In Mayfair.")[0] == "lost"


def test_a_quotation_that_cuts_a_word_may_cut_it_again():
    assert found("he visits stopped and nobody w", REPORT, "x " + REPORT)[:2] == (
        "moved",
        "he visits stopped and nobody w",
    )


SENTENCES = tuple(
    f"Sentence {number} says what the {who} did in {month}."
    for number, (who, month) in enumerate(
        (who, month)
        for who in ("school", "health visitor", "police officer", "social worker", "midwife")
        for month in ("March", "May", "June", "September")
    )
)
OTHERS = (
    "Nothing of this kind was there.",
    "Copyright of the board, all rights.",
    "xxiv",
    "- 12 -",
)
EDITS = st.lists(st.tuples(st.integers(0, len(SENTENCES)), st.sampled_from(OTHERS)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.integers(0, len(SENTENCES) - 1), max_size=10),
    EDITS,
    st.integers(0, len(SENTENCES) - 1),
    st.sampled_from(["\n", " ", "\n\n"]),
)
def test_text_that_comes_or_goes_elsewhere_leaves_every_quotation_with_its_words(
    gone, added, quoted, between
):
    old = "\n".join(SENTENCES)
    kept = [
        [text for place, text in added if place == number]
        + ([] if number in gone - {quoted} else [sentence])
        for number, sentence in enumerate(SENTENCES)
    ]
    new = between.join(line for lines in kept for line in lines)
    outcome, words, _ = found(SENTENCES[quoted], old, new)
    assert (outcome, words) == ("moved", SENTENCES[quoted])


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(6)), st.sets(st.integers(0, 5), max_size=4), EDITS, st.integers(0, 5))
def test_equal_quotations_are_never_silently_taken_for_one_another(order, gone, added, quoted):
    def chapter(number):
        return f"{SENTENCES[3 * number]} No reason was given. {SENTENCES[3 * number + 1]}"

    old = "\n".join(chapter(number) for number in range(6))
    left = [chapter(number) for number in order if number not in gone]
    for place, text in added:
        left.insert(place % (len(left) + 1), text)
    new = "\n".join(left)
    outcome, _, start = found("No reason was given.", old, new, which=quoted)
    if quoted in gone:
        assert outcome in {"unsure", "lost"}
    else:
        right = new.index(chapter(quoted)) + len(SENTENCES[3 * quoted]) + 1
        assert (outcome, start) == ("moved", right)


@settings(max_examples=150, deadline=None)
@given(st.text("ab .-\n\ufb01é", max_size=60), st.text("ab .-\n\ufb01é", max_size=60), st.data())
def test_every_span_of_any_text_has_an_outcome_whose_words_are_alike(old, new, data):
    if not old.strip():
        return
    start = data.draw(st.integers(0, len(old) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(old))))
    moved = relocate(span, SearchableText(old), SearchableText(new))
    assert (moved.span is None) == (moved.outcome == "lost")
    if moved.outcome == "moved":
        assert moved.span.of(new).split() == span.of(old).split()
