"""Mappings: how the columns of an official file become values. Pure.

A mapping is YAML that people can read, save and run again on the next release of the same file.
"""

from datetime import date
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from waymark.core.yaml_file import read_yaml
from waymark.indicators.areas import NATIONS
from waymark.indicators.cells import MARKERS
from waymark.indicators.periods import is_day_of_year

FORMAT = "waymark-indicator-mapping 1"
Column = Annotated[str, Field(min_length=1, max_length=200)]
Key = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Unit = Literal["count", "percent", "rate", "number"]
UNITS: dict[str, str] = {
    "count": "Number",
    "percent": "Percentage",
    "rate": "Rate",
    "number": "Other measure",
}


class _MappingPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceEntry(_MappingPart):
    """Where a file comes from. licence: a short name such as OGL-UK-3.0, or the terms in words.

    note: what is not certain about it, such as a licence that was not confirmed.
    """

    title: str = Field(min_length=1, max_length=300)
    publisher: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=1_000)
    licence: str = Field(default="", max_length=200)
    published: date | None = None
    note: str = Field(default="", max_length=500)

    @field_validator("address")
    @classmethod
    def _is_web_address(cls, address: str) -> str:
        if address and not address.startswith(("https://", "http://")):
            raise ValueError("must begin with https://")
        return address


class PeriodColumn(_MappingPart):
    """Column of the period. type: of the values, unless their measure has another.

    ends: a single year is the one in which the year of the file ends.
    """

    column: Column
    type: Literal["calendar", "financial", "academic", "day"] = "financial"
    ends: bool = True


class LevelEntry(_MappingPart):
    """Columns of the areas of one level. value: what the column of the level says for it."""

    level: Literal["national", "regional", "local"]
    value: str = ""
    code: str = ""
    name: Column


class AreaColumns(_MappingPart):
    """Columns of the area: a nation for the whole file, or levels from the highest down."""

    nation: str = ""
    column: str = ""
    levels: tuple[LevelEntry, ...] = ()

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "AreaColumns":
        if self.nation and self.nation not in NATIONS:
            raise ValueError(f"nation must be one of {', '.join(NATIONS)}")
        if not self.nation and not self.levels:
            raise ValueError("name a nation, or the columns of the areas under levels")
        if len(self.levels) > 1 and not self.column:
            raise ValueError("name the column that says the level of each row")
        return self


class MeasureEntry(_MappingPart):
    """A column of numbers. breakdown: only rows with this breakdown; "" for all others.

    words: what is counted, such as "children". day: month and day of a value as at a date.
    """

    column: Column
    breakdown: str = Field(default="", max_length=300)
    label: str = Field(default="", max_length=300)
    unit: Unit = "count"
    words: str = Field(default="", max_length=100)
    type: Literal["calendar", "financial", "academic", "day"] | None = None
    day: str = "03-31"

    @field_validator("day")
    @classmethod
    def _is_day(cls, day: str) -> str:
        if not is_day_of_year(day):
            raise ValueError("must be a month and a day, such as 03-31")
        return day


class ImportMapping(_MappingPart):
    """How a file becomes the values of one indicator.

    indicator: its name in addresses; title, definition: for a new indicator. header: number of the
    row with the names of the columns. breakdown: columns that divide the rows, such as by age.
    note: column of notes. symbols: signs of the file -> marker; "" is an empty cell.
    """

    format: Literal["waymark-indicator-mapping 1"] = "waymark-indicator-mapping 1"
    indicator: Key
    title: str = Field(default="", max_length=300)
    definition: str = Field(default="", max_length=5_000)
    source: SourceEntry
    sheet: str = Field(default="", max_length=100)
    header: int = Field(default=1, ge=1, le=1_000)
    period: PeriodColumn
    area: AreaColumns
    breakdown: tuple[Column, ...] = ()
    note: str = ""
    symbols: dict[str, str] = Field(default_factory=dict)
    measures: tuple[MeasureEntry, ...] = Field(min_length=1, max_length=500)

    @field_validator("symbols")
    @classmethod
    def _are_markers(cls, symbols: dict[str, str]) -> dict[str, str]:
        if unknown := set(symbols.values()) - set(MARKERS):
            raise ValueError(f"{sorted(unknown)[0]} is no marker: use {', '.join(MARKERS)}")
        return symbols

    @property
    def columns(self) -> list[str]:
        """All columns that it needs, each once."""
        levels = [column for level in self.area.levels for column in (level.code, level.name)]
        named = [self.period.column, self.area.column, *levels, *self.breakdown, self.note]
        named += [measure.column for measure in self.measures]
        return list(dict.fromkeys(column for column in named if column))


def read_mapping(text: str, *, file: str = "the mapping") -> ImportMapping:
    """A mapping from YAML. Raises SpecError."""
    return read_yaml(text, ImportMapping, file=file)[0]


def mapping_yaml(mapping: ImportMapping) -> str:
    """A mapping as YAML, without what has its usual value."""
    values = mapping.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(
        {"format": FORMAT, **values}, allow_unicode=True, sort_keys=False, width=100
    )
