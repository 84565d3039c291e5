"""The suppressed cells of a release with the reasons, for people who may see them. Pure.

Nothing that is published is made from this. It is worked out apart from the release, when somebody
who may see withheld numbers opens them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from waymark.core.tables import Cell, Column, ProtectedTable, Row, Table
from waymark.overview.disclosure.count_keys import Place
from waymark.overview.disclosure.engine.history import ReleaseLedgerEntry
from waymark.overview.disclosure.protect import ReleaseProtection

Why = Literal["small", "was small", "protects", "beside", "crossing", "rounded", "closed"]
IN_WORDS: dict[Why, str] = {
    "small": "The number is withheld because it is under {k}.",
    "was small": (
        "The number is withheld because an earlier edition withheld it: it was under {k} then, and"
        " printing it now could reveal that number."
    ),
    "protects": (
        "The number is withheld to protect another: it could be used to work out a number under"
        " {k}."
    ),
    "beside": "The number is withheld because a number it is calculated from is withheld.",
    "crossing": (
        "The rows are not broken down by the columns under this profile: too many of the numbers"
        " are under {k}, or could reveal one that is."
    ),
    "rounded": "The number is printed rounded to a multiple of {k}.",
    "closed": (
        "The number is printed. Its evidence is not available, because it could reveal another"
        " number that is withheld, or because its sources are not public."
    ),
}


@dataclass(frozen=True, slots=True)
class SuppressedCell:
    """A cell that is withheld, rounded, or not linked. printed: what everybody sees in it.

    why: the reason, in words.
    """

    row: Row
    column: Column
    cell: Cell
    printed: str
    why: str


@dataclass(frozen=True, slots=True)
class SuppressedTable:
    """A table with its cells that not everybody may see, in the order of the printed table."""

    table: Table
    covered: Mapping[Place, SuppressedCell]


def suppressed_tables(
    protection: ReleaseProtection, *, k: int, rounded: bool, ledger: Sequence[ReleaseLedgerEntry]
) -> tuple[SuppressedTable, ...]:
    """The suppressed, rounded and unlinked cells of each table.

    k: the threshold, or the base of rounding. ledger: the releases published before.
    """
    before = frozenset(
        # Both small and withheld then. What was withheld to protect another is not, and may be
        # large.
        key
        for entry in ledger
        for key in entry.system.primaries(entry.k) & entry.withheld
    )
    reasons = _SuppressionReasons(protection.small, before, rounded=rounded)
    tables = []
    for protected, counted in zip(protection.tables, protection.counted, strict=True):
        cells = {
            (row.id, column.id): SuppressedCell(
                row,
                column,
                cell,
                printed.shown,
                IN_WORDS[reasons.why(printed, counted.keys.get((row.id, column.id)))].format(k=k),
            )
            for row, column, printed, cell in _unlinked_cells(protected, counted.table)
        }
        tables.append(SuppressedTable(counted.table, cells))
    return tuple(tables)


def _unlinked_cells(
    protected: ProtectedTable, counted: Table
) -> Iterator[tuple[Row, Column, Cell, Cell]]:
    """The cells without links, as printed and as counted; percentages go with their numbers.

    "Fire [c]" of a true 2 is one; "all 9" is one if it links to no reviews under this profile; a
    [x] that is missing in the true table, too, is none.
    """
    rows = {row.id: row for row in counted.rows}
    columns = [column.id for column in counted.columns]
    for row in protected.table.rows:
        for column, printed in zip(protected.table.columns, row.cells, strict=True):
            if column.kind == "percent" or column.id not in columns or row.id not in rows:
                continue
            cell = rows[row.id].cells[columns.index(column.id)]
            # A printed number without evidence counts as covered too: the link is what was
            # withheld.
            opens = bool(printed.records) and not printed.mark
            if not opens and not cell.mark and (cell.records or printed.is_withheld):
                yield row, column, printed, cell


@dataclass(frozen=True, slots=True)
class _SuppressionReasons:
    """small, before: keys of counts that are small now, and that were in an earlier edition."""

    small: frozenset[str]
    before: frozenset[str]
    rounded: bool

    def why(self, printed: Cell, key: str | None) -> Why:
        """The reason for a cell. key: of its count, None if it has none."""
        if printed.mark == "[z]":
            return "crossing"
        if printed.is_withheld:
            return self._withheld(key)
        return "rounded" if self.rounded and key is not None else "closed"

    def _withheld(self, key: str | None) -> Why:
        if key is None:
            return "beside"
        if key in self.small:
            return "small"
        return "was small" if key in self.before else "protects"
