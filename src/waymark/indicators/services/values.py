"""Services that append values: one by hand, or those of a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_account, require_permission
from waymark.core.errors import RuleError, require_found
from waymark.core.uk_time import uk_date
from waymark.indicators.cells import UnreadableCell, read_cell
from waymark.indicators.models import (
    Indicator,
    IndicatorImport,
    IndicatorMeasure,
    IndicatorValue,
    StatisticalArea,
    StatisticalSource,
)
from waymark.indicators.periods import Period
from waymark.indicators.reading import ValueInFile
from waymark.indicators.services.describing import EDIT, locked_indicator

BATCH = 2_000
Place = tuple[int, int, Period]
"""Primary keys of measure and area, and the period: what a value is about."""


@dataclass(frozen=True, slots=True)
class AppendedValues:
    """Numbers of cells that were new, differed from the current value, or did not."""

    new: int
    revised: int
    unchanged: int


def append_values(
    indicator: Indicator,
    values: Sequence[ValueInFile],
    file: IndicatorImport,
    source: StatisticalSource,
    person: User | None,
    now: datetime,
) -> AppendedValues:
    """Append what differs from the current values. Services call it, within theirs."""
    measures = {row.key: row.pk for row in indicator.measures.all()}
    areas = dict(StatisticalArea.objects.values_list("code", "pk"))
    current = current_by_place(indicator)
    rows: list[IndicatorValue] = []
    replaced: list[int] = []
    for value in values:
        place = (measures[value.measure], areas[value.area], value.period)
        before = current.get(place)
        if before is not None and (before.cell, before.note) == (value.cell, value.note[:500]):
            continue
        if before is not None:
            replaced.append(before.pk)
        rows.append(
            IndicatorValue(
                measure_id=place[0],
                area_id=place[1],
                period_start=value.period.start,
                period_end=value.period.end,
                value=value.cell.value,
                decimals=value.cell.decimals,
                marker=value.cell.marker,
                note=value.note[:500],
                source=source,
                file=file,
                row=value.row,
                revision=before.revision + 1 if before else 1,
                holds_from=uk_date(now),
                recorded_at=now,
                recorded_by=person,
            )
        )
    _supersede(replaced, now)
    IndicatorValue.objects.bulk_create(rows, batch_size=BATCH)
    return AppendedValues(len(rows) - len(replaced), len(replaced), len(values) - len(rows))


def current_by_place(indicator: Indicator) -> dict[Place, IndicatorValue]:
    """Current values of an indicator by what they are about."""
    rows = IndicatorValue.objects.filter(measure__indicator=indicator, superseded_at=None)
    rows = rows.only(
        *("measure_id", "area_id", "period_start", "period_end"),
        *("value", "decimals", "marker", "note", "revision"),
    )
    return {(row.measure_id, row.area_id, row.period): row for row in rows.iterator(BATCH)}


def _supersede(keys: Sequence[int], now: datetime) -> None:
    for part in _parts(keys):
        IndicatorValue.objects.filter(pk__in=part).update(superseded_at=now)


def _parts(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + 500] for start in range(0, len(keys), 500))


@audit.serialized
def correct_value(
    *,
    by: Actor,
    slug: str,
    measure: str,
    area: str,
    period: Period,
    text: str,
    reason: str,
    note: str = "",
    now: datetime,
) -> IndicatorValue:
    """Replace a current value by another, as a new revision with a reason.

    text: a number or a marker, as in a file. Raises NotPermitted, NotFound if there is no such
    value, RuleError for text that is neither and without a reason.
    """
    require_permission(by, EDIT)
    person = require_account(by, EDIT, "correct a value")
    indicator = locked_indicator(slug)
    if not reason.strip():
        raise RuleError("give a reason for the correction: it is shown beside the value")
    try:
        cell = read_cell(text)
    except UnreadableCell as error:
        raise RuleError(str(error)) from error
    before = _current_value(indicator, measure, area, period)
    if (before.cell, before.note) == (cell, note.strip()):
        return before
    _supersede([before.pk], now)
    row = IndicatorValue.objects.create(
        measure=before.measure,
        area=before.area,
        period_start=period.start,
        period_end=period.end,
        value=cell.value,
        decimals=cell.decimals,
        marker=cell.marker,
        note=note.strip()[:500],
        source=before.source,
        revision=before.revision + 1,
        holds_from=uk_date(now),
        recorded_at=now,
        recorded_by=person,
        reason=reason.strip()[:500],
    )
    indicator.changed_at = now
    indicator.save(update_fields=["changed_at"])
    audit.record_about(
        by,
        "correct value of indicator",
        indicator,
        now,
        measure=measure,
        area=area,
        period=period.key,
        before=before.plain,
        after=row.plain,
        reason=row.reason,
    )
    return row


def _current_value(indicator: Indicator, measure: str, area: str, period: Period) -> IndicatorValue:
    rows = IndicatorMeasure.objects.filter(indicator=indicator, key=measure)
    own = require_found(rows.first(), f"{indicator.slug} has no measure {measure}")
    values = IndicatorValue.objects.filter(
        measure=own,
        area__code=area,
        period_start=period.start,
        period_end=period.end,
        superseded_at=None,
    )
    message = f"{indicator.slug} has no value of {measure} for {area} and {period.key}"
    return require_found(values.select_related("measure", "area", "source").first(), message)
