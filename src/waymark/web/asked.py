"""What an address asks of the library: the same for the page, its files and its feeds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from waymark.library import queries
from waymark.library.answers import SearchAnswer
from waymark.library.search import FACETS, Sort
from waymark.web.paging import page_number
from waymark.web.typed import typed

SORTS: dict[Sort, str] = {"relevance": "Best match", "newest": "Newest", "oldest": "Oldest"}


@dataclass(frozen=True, slots=True)
class Asked:
    """text: as typed; chosen: facet -> values; page: counted from 1."""

    text: str
    chosen: Mapping[str, tuple[str, ...]]
    sort: Sort
    page: int

    def answer(
        self, request: HttpRequest, *, now: datetime, limit: int, sort: Sort | None = None
    ) -> SearchAnswer:
        """What the person who asks is answered; sort: in place of the order asked for."""
        return queries.search(
            self.text,
            person=request.user,
            now=now,
            filters=self.chosen,
            sort=sort or self.sort,
            page=self.page,
            limit=limit,
        )


def asked_of(request: HttpRequest) -> Asked:
    """What a request's query string asks; parts of it that mean nothing are left out."""
    text = typed(request.GET.get("q", ""))
    chosen = {
        name: tuple(typed(value) for value in request.GET.getlist(name))
        for name in FACETS
        if name in request.GET
    }
    return Asked(text, chosen, _sort(request, text), page_number(request))


def _sort(request: HttpRequest, asked: str) -> Sort:
    """The order asked for; else the best match first, or the newest where no words are asked."""
    wanted = request.GET.get("sort")
    for name in SORTS:
        if name == wanted and (asked or name != "relevance"):
            return name
    return "relevance" if asked else "newest"
