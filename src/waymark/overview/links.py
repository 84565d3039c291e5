"""What ties the numbers of different tables together, beyond those they share. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from waymark.core.errors import RuleError
from waymark.overview.crosstab import records_of
from waymark.overview.factors import RECORDED
from waymark.overview.facts import Facts, Record
from waymark.overview.meaning import CountedPart, conditions_of, key_of
from waymark.overview.protection.cells import (
    Count,
    CountSystem,
    Equation,
    adds_up,
    at_most,
    joined,
)
from waymark.overview.spec import AtMost, Block, CellName, CooccurrenceTable
from waymark.overview.spec_where import MOST_FACTORS

RECORDED_STATE = "recorded"


def together_key(table: CooccurrenceTable, number: int, among: Sequence[str]) -> str:
    """The key of the reviews in which so many of the sets are recorded. among: what else is so."""
    sets = ", ".join(" or ".join(sorted(one.any_of)) for one in table.of)
    return key_of("review", [*among, f"{number} of ({sets}) are recorded"])


def joint_counts(table: CooccurrenceTable, facts: Facts) -> CountSystem | None:
    """Every combination of the factors, latent, with what is counted of it here and elsewhere.

    How many reviews record none, one, two ... follows from the same combinations as how many
    record each factor. Under a condition each combination is there among all reviews, among those
    that meet it and among the others, of which none can be fewer than nobody. None where there are
    too many factors to tell all combinations apart.
    """
    if len(factors_of(table)) > MOST_FACTORS:
        return None
    every = _Together(table, facts.reviews, [], facts)
    if table.where is None:
        return every.system()
    inside = facts.meeting(table.where)
    met = set(inside)
    outside = [record for record in facts.reviews if record not in met]
    said = conditions_of(table.where)
    within = _Together(table, inside, said, facts)
    without = _Together(table, outside, [f"not ({one})" for one in said], facts, secret=True)
    split = tuple(
        adds_up(every.keys[combo], (within.keys[combo], without.keys[combo]))
        for combo in every.combos
    )
    parts = joined([one.system() for one in (every, within, without)])
    return CountSystem(parts.counts, (*parts.equations, *split))


def factors_of(table: CooccurrenceTable) -> list[str]:
    """The factors of all sets, each once."""
    return sorted({name for one in table.of for name in one.any_of})


class _Together:
    """Some reviews by which of the factors they record. said: what they have in common.

    secret: what follows of them from what is printed is protected, though no table prints it.
    """

    def __init__(
        self,
        table: CooccurrenceTable,
        reviews: Sequence[Record],
        said: Sequence[str],
        facts: Facts,
        *,
        secret: bool = False,
    ) -> None:
        self.table, self.said, self.secret = table, said, secret
        self.names = factors_of(table)
        self.found = Counter(_recorded(self.names, reviews, facts))
        self.combos = [
            frozenset(some)
            for size in range(len(self.names) + 1)
            for some in combinations(self.names, size)
        ]
        self.keys = {
            combo: key_of("review", [*said, f"recorded of {self.names} are {sorted(combo)}"])
            for combo in self.combos
        }

    def system(self) -> CountSystem:
        """The combinations, and what is counted of them."""
        counts = [Count(self.keys[combo], self.found[combo], "latent") for combo in self.combos]
        sums = list(self._sums())
        made = [adds_up(count.key, parts) for count, parts in sums]
        return CountSystem((*counts, *(count for count, _ in sums)), tuple(made))

    def _sums(self) -> Iterator[tuple[Count, list[str]]]:
        for name in self.names:
            holding = [combo for combo in self.combos if name in combo]
            yield self._sum(key_of("review", [*self.said, f"{name} is {RECORDED_STATE}"]), holding)
        for number in range(len(self.table.of) + 1):
            holding = [combo for combo in self.combos if _sets_in(self.table, combo) == number]
            yield self._sum(together_key(self.table, number, self.said), holding)

    def _sum(self, key: str, combos: Sequence[frozenset[str]]) -> tuple[Count, list[str]]:
        number = sum(self.found[combo] for combo in combos)
        count = Count(key, number, "sensitive", 0) if self.secret else Count(key, number, "latent")
        return count, [self.keys[combo] for combo in combos]


def _recorded(
    names: Sequence[str], reviews: Sequence[Record], facts: Facts
) -> Iterator[frozenset[str]]:
    """Of each review, the factors that are recorded."""
    values = [facts.values(reviews, name) for name in names]
    for of_review in zip(*values, strict=True):
        yield frozenset(
            name for name, value in zip(names, of_review, strict=True) if value in RECORDED
        )


def _sets_in(table: CooccurrenceTable, combo: frozenset[str]) -> int:
    return sum(not combo.isdisjoint(one.any_of) for one in table.of)


def children_of_reviews(block: Block, part: CountedPart, facts: Facts) -> CountSystem | None:
    """Reviews by number of children, tied to the number of all children.

    A review in the band 2 to 4 has 2 to 4 children; all of them make up the children counted. None
    where the block is about some reviews only, or a review stands in no band.
    """
    if block.rows.count != "children" or block.where is not None or block.columns is not None:
        return None
    several = next(iter(part.cells))[0].startswith(f"{block.id}.")
    counts, equations, inside = [], [], []
    for band in block.rows.bands:
        row = f"{block.id}.{band.id}" if several else band.id
        reviews = part.system.count(part.cells[row, "n"])
        sizes = [len(facts.children_of(record)) for record in records_of(block, facts)]
        children = sum(size for size in sizes if band.holds(size))
        name = f"children in: {reviews.key}"
        counts += [reviews, Count(name, children, "latent")]
        inside.append(name)
        spare = f"{name}, beyond {band.start} each"
        counts.append(Count(spare, children - band.start * reviews.value, "latent"))
        least = ((name, 1), (spare, -1))
        equations.append(Equation((*least, (reviews.key, -band.start)) if band.start else least))
        if band.end is not None:
            short = f"{name}, short of {band.end} each"
            counts.append(Count(short, band.end * reviews.value - children, "latent"))
            equations.append(Equation(((name, 1), (short, 1), (reviews.key, -band.end))))
    every = Count(key_of("child"), len(facts.children), "known")
    if sum(count.value for count in counts if count.key in inside) != every.value:
        return None
    return CountSystem((*counts, every), (*equations, adds_up(every.key, inside)))


def reasoned(rules: Sequence[AtMost], finest: dict[str, CountedPart]) -> list[CountSystem]:
    """The rules of logic that a spec gives, as systems. finest: the counts of each table.

    Raises RuleError for a cell that is not there, and where a rule does not hold.
    """
    made = []
    for number, rule in enumerate(rules, start=1):
        fewer, more = (_latent(cell, finest) for cell in (rule.fewer, rule.more))
        made.append(at_most(f"rule {number}: {more.key} beyond {fewer.key}", fewer, more))
    return made


def _latent(cell: CellName, finest: dict[str, CountedPart]) -> Count:
    part = finest.get(cell.table)
    key = part.cells.get((cell.row, cell.column)) if part else None
    if part is None or key is None:
        raise RuleError(f"logic: {cell.table} has no count in {cell.row}, {cell.column}")
    return Count(key, part.system.count(key).value, "latent")
