"""Differences between two releases, the largest first. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from waymark.publishing.comparison.compare import ComparedRow, ComparedTable, ReleaseComparison


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row that differs, with its table."""

    table: ComparedTable
    row: ComparedRow


def differing_rows(
    comparison: ReleaseComparison, tables: Collection[str] = ()
) -> list[RowDifference]:
    """Rows that differ. tables: ids in the first release to look at, all if empty.

    Of different reviews: those with a difference in percentage points, the largest first, in
    either direction; of equal ones, in the order of the tables. Where reviews are counted in both,
    as in two editions of one overview: those whose printed numbers are not the same, in the order
    of the tables. Across frameworks every number may differ, which would say nothing: none.
    """
    rows = [
        RowDifference(table, row)
        for table in chosen_tables(comparison, tables)
        for row in table.rows
    ]
    if comparison.relation != "apart":
        same = comparison.first.framework == comparison.second.framework
        return [pair for pair in rows if same and _is_printed_differently(pair.row)]
    differing = [pair for pair in rows if pair.row.difference]
    return sorted(differing, key=lambda pair: -abs(pair.row.difference or 0))


def _is_printed_differently(row: ComparedRow) -> bool:
    first, second = (side and side.with_share for side in (row.first, row.second))
    return first != second


def chosen_tables(
    comparison: ReleaseComparison, tables: Collection[str]
) -> Iterator[ComparedTable]:
    """The tables with these ids in the first release; all tables if none of them is there."""
    known = {table.first for table in comparison.tables}
    for table in comparison.tables:
        if known.isdisjoint(tables) or table.first in tables:
            yield table
