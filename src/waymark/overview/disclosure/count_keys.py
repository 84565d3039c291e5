"""Keys of counts, and the counts of a table or a part of one. Pure.

A key says the unit and the conditions that its records meet. Two cells of one key are one number
wherever they are printed: what one table prints, another cannot suppress. In memory a key is a
`CountKey`; the engine and the ledger's file know it by its text, as
"child: age is 0-11 and outcome is died".
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from waymark.overview.disclosure.engine.cells import (
    MARGIN,
    Count,
    CountSystem,
    Exposure,
    complement_of,
    joined_systems,
)
from waymark.overview.snapshot.coded_reviews import UNITS, CodedReviews
from waymark.overview.spec.names import OUTSIDE
from waymark.overview.spec.schema import Unit, WhereCondition

CHILDREN = "number of children"
UNJUDGED = "not judged"
"""Words of keys for a fact without a value."""
IS, AND, PLUS, EVERY = " is ", " and ", "+", "all"
"""Words that join the parts of a key's text. All ledgers ever written have them: never change."""
CONDITION = re.compile(
    rf"(?P<fact>(?:theme )?[a-z][a-z0-9_.]*|{CHILDREN}){IS}"
    rf"(?:{UNJUDGED}|(?P<outside>{OUTSIDE} )?(?P<values>[^\s+]+(?:\+[^\s+]+)*))"
)

Place = tuple[str, str]
"""The ids of a row and a column."""


@dataclass(frozen=True, slots=True)
class FactCondition:
    """One fact that is the same of every record counted: "nature is assault+other".

    fact: a variable's id, CHILDREN, or "theme " with a code's id. values: ids, of which each record
    has one, or bands of numbers ("0-11", "12-"). outside: the record has a number in none of them.
    """

    fact: str
    values: tuple[str, ...]
    outside: bool = False

    @classmethod
    def one_of(cls, fact: str, values: Iterable[str]) -> "FactCondition":
        """The condition that a fact has one of these values, in whichever order they come."""
        return cls(fact, tuple(sorted(values)))

    def __str__(self) -> str:
        return f"{self.fact}{IS}{f'{OUTSIDE} ' if self.outside else ''}{PLUS.join(self.values)}"


@dataclass(frozen=True, slots=True)
class CombinedCondition:
    """A condition on several facts at once, known by its text: "2 of (a, b) are recorded"."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class CountKey:
    """The meaning of a count: the unit, and the conditions that all of its records meet.

    conditions: sorted by their texts; empty for all records.
    """

    unit: Unit
    conditions: tuple[FactCondition | CombinedCondition, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "conditions", tuple(sorted(self.conditions, key=str)))

    @classmethod
    def parse(cls, text: str) -> "CountKey | None":
        """The key of a text in a ledger's file; None for names the engine gave to other counts.

        str() of the result is the text again: what is not understood is one combined condition.
        """
        unit = next((unit for unit in UNITS if text.startswith(f"{unit}: ")), None)
        if unit is None:
            return None
        conditions = text.removeprefix(f"{unit}: ")
        if conditions == EVERY:
            return cls(unit)
        key = cls(unit, tuple(map(_parsed_condition, conditions.split(AND))))
        return key if str(key) == text else cls(unit, (CombinedCondition(conditions),))

    def __str__(self) -> str:
        return f"{self.unit}: {AND.join(map(str, self.conditions)) if self.conditions else EVERY}"

    @property
    def facts(self) -> frozenset[str]:
        """The facts that the key has conditions on, combined ones left out."""
        return frozenset(condition.fact for condition in self._plain)

    @property
    def _plain(self) -> Iterator[FactCondition]:
        return (condition for condition in self.conditions if isinstance(condition, FactCondition))

    def conditions_on(self, fact: str) -> tuple[FactCondition, ...]:
        """The conditions on one fact; a table within a condition on its own rows has two."""
        return tuple(condition for condition in self._plain if condition.fact == fact)

    def narrowed_by(self, *conditions: FactCondition | CombinedCondition) -> "CountKey":
        """The key of those of its records that meet further conditions."""
        return CountKey(self.unit, (*self.conditions, *conditions))

    def without(self, fact: str) -> "CountKey":
        """The key of all records that meet the conditions on other facts."""
        on_fact = self.conditions_on(fact)
        others = (condition for condition in self.conditions if condition not in on_fact)
        return CountKey(self.unit, tuple(others))

    def of_unit(self, unit: Unit) -> "CountKey":
        """The key of another unit under the same conditions."""
        return CountKey(unit, self.conditions)

    def count(self, value: int, exposure: Exposure = "sensitive", weight: int = 1) -> Count:
        """The count of this key, as the engine takes it."""
        return Count(str(self), value, exposure, weight, self)


def _parsed_condition(text: str) -> FactCondition | CombinedCondition:
    # "cause is fire (not)" is a name the engine made; its space keeps it from being a plain value.
    match = CONDITION.fullmatch(text)
    if match is None:
        return CombinedCondition(text)
    values = (match["values"] or UNJUDGED).split(PLUS)
    return FactCondition(match["fact"], tuple(values), outside=match["outside"] is not None)


def key_of(count: Count) -> CountKey:
    """The key that a count was made of. Raises TypeError for a count the engine made."""
    if not isinstance(count.tag, CountKey):
        raise TypeError(f"{count.key} was not made of a key")
    return count.tag


def with_keys(system: CountSystem) -> CountSystem:
    """A system read from a file, each count with the key that its text says."""
    counts = (replace(count, tag=CountKey.parse(count.key)) for count in system.counts)
    return CountSystem(tuple(counts), system.equations)


@dataclass(frozen=True, slots=True)
class CountedPart:
    """The counts of a table, or of one block of it; keys by their texts, as the engine has them.

    cells: the key of each cell; shares: of each percentage; interior: the keys of cells that are no
    totals; base: the key of all records; bases: the keys of cells' bases if they have others.
    """

    system: CountSystem
    cells: Mapping[Place, str]
    shares: Mapping[Place, str]
    interior: frozenset[str]
    base: str
    bases: Mapping[Place, str] = field(default_factory=dict)


def conditions_of(where: WhereCondition | None) -> tuple[FactCondition, ...]:
    """The condition of a table or block on every record, if it has one."""
    return (FactCondition.one_of(where.variable, where.values),) if where else ()


def whole_count(where: WhereCondition | None, facts: CodedReviews, *, process: bool) -> Count:
    """All reviews that are counted: known if there is no condition, else sensitive."""
    exposure: Exposure = "known" if process or where is None else "sensitive"
    key = CountKey("review", conditions_of(where))
    return key.count(len(facts.records_meeting(where)), exposure, MARGIN)


def outside_condition(
    where: WhereCondition | None, unit: Unit, base: Count, facts: CodedReviews
) -> Iterator[CountSystem]:
    """Records that do not meet a condition, as the complement of those that do.

    Of 24 reviews 22 record neglect: 22 may be printed, but then 24 - 22 = 2 do not, so the
    complement is a sensitive count of its own.
    """
    if where is not None:
        yield complement_of(base, CountKey(unit).count(len(facts.records_of_unit(unit)), "known"))


def row_counts(
    facts: CodedReviews,
    rows: Sequence[tuple[str, FactCondition, int]],
    *,
    where: WhereCondition | None,
    column: str,
    process: bool,
) -> CountedPart:
    """The counts of a table in which a review can be in several rows.

    rows: id, condition, number. Of every row the other side, base - number, is as sensitive.
    """
    whole = whole_count(where, facts, process=process)
    systems = [CountSystem((whole,), ()), *outside_condition(where, "review", whole, facts)]
    cells: dict[Place, str] = {}
    for row, condition, number in rows:
        exposure: Exposure = "known" if process else "sensitive"
        count = key_of(whole).narrowed_by(condition).count(number, exposure)
        systems.append(complement_of(count, whole))
        cells[row, column] = count.key
    shares = {(row, "percent"): key for (row, _), key in cells.items()}
    return CountedPart(joined_systems(systems), cells, shares, frozenset(cells.values()), whole.key)
