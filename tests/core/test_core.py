"""Spans, anchors, percentages, sentences, wording, the settling rule and YAML files."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from waymark.core import yaml_file
from waymark.core.errors import RuleError, SpecError
from waymark.core.evidence import (
    places_by_owner,
    quotes_at,
    reading_of_key,
    report_of_key,
    text_key,
    text_of_key,
)
from waymark.core.settle import AdjudicatorDecision, SettledValue, settle_values
from waymark.core.spans import Span, anchor_at, merged_spans
from waymark.core.tables import Cell, percent_cell, whole_percent
from waymark.core.text import sentences
from waymark.core.wording import as_sentence, date_in_words, list_in_words

BUILTIN = Path(yaml_file.__file__).resolve().parents[1]
"""Folder of the source: the YAML files that come with it lie beside the modules that read them."""


@pytest.mark.parametrize(
    ("part", "base", "percent"),
    [(5, 8, 63), (1, 8, 13), (4, 24, 17), (18, 24, 75), (0, 24, 0), (24, 24, 100), (1, 200, 1)],
)
def test_percentages_are_whole_and_halves_go_up(part, base, percent):
    assert whole_percent(part, base) == percent


def test_no_percentage_is_given_on_a_base_under_twenty():
    assert percent_cell(Cell(4, 19), 19).shown == "[x]"
    assert percent_cell(Cell(4, 20), 20).shown == "20"


def test_a_share_that_rounds_to_nothing_is_low_and_not_zero():
    assert percent_cell(Cell(1, 300), 300).shown == "[low]"
    assert percent_cell(Cell(0, 300), 300).shown == "0"


@pytest.mark.parametrize(("start", "end"), [(3, 3), (4, 3), (-1, 2)])
def test_a_span_is_never_empty_backwards_or_before_the_text(start, end):
    with pytest.raises(RuleError):
        Span(start, end)


def test_spans_that_overlap_are_merged_and_those_that_touch_are_not():
    spans = [Span(8, 12), Span(0, 5), Span(3, 6), Span(6, 8), Span(9, 10)]
    assert merged_spans(spans) == [Span(0, 6), Span(6, 8), Span(8, 12)]


@given(st.text(min_size=1), st.data())
def test_an_anchor_holds_the_exact_words_and_what_stands_around_them(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    anchor = anchor_at(text, Span(start, end), page=1)
    assert text[anchor.start : anchor.end] == anchor.exact
    assert (anchor.prefix + anchor.exact + anchor.suffix) in text


@pytest.mark.parametrize(("around", "kept"), [(31, 31), (32, 32), (33, 32), (100, 32)])
def test_an_anchor_keeps_at_most_32_characters_on_either_side(around, kept):
    text = "a" * around + "WORD" + "b" * around
    anchor = anchor_at(text, Span(around, around + 4), page=1)
    assert (anchor.prefix, anchor.exact, anchor.suffix) == ("a" * kept, "WORD", "b" * kept)


def said(text):
    return [span.of(text) for span in sentences(text)]


def test_sentences_end_at_full_stops_but_not_at_short_forms_or_paragraph_numbers():
    assert said("4.2 Dr. A. Smyth wrote twice. No one replied! Why? See para. 6.") == [
        "4.2 Dr. A. Smyth wrote twice.",
        "No one replied!",
        "Why?",
        "See para. 6.",
    ]
    assert said("12. The visit was late.") == ["12. The visit was late."]


@given(st.text())
def test_sentences_slice_the_text_in_order_and_miss_no_word(text):
    spans = sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert "".join("".join(span.of(text).split()) for span in spans) == "".join(text.split())


def test_a_sole_coders_values_stand():
    assert settle_values([{"a": "present"}], {}, silent="absent") == [
        SettledValue("a", "present", "sole")
    ]


def test_where_coders_differ_the_adjudicators_decision_stands_with_its_reason():
    work = [{"a": "present", "b": "present"}, {"b": "present"}]
    decided = {"a": AdjudicatorDecision("absent", "one mention in passing")}
    assert settle_values(work, decided, silent="absent") == [
        SettledValue("a", "absent", "adjudicated", "one mention in passing"),
        SettledValue("b", "present", "both"),
    ]


@pytest.mark.parametrize(
    ("work", "decisions", "says"),
    [
        ([], {}, "no coder has finished"),
        ([{"a": "x"}, {"a": "y"}], {}, "a needs a decision"),
        ([{"a": "x"}], {"a": AdjudicatorDecision("y", "why")}, "a needs no decision"),
        (
            [{"a": "x"}],
            {"b": AdjudicatorDecision("y", "why")},
            "b has a decision, but nobody coded it",
        ),
        ([{"a": "x"}, {}], {}, "a was not coded by every coder"),
    ],
)
def test_nothing_is_settled_while_something_is_open_and_it_is_named(work, decisions, says):
    with pytest.raises(RuleError, match=says):
        settle_values(work, decisions, silent=None)


class Small(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    sizes: list[int]


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("name: a\nsizes: [1]\nname: b\n", "line 3: name appears twice"),
        ("name: a\nsizes:\n- 1\n- big\n", "line 4: sizes: must be a whole number"),
        ("name: a\nsizes: []\ncolour: red\n", "line 3: colour: is not a known name"),
        ("name: a\n", "line 1: sizes: is missing"),
        ("name: [a\n", "line 2: not YAML"),
        ("- a\n", "line 1: must be a mapping"),
        ('name: a\nsizes: [1]\n"co\\0lour": red\n', "line 3: a character that is not allowed"),
        ('sizes: [1]\nname: "a\\0b"\n', "line 2: a character that is not allowed in text"),
        ('sizes: [1]\nname: "\\uD800"\n', "line 2: a character that is not allowed in text"),
        ("name: !!python/object:os.system a\nsizes: []\n", "not YAML"),
        ("name: a\nsizes: @x\n", "line 2: not YAML: found character '@' that cannot start"),
        ("[" * 100_000, "values are nested too deeply"),
    ],
)
def test_every_fault_of_a_yaml_file_is_told_with_its_line(source, fault):
    with pytest.raises(SpecError) as told:
        yaml_file.read_yaml(source, Small, file="small.yaml")
    assert fault in str(told.value)


@pytest.mark.parametrize("file", sorted(BUILTIN.rglob("*.yaml")), ids=lambda file: file.name)
def test_a_file_is_read_with_the_values_and_lines_of_pyyaml_in_python(file, monkeypatch):
    source = file.read_text("utf-8")
    quick = yaml_file.load_yaml(source, file=file.name)
    monkeypatch.setattr(yaml_file, "_QuickLoader", yaml.SafeLoader)
    assert yaml_file.load_yaml(source, file=file.name) == quick


def test_an_alias_bomb_is_refused_quickly():
    source = "a: &a [x,x,x,x,x,x,x,x,x]\n"
    for one, two in zip("abcdefg", "bcdefgh", strict=True):
        source += f"{two}: &{two} [" + ",".join([f"*{one}"] * 9) + "]\n"
    with pytest.raises(SpecError, match="too many values"):
        yaml_file.load_yaml(source, file="bomb.yaml")


def test_dates_lists_and_messages_are_written_as_people_write_them():
    assert date_in_words(date(2026, 5, 4)) == "4 May 2026"
    lists = ([], ["a"], ["a", "b"], ("a", "b", "c"))
    assert list(map(list_in_words, lists)) == ["", "a", "a and b", "a, b and c"]
    assert [as_sentence(RuleError("no text.")), as_sentence("é"), as_sentence("")] == [
        "No text.",
        "É.",
        ".",
    ]


# ---- keys of texts ----


def test_the_first_text_has_the_key_of_its_report_and_a_later_one_adds_its_number():
    assert text_key("3f9c01ab2d44", 1) == "3f9c01ab2d44"
    assert text_key("3f9c01ab2d44", 12) == "3f9c01ab2d44r12"


@pytest.mark.parametrize(
    ("key", "text", "report", "reading"),
    [
        ("3f9c01ab2d44-0-5", "3f9c01ab2d44", "3f9c01ab2d44", 1),
        ("3f9c01ab2d44r12-0-5", "3f9c01ab2d44r12", "3f9c01ab2d44", 12),
        ("3f9c01ab2d44r2", "3f9c01ab2d44r2", "3f9c01ab2d44", 2),
    ],
)
def test_a_citation_key_names_its_text_report_and_reading(key, text, report, reading):
    assert (text_of_key(key), report_of_key(key), reading_of_key(key)) == (text, report, reading)


def test_equal_positions_in_two_readings_are_two_quotations():
    rows = [(1, 7, 1, 0, 5, 1, "first"), (1, 7, 2, 0, 5, 1, "other")]
    (places,) = places_by_owner(rows, {7: "3f9c01ab2d44"}).values()
    quotes = quotes_at(places)
    assert [quote.key for quote in quotes] == ["3f9c01ab2d44-0-5", "3f9c01ab2d44r2-0-5"]
    assert {quote.report for quote in quotes} == {"3f9c01ab2d44"}
