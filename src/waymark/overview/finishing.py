"""What is done to a table when all its numbers are settled: order by size, intervals. Pure.

Only what the table prints is looked at, so nothing that is withheld shows in either.
"""

from dataclasses import replace
from itertools import groupby

from waymark.core.tables import Row, Table
from waymark.overview.crosstab import ALL
from waymark.overview.intervals import Drawn, with_intervals
from waymark.overview.spec import AnyTable, Crosstab


def finished(table: Table, spec: AnyTable, drawn: Drawn | None) -> Table:
    """A table as it is shown. drawn: what its reviews are a sample of, None where of nothing."""
    if isinstance(spec, Crosstab) and spec.order == "count":
        table = _by_size(table)
    return with_intervals(table, spec, drawn)


def _by_size(table: Table) -> Table:
    """The parts of each block with the largest first; what is withheld comes after all numbers."""
    at = [column.id for column in table.columns].index(ALL)

    def size(row: Row) -> float:
        value = row.cells[at].value
        return 1.0 if value is None else -float(value)

    rows: list[Row] = []
    for _, found in groupby(table.rows, key=lambda row: (row.group, row.role == "part")):
        run = list(found)
        rows += sorted(run, key=size) if run[0].role == "part" else run
    return replace(table, rows=tuple(rows))
