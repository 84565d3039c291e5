"""Equations across tables, beyond the counts that they share. Pure.

Factors recorded together, reviews and the children in them, and the rules of logic of a spec: each
lets a reader difference one table against another, so the engine has to know it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from waymark.core.errors import RuleError
from waymark.overview.disclosure.count_keys import (
    CombinedCondition,
    CountedPart,
    CountKey,
    FactCondition,
    conditions_of,
)
from waymark.overview.disclosure.engine.cells import (
    Count,
    CountSystem,
    Equation,
    adds_up,
    at_most,
    joined_systems,
)
from waymark.overview.snapshot.coded_reviews import CodedReviews, Record
from waymark.overview.spec.conditions import MOST_FACTORS
from waymark.overview.spec.named_cells import AtMost, CellName
from waymark.overview.spec.schema import CooccurrenceTable, CrosstabBlock
from waymark.overview.tables.crosstab import records_of
from waymark.overview.tables.factors import RECORDED

RECORDED_STATE = "recorded"
AnyCondition = FactCondition | CombinedCondition


def together_key(table: CooccurrenceTable, number: int, among: Sequence[AnyCondition]) -> CountKey:
    """The key of the reviews in which so many of the sets are recorded. among: other conditions."""
    sets = ", ".join(" or ".join(sorted(factors.any_of)) for factors in table.of)
    recorded = CombinedCondition(f"{number} of ({sets}) are recorded")
    return CountKey("review", (*among, recorded))


def joint_counts(table: CooccurrenceTable, facts: CodedReviews) -> CountSystem | None:
    """Every combination of the factors, latent, with the counts here and elsewhere it is part of.

    The numbers of reviews that record none, one, two ... follow from the same combinations as the
    numbers that record each factor. Under a condition each combination is there among all reviews,
    among those that meet it and among the others, none of them below 0. None if there are too many
    factors to tell all combinations apart.

    Drink and drugs: 20 reviews are neither 9, drink alone 5, drugs alone 4, both 2. "Drink is
    recorded" is 5 + 2, "drugs is recorded" 4 + 2, "1 of 2" 5 + 4: from 7, 6 and 9 follows
    (7 + 6 - 9) / 2 = 2 for both, which only these equations let the engine see.
    """
    if len(factors_of(table)) > MOST_FACTORS:
        return None
    every = _FactorCombinations(table, facts.reviews, (), facts)
    if table.where is None:
        return every.system()
    inside = facts.records_meeting(table.where)
    met = set(inside)
    outside = [record for record in facts.reviews if record not in met]
    conditions = conditions_of(table.where)
    opposite = tuple(CombinedCondition(f"not ({condition})") for condition in conditions)
    within = _FactorCombinations(table, inside, conditions, facts)
    without = _FactorCombinations(table, outside, opposite, facts, secret=True)
    # Each combination among all reviews = among those that meet the condition + among the others.
    split = tuple(
        adds_up(str(every.keys[combo]), (str(within.keys[combo]), str(without.keys[combo])))
        for combo in every.combos
    )
    parts = joined_systems([reviews.system() for reviews in (every, within, without)])
    return CountSystem(parts.counts, (*parts.equations, *split))


def factors_of(table: CooccurrenceTable) -> list[str]:
    """The factors of all sets, each once."""
    return sorted({name for factors in table.of for name in factors.any_of})


class _FactorCombinations:
    """Some reviews by which of the factors they record. conditions: those that all of them meet.

    secret: counts of them that follow from printed ones are protected, though no table has them.
    """

    def __init__(
        self,
        table: CooccurrenceTable,
        reviews: Sequence[Record],
        conditions: tuple[AnyCondition, ...],
        facts: CodedReviews,
        *,
        secret: bool = False,
    ) -> None:
        self.table, self.conditions, self.secret = table, conditions, secret
        self.names = factors_of(table)
        self.sizes = Counter(_recorded_factors(self.names, reviews, facts))
        self.combos = [
            frozenset(names)
            for size in range(len(self.names) + 1)
            for names in combinations(self.names, size)
        ]
        self.keys = {combo: self._key(combo) for combo in self.combos}

    def _key(self, combo: frozenset[str]) -> CountKey:
        recorded = CombinedCondition(f"recorded of {self.names} are {sorted(combo)}")
        return CountKey("review", (*self.conditions, recorded))

    def system(self) -> CountSystem:
        """The combinations, and the counts that are sums of them."""
        counts = [self.keys[combo].count(self.sizes[combo], "latent") for combo in self.combos]
        sums = list(self._sums())
        equations = [adds_up(count.key, parts) for count, parts in sums]
        return CountSystem((*counts, *(count for count, _ in sums)), tuple(equations))

    def _sums(self) -> Iterator[tuple[Count, list[str]]]:
        for name in self.names:
            combos = [combo for combo in self.combos if name in combo]
            recorded = FactCondition(name, (RECORDED_STATE,))
            yield self._sum(CountKey("review", (*self.conditions, recorded)), combos)
        for number in range(len(self.table.of) + 1):
            combos = [combo for combo in self.combos if _sets_in(self.table, combo) == number]
            yield self._sum(together_key(self.table, number, self.conditions), combos)

    def _sum(self, key: CountKey, combos: Sequence[frozenset[str]]) -> tuple[Count, list[str]]:
        number = sum(self.sizes[combo] for combo in combos)
        count = key.count(number, "sensitive", 0) if self.secret else key.count(number, "latent")
        return count, [str(self.keys[combo]) for combo in combos]


def _recorded_factors(
    names: Sequence[str], reviews: Sequence[Record], facts: CodedReviews
) -> Iterator[frozenset[str]]:
    """Of each review, the factors that are recorded."""
    values = [facts.values(reviews, name) for name in names]
    for of_review in zip(*values, strict=True):
        yield frozenset(
            name for name, value in zip(names, of_review, strict=True) if value in RECORDED
        )


def _sets_in(table: CooccurrenceTable, combo: frozenset[str]) -> int:
    return sum(not combo.isdisjoint(factors.any_of) for factors in table.of)


def children_of_reviews(
    block: CrosstabBlock, part: CountedPart, facts: CodedReviews
) -> CountSystem | None:
    """Reviews by number of children, tied to the number of all children.

    A review in the band 2 to 4 has 2 to 4 children; all of them make up the children counted. None
    if the block is about some reviews only, or a review is in no band.

    10 reviews with one child and x with 2 to 4, of 16 children in all: these x reviews have
    16 - 10 = 6 children, so 2x <= 6 <= 4x and x is 2 or 3, though the table withholds it.
    """
    if block.rows.count != "children" or block.where is not None or block.columns is not None:
        return None
    several = next(iter(part.cells))[0].startswith(f"{block.id}.")
    sizes = [len(facts.children_of(record)) for record in records_of(block, facts)]
    every = CountKey("child").count(len(facts.children), "known")
    systems, in_bands = [], []
    for band in block.rows.bands:
        row = f"{block.id}.{band.id}" if several else band.id
        reviews = part.system.count(part.cells[row, "n"])
        children = children_in(reviews.key, sum(size for size in sizes if band.contains(size)))
        systems.append(each_between(reviews, children, band.start, band.end))
        # The children of the 3 reviews with 2 to 4 are 6 to 12; those in all bands together are all
        # children, if no review is outside the bands.
        in_bands.append(children)
    if sum(children.value for children in in_bands) != every.value:
        return None
    whole = joined_systems(systems)
    total = adds_up(every.key, [children.key for children in in_bands])
    return CountSystem((*whole.counts, every), (*whole.equations, total))


def children_in(reviews: str, number: int) -> Count:
    """The children of the reviews that a key counts."""
    return Count(f"children in: {reviews}", number, "latent")


def each_between(reviews: Count, children: Count, least: int, most: int | None) -> CountSystem:
    """Each of the reviews has at least `least` of the children, and at most `most` (None: no end).

    3 reviews of 2 to 4 children have 8: 8 = 2 x 3 + 2 beyond, and 8 = 4 x 3 - 4 short. Counts are
    never negative, so these two equations say 6 <= children <= 12.
    """
    # Named with their factors: those of two releases are comparable if the factors are the same.
    beyond = Count(
        f"{children.key}, beyond {least} each", children.value - least * reviews.value, "latent"
    )
    counts = [reviews, children, beyond]
    equations = [weighted_equation({children.key: 1, beyond.key: -1, reviews.key: -least})]
    if most is not None:
        name = f"{children.key}, short of {most} each"
        counts.append(Count(name, most * reviews.value - children.value, "latent"))
        equations.append(weighted_equation({children.key: 1, name: 1, reviews.key: -most}))
    return CountSystem(tuple(counts), tuple(equations))


def weighted_equation(factors: Mapping[str, int]) -> Equation:
    """The equation of these counts with their factors, those of factor 0 left out, = 0."""
    return Equation(tuple((name, factor) for name, factor in factors.items() if factor))


def logic_systems(rules: Sequence[AtMost], finest: dict[str, CountedPart]) -> list[CountSystem]:
    """The rules of logic that a spec gives, as systems. finest: the counts of each table.

    Raises RuleError if there is no such cell, or a rule is not true of the counts.
    """
    systems = []
    for number, rule in enumerate(rules, start=1):
        fewer, more = (_latent_count(cell, finest) for cell in (rule.fewer, rule.more))
        systems.append(at_most(f"rule {number}: {more.key} beyond {fewer.key}", fewer, more))
    return systems


def _latent_count(cell: CellName, finest: dict[str, CountedPart]) -> Count:
    part = finest.get(cell.table)
    key = part.cells.get((cell.row, cell.column)) if part else None
    if part is None or key is None:
        raise RuleError(f"logic: {cell.table} has no count in {cell.row}, {cell.column}")
    count = part.system.count(key)
    return Count(key, count.value, "latent", tag=count.tag)
