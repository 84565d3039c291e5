"""Search of questions in words by words and by meaning, in one order.

The number of results, facets and counts stay those of the words. Records that are near in meaning
are put among them by reciprocal rank fusion; where few records match all of the words, so are those
that match some. A record keeps its place on every page:

    head    the DEPTH best by words, the records near in meaning and, where few match, those with
            some of the words: in fused order
    tail    the others that match all of the words, in their own order
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from waymark.accounts.permissions import Actor
from waymark.library.meaning.fusion import fused
from waymark.library.queries.hydrate import (
    VisibleRows,
    load_hits,
    visible_passage_numbers,
    visible_rows,
)
from waymark.library.queries.meaning import (
    NearRecord,
    current_descriptions,
    meaning_is_on,
    near_records,
)
from waymark.library.queries.search import (
    CHECKS,
    FoundRecords,
    PreparedSearch,
    answer_with,
    prepared_search,
    query_for_some_words,
    search_library,
)
from waymark.library.queries.search_backend import search_backend
from waymark.library.search.compiler import KNOWN_BONUS
from waymark.library.search.parser import parse_query
from waymark.library.search.protocol import IndexMatch, IndexQuery, IndexResults, SearchRequest
from waymark.library.search.questions import is_question
from waymark.library.search.results import HitReason, SearchAnswer, SearchHit

DEPTH = 30
"""Records found by words that take part in the fusion."""


def may_use_meaning(request: SearchRequest) -> bool:
    """True if search by meaning is on, and the request is a question in words, best match first."""
    return (
        request.sort == "relevance"
        and meaning_is_on()
        and is_question(request.text, parse_query(request.text).tree)
    )


def search_with_meaning(request: SearchRequest, *, person: Actor, now: datetime) -> SearchAnswer:
    """As search_library(); a question in words is also searched by meaning, if that is on.

    Only for pages: what is saved, sent or exported is searched by words alone, so that anyone who
    repeats it finds the same.
    """
    if may_use_meaning(request):
        return fuse(request, person, now)
    return _by_words(request, person, now)


def fuse(request: SearchRequest, person: Actor, now: datetime) -> SearchAnswer:
    """The fused answer to a question in words, whether or not the gate is passed."""
    search = prepared_search(request, person, now)
    if search.query is None or search.window.is_too_far:
        return _by_words(request, person, now)
    # Only what the page shows is read from the database, and checked there.
    query = replace(search.query, offset=0, limit=DEPTH)
    results = search_backend().find(query)
    if results.records and results.records[0].score >= KNOWN_BONUS:
        # The text names a record, which no fusion may put elsewhere.
        return _by_words(request, person, now)
    near = _visible_near(near_records(request.text, query.audience), person, now)
    if not near:
        return _by_words(request, person, now)
    for _ in range(CHECKS):
        order = _fused_order(search, query, results, near)
        if not order.near:
            return _by_words(request, person, now)
        page = _page_of(order, search)
        page_rows = visible_rows([match.record for match in page], person, now)
        hidden = {match.record for match in page if not page_rows.shows(match)}
        if not hidden:
            break
        query = replace(query, without=query.without | hidden)
        results = search_backend().find(query)
    page = [match for match in page if match.record not in hidden]
    hits = _labelled_hits(page, order, page_rows) if request.listed else ()
    answer = answer_with(FoundRecords(query, results, page_rows, hits), search, request, person)
    length = results.total + order.more
    # Notes on pages are those of the whole list.
    by_words = search.window.notes(results.total)
    notes = [note for note in answer.notes if note not in by_words]
    return replace(
        answer,
        notes=(*notes, *search.window.notes(length)),
        pages=search.window.pages(length),
        with_meaning=True,
        more=order.more,
    )


def _visible_near(near: list[NearRecord], person: Actor, now: datetime) -> list[NearRecord]:
    """Those near by a text that the person may see: a hidden one would tell what it is about.

    Nor does a title or summary count that was changed since its vector was made.
    """
    numbers = [number for record in near for number in record.passages]
    visible = visible_passage_numbers(numbers, person, now)
    current = current_descriptions(
        {record.record: record.description for record in near if record.description}
    )
    checked = (
        replace(record, passages=tuple(number for number in record.passages if number in visible))
        for record in near
    )
    return [record for record in checked if record.passages or record.record in current]


def _by_words(request: SearchRequest, person: Actor, now: datetime) -> SearchAnswer:
    return search_library(request, person=person, now=now)


@dataclass(frozen=True, slots=True)
class _FusedOrder:
    """The fused head of a list. more: records in it that do not match all of the words.

    query: by words; wider: for some of the words, or None. tail: the query of what follows the
    head, with its offset, None if nothing does. near: of all records near in meaning.
    """

    head: tuple[IndexMatch, ...]
    tail: IndexQuery | None
    query: IndexQuery
    wider: IndexQuery | None
    near: Mapping[int, NearRecord]
    by_words: frozenset[int]
    by_some_words: frozenset[int]

    @property
    def more(self) -> int:
        return sum(match.record not in self.by_words for match in self.head)


def _fused_order(
    search: PreparedSearch, query: IndexQuery, results: IndexResults, near: list[NearRecord]
) -> _FusedOrder:
    allowed = _limited(query, [row.record for row in near], words=False)
    all_are_listed = results.total <= len(results.records)
    inside = {} if all_are_listed else _limited(query, allowed, words=True)
    wider = query_for_some_words(search, query, results)
    partial = search_backend().find(wider).records if wider else ()
    near_by_number = {row.record: row for row in near if row.record in allowed}
    words = [match.record for match in (*results.records, *partial)]
    matches = allowed | {match.record: match for match in (*partial, *results.records)}
    head = tuple(matches[number] for number in fused([words, list(near_by_number)]))
    first = {match.record for match in results.records}
    tail = replace(
        query,
        without=query.without | near_by_number.keys(),
        offset=len(first - near_by_number.keys()),
        counted=False,
    )
    return _FusedOrder(
        head=head,
        tail=None if all_are_listed else tail,
        query=query,
        wider=wider,
        near=near_by_number,
        by_words=frozenset(first | inside.keys()),
        by_some_words=frozenset(match.record for match in partial),
    )


def _limited(query: IndexQuery, records: Iterable[int], *, words: bool) -> dict[int, IndexMatch]:
    """Those of the records that the filters of a query allow, with its words or without."""
    numbers = frozenset(records)
    if not numbers:
        return {}
    narrowed = replace(
        query, among=numbers, sort="added", offset=0, limit=len(numbers), counted=False
    )
    if not words:
        narrowed = replace(narrowed, tree=None, known=None)
    return {match.record: match for match in search_backend().find(narrowed).records}


def _page_of(order: _FusedOrder, search: PreparedSearch) -> list[IndexMatch]:
    window = search.window
    start, end = window.offset, window.offset + window.size
    page = list(order.head[start:end])
    if order.tail is not None and end > len(order.head):
        skipped = max(0, start - len(order.head))
        rest = window.size - len(page)
        tail = replace(order.tail, offset=order.tail.offset + skipped, limit=rest)
        page += search_backend().find(tail).records
    return page


def _labelled_hits(
    page: list[IndexMatch], order: _FusedOrder, rows: VisibleRows
) -> tuple[SearchHit, ...]:
    """The hits of a page in its order, each with the reason why it is there."""
    # The words of a name may be apart in a record that does not match all of the words.
    query = order.wider or order.query
    near = {
        match.record: order.near[match.record].passages
        for match in page
        if match.record in order.near and match.record not in order.by_words | order.by_some_words
    }
    results = IndexResults(len(page), None, tuple(page), {})
    return tuple(
        replace(hit, by=_reason(hit.record.number, order, near))
        for hit in load_hits(query, results, rows, chosen=near)
    )


def _reason(record: int, order: _FusedOrder, near: Container[int]) -> HitReason:
    if record in near:
        return "meaning"
    return "some words" if record in order.by_some_words else ""
