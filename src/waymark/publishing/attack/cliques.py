"""Facts that are modelled together: those of which tables print every two beside each other."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from math import prod

from waymark.publishing.attack.facts import LabelledFact

MOST_TOGETHER = 300
"""The most combinations of the values of one group of facts."""
MOST_GROUPS = 2_000
Group = frozenset[LabelledFact]


def groups_of(printed: Iterable[Group]) -> tuple[list[Group], list[Group]]:
    """Groups of facts to model together, and those too large for it.

    printed: facts that one table prints beside each other. Three facts that three tables print two
    at a time are one group: what each table says bounds the others. A group that is too large is
    taken three facts at a time where that fits, else as tables print it.
    """
    sets = set(printed)
    beside: dict[LabelledFact, set[LabelledFact]] = {}
    for facts in sets:
        for fact in facts:
            beside.setdefault(fact, set()).update(facts - {fact})
    groups: set[Group] = set(sets)
    large = []
    for number, group in enumerate(_maximal_cliques(set(), set(beside), set(), beside)):
        if number > MOST_GROUPS:
            large.append(group)
            break
        if _number_of_combinations(group) <= MOST_TOGETHER:
            groups.add(group)
        else:
            large.append(group)
            groups.update(_groups_of_three(group))
    return sorted(_maximal_groups(groups - {frozenset()}), key=_in_order), large


def _groups_of_three(group: Group) -> Iterator[Group]:
    ordered = sorted(group, key=_fact_order)
    for three in combinations(ordered, 3):
        if _number_of_combinations(three) <= MOST_TOGETHER:
            yield frozenset(three)


def _fact_order(fact: LabelledFact) -> tuple[tuple[str, ...], int]:
    return fact.values, fact.number


def _number_of_combinations(facts: Iterable[LabelledFact]) -> int:
    return prod(len(fact.values) for fact in facts)


def _maximal_groups(groups: set[Group]) -> list[Group]:
    """Groups that are inside no other."""
    return [group for group in groups if not any(group < other for other in groups)]


def _in_order(group: Group) -> list[tuple[str, tuple[str, ...], int]]:
    return sorted((fact.unit, fact.values, fact.number) for fact in group)


def _maximal_cliques(
    chosen: set[LabelledFact],
    open_to: set[LabelledFact],
    done: set[LabelledFact],
    beside: dict[LabelledFact, set[LabelledFact]],
) -> Iterator[Group]:
    """All maximal sets of facts that are beside each other (Bron and Kerbosch)."""
    if not open_to and not done:
        yield frozenset(chosen)
        return
    # The pivot: of the facts beside it none need be tried, they come with it.
    most = max(open_to | done, key=lambda fact: (len(beside[fact] & open_to), fact.values))
    for fact in sorted(open_to - beside[most], key=_fact_order):
        near = beside[fact]
        yield from _maximal_cliques(chosen | {fact}, open_to & near, done & near, beside)
        open_to = open_to - {fact}
        done = done | {fact}
