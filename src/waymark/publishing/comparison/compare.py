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
from waymark.overview.releases.release import Release
from waymark.overview.spec.schema import PLURAL, AgreementTable, AnyTable, CrosstabTable
from waymark.publishing.comparison.figure import SharePair, paired_dots
from waymark.publishing.document.method_text import counted_ids
from waymark.publishing.document.units import unit_of

Relation = Literal["apart", "overlapping", "same"]
"""Relation between the reviews of two releases."""
MINUS = "\N{MINUS SIGN}"
Name = tuple[str, str, str]
"""Identity of a row in both tables: id, group and label."""
CountInUnit = tuple[Cell, str]
"""A count of a table and its unit."""
NO_COLUMN = "in both, but without a column of the same name"


@dataclass(frozen=True, slots=True)
class ComparedRelease:
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
class ComparedNumber:
    """Printed count with its share. value, base: None if not printed; percent: whole."""

    text: str
    value: int | None
    base: int | None
    percent: int | None

    @property
    def with_share(self) -> str:
        """As one text: "15 of 24 (63%)"."""
        if self.value is None or self.base is None:
            return self.text
        share = "" if self.percent is None else f" ({self.percent}%)"
        return f"{self.text} of {self.base:,}{share}"


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
    first: ComparedNumber | None
    second: ComparedNumber | None
    pooled: ComparedNumber | None
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
class ReleaseComparison:
    """Two releases compared. missing: titles of tables that could not be, each with the reason."""

    first: ComparedRelease
    second: ComparedRelease
    relation: Relation
    tables: tuple[ComparedTable, ...]
    missing: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Reason why no numbers can be compared, or ""."""
        return no_comparison_reason(self.first, self.second, self.relation)


def compare_releases(first: Release, second: Release, relation: Relation) -> ReleaseComparison:
    """Compare the tables that two releases have in common."""
    sides = _compared_release(first, "First"), _compared_release(second, "Second")
    tables: list[ComparedTable] = []
    matched: set[str] = set()
    missing: list[str] = []
    for spec in _comparable_tables(first):
        other = _matching_table(spec, first, second, matched)
        if other is None:
            missing.append(f"{spec.title} ({sides[0].name.lower()} only)")
            continue
        matched.add(other.id)
        pair = (
            _SideTable(spec, first.table(spec.id).table),
            _SideTable(other, second.table(other.id).table),
        )
        # Tables may count the same and yet share no column, for example one with shares and one
        # without.
        compared = list(_compared_tables(pair, sides, relation))
        tables += compared
        if not compared:
            missing.append(f"{spec.title} ({NO_COLUMN})")
    missing += [
        f"{spec.title} ({sides[1].name.lower()} only)"
        for spec in _comparable_tables(second)
        if spec.id not in matched
    ]
    return ReleaseComparison(*sides, relation, tuple(tables), tuple(missing))


def _compared_release(release: Release, name: str) -> ComparedRelease:
    spec = release.spec
    scope = f"{spec.place}, {spec.period}"
    return ComparedRelease(name, spec.title, scope, spec.framework, release.profile)


def _comparable_tables(release: Release) -> list[AnyTable]:
    """All tables except agreement between coders, which says nothing about the reviews."""
    return [table for table in release.spec.tables if not isinstance(table, AgreementTable)]


def _matching_table(
    spec: AnyTable, first: Release, second: Release, matched: set[str]
) -> AnyTable | None:
    """Table of the other side that counts the same; of several, the one with the same id."""
    variables = list(counted_ids(spec, first))
    candidates = [
        table
        for table in _comparable_tables(second)
        if table.kind == spec.kind
        # Two tables of the same kind may count the same, under different titles: each is used once.
        and table.id not in matched
        and list(counted_ids(table, second)) == variables
        and _table_conditions(table) == _table_conditions(spec)
        and getattr(table, "qualified", None) == getattr(spec, "qualified", None)
    ]
    return min(candidates, key=lambda table: (table.id != spec.id, int(table.id[1:])), default=None)


def _table_conditions(spec: AnyTable) -> list[tuple[str, frozenset[str]] | None]:
    """Condition of a table, or of each of its blocks; None if everything is counted."""
    conditions = (
        [block.where for block in spec.blocks] if isinstance(spec, CrosstabTable) else [spec.where]
    )
    return [
        None if condition is None else (condition.variable, frozenset(condition.values))
        for condition in conditions
    ]


def no_comparison_reason(
    first: ComparedRelease, second: ComparedRelease, relation: Relation
) -> str:
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
class _SideTable:
    """Table of one side, with its specification."""

    spec: AnyTable
    table: Table

    def counts(self, column: str) -> dict[Name, CountInUnit]:
        """Counts of a column with their units, by the identity of their rows."""
        # Rows are matched by id, group and label, so a band that changed its limits is not
        # compared.
        at = [candidate.id for candidate in self.table.columns].index(column)
        printed = self.table.columns[at]
        return {
            _row_identity(row): (row.cells[at], unit_of(self.spec, self.table, row, printed))
            for row in self.table.rows
            if row.cells[at].kind == "count"
        }


def _compared_tables(
    pair: tuple[_SideTable, _SideTable],
    sides: tuple[ComparedRelease, ComparedRelease],
    relation: Relation,
) -> Iterator[ComparedTable]:
    """Compare each column of counts that both tables print."""
    whole = no_comparison_reason(*sides, relation)
    title = pair[0].spec.title
    columns = _shared_columns(pair)
    for column in columns:
        rows = tuple(_compared_rows(pair, column.id, whole, pool=relation == "apart" and not whole))
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
            figure=_share_chart(anchor, title, named, rows, sides),
        )


def _shared_columns(pair: tuple[_SideTable, _SideTable]) -> list[Column]:
    """Columns of counts that both tables have under the same name."""
    # The label too: one id may be "under 1" here and "under 2" there.
    others = {(column.id, column.label, column.kind) for column in pair[1].table.columns}
    return [
        column
        for column in pair[0].table.columns
        if column.kind == "count" and (column.id, column.label, column.kind) in others
    ]


def _compared_rows(
    pair: tuple[_SideTable, _SideTable], column: str, whole: str, *, pool: bool
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
    numbers = first and _compared_number(first[0]), second and _compared_number(second[0])
    units = tuple(dict.fromkeys(side[1] for side in (first, second) if side is not None))
    other_units = _different_units(units)
    reason = "" if whole else other_units or _no_difference_reason(*numbers)
    # Only of different reviews: a review in both would be counted twice.
    pooled = _pooled_number(*numbers) if pool and not other_units else None
    difference = None if whole or reason else _share_difference(*numbers)
    return ComparedRow(
        label, group, units, numbers[0], numbers[1], pooled, difference, reason=reason
    )


def _different_units(units: Sequence[str]) -> str:
    """Reason if two rows of one name count different units, or ""."""
    if len(units) < 2:
        return ""
    first, second = (PLURAL.get(unit, unit) for unit in units)
    return f"The first counts {first}, the second {second}."


def _row_identity(row: Row) -> Name:
    """Identity of a row. The label is part of it: a coarser band may keep the id of a finer one."""
    return row.id, row.group, row.label


def _compared_number(cell: Cell) -> ComparedNumber:
    if cell.kind != "count" or cell.mark or not isinstance(cell.value, int):
        return ComparedNumber(cell.shown, None, None, None)
    large = cell.base is not None and cell.base >= PERCENT_FLOOR
    percent = whole_percent(cell.value, cell.base) if large and cell.base else None
    return ComparedNumber(cell.shown, cell.value, cell.base, percent)


def _no_difference_reason(first: ComparedNumber | None, second: ComparedNumber | None) -> str:
    """Reason why two numbers have no meaningful difference, or ""."""
    if first is None or second is None:
        return f"The {'first' if first is None else 'second'} has no such row."
    for name, number in (("first", first), ("second", second)):
        if number.value is None:
            return f"Not shown in the {name}: {number.text}."
    for name, number in (("first", first), ("second", second)):
        if number.base is None:
            return "It has no base, so it is not a share."
        if number.base < PERCENT_FLOOR:
            return f"The base of the {name} is {number.base}, under {PERCENT_FLOOR}."
    return ""


def _share_difference(first: ComparedNumber | None, second: ComparedNumber | None) -> int | None:
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


def _pooled_number(
    first: ComparedNumber | None, second: ComparedNumber | None
) -> ComparedNumber | None:
    """Sum of two printed numbers; only for releases that share no review."""
    if first is None or second is None or first.value is None or second.value is None:
        return None
    value = first.value + second.value
    if first.base is None or second.base is None:
        return ComparedNumber(f"{value:,}", value, None, None)
    base = first.base + second.base
    percent = whole_percent(value, base) if base >= PERCENT_FLOOR else None
    return ComparedNumber(f"{value:,}", value, base, percent)


def _share_chart(
    anchor: str,
    title: str,
    column: str,
    rows: tuple[ComparedRow, ...],
    sides: tuple[ComparedRelease, ComparedRelease],
) -> Figure | None:
    """Chart of all rows with two shares; None if there are fewer than two such rows."""
    pairs = [
        SharePair(
            row.label, row.first.percent, row.second.percent, joined=row.difference is not None
        )
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
