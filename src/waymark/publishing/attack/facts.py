"""Facts about reviews and children as labels name them, and the editions that print them.

A fact gives each review or child one value.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from waymark.publishing.attack.equations import JOINTS
from waymark.publishing.attack.merge_files import MergedTable
from waymark.publishing.attack.unknowns import Name

REST = ""
"""The value of a record that has none of the named values."""
UNITS = ("review", "child")


@dataclass(frozen=True, slots=True)
class LabelledFact:
    """values: labels, REST last. number: tells apart facts whose values have the same labels."""

    unit: str
    values: tuple[str, ...]
    number: int = 0

    @property
    def name(self) -> str:
        return " / ".join(value for value in self.values if value != REST)


Condition = tuple[LabelledFact, frozenset[str]]
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class PrintedCount:
    """The number of a unit that meet all conditions. cell: if it is unknown; else low to high.

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
class FactRegistry:
    """The facts of all editions, by their labels and by the places that print them."""

    by_labels: dict[tuple[str, frozenset[str]], list[LabelledFact]] = field(default_factory=dict)
    by_place: dict[tuple[str, ...], LabelledFact] = field(default_factory=dict)
    aliases: dict[tuple[int, str, str], dict[LabelledFact, frozenset[str]]] = field(
        default_factory=dict
    )
    margins: dict[tuple[int, LabelledFact], dict[str, Range]] = field(default_factory=dict)
    people: set[LabelledFact] = field(default_factory=set)

    def fact(
        self, edition: int, unit: str, margins: Mapping[str, Range], place: tuple[str, ...]
    ) -> LabelledFact:
        """The fact of these values: one known already unless its numbers are other ones."""
        labels = (unit, frozenset(margins))
        place = (*place, *sorted(margins))
        known = self.by_labels.setdefault(labels, [])
        same = [self.by_place[place]] if place in self.by_place else []
        # Two tables may use "yes" and "no" for different questions. If the margins agree (yes 9, no
        # 15) they can be one fact; if not (yes 4, no 20), it is another one with the same labels.
        fitting = (fact for fact in (*same, *known) if self._fits(edition, fact, margins))
        chosen = next(fitting, None)
        if chosen is None:
            chosen = LabelledFact(unit, (*margins, REST), len(known))
            known.append(chosen)
        self.by_place.setdefault(place, chosen)
        self._narrow(edition, chosen, margins)
        for value in margins:
            self.name(edition, value, (chosen, frozenset({value})))
        return chosen

    def known_conditions(self, counts: Iterable[PrintedCount]) -> list[Condition]:
        """Values of facts about people that counts are of, or that are not the one named."""
        rest = [(fact, frozenset({REST})) for fact in self.people if fact.values[1:] == (REST,)]
        every = (pair for count in counts for pair in count.conditions)
        return [pair for pair in dict.fromkeys([*every, *rest]) if pair[0] in self.people]

    def _fits(self, edition: int, fact: LabelledFact, margins: Mapping[str, Range]) -> bool:
        before = self.margins.get((edition, fact))
        return before is None or all(
            low <= before[value][1] and high >= before[value][0]
            for value, (low, high) in margins.items()
        )

    def _narrow(self, edition: int, fact: LabelledFact, margins: Mapping[str, Range]) -> None:
        """Take over what one more place says of how many have each value.

        Visits are 0 to 24 in a table by cause and 22 in another: a third with 1 is another fact.
        """
        before = self.margins.get((edition, fact), {})
        ends = {value: before.get(value, (0.0, float("inf"))) for value in margins}
        self.margins[edition, fact] = before | {
            value: (max(low, ends[value][0]), min(high, ends[value][1]))
            for value, (low, high) in margins.items()
        }

    def name(self, edition: int, label: str, condition: Condition) -> None:
        """Record that a label means values of a fact."""
        fact, values = condition
        self.aliases.setdefault((edition, fact.unit, label), {}).setdefault(fact, values)

    def named(self, edition: int, unit: str, label: str) -> dict[LabelledFact, frozenset[str]]:
        """The values that a label means, by fact; several labels joined mean the values of all."""
        whole = label.removesuffix(" together")
        values_of = dict(self.aliases.get((edition, unit, label), {}))
        values_of = self.aliases.get((edition, unit, whole), {}) | values_of
        # "fire or fall or harm": after "fire" the rest is "fall or harm", which is read in the same
        # way, so a label may join any number of values.
        for (of, its_unit, first), facts in list(self.aliases.items()):
            if (of, its_unit) == (edition, unit) and whole.startswith(first):
                for rest in _joined_labels(whole, first):
                    for fact, values in self.named(edition, unit, rest).items():
                        if fact in facts and fact not in values_of:
                            values_of[fact] = facts[fact] | values
        return values_of

    def fits(self, edition: int, condition: Condition, ends: Range) -> bool:
        """Return True if so many can have these values, by the printed margins.

        Fire 3 and fall 4 to 6: "fire or fall" can be 7 to 9, and no 12.
        """
        fact, values = condition
        margins = self.margins.get((edition, fact), {})
        ranges = [margins.get(value, (0.0, float("inf"))) for value in values]
        return (
            sum(low for low, _ in ranges) <= ends[1] and sum(most for _, most in ranges) >= ends[0]
        )


def _joined_labels(whole: str, first: str) -> Iterator[str]:
    """The texts after a label and a word that joins it to others: "or fall" after "fire"."""
    for joint in JOINTS:
        rest = whole.removeprefix(first + joint)
        if rest != whole:
            yield rest


@dataclass(frozen=True, slots=True)
class AttackedEdition:
    """One rendering. sizes: the number of each unit. names: its reviews, if known."""

    at: int
    tables: tuple[MergedTable, ...]
    notes: Mapping[str, Sequence[str]]
    unknown: Mapping[Name, Range]
    sizes: Mapping[str, int]
    names: frozenset[str]


def edition_of(
    at: int,
    tables: Sequence[MergedTable],
    notes: Mapping[str, Sequence[str]],
    unknown: Mapping[Name, Range],
) -> AttackedEdition:
    """Read how many reviews and children there are, and which reviews are named.

    unknown: the least and the most of cells by the numbers that they print.
    """
    sizes = _sizes_of_units(tables)
    names = _names_of_all(
        [frozenset(names) for table in tables for names in _named_records(table)], sizes
    )
    return AttackedEdition(at, tuple(tables), notes, unknown, sizes, names)


def _sizes_of_units(tables: Sequence[MergedTable]) -> dict[str, int]:
    """The number of all reviews and of all children: the largest base that any table has."""
    sizes: dict[str, int] = {}
    for table in tables:
        for block in table.blocks:
            if block.base and any(line.role != "measure" for _, line in block.lines):
                number, unit = block.base
                if unit in UNITS:
                    sizes[unit] = max(number, sizes.get(unit, number))
    return {unit: sizes[unit] for unit in UNITS if unit in sizes}


def _names_of_all(named: Sequence[frozenset[str]], sizes: Mapping[str, int]) -> frozenset[str]:
    """The names of the reviews: of a cell that names all, else of all cells together.

    No names are better than wrong ones: if cells name more reviews than there are, none is used.
    """
    every = sizes.get("review", 0)
    # The cell "All reviews, 24" that lists 24 names settles who they are. Without it, the names of
    # all smaller cells together may still be fewer than all.
    whole = next((names for names in named if len(names) == every), None)
    reviews = frozenset[str]().union(*(names for names in named if len(names) <= every))
    if whole is None and len(reviews) > every:
        reviews = frozenset()
    return whole or reviews


def _named_records(table: MergedTable) -> Iterator[tuple[str, ...]]:
    for line in table.lines:
        for records in line.records:
            if records and not any("/" in record for record in records):
                yield records
