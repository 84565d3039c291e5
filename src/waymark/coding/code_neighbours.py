"""Codes that occur together: which codings are in the same place, and what an expression selects.

"Together" is a choice: in the same words, within some words or paragraphs, in the same section,
report or review. Pure.
"""

# Example: "a" is at words 0 to 3 of a report, "b" at words 8 to 9. Between them are words 4 to 7:
# within 4 words they are together, within 3 they are not; they do not overlap.

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from waymark.coding.code_expression import CodeExpression, star_count, wanted_terms
from waymark.core.errors import RuleError

Within = Literal["overlap", "words", "paragraphs", "section", "report", "review"]
MOST_COMPARISONS = 20_000_000
"""Of codings with the codes of their report, section or review: these take a few seconds."""


@dataclass(frozen=True, slots=True)
class QueriedCoding:
    """A coding as it is compared. start, end: code points. words, paragraphs: numbers of the first
    and of the last one that it touches. section: heading path."""

    number: int
    review: str
    report: str
    code: str
    start: int
    end: int
    words: tuple[int, int]
    paragraphs: tuple[int, int]
    section: str


def check_comparable(
    codings: Sequence[QueriedCoding],
    expression: CodeExpression | None,
    within: Within,
    *,
    most: int = MOST_COMPARISONS,
) -> None:
    """Raise RuleError for codings whose comparison would take too long. most: comparisons."""
    each = 1 + (star_count(expression) if expression is not None else 0)
    groups = _groups(codings, within).values()
    number = sum(len(group) * len({codings[place].code for place in group}) for group in groups)
    if number * each > most:
        raise RuleError(
            "these are too many codings of too many codes to compare: choose single reviews, or"
            " fewer codes with a star"
        )


def select_codings(
    expression: CodeExpression, codings: Sequence[QueriedCoding], within: Within, distance: int
) -> list[QueriedCoding]:
    """The codings of wanted codes around which the expression is true, in their order."""
    terms = wanted_terms(expression)
    selected = {
        code
        for code in {coding.code for coding in codings}
        if any(term.matches(code) for term in terms)
    }
    places = [
        place
        for place, around in _codes_around(codings, within, distance)
        if codings[place].code in selected and expression.holds(around)
    ]
    return [codings[place] for place in sorted(places)]


def _codes_around(
    codings: Sequence[QueriedCoding], within: Within, distance: int
) -> Iterator[tuple[int, Set[str]]]:
    """The place of each coding, in any order, with the codes of all that are together with it."""
    for places in _groups(codings, within).values():
        if within in {"section", "report", "review"}:
            codes = {codings[place].code for place in places}
            yield from ((place, codes) for place in places)
        else:
            yield from _codes_near(codings, places, within, distance)


def _groups(codings: Sequence[QueriedCoding], within: Within) -> dict[object, list[int]]:
    """The places of the codings of each review, section or report."""
    groups: dict[object, list[int]] = defaultdict(list)
    for place, coding in enumerate(codings):
        groups[_group(coding, within)].append(place)
    return groups


def _group(coding: QueriedCoding, within: Within) -> object:
    if within == "review":
        return coding.review
    return (coding.report, coding.section) if within == "section" else coding.report


def _codes_near(
    codings: Sequence[QueriedCoding], places: Sequence[int], within: Within, distance: int
) -> Iterator[tuple[int, Set[str]]]:
    """As _codes_around, of the codings of one report."""
    # In order of their ends, each coding asks for all that start before its end. Of these it is
    # enough to know, for each code, where the last ends: whether that is after its own start.
    extents = {place: _extent(codings[place], within) for place in places}
    reach = {"words": distance + 1, "paragraphs": distance}.get(within, 0)
    by_start = sorted(places, key=lambda place: extents[place][0])
    last_end: dict[str, int] = {}
    begun = 0
    for place in sorted(places, key=lambda place: extents[place][1]):
        start, end = extents[place]
        while begun < len(by_start) and extents[by_start[begun]][0] <= end + reach:
            other = by_start[begun]
            code = codings[other].code
            last_end[code] = max(extents[other][1], last_end.get(code, 0))
            begun += 1
        yield place, {code for code, last in last_end.items() if last >= start - reach}


def _extent(coding: QueriedCoding, within: Within) -> tuple[int, int]:
    """Numbers of the first and of the last character, word or paragraph of a coding."""
    if within == "words":
        return coding.words
    return coding.paragraphs if within == "paragraphs" else (coding.start, coding.end - 1)


@dataclass(frozen=True, slots=True)
class PairCount:
    """Two codes together: in how many reviews, and at how many codings of the first."""

    reviews: int
    codings: int


def code_pairs(
    codings: Sequence[QueriedCoding], within: Within, distance: int
) -> dict[tuple[str, str], PairCount]:
    """(code, other code) -> where they are together; each code with itself: where it occurs."""
    numbers: dict[str, Counter[str]] = defaultdict(Counter)
    in_review: dict[tuple[str, str], set[str]] = defaultdict(set)
    for place, around in _codes_around(codings, within, distance):
        coding = codings[place]
        numbers[coding.code].update(around)
        in_review[coding.code, coding.review] |= around
    reviews: dict[str, Counter[str]] = defaultdict(Counter)
    for (code, _), others in in_review.items():
        reviews[code].update(others)
    return {
        (code, other): PairCount(reviews[code][other], number)
        for code, others in numbers.items()
        for other, number in others.items()
    }
