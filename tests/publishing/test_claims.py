"""Sentences of chapters checked against the tables: each number, its unit, its rule, its reason."""

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given

from tests.overview.rows import fixture_rows, framework, spec
from tests.publishing.small_release import EDITION, PROVENANCE, small_release
from tests.publishing.test_markdown import HOSTILE
from waymark.core import yaml_file
from waymark.overview.releases.release import make_release
from waymark.publishing.document.citations import CitedPassage, CitedRecord, ReportContent
from waymark.publishing.document.claims.check import finding_faults, review_sentences
from waymark.publishing.document.claims.sentences import sentences_of
from waymark.publishing.document.claims.vocabulary import WORDS, WordFile, vocabulary
from waymark.publishing.document.compose import compose_report
from waymark.publishing.document.markdown import read_text
from waymark.publishing.document.nodes import (
    HeadingNode,
    ParagraphNode,
    PointList,
    plain_text,
)
from waymark.publishing.document.report_plan import default_plan

DOCS = Path(__file__).resolve().parents[2] / "docs"
KEYS = ("0123456789ab-10-42", "123456789abc-10-42", "23456789abcd-10-42")
PASSAGES = {
    key: CitedPassage(key, "She was seen twice in eighteen days.", f"R0{at}", "A", "report", 1)
    for at, key in enumerate(KEYS, start=1)
}
RECORD = CitedRecord("a-2013", ("Ash, Ann",), 2013, "Trees")
A, B, C = KEYS


@lru_cache(maxsize=2)
def release(profile="open"):
    return make_release(fixture_rows(), spec(), framework(), profile=profile, provenance=PROVENANCE)


def content(text, slot="introduction"):
    return ReportContent(default_plan(), {slot: text}, PASSAGES, {RECORD.key: RECORD})


def reviewed(text, *, profile="open", slot="introduction"):
    return review_sentences(release(profile), content(text, slot))


def problems(text, **how):
    return [fault.problem for fault in reviewed(text, **how).faults]


@pytest.mark.parametrize(
    "text",
    [
        "There were 24 of them.",
        "Ten of them were young.",
        "It was seen twice.",
        "A third of them were young.",
        "Several reviews say so.",
        "Most of them were known.",
        "Some were not.",
        "No report says so.",
        "None of them was known.",
        "This was the largest group.",
        "It came second.",
        "Hundreds of families live so.",
        "One review says so.",
        "One of the children was older.",
        "- Half of a list.",
        "> Half of an aside.",
        "It was half of them and half of the others.",
    ],
)
def test_a_number_that_nothing_supports_is_a_fault(text):
    (problem,) = problems(text)
    assert problem.endswith("is not linked to a table")


@pytest.mark.parametrize(
    "text",
    [
        "No one knew of it, after all.",
        "On 24 January 2013 it was published, as section 4.2 and chapter 6 say.",
        "In 2008 it was so.",
        "The one who knew had left.",
        "She told one neighbour once.",
        "### Two headings\n\nWords.",
        f"{{quote {A}}}",
        "The R01 report, see {see T3}.",
    ],
)
def test_dates_places_idioms_and_pronouns_are_no_numbers(text):
    assert problems(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "In {T3/deaths/n} of the reviews a child had died.",
        "Ten children were under a year old. {check ten: T5/under_1/n}",
        "10 children were under a year old. {check ten: T5/under_1/n}",
        "Most reviews followed a death. {check most: T3/deaths/n of T3/all/n}",
        "Most reviews followed a death. {check most: T3/deaths/n}",
        "A third of the reviews concerned suicide. {check a third: T3/suicide_or_accident/n}",
        "Children of 1 to 5 are the largest group {check largest: T5/from_1_to_5/n}.",
        "Those under 1 are the second largest group. {check second: T5/under_1/n}",
        "The most common years tie {check most common: T2/2005/n + T2/2006/n + T2/2008/n}.",
        "Several reviews followed an assault. {check several: T3/assault/n}",
        "No recommendation was left {check none: T1/excluded/n}.",
        "Fewer were assaults. {check fewer: T3/assault/n than T3/infant_death/n}",
        "Ten followed an assault or an infant death. {check ten: T3/assault/n + T3/infant_death/n}",
        "{T5/from_16_to_17/died} of 16 and 17 died.",
    ],
)
def test_a_sentence_that_follows_from_its_cells_is_right(text):
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Nine were young. {check nine: T5/under_1/n}", "“nine”: T5/under_1/n is 10"),
        (
            "2005 and 2006 were the largest. {check largest: T2/2005/n + T2/2006/n}",
            "“largest”: T2/2005/n is 5; 2008 is 5",
        ),
        (
            "2004 and 2005 were the largest. {check largest: T2/2004/n + T2/2005/n}",
            "cells of one rank have the same number in the same column",
        ),
        (
            "Infants are the largest group. {check largest: T5/under_1/n}",
            "“largest”: T5/under_1/n is 10; 1 to 5 years is 11",
        ),
        (
            "These are the smallest. {check smallest: T5/from_6_to_10/n}",
            "“smallest”: T5/from_6_to_10/n is 8; 11 to 15 years is 8, 16 to 17 years is 5",
        ),
        (
            "Few had died. {check few: T3/deaths/n of T3/all/n}",
            "“few” means at most a quarter: T3/deaths/n is 18 of 24",
        ),
        ("None had. {check none: T3/assault/n}", "“none” means 0: T3/assault/n is 4"),
        ("Half had. {check half: T9/9/n}", "“half” cannot be checked: there is no cell T9/9/n"),
        ("Half had. {check half: T99/a/b}", "“half” cannot be checked: there is no cell T99/a/b"),
        ("Half had. {check half}", "{check half}: write {check word: T3/row/column}"),
        ("Quite. {check quite: T3/all/n}", "it is no number, and no quantity word"),
        ("Words. {check half: T3/deaths/n}", "the sentence does not have the word “half”"),
        ("Words. {exempt half: an idiom}", "the sentence does not have the word “half”"),
        ("Half. {exempt half: }", "the exemption of “half” has no reason"),
        ("Half. {exempt half}", "the exemption of “half” has no reason"),
    ],
)
def test_a_sentence_that_its_cells_contradict_is_a_fault(text, says):
    assert any(says in problem for problem in problems(text)), problems(text)


def test_the_codes_of_the_framework_and_those_applied_are_counted():
    """The framework of the collection has 82 codes; its rows have the eleven themes alone."""
    text = "Of 82 codes, {0} were applied. {{check 82: codes}} {{check {0}: codes applied}}"
    assert problems(text.format("eleven")) == []
    assert problems(text.format("12")) == ["“12”: the number of codes applied is 11"]


def test_a_tie_is_no_rank():
    tied = "These are the largest. {check largest: T13/x/n}"
    assert "cannot be checked" in problems(tied)[0]
    # 8 children are 6 to 10 years old, and 8 are 11 to 15.
    assert "11 to 15 years is 8" in problems("It is third. {check third: T5/from_6_to_10/n}")[0]


def test_a_withheld_number_supports_no_word():
    text = "Several followed an assault. {check several: T3/assault/n}"
    assert problems(text) == []
    (problem,) = problems(text, profile="k5")
    assert "T3/assault/n is withheld" in problem
    assert "4" not in problem


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{T3/deaths/n} children died.", "speaks of children, but T3/deaths/n counts reviews"),
        (
            "In these reviews {T3/deaths/n} children died.",
            "speaks of children, but T3/deaths/n counts reviews",
        ),
        ("{T4/sex.all/n} reviews.", "speaks of reviews, but T4/sex.all/n counts children"),
        (
            "Most of these children were known. {check most: T7/ag.social_services/n}",
            "speaks of children, but T7/ag.social_services/n counts reviews",
        ),
        (
            "Among the children, {T7/ag.police/n} were known to the police.",
            "speaks of children, but T7/ag.police/n counts reviews",
        ),
        (
            "{T10/prac.early/passages} reviews name it.",
            "speaks of reviews, but T10/prac.early/passages counts passages",
        ),
        (
            "Practice changed for {T13/impact.practice_change/n} children.",
            "speaks of children, but T13/impact.practice_change/n counts recommendations",
        ),
    ],
)
def test_a_number_is_not_said_of_another_unit_than_its_cell_counts(text, says):
    (problem,) = problems(text)
    assert says in problem


@pytest.mark.parametrize(
    "text",
    [
        "In {T3/deaths/n} reviews a child had died.",
        "The {T1/coded/n} reviews describe {T4/sex.all/n} children.",
        "{T3/infant_death/n} followed the sudden death of an infant.",
        "In {T7/ag.police/n} reviews the police had met the children.",
    ],
)
def test_a_sentence_may_name_both_units_where_each_number_has_its_own(text):
    assert problems(text) == []


def test_a_cited_passage_supports_the_numbers_that_it_has():
    assert problems(f"She was seen twice in eighteen days [@{A}].") == [
        "“twice” is not linked to a table"
    ]
    assert problems(f"She was seen over eighteen days [@{A}].") == []
    assert problems(f"She was seen over 18 days.\n\n{{quote {A}}}") == []
    assert problems(f"She was seen over nineteen days [@{A}].") == [
        "“nineteen” is not linked to a table"
    ]


def test_passages_of_three_reviews_support_several_reviews():
    assert problems(f"Several reviews say so [@{A}] [@{B}] [@{C}].") == []
    assert problems(f"Three reviews say so [@{A}] [@{B}] [@{C}].") == []
    assert problems(f"Several reviews say so [@{A}] [@{B}].") == [
        "“Several” is not linked to a table"
    ]


def test_numbers_of_a_cited_publication_and_exempt_ones_are_listed_with_the_reason():
    review = reviewed(
        "It found 900 of them [@record:a-2013]. {exempt 900: wrong place}\n\n"
        "Two bases are stated, as many do. {exempt two: an example, exempt many: x}\n\n"
        "Three questions led the work. {exempt three: the questions listed below}"
    )
    assert next((row.line, row.text, row.reason, row.listed) for row in review.typed) == (
        1,
        "900",
        "wrong place",
        True,
    )
    last = review.typed[-1]
    assert (last.chapter, last.line, last.text) == ("Introduction", 5, "Three")
    assert last.reason == "the questions listed below"


def test_each_fault_names_chapter_paragraph_sentence_and_what_to_do():
    text = "### Head\n\nWords. More words.\n\nThese\nare. Half of them."
    (fault,) = reviewed(text, slot="key-themes:prac.early").faults
    assert (fault.slot, fault.chapter) == (
        "key-themes:prac.early",
        "The key themes: Early and sustained intervention",
    )
    assert (fault.paragraph, fault.sentence, fault.line) == (2, 2, 6)
    assert fault.words == "Half of them."
    assert str(fault).startswith(
        "The key themes: Early and sustained intervention, paragraph 2, sentence 2 (line 6): “Half”"
    )
    assert "{exempt Half: reason}" in fault.remedy


def test_marks_after_a_full_stop_belong_to_the_sentence_before_it():
    text = read_text(
        "Half are. {check half: T1/a/n} {T3/deaths/n} died. Dr. Ash saw it. [@a-1-2] End."
    )
    sentences = [
        (row.words, [mark.kind for mark in row.marks.values()]) for row in sentences_of(text)
    ]
    assert sentences == [
        ("Half are.", ["check"]),
        ("{T3/deaths/n} died.", ["cell"]),
        ("Dr. Ash saw it.", ["note"]),
        ("End.", []),
    ]


def test_marks_that_link_or_exempt_a_word_are_not_printed():
    text = "Half {check half: T3/deaths/n} of them. {exempt half: an idiom} And {T3/deaths/n}."
    composed = compose_report(release(), content(text), EDITION)
    assert composed.faults == ()
    written = [node for node in composed.document.nodes if isinstance(node, ParagraphNode)]
    assert "Half of them. And 18." in [plain_text(node.words) for node in written]


def test_the_edition_lists_the_figures_typed_by_hand():
    text = (
        "Two people read, many wrote. {exempt two: their names are below} {exempt many: an idiom}"
    )
    nodes = compose_report(release(), content(text), EDITION).document.nodes
    at = next(
        number
        for number, node in enumerate(nodes)
        if isinstance(node, HeadingNode) and node.text == "Figures typed by hand"
    )
    assert isinstance(nodes[at + 2], PointList)
    assert [plain_text(point) for point in nodes[at + 2].points] == [
        "Introduction, “Two”: their names are below."
    ]


def test_an_edition_without_such_marks_stays_as_it_was():
    nodes = compose_report(release(), content("In 900 [@record:a-2013]."), EDITION).document.nodes
    assert "Figures typed by hand" not in [getattr(node, "text", "") for node in nodes]


def test_sentences_of_the_specification_are_checked_too():
    spoiled = small_release('followed a death."', 'followed a death. Half did."')
    (fault,) = review_sentences(spoiled, ReportContent(default_plan())).faults
    assert (fault.slot, fault.chapter, fault.paragraph) == ("", "Specification, main points", 1)
    mended = small_release(
        'followed a death."', 'followed a death. None did. {check none: T1/excluded/n}"'
    )
    review = review_sentences(mended, ReportContent(default_plan()))
    assert [fault.problem for fault in review.faults] == ["“none” means 0: T1/excluded/n is 1"]
    points = [
        plain_text(point)
        for node in compose_report(mended, ReportContent(default_plan()), EDITION).document.nodes
        if isinstance(node, PointList)
        for point in node.points
    ]
    assert any(point.endswith("followed a death. None did.") for point in points)


def test_the_documentation_lists_every_quantity_word_with_its_meaning():
    file, _ = yaml_file.read_yaml(WORDS.read_text("utf-8"), WordFile, file=WORDS.name)
    page = (DOCS / "report.md").read_text("utf-8")
    rows = re.findall(r"^\| ([a-z][^|]*?) \| ([^|]*?) \|$", page.split("Quantity word")[1], re.M)
    expected = [(", ".join((row.word, *row.also)), row.means) for row in file.quantities]
    assert rows[: len(expected)] == expected


@pytest.mark.parametrize("word", sorted(vocabulary().quantities))
def test_every_quantity_word_has_a_meaning_that_can_be_checked(word):
    meaning = vocabulary().quantities[word]
    ways = [meaning.share, meaning.count, meaning.rank]
    assert sum(way is not None for way in ways) == 1


@given(HOSTILE)
def test_any_text_is_checked_without_an_error(text):
    reviewed(text)
    reviewed(f"Half of them. {text} {{check {text}}} {{exempt {text}}}")


@pytest.mark.parametrize(
    "piece", ["a. ", "1 ", "most ", "{T3/deaths/n} ", "{check most: T3/deaths/n} ", "Dr. ", ".."]
)
def test_a_text_of_the_greatest_length_is_checked_in_time(piece):
    """The longest that can be saved has 200,000 characters; ten times as long takes ten times."""
    begin = perf_counter()
    reviewed(piece * (100_000 // len(piece)))
    assert perf_counter() - begin < 30


@pytest.mark.parametrize("profile", ["open", "k3", "k5", "r5"])
def test_the_findings_of_charts_pass_the_check_of_numbers(profile):
    release = make_release(
        fixture_rows(), spec(), framework(), profile=profile, provenance=PROVENANCE
    )
    assert sum(bool(figure.claim) for figure in release.figures) >= 8
    assert list(finding_faults(release)) == []


def test_a_finding_that_the_table_does_not_support_is_found():
    release = small_release()
    false = "This is the largest group: {T2/2002/n} of 4 reviews. {check largest: T2/2002/n}"
    figures = tuple(replace(figure, claim=false) for figure in release.figures[:1])
    found = [fault.problem for fault in finding_faults(replace(release, figures=figures))]
    assert any("largest" in problem for problem in found)
    assert any("“4” is not linked" in problem for problem in found)
