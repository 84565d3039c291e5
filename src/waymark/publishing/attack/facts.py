"""Facts about reviews and children as labels name them, and the editions that print them.

A fact gives each review or child one value.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from waymark.publishing.attack.equations import JOINTS, Name
from waymark.publishing.attack.merged import Published

REST = ""
"""The value of whoever has none of the values that are named."""
UNITS = ("review", "child")


@dataclass(frozen=True, slots=True)
class Fact:
    """values: labels, REST last. number: tells apart facts whose values have the same labels."""

    unit: str
    values: tuple[str, ...]
    number: int = 0

    @property
    def name(self) -> str:
        return " / ".join(value for value in self.values if value != REST)


Condition = tuple[Fact, frozenset[str]]
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a unit meet all conditions. cell: where it is an unknown; else low to high.

    records: the reviews that are named as those counted. weights: with how much each review
    counts, where passages of reviews are counted.
    """

    edition: int
    unit: str
    conditions: tuple[Condition, ...]
    low: float
    high: float
    cell: Name | None = None
    records: tuple[str, ...] = ()
    weights: Mapping[str, int] | None = None


@dataclass(slots=True)
class Registry:
    """The facts of all editions, by their labels and by the places that print them."""

    by_labels: dict[tuple[str, frozenset[str]], list[Fact]] = field(default_factory=dict)
    by_place: dict[tuple[str, ...], Fact] = field(default_factory=dict)
    aliases: dict[tuple[int, str, str], dict[Fact, frozenset[str]]] = field(default_factory=dict)
    margins: dict[tuple[int, Fact], dict[str, Range]] = field(default_factory=dict)
    people: set[Fact] = field(default_factory=set)

    def fact(
        self, edition: int, unit: str, margins: Mapping[str, Range], place: tuple[str, ...]
    ) -> Fact:
        """The fact of these values: one known already unless its numbers are other ones."""
        labels = (unit, frozenset(margins))
        place = (*place, *sorted(margins))
        known = self.by_labels.setdefault(labels, [])
        same = [self.by_place[place]] if place in self.by_place else []
        chosen = next((one for one in (*same, *known) if self._fits(edition, one, margins)), None)
        if chosen is None:
            chosen = Fact(unit, (*margins, REST), len(known))
            known.append(chosen)
        self.by_place.setdefault(place, chosen)
        self.margins.setdefault((edition, chosen), dict(margins))
        for value in margins:
            self.name(edition, value, (chosen, frozenset({value})))
        return chosen

    def told(self, counts: Iterable[Count]) -> list[Condition]:
        """Values of facts about people that counts are of, or that are not the one named."""
        rest = [(fact, frozenset({REST})) for fact in self.people if fact.values[1:] == (REST,)]
        every = (pair for count in counts for pair in count.conditions)
        return [pair for pair in dict.fromkeys([*every, *rest]) if pair[0] in self.people]

    def _fits(self, edition: int, fact: Fact, margins: Mapping[str, Range]) -> bool:
        before = self.margins.get((edition, fact))
        return before is None or all(
            low <= before[value][1] and high >= before[value][0]
            for value, (low, high) in margins.items()
        )

    def name(self, edition: int, label: str, condition: Condition) -> None:
        """A label stands for values of a fact."""
        fact, values = condition
        self.aliases.setdefault((edition, fact.unit, label), {}).setdefault(fact, values)

    def named(self, edition: int, unit: str, label: str) -> dict[Fact, frozenset[str]]:
        """The values that a label stands for, by fact; several labels joined are all of theirs."""
        whole = label.removesuffix(" together")
        made = dict(self.aliases.get((edition, unit, label), {}))
        made = self.aliases.get((edition, unit, whole), {}) | made
        for (of, its_unit, first), facts in list(self.aliases.items()):
            if (of, its_unit) == (edition, unit) and whole.startswith(first):
                for rest in _rests(whole, first):
                    for fact, values in self.named(edition, unit, rest).items():
                        if fact in facts and fact not in made:
                            made[fact] = facts[fact] | values
        return made

    def fits(self, edition: int, condition: Condition, ends: Range) -> bool:
        """Whether so many can have these values, by what is printed of each."""
        fact, values = condition
        margins = self.margins.get((edition, fact), {})
        ranges = [margins.get(value, (0.0, float("inf"))) for value in values]
        return (
            sum(low for low, _ in ranges) <= ends[1] and sum(most for _, most in ranges) >= ends[0]
        )


def _rests(whole: str, first: str) -> Iterator[str]:
    """What follows a label and a word that joins it to others."""
    for joint in JOINTS:
        rest = whole.removeprefix(first + joint)
        if rest != whole:
            yield rest


@dataclass(frozen=True, slots=True)
class Edition:
    """One rendering. sizes: how many there are of each unit. names: its reviews, where told."""

    at: int
    tables: tuple[Published, ...]
    notes: Mapping[str, Sequence[str]]
    unknown: Mapping[Name, Range]
    sizes: Mapping[str, int]
    names: frozenset[str]


def edition_of(
    at: int,
    tables: Sequence[Published],
    notes: Mapping[str, Sequence[str]],
    unknown: Mapping[Name, Range],
) -> Edition:
    """unknown: the least and the most of cells by what they print."""
    bases: dict[str, Counter[int]] = {unit: Counter() for unit in UNITS}
    for table in tables:
        for block in table.blocks:
            if block.base and any(line.role != "measure" for _, line in block.lines):
                bases.get(block.base[1], Counter())[block.base[0]] += 1
    sizes = {unit: max(counted) for unit, counted in bases.items() if counted}
    named = [frozenset(one) for table in tables for one in _named(table)]
    every = sizes.get("review", 0)
    whole = next((one for one in named if len(one) == every), None)
    reviews = frozenset[str]().union(*(one for one in named if len(one) <= every))
    if whole is None and len(reviews) > every:
        reviews = frozenset()
    return Edition(at, tuple(tables), notes, unknown, sizes, whole or reviews)


def _named(table: Published) -> Iterator[tuple[str, ...]]:
    for line in table.lines:
        for records in line.records:
            if records and not any("/" in record for record in records):
                yield records
