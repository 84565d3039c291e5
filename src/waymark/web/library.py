"""The library: search with facets, and the list of all records where nothing is asked for."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from waymark.library.answers import Facet, FacetValue, SearchAnswer
from waymark.library.search import SearchRequest
from waymark.web.asked import AS_TYPED, SORTS, answer_to, asked_of, query_string
from waymark.web.errors import Explanation, page
from waymark.web.origin import origin_of
from waymark.web.pace import Pace, is_costly
from waymark.web.paging import Paging

SIZE = 10
FACET_VALUES, MOST_FACET_VALUES = 6, 60
"""Values of a facet shown at once, and those one click away; rarer ones are asked for in words."""
PACE = Pace()


@dataclass(frozen=True, slots=True)
class Choices:
    """A facet. first: the values shown at once, those chosen among them; rest: the others."""

    facet: Facet
    first: tuple[FacetValue, ...]
    rest: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A value that is chosen. url: the search without it."""

    facet: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Order:
    """A way to sort. url: the search sorted so."""

    label: str
    url: str
    current: bool


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """What was found, or everything, newest first, where nothing is asked for."""
    asked = asked_of(request)
    if not _in_pace(request, asked):
        return _too_fast(request)
    search = replace(asked, include_partial=True)
    answer = answer_to(search, request, now=timezone.now(), limit=SIZE)
    return render(
        request,
        "library/search.html",
        {
            "asked": asked,
            "answer": answer,
            # The same may be wrong in several places: it is said once.
            "notes": list(dict.fromkeys(note.message for note in answer.notes)),
            "highlighting": _highlighting(asked),
            "choices": [_choices(facet) for facet in answer.facets if facet.values],
            "chosen": _chosen(request.GET, answer),
            # Where nothing was searched no facet is shown, and the choices are kept unseen.
            "kept": []
            if answer.facets
            else [(n, v) for n, of in asked.filters.items() for v in of],
            "suggestion": _suggested(asked, answer),
            "as_typed": _address(request.GET, broaden=AS_TYPED),
            "broadened": _address(request.GET, broaden=""),
            "orders": [
                Order(label, _address(request.GET, sort=name), current=name == asked.sort)
                for name, label in SORTS.items()
                if asked.text or name != "relevance"
            ],
            "sort": request.GET.get("sort", "") if request.GET.get("sort") in SORTS else "",
            "asks": query_string(asked),
            "paging": Paging.of(
                request, min(asked.page, max(1, answer.pages)), total=answer.total, size=SIZE
            ),
        },
    )


def _in_pace(request: HttpRequest, asked: SearchRequest) -> bool:
    """Whether this may be answered now: who is signed in is never held up."""
    choices = sum(len(values) for values in asked.filters.values())
    if request.user.is_authenticated or not is_costly(page=asked.page, choices=choices):
        return True
    return PACE.allows(origin_of(request))


def _too_fast(request: HttpRequest) -> HttpResponse:
    said = Explanation(
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many searches at once",
        "Many far pages or long combinations of filters were asked for from your address in a "
        "short time. So that the library stays quick for everybody, this one was not answered.",
        "Wait a minute and try again, or use words to narrow the search.",
    )
    answer = page(request, said)
    answer["Retry-After"] = "60"
    return answer


def _address(query: QueryDict, **change: str) -> str:
    """The query string with these values set, or left out where empty; from the first page on."""
    changed = query.copy()
    changed.pop("page", None)
    for name, value in change.items():
        changed.pop(name, None)
        if value:
            changed[name] = value
    return f"?{changed.urlencode()}"


def _without(query: QueryDict, name: str, value: str) -> str:
    """The query string with one value of a facet no longer chosen."""
    changed = query.copy()
    changed.pop("page", None)
    changed.setlist(name, [one for one in changed.getlist(name) if one != value])
    return f"?{changed.urlencode()}"


def _choices(facet: Facet) -> Choices:
    chosen = [value for value in facet.values if value.chosen]
    others = [value for value in facet.values if not value.chosen]
    room = max(0, FACET_VALUES - len(chosen))
    return Choices(facet, (*chosen, *others[:room]), tuple(others[room : room + MOST_FACET_VALUES]))


def _chosen(query: QueryDict, answer: SearchAnswer) -> list[Chosen]:
    """What is chosen in all facets, each with the address that takes it away."""
    return [
        Chosen(facet.label, value.label, _without(query, facet.name, value.value))
        for facet in answer.facets
        for value in facet.values
        if value.chosen
    ]


def _suggested(asked: SearchRequest, answer: SearchAnswer) -> str:
    """The address of the search that is suggested, with what is chosen; "" where none is."""
    if answer.suggestion is None:
        return ""
    return query_string(replace(asked, text=answer.suggestion.query))


def _highlighting(asked: SearchRequest) -> str:
    """The query string with which the pages of a hit highlight the words of the search."""
    return urlencode({"q": asked.text} | ({} if asked.broaden else {"broaden": AS_TYPED}))
