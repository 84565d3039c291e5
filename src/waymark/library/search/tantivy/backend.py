"""The embedded search backend: Tantivy, for an installation on one machine."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from tantivy import DocAddress, Occur, Order, Query, Searcher

from waymark.core.errors import ServiceUnavailable
from waymark.library.language.analyser import word_forms
from waymark.library.language.languages import ENGLISH
from waymark.library.search.known_items import KnownItem
from waymark.library.search.protocol import (
    FACETS,
    BestPassages,
    IndexDocuments,
    IndexMatch,
    IndexQuery,
    IndexResults,
    PassageResults,
    RebuildProgress,
    SearchAudience,
    SearchBackend,
    Sort,
)
from waymark.library.search.tantivy.compiler import (
    QueryCompiler,
    all_clauses,
    any_clause,
)
from waymark.library.search.tantivy.fixity import damaged_files
from waymark.library.search.tantivy.index_files import (
    PARTS,
    IndexGenerations,
    OpenIndexes,
    unreadable_index,
)
from waymark.library.search.tantivy.passages import (
    PassageSearch,
    languages_for,
    query_compiler,
    total_hits,
)
from waymark.library.search.tantivy.rarity import count_documents
from waymark.library.search.tantivy.schema import EPOCH, EXACT
from waymark.library.search.tree import (
    ExpandedNode,
    OrNode,
    PhraseNode,
    PrefixNode,
    QueryTree,
    WordNode,
    text_nodes,
)

ALL_AUDIENCES = tuple(SearchAudience(staff=staff, now=EPOCH) for staff in (True, False))
VALUES_OF_A_FACET = 1_000
# With more records than this the passages of an AND are not counted, because it takes too long.
COUNTED_RECORDS = 2_000
ORDERS: dict[Sort, dict[str, Any]] = {
    "relevance": {},
    "newest": {"order_by_field": "order", "order": Order.Desc},
    "oldest": {"order_by_field": "order", "order": Order.Asc},
    "title": {"order_by_field": "title_order", "order": Order.Asc},
    "added": {"order_by_field": "added", "order": Order.Desc},
}
LIKE_WORDS, LIKE_SHOWN, LIKE_ENOUGH = 2_000, 3, 0.75


P = ParamSpec("P")
R = TypeVar("R")


def _unavailable_if_damaged(read: Callable[P, R]) -> Callable[P, R]:
    """Decorator: raise ServiceUnavailable if the engine cannot read its files.

    For some damage the engine panics, with an exception class that cannot be imported.
    """

    @wraps(read)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return read(*args, **kwargs)
        except (OSError, ValueError) as error:
            raise unreadable_index(error) from error
        except BaseException as error:
            if type(error).__module__ == "pyo3_runtime":
                raise unreadable_index(error) from error
            raise

    return run


@lru_cache(maxsize=8)
def index_in(folder: Path) -> SearchBackend:
    """The index in a folder; one per process, so that it stays open."""
    return TantivyIndex(folder)


class TantivyIndex:
    """SearchBackend on Tantivy."""

    def __init__(self, folder: Path) -> None:
        self.files = IndexGenerations(folder)

    def ready(self) -> bool:
        try:
            return all(self.files.opened(audience) is not None for audience in ALL_AUDIENCES)
        except ServiceUnavailable:
            return False

    def faults(self) -> Iterator[str]:
        generation = self.files.current()
        if generation is not None:
            yield from damaged_files(self.files.folder / generation, PARTS)

    @_unavailable_if_damaged
    def languages(self, audience: SearchAudience) -> tuple[str, ...]:
        opened = self.files.opened(audience)
        return (ENGLISH,) if opened is None else languages_for(opened, audience)

    def rebuild(self, parts: Sequence[Iterable[IndexDocuments]], *, total: int = 0) -> None:
        self.files.rebuild(parts, total=total)

    def progress(self) -> RebuildProgress | None:
        return self.files.progress()

    def replace(self, documents: Iterable[IndexDocuments]) -> None:
        self.files.replace(documents)

    @_unavailable_if_damaged
    def find(self, request: IndexQuery) -> IndexResults:
        opened = self.files.opened(request.audience)
        if opened is None:
            return IndexResults(0, None, (), {})
        searcher = opened.records.searcher()
        compiled = _compiled_request(opened, request)
        order = ORDERS[request.sort]
        results = searcher.search(
            compiled.query, limit=request.limit, offset=request.offset, **order
        )
        total = total_hits(results)
        keyed = [(0.0 if order else float(key), address) for key, address in results.hits]
        matches = _index_matches(searcher, keyed)
        if not request.counted:
            return IndexResults(total, None, matches, {})
        passages = _count_places(opened, compiled, searcher, total)
        return IndexResults(total, passages, matches, _facet_counts(searcher, compiled))

    @_unavailable_if_damaged
    def count(self, request: IndexQuery) -> int:
        opened = self.files.opened(request.audience)
        if opened is None:
            return 0
        return count_documents(opened.records.searcher(), _compiled_request(opened, request).query)

    @_unavailable_if_damaged
    def indexed(self, records: Iterable[int], audience: SearchAudience) -> tuple[IndexMatch, ...]:
        opened = self.files.opened(audience)
        numbers = list(records)
        if opened is None or not numbers:
            return ()
        compiler = query_compiler(opened, opened.records, audience)
        query = all_clauses(compiler.numbered(numbers), compiler.audience(audience))
        searcher = opened.records.searcher()
        return _index_matches(searcher, searcher.search(query, limit=len(numbers)).hits)

    @_unavailable_if_damaged
    def best_passages(
        self, request: IndexQuery, *, records: Iterable[int], limit: int
    ) -> dict[int, BestPassages]:
        opened = self.files.opened(request.audience)
        if opened is None or not any(text_nodes(request.tree)):
            return {}
        return PassageSearch(opened, request).best_of_each(records, limit)

    @_unavailable_if_damaged
    def find_passages(
        self, request: IndexQuery, *, records: Iterable[int] | None = None
    ) -> PassageResults:
        opened = self.files.opened(request.audience)
        if opened is None or not any(text_nodes(request.tree)):
            return PassageResults(0)
        if records is not None:
            among = frozenset(records) - request.without
            return PassageSearch(opened, request).page_of(among)
        matching = _matching_numbers(opened.records.searcher(), _compiled_request(opened, request))
        if matching is None:
            return PassageResults(None)
        return PassageSearch(opened, request).page_of(matching)

    @_unavailable_if_damaged
    def count_passages(self, audience: SearchAudience, *, without: frozenset[int]) -> int:
        opened = self.files.opened(audience)
        if opened is None:
            return 0
        compiler = query_compiler(opened, opened.passages, audience)
        clauses = [(Occur.Must, compiler.audience(audience))]
        if without:
            clauses.append((Occur.MustNot, compiler.numbered(without)))
        return count_documents(opened.passages.searcher(), Query.boolean_query(clauses))

    @_unavailable_if_damaged
    def similar_words(self, word: str, audience: SearchAudience) -> list[str]:
        opened = self.files.opened(audience)
        folded = word_forms(word)[0]
        if opened is None or len(folded) < LIKE_SHOWN:
            return []
        # Only words the audience may see: a suggestion must not reveal a word of a hidden report.
        seen = query_compiler(opened, opened.records, audience).audience(audience)
        terms = opened.records.searcher().terms_with_prefix(
            EXACT, folded[:1], filter_query=seen, limit=LIKE_WORDS
        )
        known = [term for term, records in terms if records > 0]
        return difflib.get_close_matches(folded, known, n=LIKE_SHOWN, cutoff=LIKE_ENOUGH)


@dataclass(frozen=True, slots=True)
class _CompiledRequest:
    """A request with its compiled query. base: the query without the selections."""

    request: IndexQuery
    compiler: QueryCompiler
    base: tuple[tuple[Occur, Query], ...]
    query: Query

    def without_facet(self, facet: str) -> Query:
        """The query without the selection of one facet."""
        return _narrowed_query(
            self.base, self.compiler.selections(self.request.selections, but=facet)
        )


def _compiled_request(opened: OpenIndexes, request: IndexQuery) -> _CompiledRequest:
    compiler = query_compiler(opened, opened.records, request.audience)
    clauses = [(Occur.Must, compiler.audience(request.audience))]
    if request.tree is not None:
        clauses.append((Occur.Must, _matching(request.tree, request.known, compiler)))
    if request.years != (None, None):
        clauses.append((Occur.Must, compiler.years(*request.years)))
    if request.topics is not None:
        clauses.append((Occur.Must, compiler.about(request.topics)))
    if request.without:
        clauses.append((Occur.MustNot, compiler.numbered(request.without)))
    base = tuple(clauses)
    query = _narrowed_query(base, compiler.selections(request.selections))
    return _CompiledRequest(request, compiler, base, query)


def _matching(tree: QueryTree, known: KnownItem | None, compiler: QueryCompiler) -> Query:
    """Records with the words, or the one record that the words name."""
    words = compiler.matching(tree)
    return words if known is None else any_clause([words, compiler.known_item(known)])


def _narrowed_query(base: tuple[tuple[Occur, Query], ...], selections: list[Query]) -> Query:
    return Query.boolean_query([*base, *((Occur.Must, selection) for selection in selections)])


def _index_matches(
    searcher: Searcher, hits: Sequence[tuple[float, DocAddress]]
) -> tuple[IndexMatch, ...]:
    """The records at these addresses, with their scores."""
    addresses = [address for _, address in hits]
    numbers = searcher.fast_field_values("number", addresses) if addresses else []
    return tuple(
        IndexMatch(
            int(number or 0), _report_numbers(searcher.doc(address).get_first("reports")), score
        )
        for (score, address), number in zip(hits, numbers, strict=True)
    )


def _facet_counts(
    searcher: Searcher, compiled: _CompiledRequest
) -> dict[str, tuple[tuple[str, int], ...]]:
    """Counts of every facet: one pass for all without a selection, one for each other.

    Example: kind = tool is chosen. Year and nation are counted among tools; kind is counted as if
    nothing were chosen, so that readers see how many records another kind has.
    """
    chosen = [facet for facet in FACETS if compiled.request.selections.get(facet)]
    counts = _count_values(searcher, compiled.query, [f for f in FACETS if f not in chosen])
    for facet in chosen:
        counts |= _count_values(searcher, compiled.without_facet(facet), [facet])
    return {facet: counts[facet] for facet in FACETS}


def _count_values(
    searcher: Searcher, query: Query, facets: list[str]
) -> dict[str, tuple[tuple[str, int], ...]]:
    if not facets:
        return {}
    terms = {facet: {"terms": {"field": facet, "size": VALUES_OF_A_FACET}} for facet in facets}
    counted = searcher.aggregate(query, terms)
    return {
        facet: tuple(
            sorted(
                (
                    (str(bucket["key"]), int(bucket["doc_count"]))
                    for bucket in counted[facet]["buckets"]
                ),
                key=lambda pair: (-pair[1], pair[0]),
            )
        )
        for facet in facets
    }


def _count_places(
    opened: OpenIndexes, compiled: _CompiledRequest, searcher: Searcher, total: int
) -> int | None:
    """The number of passages with any of the words in matching records; None if not counted."""
    request = compiled.request
    if not any(text_nodes(request.tree)):
        return None
    # "fire AND smoke" matches a record with the words on different pages, so passages cannot be
    # counted by the query of passages alone: first the matching records, then any of the words in
    # these. "fire OR smoke" has them in every passage that is counted.
    passages = PassageSearch(opened, request)
    if _any_word_will_do(request):
        return passages.count(None)
    if total > COUNTED_RECORDS:
        return None
    return passages.count(_matching_numbers(searcher, compiled))


def _matching_numbers(searcher: Searcher, compiled: _CompiledRequest) -> frozenset[int] | None:
    """The numbers of all matching records; None if there are more than COUNTED_RECORDS."""
    results = searcher.search(compiled.query, limit=COUNTED_RECORDS + 1, count=False)
    if len(results.hits) > COUNTED_RECORDS:
        return None
    addresses = [address for _, address in results.hits]
    numbers = searcher.fast_field_values("number", addresses) if addresses else []
    return frozenset(int(number or 0) for number in numbers)


def _any_word_will_do(request: IndexQuery) -> bool:
    """True if every passage with one of the words is in a matching record.

    So for heron OR otter, but not for heron otter: there a record with heron alone is no match.
    """
    tree = request.tree
    parts = tree.parts if isinstance(tree, OrNode) else (tree,)
    plain = all(
        isinstance(part, WordNode | PrefixNode | PhraseNode)
        or (isinstance(part, ExpandedNode) and isinstance(part.typed, WordNode))
        for part in parts
    )
    narrowed = request.topics is not None or request.years != (None, None)
    return plain and not narrowed and not any(request.selections.values())


def _report_numbers(stored: object) -> tuple[int, ...]:
    return tuple(int(number) for number in str(stored or "").split())
