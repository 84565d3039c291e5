"""Values of an indicator as rows of its files."""

from collections.abc import Iterator
from datetime import date

from waymark.indicators.data_files import DataRow
from waymark.indicators.models import Indicator
from waymark.indicators.queries.values import streamed_values


def data_rows(indicator: Indicator, day: date | None = None) -> Iterator[DataRow]:
    """All values, as they are or as they were at the end of a day."""
    for row in streamed_values(indicator, day):
        yield DataRow(
            measure=row.measure.key,
            label=row.measure.label,
            unit=row.measure.unit,
            nation=row.area.nation,
            area_code=row.area.code,
            area=row.area.name,
            level=row.area.level,
            period_type=row.measure.period_type,
            period=row.period.key,
            period_start=row.period_start.isoformat(),
            period_end=row.period_end.isoformat(),
            value=row.value,
            decimals=row.decimals,
            marker=row.marker,
            note=row.note,
            revision=row.revision,
            holds_from=row.holds_from.isoformat(),
            source=row.source.title,
            publisher=row.source.publisher,
            licence=row.source.licence,
            source_published=row.source.published.isoformat() if row.source.published else "",
        )
