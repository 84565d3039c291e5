"""Public pages of indicators: the list by topic, one indicator, its areas, and one value."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.errors import NotFound, RuleError
from waymark.core.tables import Figure
from waymark.core.uk_time import uk_date
from waymark.core.wording import as_sentence
from waymark.indicators.areas import code_of_nation
from waymark.indicators.cells import MARKERS
from waymark.indicators.line_chart import NationSeries, series_figure
from waymark.indicators.models import (
    Indicator,
    IndicatorState,
    NationPanel,
    StatisticalArea,
)
from waymark.indicators.periods import Period
from waymark.indicators.queries import indicators as queries
from waymark.indicators.queries import values
from waymark.indicators.queries.annual import published_annual_reports
from waymark.indicators.queries.contacts import published_highlights
from waymark.indicators.sums import SummedParts
from waymark.library.queries.topics import topic_counts
from waymark.web.library.exports import AtomFeed, entry_html, feed_answer, tag_uri
from waymark.web.middleware.tombstones import withdrawn_page
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.take_away import NamedLink, TakeAway, access_note

EDIT = "edit indicators"
Choice = TypeVar("Choice", Period, StatisticalArea)


@dataclass(frozen=True, slots=True)
class TopicGroup:
    """Indicators of a topic. key: "" for those without one."""

    key: str
    name: str
    indicators: list[Indicator]


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """All indicators by topic."""
    now = timezone.now()
    groups = queries.indicators_by_topic(request.user)
    names = {row.key: row.name for row in topic_counts(request.user, now)} if groups else {}
    known = [TopicGroup(key, name, groups[key]) for key, name in names.items() if groups.get(key)]
    # A topic may have been withdrawn since: its indicators are still listed.
    rest = {row.pk: row for key in groups.keys() - names.keys() for row in groups[key]}
    others = [row for row in rest.values() if not any(row in group.indicators for group in known)]
    return render(
        request,
        "indicators/list.html",
        {
            "groups": [*known, *([TopicGroup("", "Other indicators", others)] if others else [])],
            "highlights": published_highlights(),
            "reports": published_annual_reports(),
            "may_edit": has_permission(request.user, EDIT),
        },
    )


@dataclass(frozen=True, slots=True)
class ShownNation:
    """A nation's part of the page: a drawing with its table, or why there is none."""

    panel: NationPanel
    code: str
    series: NationSeries | None
    figure: Figure | None


def shown_nations(indicator: Indicator, day: date | None = None) -> list[ShownNation]:
    """The four nations, as their values were on a day."""
    nations = []
    for panel in queries.panels_of(indicator):
        series = values.nation_series(panel, day)
        figure = series_figure(panel.nation, series) if series else None
        nations.append(ShownNation(panel, code_of_nation(panel.nation), series, figure))
    return nations


def gone(request: HttpRequest, slug: str) -> HttpResponse:
    """Tombstone of a withdrawn indicator. Raises NotFound if there was none."""
    row = queries.withdrawn_indicator(slug)
    if row is None:
        raise NotFound(f"there is no indicator {slug}")
    return withdrawn_page(request, "Indicator", uk_date(row.changed_at))


@require_safe
def indicator_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One indicator: definition and cautions first, then the four nations side by side."""
    try:
        indicator = queries.visible_indicator(slug, request.user)
    except NotFound:
        return gone(request, slug)
    now = timezone.now()
    topics = [row for row in topic_counts(request.user, now) if row.key in indicator.topics]
    return render(
        request,
        "indicators/indicator.html",
        {
            "indicator": indicator,
            "nations": shown_nations(indicator),
            "markers": MARKERS,
            "today": uk_date(now),
            "sources": queries.sources_of(indicator),
            "topics": topics,
            "is_draft": indicator.state == IndicatorState.DRAFT,
            "measures": indicator.measures.all(),
            "take": _take_away(request, indicator),
            "may_edit": has_permission(request.user, EDIT),
        },
    )


def _take_away(request: HttpRequest, indicator: Indicator) -> TakeAway:
    slug, today = indicator.slug, uk_date(timezone.now())
    address = access_note(request, reverse("indicator", args=[slug]))
    return TakeAway(
        noun="indicator",
        citation=f"{settings.SITE_NAME} ({today.year}). {indicator.name} [indicator]. {address}",
        follow=[NamedLink("New and changed statistics", reverse("statistics-feed"))],
        download=[
            NamedLink(label, reverse("indicator-data", args=[slug, ending]))
            for ending, label in (("csv", "CSV"), ("xlsx", "Excel"), ("json", "JSON"))
        ],
        first="All values, with markers, sources and licences:",
    )


# ---- areas ----


@require_safe
def areas_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Values of the parts of an area, and the sum of some of them where it may be shown."""
    indicator = queries.visible_indicator(slug, request.user)
    measures = list(indicator.measures.all())
    if not measures:
        raise NotFound(f"{slug} has no values")
    measure = values.measure_of(indicator, request.GET.get("measure", "") or measures[0].key)
    periods, areas = values.periods_of(measure), values.areas_above(measure)
    period = _chosen(periods, request.GET.get("period", ""), "period")
    area = _chosen(areas, request.GET.get("area", ""), "area")
    table = values.area_table(measure, period, area) if period and area else None
    codes = [clean_line(code) for code in request.GET.getlist("add")][:500]
    total, refusal = _summed(table, codes)
    return render(
        request,
        "indicators/areas.html",
        {
            "indicator": indicator,
            "measures": measures,
            "measure": measure,
            "periods": periods,
            "areas": areas,
            "period": period,
            "area": area,
            "table": table,
            "markers": MARKERS,
            "today": uk_date(timezone.now()),
            "adds": measure.unit == "count",
            "chosen": codes,
            "total": total,
            "refusal": refusal,
        },
    )


def _summed(table: values.AreaTable | None, codes: list[str]) -> tuple[SummedParts | None, str]:
    """Sum of the chosen parts, and why it is not shown."""
    if table is None or not codes:
        return None, ""
    try:
        return values.summed_areas(table, codes), ""
    except RuleError as error:
        return None, as_sentence(error)


def _chosen(rows: list[Choice], key: str, noun: str) -> Choice | None:
    """The row that an address names; the first without one, None if there is no row at all."""
    if not key:
        return rows[0] if rows else None
    for row in rows:
        if (row.key if isinstance(row, Period) else row.code) == key:
            return row
    raise NotFound(f"there is no {noun} {key[:20]}")


# ---- one value ----


@require_safe
def value_today(
    request: HttpRequest, slug: str, measure: str, area: str, period: str
) -> HttpResponse:
    """Redirect to the permanent address of a value as it is today."""
    place = [slug, measure, area, period, uk_date(timezone.now()).isoformat()]
    return redirect("indicator-value", *place)


@require_safe
def value_page(
    request: HttpRequest, slug: str, measure: str, area: str, period: str, day: date
) -> HttpResponse:
    """A value as it was at the end of a UK day, and what it was on others."""
    indicator = queries.visible_indicator(slug, request.user)
    now = timezone.now()
    history = values.value_on(indicator, measure, area, period, day, now)
    place = [slug, measure, area, period, day.isoformat()]
    address = access_note(request, reverse("indicator-value", args=place))
    row = history.value
    return render(
        request,
        "indicators/value.html",
        {
            "indicator": indicator,
            "history": history,
            "row": row,
            "markers": MARKERS,
            "citation": (
                f"{row.source.publisher or row.source.title}. {indicator.name},"
                f" {row.measure.label}, {row.area.name}, {row.period.label}: {row.shown}, as it was"
                f" on {day.day} {day:%B %Y}. {address}"
            ),
            "may_edit": has_permission(request.user, EDIT),
        },
    )


# ---- feed ----


@require_safe
def statistics_feed(request: HttpRequest) -> HttpResponse:
    """Atom feed of published indicators, the last changed first."""
    feed = AtomFeed(
        title=f"{settings.SITE_NAME}: statistics",
        link=request.build_absolute_uri(reverse("statistics")),
        feed_guid=tag_uri("statistics"),
        description="New and changed indicators.",
        language="en-gb",
        feed_url=request.build_absolute_uri(),
        feed_copyright=FORBIDDEN_USES_IN_FULL,
    )
    rows = Indicator.objects.filter(state=IndicatorState.PUBLISHED)
    for row in rows.order_by("-changed_at")[:50]:
        feed.add_item(
            title=row.name,
            link=request.build_absolute_uri(reverse("indicator", args=[row.slug])),
            description=entry_html(row.title),
            unique_id=tag_uri(f"statistics/{row.slug}"),
            unique_id_is_permalink=False,
            pubdate=_published(row),
            updateddate=row.changed_at,
            author_name=settings.SITE_NAME,
        )
    return feed_answer(request, feed)


def _published(row: Indicator) -> datetime:
    return row.published_at or row.created_at
