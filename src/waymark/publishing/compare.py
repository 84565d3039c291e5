"""Two releases side by side: what may be set against what, and the reason where it may not. Pure.

Only protected tables are read, so a comparison shows nothing that the two releases do not print. A
difference is given where the same thing was counted, by the same version of the framework, in
different reviews, on bases large enough to bear a share; everywhere else the reason stands in its
place. Nothing is tested: the reviews are no sample.
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
"""How the reviews of two releases lie to each other."""
MINUS = "\N{MINUS SIGN}"
Name = tuple[str, str, str]
"""What makes two rows the same: id, group and label."""
NO_COLUMN = "in both, but no column of one has the same name in the other"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. name: as it is called in the comparison; framework: name and version."""

    name: str
    title: str
    scope: str
    framework: str
    profile: str

    @property
    def rounded(self) -> bool:
        """Whether its numbers are rounded."""
        return self.profile.startswith("r")


@dataclass(frozen=True, slots=True)
class Number:
    """A count as printed, with its share. value, base: None where not printed; percent: whole."""

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
    """One row of both. first, second: None where that side has no such row.

    units: what is counted, in the singular; two where the sides differ, and then nothing is set
    against each other. pooled: both together, where that means something. difference: in percentage
    points, second less first, from unrounded shares; None where reason says why not.
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
        """What is counted, as one text."""
        return " and ".join(self.units)

    @property
    def signed(self) -> str:
        """The difference as printed: "+13", "0"; "" where there is none."""
        if self.difference is None:
            return ""
        sign = "+" if self.difference > 0 else MINUS if self.difference < 0 else ""
        return f"{sign}{abs(self.difference)}"


@dataclass(frozen=True, slots=True)
class ComparedTable:
    """One column of a table that both have. first, second: the ids of their tables.

    reason: why no row has a difference, where one reason holds for all; then no row repeats it.
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
        """What its rows count, each once."""
        return tuple(dict.fromkeys(unit for row in self.rows for unit in row.units))

    @property
    def unit(self) -> str:
        """The same as one text: "review", "review and child"."""
        return " and ".join(self.units)


@dataclass(frozen=True, slots=True)
class Comparison:
    """missing: titles of tables that only one side has, or that share no column, each with why."""

    first: Side
    second: Side
    relation: Relation
    tables: tuple[ComparedTable, ...]
    missing: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Why nothing can be set against each other, or ""."""
        return barrier(self.first, self.second, self.relation)


def compare(first: Release, second: Release, relation: Relation) -> Comparison:
    """What two releases have in common, side by side."""
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
        found = list(_tables(pair, sides, relation))
        tables += found
        if not found:
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
    """All tables but those of agreement: how far coders agreed says nothing of the reviews."""
    return [one for one in release.spec.tables if not isinstance(one, AgreementTable)]


def _partner(spec: AnyTable, first: Release, second: Release, taken: set[str]) -> AnyTable | None:
    """The other side's table of the same kind that counts the same; of several, that of the id."""
    wanted = list(counted(spec, first))
    found = [
        one
        for one in _comparable(second)
        if one.kind == spec.kind
        and one.id not in taken
        and list(counted(one, second)) == wanted
        and _conditions(one) == _conditions(spec)
    ]
    return min(found, key=lambda one: (one.id != spec.id, one.id), default=None)


def _conditions(spec: AnyTable) -> list[tuple[str, frozenset[str]] | None]:
    """The condition of a table, or of each of its blocks; None where all are counted."""
    every = [one.where for one in spec.blocks] if isinstance(spec, Crosstab) else [spec.where]
    return [None if one is None else (one.variable, frozenset(one.values)) for one in every]


def barrier(first: Side, second: Side, relation: Relation) -> str:
    """Why no number of one may be set against one of the other, or ""."""
    if first.framework != second.framework:
        return (
            f"The first was counted by {first.framework} and the second by {second.framework}."
            " Where the framework changes, what a word means may change, so the series breaks here."
        )
    if relation == "same":
        return "Both count the same reviews, so there is nothing to set against each other."
    if relation == "overlapping":
        return "Some reviews are counted in both, so a difference would be of reviews with itself."
    if first.rounded or second.rounded:
        return "Numbers are rounded to protect people, and a difference would be of the rounding."
    return ""


@dataclass(frozen=True, slots=True)
class _Half:
    """A table of one of the two. spec: what it was asked to count."""

    spec: AnyTable
    table: Table

    def counts(self, column: str) -> dict[Name, tuple[Cell, str]]:
        """The counts of a column with their units, by what makes two rows the same."""
        at = [one.id for one in self.table.columns].index(column)
        printed = self.table.columns[at]
        return {
            _name(row): (row.cells[at], unit_of(self.spec, self.table, row, printed))
            for row in self.table.rows
            if row.cells[at].kind == "count"
        }


def _tables(
    pair: tuple[_Half, _Half], sides: tuple[Side, Side], relation: Relation
) -> Iterator[ComparedTable]:
    """One for each column of counts that both tables print."""
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
    """The columns of counts of the first that the second has as well, of the same name."""
    others = {(one.id, one.label, one.kind) for one in pair[1].table.columns}
    return [
        one
        for one in pair[0].table.columns
        if one.kind == "count" and (one.id, one.label, one.kind) in others
    ]


def _rows(
    pair: tuple[_Half, _Half], column: str, whole: str, *, pool: bool
) -> Iterator[ComparedRow]:
    """The first's rows in their order, then those that only the second has."""
    held = [half.counts(column) for half in pair]
    for name in dict.fromkeys([*held[0], *held[1]]):
        found = [one.get(name) for one in held]
        first, second = (None if one is None else _number(one[0]) for one in found)
        units = tuple(dict.fromkeys(one[1] for one in found if one is not None))
        other = _other_units(units)
        reason = "" if whole else other or _why_not(first, second)
        _, group, label = name
        yield ComparedRow(
            label,
            group,
            units,
            first,
            second,
            _pooled(first, second) if pool and not other else None,
            None if whole or reason else _difference(first, second),
            reason,
        )


def _other_units(units: Sequence[str]) -> str:
    """That two rows of one name count different things, or ""."""
    if len(units) < 2:
        return ""
    first, second = (PLURAL.get(one, one) for one in units)
    return f"The first counts {first}, the second {second}."


def _name(row: Row) -> Name:
    """What makes two rows the same: a coarser band has another label even where its id stays."""
    return row.id, row.group, row.label


def _number(cell: Cell) -> Number:
    if cell.kind != "count" or cell.mark or not isinstance(cell.value, int):
        return Number(cell.shown, None, None, None)
    bears = cell.base is not None and cell.base >= PERCENT_FLOOR
    percent = whole_percent(cell.value, cell.base) if bears and cell.base else None
    return Number(cell.shown, cell.value, cell.base, percent)


def _why_not(first: Number | None, second: Number | None) -> str:
    """Why two numbers have no difference that means something, or ""."""
    if first is None or second is None:
        return f"Not a row of the {'first' if first is None else 'second'}."
    for name, number in (("first", first), ("second", second)):
        if number.value is None:
            return f"Not given in the {name}: {number.shown}."
    for name, number in (("first", first), ("second", second)):
        if number.base is None:
            return "Not a share of anything."
        if number.base < PERCENT_FLOOR:
            return f"The base of the {name} is {number.base}, under {PERCENT_FLOOR}."
    return ""


def _difference(first: Number | None, second: Number | None) -> int | None:
    """Percentage points, halves away from nought, so that it is the same the other way round."""
    shares = []
    for number in (first, second):
        if number is None or number.value is None or not number.base:
            return None
        shares.append(Decimal(100) * number.value / number.base)
    return int((shares[1] - shares[0]).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _pooled(first: Number | None, second: Number | None) -> Number | None:
    """Both together: of numbers that both print, in reviews that are nowhere the same."""
    if first is None or second is None or first.value is None or second.value is None:
        return None
    value = first.value + second.value
    bases = [number.base for number in (first, second)]
    base = None if None in bases else sum(one for one in bases if one is not None)
    bears = base is not None and base >= PERCENT_FLOOR
    return Number(f"{value:,}", value, base, whole_percent(value, base) if bears and base else None)


def _figure(
    anchor: str,
    title: str,
    column: str,
    rows: tuple[ComparedRow, ...],
    sides: tuple[Side, Side],
) -> Figure | None:
    """Both shares of every row that has two; none where fewer than two rows have."""
    pairs = [
        Pair(row.label, row.first.percent, row.second.percent, joined=row.difference is not None)
        for row in rows
        if row.first
        and row.second
        and row.first.percent is not None
        and row.second.percent is not None
    ]
    if len(pairs) < 2:
        return None
    name = f"{title}: {column}" if column else title
    first, second = (f"{side.name}: {side.scope}" for side in sides)
    return paired_dots(f"compared-{anchor}", name, pairs, (first, second))
