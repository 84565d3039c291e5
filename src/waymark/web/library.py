"""The library: search with facets, and the list of all reviews where nothing is asked for."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.library.answers import Facet, FacetValue, Hit, SearchAnswer
from waymark.web.asked import SORTS, asked_of
from waymark.web.marks import Run, runs
from waymark.web.paging import Paging

SIZE = 10
FACET_VALUES = 8
"""Values of a facet shown at once; the others are one click away."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet. url: the search with this value chosen, or without it if it is."""

    value: FacetValue
    url: str


@dataclass(frozen=True, slots=True)
class Choices:
    """A facet. first: the values shown at once; rest: the others; any_chosen: whether one is."""

    facet: Facet
    first: tuple[Choice, ...]
    rest: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class MarkedPassage:
    """A place found, its text cut into runs."""

    key: str
    page: int
    heading: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class MarkedHit:
    """A review found, with its title and its places cut into runs. more: places not shown."""

    hit: Hit
    title: tuple[Run, ...]
    passages: tuple[MarkedPassage, ...]
    more: int


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
    answer = asked.answer(request, now=timezone.now(), limit=SIZE)
    return render(
        request,
        "library/search.html",
        {
            "asked": asked.text,
            "answer": answer,
            "hits": [_marked(hit) for hit in answer.hits],
            "choices": [_choices(request.GET, facet) for facet in answer.facets if facet.values],
            "chosen": _chosen(request.GET, answer),
            "kept": [(name, value) for name, values in asked.chosen.items() for value in values],
            "orders": [
                Order(label, _address(request.GET, {"sort": name}), current=name == asked.sort)
                for name, label in SORTS.items()
                if asked.text or name != "relevance"
            ],
            "paging": Paging.of(
                request, min(asked.page, max(1, answer.pages)), total=answer.total, size=SIZE
            ),
        },
    )


def _address(query: QueryDict, change: dict[str, str]) -> str:
    """The query string with these values set, from the first page on."""
    changed = query.copy()
    changed.pop("page", None)
    for name, value in change.items():
        changed[name] = value
    return f"?{changed.urlencode()}"


def _toggled(query: QueryDict, name: str, value: str) -> str:
    """The query string with one value of a facet chosen, or no longer."""
    changed = query.copy()
    changed.pop("page", None)
    values = changed.getlist(name)
    if value in values:
        changed.setlist(name, [one for one in values if one != value])
    else:
        changed.appendlist(name, value)
    return f"?{changed.urlencode()}"


def _choices(query: QueryDict, facet: Facet) -> Choices:
    choices = tuple(
        Choice(value, _toggled(query, facet.name, value.value)) for value in facet.values
    )
    return Choices(facet, choices[:FACET_VALUES], choices[FACET_VALUES:])


def _chosen(query: QueryDict, answer: SearchAnswer) -> list[Choice]:
    """What is chosen in all facets, each with the address that takes it away."""
    return [
        Choice(value, _toggled(query, facet.name, value.value))
        for facet in answer.facets
        for value in facet.values
        if value.chosen
    ]


def _marked(hit: Hit) -> MarkedHit:
    passages = tuple(
        MarkedPassage(one.key, one.page, one.heading, runs(one.text, one.highlights))
        for one in hit.passages
    )
    return MarkedHit(
        hit,
        runs(hit.record.title, hit.record.title_highlights),
        passages,
        max(0, hit.passages_total - len(passages)),
    )
