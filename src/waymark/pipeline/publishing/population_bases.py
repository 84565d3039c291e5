"""Published indicators -> the bases of the rates of an overview."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from waymark.core.errors import NotFound, RuleError
from waymark.core.near_names import did_you_mean
from waymark.core.uk_time import uk_date
from waymark.indicators.models import IndicatorValue
from waymark.indicators.queries.indicators import visible_indicator
from waymark.indicators.queries.values import measure_of, values_on
from waymark.overview.snapshot.rows import PopulationBase
from waymark.overview.spec.population import BaseKey, needed_bases
from waymark.overview.spec.schema import OverviewSpec


def population_bases(spec: OverviewSpec, now: datetime) -> tuple[PopulationBase, ...]:
    """The values of indicators that a specification needs, as everyone can see them.

    Raises RuleError, with the table and row, for a value that is not there.
    """
    return tuple(_base(key, place, now) for key, place in needed_bases(spec).items())


def _base(key: BaseKey, place: str, now: datetime) -> PopulationBase:
    if key.as_at > uk_date(now):
        raise RuleError(f"{place}: {key.as_at} is a day to come: give the day of the values")
    try:
        indicator = visible_indicator(key.indicator, AnonymousUser())
        measure = measure_of(indicator, key.measure)
    except NotFound as error:
        raise RuleError(f"{place}: {error}, or it is not published") from error
    if measure.unit != "count":
        unit = measure.get_unit_display().lower()
        raise RuleError(f"{place}: {key.measure} is a {unit}: a base is a number of people")
    rows = IndicatorValue.objects.filter(measure=measure, area__code=key.area)
    by_period = {row.period.key: row for row in values_on(rows, key.as_at).select_related("source")}
    if key.period not in by_period:
        near = did_you_mean(key.period, by_period)
        raise RuleError(
            f"{place}: on {key.as_at}, {key.indicator} had no value of {key.measure} for"
            f" {key.area} in {key.period}{near}"
        )
    row = by_period[key.period]
    source = ", ".join(
        part for part in (row.source.title, row.source.publisher, row.source.licence) if part
    )
    # A marker such as c is in place of a number.
    value = None if row.value is None else round(row.value)
    return PopulationBase(key, value, indicator.name, measure.label, source)
