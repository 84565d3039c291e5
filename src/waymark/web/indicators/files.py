"""Files of indicators: all values, and the charts of nations."""

from datetime import date

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.core.site_address import NO_ADDRESS
from waymark.core.uk_time import uk_date
from waymark.indicators.data_files import (
    DataFileAbout,
    csv_file,
    excel_file,
    json_file,
)
from waymark.indicators.line_chart import series_figure
from waymark.indicators.models import Indicator
from waymark.indicators.queries import indicators as queries
from waymark.indicators.queries.data_rows import data_rows
from waymark.indicators.queries.values import nation_series
from waymark.web.shared.addresses import cited_address
from waymark.web.shared.chart_files import chart_file

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "xlsx": XLSX}


def _day(request: HttpRequest) -> date | None:
    """The day in the address, None for the current values. Raises Http404 for no date."""
    text = request.GET.get("on", "")
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise Http404(f"{text[:20]!r} is not a date") from None
    if day is not None and day > uk_date(timezone.now()):
        raise Http404("nobody knows yet what the values will be on a day to come")
    return day


@require_safe
def data_file(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """All values of an indicator, as they are or as they were at the end of a day (?on=)."""
    indicator = queries.visible_indicator(slug, request.user)
    day = _day(request)
    if ending not in TYPES:
        raise Http404(f"indicators are not written as {ending}")
    about, rows = _about(request, indicator, day), data_rows(indicator, day)
    if ending == "csv":
        content = csv_file(rows)
    else:
        content = (json_file if ending == "json" else excel_file)(about, rows)
    name = f"{slug}-{day.isoformat()}" if day else slug
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return HttpResponse(content, content_type=TYPES[ending], headers=headers)


def _about(request: HttpRequest, indicator: Indicator, day: date | None) -> DataFileAbout:
    on = day or uk_date(timezone.now())
    who = f" ({indicator.comparability_by})" if indicator.comparability_by else ""
    compared = f"{indicator.get_comparability_display()}{who}"
    return DataFileAbout(
        title=indicator.title,
        name=indicator.name,
        definition=indicator.definition,
        cautions=indicator.caution_list,
        comparability=f"Four nations: {compared}. {indicator.comparability_note}".strip(),
        address=cited_address(request, reverse("indicator", args=[indicator.slug])) or NO_ADDRESS,
        day=f"{on.day} {on:%B %Y}",
    )


@require_safe
def indicator_chart(request: HttpRequest, slug: str, nation: str, ending: str) -> HttpResponse:
    """The chart of a nation. Raises Http404 if it has no values."""
    indicator = queries.visible_indicator(slug, request.user)
    panel = next((row for row in queries.panels_of(indicator) if row.nation == nation), None)
    series = nation_series(panel) if panel else None
    figure = series_figure(nation, series) if series else None
    if figure is None:
        raise Http404(f"{slug} has no chart of {nation}")
    today = uk_date(timezone.now())
    titles = "; ".join(
        f"{row.publisher}: {row.title}".removeprefix(": ") for row in queries.sources_of(indicator)
    )
    source = f"{titles}. {settings.SITE_NAME}, {today.day} {today:%B %Y}."
    return chart_file(figure, source, ending=ending, name=f"{slug}-{nation}")
