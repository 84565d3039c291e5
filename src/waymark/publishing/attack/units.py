"""Children and reviews of one group: a review has at least one child, and has a most."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from waymark.publishing.attack.alike_records import AlikeRecords
from waymark.publishing.attack.facts import (
    REST,
    AttackedEdition,
    Condition,
    LabelledFact,
    PrintedCount,
)
from waymark.publishing.attack.single import SingleRecords, Terms

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBER = re.compile(
    rf"(\d\d?|none|{'|'.join(WORDS)})(?: to (\d\d?))?( or more|\+)?(?: child(?:ren)?)?"
)
Bands = dict[str, tuple[int, int | None]]


def tie_units(
    singles: SingleRecords, counts: Sequence[PrintedCount], editions: Sequence[AttackedEdition]
) -> None:
    """Children of a group are at least its reviews, none if it has none, and have a most.

    Of 12 children in 9 reviews one review has at most 12 - 8 = 4. If 2 reviews are fires, 2 to 8
    children are of fires; if no review is, none is.
    """
    facts = {fact for count in counts for fact, _ in count.conditions}
    sizes = next((fact for fact in facts if fact.unit == "review" and bands_of(fact)), None)
    for children in [alike for alike in singles.coarse if alike.unit == "child"]:
        most = _most_children(editions, children.editions)
        reviews = [
            alike
            for alike in singles.coarse
            if alike.unit == "review" and children.editions <= alike.editions
        ]
        # Children of a class of editions belong to one class of reviews, or nothing can be said of
        # them.
        if len(reviews) != 1:
            continue
        _tie_children(singles, children, reviews[0], (), (), sizes, most)
        for mine, theirs in _same_conditions(facts):
            _tie_children(singles, children, reviews[0], mine, theirs, sizes, most)


def bands_of(fact: LabelledFact) -> Bands:
    """The numbers of children that the values of a fact mean; empty if they mean none.

    "one", "2 to 4 children" and "5 or more" are 1 to 1, 2 to 4 and 5 without end.
    """
    bands: Bands = {REST: (0, None)}
    for value in fact.values:
        match = NUMBER.fullmatch(value)
        if value == REST:
            continue
        if match is None:
            return {}
        low = _number_of_word(match[1])
        bands[value] = low, None if match[3] else int(match[2] or low)
    return bands


def _number_of_word(word: str) -> int:
    if word.isdigit():
        return int(word)
    return 0 if word == "none" else WORDS.index(word)


def _same_conditions(
    facts: set[LabelledFact],
) -> Iterator[tuple[tuple[Condition], tuple[Condition]]]:
    """Values of children that are values of their reviews: facts that name the same ones.

    Unknown is a named value in columns and the remainder in rows.
    """
    reviews = {_known_values(fact): fact for fact in facts if fact.unit == "review"}
    for mine in facts:
        theirs = reviews.get(_known_values(mine)) if mine.unit == "child" else None
        if theirs is None:
            continue
        for value in _known_values(mine):
            yield ((mine, frozenset({value})),), ((theirs, frozenset({value})),)
        rest = (frozenset(fact.values) - _known_values(fact) for fact in (mine, theirs))
        yield ((mine, next(rest)),), ((theirs, next(rest)),)


def _known_values(fact: LabelledFact) -> frozenset[str]:
    return frozenset(
        value for value in fact.values if value != REST and not value.startswith("not ")
    )


def _most_children(editions: Sequence[AttackedEdition], at: frozenset[int]) -> int:
    """The most children that one review can have: every other review has one at least."""
    return min(
        editions[edition].sizes["child"] - editions[edition].sizes["review"] + 1
        for edition in at
        if editions[edition].sizes.keys() >= {"child", "review"}
    )


@dataclass(frozen=True, slots=True)
class _ReviewBand:
    """Reviews that have fewest to highest children each: unknowns to add up, and a number."""

    fewest: int
    highest: int
    reviews: tuple[Terms, int]


def _tie_children(
    singles: SingleRecords,
    children: AlikeRecords,
    reviews: AlikeRecords,
    mine: tuple[Condition, ...],
    theirs: tuple[Condition, ...],
    sizes: LabelledFact | None,
    most: int,
) -> None:
    """Children who meet conditions, between the fewest and the most that their reviews can have.

    Fires are 3 reviews of one child and x of "2 to 4": their children are at least 3 + 2x and at
    most 3 + 4x. So 9 children say that x is 2 or 3, although a table withholds it.

    mine, theirs: the conditions of the children and the same of the reviews. sizes: the fact that
    tells the reviews' numbers of children. most: the most that one review can have.
    """
    counted = singles.number_with(children, mine)
    if counted is None:
        return
    bands = _bands_of_reviews(singles, reviews, theirs, sizes, most)
    if bands is None:
        return
    # In the form "terms between low and high": children - 2x >= 3 and children - 4x <= 3, where 3
    # are the children of the reviews with one child, which are known.
    at_least: Terms = list(counted[0])
    at_most: Terms = list(counted[0])
    low, high = -counted[1], -counted[1]
    for band in bands:
        terms, number = band.reviews
        at_least += [(name, -factor * band.fewest) for name, factor in terms]
        at_most += [(name, -factor * band.highest) for name, factor in terms]
        low += band.fewest * number
        high += band.highest * number
    singles.add_equation(at_least, low, float("inf"))
    singles.add_equation(at_most, float("-inf"), high)


def _bands_of_reviews(
    singles: SingleRecords,
    reviews: AlikeRecords,
    theirs: tuple[Condition, ...],
    sizes: LabelledFact | None,
    most: int,
) -> list[_ReviewBand] | None:
    """The reviews by their numbers of children, or all as one band; None if they are not known."""
    bands = bands_of(sizes) if sizes else {}
    parts = [
        _ReviewBand(low, high or most, having)
        for band, (low, high) in bands.items()
        if sizes is not None
        and (having := singles.number_with(reviews, (*theirs, (sizes, frozenset({band})))))
    ]
    if parts and len(parts) == len(bands):
        return parts
    every = singles.number_with(reviews, theirs)
    return None if every is None else [_ReviewBand(*_ends_of_all(bands, most), every)]


def _ends_of_all(bands: Bands, most: int) -> tuple[int, int]:
    """The fewest and the most children of any review, whichever band it is in."""
    ends = [end for band, end in bands.items() if band != REST]
    fewest = 0 if any(low == 0 for low, _ in ends) else 1
    highs = [high for _, high in ends if high is not None]
    if not ends or len(highs) < len(ends):
        return fewest, most
    return fewest, max(highs) or most
