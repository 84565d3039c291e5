"""What ties the numbers of different tables together, beyond those they share. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from waymark.core.errors import RuleError
from waymark.overview.crosstab import records_of
from waymark.overview.factors import RECORDED
from waymark.overview.facts import Facts
from waymark.overview.meaning import CountedPart, key_of
from waymark.overview.protection.cells import Count, CountSystem, Equation, adds_up, at_most
from waymark.overview.spec import AtMost, Block, CellName, CooccurrenceTable

MOST_FACTORS = 6
RECORDED_STATE = "recorded"


def recorded_key(variable: str) -> str:
    """The key of the reviews in which a factor is recorded."""
    return key_of("review", [f"{variable} is {RECORDED_STATE}"])


def together_key(table: CooccurrenceTable, number: int) -> str:
    """The key of the reviews in which so many of the sets are recorded."""
    sets = ", ".join(" or ".join(sorted(one.any_of)) for one in table.of)
    return key_of("review", [f"{number} of ({sets}) are recorded"])


def joint_counts(table: CooccurrenceTable, facts: Facts) -> CountSystem | None:
    """Every combination of the factors, latent, with what is counted of it here and elsewhere.

    How many reviews record none, one, two ... follows from the same combinations as how many
    record each factor. None where there are too many factors to tell all combinations apart.
    """
    names = sorted({name for one in table.of for name in one.any_of})
    if len(names) > MOST_FACTORS:
        return None
    found = Counter(_recorded(names, facts))
    combos = [
        frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size)
    ]
    keys = {
        combo: key_of("review", [f"recorded of {names} are {sorted(combo)}"]) for combo in combos
    }
    counts = [Count(keys[combo], found[combo], "latent") for combo in combos]
    equations = []
    for name in names:
        holding = [combo for combo in combos if name in combo]
        number = sum(found[combo] for combo in holding)
        counts.append(Count(recorded_key(name), number, "latent"))
        equations.append(adds_up(recorded_key(name), [keys[combo] for combo in holding]))
    for number in range(len(table.of) + 1):
        holding = [combo for combo in combos if _sets_in(table, combo) == number]
        size = sum(found[combo] for combo in holding)
        counts.append(Count(together_key(table, number), size, "latent"))
        equations.append(adds_up(together_key(table, number), [keys[combo] for combo in holding]))
    return CountSystem(tuple(counts), tuple(equations))


def _recorded(names: Sequence[str], facts: Facts) -> Iterator[frozenset[str]]:
    """Of each review, the factors that are recorded."""
    values = [facts.values(facts.reviews, name) for name in names]
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
