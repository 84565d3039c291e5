"""Equations between reviews of a kind and the children in them. Pure.

Every review has a child, so there are no fewer children of a kind than reviews of it, and none
where there is no review. Reviews of a kind in bands of how many children they have add up to the
children of the kind, and those of all kinds in one band to the reviews in it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from math import prod

from waymark.overview.disclosure.count_keys import CHILDREN, CountKey
from waymark.overview.disclosure.engine.cells import (
    Count,
    CountSystem,
    Equation,
    adds_up,
    joined_systems,
)
from waymark.overview.disclosure.engine.history import CODED
from waymark.overview.disclosure.finest_parts import Element, FactGroupings
from waymark.overview.disclosure.table_links import children_in, each_between
from waymark.overview.snapshot.coded_reviews import CodedReviews

Part = Mapping[str, tuple[Element, ...]]


def unit_equations(
    facts: CodedReviews, keys: Sequence[CountKey], among: Collection[str] | None = None
) -> CountSystem:
    """Counts of reviews and of children by the same facts about reviews, as latent ones.

    keys: of counts that are shown. "child: cause is fire" makes "review: cause is fire" a count
    that the engine has to know: 2 children of a fire say that there are 1 or 2 such reviews.
    among: the reviews that are counted; None: all.
    """
    sets = _review_facts_of_children(facts, keys)
    if not sets or not facts.reviews:
        return CountSystem((), ())
    # "review: number of children is 2 and cause is fire" ties both units at once, so it belongs to
    # the same kind as "cause is fire" alone.
    by_number = [
        key
        for key in keys
        if key.unit == "review" and CHILDREN in key.facts and key.facts - {CHILDREN} in sets
    ]
    kinds = _kind_keys([*(key for key in keys if key.facts in sets), *by_number])
    # 14 reviews are falls or fires and 19 children are of falls: how many falls there are depends
    # on how many reviews of all have one child, though no table has sizes by cause.
    bands = [key for key in keys if key.unit == "review" and key.facts == {CHILDREN}]
    by_number += [kind.narrowed_by(*band.conditions) for kind in kinds for band in bands]
    by_number = list(dict.fromkeys(by_number))
    reviews = FactGroupings(facts, "review", [*kinds, *bands, *by_number], among)
    children = FactGroupings(facts, "child", [kind.of_unit("child") for kind in kinds], among)
    systems = [_sums_of_parts(group) for group in (reviews, children)]
    systems.append(_system_of(reviews, reviews.crossings()))
    # The sums have named the finest parts, which are kinds as well: each has its bounds.
    parts = (part.of_unit("review") for part in children.parts)
    every = dict.fromkeys([*kinds, *parts])
    systems += (_one_child_each(kind, reviews, children, facts) for kind in every)
    systems += _by_number(reviews, children, facts)
    return joined_systems(systems)


def _review_facts_of_children(facts: CodedReviews, keys: Iterable[CountKey]) -> set[frozenset[str]]:
    """The sets of facts about reviews alone by which children are counted."""
    of_reviews = {
        variable.id for variable in facts.framework.variables if variable.level == "review"
    }
    of_reviews |= {f"{CODED}{code.id}" for code in facts.framework.codes}
    return {key.facts for key in keys if key.unit == "child" and key.facts <= of_reviews}


def _kind_keys(keys: Iterable[CountKey]) -> list[CountKey]:
    """The reviews that meet the conditions of keys, but for those on the number of children."""
    kinds = (
        key.of_unit("review").without(CHILDREN) for key in keys if key.unit in {"review", "child"}
    )
    return list(dict.fromkeys(kinds))


def _sums_of_parts(group: FactGroupings) -> CountSystem:
    # Of 13 reviews 12 state a cause, a table says: then the cause of 1 is unknown, and it has a
    # child.
    return _system_of(group, chain(group.sums(), group.totals()))


def _system_of(
    group: FactGroupings, every: Iterable[tuple[CountKey, list[CountKey]]]
) -> CountSystem:
    sums = [(key, parts) for key, parts in every if parts != [key]]
    keys = dict.fromkeys([*group.parts, *(name for key, parts in sums for name in (key, *parts))])
    counts = tuple(key.count(group.size(key), "latent") for key in keys)
    equations = (adds_up(str(key), map(str, parts)) for key, parts in sums)
    return CountSystem(counts, tuple(dict.fromkeys(equations)))


def _one_child_each(
    kind: CountKey, reviews: FactGroupings, children: FactGroupings, facts: CodedReviews
) -> CountSystem:
    """Children are no fewer than their reviews, and none if there is no review."""
    child = kind.of_unit("child")
    return each_between(
        kind.count(reviews.size(kind), "latent"),
        child.count(children.size(child), "latent"),
        *_of_one_review(reviews, facts),
    )


def _of_one_review(reviews: FactGroupings, facts: CodedReviews) -> tuple[int, int]:
    """The least and the most children of a review, as anybody can tell.

    The least is 0 if some review has no child; the most is what all others leave: of 5 reviews and
    9 children one has at most 9 - 4 x 1 = 5.
    """
    sizes = [len(facts.children_of(review)) for review in reviews.records]
    least = min(1, *sizes)
    return least, sum(sizes) - (len(sizes) - 1) * least


def _by_number(
    reviews: FactGroupings, children: FactGroupings, facts: CodedReviews
) -> Iterator[CountSystem]:
    """Reviews of a kind, by how many children they have, add up to the children of the kind.

    Of fires 1 review has one child and x have 2 to 4; their children are 4 in all. So the children
    in the x reviews are 4 - 1 = 3, and 2x <= 3 <= 4x leaves x = 1 alone.
    """
    alike: dict[tuple[tuple[str, tuple[Element, ...]], ...], list[CountKey]] = {}
    for key, part in {**reviews.together, **reviews.parts}.items():
        if CHILDREN in part and len(part) > 1:
            kind = tuple(sorted((fact, part[fact]) for fact in part if fact != CHILDREN))
            alike.setdefault(kind, []).append(key)
    for kind, keys in alike.items():
        yield _children_of_kind(dict(kind), keys, reviews, children, facts)


def _children_of_kind(
    kind: Part,
    by_number: Sequence[CountKey],
    reviews: FactGroupings,
    children: FactGroupings,
    facts: CodedReviews,
) -> CountSystem:
    """by_number: the reviews of a kind in their bands of how many children they have."""
    in_bands = [_reviews_in_band(key, reviews, facts) for key in by_number]
    bands = joined_systems([each_between(*band) for band in in_bands])
    inside = _parts_of_kind(kind, children)
    if inside is None:
        return bands
    counted = [key.count(children.size(key), "latent") for key in inside]
    whole = joined_systems([bands, CountSystem(tuple(counted), ())])
    terms = [(count.key, 1) for count in counted]
    terms += [(children_of_band.key, -1) for _, children_of_band, _, _ in in_bands]
    return CountSystem(whole.counts, (*whole.equations, Equation(tuple(terms))))


def _parts_of_kind(kind: Part, children: FactGroupings) -> list[CountKey] | None:
    """Parts that make up a kind and share no record; None if the parts were cut otherwise."""
    for parts in (children.parts, children.together, {**children.together, **children.parts}):
        inside = {key: part for key, part in parts.items() if _is_within(part, kind)}
        if inside and sum(map(_extent, inside.values())) == _extent(kind):
            return list(inside)
    return None


def _extent(part: Part) -> int:
    """The number of combinations of values that records of a part can have, unjudged ones aside."""
    return prod(sum(value is not None for value in values) for values in part.values())


def _is_within(part: Part, kind: Part) -> bool:
    return part.keys() == kind.keys() and all(set(part[fact]) <= set(kind[fact]) for fact in part)


def _reviews_in_band(
    key: CountKey, reviews: FactGroupings, facts: CodedReviews
) -> tuple[Count, Count, int, int]:
    """The reviews of a part, their children, and between how many of these each has.

    A band without an end ends with the most that one review can have.
    """
    part = reviews.parts.get(key) or reviews.together[key]
    number = reviews.facts[CHILDREN]
    low, end = number.ends(part[CHILDREN])
    high = _of_one_review(reviews, facts)[1] if end is None else end
    records = (
        record
        for record in reviews.records
        if all(reviews.facts[fact].values[record.at] in part[fact] for fact in part)
    )
    size = sum(len(facts.children_of(record)) for record in records)
    count = key.count(reviews.size(key), "latent")
    return count, children_in(count.key, size), low, high
