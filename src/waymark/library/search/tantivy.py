"""The embedded search backend: Tantivy, for an installation on one machine."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar, cast

from tantivy import DocAddress, Index, Occur, Order, Query, Searcher, SearchResult

from waymark.core.errors import Unavailable
from waymark.library.analysis import forms
from waymark.library.languages import ENGLISH
from waymark.library.search import (
    FACETS,
    Audience,
    Documents,
    Found,
    FoundRecord,
    Places,
    Request,
    SearchBackend,
    Sort,
)
from waymark.library.search.compiled import Compiler, either, filtering, must
from waymark.library.search.fixity import damaged
from waymark.library.search.generations import Generations, Opened, unreadable
from waymark.library.search.schema import EXACT
from waymark.library.tree import Broadened, Or, Phrase, Prefix, Word, sought

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
# More than any BM25 score: among the passages of a record, texts come before headings.
TEXT_BONUS = 100.0


P = ParamSpec("P")
R = TypeVar("R")


def _readable(read: Callable[P, R]) -> Callable[P, R]:
    """Decorator: raise Unavailable if the engine cannot read its files.

    For some damage the engine panics, with an exception class that cannot be imported.
    """

    @wraps(read)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return read(*args, **kwargs)
        except (OSError, ValueError) as error:
            raise unreadable(error) from error
        except BaseException as error:
            if type(error).__module__ == "pyo3_runtime":
                raise unreadable(error) from error
            raise

    return run


@lru_cache(maxsize=8)
def index_in(folder: Path) -> SearchBackend:
    """The index in a folder; one per process, so that it stays open."""
    return TantivyIndex(folder)


class TantivyIndex:
    """SearchBackend on Tantivy."""

    def __init__(self, folder: Path) -> None:
        self.files = Generations(folder)

    def ready(self) -> bool:
        try:
            return self.files.opened() is not None
        except Unavailable:
            return False

    def faults(self) -> Iterator[str]:
        generation = self.files.current()
        if generation is not None:
            yield from damaged(self.files.folder / generation)

    def languages(self) -> tuple[str, ...]:
        opened = self.files.opened()
        return (ENGLISH,) if opened is None else opened.languages

    def rebuild(self, documents: Iterable[Documents]) -> None:
        self.files.rebuild(documents)

    def replace(self, documents: Iterable[Documents]) -> None:
        self.files.replace(documents)

    @_readable
    def find(self, request: Request) -> Found:
        opened = self.files.opened()
        if opened is None:
            return Found(0, None, (), {})
        searcher = opened.records.searcher()
        compiled = _asked(opened, request)
        order = ORDERS[request.sort]
        results = searcher.search(
            compiled.query, limit=request.limit, offset=request.offset, **order
        )
        total = _total(results)
        keyed = [(0.0 if order else float(key), address) for key, address in results.hits]
        passages = _count_places(opened, compiled, searcher, total)
        return Found(total, passages, _records(searcher, keyed), _facets(searcher, compiled))

    @_readable
    def count(self, request: Request) -> int:
        opened = self.files.opened()
        if opened is None:
            return 0
        return _count(opened.records.searcher(), _asked(opened, request).query)

    @_readable
    def held(self, records: Iterable[int], audience: Audience) -> tuple[FoundRecord, ...]:
        opened = self.files.opened()
        numbers = list(records)
        if opened is None or not numbers:
            return ()
        compiler = _compiler(opened, opened.records)
        query = must(compiler.numbered(numbers), compiler.audience(audience))
        searcher = opened.records.searcher()
        return _records(searcher, searcher.search(query, limit=len(numbers)).hits)

    @_readable
    def places(self, request: Request, *, records: Iterable[int], limit: int) -> dict[int, Places]:
        opened = self.files.opened()
        leaves = list(sought(request.tree))
        if opened is None or not leaves:
            return {}
        compiler = _compiler(opened, opened.passages)
        searcher = opened.passages.searcher()
        shared = [
            (Occur.Must, either(compiler.leaf(leaf) for leaf in leaves)),
            (Occur.Must, compiler.audience(request.audience)),
            (Occur.Should, Query.const_score_query(compiler.raw("kind", "text"), TEXT_BONUS)),
        ]
        # One query for each record, because the engine has no "best three of each group".
        totals, addresses = {}, {}
        for record in records:
            query = Query.boolean_query([(Occur.Must, compiler.numbered([record])), *shared])
            best = searcher.search(query, limit=limit)
            totals[record] = _total(best)
            addresses[record] = [address for _, address in best.hits]
        together = [address for best in addresses.values() for address in best]
        numbers = iter(searcher.fast_field_values("number", together) if together else [])
        return {
            record: Places(totals[record], tuple(int(next(numbers) or 0) for _ in best))
            for record, best in addresses.items()
        }

    @_readable
    def count_passages(self, audience: Audience, *, without: frozenset[int]) -> int:
        opened = self.files.opened()
        if opened is None:
            return 0
        compiler = _compiler(opened, opened.passages)
        clauses = [(Occur.Must, compiler.audience(audience))]
        if without:
            clauses.append((Occur.MustNot, compiler.numbered(without)))
        return _count(opened.passages.searcher(), Query.boolean_query(clauses))

    @_readable
    def like(self, word: str, audience: Audience) -> list[str]:
        opened = self.files.opened()
        folded = forms(word)[0]
        if opened is None or len(folded) < LIKE_SHOWN:
            return []
        # Only words the audience may see: a suggestion must not reveal a word of a hidden report.
        seen = _compiler(opened, opened.records).audience(audience)
        terms = opened.records.searcher().terms_with_prefix(
            EXACT, folded[:1], filter_query=seen, limit=LIKE_WORDS
        )
        known = [term for term, records in terms if records > 0]
        return difflib.get_close_matches(folded, known, n=LIKE_SHOWN, cutoff=LIKE_ENOUGH)


def _compiler(opened: Opened, level: Index) -> Compiler:
    return Compiler(level.schema, opened.languages, opened.timed)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request with its compiled query. base: the query without the selections."""

    request: Request
    compiler: Compiler
    base: tuple[tuple[Occur, Query], ...]
    query: Query

    def but(self, facet: str) -> Query:
        """The query without the selection of one facet."""
        return _narrowed(self.base, self.compiler.selections(self.request.selections, but=facet))


def _asked(opened: Opened, request: Request) -> _Asked:
    compiler = _compiler(opened, opened.records)
    clauses = [(Occur.Must, compiler.audience(request.audience))]
    if request.tree is not None:
        clauses.append((Occur.Must, compiler.described(request.tree)))
    if request.without:
        clauses.append((Occur.MustNot, compiler.numbered(request.without)))
    base = tuple(clauses)
    query = _narrowed(base, compiler.selections(request.selections))
    return _Asked(request, compiler, base, query)


def _narrowed(base: tuple[tuple[Occur, Query], ...], selections: list[Query]) -> Query:
    return Query.boolean_query([*base, *((Occur.Must, selection) for selection in selections)])


def _records(
    searcher: Searcher, hits: Sequence[tuple[float, DocAddress]]
) -> tuple[FoundRecord, ...]:
    """The records at these addresses, with their scores."""
    addresses = [address for _, address in hits]
    numbers = searcher.fast_field_values("number", addresses) if addresses else []
    return tuple(
        FoundRecord(int(number or 0), _numbers(searcher.doc(address).get_first("reports")), score)
        for (score, address), number in zip(hits, numbers, strict=True)
    )


def _facets(searcher: Searcher, compiled: _Asked) -> dict[str, tuple[tuple[str, int], ...]]:
    """Counts of every facet: one pass for all without a selection, one for each other.

    Example: kind = tool is chosen. Year and nation are counted among tools; kind is counted as if
    nothing were chosen, so that readers see how many records another kind has.
    """
    chosen = [facet for facet in FACETS if compiled.request.selections.get(facet)]
    counts = _count_values(searcher, compiled.query, [f for f in FACETS if f not in chosen])
    for facet in chosen:
        counts |= _count_values(searcher, compiled.but(facet), [facet])
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


def _count_places(opened: Opened, compiled: _Asked, searcher: Searcher, total: int) -> int | None:
    """The number of passages with any of the words in matching records; None if not counted."""
    request = compiled.request
    leaves = list(sought(request.tree))
    if not leaves:
        return None
    compiler = _compiler(opened, opened.passages)
    clauses = [
        (Occur.Must, filtering(either(compiler.leaf(leaf) for leaf in leaves))),
        (Occur.Must, compiler.audience(request.audience)),
    ]
    if not _any_word_will_do(request):
        if total > COUNTED_RECORDS:
            return None
        results = searcher.search(compiled.query, limit=max(total, 1), count=False)
        numbers = searcher.fast_field_values("number", [address for _, address in results.hits])
        clauses.append((Occur.Must, compiler.numbered(int(number or 0) for number in numbers)))
    elif request.without:
        clauses.append((Occur.MustNot, compiler.numbered(request.without)))
    return _count(opened.passages.searcher(), Query.boolean_query(clauses))


def _any_word_will_do(request: Request) -> bool:
    """True if every passage with one of the words is in a matching record.

    So for heron OR otter, but not for heron otter: there a record with heron alone is no match.
    """
    tree = request.tree
    parts = tree.parts if isinstance(tree, Or) else (tree,)
    plain = all(
        isinstance(part, Word | Prefix | Phrase)
        or (isinstance(part, Broadened) and isinstance(part.typed, Word))
        for part in parts
    )
    return plain and not any(request.selections.values())


class _Counted(Protocol):
    """The attribute of a search result that is missing from Tantivy's type stubs."""

    count: int | None


def _total(result: SearchResult) -> int:
    return cast(_Counted, result).count or 0


def _count(searcher: Searcher, query: Query) -> int:
    """Count the documents of a query by an aggregation, which is fast because it scores nothing."""
    counted = searcher.aggregate(query, {"found": {"value_count": {"field": "number"}}})
    return int(counted["found"]["value"])


def _numbers(stored: object) -> tuple[int, ...]:
    return tuple(int(number) for number in str(stored or "").split())
