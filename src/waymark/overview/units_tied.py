"""What ties reviews of a kind to the children in them. Pure.

Every review has a child, so there are no fewer children of a kind than reviews of it, and none
where there is no review. Where reviews of a kind are told by how many children they have, these add
up to the children.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from waymark.overview.facts import Facts
from waymark.overview.groupings import Element, Groupings, Key
from waymark.overview.meaning import CHILDREN
from waymark.overview.protection.cells import Count, CountSystem, Equation, adds_up, joined

Part = Mapping[str, tuple[Element, ...]]


def units_tied(facts: Facts, keys: Sequence[Key]) -> CountSystem:
    """Counts of reviews and of children by the same facts about reviews, as latent ones."""
    levels = {one.id for one in facts.framework.variables if one.level == "review"}
    sets = {key.facts for key in keys if key.unit == "child" and key.facts <= levels}
    if not sets or not facts.reviews:
        return CountSystem((), ())
    by_number = [
        key
        for key in keys
        if key.unit == "review" and CHILDREN in key.facts and key.facts - {CHILDREN} in sets
    ]
    said = dict(_said([*(one for one in keys if one.facts in sets), *map(_without, by_number)]))
    both = [Key(f"review: {text}", "review", one) for text, one in said.items()]
    reviews = Groupings(facts, "review", [*both, *by_number])
    children = Groupings(
        facts, "child", [Key(f"child: {text}", "child", one) for text, one in said.items()]
    )
    made = [_summed(one) for one in (reviews, children)]
    texts = [name.partition(": ")[2] for name in children.parts]
    made += [
        _at_least_one_each(text, reviews, children, facts)
        for text in dict.fromkeys([*said, *texts])
    ]
    made += _by_number(reviews, children, facts)
    return joined(made)


def _said(keys: Iterable[Key]) -> Iterator[tuple[str, Mapping[str, tuple[str, ...]]]]:
    for key in keys:
        if key.unit in {"review", "child"}:
            yield key.key.partition(": ")[2], key.said


def _without(key: Key) -> Key:
    """What a key says beside the number of children."""
    said = {name: texts for name, texts in key.said.items() if name != CHILDREN}
    text = " and ".join(sorted(f"{name} is {one}" for name in said for one in said[name]))
    return Key(f"review: {text}", "review", said)


def _summed(group: Groupings) -> CountSystem:
    equations = [adds_up(key, parts) for key, parts in group.sums() if parts != [key]]
    names = dict.fromkeys([*group.parts, *(name for one in equations for name, _ in one.terms)])
    counts = tuple(Count(name, group.size(name), "latent") for name in names)
    return CountSystem(counts, tuple(dict.fromkeys(equations)))


def _at_least_one_each(
    text: str, reviews: Groupings, children: Groupings, facts: Facts
) -> CountSystem:
    """Children are no fewer than their reviews, and none where there is no review."""
    least, most = _of_one_review(facts)
    review, child = f"review: {text}", f"child: {text}"
    number, of_them = reviews.size(review), children.size(child)
    # Named with their factors: those of two releases are comparable where the factors are one.
    more, fewer = f"{child}, beyond {least} each", f"{child}, short of {most} each"
    return CountSystem(
        (
            Count(review, number, "latent"),
            Count(child, of_them, "latent"),
            Count(more, of_them - least * number, "latent"),
            Count(fewer, most * number - of_them, "latent"),
        ),
        (
            _weighed({child: 1, more: -1, review: -least}),
            _weighed({child: 1, fewer: 1, review: -most}),
        ),
    )


def _of_one_review(facts: Facts) -> tuple[int, int]:
    """The least and the most children of a review, as anybody can tell.

    The least is 0 where some review has no child; the most is what all others leave.
    """
    least = min(1, min(len(facts.children_of(one)) for one in facts.reviews))
    return least, len(facts.children) - (len(facts.reviews) - 1) * least


def _by_number(reviews: Groupings, children: Groupings, facts: Facts) -> Iterator[CountSystem]:
    """Reviews of a kind by how many children they have add up to the children of the kind."""
    alike: dict[tuple[tuple[str, tuple[Element, ...]], ...], list[str]] = {}
    for name, part in reviews.parts.items():
        if CHILDREN in part:
            kind = tuple(sorted((one, some) for one, some in part.items() if one != CHILDREN))
            alike.setdefault(kind, []).append(name)
    for kind, names in alike.items():
        inside = [name for name, part in children.parts.items() if _within(part, dict(kind))]
        systems = [_children_in(name, reviews, facts) for name in names]
        counted = [Count(name, children.size(name), "latent") for name in inside]
        terms = [(name, 1) for name in inside] + [(f"children in: {name}", -1) for name in names]
        whole = joined([*systems, CountSystem(tuple(counted), ())])
        yield CountSystem(whole.counts, (*whole.equations, Equation(tuple(terms))))


def _within(part: Part, kind: Part) -> bool:
    return part.keys() == kind.keys() and all(set(part[one]) <= set(kind[one]) for one in part)


def _children_in(name: str, reviews: Groupings, facts: Facts) -> CountSystem:
    """How many children the reviews of a part have, between the ends of its band.

    Also where it has no end there are none without a review.
    """
    part, fact = reviews.parts[name], reviews.facts[CHILDREN]
    low, end = fact.ends(part[CHILDREN])
    high = _of_one_review(facts)[1] if end is None else end
    records = (
        record
        for record in facts.reviews
        if all(reviews.facts[one].values[record.at] in some for one, some in part.items())
    )
    number, size = sum(len(facts.children_of(one)) for one in records), reviews.size(name)
    inside = f"children in: {name}"
    more, fewer = f"{inside}, beyond {low} each", f"{inside}, short of {high} each"
    return CountSystem(
        (
            Count(name, size, "latent"),
            Count(inside, number, "latent"),
            Count(more, number - low * size, "latent"),
            Count(fewer, high * size - number, "latent"),
        ),
        (
            _weighed({inside: 1, more: -1, name: -low}),
            _weighed({inside: 1, fewer: 1, name: -high}),
        ),
    )


def _weighed(factors: Mapping[str, int]) -> Equation:
    return Equation(tuple((name, factor) for name, factor in factors.items() if factor))
