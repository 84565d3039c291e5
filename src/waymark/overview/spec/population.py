"""Rates on a population: the values of an indicator that are the bases of rows. Pure."""

import datetime
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import BeforeValidator, Field, field_validator

from waymark.core import yaml_file
from waymark.core.near_names import did_you_mean
from waymark.frameworks.variables import FrameworkPart, Words
from waymark.overview.spec.selection import Slug

if TYPE_CHECKING:
    from waymark.overview.spec.cells import PossibleIds
    from waymark.overview.spec.schema import (
        Band,
        CrosstabTable,
        Dimension,
        OverviewSpec,
        ValueGroup,
    )

Finding = tuple[yaml_file.Path, str]
RATE_COLUMNS = ("population", "rate", "reliability")
COMPARATOR = "comparator"
PeriodKey = Annotated[
    Words,
    # YAML reads 2024 as a number and 2025-03-31 as a date.
    BeforeValidator(lambda value: str(value) if type(value) in {int, datetime.date} else value),
]
"""A period of an indicator, as 2024, 2024-25 or 2025-03-31."""


class BaseKey(NamedTuple):
    """A value of an indicator, as it was at the end of a day in the UK."""

    indicator: str
    as_at: datetime.date
    measure: str
    area: str
    period: str


class BaseOfRow(FrameworkPart):
    """The value that is the base of a row; periods: their values are added up."""

    measure: Words | None = None
    area: Words | None = None
    periods: tuple[PeriodKey, ...] = ()

    @field_validator("periods")
    @classmethod
    def _each_once(cls, periods: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(periods)) < len(periods):
            raise ValueError("each period counts once: remove the repeated one")
        return periods


class PopulationRates(BaseOfRow):
    """Rates beside the counts of a table, with bases from a published indicator.

    as_at: its values as they were at the end of this day. of: the base in words, as "children under
    18 in England". per: the rate is for so many. measure,
    area, periods: of every row that gives no others. rows: row id -> its base. comparator: heading
    of a column with the share that each base is of the base of all rows.
    """

    indicator: Slug
    as_at: datetime.date
    of: Words
    per: Annotated[int, Field(ge=1, le=10_000_000)] = 100_000
    rows: Annotated[Mapping[str, BaseOfRow], Field(min_length=1)]
    comparator: Words | None = None

    def keys_of(self, row: str) -> tuple[BaseKey, ...]:
        """The values that are added up for the base of a row; none for a row without a base."""
        base = self.rows.get(row)
        if base is None:
            return ()
        measure, area = base.measure or self.measure or "", base.area or self.area or ""
        periods = base.periods or self.periods
        return tuple(BaseKey(self.indicator, self.as_at, measure, area, part) for part in periods)

    def missing_parts(self, row: str) -> list[str]:
        """The parts of the base of a row that are given neither there nor for all rows."""
        parts = ("measure", "area", "periods")
        return [
            part for part in parts if not (getattr(self.rows[row], part) or getattr(self, part))
        ]


def needed_bases(spec: "OverviewSpec") -> dict[BaseKey, str]:
    """Every value of an indicator that a specification needs -> the first place that needs it."""
    needed: dict[BaseKey, str] = {}
    for table in spec.tables:
        rates: PopulationRates | None = getattr(table, "rates", None)
        for row in rates.rows if rates else ():
            for key in rates.keys_of(row) if rates else ():
                needed.setdefault(key, f"{table.id}, rates of the row {row}")
    return needed


def rate_faults(
    table: "CrosstabTable", rows: "PossibleIds", at: yaml_file.Path
) -> Iterator[Finding]:
    """Faults of the rates of a table. rows: the possible ones."""
    rates = table.rates
    if rates is None:
        return
    if any(block.unit == "recommendation" for block in table.blocks):
        yield at, f"{table.id}: rates are of reviews or children, not of recommendations"
    for row in rates.rows:
        if not rows.contains(row):
            yield (*at, "rows", row), f"{table.id} has no row {row}{did_you_mean(row, rows.ids)}"
        for part in rates.missing_parts(row):
            yield (*at, "rows", row), f"{table.id}: the base of {row} needs {part}"
    several = len(table.blocks) > 1
    for name in sorted(rates.rows.keys() & set(_other_meanings(table, several=several))):
        message = f"{name} means something else in a coarser version: give it a new id"
        yield (*at, "rows", name), f"{table.id}: {message}"
    yield from _comparator_faults(table, rates, at, several=several)


def _comparator_faults(
    table: "CrosstabTable", rates: PopulationRates, at: yaml_file.Path, *, several: bool
) -> Iterator[Finding]:
    for block in table.blocks if rates.comparator else ():
        every = f"{block.id}.all" if several else "all"
        if every not in rates.rows:
            yield (*at, "comparator"), f"{table.id}: a comparator needs a base for the row {every}"


def _other_meanings(table: "CrosstabTable", *, several: bool) -> Iterator[str]:
    """Rows of coarser versions of blocks that have the id of another row, or one of their own."""
    for block in table.blocks:
        parts = _own_rows(block.rows)
        for recode in block.recodes:
            for name, part in _own_rows(recode.rows).items() if recode.rows else ():
                if parts.get(name) != part:
                    yield f"{block.id}.{name}" if several else name


def _own_rows(rows: "Dimension") -> "dict[str, ValueGroup | Band]":
    groups = {group.id: group for group in rows.groups}
    return {**groups, **{band.id: band for band in rows.bands}}
