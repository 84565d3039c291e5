"""Suggestions from the framework's cues. Pure: passages and a framework in, suggestions out.

Three rules keep the plain word search honest. Negation: "no evidence of", "never", "denied" and the
like before a cue in the same clause silence it. Section: lists of contents, terms of reference,
glossaries and references say nothing about the case, and recommendations find nothing. Location:
what happened to the child is told where a report opens, not wherever "suicide" occurs.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from waymark.core.spans import Span
from waymark.core.text import sentences
from waymark.frameworks.schema import FrameworkFile, cue_pattern

SUGGESTER = "cues 1"

_NEGATION = re.compile(
    r"\b(?:no|not|never|nor|neither|without|denied|denies|nobody|none|nothing|ruled out|absence of)"
    r"\b|n't\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;:.()]|\b(?:but|although|however|though|whereas|yet)\b", re.IGNORECASE)
# How far before a cue a negation still reaches: "no evidence at any time of ..." is about 40.
_REACH = 60
_SAYS_NOTHING = re.compile(
    r"\b(?:contents|terms of reference|glossary|abbreviations|references|bibliography|members)\b",
    re.IGNORECASE,
)
_RECOMMENDS = re.compile(r"\brecommend|\baction plan\b", re.IGNORECASE)
# The part of a report in which it tells what happened.
OPENING_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class PassageText:
    """A passage as the suggester needs it; start: code point in the report's text."""

    start: int
    text: str
    heading: str


@dataclass(frozen=True, slots=True)
class Found:
    """A suggestion: the sentence, the code and the words that led to it."""

    span: Span
    exact: str
    code: str
    cue: str


def negated(sentence: str, at: int) -> bool:
    """Whether a negation stands before the cue at code point `at`, within the same clause."""
    before = sentence[max(0, at - _REACH) : at]
    return _NEGATION.search(_CLAUSE.split(before)[-1]) is not None


def suggest(passages: Sequence[PassageText], framework: FrameworkFile) -> list[Found]:
    """The suggestions for one report, in reading order: at most one per sentence and code."""
    sections = {section.id: section.look_in for section in framework.sections}
    codes = [
        (code.id, sections[code.section], [cue_pattern(cue) for cue in code.cues])
        for code in framework.codes
        if code.cues
    ]
    length = max((passage.start + len(passage.text) for passage in passages), default=0)
    found = []
    for passage in passages:
        if _SAYS_NOTHING.search(passage.heading):
            continue
        places = {"anywhere"}
        if not _RECOMMENDS.search(passage.heading):
            places.add("findings")
        if passage.start < length * OPENING_SHARE:
            places.add("opening")
        wanted = [(code, cues) for code, place, cues in codes if place in places]
        found += _in_passage(passage, wanted)
    return found


def _in_passage(
    passage: PassageText, codes: Iterable[tuple[str, list[re.Pattern[str]]]]
) -> list[Found]:
    found = []
    listed = list(codes)
    for place in sentences(passage.text):
        sentence = place.of(passage.text)
        for code, cues in listed:
            hit = next(
                (
                    match
                    for cue in cues
                    for match in cue.finditer(sentence)
                    if not negated(sentence, match.start())
                ),
                None,
            )
            if hit is not None:
                span = Span(passage.start + place.start, passage.start + place.end)
                found.append(Found(span, sentence, code, hit.group()[:200]))
    return found
