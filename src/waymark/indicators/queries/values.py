"""Values as they were on a day: series of nations, tables of areas, one value with its history."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from waymark.core.errors import NotFound, RuleError, require_found
from waymark.core.uk_time import UK_TIME, uk_date
from waymark.indicators.areas import code_of_nation
from waymark.indicators.line_chart import BreakMark, NationSeries, SeriesPoint
from waymark.indicators.models import (
    Indicator,
    IndicatorMeasure,
    IndicatorValue,
    NationPanel,
    SeriesBreak,
    StatisticalArea,
)
from waymark.indicators.periods import Period
from waymark.indicators.sums import SummedParts, sum_of_parts

BATCH = 2_000


def end_of_day(day: date) -> datetime:
    """The first moment after a day in the UK."""
    return datetime.combine(day + timedelta(days=1), time.min, UK_TIME)


def values_on(rows: QuerySet[IndicatorValue], day: date | None = None) -> QuerySet[IndicatorValue]:
    """The values of some rows that held at the end of a UK day. day: None for the current ones."""
    if day is None:
        return rows.filter(superseded_at=None)
    moment = end_of_day(day)
    return rows.filter(recorded_at__lt=moment).filter(
        Q(superseded_at=None) | Q(superseded_at__gte=moment)
    )


def values_of(indicator: Indicator, day: date | None = None) -> QuerySet[IndicatorValue]:
    """All values of an indicator as they were on a day, by measure, area and period."""
    rows = IndicatorValue.objects.filter(measure__indicator=indicator)
    return (
        values_on(rows, day)
        .select_related("measure", "area", "source")
        .order_by("measure__position", "area__code", "period_start", "period_end")
    )


def streamed_values(indicator: Indicator, day: date | None = None) -> Iterator[IndicatorValue]:
    """The same in batches, for files."""
    return values_of(indicator, day).iterator(BATCH)


# ---- four nations ----


def nation_series(panel: NationPanel, day: date | None = None) -> NationSeries | None:
    """Values of a nation's panel by period; None if it has no measure or no value."""
    if panel.measure is None:
        return None
    rows = IndicatorValue.objects.filter(
        measure=panel.measure, area__code=code_of_nation(panel.nation)
    )
    rows = values_on(rows, day).order_by("period_start", "period_end")
    points = tuple(SeriesPoint(row.period, row.cell, row.note) for row in rows)
    if not points:
        return None
    return NationSeries(
        nation=panel.get_nation_display(),
        measure=panel.measure.label,
        unit=panel.measure.unit,
        points=points,
        breaks=tuple(breaks_of(panel.indicator, panel.nation)),
        finding=panel.finding,
    )


def breaks_of(indicator: Indicator, nation: str) -> list[BreakMark]:
    """Breaks of the series of a nation."""
    rows = SeriesBreak.objects.filter(indicator=indicator, nation__in=["", nation])
    return [BreakMark(row.starts, row.note) for row in rows]


# ---- areas ----


@dataclass(frozen=True, slots=True)
class AreaTable:
    """Values of one measure and period in the parts of an area, with that of the whole."""

    measure: IndicatorMeasure
    period: Period
    whole: IndicatorValue | None
    parts: tuple[IndicatorValue, ...]


def measure_of(indicator: Indicator, key: str) -> IndicatorMeasure:
    """A measure by its key. Raises NotFound."""
    row = indicator.measures.filter(key=key).first()
    return require_found(row, f"{indicator.slug} has no measure {key}")


def periods_of(measure: IndicatorMeasure) -> list[Period]:
    """Periods with a current value, the latest first."""
    rows = IndicatorValue.objects.filter(measure=measure, superseded_at=None)
    pairs = rows.order_by("-period_start", "-period_end")
    return [Period(*pair) for pair in pairs.values_list("period_start", "period_end").distinct()]


def areas_above(measure: IndicatorMeasure) -> list[StatisticalArea]:
    """Areas whose parts have values of a measure."""
    return list(
        StatisticalArea.objects.filter(
            parts__values__measure=measure, parts__values__superseded_at=None
        ).distinct()
    )


def area_table(measure: IndicatorMeasure, period: Period, area: StatisticalArea) -> AreaTable:
    """Current values of the parts of an area."""
    rows = IndicatorValue.objects.filter(
        measure=measure,
        period_start=period.start,
        period_end=period.end,
        superseded_at=None,
    ).select_related("area", "measure")
    return AreaTable(
        measure,
        period,
        rows.filter(area=area).first(),
        tuple(rows.filter(area__parent=area).order_by("area__name")),
    )


def summed_areas(table: AreaTable, codes: list[str]) -> SummedParts:
    """Sum of some parts of an area. Raises RuleError where it must not be shown: see sums.py."""
    if table.measure.unit != "count":
        unit = table.measure.get_unit_display().lower()
        raise RuleError(f"values of this measure cannot be added up: it is a {unit}")
    names = {row.area.code: row.area.name for row in table.parts}
    unknown = [code for code in codes if code not in names]
    if unknown:
        raise NotFound(f"there is no part {unknown[0][:20]}")
    return sum_of_parts(
        {row.area.name: row.cell for row in table.parts},
        [names[code] for code in codes],
        table.whole.cell if table.whole else None,
    )


# ---- one value ----


@dataclass(frozen=True, slots=True)
class ValueHistory:
    """A value as it was on a day. revisions: all of them, the latest first."""

    value: IndicatorValue
    day: date
    revisions: tuple[IndicatorValue, ...]

    @property
    def is_current(self) -> bool:
        return self.value.superseded_at is None


def value_on(
    indicator: Indicator, measure: str, area: str, period: str, day: date, now: datetime
) -> ValueHistory:
    """A value at the end of a UK day. period: its key.

    Raises NotFound for a value that does not exist or did not yet, and for a day to come.
    """
    if day > uk_date(now):
        raise NotFound("nobody knows yet what a value will be on a day to come")
    rows = IndicatorValue.objects.filter(
        measure__indicator=indicator, measure__key=measure, area__code=area
    ).select_related("measure", "area", "source", "file")
    revisions = [
        row for row in rows.order_by("-recorded_at", "-revision") if row.period.key == period
    ]
    moment = end_of_day(day)
    value = next((row for row in revisions if row.recorded_at < moment), None)
    if value is None:
        raise NotFound(f"there was no such value of {indicator.slug} on that day")
    return ValueHistory(value, day, tuple(revisions))
