"""What a number of a table counts, in a form that two tables share: the key of a count.

A key says the unit and the conditions, as "child: age is 0-11 and outcome is died". Two cells of
one key are one number wherever they stand, so what one table prints another cannot withhold. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from waymark.frameworks.schema import VariableSpec
from waymark.overview.crosstab import axis_of, records_of
from waymark.overview.facts import Facts, Record
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
from waymark.overview.spec_names import ALL, NOT_JUDGED, OUTSIDE
from waymark.overview.spec_slots import Slot

CHILDREN = "number of children"
UNJUDGED = "not judged"
"""What keys say of a fact that nobody judged."""

Place = tuple[str, str]
"""The ids of a row and a column."""


def key_of(unit: str, conditions: Iterable[str] = ()) -> str:
    """The key of a count: all records of a unit, or those that meet every condition."""
    return f"{unit}: {' and '.join(sorted(conditions)) or 'all'}"


@dataclass(frozen=True, slots=True)
class CountedPart:
    """The counts of a table, or of one block of it.

    cells: where each stands; shares: where a percentage of it stands; interior: the keys of those
    that are no totals; base: the key of all records; bases: those of cells that have others.
    """

    system: CountSystem
    cells: Mapping[Place, str]
    shares: Mapping[Place, str]
    interior: frozenset[str]
    base: str
    bases: Mapping[Place, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Line:
    """A row or column of a block: one place of its axis, or all (slot None)."""

    slot: Slot | None
    condition: str
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


ALL_LINE = _Line(None, "", process=True)


def _condition(slot: Slot, dimension: Dimension, variable: VariableSpec | None) -> str:
    """What records in a place have in common, said so that it means the same in every table."""
    name = variable.id if variable else CHILDREN
    if slot.id == NOT_JUDGED:
        return f"{name} is {UNJUDGED}"
    band = next((band for band in dimension.bands if band.id == slot.id), None)
    if band is not None:
        return f"{name} is {_stretch(band)}"
    if dimension.bands and slot.id == OUTSIDE:
        return f"{name} is {OUTSIDE} {'+'.join(map(_stretch, dimension.bands))}"
    allowed = variable.allowed if variable else ()
    held = [value.value for value in allowed if slot.holds(value.value)]
    return chosen(name, held or [slot.id])


def _stretch(band: Band) -> str:
    return f"{band.start}-{'' if band.end is None else band.end}"


def chosen(name: str, values: Iterable[str]) -> str:
    """What is said of a record whose value is one of these."""
    return f"{name} is {'+'.join(sorted(values))}"


@dataclass(frozen=True, slots=True)
class _Axis:
    """The lines of a dimension, which of them add up to which, and the records on each."""

    lines: tuple[_Line, ...]
    sums: tuple[tuple[_Line, tuple[_Line, ...]], ...]
    on: Mapping[str, frozenset[Record]]


def _axis(dimension: Dimension, records: Sequence[Record], facts: Facts) -> _Axis:
    axis = axis_of(dimension, records, facts)
    split = axis.split(records)
    variable = facts.framework.variable(dimension.variable) if dimension.variable else None
    lines = tuple(
        _Line(slot, _condition(slot, dimension, variable), dimension.process) for slot in axis.slots
    )
    parts = tuple(line for line in lines if line.part)
    sums = [(ALL_LINE, parts)] if parts else []
    sums += [
        (line, tuple(part for part in parts if line.slot and line.slot.holds(part.id)))
        for line in lines
        if line.slot is not None and line.slot.role == "subtotal"
    ]
    on = {line.id: frozenset(split.standing_in(line.slot) if line.slot else ()) for line in lines}
    return _Axis(lines, tuple(sums), on)


NO_AXIS = _Axis((), (), {})


class _BlockCounter:
    """The counts of one block, over every row and column and their totals."""

    def __init__(self, block: Block, facts: Facts) -> None:
        self.block = block
        self.records = records_of(block, facts)
        self.every = frozenset(self.records)
        self.down = _axis(block.rows, self.records, facts)
        self.across = _axis(block.columns, self.records, facts) if block.columns else NO_AXIS
        self.where = conditions_of(block.where)

    def crossings(self) -> list[tuple[_Line, _Line]]:
        """Every row, all rows included, with every column, all columns included."""
        return list(product((*self.down.lines, ALL_LINE), (*self.across.lines, ALL_LINE)))

    def key(self, row: _Line, column: _Line) -> str:
        """The key of a crossing."""
        said = [line.condition for line in (row, column) if line.slot is not None]
        return key_of(self.block.unit, [*self.where, *said])

    def inner(self, row: _Line, column: _Line) -> bool:
        """Whether a crossing is no total."""
        return row.part and (column.part or not self.across.lines)

    def count(self, row: _Line, column: _Line, exposure: Exposure) -> Count:
        """How many records stand in a crossing."""
        down, across = self.down.on, self.across.on
        number = len(down.get(row.id, self.every) & across.get(column.id, self.every))
        weight = 1 if self.inner(row, column) else MARGIN
        return Count(self.key(row, column), number, exposure, weight)

    def exposure(self, row: _Line, column: _Line, *, process: bool) -> Exposure:
        """All records, and facts about the process alone, are known; what is unknown is no secret.

        How many of all meet a condition is not known.
        """
        if process or (row.process and column.process and not self.where):
            return "known"
        return "plain" if row.unknown or column.unknown else "sensitive"

    def equations(self) -> Iterator[Equation]:
        """Parts add up to totals and subtotals, down in every column and across in every row."""
        for total, parts in self.down.sums:
            for column in (*self.across.lines, ALL_LINE):
                yield adds_up(self.key(total, column), [self.key(row, column) for row in parts])
        for total, parts in self.across.sums:
            for row in (*self.down.lines, ALL_LINE):
                yield adds_up(self.key(row, total), [self.key(row, column) for column in parts])


def block_counts(
    block: Block, facts: Facts, *, several: bool, process: bool, totals: bool
) -> CountedPart:
    """The counts of a block with the equations of its margins.

    several: row ids carry the block's. totals: the crossing is not printed, so it is latent. What
    is known needs no equations, and a fact about the process may stand in several rows.
    """
    counter = _BlockCounter(block, facts)
    counts: dict[str, Count] = {}
    cells: dict[Place, str] = {}
    interior = set()
    for row, column in counter.crossings():
        key = counter.key(row, column)
        hidden = totals and row.slot is not None and column.slot is not None
        exposure: Exposure = "latent" if hidden else counter.exposure(row, column, process=process)
        counts[key] = counter.count(row, column, exposure)
        if not hidden:
            row_id = row.id or "all"
            cells[f"{block.id}.{row_id}" if several else row_id, column.id or ALL] = key
            interior |= {key} if counter.inner(row, column) else set()
    shares = {(row_id, "percent"): key for (row_id, column), key in cells.items() if column == ALL}
    equations = () if process else tuple(dict.fromkeys(counter.equations()))
    base = counts[counter.key(ALL_LINE, ALL_LINE)]
    system = CountSystem(tuple(counts.values()), equations)
    return CountedPart(
        joined([system, *outside(block.where, block.unit, base, facts)]),
        cells,
        shares if block.percent else {},
        frozenset(interior),
        base.key,
    )


def conditions_of(where: Where | None) -> list[str]:
    """What a condition says of every record."""
    return [chosen(where.variable, where.values)] if where else []


def whole_of(where: Where | None, facts: Facts, *, process: bool) -> Count:
    """All reviews that are counted. All there are is known; how many meet a condition is not."""
    exposure: Exposure = "known" if process or where is None else "sensitive"
    return Count(
        key_of("review", conditions_of(where)), len(facts.meeting(where)), exposure, MARGIN
    )


def outside(where: Where | None, unit: Unit, base: Count, facts: Facts) -> Iterator[CountSystem]:
    """Those who do not meet a condition: who sees how many do can work out how many do not."""
    if where is not None:
        yield complement(base, Count(key_of(unit), len(facts.of_unit(unit)), "known"))


def row_counts(
    facts: Facts,
    rows: Sequence[tuple[str, str, int]],
    *,
    where: Where | None,
    column: str,
    process: bool,
) -> CountedPart:
    """The counts of a table in which a review can stand in several rows.

    rows: id, condition, number. Of every row the other side, base - number, is as sensitive.
    """
    whole = whole_of(where, facts, process=process)
    systems = [CountSystem((whole,), ()), *outside(where, "review", whole, facts)]
    cells: dict[Place, str] = {}
    for row, condition, number in rows:
        exposure: Exposure = "known" if process else "sensitive"
        count = Count(key_of("review", [*conditions_of(where), condition]), number, exposure)
        systems.append(complement(count, whole))
        cells[row, column] = count.key
    shares = {(row, "percent"): key for (row, _), key in cells.items()}
    return CountedPart(joined(systems), cells, shares, frozenset(cells.values()), whole.key)
