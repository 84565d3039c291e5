"""Other names of what is typed: what is added, what is left alone, and what is suggested."""

from dataclasses import replace

import pytest

from tests.factories import NOON, make_report, make_review
from tests.library.conftest import ask, found, make_subject, shelve
from tests.written_once import written_once
from waymark.library.queries import highlighter_for, search_json, search_library
from waymark.library.queries.thesaurus import current_thesaurus
from waymark.library.search.expansion import MOST_NAMES, MOST_OF_QUERY
from waymark.library.search.protocol import SearchRequest
from waymark.library.services.thesaurus import change_subject, end_subject
from waymark.library.thesaurus import HIDDEN, SubjectName

pytestmark = pytest.mark.django_db


@pytest.fixture
@written_once
def subjects():
    """Neglect with two narrower subjects, and safe sleep with a misspelling."""
    make_subject("neglect", "Neglect", "Failure to care")
    make_subject("medical-neglect", "Medical neglect", "Missed appointments", broader="neglect")
    make_subject("was-not-brought", "Was not brought", broader="medical-neglect")
    make_subject("safe-sleep", "Bed sharing", "Co-sleeping", "cy:Cyd-gysgu", hidden="Cosleepng")


@pytest.fixture
@written_once
def shelved(subjects):
    texts = {
        "R1": "There was neglect of the home.",
        "R2": "Two missed appointments, and nobody asked why.",
        "R3": "The child was not brought to the clinic.",
        "R4": "Co-sleeping was never discussed.",
        "R5": "A bed was bought; sharing it was discussed.",
    }
    reviews = []
    for reference, text in texts.items():
        reviews.append(make_review(reference, title=f"Zqx {reference}"))
        make_report(reviews[-1], text)
    shelve(*reviews)


@pytest.mark.parametrize(
    ("query", "references"),
    [
        ("neglect", ["R1", "R2", "R3"]),
        ("NEGLECTED", ["R1", "R2", "R3"]),
        ("failures to care", ["R1", "R2", "R3"]),
        ("medical neglect", ["R2", "R3"]),
        ("missed appointment", ["R2", "R3"]),
        ("bed sharing", ["R4", "R5"]),
        ("cosleepng", ["R4"]),
        ("cosleeping", ["R4"]),
        ("cyd-gysgu", ["R4"]),
        ("neglect asked", ["R2"]),
        ("neglect OR sharing", ["R1", "R2", "R3", "R5"]),
        ('"neglect"', ["R1"]),
        ("neglec*", ["R1"]),
        ("child NOT neglect", ["R3"]),
        ("asked", ["R2"]),
    ],
)
def test_what_names_a_subject_also_finds_its_other_names_and_those_below(
    shelved, query, references
):
    assert found(ask(query)) == references


@pytest.fixture
@written_once
def lines(shelved):
    """A subject of two words, and reviews in which they are apart, near and side by side."""
    make_subject("county-lines", "Child criminal exploitation", "County lines")
    texts = {
        "C1": "She swam for her county. Later that year the telephone lines were cut.",
        "C2": "He was drawn into county lines at fourteen.",
        "C3": "They spoke of lines in the county.",
    }
    reviews = []
    for reference, text in texts.items():
        reviews.append(make_review(reference, title=f"Zqx {reference}"))
        make_report(reviews[-1], text)
    shelve(*reviews)


def test_the_words_of_a_subject_must_be_near_each_other_and_apart_they_match_in_part(lines):
    request = SearchRequest("county lines", include_partial=True)
    answer = search_library(request, person=None, now=NOON)
    assert found(answer) == ["C2", "C3"]
    assert [hit.record.reference for hit in answer.partial_matches] == ["C1"]
    # As typed, without the thesaurus, they are words like any others.
    assert found(ask("county lines", broaden=False)) == ["C1", "C2", "C3"]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Two county lines.", ["county lines"]),
        ("Lines in the county.", ["Lines", "county"]),
        ("The county, and then the long telephone lines.", []),
        ("A county line. Lines of the county.", ["county line", "Lines", "county"]),
    ],
)
def test_the_words_of_a_subject_are_marked_where_they_are_near_each_other(lines, text, marked):
    highlighted = [text[start:end] for start, end in highlighter_for("county lines", None)(text)]
    assert highlighted == marked


def test_what_is_added_is_told_and_can_be_left_out(shelved):
    answer = ask("neglect home")
    (term,) = answer.related_terms
    assert (term.typed, term.subject, term.left_out) == ("neglect", "Neglect", 0)
    assert term.names == (
        "Failure to care",
        "Medical neglect",
        "Missed appointments",
        "Was not brought",
    )
    plain = ask("neglect", broaden=False)
    assert (found(plain), plain.related_terms) == (["R1"], ())
    assert ask("asked").related_terms == ()


def test_a_misspelling_kept_in_the_thesaurus_is_never_shown_or_searched(shelved):
    (term,) = ask("co-sleeping").related_terms
    assert term.names == ("Bed sharing",)


def test_a_word_with_a_note_shows_the_note_to_whoever_searches_by_it(shelved):
    neglect = current_thesaurus().subjects["neglect"]
    noted = SubjectName(HIDDEN, "en", "bad mothering", "This word is not used: it blames.")
    change_subject(
        by=None, subject=replace(neglect, names=tuple(sorted((*neglect.names, noted)))), now=NOON
    )
    assert [note.message for note in ask("bad mothering").notes] == [noted.note]
    assert [note.message for note in ask("neglect").notes] == []
    assert [note.message for note in ask("bad mothering", broaden=False).notes] == []


def test_names_in_languages_that_no_text_is_in_are_not_searched(shelved):
    (term,) = ask("bed sharing").related_terms
    assert term.names == ("Co-sleeping",)
    review = make_review("CY")
    make_report(review, "Roedd y teulu yn cyd-gysgu.")
    shelve(review)
    answer = ask("bed sharing")
    assert found(answer) == ["CY", "R4", "R5"]
    assert answer.related_terms[0].names == ("Co-sleeping", "Cyd-gysgu")


def test_what_was_typed_comes_before_its_other_names(shelved):
    assert ask("neglect").hits[0].record.reference == "R1"
    assert ask("medical neglect").query == "medical neglect"


def test_other_names_are_marked_where_they_stand(shelved):
    (hit,) = [hit for hit in ask("neglect").hits if hit.record.reference == "R2"]
    (passage,) = hit.passages
    assert [passage.text[s:e] for s, e in passage.highlights] == ["missed appointments"]
    assert highlighter_for("neglect", None)("He missed appointments.") == [(3, 22)]
    assert highlighter_for("neglect", None, broaden=False)("He missed appointments.") == []


def test_the_tree_is_what_was_typed(shelved):
    assert ask("neglect home").tree == ask("neglect home", broaden=False).tree


def test_programs_are_answered_what_they_say(shelved):
    assert search_json("neglect")["total"] == 1
    answer = search_json("neglect", broaden=True)
    assert answer["total"] == 3
    assert answer["also"][0]["names"][0] == "Failure to care"


def test_of_a_very_wide_subject_no_more_names_are_searched_than_a_search_can_bear():
    make_subject("wide", "Wide", *(f"zqx{number}" for number in range(MOST_NAMES + 5)))
    for word in "abc":
        names = (f"zq{word}{number}" for number in range(MOST_NAMES))
        make_subject(f"other-{word}", f"Other{word}", *names)
    shelve(make_review("R1"))
    (term,) = ask("wide").related_terms
    assert (len(term.names), term.left_out) == (MOST_NAMES, 5)
    also = ask("wide othera otherb otherc").related_terms
    assert sum(len(term.names) for term in also) == MOST_OF_QUERY


def test_an_ended_subject_adds_nothing(shelved):
    end_subject(by=None, key="safe-sleep", now=NOON)
    assert ask("bed sharing").related_terms == ()


# ---- did you mean ----


@pytest.mark.parametrize(
    ("query", "suggested", "total"),
    [
        ("negelct", "neglect", 3),
        ("mised apointments", "missed appointments", 2),
        ("medicl neglekt", "Medical neglect", 2),
        ("cosleepin", "Co-sleeping", 1),
        ("clini c", "clinic", 1),
    ],
)
def test_words_almost_like_those_there_are_are_suggested(shelved, query, suggested, total):
    suggestion = ask(query).suggestion
    assert (suggestion.query, suggestion.total) == (suggested, total)
    assert suggestion.reason == "spelling"


def test_a_word_written_as_one_is_cut_where_both_parts_stand_side_by_side(shelved):
    review = make_review("R6")
    make_report(review, "The early help team closed the case.")
    shelve(review)
    suggestion = ask("earlyhelp").suggestion
    assert (suggestion.query, suggestion.total) == ("early-help", 1)


def test_a_suggestion_is_counted_within_what_is_chosen(shelved):
    assert ask("negelct", filters={"nation": ["Nowhere"]}).suggestion is None
