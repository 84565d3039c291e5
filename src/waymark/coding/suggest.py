"""Suggesters, and the one that looks for the framework's cues. Pure: passages in, suggestions out.

Four rules limit false suggestions. Negation: "no evidence of", "never" or "denied" before a cue in
the same clause cancels it. Section: contents, terms of reference, glossaries and references say
nothing about the case, and recommendations are not findings. Location: reports describe what
happened to the child at their beginning, not wherever "suicide" occurs. Nation: words of the law of
another nation suggest nothing.
"""

# Example: in "There was no evidence of neglect, but the home was dirty" a cue "neglect" is
# cancelled and a cue "dirty" is not: "but" begins another clause.

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from waymark.core.spans import Span
from waymark.core.text import sentences
from waymark.frameworks.schema import FrameworkFile, cue_pattern
from waymark.frameworks.variables import nation_id

SUGGESTER = "cues 1"

_NEGATION = re.compile(
    r"\b(?:no|not|never|nor|neither|without|denied|denies|nobody|none|nothing|ruled out|absence of)"
    r"\b|n't\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;:.()]|\b(?:but|although|however|though|whereas|yet)\b", re.IGNORECASE)
# Characters before a cue in which a negation counts: "no evidence at any time of ..." needs 40.
_REACH = 60
_SAYS_NOTHING = re.compile(
    r"\b(?:contents|terms of reference|glossary|abbreviations|references|bibliography|members)\b",
    re.IGNORECASE,
)
_RECOMMENDS = re.compile(r"\brecommend|\baction plan\b", re.IGNORECASE)
# The share of a report in which it describes what happened.
OPENING_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class PassageText:
    """Input of the suggester: a passage. start: code point in the report's text."""

    start: int
    text: str
    heading: str


@dataclass(frozen=True, slots=True)
class SuggestedCode:
    """A suggestion: the words, the code and what led to it. score: its probability, if known."""

    span: Span
    exact: str
    code: str
    cue: str
    score: float | None = None


class Suggester(Protocol):
    """A program that proposes codes: a coder of its own kind, never counted.

    name: with its version, as it is stored with each suggestion. dropped: number of proposals that
    it refused itself so far, because their quote is not in the text.
    """

    name: str
    dropped: int

    def suggest(self, passages: Sequence[PassageText], nation: str = "") -> list[SuggestedCode]:
        """Suggestions for one report, in reading order. nation: of the review, as "Wales"."""


class CueSuggester:
    """Suggests the codes of a framework whose cues occur."""

    name = SUGGESTER
    dropped = 0

    def __init__(self, framework: FrameworkFile) -> None:
        self._framework = framework

    def suggest(self, passages: Sequence[PassageText], nation: str = "") -> list[SuggestedCode]:
        """As suggestions_for()."""
        return suggestions_for(passages, self._framework, nation)


def is_negated(sentence: str, at: int) -> bool:
    """True if a negation precedes the cue at code point `at`, within the same clause."""
    before = sentence[max(0, at - _REACH) : at]
    return _NEGATION.search(_CLAUSE.split(before)[-1]) is not None


def suggestions_for(
    passages: Sequence[PassageText], framework: FrameworkFile, nation: str = ""
) -> list[SuggestedCode]:
    """Suggestions for one report, in reading order: at most one per sentence and code.

    nation: of the review, as "Wales"; words of the law of another nation suggest nothing.
    """
    of_nation = nation_id(nation)
    sections = {section.id: section.look_in for section in framework.sections}
    codes = [
        (code.id, sections[code.section], [cue_pattern(cue) for cue in cues])
        for code in framework.codes
        if (cues := code.cues_in(of_nation))
    ]
    length = max((passage.start + len(passage.text) for passage in passages), default=0)
    suggestions = []
    for passage in passages:
        places = _places_of(passage, length)
        applicable = [(code, cues) for code, place, cues in codes if place in places]
        suggestions += _suggestions_in(passage, applicable)
    return suggestions


def _places_of(passage: PassageText, length: int) -> set[str]:
    """The values of CodeSection.look_in that a passage matches, in a text of this length."""
    if _SAYS_NOTHING.search(passage.heading):
        return set()
    places = {"anywhere"}
    if not _RECOMMENDS.search(passage.heading):
        places.add("findings")
    if passage.start < length * OPENING_SHARE:
        places.add("opening")
    return places


def _suggestions_in(
    passage: PassageText, codes: Sequence[tuple[str, list[re.Pattern[str]]]]
) -> list[SuggestedCode]:
    suggestions = []
    for place in sentences(passage.text):
        sentence = place.of(passage.text)
        for code, cues in codes:
            hit = next(
                (
                    match
                    for cue in cues
                    for match in cue.finditer(sentence)
                    if not is_negated(sentence, match.start())
                ),
                None,
            )
            if hit is not None:
                span = Span(passage.start + place.start, passage.start + place.end)
                suggestions.append(SuggestedCode(span, sentence, code, hit.group()[:200]))
    return suggestions
