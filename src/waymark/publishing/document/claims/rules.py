"""Rules that link a word of a sentence to cells: {check most: T4/one/n of T4/all/n}. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from waymark.core.errors import NotFound, RuleError
from waymark.core.tables import Cell, Column, Row, Table
from waymark.overview.releases.release import Release
from waymark.overview.spec.schema import AnyTable
from waymark.overview.tables.data_quality import DataQuality
from waymark.publishing.document.claims.vocabulary import (
    QuantityWord,
    Vocabulary,
    normal,
)
from waymark.publishing.document.units import unit_of

CELL = r"T\d{1,3}/[^/{}\s]+/[^/{}\s]+"
SUM = rf"{CELL}(?:\s*\+\s*{CELL})*"
RULE = re.compile(rf"(?P<word>[^:]+):\s*(?P<first>{SUM})(?:\s+(?:of|than)\s+(?P<second>{SUM}))?\s*")
METHOD: dict[str, Callable[[DataQuality], int]] = {
    "codes": lambda measured: measured.codes,
    "codes applied": lambda measured: measured.codes_applied,
}
"""Counts of the method, which no table has: {check 13: codes applied}."""
FORM = "write {check word: T3/row/column} or {check word: T3/row/column of T3/row/column}"


@dataclass(frozen=True, slots=True)
class LinkedCell:
    """Cell that a sentence is linked to, with its place. name: "T3/deaths/n"."""

    name: str
    spec: AnyTable
    table: Table
    row: Row
    column: Column
    cell: Cell

    @property
    def unit(self) -> str:
        """Unit of what the cell counts; "" for a cell that is no count, such as a median."""
        if self.cell.kind == "number":
            return ""
        return unit_of(self.spec, self.table, self.row, self.column)


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """Rule after its check. word: that it supports; fault: "" if it is true.

    cells: those of the first operand, whose unit the word has.
    """

    word: str
    cells: tuple[LinkedCell, ...] = ()
    fault: str = ""


def linked_cell(name: str, release: Release) -> LinkedCell:
    """The cell of a name such as "T3/deaths/n". Raises RuleError if there is none."""
    table_id, row_id, column_id = name.split("/")
    try:
        table = release.table(table_id).table
        cell = table.cell(row_id, column_id)
    except (KeyError, NotFound):
        raise RuleError(f"there is no cell {name}") from None
    spec = next(spec for spec in release.spec.tables if spec.id == table.id)
    row = next(row for row in table.rows if row.id == row_id)
    column = next(column for column in table.columns if column.id == column_id)
    return LinkedCell(name, spec, table, row, column, cell)


def check_rule(rule: str, release: Release, words: Vocabulary) -> CheckedRule:
    """Check the rule of a mark against the tables of a release, or a count of the method."""
    typed, _, counted = (part.strip() for part in rule.partition(":"))
    if counted in METHOD:
        return _check_count(normal(typed), counted, release, words)
    match = RULE.fullmatch(rule)
    if match is None:
        return CheckedRule(normal(rule.partition(":")[0]), fault=f"{{check {rule}}}: {FORM}")
    word = normal(match["word"])
    try:
        first = [linked_cell(name, release) for name in re.findall(CELL, match["first"])]
        second = [linked_cell(name, release) for name in re.findall(CELL, match["second"] or "")]
        fault = _fault_of(word, first, second, words)
    except RuleError as error:
        return CheckedRule(word, fault=f"“{word}” cannot be checked: {error}")
    return CheckedRule(word, tuple(first), fault)


def _check_count(word: str, counted: str, release: Release, words: Vocabulary) -> CheckedRule:
    true = METHOD[counted](release.measured)
    if words.value_of(word) == true:
        return CheckedRule(word)
    return CheckedRule(word, fault=f"“{word}”: the number of {counted} is {true}")


def _fault_of(
    word: str, first: Sequence[LinkedCell], second: Sequence[LinkedCell], words: Vocabulary
) -> str:
    value = _sum_of(first)
    meaning = words.quantities.get(word)
    if meaning is None:
        typed = words.value_of(word)
        if typed is None:
            raise RuleError("it is no number, and no quantity word with a meaning")
        return "" if typed == value else f"“{word}”: {_names(first)} is {_shown(value)}"
    if meaning.rank is not None:
        return _rank_fault(word, meaning, first)
    if meaning.count is not None:
        true = meaning.count.contain(value)
        return "" if true else f"“{word}” means {meaning.means}: {_names(first)} is {_shown(value)}"
    return _share_fault(word, meaning, first, second)


def _share_fault(
    word: str, meaning: QuantityWord, first: Sequence[LinkedCell], second: Sequence[LinkedCell]
) -> str:
    value = _sum_of(first)
    whole = _sum_of(second) if second else first[0].cell.base
    if not whole or (first[0].cell.kind != "count" and not second):
        raise RuleError(f"name the whole: {{check {word}: {first[0].name} of T3/row/column}}")
    # Exact: 22 of 24 is compared as a fraction, not as the printed percentage.
    if meaning.share is not None and meaning.share.contain(value / whole):
        return ""
    return f"“{word}” means {meaning.means}: {_names(first)} is {_shown(value)} of {_shown(whole)}"


def _rank_fault(word: str, meaning: QuantityWord, tied: Sequence[LinkedCell]) -> str:
    """Compare a cell with the other rows of its column, in its block, without totals.

    Example: "largest" of 10, 11, 8 fails for 10, because 11 is larger. A tie is no rank: of 6, 6, 4
    neither 6 is the largest, but a sentence about both is right: they are the largest.
    """
    value, sign = _tied_value(tied), -1 if meaning.from_below else 1
    rivals = [
        (label, other) for label, other in _values_beside(tied) if sign * (other - value) >= 0
    ]
    if len(rivals) + 1 == meaning.rank and all(other != value for _, other in rivals):
        return ""
    listed = ", ".join(f"{label} is {_shown(other)}" for label, other in rivals)
    return f"“{word}”: {tied[0].name} is {_shown(value)}" + (f"; {listed}" if listed else "")


def _values_beside(tied: Sequence[LinkedCell]) -> list[tuple[str, float]]:
    """Label and value of the rows that a rank is among. Raises RuleError if one is withheld."""
    linked = tied[0]
    at = linked.table.columns.index(linked.column)
    named = {other.row.id for other in tied}
    values = []
    for row in linked.table.rows:
        if row.role != "part" or row.group != linked.row.group or row.id in named:
            continue
        value = row.cells[at].value
        if value is None:
            raise RuleError("a number in that column is withheld")
        values.append((row.label, value))
    return values


def _tied_value(tied: Sequence[LinkedCell]) -> float:
    """The number that all cells of a rank have. Raises RuleError if they differ."""
    values = {_sum_of([linked]) for linked in tied}
    places = {(linked.table.id, linked.column.id, linked.row.group) for linked in tied}
    if len(values) > 1 or len(places) > 1:
        raise RuleError("cells of one rank have the same number in the same column")
    return values.pop()


def _sum_of(cells: Sequence[LinkedCell]) -> float:
    total = 0.0
    for linked in cells:
        if linked.cell.mark or linked.cell.value is None:
            why = "is withheld" if linked.cell.is_withheld else "has no value"
            raise RuleError(f"{linked.name} {why}")
        total += linked.cell.value
    return total


def _names(cells: Sequence[LinkedCell]) -> str:
    return " + ".join(linked.name for linked in cells)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"
