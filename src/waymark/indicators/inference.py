"""Detect the mapping of a file in the layout of Explore Education Statistics. Pure.

The layout has fixed columns for time and place, then columns that divide the rows (text), then
columns of numbers. Files of another layout need a mapping that a person writes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from waymark.core.errors import FileRefused
from waymark.core.sheet_rows import Row
from waymark.indicators.cells import UnreadableCell, read_cell
from waymark.indicators.mapping import (
    AreaColumns,
    ImportMapping,
    LevelEntry,
    MeasureEntry,
    PeriodColumn,
    SourceEntry,
    Unit,
)
from waymark.indicators.periods import PeriodType
from waymark.indicators.reading import head_and_rows, words_of

TIME, KIND, LEVEL = "time_period", "time_identifier", "geographic_level"
LEVELS = (
    LevelEntry(level="national", value="National", code="country_code", name="country_name"),
    LevelEntry(level="regional", value="Regional", code="region_code", name="region_name"),
    LevelEntry(level="local", value="Local authority", code="new_la_code", name="la_name"),
)
_PLACES = {"old_la_code", *(name for row in LEVELS for name in (row.code, row.name))}
PERIODS: dict[str, PeriodType] = {
    "reporting year": "financial",
    "financial year": "financial",
    "academic year": "academic",
    "calendar year": "calendar",
}
"""What the file calls its years -> type. Reporting years of social care end in March."""
_ON_A_DAY = re.compile(r"31(st)?[ _]?(of )?march|at[ _]?31", re.IGNORECASE)
_PERCENT = re.compile(r"percent|pct|%", re.IGNORECASE)
_RATE = re.compile(r"rate|per[ _]?1", re.IGNORECASE)
DEFINITION = "Nobody has written a definition yet: add it before this is published."


def has_known_layout(rows: Sequence[Row]) -> bool:
    """True if the first row has the fixed columns of the layout."""
    return bool(rows) and {TIME, LEVEL, "country_code"} <= set(rows[0][1])


def infer_mapping(rows: Sequence[Row], *, name: str) -> ImportMapping:
    """The mapping of a file in the known layout. Raises FileRefused for any other."""
    if not has_known_layout(rows):
        raise FileRefused(
            name,
            f"it does not have the columns {TIME}, {LEVEL} and country_code",
            "Write a mapping that names its columns, and give it with --mapping or in the form",
        )
    head, below = head_and_rows(rows, rows[0][0], name)
    columns = _OtherColumns.of(head, below)
    if not columns.numbers:
        raise FileRefused(name, "it has no column of numbers", "Check the file")
    return ImportMapping(
        indicator=_slug(name),
        title=(columns.title or _stem_words(name))[:300],
        definition=DEFINITION,
        source=SourceEntry(title=f"File {PurePath(name).name}"[:300]),
        header=rows[0][0],
        period=PeriodColumn(column=TIME, type=_period_type(head, below)),
        area=AreaColumns(
            column=LEVEL, levels=tuple(row for row in LEVELS if {row.code, row.name} <= set(head))
        ),
        breakdown=tuple(columns.several),
        measures=tuple(_measures(columns.numbers, columns.texts, columns.several)),
    )


@dataclass(frozen=True, slots=True)
class _OtherColumns:
    """Columns besides those of time and place. texts: column -> its different values.

    dividing: columns of text; several: those of them with more than one value. numbers: the others.
    """

    texts: dict[str, set[str]]
    dividing: list[str]
    several: list[str]
    numbers: list[str]

    @classmethod
    def of(cls, head: Sequence[str], below: Sequence[Row]) -> "_OtherColumns":
        """Sort the columns of a table by what they contain."""
        fixed = {TIME, KIND, LEVEL, *_PLACES}
        others = [column for column in head if column and column not in fixed]
        texts = {column: _values(below, head.index(column)) for column in others}
        numbers = [column for column in others if _is_numeric(texts[column])]
        dividing = [column for column in others if column not in numbers]
        several = [column for column in dividing if len(texts[column]) > 1]
        return cls(texts, dividing, several, numbers)

    @property
    def title(self) -> str:
        """What all rows are about; "" if a column divides them or none says so."""
        if not self.dividing or self.several:
            return ""
        return " ".join(sorted(self.texts[self.dividing[0]]))


def _period_type(head: Sequence[str], below: Sequence[Row]) -> PeriodType:
    kinds = _values(below, head.index(KIND)) if KIND in head else {"reporting year"}
    return PERIODS.get(min(kinds).lower(), "calendar")


def _measures(
    numbers: Sequence[str], texts: dict[str, set[str]], several: Sequence[str]
) -> list[MeasureEntry]:
    entries = []
    for column in numbers:
        day: PeriodType | None = "day" if _ON_A_DAY.search(column) else None
        entries.append(
            MeasureEntry(column=column, label=words_of(column), unit=_unit(column), type=day)
        )
        if len(several) == 1:
            entries += [
                MeasureEntry(
                    column=column,
                    breakdown=value,
                    label=f"{value}: {words_of(column)}"[:300],
                    unit=_unit(column),
                    type="day",
                )
                for value in sorted(texts[several[0]])
                if _ON_A_DAY.search(value)
            ]
    return entries


def _values(rows: Sequence[Row], at: int) -> set[str]:
    return {cells[at] for _, cells in rows if at < len(cells) and cells[at]}


def _is_numeric(texts: set[str]) -> bool:
    """True if at least half of the different texts are numbers: the others are bad rows."""
    numbers = 0
    for text in texts:
        try:
            numbers += read_cell(text).value is not None or text.lower() in {"c", "x", "z", "u"}
        except UnreadableCell:
            continue
    return bool(texts) and numbers * 2 >= len(texts)


def _unit(column: str) -> Unit:
    if _PERCENT.search(column):
        return "percent"
    return "rate" if _RATE.search(column) else "count"


def _stem_words(name: str) -> str:
    return words_of(PurePath(name).stem)


def _slug(name: str) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", PurePath(name).stem.lower()).strip("-")
    return stem[:60].strip("-") or "indicator"
