"""The library: search with facets, and the list of all records when no words are given."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from waymark.library.search.protocol import SearchRequest
from waymark.library.search.results import FacetValue, SearchAnswer, SearchFacet
from waymark.web.library.search_request import (
    AS_TYPED,
    SORTS,
    answer_to,
    query_string,
    search_request_of,
)
from waymark.web.middleware.errors import ErrorExplanation, error_page
from waymark.web.shared.client_address import client_address
from waymark.web.shared.paging import Paging
from waymark.web.shared.rate_limit import RateLimiter, is_costly

SIZE = 10
FACET_VALUES, MOST_FACET_VALUES = 6, 60
"""Values of a facet shown at once, and one click away; rarer ones can be found with words."""
PACE = RateLimiter()
TOO_FAST = ErrorExplanation(
    HTTPStatus.TOO_MANY_REQUESTS,
    "Too many searches at once",
    "Your network address requested many later pages or long combinations of filters in a "
    "short time. We limit these so that the library stays fast for everyone.",
    "Wait a minute and try again, or add words to narrow the search.",
    retry_after=60,
)


@dataclass(frozen=True, slots=True)
class FacetChoices:
    """Facet. first: values shown at once, including the chosen ones; rest: the others."""

    facet: SearchFacet
    first: tuple[FacetValue, ...]
    rest: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class ChosenFilter:
    """Chosen value of a facet. url: the search without it."""

    facet: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class SortOrder:
    """Sort order. url: the search in this order."""

    label: str
    url: str
    current: bool


@require_safe
def library_page(request: HttpRequest) -> HttpResponse:
    """Search results; without words or filters, all records, newest first."""
    search = search_request_of(request)
    if not _in_pace(request, search):
        return error_page(request, TOO_FAST)
    with_partial = replace(search, include_partial=True)
    answer = answer_to(with_partial, request, now=timezone.now(), limit=SIZE)
    return render(
        request,
        "library/search.html",
        {
            "asked": search,
            "answer": answer,
            # The same problem can occur at several places of a query: show it once.
            "notes": list(dict.fromkeys(note.message for note in answer.notes)),
            "highlighting": _highlight_query(search),
            "choices": [_facet_choices(facet) for facet in answer.facets if facet.values],
            "chosen": _chosen_filters(request.GET, answer),
            # Without a valid search no facet is shown; hidden fields keep the chosen filters.
            "hidden_filters": []
            if answer.facets
            else [(name, value) for name, values in search.filters.items() for value in values],
            "suggestion": _suggested_query(search, answer),
            "as_typed": _changed_query(request.GET, broaden=AS_TYPED),
            "broadened": _changed_query(request.GET, broaden=""),
            "orders": [
                SortOrder(
                    label, _changed_query(request.GET, sort=name), current=name == search.sort
                )
                for name, label in SORTS.items()
                if search.text or name != "relevance"
            ],
            "sort": request.GET.get("sort", "") if request.GET.get("sort") in SORTS else "",
            "asks": query_string(search),
            "paging": Paging.of(
                request, min(search.page, max(1, answer.pages)), total=answer.total, size=SIZE
            ),
        },
    )


def _in_pace(request: HttpRequest, search: SearchRequest) -> bool:
    """True if the request is within the rate limit, which does not apply to signed-in people."""
    choices = sum(len(tuple(values)) for values in search.filters.values())
    if request.user.is_authenticated or not is_costly(page=search.page, choices=choices):
        return True
    return PACE.allows(client_address(request))


def _changed_query(query: QueryDict, **change: str) -> str:
    """Query string of the first page with these values set, or removed if empty."""
    # Another filter or order changes the results, so the page number is dropped.
    changed = query.copy()
    changed.pop("page", None)
    for name, value in change.items():
        changed.pop(name, None)
        if value:
            changed[name] = value
    return f"?{changed.urlencode()}"


def _query_without(query: QueryDict, name: str, value: str) -> str:
    """Query string without one value of a facet."""
    changed = query.copy()
    changed.pop("page", None)
    changed.setlist(name, [other for other in changed.getlist(name) if other != value])
    return f"?{changed.urlencode()}"


def _facet_choices(facet: SearchFacet) -> FacetChoices:
    chosen = [value for value in facet.values if value.chosen]
    others = [value for value in facet.values if not value.chosen]
    room = max(0, FACET_VALUES - len(chosen))
    return FacetChoices(
        facet, (*chosen, *others[:room]), tuple(others[room : room + MOST_FACET_VALUES])
    )


def _chosen_filters(query: QueryDict, answer: SearchAnswer) -> list[ChosenFilter]:
    """Chosen values of all facets, each with the address that removes it."""
    return [
        ChosenFilter(facet.label, value.label, _query_without(query, facet.name, value.value))
        for facet in answer.facets
        for value in facet.values
        if value.chosen
    ]


def _suggested_query(search: SearchRequest, answer: SearchAnswer) -> str:
    """Query string of the suggested search, with the chosen filters; "" if there is none."""
    if answer.suggestion is None:
        return ""
    return query_string(replace(search, text=answer.suggestion.query))


def _highlight_query(search: SearchRequest) -> str:
    """Query string with which the pages of a hit highlight the searched words."""
    return urlencode({"q": search.text} | ({} if search.broaden else {"broaden": AS_TYPED}))
