"""Codes that occur together: which codings are in the same place, and what an expression selects.

"Together" is a choice: in the same words, within some words or paragraphs, in the same section,
report or review. Pure.
"""

# Example: "a" is at words 0 to 3 of a report, "b" at words 8 to 9. Between them are words 4 to 7:
# within 4 words they are together, within 3 they are not; they do not overlap.

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from waymark.coding.code_expression import CodeExpression, wanted_terms

Within = Literal["overlap", "words", "paragraphs", "section", "report", "review"]


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


def select_codings(
    expression: CodeExpression, codings: Sequence[QueriedCoding], within: Within, distance: int
) -> list[QueriedCoding]:
    """The codings of wanted codes around which the expression is true, in their order."""
    terms = wanted_terms(expression)
    return [
        coding
        for coding, around in with_neighbours(codings, within, distance)
        if any(term.matches(coding.code) for term in terms)
        and expression.holds({row.code for row in around})
    ]


def with_neighbours(
    codings: Sequence[QueriedCoding], within: Within, distance: int
) -> Iterator[tuple[QueriedCoding, list[QueriedCoding]]]:
    """Each coding with all that are together with it, itself included."""
    groups: dict[object, list[QueriedCoding]] = defaultdict(list)
    for coding in codings:
        groups[_group(coding, within)].append(coding)
    near = _nearness(within, distance)
    for coding in codings:
        group = groups[_group(coding, within)]
        yield coding, group if near is None else [row for row in group if near(coding, row)]


def _group(coding: QueriedCoding, within: Within) -> object:
    if within == "review":
        return coding.review
    return (coding.report, coding.section) if within == "section" else coding.report


def _nearness(
    within: Within, distance: int
) -> Callable[[QueriedCoding, QueriedCoding], bool] | None:
    """Condition on two codings of one report; None if being in one group is enough."""
    if within == "overlap":
        return lambda one, other: one.start < other.end and other.start < one.end
    if within == "words":
        return lambda one, other: _between(one.words, other.words) <= distance
    if within == "paragraphs":
        return lambda one, other: _steps(one.paragraphs, other.paragraphs) <= distance
    return None


def _between(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Number of words between two stretches; 0 if they touch or share words."""
    return max(0, _steps(one, other) - 1)


def _steps(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(0, other[0] - one[1], one[0] - other[1])


@dataclass(frozen=True, slots=True)
class PairCount:
    """Two codes together: in how many reviews, and at how many codings of the first."""

    reviews: int
    codings: int


def code_pairs(
    codings: Sequence[QueriedCoding], within: Within, distance: int
) -> dict[tuple[str, str], PairCount]:
    """(code, other code) -> where they are together; each code with itself: where it occurs."""
    reviews: dict[tuple[str, str], set[str]] = defaultdict(set)
    numbers: dict[tuple[str, str], int] = defaultdict(int)
    for coding, around in with_neighbours(codings, within, distance):
        for other in _codes(around) | {coding.code}:
            reviews[coding.code, other].add(coding.review)
            numbers[coding.code, other] += 1
    return {pair: PairCount(len(reviews[pair]), numbers[pair]) for pair in numbers}


def _codes(codings: Iterable[QueriedCoding]) -> set[str]:
    return {coding.code for coding in codings}
