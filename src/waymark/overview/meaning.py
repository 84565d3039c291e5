"""Keys of counts, and the counts of a block of a table with the equations of its margins. Pure.

A key says the unit and the conditions that its records meet. Two cells of one key are one number
wherever they are printed: what one table prints, another cannot suppress. In memory a key is a
`CountKey`; the engine and the ledger's file know it by its text, as
"child: age is 0-11 and outcome is died".
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from waymark.frameworks.schema import VariableSpec
from waymark.overview.crosstab import ALL, NOT_JUDGED, Slot, axis_of, records_of
from waymark.overview.facts import UNITS, Facts, Record
from waymark.overview.protection.cells import (
    MARGIN,
    Count,
    CountSystem,
    Equation,
    Exposure,
    adds_up,
    complement,
    joined,
)
from waymark.overview.spec import Band, Block, Dimension, Unit, Where

CHILDREN = "number of children"
UNJUDGED, NOT_RECORDED, OUTSIDE = "not judged", "not_recorded", "outside"
"""Words of keys for a fact without a value, and for numbers outside all bands."""
IS, AND, PLUS, EVERY = " is ", " and ", "+", "all"
"""Words that join the parts of a key's text. All ledgers ever written have them: never change."""
CONDITION = re.compile(
    rf"(?P<fact>(?:theme )?[a-z][a-z0-9_.]*|{CHILDREN}){IS}"
    rf"(?:{UNJUDGED}|(?P<outside>{OUTSIDE} )?(?P<values>[^\s+]+(?:\+[^\s+]+)*))"
)

Place = tuple[str, str]
"""The ids of a row and a column."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One fact that is the same of every record counted: "nature is assault+other".

    fact: a variable's id, CHILDREN, or "theme " with a code's id. values: ids, of which each record
    has one, or bands of numbers ("0-11", "12-"). outside: the record has a number in none of them.
    """

    fact: str
    values: tuple[str, ...]
    outside: bool = False

    @classmethod
    def one_of(cls, fact: str, values: Iterable[str]) -> "Condition":
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

    conditions: in the order of their texts, whichever order they are given in; none: all records.
    """

    unit: Unit
    conditions: tuple[Condition | CombinedCondition, ...] = ()

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
    def _plain(self) -> Iterator[Condition]:
        return (condition for condition in self.conditions if isinstance(condition, Condition))

    def on(self, fact: str) -> tuple[Condition, ...]:
        """The conditions on one fact; a table within a condition on its own rows has two."""
        return tuple(condition for condition in self._plain if condition.fact == fact)

    def also(self, *conditions: Condition | CombinedCondition) -> "CountKey":
        """The key of those of its records that meet further conditions."""
        return CountKey(self.unit, (*self.conditions, *conditions))

    def without(self, fact: str) -> "CountKey":
        """The key of all records that meet the conditions on other facts."""
        on_fact = self.on(fact)
        others = (condition for condition in self.conditions if condition not in on_fact)
        return CountKey(self.unit, tuple(others))

    def of_unit(self, unit: Unit) -> "CountKey":
        """The key of another unit under the same conditions."""
        return CountKey(unit, self.conditions)

    def count(self, value: int, exposure: Exposure = "sensitive", weight: int = 1) -> Count:
        """The count of this key, as the engine takes it."""
        return Count(str(self), value, exposure, weight, self)


def _parsed_condition(text: str) -> Condition | CombinedCondition:
    match = CONDITION.fullmatch(text)
    if match is None:
        return CombinedCondition(text)
    values = (match["values"] or UNJUDGED).split(PLUS)
    return Condition(match["fact"], tuple(values), outside=match["outside"] is not None)


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
    totals; base: the key of all records; bases: the keys of cells' bases where they are others.
    """

    system: CountSystem
    cells: Mapping[Place, str]
    shares: Mapping[Place, str]
    interior: frozenset[str]
    base: str
    bases: Mapping[Place, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _AxisLine:
    """A row or column of a block: one place of its axis, or all (slot and condition None)."""

    slot: Slot | None
    condition: Condition | None
    process: bool

    @property
    def id(self) -> str:
        return self.slot.id if self.slot else ""

    @property
    def part(self) -> bool:
        return self.slot is not None and self.slot.role in {"part", "unknown"}

    @property
    def unknown(self) -> bool:
        return self.slot is not None and self.slot.role == "unknown"


ALL_LINE = _AxisLine(None, None, process=True)


def _slot_condition(slot: Slot, dimension: Dimension, variable: VariableSpec | None) -> Condition:
    """The condition that the records of a slot meet, worded alike in every table.

    Ages in months in bands 0-11 and 12-23: the slots are "age is 0-11", "age is 12-23" and, for a
    child of 30 months, "age is outside 0-11+12-23". A group "Deaths" of the values assault and
    suicide is "nature is assault+suicide" whatever the table calls the group.
    """
    name = variable.id if variable else CHILDREN
    if slot.id == NOT_JUDGED:
        return Condition(name, (UNJUDGED,))
    band = next((band for band in dimension.bands if band.id == slot.id), None)
    if band is not None:
        return Condition(name, (_band_text(band),))
    if dimension.bands and slot.id == OUTSIDE:
        return Condition(name, tuple(map(_band_text, dimension.bands)), outside=True)
    allowed = variable.allowed if variable else ()
    values = [value.value for value in allowed if slot.holds(value.value)]
    return Condition.one_of(name, values or [slot.id])


def _band_text(band: Band) -> str:
    return f"{band.start}-{'' if band.end is None else band.end}"


@dataclass(frozen=True, slots=True)
class _CountedAxis:
    """The lines of a dimension, which of them add up to which, and the records on each line."""

    lines: tuple[_AxisLine, ...]
    sums: tuple[tuple[_AxisLine, tuple[_AxisLine, ...]], ...]
    records: Mapping[str, frozenset[Record]]


def _counted_axis(dimension: Dimension, records: Sequence[Record], facts: Facts) -> _CountedAxis:
    axis = axis_of(dimension, records, facts)
    split = axis.split(records)
    variable = facts.framework.variable(dimension.variable) if dimension.variable else None
    lines = tuple(
        _AxisLine(slot, _slot_condition(slot, dimension, variable), dimension.process)
        for slot in axis.slots
    )
    on_line = {
        line.id: frozenset(split.standing_in(line.slot) if line.slot else ()) for line in lines
    }
    return _CountedAxis(lines, tuple(_axis_sums(lines)), on_line)


def _axis_sums(
    lines: Sequence[_AxisLine],
) -> Iterator[tuple[_AxisLine, tuple[_AxisLine, ...]]]:
    """The total with all parts, and each subtotal with its own."""
    parts = tuple(line for line in lines if line.part)
    if parts:
        yield ALL_LINE, parts
    for line in lines:
        if line.slot is not None and line.slot.role == "subtotal":
            yield line, tuple(part for part in parts if line.slot.holds(part.id))


NO_AXIS = _CountedAxis((), (), {})


class _BlockCounter:
    """The counts of one block, over every row and column and their totals."""

    def __init__(self, block: Block, facts: Facts) -> None:
        self.block = block
        self.records = records_of(block, facts)
        self.every = frozenset(self.records)
        self.down = _counted_axis(block.rows, self.records, facts)
        self.across = (
            _counted_axis(block.columns, self.records, facts) if block.columns else NO_AXIS
        )
        self.where = conditions_of(block.where)

    def crossings(self) -> list[tuple[_AxisLine, _AxisLine]]:
        """Every row, all rows included, with every column, all columns included."""
        return list(product((*self.down.lines, ALL_LINE), (*self.across.lines, ALL_LINE)))

    def key(self, row: _AxisLine, column: _AxisLine) -> CountKey:
        """The key of a crossing."""
        conditions = [line.condition for line in (row, column) if line.condition is not None]
        return CountKey(self.block.unit, (*self.where, *conditions))

    def inner(self, row: _AxisLine, column: _AxisLine) -> bool:
        """Return True if a crossing is no total."""
        return row.part and (column.part or not self.across.lines)

    def count(self, row: _AxisLine, column: _AxisLine, exposure: Exposure) -> Count:
        """The number of records in a crossing."""
        down, across = self.down.records, self.across.records
        number = len(down.get(row.id, self.every) & across.get(column.id, self.every))
        return self.key(row, column).count(
            number, exposure, 1 if self.inner(row, column) else MARGIN
        )

    def exposure(self, row: _AxisLine, column: _AxisLine, *, process: bool) -> Exposure:
        """ "known" for totals and process facts, "plain" for unknown values, else "sensitive".

        How many of all records meet a condition is sensitive, too.
        """
        if process or (row.process and column.process and not self.where):
            return "known"
        return "plain" if row.unknown or column.unknown else "sensitive"

    def equations(self) -> Iterator[Equation]:
        """Parts add up to totals and subtotals, down in every column and across in every row.

        Died 7 and lives 3 of 10 infants: infants = infants who died + infants who live, and so for
        every other row, and for the column of all ages.
        """
        for total, parts in self.down.sums:
            for column in (*self.across.lines, ALL_LINE):
                yield self._sum((total, column), [(row, column) for row in parts])
        for total, parts in self.across.sums:
            for row in (*self.down.lines, ALL_LINE):
                yield self._sum((row, total), [(row, column) for column in parts])

    def _sum(
        self, total: tuple[_AxisLine, _AxisLine], parts: Sequence[tuple[_AxisLine, _AxisLine]]
    ) -> Equation:
        return adds_up(str(self.key(*total)), [str(self.key(*part)) for part in parts])


def block_counts(
    block: Block, facts: Facts, *, several: bool, process: bool, totals: bool
) -> CountedPart:
    """The counts of a block with the equations of its margins.

    several: row ids carry the block's. totals: the crossing is not printed, so it is latent. What
    is known needs no equations, and a fact about the process may stand in several rows.

    Two natures by two outcomes give nine keys: four crossings of weight 1, and four margins and one
    total of weight MARGIN. With totals the four crossings are latent and only the margins printed.
    """
    counter = _BlockCounter(block, facts)
    counts: dict[str, Count] = {}
    cells: dict[Place, str] = {}
    interior: set[str] = set()
    for row, column in counter.crossings():
        hidden = totals and row.slot is not None and column.slot is not None
        exposure: Exposure = "latent" if hidden else counter.exposure(row, column, process=process)
        count = counter.count(row, column, exposure)
        counts[count.key] = count
        if not hidden:
            row_id = row.id or "all"
            cells[f"{block.id}.{row_id}" if several else row_id, column.id or ALL] = count.key
            interior |= {count.key} if counter.inner(row, column) else set()
    shares = {(row_id, "percent"): key for (row_id, column), key in cells.items() if column == ALL}
    equations = () if process else tuple(dict.fromkeys(counter.equations()))
    base = counts[str(counter.key(ALL_LINE, ALL_LINE))]
    system = CountSystem(tuple(counts.values()), equations)
    return CountedPart(
        joined([system, *outside(block.where, block.unit, base, facts)]),
        cells,
        shares if block.percent else {},
        frozenset(interior),
        base.key,
    )


def conditions_of(where: Where | None) -> tuple[Condition, ...]:
    """The condition of a table or block on every record, if it has one."""
    return (Condition.one_of(where.variable, where.values),) if where else ()


def whole_of(where: Where | None, facts: Facts, *, process: bool) -> Count:
    """All reviews that are counted: known if there is no condition, else sensitive."""
    exposure: Exposure = "known" if process or where is None else "sensitive"
    key = CountKey("review", conditions_of(where))
    return key.count(len(facts.meeting(where)), exposure, MARGIN)


def outside(where: Where | None, unit: Unit, base: Count, facts: Facts) -> Iterator[CountSystem]:
    """Records that do not meet a condition, as the complement of those that do.

    Of 24 reviews 22 record neglect: 22 may be printed, but then 24 - 22 = 2 do not, so the
    complement is a sensitive count of its own.
    """
    if where is not None:
        yield complement(base, CountKey(unit).count(len(facts.of_unit(unit)), "known"))


def row_counts(
    facts: Facts,
    rows: Sequence[tuple[str, Condition, int]],
    *,
    where: Where | None,
    column: str,
    process: bool,
) -> CountedPart:
    """The counts of a table in which a review can be in several rows.

    rows: id, condition, number. Of every row the other side, base - number, is as sensitive.
    """
    whole = whole_of(where, facts, process=process)
    systems = [CountSystem((whole,), ()), *outside(where, "review", whole, facts)]
    cells: dict[Place, str] = {}
    for row, condition, number in rows:
        exposure: Exposure = "known" if process else "sensitive"
        count = key_of(whole).also(condition).count(number, exposure)
        systems.append(complement(count, whole))
        cells[row, column] = count.key
    shares = {(row, "percent"): key for (row, _), key in cells.items()}
    return CountedPart(joined(systems), cells, shares, frozenset(cells.values()), whole.key)
