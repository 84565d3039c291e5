"""Tables of records by one or two variables: values, years, bands, groups, totals. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median

from waymark.core.tables import Cell, Column, Row, percent_cell
from waymark.frameworks.families import with_descendants
from waymark.overview.snapshot.coded_reviews import CarriersOf, CodedReviews, CountedRecords, Record
from waymark.overview.spec.names import ALL
from waymark.overview.spec.schema import PLURAL, CrosstabBlock, CrosstabTable, Dimension
from waymark.overview.spec.slots import AxisSlot, axis_slots


@dataclass(frozen=True, slots=True)
class RecordAxis:
    """A dimension with the value of each record of the block, and the evidence of the values."""

    slots: tuple[AxisSlot, ...]
    values: Mapping[Record, str | None]
    carriers: CarriersOf

    def split(self, records: Sequence[Record]) -> "RecordsByValue":
        """Some of the records, by value."""
        by_value: dict[str | None, list[Record]] = {}
        values = self.values
        for record in records:
            by_value.setdefault(values[record], []).append(record)
        return RecordsByValue(records, by_value)


@dataclass(frozen=True, slots=True)
class RecordsByValue:
    """Records, and the same by value, each in their order."""

    records: Sequence[Record]
    by_value: Mapping[str | None, Sequence[Record]]

    def in_slot(self, slot: AxisSlot) -> Sequence[Record]:
        """The records of a row or column, in their order. Each value is tested once."""
        # There are few values and many records, so the test of a row is run once for each value. A
        # band or a subtotal can match several values: their records are then merged in order.
        matching = [records for value, records in self.by_value.items() if slot.contains(value)]
        if len(matching) == len(self.by_value):
            return self.records
        if len(matching) == 1:
            return matching[0]
        return sorted(chain.from_iterable(matching), key=lambda record: record.at)


def axis_of(dimension: Dimension, records: Sequence[Record], facts: CodedReviews) -> RecordAxis:
    """The dimension for these records, with their values and evidence."""
    if dimension.variable is not None:
        variable = facts.variable(dimension.variable)
        values = facts.values(records, variable.id)
        return RecordAxis(
            tuple(axis_slots(dimension, variable, list(dict.fromkeys(values)))),
            dict(zip(records, values, strict=True)),
            lambda record: (facts.evidence_row(record, variable.id),),
        )
    if dimension.code is not None:
        return _theme_axis(dimension, dimension.code, records, facts)
    numbers = facts.numbers(records, dimension.count or "children")
    shown_by = dimension.shown_by
    return RecordAxis(
        tuple(axis_slots(dimension, None, list(dict.fromkeys(numbers)))),
        dict(zip(records, numbers, strict=True)),
        lambda record: (
            # A count of children has no quote of its own: the evidence is a quote about each child.
            [facts.judgement(child, shown_by) for child in facts.children_of(record)]
            if shown_by
            else ()
        ),
    )


def _theme_axis(
    dimension: Dimension, code: str, records: Sequence[Record], facts: CodedReviews
) -> RecordAxis:
    """Records by whether their review shows a code; the evidence is its passages."""
    bearing = facts.code_rows_by_review(with_descendants(facts.framework, code))
    return RecordAxis(
        tuple(axis_slots(dimension, None, ())),
        dict(zip(records, facts.theme_states(records, code), strict=True)),
        lambda record: bearing[record.review_at],
    )


def records_of(block: CrosstabBlock, facts: CodedReviews) -> Sequence[Record]:
    """The records of a block: those of its unit that meet its condition."""
    return facts.records_meeting(block.where, block.unit)


@dataclass(frozen=True, slots=True)
class BlockCrossing:
    """A block with its records, by row (down) and by column (across)."""

    block: CrosstabBlock
    records: Sequence[Record]
    down: RecordAxis
    across: RecordAxis | None


def crossings_of(table: CrosstabTable, facts: CodedReviews) -> list[BlockCrossing]:
    """The blocks of a table, ready to be counted."""
    crossings = []
    for block in table.blocks:
        records = records_of(block, facts)
        across = axis_of(block.columns, records, facts) if block.columns is not None else None
        crossings.append(BlockCrossing(block, records, axis_of(block.rows, records, facts), across))
    return crossings


def columns_of(table: CrosstabTable, crossings: Sequence[BlockCrossing]) -> list[Column]:
    """The columns of all blocks, each once, the one of all records first or last."""
    by_id: dict[str, Column] = {}
    for crossing in crossings:
        # Blocks share columns by id: died in the block of ages is the same column as died in that
        # of sexes, so each is listed once, where it first occurs.
        if crossing.across is not None:
            by_id |= {slot.id: Column(slot.id, slot.label) for slot in crossing.across.slots}
    units = {block.unit for block in table.blocks}
    name = PLURAL[units.pop()].capitalize() if len(units) == 1 else "Number"
    every = Column(ALL, "All" if by_id else name)
    columns = [every, *by_id.values()] if table.all_first else [*by_id.values(), every]
    if any(block.percent for block in table.blocks):
        columns.append(Column("percent", "Per cent", "percent"))
    return columns


def crosstab_rows(
    crossings: Sequence[BlockCrossing], columns: Sequence[Column], facts: CodedReviews
) -> list[Row]:
    """The rows of all blocks; with several blocks, ids begin with that of the block."""
    several = len(crossings) > 1
    return [
        row
        for crossing in crossings
        for row in _block_rows(crossing, columns, facts, several=several)
    ]


def _block_rows(
    crossing: BlockCrossing, columns: Sequence[Column], facts: CodedReviews, *, several: bool
) -> list[Row]:
    block, records, down = crossing.block, crossing.records, crossing.down
    group = block.title if several else ""
    total = AxisSlot("all", block.all_label, "total", lambda value: True)
    split = down.split(records)
    rows = []
    for slot in (*down.slots, total):
        crossed = _CrosstabRow(split.in_slot(slot), len(records), down, crossing.across)
        cells = tuple(crossed.cell(column, percent=block.percent) for column in columns)
        row_id = f"{block.id}.{slot.id}" if several else slot.id
        rows.append(Row(row_id, slot.label, cells, slot.role, group))
    rows += _measured_rows(block, records, down, columns, several=several)
    if block.each is not None:
        rows.append(
            _each_row(block, facts, _counted_records(records, down, None), columns, several=several)
        )
    return rows


class _CrosstabRow:
    """One row of a block: its records, and the same records by column."""

    def __init__(
        self, records: Sequence[Record], base: int, down: RecordAxis, across: RecordAxis | None
    ) -> None:
        self.base, self.down, self.across = base, down, across
        self.every = self._count(records)
        self.split = across.split(records) if across else None
        self.slots = {slot.id: slot for slot in across.slots} if across else {}

    def cell(self, column: Column, *, percent: bool) -> Cell:
        """The cell in a column. percent: true if the block has shares."""
        if column.id == "percent":
            if not percent:
                return Cell(None, kind="percent", mark="[z]")
            return percent_cell(self.every, self.base)
        if column.id == ALL:
            return self.every
        slot = self.slots.get(column.id)
        if slot is None or self.split is None:
            return Cell(None, mark="[z]")
        return self._count(self.split.in_slot(slot))

    def _count(self, records: Sequence[Record]) -> Cell:
        return _counted_records(records, self.down, self.across).cell(self.base)


def _counted_records(
    records: Sequence[Record], down: RecordAxis, across: RecordAxis | None
) -> CountedRecords:
    if across is None:
        return CountedRecords(records, down.carriers)
    return CountedRecords(
        records, lambda record: (*down.carriers(record), *across.carriers(record))
    )


def _measured_rows(
    block: CrosstabBlock,
    records: Sequence[Record],
    down: RecordAxis,
    columns: Sequence[Column],
    *,
    several: bool,
) -> Iterator[Row]:
    """The least, the median and the most of the numbers, without those that are not known."""
    measures: tuple[tuple[str, str | None, Callable[[list[int]], float]], ...] = (
        ("least", block.least, min),
        ("median", block.median, median),
        ("most", block.most, max),
    )
    for name, label, measure in measures:
        if label is None:
            continue
        known = {record: int(n) for record in records if (n := down.values[record])}
        value = measure(list(known.values())) if known else None
        # A median has all reviews behind it, the least and the most those of that number.
        behind = [record for record, number in known.items() if name == "median" or number == value]
        counted = _counted_records(behind, down, None)
        cell = Cell(value, len(known), "number", counted.evidence, counted.references, decimals=1)
        yield _measure_row(block, name, label, cell, columns, several=several)


def _each_row(
    block: CrosstabBlock,
    facts: CodedReviews,
    counted: CountedRecords,
    columns: Sequence[Column],
    *,
    several: bool,
) -> Row:
    """The number of records for each review; not applicable if there is no review."""
    reviews = len(facts.reviews)
    value = len(counted.records) / reviews if reviews else None
    mark = "" if reviews else "[z]"
    cell = Cell(value, reviews, "number", counted.evidence, counted.references, mark, decimals=1)
    return _measure_row(block, "each", block.each or "", cell, columns, several=several)


def _measure_row(
    block: CrosstabBlock,
    name: str,
    label: str,
    cell: Cell,
    columns: Sequence[Column],
    *,
    several: bool,
) -> Row:
    """A row with a measure in the column of all records and nowhere else."""
    cells = tuple(cell if column.id == ALL else Cell(None, mark="[z]") for column in columns)
    row_id = f"{block.id}.{name}" if several else name
    return Row(row_id, label, cells, "measure", block.title if several else "")
