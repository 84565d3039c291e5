"""What search engines may list: each page and file is of a class, and library/listing.py has the
rule of each class. A page that is not named here is of none, and is kept from them until somebody
decides otherwise."""

from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from waymark.library.listing import RULES, RecordClass

PAGES: dict[str, RecordClass] = {
    **dict.fromkeys(("home", "about", "help", "accessibility", "deposit"), RecordClass.SITE),
    **dict.fromkeys(("themes", "frameworks", "framework"), RecordClass.FRAMEWORK),
    **dict.fromkeys(
        ("subjects", "subject", "thesaurus-file", "subject-file"), RecordClass.FRAMEWORK
    ),
    **dict.fromkeys(
        (
            "overviews",
            "overview",
            "overview-table",
            "overview-csv",
            "overview-json",
            "overview-package",
            "compare",
            "comparison",
            "comparison-csv",
            "data",
        ),
        RecordClass.OVERVIEW,
    ),
    **dict.fromkeys(("resources", "resource"), RecordClass.RESOURCE),
    **dict.fromkeys(("review", "review-record"), RecordClass.CASE_REVIEW),
    **dict.fromkeys(
        ("report", "to-page", "report-page", "page-image", "passage", "passage-page"),
        RecordClass.REPORT,
    ),
    **dict.fromkeys(
        ("library", "results", "results-json", "feed-atom", "feed-rss", "oai"), RecordClass.SEARCH
    ),
    **dict.fromkeys(("evidence", "code"), RecordClass.EVIDENCE),
}
"""Names of pages, as urls.py has them -> what they are of."""


def is_listed(request: HttpRequest) -> bool:
    """Whether search engines may list the page that is asked for."""
    here = request.resolver_match
    return here is not None and name_is_listed(here.url_name)


def name_is_listed(name: str | None) -> bool:
    """Whether search engines may list the pages of this name."""
    of = PAGES.get(name or "")
    return of is not None and RULES[of].listed


def pages_to_list() -> Iterator[str]:
    """The addresses of the pages that may be listed and are there whatever the library holds."""
    for name in PAGES:
        if not name_is_listed(name):
            continue
        try:
            yield reverse(name)
        except NoReverseMatch:  # a page of something: whoever knows what there is adds it
            continue


class Unlisted:
    """Middleware: says of every other answer that it is not to be listed, nor its links followed.

    Reports and their words are reached through the library: what is withdrawn must not live on in
    the memory of a search engine. Nor may another site show a page's image as its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        answer["Cross-Origin-Resource-Policy"] = "same-origin"
        if answer.status_code != 200 or not is_listed(request):
            answer["X-Robots-Tag"] = "noindex, nofollow"
        return answer
