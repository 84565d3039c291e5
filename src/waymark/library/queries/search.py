"""Search the library as far as a person may see it.

The index answers with numbers; everything shown is read from the database, which checks again that
the person may see it. Records that the index has but the person may not see (a report withdrawn a
moment ago) are left out of hits and counts.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from waymark.accounts.permissions import Actor, has_permission
from waymark.accounts.visibility import visible_to
from waymark.core.errors import SearchBeingBuilt, ServiceUnavailable
from waymark.documents.models import Report
from waymark.documents.queries.reader import open_reports
from waymark.library.language.analyser import words_in
from waymark.library.models import CatalogueRecord, unindexed_records
from waymark.library.queries.facet_labels import labelled_facets
from waymark.library.queries.field_values import unknown_value_notes
from waymark.library.queries.hydrate import VisibleRows, load_hits, open_records, visible_rows
from waymark.library.queries.protected_facts import (
    FACT_FACETS,
    protected_facts_in_index,
    without_protected_facts,
)
from waymark.library.queries.search_backend import index_is_ready, search_backend
from waymark.library.queries.selections import UsableFilters, usable_filters
from waymark.library.queries.spelling import suggest_query
from waymark.library.queries.topic_trees import chosen_topics, with_topics
from waymark.library.queries.wording import QueryWorder, QueryWording, is_name_of_child
from waymark.library.search.known_items import KnownItem, known_item_of, title_key, title_keys
from waymark.library.search.parser import QueryNote, parse_query
from waymark.library.search.protocol import IndexQuery, IndexResults, SearchAudience, SearchRequest
from waymark.library.search.results import SearchAnswer, SearchHit
from waymark.library.search.tree import (
    AndNode,
    ExpandedNode,
    OrNode,
    PhraseNode,
    PrefixNode,
    QueryTree,
    WordNode,
    YearsNode,
    all_of,
    any_of,
    text_nodes,
    word_text,
)

ENOUGH = 10
"""Records that fill a page."""
MOST_ON_A_PAGE = 1_000
REACH = 10_000
CHECKS = 3
MOST_DOUBTFUL = 500
LOOSE = WordNode | PrefixNode | PhraseNode | ExpandedNode


def search_library(request: SearchRequest, *, person: Actor, now: datetime) -> SearchAnswer:
    """One page of the records that match, with their best passages, the facets and notes.

    An empty text lists everything, newest first; so does the order by relevance if there are no
    words to weigh. Never raises for what a person typed: notes say what was not understood. Raises
    ServiceUnavailable while there is no index.
    """
    search = prepared_search(request, person, now)
    if search.query is None:
        return SearchAnswer(request.text, None, search.notes, 0, None, 1, 0, (), (), None)
    window = search.window
    query, results, rows = checked_results(search.query, person, now)
    partial: tuple[SearchHit, ...] = ()
    # Only under the first page: further pages repeat neither the partial matches nor their cost.
    if request.include_partial and window.page == 1:
        partial = _partial_matches(search, query, results, person, now)
    hits = load_hits(query, results, rows) if request.listed and not window.is_too_far else ()
    found = FoundRecords(query, results, rows, hits, partial)
    return answer_with(found, search, request, person)


@dataclass(frozen=True, slots=True)
class FoundRecords:
    """What was found for a request. rows: of the results; hits: of the page."""

    query: IndexQuery
    results: IndexResults
    rows: VisibleRows
    hits: tuple[SearchHit, ...]
    partial: tuple[SearchHit, ...] = ()


def answer_with(
    found: FoundRecords, search: "PreparedSearch", request: SearchRequest, person: Actor
) -> SearchAnswer:
    """The answer of what was found, with facets, notes and what is offered instead."""
    window, results = search.window, found.results
    notes = _notes_without_title(search, request.text, results, found.rows)
    if search.hides_facts:
        known = {name: counts for name, counts in results.facets.items() if name not in FACT_FACETS}
        results = replace(results, facets=known)
    # What is offered instead is counted, so it tells as little as the query itself.
    typed = without_protected_facts(search.typed, person)
    return SearchAnswer(
        query=request.text,
        tree=search.typed,
        notes=(*notes, *window.notes(results.total)),
        total=results.total,
        passages_total=results.passages_total,
        page=window.page,
        pages=window.pages(results.total),
        hits=found.hits,
        facets=labelled_facets(results, search.filters.selections),
        suggestion=None if results.total else suggest_query(typed, found.query, search.worder),
        related_terms=search.wording.related,
        common_words=search.wording.left_out,
        partial_matches=found.partial,
        years=search.filters.years,
    )


def found_records(request: SearchRequest, *, person: Actor, now: datetime) -> tuple[int, ...]:
    """The numbers of the records on one page of the results, for files and feeds.

    Passages, facets and partial matches are not looked for. Raises ServiceUnavailable.
    """
    return found_rows(request, person=person, now=now)[0]


def found_rows(
    request: SearchRequest, *, person: Actor, now: datetime
) -> tuple[tuple[int, ...], VisibleRows]:
    """found_records() with their rows, which were read to check that the person may see them."""
    search = prepared_search(request, person, now)
    if search.query is None or search.window.is_too_far:
        return (), VisibleRows({}, {})
    _, results, rows = checked_results(replace(search.query, counted=False), person, now)
    return tuple(match.record for match in results.records), rows


def search_json(
    query: str,
    *,
    limit: int = 10,
    person: Actor = None,
    now: datetime | None = None,
    broaden: bool = False,
) -> dict[str, Any]:
    """The output of `waymark search --json`; person None: the operator at the command line, who
    gets the scores of the engine as well.

    Programs get exactly what they ask for: related terms are searched only if broaden is set.
    """
    request = SearchRequest(query, limit=limit, broaden=broaden)
    answer = search_library(request, person=person, now=now or timezone.now())
    return answer.as_json(scores=person is None)


@dataclass(frozen=True, slots=True)
class Holdings:
    """Numbers of what a person may see; passages as far as the index is up to date."""

    reviews: int
    resources: int
    reports: int
    passages: int


def library_holdings(person: Actor, now: datetime) -> Holdings:
    """Count the catalogued reviews and resources, and the reviews' reports and passages, that a
    person may see."""
    audience = audience_of(person, now)
    records = open_records(person, now)
    return Holdings(
        reviews=records.filter(review__isnull=False).count(),
        resources=records.filter(resource__isnull=False).count(),
        reports=open_reports(person, now).filter(review__record__isnull=False).count(),
        passages=search_backend().count_passages(
            audience, without=hidden_records(person, audience)
        ),
    )


@dataclass(frozen=True, slots=True)
class IndexState:
    """ready: True if there is an index of this version. waiting: records not indexed yet."""

    ready: bool
    waiting: int


def index_state() -> IndexState:
    """The state of the index."""
    return IndexState(ready=index_is_ready(), waiting=unindexed_records().count())


# ---- from the request to the query of the index ----


@dataclass(frozen=True, slots=True)
class PreparedSearch:
    """A request that is ready to run. typed: as typed. query: None if there is nothing to search.

    notes: what was not understood or not possible. hides_facts: True if the counts of facts would
    include reviews whose facts must not be told.
    """

    typed: QueryTree | None
    worder: QueryWorder
    wording: QueryWording
    filters: UsableFilters
    window: "PageWindow"
    query: IndexQuery | None
    notes: tuple[QueryNote, ...]
    hides_facts: bool = False


def prepared_search(request: SearchRequest, person: Actor, now: datetime) -> PreparedSearch:
    """Parse the text and the filters of a request. Raises ServiceUnavailable without an index."""
    parsed = with_topics(parse_query(request.text, request.limits), person)
    filters = usable_filters(request.filters, person)
    topics, topic_notes = chosen_topics(filters.topics, person)
    parser_notes = tuple(note for note in parsed.notes if not note.is_prose)
    notes = (*parser_notes, *filters.notes, *topic_notes)
    # Numbers come from an address that anyone can type: page 0 is page 1, limit 9999 is the most.
    window = PageWindow(max(request.page, 1), min(max(request.limit, 1), MOST_ON_A_PAGE))
    if parsed.tree is None and request.text.strip():
        worder = QueryWorder("", audience_of(person, now), broaden=False)
        return PreparedSearch(None, worder, QueryWording(None), filters, window, None, notes)
    if not search_backend().ready() and CatalogueRecord.objects.exists():
        if progress := search_backend().progress():
            raise SearchBeingBuilt(progress.done, progress.total, progress.seconds_left)
        raise ServiceUnavailable(
            "the search index is missing or damaged: run waymark index rebuild"
        )
    broaden = request.broaden and any(text_nodes(parsed.tree))
    worder = QueryWorder(request.text, audience_of(person, now), broaden=broaden)
    # The tree that runs has related terms and no common words; the one that is shown and saved is
    # what the person typed.
    tree = without_protected_facts(parsed.tree, person)
    wording = worder.wording(tree)
    query = replace(
        _index_query(request, wording.tree, filters, window, person, now), topics=topics
    )
    notes += (*wording.notes, *unknown_value_notes(tree, query))
    protected = protected_facts_in_index(person)
    if protected and not FACT_FACETS.isdisjoint(filters.selections):
        # A filter by a fact would list them. So their own counts need not be hidden as well.
        query, protected = replace(query, without=query.without | protected), frozenset()
    return PreparedSearch(
        parsed.tree, worder, wording, filters, window, query, notes, bool(protected)
    )


@dataclass(frozen=True, slots=True)
class PageWindow:
    """The part of the results to show. page: from 1; size: records on a page."""

    page: int
    size: int

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    @property
    def is_too_far(self) -> bool:
        """True beyond REACH: the engine weighs every record before the page, which gets slow."""
        return self.offset + self.size > REACH

    def pages(self, total: int) -> int:
        """The number of pages: 21 records in pages of 10 are 3 pages, none are 0."""
        return -(-total // self.size)

    def notes(self, total: int) -> tuple[QueryNote, ...]:
        """A note for a page that does not exist or is too far."""
        pages = self.pages(total)
        if self.page > pages > 0:
            return (QueryNote(f"There is no page {self.page:,}. The last page is {pages:,}."),)
        if self.is_too_far and total:
            return (QueryNote(f"We show only the first {REACH:,} records. Narrow your search."),)
        return ()


def _index_query(
    request: SearchRequest,
    tree: QueryTree | None,
    filters: UsableFilters,
    window: PageWindow,
    person: Actor,
    now: datetime,
) -> IndexQuery:
    """The query for the index; of a page that is too far only the counts are needed."""
    audience = audience_of(person, now)
    no_weights = request.sort == "relevance" and not any(text_nodes(tree))
    return IndexQuery(
        tree=tree,
        audience=audience,
        selections=filters.selections,
        years=filters.years,
        known=_known_item(request.text) if any(text_nodes(tree)) else None,
        without=hidden_records(person, audience),
        counted=request.counted,
        sort="newest" if no_weights else request.sort,
        offset=0 if window.is_too_far else window.offset,
        limit=1 if window.is_too_far else window.size,
    )


def _known_item(text: str) -> KnownItem | None:
    return known_item_of(text, is_name=is_name_of_child(text))


def audience_of(person: Actor, now: datetime) -> SearchAudience:
    return SearchAudience(staff=has_permission(person, "see unpublished reports"), now=now)


def hidden_records(person: Actor, audience: SearchAudience) -> frozenset[int]:
    """Records to exclude because their visibility changed since they were indexed.

    Only records that wait to be indexed can be among them. If very many wait, all that might be
    affected are excluded.
    """
    waiting = unindexed_records().filter(indexed_at__isnull=False)
    if not waiting.exists():
        return frozenset()
    hidden = Report.objects.filter(review=OuterRef("review")).exclude(
        visible_to(person, now=audience.now)
    )
    # Limited to waiting records: in a large library nearly all records are fully visible.
    whole = open_records(person, audience.now).filter(~Exists(hidden), pk__in=waiting.values("pk"))
    doubtful = waiting.exclude(pk__in=whole).values_list("pk", flat=True)
    numbers = frozenset(doubtful)
    if not numbers or len(numbers) > MOST_DOUBTFUL:
        return numbers
    indexed = search_backend().indexed(numbers, audience)
    rows = visible_rows(list(numbers), person, audience.now)
    return frozenset(match.record for match in indexed if not rows.shows(match))


# ---- from the results of the index to the answer ----


def checked_results(
    query: IndexQuery, person: Actor, now: datetime
) -> tuple[IndexQuery, IndexResults, VisibleRows]:
    """The results, searched again without each record that the database does not allow.

    Example: the index finds R1, R2, R3, and R2 was withdrawn a second ago. The second search
    leaves R2 out, so the page is full again and the total and facets are right.
    """
    for _ in range(CHECKS):
        results = search_backend().find(query)
        rows = visible_rows([match.record for match in results.records], person, now)
        hidden = {match.record for match in results.records if not rows.shows(match)}
        if not hidden:
            return query, results, rows
        query = replace(query, without=query.without | hidden)
    visible = tuple(match for match in results.records if match.record not in hidden)
    return query, replace(results, total=results.total - len(hidden), records=visible), rows


def _notes_without_title(
    search: PreparedSearch, text: str, results: IndexResults, rows: VisibleRows
) -> tuple[QueryNote, ...]:
    """The notes; without those on single words if the text is the title of the first record.

    "Review: what next" is a title, and not a field without a word.
    """
    first = rows.records.get(results.records[0].record) if results.records else None
    if first is None or title_key(text) not in title_keys(first.described.title):
        return search.notes
    return tuple(note for note in search.notes if not note.end)


def _partial_matches(
    search: PreparedSearch,
    query: IndexQuery,
    results: IndexResults,
    person: Actor,
    now: datetime,
) -> tuple[SearchHit, ...]:
    """The best records that match some of the words, if fewer than ENOUGH match all."""
    wider = query_for_some_words(search, query, results)
    return () if wider is None else load_hits(*checked_results(wider, person, now))


def query_for_some_words(
    search: PreparedSearch, query: IndexQuery, results: IndexResults
) -> IndexQuery | None:
    """The query for the records that match some of the words; None if enough match all."""
    loose = any_word_tree(search.wording.tree)
    if loose is None or results.total >= ENOUGH or results.total > len(results.records):
        return None
    matched = frozenset(match.record for match in results.records)
    return replace(
        query,
        tree=loose,
        known=None,
        without=query.without | matched,
        sort="relevance",
        offset=0,
        limit=ENOUGH,
        counted=False,
    )


def any_word_tree(tree: QueryTree | None) -> QueryTree | None:
    """heron otter year:2004 -> (heron OR otter) year:2004; None unless several words are typed.

    The words of a name that must be near each other may be apart here. Years that are typed as
    words are words: "heron 2004" -> heron.
    """
    parts = tree.parts if isinstance(tree, AndNode) else (tree,)
    typed = [part for part in parts if isinstance(part, LOOSE)]
    loose = [part for part in map(_apart, typed) if part is not None]
    years = [part for part in parts if isinstance(part, OrNode) and _has_years(part)]
    if len(typed) + len(loose) + len(years) < 2 or not typed:
        return None
    rest = [part for part in parts if part is not None and part not in (*typed, *years)]
    return all_of([*rest, any_of([*typed, *loose])])


def _has_years(node: OrNode) -> bool:
    return any(isinstance(part, YearsNode) for part in node.parts)


def _apart(part: QueryTree) -> QueryTree | None:
    """The words of a name anywhere in a record; None for a single word."""
    typed = part.typed if isinstance(part, ExpandedNode) else part
    if not isinstance(typed, WordNode) or not typed.apart:
        return None
    return all_of(WordNode(word_text(word)) for word in words_in(typed.text))
