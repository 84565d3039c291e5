"""Topics: the list, the page of one, its feed and its numbers as a file."""

import csv
import io
import json

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.alerts.queries.issues import topic_items
from waymark.indicators.queries.indicators import indicators_of_topic
from waymark.library.exchange.writers import WRITINGS
from waymark.library.queries import topic_pages as queries
from waymark.library.queries.topics import OF_REVIEWS, TopicCount, topic_counts, topic_version
from waymark.library.search.protocol import SearchRequest
from waymark.library.topics.years import years_figure
from waymark.overview.charts import svg
from waymark.training.queries import courses_to_come
from waymark.web.library.exports import search_feed
from waymark.web.library.search_request import query_string
from waymark.web.shared.chart_files import chart_file
from waymark.web.shared.take_away import NamedLink, TakeAway, access_note, own_terms

EDIT_TOPICS = "edit topics"
ALERT_ITEMS = 5


@require_safe
def topic_list(request: HttpRequest) -> HttpResponse:
    """All topics by name, each with the number of its reviews."""
    topics = topic_counts(request.user, timezone.now())
    return render(
        request,
        "topics/list.html",
        {
            "topics": topics,
            "json_ld": _terms_json_ld(request, topics),
            "may_edit": has_permission(request.user, EDIT_TOPICS),
        },
    )


@require_safe
def topic_page(request: HttpRequest, key: str) -> HttpResponse:
    """One topic: its reviews by year, strong passages, resources and related topics."""
    page = queries.topic_page(key, request.user, timezone.now())
    reviews = query_string(SearchRequest(queries.reviews_query(key), OF_REVIEWS))
    return render(
        request,
        "topics/topic.html",
        {
            "page": page,
            "quoted_keys": [passage.key for passage in page.passages],
            "reviews": reviews,
            "resources": query_string(SearchRequest(queries.resources_query(key))),
            "mentions": _words_query(page.version.words),
            "years": [
                (year, number, f"{reviews}&{urlencode({'year': year})}")
                for year, number in page.by_year.years
            ],
            **_chart_context(page),
            "take": _take_away(request, page),
            "courses": courses_to_come(request.user, timezone.now(), key),
            "indicators": indicators_of_topic(key, request.user),
            "alert_items": topic_items(key, page.version.name, timezone.now(), most=ALERT_ITEMS),
            "may_edit": has_permission(request.user, EDIT_TOPICS),
        },
    )


def _take_away(request: HttpRequest, page: queries.TopicPage) -> TakeAway:
    name = page.version.name
    everything = query_string(SearchRequest(queries.reviews_query(page.key)))
    address = access_note(request, reverse("topic", args=[page.key]))
    return TakeAway(
        noun="topic",
        citation=f"{settings.SITE_NAME}. {name} [topic]. {address}",
        follow=[NamedLink("New on this topic", reverse("topic-feed", args=[page.key]))],
        download=[
            NamedLink(WRITINGS[ending].label, reverse("results", args=[ending]) + everything)
            for ending in ("ris", "bib", "csl.json")
        ],
        first="The first 200 records:",
        by_email=f"{reverse('alerts')}?{urlencode({'topic': page.key})}",
        save=everything,
        name=name,
        of="the text of this topic",
        **own_terms(),
    )


def _chart_context(page: queries.TopicPage) -> dict[str, object]:
    """The drawing of the reviews by year, which the page says in words beside it."""
    figure = years_figure(page.version.name, page.by_year)
    if figure is None:
        return {"drawing": ""}
    return {"drawing": svg.on_page(figure.narrow, f"Chart. {figure.title}")}


def _words_query(words: list[str]) -> str:
    """Query string of a search for any of the words of a topic; "" for a topic without words."""
    if not words:
        return ""
    text = " OR ".join(f'"{phrase}"' if " " in phrase else phrase for phrase in words)
    return query_string(SearchRequest(text))


@require_safe
def topic_feed(request: HttpRequest, key: str) -> HttpResponse:
    """Atom feed of what is new about a topic."""
    version = topic_version(key)
    return search_feed(
        request,
        SearchRequest(queries.reviews_query(key), sort="added"),
        title=f"{settings.SITE_NAME}: {version.name}",
        page=request.build_absolute_uri(reverse("topic", args=[key])),
    )


@require_safe
def topic_chart(request: HttpRequest, key: str, ending: str) -> HttpResponse:
    """The reviews of a topic by year, as a chart. Raises Http404 if no year is known."""
    page = queries.topic_page(key, request.user, timezone.now())
    figure = years_figure(page.version.name, page.by_year)
    if figure is None:
        raise Http404(f"no review of the topic {key} has a year")
    day = date_format(timezone.localdate(), "j F Y")
    source = f"{settings.SITE_NAME}, {day}. Reviews are chosen because of what happened."
    return chart_file(figure, source, ending=ending, name=f"{key}-by-year")


@require_safe
def topic_years(request: HttpRequest, key: str) -> HttpResponse:
    """The reviews of a topic by year, as CSV; the last row has those without a known year."""
    by_year = queries.topic_page(key, request.user, timezone.now()).by_year
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(["year", "reviews"])
    writer.writerows(by_year.years)
    if by_year.undated:
        writer.writerow(["", by_year.undated])
    answer = HttpResponse(rows.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{key}-by-year.csv"'
    return answer


def _terms_json_ld(request: HttpRequest, topics: list[TopicCount]) -> str:
    """The topics for search engines, as schema.org: names and summaries, and no review."""
    here = request.build_absolute_uri(reverse("topics"))
    node = {
        "@context": "https://schema.org",
        "@type": "DefinedTermSet",
        "@id": here,
        "name": f"{settings.SITE_NAME}: topics",
        "inLanguage": "en-GB",
        "hasDefinedTerm": [
            {
                "@type": "DefinedTerm",
                "@id": request.build_absolute_uri(reverse("topic", args=[topic.key])),
                "name": topic.name,
                "description": topic.summary,
                "termCode": topic.key,
            }
            for topic in topics
        ],
    }
    # Escape "<" and "&" so that no text can end the script element.
    return json.dumps(node, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
