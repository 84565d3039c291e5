"""Compare two releases: their numbers side by side, with a difference or the reason for none. Pure.

Only protected tables are read, so a comparison shows nothing that the two releases do not print. A
difference is shown if the same thing was counted, with the same version of the framework, in
different reviews, on bases large enough for a share; everywhere else the reason is shown instead.
There are no significance tests, because the reviews are not a sample.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from waymark.core.tables import PERCENT_FLOOR, Cell, Column, Figure, Row, Table, whole_percent
from waymark.overview.release import Release
from waymark.overview.spec import PLURAL, AgreementTable, AnyTable, Crosstab
from waymark.publishing.compare_figure import Pair, paired_dots
from waymark.publishing.method import counted
from waymark.publishing.units import unit_of

Relation = Literal["apart", "overlapping", "same"]
"""Relation between the reviews of two releases."""
MINUS = "\N{MINUS SIGN}"
Name = tuple[str, str, str]
"""Identity of a row in both tables: id, group and label."""
CountInUnit = tuple[Cell, str]
"""A count of a table and its unit."""
NO_COLUMN = "in both, but without a column of the same name"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison. name: "First" or "Second"; framework: name and version."""

    name: str
    title: str
    scope: str
    framework: str
    profile: str

    @property
    def rounded(self) -> bool:
        """True if its numbers are rounded."""
        return self.profile.startswith("r")


@dataclass(frozen=True, slots=True)
class Number:
    """Printed count with its share. value, base: None if not printed; percent: whole."""

    shown: str
    value: int | None
    base: int | None
    percent: int | None

    @property
    def said(self) -> str:
        """As one text: "15 of 24 (63%)"."""
        if self.value is None or self.base is None:
            return self.shown
        share = "" if self.percent is None else f" ({self.percent}%)"
        return f"{self.shown} of {self.base:,}{share}"


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A row with both numbers. first, second: None if that side has no such row.

    units: units counted, in the singular; two if the sides differ, and then they are not compared.
    pooled: both together, if that makes sense. difference: second minus first in percentage points,
    from unrounded shares; None if reason says why not.
    """

    label: str
    group: str
    units: tuple[str, ...]
    first: Number | None
    second: Number | None
    pooled: Number | None
    difference: int | None
    reason: str

    @property
    def unit(self) -> str:
        """Units counted, as one text."""
        return " and ".join(self.units)

    @property
    def signed(self) -> str:
        """Difference as printed: "+13", "0"; "" if there is none."""
        if self.difference is None:
            return ""
        sign = "+" if self.difference > 0 else MINUS if self.difference < 0 else ""
        return f"{sign}{abs(self.difference)}"


@dataclass(frozen=True, slots=True)
class ComparedTable:
    """A column of a table that both sides have. first, second: ids of their tables.

    reason: why no row has a difference, if it is the same for all; then no row repeats it.
    """

    anchor: str
    title: str
    column: str
    first: str
    second: str
    reason: str
    rows: tuple[ComparedRow, ...]
    figure: Figure | None

    @property
    def units(self) -> tuple[str, ...]:
        """Units of its rows, each once."""
        return tuple(dict.fromkeys(unit for row in self.rows for unit in row.units))

    @property
    def unit(self) -> str:
        """The same as one text: "review", "review and child"."""
        return " and ".join(self.units)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two releases compared. missing: titles of tables that could not be, each with the reason."""

    first: Side
    second: Side
    relation: Relation
    tables: tuple[ComparedTable, ...]
    missing: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Reason why no numbers can be compared, or ""."""
        return barrier(self.first, self.second, self.relation)


def compare(first: Release, second: Release, relation: Relation) -> Comparison:
    """Compare the tables that two releases have in common."""
    sides = _side(first, "First"), _side(second, "Second")
    tables: list[ComparedTable] = []
    matched: set[str] = set()
    missing: list[str] = []
    for spec in _comparable(first):
        other = _partner(spec, first, second, matched)
        if other is None:
            missing.append(f"{spec.title} ({sides[0].name.lower()} only)")
            continue
        matched.add(other.id)
        pair = _Half(spec, first.table(spec.id).table), _Half(other, second.table(other.id).table)
        # Tables may count the same and yet share no column, for example one with shares and one
        # without.
        compared = list(_tables(pair, sides, relation))
        tables += compared
        if not compared:
            missing.append(f"{spec.title} ({NO_COLUMN})")
    missing += [
        f"{spec.title} ({sides[1].name.lower()} only)"
        for spec in _comparable(second)
        if spec.id not in matched
    ]
    return Comparison(*sides, relation, tuple(tables), tuple(missing))


def _side(release: Release, name: str) -> Side:
    spec = release.spec
    scope = f"{spec.place}, {spec.period}"
    return Side(name, spec.title, scope, spec.framework, release.profile)


def _comparable(release: Release) -> list[AnyTable]:
    """All tables except agreement between coders, which says nothing about the reviews."""
    return [table for table in release.spec.tables if not isinstance(table, AgreementTable)]


def _partner(spec: AnyTable, first: Release, second: Release, matched: set[str]) -> AnyTable | None:
    """Table of the other side that counts the same; of several, the one with the same id."""
    variables = list(counted(spec, first))
    candidates = [
        table
        for table in _comparable(second)
        if table.kind == spec.kind
        # Two tables of the same kind may count the same, under different titles: each is used once.
        and table.id not in matched
        and list(counted(table, second)) == variables
        and _conditions(table) == _conditions(spec)
    ]
    return min(candidates, key=lambda table: (table.id != spec.id, table.id), default=None)


def _conditions(spec: AnyTable) -> list[tuple[str, frozenset[str]] | None]:
    """Condition of a table, or of each of its blocks; None if everything is counted."""
    conditions = (
        [block.where for block in spec.blocks] if isinstance(spec, Crosstab) else [spec.where]
    )
    return [
        None if condition is None else (condition.variable, frozenset(condition.values))
        for condition in conditions
    ]


def barrier(first: Side, second: Side, relation: Relation) -> str:
    """Reason why no number of one side may be compared with the other, or ""."""
    if first.framework != second.framework:
        return (
            f"The first was counted with {first.framework} and the second with"
            f" {second.framework}. The meaning of a word may change with the framework, so their"
            " numbers cannot be compared."
        )
    if relation == "same":
        return "Both count the same reviews, so there is nothing to compare."
    # A review in both is on both sides of a difference, which then says less than it seems to.
    if relation == "overlapping":
        return "Some reviews are counted in both, so they would be compared with themselves."
    if first.rounded or second.rounded:
        return "Numbers are rounded to protect people, so a difference may be of rounding alone."
    return ""


@dataclass(frozen=True, slots=True)
class _Half:
    """Table of one side, with its specification."""

    spec: AnyTable
    table: Table

    def counts(self, column: str) -> dict[Name, CountInUnit]:
        """Counts of a column with their units, by the identity of their rows."""
        at = [candidate.id for candidate in self.table.columns].index(column)
        printed = self.table.columns[at]
        return {
            _name(row): (row.cells[at], unit_of(self.spec, self.table, row, printed))
            for row in self.table.rows
            if row.cells[at].kind == "count"
        }


def _tables(
    pair: tuple[_Half, _Half], sides: tuple[Side, Side], relation: Relation
) -> Iterator[ComparedTable]:
    """Compare each column of counts that both tables print."""
    whole = barrier(*sides, relation)
    title = pair[0].spec.title
    columns = _columns(pair)
    for column in columns:
        rows = tuple(_rows(pair, column.id, whole, pool=relation == "apart" and not whole))
        anchor = f"{pair[0].table.id}-{column.id}"
        named = column.label if len(columns) > 1 else ""
        yield ComparedTable(
            anchor=anchor,
            title=title,
            column=named,
            first=pair[0].table.id,
            second=pair[1].table.id,
            reason=whole,
            rows=rows,
            figure=_figure(anchor, title, named, rows, sides),
        )


def _columns(pair: tuple[_Half, _Half]) -> list[Column]:
    """Columns of counts that both tables have under the same name."""
    # The label too: one id may be "under 1" here and "under 2" there.
    others = {(column.id, column.label, column.kind) for column in pair[1].table.columns}
    return [
        column
        for column in pair[0].table.columns
        if column.kind == "count" and (column.id, column.label, column.kind) in others
    ]


def _rows(
    pair: tuple[_Half, _Half], column: str, whole: str, *, pool: bool
) -> Iterator[ComparedRow]:
    """Rows of the first in their order, then those that only the second has."""
    first, second = (half.counts(column) for half in pair)
    for name in dict.fromkeys([*first, *second]):
        yield _compared_row(name, first.get(name), second.get(name), whole, pool=pool)


def _compared_row(
    name: Name, first: CountInUnit | None, second: CountInUnit | None, whole: str, *, pool: bool
) -> ComparedRow:
    """Compare one row. first, second: its cell and unit; whole: the table's own reason, or ""."""
    _, group, label = name
    numbers = first and _number(first[0]), second and _number(second[0])
    units = tuple(dict.fromkeys(side[1] for side in (first, second) if side is not None))
    other_units = _other_units(units)
    reason = "" if whole else other_units or _why_not(*numbers)
    # Only of different reviews: a review in both would be counted twice.
    pooled = _pooled(*numbers) if pool and not other_units else None
    difference = None if whole or reason else _difference(*numbers)
    return ComparedRow(
        label, group, units, numbers[0], numbers[1], pooled, difference, reason=reason
    )


def _other_units(units: Sequence[str]) -> str:
    """Reason if two rows of one name count different units, or ""."""
    if len(units) < 2:
        return ""
    first, second = (PLURAL.get(unit, unit) for unit in units)
    return f"The first counts {first}, the second {second}."


def _name(row: Row) -> Name:
    """Identity of a row. The label is part of it: a coarser band may keep the id of a finer one."""
    return row.id, row.group, row.label


def _number(cell: Cell) -> Number:
    if cell.kind != "count" or cell.mark or not isinstance(cell.value, int):
        return Number(cell.shown, None, None, None)
    large = cell.base is not None and cell.base >= PERCENT_FLOOR
    percent = whole_percent(cell.value, cell.base) if large and cell.base else None
    return Number(cell.shown, cell.value, cell.base, percent)


def _why_not(first: Number | None, second: Number | None) -> str:
    """Reason why two numbers have no meaningful difference, or ""."""
    if first is None or second is None:
        return f"The {'first' if first is None else 'second'} has no such row."
    for name, number in (("first", first), ("second", second)):
        if number.value is None:
            return f"Not shown in the {name}: {number.shown}."
    for name, number in (("first", first), ("second", second)):
        if number.base is None:
            return "It has no base, so it is not a share."
        if number.base < PERCENT_FLOOR:
            return f"The base of the {name} is {number.base}, under {PERCENT_FLOOR}."
    return ""


def _difference(first: Number | None, second: Number | None) -> int | None:
    """Difference in percentage points, halves rounded away from 0, so it is symmetric.

    Example: 15 of 24 (62.5%) and 9 of 18 (50%) differ by -12.5, which is -13; exchanged, +13.
    """
    shares = []
    for number in (first, second):
        if number is None or number.value is None or not number.base:
            return None
        # From unrounded shares: 30.4% and 40.6% differ by 10, the printed 30% and 41% by 11.
        shares.append(Decimal(100) * number.value / number.base)
    return int((shares[1] - shares[0]).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _pooled(first: Number | None, second: Number | None) -> Number | None:
    """Sum of two printed numbers; only for releases that share no review."""
    if first is None or second is None or first.value is None or second.value is None:
        return None
    value = first.value + second.value
    if first.base is None or second.base is None:
        return Number(f"{value:,}", value, None, None)
    base = first.base + second.base
    percent = whole_percent(value, base) if base >= PERCENT_FLOOR else None
    return Number(f"{value:,}", value, base, percent)


def _figure(
    anchor: str,
    title: str,
    column: str,
    rows: tuple[ComparedRow, ...],
    sides: tuple[Side, Side],
) -> Figure | None:
    """Chart of all rows with two shares; None if there are fewer than two such rows."""
    pairs = [
        Pair(row.label, row.first.percent, row.second.percent, joined=row.difference is not None)
        for row in rows
        if row.first
        and row.second
        and row.first.percent is not None
        and row.second.percent is not None
    ]
    # One row says more in words than in a chart.
    if len(pairs) < 2:
        return None
    name = f"{title}: {column}" if column else title
    first, second = (f"{side.name}: {side.scope}" for side in sides)
    return paired_dots(f"compared-{anchor}", name, pairs, (first, second))
