"""Rows of an official file -> values, by a mapping. Bad rows are collected, never fatal. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.errors import FileRefused
from waymark.core.sheet_rows import Row
from waymark.indicators.areas import NATIONS, code_of_nation, nation_of_code
from waymark.indicators.cells import IndicatorCell, UnreadableCell, read_cell
from waymark.indicators.mapping import ImportMapping, LevelEntry, MeasureEntry
from waymark.indicators.periods import Period, PeriodType, UnreadablePeriod, read_period

LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row is not stored. row: as a spreadsheet numbers it; column: "" for the whole row."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class AreaEntry:
    """An area of a file. parent: code of the area above, "" for none."""

    code: str
    name: str
    level: str
    nation: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class MeasureInFile:
    """A measure: a column, for one breakdown. key: lasting name within its indicator."""

    key: str
    label: str
    unit: str
    words: str
    period_type: PeriodType
    breakdown: str
    column: str


@dataclass(frozen=True, slots=True)
class ValueInFile:
    """A cell with what it is about. row: where it stands."""

    row: int
    area: str
    measure: str
    period: Period
    cell: IndicatorCell
    note: str = ""


@dataclass(frozen=True, slots=True)
class TableReading:
    """What a file says by a mapping. rows: number of its rows below the head."""

    rows: int
    areas: dict[str, AreaEntry]
    measures: dict[str, MeasureInFile]
    values: list[ValueInFile]
    problems: list[RowProblem]

    @property
    def rows_read(self) -> int:
        """Number of rows without a problem."""
        return self.rows - len({problem.row for problem in self.problems})


class _RowFault(Exception):
    """A row that cannot be read. column: as in RowProblem."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


def head_and_rows(rows: Sequence[Row], header: int, name: str) -> tuple[list[str], list[Row]]:
    """Names of the columns, and the rows below them. Raises FileRefused without any."""
    head = next((cells for number, cells in rows if number == header), None)
    below = [row for row in rows if row[0] > header]
    if head is None or not below:
        raise FileRefused(name, "it has no rows of values", "Check the file and the row of heads")
    return head, below


def read_table(rows: Sequence[Row], mapping: ImportMapping, *, name: str) -> TableReading:
    """All values of a file. Raises FileRefused if a column of the mapping is not there."""
    head, below = head_and_rows(rows, mapping.header, name)
    missing = [column for column in mapping.columns if column not in head]
    if missing:
        reason = f"it has no column {', '.join(missing[:5])}"
        raise FileRefused(name, reason, "Correct the mapping, or choose another file")
    return _TableReader(mapping, head).read(below)


class _TableReader:
    """Reads rows one by one; what a row adds is kept only if all of it can be read."""

    def __init__(self, mapping: ImportMapping, head: list[str]) -> None:
        self.mapping, self.head = mapping, head
        self.place = {column: head.index(column) for column in mapping.columns}
        self.areas: dict[str, AreaEntry] = {}
        self.measures: dict[str, MeasureInFile] = {}
        self.entries = {(row.column, row.breakdown): row for row in mapping.measures}
        self.columns = list(dict.fromkeys(row.column for row in mapping.measures))
        self.levels = {row.value: row for row in mapping.area.levels}
        self.seen: dict[tuple[str, str, Period], int] = {}

    def read(self, rows: Sequence[Row]) -> TableReading:
        values: list[ValueInFile] = []
        problems: list[RowProblem] = []
        for number, cells in rows:
            try:
                values += self._row_values(number, cells)
            except _RowFault as fault:
                problems.append(RowProblem(number, fault.column, fault.reason))
        return TableReading(len(rows), self.areas, self.measures, values, problems)

    def _row_values(self, number: int, cells: list[str]) -> list[ValueInFile]:
        if len(cells) > len(self.head):
            raise _RowFault("", f"it has {len(cells)} cells, the head has {len(self.head)}")
        cells = cells + [""] * (len(self.head) - len(cells))
        areas = self._areas_of(cells)
        breakdown = ", ".join(
            text for column in self.mapping.breakdown if (text := self._text(cells, column))
        )
        note = self._text(cells, self.mapping.note) if self.mapping.note else ""
        measures, values = {}, []
        for column in self.columns:
            measure = self._measure(column, breakdown)
            if measure is None:
                continue
            measures[measure.key] = measure
            period = self._period(cells, column, breakdown, measure.period_type)
            cell = self._cell(cells, column)
            values.append(ValueInFile(number, areas[-1].code, measure.key, period, cell, note))
        self._check_new(number, values)
        self.areas |= {area.code: area for area in areas if area.code not in self.areas}
        self.measures |= measures
        return values

    def _check_new(self, number: int, values: list[ValueInFile]) -> None:
        for value in values:
            earlier = self.seen.get((value.area, value.measure, value.period))
            if earlier is not None:
                raise _RowFault("", f"row {earlier} is about the same area and period")
        self.seen |= {(value.area, value.measure, value.period): number for value in values}

    def _text(self, cells: list[str], column: str) -> str:
        return cells[self.place[column]]

    # ---- areas ----

    def _areas_of(self, cells: list[str]) -> list[AreaEntry]:
        """The area of a row, after those above it."""
        area = self.mapping.area
        if area.nation:
            return [
                AreaEntry(
                    code_of_nation(area.nation), NATIONS[area.nation], "national", area.nation
                )
            ]
        said = self._text(cells, area.column) if area.column else area.levels[0].value
        level = self.levels.get(said)
        if level is None:
            raise _RowFault(area.column, f"{said[:40]!r} is not a level of the mapping")
        own = self._area(cells, level, "")
        if own is None:
            raise _RowFault(level.code or level.name, "the row names no area")
        above: list[AreaEntry] = []
        for higher in area.levels[: area.levels.index(level)]:
            if entry := self._area(cells, higher, above[-1].code if above else ""):
                above.append(entry)
        parent = above[-1].code if above else ""
        return [*above, AreaEntry(own.code, own.name, own.level, own.nation, parent)]

    def _area(self, cells: list[str], level: LevelEntry, parent: str) -> AreaEntry | None:
        name = self._text(cells, level.name)
        code = self._text(cells, level.code) if level.code else ""
        if level.level == "national" and not code and (nation := _nation_called(name)):
            code = code_of_nation(nation)
        if not name or (level.code and not code):
            return None
        nation = nation_of_code(code)
        if not nation:
            reason = f"{code[:20]!r} is not a code of an area in the four nations"
            raise _RowFault(level.code or level.name, reason)
        return AreaEntry(code, name[:200], level.level, nation, parent)

    # ---- measures, periods and cells ----

    def _measure(self, column: str, breakdown: str) -> MeasureInFile | None:
        """The measure of a cell; None if the mapping leaves its breakdown out."""
        entry = self.entries.get((column, breakdown)) or self.entries.get((column, ""))
        if entry is None:
            return None
        key = measure_key(column, breakdown if self.mapping.breakdown else "")
        label = entry.label or words_of(column)
        if breakdown and not entry.breakdown:
            label = f"{breakdown}: {label}"
        period_type: PeriodType = entry.type or self.mapping.period.type
        return MeasureInFile(
            key, label[:300], entry.unit, entry.words, period_type, breakdown, column
        )

    def _period(
        self, cells: list[str], column: str, breakdown: str, period_type: PeriodType
    ) -> Period:
        entry: MeasureEntry = self.entries.get((column, breakdown)) or self.entries[column, ""]
        said = self.mapping.period
        try:
            text = self._text(cells, said.column)
            return read_period(text, period_type, ends=said.ends, day=entry.day)
        except UnreadablePeriod as error:
            raise _RowFault(said.column, str(error)) from error

    def _cell(self, cells: list[str], column: str) -> IndicatorCell:
        try:
            return read_cell(self._text(cells, column), self.mapping.symbols)
        except UnreadableCell as error:
            raise _RowFault(column, str(error)) from error


def _nation_called(name: str) -> str:
    return next((key for key, label in NATIONS.items() if label.lower() == name.lower()), "")


def measure_key(column: str, breakdown: str = "") -> str:
    """Lasting key of a measure: ("CPP_At31", "") -> "cpp-at31"."""
    parts = [re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") for text in (column, breakdown)]
    return ".".join(part for part in parts if part)[:LONGEST_KEY] or "value"


def words_of(column: str) -> str:
    """A column's name in words: "more_than_3_months" -> "More than 3 months"."""
    text = re.sub(r"[_\s]+", " ", column).strip()
    return text[:1].upper() + text[1:]
