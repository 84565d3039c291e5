"""Find what looks like a recommendation in a report, for a person to confirm (no Django).

A paragraph or list item under a heading about recommendations that begins with a number: "6.1
Recommendation 1: All staff ...", "Recommendation 2 (health): ...", "R3. ...", "4) ...", "5.4 ...".
The words proposed are those after the number.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from waymark.core.spans import Span

HEADING = re.compile(
    r"\brecommend(?:s|ed|ations?)?\b|\bproposals?\b|\bwhat should change\b|\bactions? needed\b",
    re.IGNORECASE,
)
FINDINGS = re.compile(
    r"\bfindings?\b|\banalys[ie]s\b|\blearning\b|\blessons?\b|\bwhat (?:we|the review) found\b",
    re.IGNORECASE,
)
"""Headings under which a report has what its recommendations answer."""
IN_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERED = (
    # A number of the paragraph may come first: "6.1 Recommendation 1 (health): ...", "7.3 R3: ...".
    re.compile(
        r"(?:\d{1,3}(?:\.\d{1,3})*[.)]?\s+)?(?:Recommendation|Rec\.?|R)\s?(?:\d{1,3}\.)?"
        rf"(?P<number>\d{{1,3}}|{'|'.join(IN_WORDS)})\b\s*(?:\([^)]{{1,80}}\))?"
        r"(?:\s*[:.)\u2013\u2014-]\s*|\s+)",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<number>\d{1,3})[.)]\s+"),
    re.compile(r"\d{1,3}(?:\.\d{1,3})*\.(?P<number>\d{1,3})[.)]?\s+"),
)
LEAST_WORDS = 4
"""Words of a recommendation: a shorter line is an entry of a list of contents or a heading."""


@dataclass(frozen=True, slots=True)
class ReportPassage:
    """A passage of a report. start: of its text in the report; heading: the path above it."""

    start: int
    text: str
    page: int
    heading: str


@dataclass(frozen=True, slots=True)
class ProposedRecommendation:
    """Words that look like a recommendation, with their place in the report."""

    number: int
    span: Span
    page: int
    text: str


def propose_recommendations(passages: Iterable[ReportPassage]) -> list[ProposedRecommendation]:
    """The recommendations of a report as far as they are numbered, by number, each number once."""
    proposed: dict[int, ProposedRecommendation] = {}
    for passage in passages:
        if not HEADING.search(passage.heading):
            continue
        match = next(filter(None, (pattern.match(passage.text) for pattern in NUMBERED)), None)
        if match is None:
            continue
        words = passage.text[match.end() :].rstrip()
        number = _number(match["number"])
        if number and len(words.split()) >= LEAST_WORDS:
            start = passage.start + match.end()
            span = Span(start, start + len(words))
            row = ProposedRecommendation(number, span, passage.page, words)
            proposed.setdefault(number, row)
    return [proposed[number] for number in sorted(proposed)]


def _number(text: str) -> int:
    """A number in figures or words."""
    return int(text) if text.isdecimal() else IN_WORDS.index(text.lower()) + 1
