"""Find: one search over reviews, their passages, resources and courses, with filters.

Without words or filters it lists all records, newest first.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from waymark.library import queries
from waymark.library.queries.content_notes import content_notes_together
from waymark.library.queries.topics import nearest_topic_to, topic_names
from waymark.library.search.protocol import (
    COLLECTION,
    FACETS,
    FILTERS,
    LIMITS,
    TOPIC,
    SearchRequest,
)
from waymark.library.search.results import FacetValue, PassageAnswer, SearchAnswer, SearchFacet
from waymark.web.library.named_pages import named_pages
from waymark.web.library.search_history import remember_search
from waymark.web.library.search_request import (
    AS_TYPED,
    SORTS,
    answer_to,
    query_string,
    search_request_of,
)
from waymark.web.middleware.errors import ErrorExplanation, error_page
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.client_address import client_network
from waymark.web.shared.paging import Paging
from waymark.web.shared.rate_limit import RateLimiter, is_costly

SIZE = 10
FACET_VALUES, MOST_FACET_VALUES = 6, 60
"""Values of a facet shown at once, and one click away; rarer ones can be found with words."""
UNFOLDED = ("nation", "agency", "age")
"""Facets that are open from the start, beside the years."""
NAMES_SHOWN = 2
"""Related terms in the one line that tells of them; the others are one click away."""
PASSAGES = "passages"
BY_WORDS = "no"
"""?meaning=no: search by words alone, where search by meaning is on."""
FORM_FIELDS = {"q", "sort", "broaden", "view", "meaning", "review", *FILTERS}
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
    """Facet. first: values shown at once, including the chosen ones; rest: the others.

    folded: True if it opens with one click.
    """

    facet: SearchFacet
    first: tuple[FacetValue, ...]
    rest: tuple[FacetValue, ...]
    folded: bool


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


@dataclass(frozen=True, slots=True)
class Tab:
    """Part of what was found. count: None if it is not known. url: the search in this part."""

    label: str
    count: int | None
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class ResultsView:
    """Results that an address asks for: passages or records, by words alone or also by meaning."""

    in_passages: bool
    by_words: bool


@require_safe
def find_page(request: HttpRequest) -> HttpResponse:
    """Search results: records, or the passages in them."""
    filled = _without_empty(request.GET)
    if filled != request.GET:
        return _moved(request, filled)
    search = search_request_of(request)
    if not _in_pace(request, search):
        return error_page(request, TOO_FAST)
    view = _view_of(request)
    answer = _answer(request, search, view)
    passages = _found_passages(request, search) if view.in_passages and answer.tree else None
    if search.page == 1 and not view.in_passages:
        remember_search(request, search, answer.total)
    return render(
        request,
        "library/find.html",
        {
            "searched": search,
            "answer": answer,
            "named": named_pages(search.text, request.user, timezone.now())
            if search.page == 1
            else [],
            **_passage_context(passages),
            "all_reviews": _changed_query(request.GET, review=""),
            "paging": _paging(request, search, answer, passages),
            "tabs": _tabs(request.GET, answer, in_passages=passages is not None),
            # The same problem can occur at several places of a query: show it once.
            "notes": list(dict.fromkeys(note.message for note in answer.notes)),
            "highlighting": _highlight_query(search),
            **_filter_context(request.GET, search, answer),
            **_wording_context(request.GET, answer),
            **_meaning_context(request.GET, search, view),
            "suggestion": _suggested_query(search, answer),
            "nearest": None if answer.total else nearest_topic_to(search.text),
            "orders": _sort_orders(request.GET, search) if passages is None else [],
            "query": query_string(search),
            "canonical": request.build_absolute_uri(reverse("find")) + query_string(search),
        },
    )


def _view_of(request: HttpRequest) -> ResultsView:
    in_passages = request.GET.get("view") == PASSAGES
    return ResultsView(in_passages, by_words=request.GET.get("meaning") == BY_WORDS)


def _answer(request: HttpRequest, search: SearchRequest, view: ResultsView) -> SearchAnswer:
    """The records of a page; of passages only the numbers of records, for tabs and filters."""
    if view.in_passages:
        counted = replace(search, include_partial=True, page=1, listed=False)
        return answer_to(counted, request, now=timezone.now(), limit=1)
    return answer_to(
        replace(search, include_partial=True),
        request,
        now=timezone.now(),
        limit=SIZE,
        with_meaning=not view.by_words,
    )


def _paging(
    request: HttpRequest,
    search: SearchRequest,
    answer: SearchAnswer,
    passages: PassageAnswer | None,
) -> Paging:
    pages, total = answer.pages, answer.total + answer.more
    if passages is not None:
        pages, total = passages.pages, passages.total or 0
    return Paging.of(request, min(search.page, max(1, pages)), total=total, size=SIZE)


@require_safe
def old_library_page(request: HttpRequest) -> HttpResponse:
    """The address of the search before Find."""
    return _moved(request, QueryDict(request.GET.urlencode()))


@require_safe
def old_resources_page(request: HttpRequest) -> HttpResponse:
    """The address of the list of resources before Find; ?kind= is a filter of Find."""
    query = QueryDict(request.GET.urlencode(), mutable=True)
    if not query.get("kind"):
        query[COLLECTION] = "resources"
    return _moved(request, query)


def _without_empty(query: QueryDict) -> QueryDict:
    """The query without the empty fields that a form sends: each search has one address."""
    filled = query.copy()
    for name in FORM_FIELDS & filled.keys():
        values = [value for value in filled.getlist(name) if value]
        if values:
            filled.setlist(name, values)
        else:
            del filled[name]
    return filled


def _moved(request: HttpRequest, query: QueryDict) -> HttpResponse:
    address = reverse("find")
    return HttpResponsePermanentRedirect(f"{address}?{query.urlencode()}" if query else address)


def _in_pace(request: HttpRequest, search: SearchRequest) -> bool:
    """True if the request is within the rate limit, which does not apply to signed-in people."""
    choices = sum(
        len(tuple(values))
        for name, values in search.filters.items()
        if name in (*FACETS, TOPIC) and name != COLLECTION
    )
    if request.user.is_authenticated or not is_costly(page=search.page, choices=choices):
        return True
    return PACE.allows(client_network(request))


# ---- passages ----


def _passage_context(passages: PassageAnswer | None) -> dict[str, object]:
    """The passages, and the content notes of their reviews as one phrase."""
    notes = content_notes_together(hit.reference for hit in passages.hits) if passages else ""
    return {"passages": passages, "passage_notes": notes}


def _found_passages(request: HttpRequest, search: SearchRequest) -> PassageAnswer:
    """The passages with the words. Raises NotFound for a review that the person may not see."""
    return queries.search_passages(
        replace(search, limit=SIZE),
        person=request.user,
        now=timezone.now(),
        review=clean_line(request.GET.get("review", "")),
    )


# ---- tabs, filters and orders ----


def _tabs(query: QueryDict, answer: SearchAnswer, *, in_passages: bool) -> list[Tab]:
    """All, each part of the library with results, and passages if there are any."""
    parts = next((facet.values for facet in answer.facets if facet.name == COLLECTION), ())
    # Each record is in one part, so the parts add up to all.
    everything = sum(part.count for part in parts)
    if not everything:
        return []
    in_part = any(part.chosen for part in parts)
    return [
        Tab("All", everything, _tab_query(query), current=not (in_part or in_passages)),
        *_part_tabs(query, parts, in_passages=in_passages),
        *_passage_tab(query, answer, in_part=in_part, in_passages=in_passages),
    ]


def _part_tabs(
    query: QueryDict, parts: Iterable[FacetValue], *, in_passages: bool
) -> Iterator[Tab]:
    for part in parts:
        if part.count or part.chosen:
            address = _tab_query(query, **{COLLECTION: part.value})
            yield Tab(part.label, part.count, address, current=part.chosen and not in_passages)


def _passage_tab(
    query: QueryDict, answer: SearchAnswer, *, in_part: bool, in_passages: bool
) -> Iterator[Tab]:
    """The tab of passages. Their number is known for all parts together."""
    if answer.passages_total or in_passages:
        count = None if in_part else answer.passages_total
        yield Tab("Passages", count, _tab_query(query, view=PASSAGES), current=in_passages)


def _tab_query(query: QueryDict, **change: str) -> str:
    return _changed_query(query, **{COLLECTION: "", "view": "", "review": "", **change})


def _filter_context(
    query: QueryDict, search: SearchRequest, answer: SearchAnswer
) -> dict[str, object]:
    """Facets to choose from, what is chosen, and the rest of the search, which the form keeps."""
    facets = [facet for facet in answer.facets if facet.name not in (COLLECTION, "year")]
    choices = [_facet_choices(facet) for facet in facets if _narrows(facet, answer.total)]
    choices.sort(key=lambda choice: choice.facet.name not in UNFOLDED)
    # Without a valid search no facet is shown; hidden fields keep the chosen filters.
    in_form = {choice.facet.name for choice in choices}
    in_form |= {*LIMITS, TOPIC} if answer.facets else set()
    every = [(name, value) for name, values in search.filters.items() for value in values]
    rest = _kept_beside_filters(query)
    topics = topic_names()
    return {
        "choices": choices,
        "chosen": _chosen_filters(query, answer, topics),
        "topics": topics,
        "chosen_topic": _first_value(search, TOPIC),
        "first_year": _first_value(search, "from"),
        "last_year": _first_value(search, "to"),
        "hidden_filters": [*(pair for pair in every if pair[0] not in in_form), *rest],
        # The search box in the header narrows what is shown already.
        "site_search_text": search.text,
        "site_search_keeps": [*every, *rest],
    }


def _first_value(search: SearchRequest, name: str) -> str:
    return next(iter(search.filters.get(name, ())), "")


def _kept_beside_filters(query: QueryDict) -> list[tuple[str, str]]:
    """Order, wording and view of the search, as far as its address has them."""
    known = {
        "sort": SORTS,
        "broaden": (AS_TYPED,),
        "view": (PASSAGES,),
        "meaning": (BY_WORDS,) if queries.meaning_is_on() else (),
    }
    return [
        (name, value)
        for name, values in known.items()
        if (value := query.get(name, "")) in values and isinstance(value, str)
    ]


def _narrows(facet: SearchFacet, total: int) -> bool:
    """True unless the facet has only one value, which all results have."""
    some = any(value.chosen or value.count < total for value in facet.values)
    return len(facet.values) > 1 or some


def _facet_choices(facet: SearchFacet) -> FacetChoices:
    chosen = [value for value in facet.values if value.chosen]
    others = [value for value in facet.values if not value.chosen]
    room = max(0, FACET_VALUES - len(chosen))
    ordered = (*chosen, *others[:room])
    if facet.name == "age":
        ordered, others = facet.values, []
    return FacetChoices(
        facet,
        ordered,
        tuple(others[room : room + MOST_FACET_VALUES]),
        folded=facet.name not in UNFOLDED and not chosen,
    )


def _chosen_filters(
    query: QueryDict, answer: SearchAnswer, topics: Mapping[str, str]
) -> list[ChosenFilter]:
    """Chosen topics, values and years, each with the address that removes it."""
    chosen = [
        ChosenFilter("Topic", topics[key], _query_without(query, TOPIC, key))
        for key in dict.fromkeys(query.getlist(TOPIC))
        if key in topics
    ]
    chosen += [
        ChosenFilter(facet.label, value.label, _query_without(query, facet.name, value.value))
        for facet in answer.facets
        if facet.name != COLLECTION
        for value in facet.values
        if value.chosen
    ]
    labels = ("from", "to")
    chosen += [
        ChosenFilter("Year", f"{label} {year}", _changed_query(query, **{label: ""}))
        for label, year in zip(labels, answer.years, strict=True)
        if year is not None
    ]
    return chosen


def _sort_orders(query: QueryDict, search: SearchRequest) -> list[SortOrder]:
    return [
        SortOrder(label, _changed_query(query, sort=name), current=name == search.sort)
        for name, label in SORTS.items()
        if search.text or name != "relevance"
    ]


# ---- words ----


def _wording_context(query: QueryDict, answer: SearchAnswer) -> dict[str, object]:
    """The related terms and common words of a search, for one line above the results."""
    names = list(dict.fromkeys(name for term in answer.related_terms for name in term.names))
    return {
        "related_first": names[:NAMES_SHOWN],
        "related_more": len(names[NAMES_SHOWN:]),
        "as_typed": _changed_query(query, broaden=AS_TYPED),
        "broadened": _changed_query(query, broaden=""),
    }


def _meaning_context(
    query: QueryDict, search: SearchRequest, view: ResultsView
) -> dict[str, object]:
    """Addresses that switch meaning off and on; on only where it was switched off, and is used."""
    switched_off = view.by_words and not view.in_passages and queries.may_use_meaning(search)
    return {
        "words_only": _changed_query(query, meaning=BY_WORDS),
        "meaning_too": _changed_query(query, meaning="") if switched_off else "",
    }


def _suggested_query(search: SearchRequest, answer: SearchAnswer) -> str:
    """Query string of the suggested search, with the chosen filters; "" if there is none."""
    if answer.suggestion is None:
        return ""
    return query_string(replace(search, text=answer.suggestion.query))


def _highlight_query(search: SearchRequest) -> str:
    """Query string with which the pages of a hit highlight the searched words."""
    return urlencode({"q": search.text} | ({} if search.broaden else {"broaden": AS_TYPED}))


# ---- addresses ----


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
