"""Searching as a visitor speaks: common words, whole questions, known items, different passages."""

import pytest

from tests.factories import make_report, make_review
from tests.library.conftest import ask, found, make_resource, make_subject, shelve
from waymark.accounts.models import State
from waymark.library.queries import highlighter_for
from waymark.library.search.common_words import asking_words, is_question, without_common_words
from waymark.library.search.known_items import is_pseudonym
from waymark.library.search.parser import parse_query
from waymark.library.search.tree import as_text


def searched(text: str) -> str:
    """The words of a query that are searched, in the query language."""
    tree = without_common_words(parse_query(text).tree, asking=asking_words(text)).tree
    return "" if tree is None else as_text(tree)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("neglect and school", "neglect school"),
        ("Neglect AND the School", "Neglect School"),
        ("neglect", "neglect"),
        ("the", "the"),
        ("who am I", '"who am I"'),
        ("what year:2004", "what year:2004"),
        ('"not seen"', '"not seen"'),
        ("heron OR the", "heron OR the"),
        ("heron NOT the", "heron NOT the"),
        ("heron (otter OR and)", "heron (otter OR and)"),
        ("wh* school", "wh* school"),
        ("title:and school", "title:and school"),
        ("advice of the WHO", "advice WHO"),
        ("babies and co-sleeping", "babies co-sleeping"),
        (
            "what can we learn from reviews about babies sleeping with parents?",
            "babies sleeping parents",
        ),
        ("How do case reviews say professionals missed neglect", "professionals missed neglect"),
        ("what do reviews tell us?", "reviews tell"),
        ("how do I get dads involved", "dads"),
        ("neglect with school involved", "neglect school"),
        ("involved", "involved"),
        ("lessons from cases of neglect", "neglect"),
        ("examples of a father at work", "father work"),
        ("father told the nurse", "father told nurse"),
        ("case conference notes", "case conference notes"),
        ("reports of serious practice", "reports serious practice"),
        ("what does neglect mean", "neglect"),
        ("get help", "get help"),
        ("learning from case reviews", "learning case reviews"),
    ],
)
def test_common_words_are_left_out_and_operators_keep_their_meaning(text, words):
    assert searched(text) == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Why are babies at risk", True),
        ("babies at risk?", True),
        ("what reviews say", False),
        ("babies at risk", False),
        ("", False),
    ],
)
def test_a_question_ends_with_its_mark_or_opens_as_questions_do(text, expected):
    assert is_question(text) is expected


@pytest.fixture
def shelved(db):
    neglect = make_review("N1", title="Review of Child Ash")
    make_report(
        neglect,
        "The school and the school nurse knew of it.",
        "The school was told and told again by the school.",
        "The school and the home.",
        "The school wrote.",
        "Neglect was named once, and nobody acted.",
        "It was cold and nobody asked.",
    )
    other = make_review("N2", title="Review of Child Birch")
    make_report(other, "The school and the neighbours.", "The Traveller family moved.")
    third = make_review("N3", title="Review of Child Oak")
    make_report(third, "The nurse travelled to the house, travelling at night.")
    shelve(neglect, other, third)


def test_common_words_are_neither_counted_nor_marked(shelved):
    answer = ask("neglect and school")
    assert (found(answer), answer.passages_total, answer.common_words) == (["N1"], 5, ("and",))
    (hit,) = answer.hits
    marked = {
        passage.text[start:end].lower()
        for passage in hit.passages
        for start, end in passage.highlights
    }
    assert marked == {"neglect", "school"}
    assert highlighter_for("neglect and school", None)("School and neglect") == [(0, 6), (11, 18)]


def test_passages_show_different_words_before_they_repeat_one(shelved):
    review = make_review("N4", title="Review of Child Yew")
    neglect = [f"Neglect was named in letter {number}." for number in range(4)]
    make_report(review, *neglect, "In the end, after many months, the school was asked to help.")
    shelve(review)
    shown = next(hit for hit in ask("neglect school").hits if hit.record.reference == "N4")
    assert any("school" in passage.text for passage in shown.passages)
    assert len(shown.passages) == 3


def test_a_query_of_only_common_words_is_an_exact_phrase_and_says_so(shelved):
    answer = ask("and the")
    assert (found(answer), answer.common_words) == (["N1", "N2"], ())
    assert "we searched for this exact phrase" in answer.notes[0].message
    assert found(ask("and")) == ["N1", "N2"]
    assert ask("and").notes == ()


def test_a_name_with_common_words_must_stand_side_by_side(db):
    make_subject("was-not-brought", "Was not brought", "Missed appointments")
    apart, together = make_review("A1"), make_review("A2")
    make_report(apart, "It was late. The letter was not sent, and the child brought home.")
    make_report(together, "The child was not brought to the clinic.")
    shelve(apart, together)
    assert found(ask("was not brought")) == ["A2"]


def test_a_word_that_only_asks_is_not_expanded_in_a_question(db):
    make_subject("reviews", "Reviews", "Case audits")
    review = make_review("A1")
    make_report(review, "Babies sleep in cots.")
    shelve(review)
    answer = ask("what do reviews say about babies and sleep?")
    assert (found(answer), answer.related_terms) == (["A1"], ())


def test_a_traveller_is_not_found_by_travel(shelved):
    assert found(ask("Travellers")) == ["N2"]
    assert found(ask("travel")) == ["N3"]


# ---- known items ----


@pytest.fixture
def known(db):
    make = make_review("R07", title="Review of Child Elm")
    make_report(make, "Rowan and Ash are trees. Learning and neglect are words of R08 and R07.")
    other = make_review("R08", title="Learning")
    make_report(other, "Learning from neglect, learning from neglect: R07 R07 R07, Quill 2012.")
    shelve(
        make,
        other,
        make_resource(
            "learning",
            title="Learning from neglect",
            authors=["Quill, Anna", "Reed, Tom"],
            year=2012,
            report_number="DFE-RR226",
            isbn="978-0-11-703000-1",
            doi="10.1136/zqx.7",
        ),
        make_resource("later", title="Later work", authors=["Quill, Anna"], year=2014),
    )


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("R07", "R07"),
        ("r08", "R08"),
        ("Learning from neglect", "learning"),
        ("learning FROM neglect.", "learning"),
        ('"Learning from neglect"', "learning"),
        ("Review of Child Elm", "R07"),
        ("DfE RR226", "learning"),
        ("9780117030001", "learning"),
        ("https://doi.org/10.1136/zqx.7", "learning"),
        ("Quill 2012", "learning"),
        ("Quill and Reed (2012)", "learning"),
        ("Reed et al. 2012", "learning"),
        ("Quill, 2014", "later"),
    ],
)
def test_a_record_asked_for_by_name_comes_first(known, text, reference):
    assert ask(text).hits[0].record.reference == reference


def test_the_name_of_a_child_is_searched_as_a_name_and_not_broadened(known):
    make_subject("children", "Child", "Young people")
    other = make_review("R09", title="A review")
    make_report(other, "Child Elm is named. The child sat below an elm.")
    third = make_review("R10", title="Another")
    make_report(third, "Young people sat below an elm, a child among them.")
    shelve(other, third)
    answer = ask("child Elm")
    assert [hit.record.reference for hit in answer.hits] == ["R07", "R09"]
    assert answer.related_terms == ()
    assert found(ask("child Elm", broaden=False)) == ["R07", "R09", "R10"]


@pytest.mark.parametrize("text", ["child elm", "CHILD ELM", "child  Elm"])
def test_a_name_is_a_name_in_lower_case_too_if_a_review_is_called_so(known, text):
    make_subject("children", "Child", "Young people")
    other = make_review("R10", title="Another")
    make_report(other, "Young people sat below an elm, a child among them.")
    hidden = make_review("R11", title="Review of Child Oak", state=State.INTERNAL)
    make_report(hidden, "Young people sat below an oak, a child among them.")
    shelve(other, hidden)
    answer = ask(text)
    assert [hit.record.reference for hit in answer.hits] == ["R07"]
    assert answer.related_terms == ()
    # Of a review that is not public nobody learns by its name, and other words are no name.
    assert ask("child oak").related_terms != ()
    assert ask("child tree").related_terms != ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("child Birch", True),
        ("Baby P", True),
        ("family w", True),
        ("Young Person Rowan 2", True),
        ("child birch", False),
        ("child protection", False),
        ("school Birch", False),
        ("child Birch and school", False),
        ("child", False),
    ],
)
def test_the_name_of_a_child_has_a_capital_or_is_one_letter(text, expected):
    assert is_pseudonym(text) is expected


def test_a_subject_in_capitals_is_no_name_of_a_child(known):
    make_subject("protection", "Child Protection", "Safeguarding work")
    assert ask("Child Protection").related_terms[0].names == ("Safeguarding work",)


def test_a_review_comes_before_a_short_description_that_answers_as_well(db):
    review = make_review("R1", title="Review of Child Ash")
    make_report(review, *["The heron was seen by the river, and nobody asked why."] * 20)
    shelve(review, make_resource("briefing", title="Herons", strapline="The heron."))
    assert [hit.record.reference for hit in ask("heron").hits] == ["R1", "briefing"]
    assert [hit.record.reference for hit in ask("Herons").hits] == ["briefing", "R1"]


def test_a_wrong_year_names_no_record(known):
    assert found(ask("Reed 2014")) == []
