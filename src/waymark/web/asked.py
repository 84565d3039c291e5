"""What an address asks of the library: the same for the page, its files and its feeds."""

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
"""?broaden=no: search only what is typed, not other names that the thesaurus has for it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """text: as typed; chosen: facet -> values; page: counted from 1; broaden: whether the other
    names of what is typed are searched too."""

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
        """What the person who asks is answered; sort: in place of the order asked for; near: also
        what holds some of the words, where few records hold all."""
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
        """The query string that asks the same, from the first page on."""
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
    """What a request's query string asks; parts of it that mean nothing are left out.

    Raises NotFound for what is no page number.
    """
    return replace(asked_in(request.GET), page=page_number(request))


def asked_in(query: QueryDict) -> Asked:
    """What a query string asks, of its first page."""
    text = typed(query.get("q", ""))
    chosen = {
        name: tuple(typed(value) for value in query.getlist(name))
        for name in FACETS
        if name in query
    }
    broaden = query.get("broaden") != AS_TYPED
    return Asked(text, chosen, sort_in(query.get("sort"), text), 1, broaden)


def sort_in(wanted: str | None, asked: str) -> Sort:
    """The order asked for; else the best match first, or the newest where no words are asked."""
    for name in SORTS:
        if name == wanted and (asked or name != "relevance"):
            return name
    return _usual(asked)


def _usual(asked: str) -> Sort:
    return "relevance" if asked else "newest"
