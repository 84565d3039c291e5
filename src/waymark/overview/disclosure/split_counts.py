"""The counts of rows that are divided by another fact: factors, services, silence. Pure.

A review can be in several rows, so rows add up to nothing; but of each row the parts add up to the
row, and in each part those in the row and those not in it add up to the part.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from waymark.overview.disclosure.block_counts import ALL_LINE, AxisLine, CountedAxis, counted_axis
from waymark.overview.disclosure.count_keys import CountedPart, CountKey, FactCondition, Place
from waymark.overview.disclosure.engine.cells import (
    MARGIN,
    Count,
    CountSystem,
    Equation,
    Exposure,
    adds_up,
    complement_of,
    joined_systems,
)
from waymark.overview.snapshot.coded_reviews import CodedReviews, Record
from waymark.overview.spec.names import ALL
from waymark.overview.spec.schema import Dimension, Unit


@dataclass(frozen=True, slots=True)
class DividedRow:
    """A row of records that meet a condition. secret: that so many do is about people."""

    id: str
    condition: FactCondition
    records: frozenset[Record]
    secret: bool = True


def divided_counts(
    rows: Sequence[DividedRow],
    dimension: Dimension,
    unit: Unit,
    facts: CodedReviews,
    *,
    process: bool,
) -> CountedPart:
    """The counts of all rows by a fact, each cell in the row of its id and the column of its part.

    Of 24 reviews 13 show a theme; alcohol is recorded in 9, 7 of the 13 and 2 of the 11 others.
    The equations are 9 = 7 + 2, 24 = 13 + 11, 13 = 7 + 6, 11 = 2 + 9: with k = 3 the 2 is withheld,
    and the 7 with it, because the 9 would give it away.
    """
    records = facts.records_of_unit(unit)
    counter = _DividedCounter(
        counted_axis(dimension, records, facts), unit, records, process=process
    )
    systems = [counter.bases(), *(system for row in rows for system in counter.row_systems(row))]
    cells: dict[Place, str] = {}
    bases: dict[Place, str] = {}
    for row in rows:
        for line in counter.lines:
            place = row.id, line.id or ALL
            cells[place] = str(counter.key(line).narrowed_by(row.condition))
            bases[place] = str(counter.key(line))
    interior = (key for (_, column), key in cells.items() if column != ALL)
    base = str(CountKey(unit))
    return CountedPart(joined_systems(systems), cells, {}, frozenset(interior), base, bases)


class _DividedCounter:
    """Counts of records by the lines of an axis, all of them included."""

    def __init__(
        self, axis: CountedAxis, unit: Unit, records: Sequence[Record], *, process: bool
    ) -> None:
        self.axis, self.unit, self.process = axis, unit, process
        self.every = frozenset(records)
        self.lines = (*axis.lines, ALL_LINE)

    def key(self, line: AxisLine) -> CountKey:
        """The key of the records on a line."""
        return CountKey(self.unit, (line.condition,) if line.condition is not None else ())

    def _on(self, line: AxisLine) -> frozenset[Record]:
        return self.axis.records.get(line.id, self.every)

    def _base(self, line: AxisLine) -> Count:
        exposure: Exposure = "sensitive"
        if self.process or line.process:
            exposure = "known"
        elif line.unknown:
            exposure = "plain"
        return self.key(line).count(len(self._on(line)), exposure, MARGIN)

    def bases(self) -> CountSystem:
        """The number of records on each line, the parts of which add up to all."""
        counts = tuple(self._base(line) for line in self.lines)
        sums = (
            adds_up(str(self.key(total)), [str(self.key(part)) for part in parts])
            for total, parts in self.axis.sums
        )
        return CountSystem(counts, tuple(sums))

    def row_systems(self, row: DividedRow) -> Iterator[CountSystem]:
        """The number in a row on each line, with the others on the line, and their sums."""
        counts = {line: self._count(row, line) for line in self.lines}
        for line, count in counts.items():
            yield complement_of(count, self._base(line))
        yield CountSystem(tuple(counts.values()), tuple(self._sums(row)))

    def _count(self, row: DividedRow, line: AxisLine) -> Count:
        return (
            self.key(line)
            .narrowed_by(row.condition)
            .count(
                len(self._on(line) & row.records),
                self._exposure(row, line),
                MARGIN if line is ALL_LINE else 1,
            )
        )

    def _exposure(self, row: DividedRow, line: AxisLine) -> Exposure:
        if self.process:
            return "known"
        # That a report does not state an age is no secret, nor is it by year or kind of report.
        return "plain" if line.unknown or (line.process and not row.secret) else "sensitive"

    def _sums(self, row: DividedRow) -> Iterator[Equation]:
        for total, parts in self.axis.sums:
            yield adds_up(
                str(self.key(total).narrowed_by(row.condition)),
                [str(self.key(part).narrowed_by(row.condition)) for part in parts],
            )
