"""What search engines may list: pages that name no review and quote no report. All else they may
not, so that a new page is kept from them until somebody decides otherwise."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

LISTED = frozenset(
    {
        "home",
        "about",
        "help",
        "accessibility",
        "themes",
        "frameworks",
        "framework",
        "overviews",
        "compare",
        "comparison",
        "comparison-csv",
        "overview",
        "overview-table",
        "overview-csv",
        "overview-json",
        "overview-package",
        "data",
    }
)
"""Names of pages, as urls.py has them."""


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
        found = request.resolver_match
        if found is None or found.url_name not in LISTED or answer.status_code != 200:
            answer["X-Robots-Tag"] = "noindex, nofollow"
        return answer
