"""The search request in a web address: the same for the page, its files and its feeds."""

from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest, QueryDict

from waymark.library import queries
from waymark.library.search.protocol import FILTERS, SearchRequest, Sort
from waymark.library.search.results import SearchAnswer
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.paging import page_number

SORTS: dict[Sort, str] = {
    "relevance": "Best match",
    "newest": "Newest",
    "oldest": "Oldest",
    "title": "Title",
    "added": "Newly added",
}
AS_TYPED = "no"
"""?broaden=no: search only the typed words, without related terms from the thesaurus."""


def search_request_of(request: HttpRequest) -> SearchRequest:
    """The search request of a web request; parts of the address without a meaning are left out.

    Raises NotFound for a page that is not a number.
    """
    return replace(search_request_in(request.GET), page=page_number(request))


def search_request_in(query: QueryDict) -> SearchRequest:
    """The search request in a query string, for its first page."""
    text = clean_line(query.get("q", ""))
    typed = {name: [clean_line(value) for value in query.getlist(name)] for name in FILTERS}
    # A form sends its empty fields as well.
    filters = {name: tuple(filter(None, values)) for name, values in typed.items() if any(values)}
    broaden = query.get("broaden") != AS_TYPED
    return SearchRequest(text, filters, sort_in(query.get("sort"), text), broaden=broaden)


def answer_to(
    search: SearchRequest,
    request: HttpRequest,
    *,
    now: datetime,
    limit: int,
    with_meaning: bool = False,
) -> SearchAnswer:
    """The answer for the person who sends the web request; limit: records on a page.

    with_meaning: also by meaning, where that is on and the text is a question in words.
    """
    answered = queries.search_with_meaning if with_meaning else queries.search_library
    return answered(replace(search, limit=limit), person=request.user, now=now)


def query_string(search: SearchRequest) -> str:
    """The query string of this search, from its first page: search_request_in() reads it back."""
    query = QueryDict(mutable=True)
    if search.text:
        query["q"] = search.text
    for name, values in search.filters.items():
        query.setlist(name, list(values))
    if search.sort != _default_sort(search.text):
        query["sort"] = search.sort
    if not search.broaden:
        query["broaden"] = AS_TYPED
    return f"?{query.urlencode()}"


def sort_in(name: str | None, text: str) -> Sort:
    """The order of this name; without one best match first, or newest first if no text is typed."""
    for sort in SORTS:
        if sort == name and (text or sort != "relevance"):
            return sort
    return _default_sort(text)


def _default_sort(text: str) -> Sort:
    return "relevance" if text else "newest"
