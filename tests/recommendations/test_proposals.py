"""Recommendations proposed from numbered lists under a heading about recommendations."""

import pytest

from tests.recommendations.test_recommendations import begin, core, record  # noqa: F401
from waymark.core.spans import Span
from waymark.core.yaml_file import load_yaml
from waymark.demo.sources import read_collection, read_source, sources_folder
from waymark.recommendations.proposals import ReportPassage, propose_recommendations

HEADING = "Part 6: Recommendations"
WORDS = "All staff should be trained."


def proposed(text, heading=HEADING):
    rows = propose_recommendations([ReportPassage(100, text, 7, heading)])
    return [(row.number, row.text, row.page) for row in rows]


@pytest.mark.parametrize(
    ("start", "number"),
    [
        ("6.1 Recommendation 1: ", 1),
        ("Recommendation 2 (health): ", 2),
        ("RECOMMENDATION 12 - ", 12),
        ("R3. ", 3),
        ("4) ", 4),
        ("5. ", 5),
        ("5.6 ", 6),
    ],
)
def test_the_words_after_the_number_are_proposed(start, number):
    assert proposed(start + WORDS) == [(number, WORDS, 7)]


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        (f"1. {WORDS}", "Findings"),
        (WORDS, HEADING),
        ("1. Training", HEADING),
        (f"2009 {WORDS}", HEADING),
    ],
)
def test_what_has_no_number_or_no_such_heading_is_not_proposed(text, heading):
    assert proposed(text, heading) == []


def test_the_place_is_that_of_the_words_and_a_number_comes_once():
    (row,) = propose_recommendations(
        [
            ReportPassage(100, f"1. {WORDS} ", 7, HEADING),
            ReportPassage(200, f"1. {WORDS}", 8, HEADING),
        ]
    )
    assert row.span == Span(103, 103 + len(WORDS))


def test_in_the_demo_it_proposes_what_the_coders_recorded():
    """96 of 96 recommendations, in their words, and nothing else."""
    place = sources_folder()
    missed, wrong, found = [], [], 0
    for listed in read_collection(place).reports:
        heading, passages = "", []
        for block in read_source(place / "reports" / f"{listed.review}.md").blocks:
            if block.kind == "heading":
                heading = block.text
            else:
                passages.append(ReportPassage(0, block.text, 1, heading))
        rows = {(row.number, row.text) for row in propose_recommendations(passages)}
        (file, *_) = sorted((place / "codings").glob(f"{listed.review}.coder.*.yaml"))
        coded, _ = load_yaml(file.read_text("utf-8"), file=file.name)
        recorded = {(row["number"], row["quote"]) for row in coded["recommendations"]}
        missed += [(listed.review, row) for row in recorded - rows]
        wrong += [(listed.review, row) for row in rows - recorded]
        found += len(rows & recorded)
    assert (missed, wrong, found) == ([], [], 96)
