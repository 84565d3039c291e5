"""How many planted identifiers the anonymity check finds: by type, by origin and frame of a name.

The goals are those of docs/anonymity.md; the tables are printed at the end of a run of the tests.
"""

import re

import pytest

from tests.documents.anonymity_challenge import (
    CLEAN,
    FRAMES,
    LATER_CLEAN,
    LATER_FRAMES,
    LATER_NAMES,
    NAMES,
    Planted,
    false_alarms,
    is_found,
    planted_names,
    planted_numbers,
    recall_by,
)
from waymark.demo.sources import read_source, sources_folder
from waymark.documents.anonymity.identifiers import KINDS, PERSON
from waymark.documents.anonymity.search import find_identifiers

LEAST_NAMES = 0.95
LEAST_STRUCTURED = 0.99
MOST_FALSE_ALARMS = 5
"""Per 1,000 words."""


@pytest.fixture
def print_rows(record_property):
    """Add rows to the table that tests/conftest.py prints at the end of the run."""
    return lambda rows: record_property(
        "anonymity", [f"{name:<34} {value}" for name, value in rows]
    )


def shares(recall):
    return [(name, f"{share:6.1%}") for name, share in sorted(recall.items())]


def missed(results: list[tuple[Planted, bool]]) -> list[str]:
    return [
        f"{item.frame}: {item.text[item.start : item.end]}" for item, found in results if not found
    ]


@pytest.mark.parametrize("origin", NAMES)
def test_of_the_names_of_every_origin_95_in_100_are_found(origin, print_rows):
    planted = [
        item
        for frames, names in ((FRAMES, NAMES), (LATER_FRAMES, LATER_NAMES), (LATER_FRAMES, NAMES))
        for item in planted_names(frames, {origin: names[origin]})
    ]
    results = [(item, is_found(item)) for item in planted]
    recall = recall_by(results, "group")[origin]
    print_rows([(f"names, {origin} ({len(results)})", f"{recall:6.1%}")])
    assert recall >= LEAST_NAMES, missed(results)


@pytest.mark.parametrize(
    ("frames", "names"),
    [
        pytest.param(FRAMES, NAMES, id="frames written before the rules"),
        pytest.param(LATER_FRAMES, LATER_NAMES, id="frames and names written after the rules"),
    ],
)
def test_of_the_names_in_every_frame_95_in_100_are_found(frames, names, print_rows):
    results = [(item, is_found(item)) for item in planted_names(frames, names)]
    by_frame = recall_by(results, "frame")
    print_rows([(f"frame, {name}", share) for name, share in shares(by_frame)])
    assert min(by_frame.values()) >= LEAST_NAMES, missed(results)


def test_of_the_other_types_99_in_100_are_found_of_500_planted(print_rows):
    results = [(item, is_found(item)) for item in planted_numbers()]
    by_type = recall_by(results, "group")
    print_rows(shares(by_type))
    assert len(results) >= 500
    assert {*by_type, PERSON} == set(KINDS)
    assert min(by_type.values()) >= LEAST_STRUCTURED, missed(results)


@pytest.mark.parametrize("sentences", [CLEAN, LATER_CLEAN], ids=["first", "later"])
def test_clean_sentences_have_at_most_5_false_alarms_in_1000_words(sentences, print_rows):
    alarms, words = false_alarms(sentences)
    print_rows([(f"false alarms in {words} clean words", f"{1000 * alarms / words:.1f} per 1,000")])
    assert 1000 * alarms / words <= MOST_FALSE_ALARMS


def test_the_reports_of_the_demo_have_at_most_5_false_alarms_in_1000_words(print_rows):
    alarms = words = 0
    for file in sorted((sources_folder() / "reports").glob("*.md")):
        text = "\n".join(block.text for block in read_source(file).blocks)
        alarms += len(find_identifiers(text))
        words += len(re.findall(r"\S+", text))
    print_rows([("false alarms in the demo", f"{1000 * alarms / words:.1f} per 1,000")])
    assert words > 30_000
    assert 1000 * alarms / words <= MOST_FALSE_ALARMS
