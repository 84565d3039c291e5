"""Pages that search engines may list.

Each page and file has a class, and library/access/indexing_policy.py has the rule of each class. A
page that is not named here has none and is not listed.
"""

from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from waymark.library.access.indexing_policy import RULES, RecordClass

PAGES: dict[str, RecordClass] = {
    **dict.fromkeys(
        ("home", "about", "help", "accessibility", "ask", "deposit", "removals", "impact"),
        RecordClass.SITE,
    ),
    **dict.fromkeys(("contact", "privacy", "terms", "complaints", "notices"), RecordClass.SITE),
    # The criteria alone of the archive: an issue names records, which may be withdrawn.
    **dict.fromkeys(("alerts", "alert-criteria"), RecordClass.SITE),
    **dict.fromkeys(("topics", "methods", "frameworks", "framework"), RecordClass.FRAMEWORK),
    **dict.fromkeys(
        ("subjects", "subject", "thesaurus-file", "subject-file"), RecordClass.FRAMEWORK
    ),
    **dict.fromkeys(
        (
            "overviews",
            "theme-studies",
            "other-overviews",
            "other-overview",
            "silence-reports",
            "overview",
            "overview-table",
            "overview-csv",
            "overview-json",
            "overview-package",
            "overview-feed",
            "compare",
            "comparison",
            "comparison-csv",
            "data",
            "data-access",
            "briefing-event",
            "briefings",
            "briefing",
            "briefings-feed",
            "statistics",
            "indicator",
            "indicator-areas",
            "indicator-data",
            "indicator-value",
            "statistics-feed",
            "helpline-highlight",
            "annual-report",
            "annual-report-edition",
            "annual-report-pdf",
            "training",
            "course",
            "training-calendar",
            "course-calendar",
        ),
        RecordClass.OVERVIEW,
    ),
    **dict.fromkeys(("bodies", "body", "body-audit", "recommendation"), RecordClass.CASE_REVIEW),
    **dict.fromkeys(("recommendations", "recommendation-list"), RecordClass.CASE_REVIEW),
    **dict.fromkeys(("resource", "answers", "answer"), RecordClass.RESOURCE),
    **dict.fromkeys(("authors", "author"), RecordClass.RESOURCE),
    **dict.fromkeys(("review", "review-record"), RecordClass.CASE_REVIEW),
    **dict.fromkeys(
        (
            "report",
            "to-page",
            "report-original",
            "report-page",
            "page-image",
            "page-image-webp",
            "passage",
            "passage-page",
        ),
        RecordClass.REPORT,
    ),
    **dict.fromkeys(
        ("find", "advanced-search", "results", "results-json", "feed-atom", "feed-rss", "oai"),
        RecordClass.SEARCH,
    ),
    **dict.fromkeys(
        ("evidence", "code", "topic", "topic-feed", "overview-chapter"), RecordClass.EVIDENCE
    ),
}
"""URL name -> class of the page."""


def is_listed(request: HttpRequest) -> bool:
    """True if search engines may list the requested page."""
    here = request.resolver_match
    return here is not None and name_is_listed(here.url_name)


def name_is_listed(name: str | None) -> bool:
    """True if search engines may list the pages with this URL name."""
    of = PAGES.get(name or "")
    return of is not None and RULES[of].listed


def pages_to_list() -> Iterator[str]:
    """Addresses of listed pages that exist independently of the content of the library."""
    for name in PAGES:
        if not name_is_listed(name):
            continue
        try:
            yield reverse(name)
        except NoReverseMatch:  # a page of one record: the sitemap adds those
            continue


class RobotsTagMiddleware:
    """Middleware that sends X-Robots-Tag for every response that must not be listed.

    People reach reports through the library: a withdrawn report must not stay in the index of a
    search engine. Other sites must not embed page images either.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        answer["Cross-Origin-Resource-Policy"] = "same-origin"
        # Error pages and tombstones are never listed, whatever page the address is of.
        if answer.status_code != 200 or not is_listed(request):
            answer["X-Robots-Tag"] = "noindex, nofollow"
        return answer
