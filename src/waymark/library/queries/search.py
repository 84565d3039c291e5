"""Search the library as far as a person may see it.

The index answers with numbers; everything shown is read from the database, which checks again that
the person may see it. Records that the index has but the person may not see (a report withdrawn a
moment ago) are left out of hits and counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from waymark.accounts.permissions import Actor, has_permission
from waymark.accounts.visibility import visible_to
from waymark.core.errors import ServiceUnavailable
from waymark.documents.models import Report
from waymark.documents.queries.reader import open_reports
from waymark.library.models import CatalogueRecord, unindexed_records
from waymark.library.models.kinds import KINDS
from waymark.library.queries.agreed_facts import NATURE, theme_labels, value_labels
from waymark.library.queries.hydrate import VisibleRows, load_hits, open_records, visible_rows
from waymark.library.queries.search_backend import search_backend
from waymark.library.queries.spelling import ThesaurusExpansion, suggest_query
from waymark.library.queries.subjects import concept_names, top_concepts_among
from waymark.library.queries.topic_trees import with_topics
from waymark.library.search.parser import QueryNote, parse_query
from waymark.library.search.protocol import (
    FACETS,
    Filters,
    IndexQuery,
    IndexResults,
    SearchAudience,
    SearchRequest,
)
from waymark.library.search.results import FacetValue, SearchAnswer, SearchFacet, SearchHit
from waymark.library.search.tree import (
    AndNode,
    PhraseNode,
    PrefixNode,
    QueryTree,
    WordNode,
    all_of,
    any_of,
    text_nodes,
)

YEAR, SUBJECT = "year", "subject"
ENOUGH = 10
"""Records that fill a page."""
MOST_ON_A_PAGE = 1_000
REACH = 10_000
MOST_CHOSEN = 20
MOST_OF_A_VISITOR, FACETS_OF_A_VISITOR = 8, 3
LONGEST_VALUE = 200
CHECKS = 3
MOST_DOUBTFUL = 500
LABELS = {
    "kind": "Kind",
    "subject": "Subject",
    "theme": "Theme for learning",
    "nature": "Nature of the incident",
    "year": "Year",
    "nation": "Nation",
    "type": "Type of review",
}

Selections = dict[str, tuple[str, ...]]


def search_library(request: SearchRequest, *, person: Actor, now: datetime) -> SearchAnswer:
    """One page of the records that match, with their best passages, the facets and notes.

    An empty text lists everything, newest first; so does the order by relevance if there are no
    words to weigh. Never raises for what a person typed: notes say what was not understood. Raises
    ServiceUnavailable while there is no index.
    """
    parsed = with_topics(parse_query(request.text), person)
    selections, filter_notes = _usable_selections(request.filters, person)
    notes = (*parsed.notes, *filter_notes)
    if parsed.tree is None and request.text.strip():
        return SearchAnswer(request.text, None, notes, 0, None, 1, 0, (), (), None)
    if not search_backend().ready() and CatalogueRecord.objects.exists():
        raise ServiceUnavailable(
            "the search index is missing or damaged: run waymark index rebuild"
        )
    broadening = ThesaurusExpansion() if request.broaden and any(text_nodes(parsed.tree)) else None
    # The tree that runs has related terms; the one that is shown and saved is what the person
    # typed.
    tree, also = broadening.expand(parsed.tree) if broadening else (parsed.tree, ())
    # Numbers come from an address that anyone can type: page 0 is page 1, limit 9999 is the most.
    window = _PageWindow(max(request.page, 1), min(max(request.limit, 1), MOST_ON_A_PAGE))
    query = _index_query(request, tree, selections, window, person, now)
    query, results, rows = _checked_results(query, person, now)
    partial: tuple[SearchHit, ...] = ()
    # Only under the first page: further pages repeat neither the partial matches nor their cost.
    if request.include_partial and window.page == 1:
        partial = _partial_matches(parsed.tree, broadening, query, results, person, now)
    return SearchAnswer(
        query=request.text,
        tree=parsed.tree,
        notes=(
            *notes,
            *(QueryNote(terms.note) for terms in also if terms.note),
            *window.notes(results.total),
        ),
        total=results.total,
        passages_total=results.passages_total,
        page=window.page,
        pages=window.pages(results.total),
        hits=() if window.is_too_far else load_hits(query, results, rows),
        facets=_labelled_facets(results, selections),
        suggestion=None if results.total else suggest_query(parsed.tree, query, broadening),
        related_terms=also,
        partial_matches=partial,
    )


def search_json(
    query: str,
    *,
    limit: int = 10,
    person: Actor = None,
    now: datetime | None = None,
    broaden: bool = False,
) -> dict[str, Any]:
    """The output of `waymark search --json`; person None: the operator at the command line.

    Programs get exactly what they ask for: related terms are searched only if broaden is set.
    """
    request = SearchRequest(query, limit=limit, broaden=broaden)
    return search_library(request, person=person, now=now or timezone.now()).as_json()


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
    return IndexState(ready=search_backend().ready(), waiting=unindexed_records().count())


# ---- from the request to the query of the index ----


@dataclass(frozen=True, slots=True)
class _PageWindow:
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
    selections: Selections,
    window: _PageWindow,
    person: Actor,
    now: datetime,
) -> IndexQuery:
    """The query for the index; of a page that is too far only the counts are needed."""
    audience = audience_of(person, now)
    no_weights = request.sort == "relevance" and not any(text_nodes(tree))
    return IndexQuery(
        tree=tree,
        audience=audience,
        selections=selections,
        without=hidden_records(person, audience),
        sort="newest" if no_weights else request.sort,
        offset=0 if window.is_too_far else window.offset,
        limit=1 if window.is_too_far else window.size,
    )


def audience_of(person: Actor, now: datetime) -> SearchAudience:
    return SearchAudience(staff=has_permission(person, "see unpublished reports"), now=now)


def _usable_selections(filters: Filters, person: Actor) -> tuple[Selections, list[QueryNote]]:
    """The filters that have a meaning, and notes about the others."""
    selections: Selections = {}
    notes = []
    for facet, values in filters.items():
        if facet not in FACETS:
            notes.append(
                QueryNote(f"There is no filter {facet[:60]}. Filters: {', '.join(FACETS)}.")
            )
            continue
        usable = [value for value in values if value and len(value) <= LONGEST_VALUE]
        if facet == YEAR:
            usable, year_notes = _usable_years(usable)
            notes += year_notes
        if usable:
            # Values twice, or by the hundred, come from crawlers that follow every link of a list.
            selections[facet] = tuple(dict.fromkeys(usable))[:MOST_CHOSEN]
    if person is not None and not person.is_authenticated:
        return _limited_selections(selections, notes)
    return selections, notes


def _usable_years(values: list[str]) -> tuple[list[str], list[QueryNote]]:
    numbers = [value for value in values if value.isascii() and value.isdecimal()]
    notes = [QueryNote(f"{value[:60]} is not a year.") for value in values if value not in numbers]
    return [value for value in numbers if len(value) <= len("2004")], notes


def _limited_selections(
    selections: Selections, notes: list[QueryNote]
) -> tuple[Selections, list[QueryNote]]:
    """The first choices of a visitor who is not signed in.

    Crawlers follow every combination of filters, and 7 facets with 20 values each have more
    combinations than anyone can compute: a visitor gets 8 choices in 3 facets.
    """
    limited: Selections = {}
    left = MOST_OF_A_VISITOR
    for facet, values in selections.items():
        if left and len(limited) < FACETS_OF_A_VISITOR:
            limited[facet] = values[:left]
            left -= len(limited[facet])
    if limited == selections:
        return selections, notes
    message = (
        f"You can combine up to {MOST_OF_A_VISITOR} filters from {FACETS_OF_A_VISITOR} groups "
        "without signing in. We ignored the others. Add words to narrow your search further."
    )
    return limited, [*notes, QueryNote(message)]


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


def _checked_results(
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


def _partial_matches(
    tree: QueryTree | None,
    broadening: ThesaurusExpansion | None,
    query: IndexQuery,
    results: IndexResults,
    person: Actor,
    now: datetime,
) -> tuple[SearchHit, ...]:
    """The best records that match some of the words, if fewer than ENOUGH match all."""
    loose = _any_word_tree(tree)
    if loose is None or results.total >= ENOUGH or results.total > len(results.records):
        return ()
    if broadening is not None:
        loose, _ = broadening.expand(loose)
    matched = frozenset(match.record for match in results.records)
    wider = replace(
        query, tree=loose, without=query.without | matched, sort="relevance", offset=0, limit=ENOUGH
    )
    return load_hits(*_checked_results(wider, person, now))


def _any_word_tree(tree: QueryTree | None) -> QueryTree | None:
    """heron otter year:2004 -> (heron OR otter) year:2004; None unless several words are typed."""
    if not isinstance(tree, AndNode):
        return None
    typed = [part for part in tree.parts if isinstance(part, WordNode | PrefixNode | PhraseNode)]
    if len(typed) < 2:
        return None
    rest = [part for part in tree.parts if part not in typed]
    return all_of([*rest, any_of(typed)])


def _labelled_facets(
    results: IndexResults, selections: Mapping[str, tuple[str, ...]]
) -> tuple[SearchFacet, ...]:
    """The facets with their labels: years newest first, others by count. Choices always stay."""
    facets = []
    for name in FACETS:
        chosen = selections.get(name, ())
        counts = _facet_counts(name, results, chosen)
        labels = _facet_labels(name, list(counts))
        order = sorted(counts, reverse=True) if name == YEAR else list(counts)
        values = tuple(
            FacetValue(value, labels.get(value, value), counts[value], value in chosen)
            for value in order
        )
        facets.append(SearchFacet(name, LABELS[name], values))
    return tuple(facets)


def _facet_counts(name: str, results: IndexResults, chosen: Iterable[str]) -> dict[str, int]:
    """Value -> count. A broad subject is not listed beside narrower ones of its own."""
    counts = dict(results.facets.get(name, ()))
    for value in chosen:
        counts.setdefault(value, 0)
    if name == SUBJECT:
        for heading in top_concepts_among(counts) - set(chosen):
            del counts[heading]
    return counts


def _facet_labels(facet: str, values: list[str]) -> dict[str, str]:
    if not values:
        return {}
    if facet == "kind":
        return KINDS
    if facet == SUBJECT:
        return concept_names(values)
    if facet == "theme":
        return theme_labels(values)
    return value_labels(NATURE) if facet == "nature" else {}
