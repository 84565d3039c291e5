"""Children and reviews of one group: a review has at least one child, and so many at most."""

import re
from collections.abc import Iterator, Mapping, Sequence

from waymark.publishing.attack.facts import REST, Condition, Count, Edition, Fact
from waymark.publishing.attack.single import Class, Singles, Terms

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBER = re.compile(
    rf"(\d\d?|none|{'|'.join(WORDS)})(?: to (\d\d?))?( or more|\+)?(?: child(?:ren)?)?"
)
Bands = dict[str, tuple[int, int | None]]


def tie_units(made: Singles, counts: Sequence[Count], editions: Sequence[Edition]) -> None:
    """Children of a group are at least its reviews, none where it has none, and so many at most."""
    facts = {fact for count in counts for fact, _ in count.conditions}
    sizes = next((fact for fact in facts if fact.unit == "review" and bands_of(fact)), None)
    for children in [one for one in made.coarse if one.unit == "child"]:
        most = _most(editions, children.editions)
        reviews = [
            one for one in made.coarse if one.unit == "review" and children.editions <= one.editions
        ]
        if len(reviews) != 1:
            continue
        _tie(made, children, reviews[0], (), (), sizes, most)
        for mine, theirs in _alike(facts):
            _tie(made, children, reviews[0], mine, theirs, sizes, most)


def bands_of(fact: Fact) -> Bands:
    """The numbers of children that the values of a fact stand for; empty where they are not."""
    made: Bands = {REST: (0, None)}
    for value in fact.values:
        match = NUMBER.fullmatch(value)
        if value == REST:
            continue
        if match is None:
            return {}
        low = _number(match[1])
        made[value] = low, None if match[3] else int(match[2] or low)
    return made


def _number(word: str) -> int:
    if word.isdigit():
        return int(word)
    return 0 if word == "none" else WORDS.index(word)


def _alike(facts: set[Fact]) -> Iterator[tuple[tuple[Condition], tuple[Condition]]]:
    """Values of children that are values of their reviews: facts that name the same ones.

    What stands for unknown is a value with a name in columns and what is left in rows.
    """
    reviews = {_known(fact): fact for fact in facts if fact.unit == "review"}
    for mine in facts:
        theirs = reviews.get(_known(mine)) if mine.unit == "child" else None
        if theirs is None:
            continue
        for value in _known(mine):
            yield ((mine, frozenset({value})),), ((theirs, frozenset({value})),)
        rest = (frozenset(fact.values) - _known(fact) for fact in (mine, theirs))
        yield ((mine, next(rest)),), ((theirs, next(rest)),)


def _known(fact: Fact) -> frozenset[str]:
    return frozenset(
        value for value in fact.values if value != REST and not value.startswith("not ")
    )


def _most(editions: Sequence[Edition], at: frozenset[int]) -> int:
    """The most children that one review can have: every other review has one at least."""
    return min(
        editions[one].sizes["child"] - editions[one].sizes["review"] + 1
        for one in at
        if editions[one].sizes.keys() >= {"child", "review"}
    )


def _tie(
    made: Singles,
    children: Class,
    reviews: Class,
    mine: tuple[Condition, ...],
    theirs: tuple[Condition, ...],
    sizes: Fact | None,
    most: int,
) -> None:
    counted = made.having(children, mine)
    if counted is None:
        return
    bands: Mapping[str, tuple[int, int | None]] = bands_of(sizes) if sizes else {}
    parts = {
        band: made.having(reviews, (*theirs, (sizes, frozenset({band}))))
        for band in bands
        if sizes is not None
    }
    if not parts or None in parts.values():
        least = 0 if any(low == 0 for band, (low, _) in bands.items() if band != REST) else 1
        highs = [high for band, (_, high) in bands.items() if band != REST]
        limit = max((one for one in highs if one is not None), default=most)
        bands = {"": (least, most if None in highs or not highs else limit)}
        parts = {"": made.having(reviews, theirs)}
    at_least: Terms = list(counted[0])
    at_most: Terms = list(counted[0])
    low, high = -counted[1], -counted[1]
    for band, part in parts.items():
        if part is None:
            return
        fewest, highest = bands[band]
        at_least += [(name, -factor * fewest) for name, factor in part[0]]
        at_most += [(name, -factor * (highest or most)) for name, factor in part[0]]
        low += fewest * part[1]
        high += (highest or most) * part[1]
    made.tie(at_least, low, float("inf"))
    made.tie(at_most, float("-inf"), high)
