"""What a release does not show, and why: for those alone who may see what is withheld. Pure.

Nothing that is given out is made from this. It is worked out apart from the release, when somebody
asks for it who may.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from waymark.core.tables import Cell, Column, ProtectedTable, Row, Table
from waymark.overview.disclosure import Protection
from waymark.overview.meaning import Place
from waymark.overview.protection.ledger import Entry

Why = Literal["small", "was small", "protects", "beside", "crossing", "rounded", "closed"]
IN_WORDS: dict[Why, str] = {
    "small": "The number is withheld for its own sake: it is under {k}.",
    "was small": (
        "The number is withheld because an earlier edition withheld it: it was under {k} then, and"
        " to print it now could give that away."
    ),
    "protects": (
        "The number is withheld to protect another: with it, a number under {k} could be worked"
        " out."
    ),
    "beside": "The number is withheld because a number that it is taken from is withheld.",
    "crossing": (
        "The rows are not crossed with the columns under this profile: too many of the crossed"
        " numbers are under {k}, or could give such a one away."
    ),
    "rounded": "The number is printed rounded to a multiple of {k}.",
    "closed": (
        "The number is printed. What stands behind it is closed, because it could undo what is"
        " withheld of another number, or because its sources are not public."
    ),
}


@dataclass(frozen=True, slots=True)
class Covered:
    """A cell that is withheld, rounded, or does not open. printed: what stands there for all.

    why: in words.
    """

    row: Row
    column: Column
    cell: Cell
    printed: str
    why: str


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A table with its cells that are not open to everybody, in the order of the printed table."""

    table: Table
    covered: Mapping[Place, Covered]


def uncovered(
    protection: Protection, *, k: int, rounded: bool, ledger: Sequence[Entry]
) -> tuple[Uncovered, ...]:
    """What a protection covers. k: the threshold, or the base of rounding; ledger: what was given
    out before.
    """
    before = frozenset(
        key for entry in ledger for key in entry.system.primaries(entry.k) & entry.withheld
    )
    reasons = _Reasons(protection.small, before, rounded=rounded)
    made = []
    for protected, counted in zip(protection.tables, protection.counted, strict=True):
        found = {
            (row.id, column.id): Covered(
                row,
                column,
                cell,
                printed.shown,
                IN_WORDS[reasons.why(printed, counted.keys.get((row.id, column.id)))].format(k=k),
            )
            for row, column, printed, cell in _covered(protected, counted.table)
        }
        made.append(Uncovered(counted.table, found))
    return tuple(made)


def _covered(protected: ProtectedTable, counted: Table) -> Iterator[tuple[Row, Column, Cell, Cell]]:
    """The cells that do not open, as printed and as counted; shares open with their numbers."""
    rows = {row.id: row for row in counted.rows}
    columns = [column.id for column in counted.columns]
    for row in protected.table.rows:
        for column, printed in zip(protected.table.columns, row.cells, strict=True):
            if column.kind == "percent" or column.id not in columns or row.id not in rows:
                continue
            cell = rows[row.id].cells[columns.index(column.id)]
            opens = bool(printed.records) and not printed.mark
            if not opens and not cell.mark and (cell.records or printed.mark == "[c]"):
                yield row, column, printed, cell


@dataclass(frozen=True, slots=True)
class _Reasons:
    """small, before: keys of what is small now, and of what was in an earlier edition."""

    small: frozenset[str]
    before: frozenset[str]
    rounded: bool

    def why(self, printed: Cell, key: str | None) -> Why:
        """Why a cell is not open. key: of its count, None where it has none."""
        if printed.mark == "[z]":
            return "crossing"
        if printed.mark == "[c]":
            return self._withheld(key)
        return "rounded" if self.rounded and key is not None else "closed"

    def _withheld(self, key: str | None) -> Why:
        if key is None:
            return "beside"
        if key in self.small:
            return "small"
        return "was small" if key in self.before else "protects"
