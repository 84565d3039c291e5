"""The counts of one block of a crosstab with the equations of its margins. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from waymark.frameworks.variables import VariableSpec
from waymark.overview.disclosure.count_keys import (
    CHILDREN,
    UNJUDGED,
    CountedPart,
    CountKey,
    FactCondition,
    Place,
    conditions_of,
    outside_condition,
)
from waymark.overview.disclosure.engine.cells import (
    MARGIN,
    Count,
    CountSystem,
    Equation,
    Exposure,
    adds_up,
    joined_systems,
)
from waymark.overview.disclosure.engine.history import CODED
from waymark.overview.snapshot.coded_reviews import CodedReviews, Record
from waymark.overview.spec.names import ALL, NOT_JUDGED, OUTSIDE
from waymark.overview.spec.schema import Band, CrosstabBlock, Dimension
from waymark.overview.spec.slots import AxisSlot
from waymark.overview.tables.crosstab import axis_of, records_of


@dataclass(frozen=True, slots=True)
class AxisLine:
    """A row or column of a block: one place of its axis, or all (slot and condition None)."""

    slot: AxisSlot | None
    condition: FactCondition | None
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


ALL_LINE = AxisLine(None, None, process=True)


def _slot_condition(
    slot: AxisSlot, dimension: Dimension, variable: VariableSpec | None
) -> FactCondition:
    """The condition that the records of a slot meet, worded alike in every table.

    Ages in months in bands 0-11 and 12-23: the slots are "age is 0-11", "age is 12-23" and, for a
    child of 30 months, "age is outside 0-11+12-23". A group "Deaths" of the values assault and
    suicide is "nature is assault+suicide" whatever the table calls the group.
    """
    if dimension.code is not None:
        return FactCondition(f"{CODED}{dimension.code}", (slot.id,))
    if variable is not None and variable.type == "year" and dimension.bands:
        return _period_condition(slot, dimension, variable)
    name = variable.id if variable else _count_name(dimension)
    if slot.id == NOT_JUDGED:
        return FactCondition(name, (UNJUDGED,))
    band = next((band for band in dimension.bands if band.id == slot.id), None)
    if band is not None:
        return FactCondition(name, (_band_text(band),))
    if dimension.bands and slot.id == OUTSIDE:
        return FactCondition(name, tuple(map(_band_text, dimension.bands)), outside=True)
    allowed = variable.allowed if variable else ()
    values = [value.value for value in allowed if slot.contains(value.value)]
    return FactCondition.one_of(name, values or [slot.id])


def _period_condition(
    slot: AxisSlot, dimension: Dimension, variable: VariableSpec
) -> FactCondition:
    """Years in periods are those years, one by one: other tables count single years."""
    if slot.id == NOT_JUDGED:
        return FactCondition(variable.id, (UNJUDGED,))
    years = [
        str(year)
        for band in dimension.bands
        if slot.id in {band.id, OUTSIDE} and band.end is not None
        for year in range(band.start, band.end + 1)
    ]
    outside = slot.id == OUTSIDE
    return FactCondition(variable.id, tuple(sorted(years)), outside=outside)


def _count_name(dimension: Dimension) -> str:
    return dimension.count if dimension.count and dimension.counts_months else CHILDREN


def _band_text(band: Band) -> str:
    return f"{band.start}-{'' if band.end is None else band.end}"


@dataclass(frozen=True, slots=True)
class CountedAxis:
    """The lines of a dimension, which of them add up to which, and the records on each line."""

    lines: tuple[AxisLine, ...]
    sums: tuple[tuple[AxisLine, tuple[AxisLine, ...]], ...]
    records: Mapping[str, frozenset[Record]]


def counted_axis(
    dimension: Dimension, records: Sequence[Record], facts: CodedReviews
) -> CountedAxis:
    """The lines of a dimension for some records."""
    axis = axis_of(dimension, records, facts)
    split = axis.split(records)
    variable = facts.framework.variable(dimension.variable) if dimension.variable else None
    lines = tuple(
        AxisLine(
            slot,
            _slot_condition(slot, dimension, variable),
            dimension.about_process,
        )
        for slot in axis.slots
    )
    on_line = {line.id: frozenset(split.in_slot(line.slot) if line.slot else ()) for line in lines}
    return CountedAxis(lines, tuple(_axis_sums(lines)), on_line)


def _axis_sums(lines: Sequence[AxisLine]) -> Iterator[tuple[AxisLine, tuple[AxisLine, ...]]]:
    """The total with all parts, and each subtotal with its own."""
    parts = tuple(line for line in lines if line.part)
    if parts:
        yield ALL_LINE, parts
    for line in lines:
        if line.slot is not None and line.slot.role == "subtotal":
            yield line, tuple(part for part in parts if line.slot.contains(part.id))


NO_AXIS = CountedAxis((), (), {})


class _BlockCounter:
    """The counts of one block, over every row and column and their totals."""

    def __init__(self, block: CrosstabBlock, facts: CodedReviews) -> None:
        self.block = block
        self.records = records_of(block, facts)
        self.every = frozenset(self.records)
        self.down = counted_axis(block.rows, self.records, facts)
        self.across = counted_axis(block.columns, self.records, facts) if block.columns else NO_AXIS
        self.where = conditions_of(block.where)

    def crossings(self) -> list[tuple[AxisLine, AxisLine]]:
        """Every row, all rows included, with every column, all columns included."""
        return list(product((*self.down.lines, ALL_LINE), (*self.across.lines, ALL_LINE)))

    def key(self, row: AxisLine, column: AxisLine) -> CountKey:
        """The key of a crossing."""
        conditions = [line.condition for line in (row, column) if line.condition is not None]
        return CountKey(self.block.unit, (*self.where, *conditions))

    def inner(self, row: AxisLine, column: AxisLine) -> bool:
        """Return True if a crossing is no total."""
        return row.part and (column.part or not self.across.lines)

    def count(self, row: AxisLine, column: AxisLine, exposure: Exposure) -> Count:
        """The number of records in a crossing."""
        down, across = self.down.records, self.across.records
        number = len(down.get(row.id, self.every) & across.get(column.id, self.every))
        return self.key(row, column).count(
            number, exposure, 1 if self.inner(row, column) else MARGIN
        )

    def exposure(self, row: AxisLine, column: AxisLine, *, process: bool) -> Exposure:
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
        self, total: tuple[AxisLine, AxisLine], parts: Sequence[tuple[AxisLine, AxisLine]]
    ) -> Equation:
        return adds_up(str(self.key(*total)), [str(self.key(*part)) for part in parts])


def block_counts(
    block: CrosstabBlock, facts: CodedReviews, *, several: bool, process: bool, totals: bool
) -> CountedPart:
    """The counts of a block with the equations of its margins.

    several: row ids carry the block's. totals: the crossing is not printed, so it is latent. Known
    counts need no equations, and a record may be in several rows of a fact about the process.

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
    # A percentage has no count of its own: it stands or falls with the number it was made from. "3,
    # 25%" of 12 would give the 3 away, if only the 3 were withheld.
    shares = {(row_id, "percent"): key for (row_id, column), key in cells.items() if column == ALL}
    # Two groups of the same values, "deaths" and "fatal incidents", have one key: their sums are
    # one equation, of which the solver needs one.
    equations = () if process else tuple(dict.fromkeys(counter.equations()))
    base = counts[str(counter.key(ALL_LINE, ALL_LINE))]
    system = CountSystem(tuple(counts.values()), equations)
    return CountedPart(
        joined_systems([system, *outside_condition(block.where, block.unit, base, facts)]),
        cells,
        shares if block.percent else {},
        frozenset(interior),
        base.key,
    )
