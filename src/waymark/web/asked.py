"""Search request read from the query string, shared by the search page, its files and feeds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpRequest, QueryDict

from waymark.library import queries
from waymark.library.answers import SearchAnswer
from waymark.library.search import FACETS, Sort
from waymark.web.paging import page_number
from waymark.web.typed import typed

SORTS: dict[Sort, str] = {
    "relevance": "Best match",
    "newest": "Newest",
    "oldest": "Oldest",
    "title": "Title",
    "added": "Newly added",
}
AS_TYPED = "no"
"""?broaden=no: search only the typed words, without related terms from the thesaurus."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Search request: words, chosen filters, order and page.

    text: as typed; chosen: facet -> values; page: counted from 1; broaden: also search related
    terms from the thesaurus.
    """

    text: str
    chosen: Mapping[str, tuple[str, ...]]
    sort: Sort
    page: int
    broaden: bool

    def answer(
        self,
        request: HttpRequest,
        *,
        now: datetime,
        limit: int,
        sort: Sort | None = None,
        near: bool = False,
    ) -> SearchAnswer:
        """Run the search for the person of the request.

        sort: replaces the requested order. near: also return partial matches where few records
        match all words.
        """
        return queries.search(
            self.text,
            person=request.user,
            now=now,
            filters=self.chosen,
            sort=sort or self.sort,
            page=self.page,
            limit=limit,
            broaden=self.broaden,
            near=near,
        )

    def address(self) -> str:
        """Query string of the first page of the same search."""
        query = QueryDict(mutable=True)
        if self.text:
            query["q"] = self.text
        for name, values in self.chosen.items():
            query.setlist(name, list(values))
        if self.sort != _usual(self.text):
            query["sort"] = self.sort
        if not self.broaden:
            query["broaden"] = AS_TYPED
        return f"?{query.urlencode()}"


def asked_of(request: HttpRequest) -> Asked:
    """Read the search request of a page. Unknown parameters and values are ignored.

    Raises NotFound where ?page= is not a page number.
    """
    return replace(asked_in(request.GET), page=page_number(request))


def asked_in(query: QueryDict) -> Asked:
    """Read the search request in a query string, for its first page."""
    text = typed(query.get("q", ""))
    chosen = {
        name: tuple(typed(value) for value in query.getlist(name))
        for name in FACETS
        if name in query
    }
    broaden = query.get("broaden") != AS_TYPED
    return Asked(text, chosen, sort_in(query.get("sort"), text), 1, broaden)


def sort_in(value: str | None, text: str) -> Sort:
    """The requested order if it is valid; else best match with words, newest without."""
    for name in SORTS:
        if name == value and (text or name != "relevance"):
            return name
    return _usual(text)


def _usual(text: str) -> Sort:
    return "relevance" if text else "newest"
