"""The level of records or passages of a Tantivy index, and its queries."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, cast

from tantivy import DocAddress, FieldType, Index, Occur, Order, Query, SearchResult

from waymark.library.search.engine import FacetValues, FoundDocuments, Hit, facet_values
from waymark.library.search.index_values import EXACT, report_numbers
from waymark.library.search.protocol import IndexMatch, Sort

VALUES_OF_A_FACET = 1_000
ORDERS: dict[Sort, dict[str, Any]] = {
    "relevance": {},
    "newest": {"order_by_field": "order", "order": Order.Desc},
    "oldest": {"order_by_field": "order", "order": Order.Asc},
    "title": {"order_by_field": "title_order", "order": Order.Asc},
    "added": {"order_by_field": "added", "order": Order.Desc},
}


class TantivyQueries:
    """QueryFactory for an index."""

    def __init__(self, index: Index) -> None:
        self.schema = index.schema

    def term(self, field: str, value: str | int) -> Query:
        return Query.term_query(self.schema, field, value)

    def raw(self, field: str, value: str) -> Query:
        return Query.term_query(self.schema, field, value, index_option="basic")

    def any_raw(self, field: str, values: Sequence[str]) -> Query:
        return Query.term_set_query(self.schema, field, list(values))

    def phrase(self, field: str, terms: Sequence[str], slop: int) -> Query:
        return Query.phrase_query(self.schema, field, list(terms), slop=slop)

    def prefix(self, field: str, letters: str) -> Query:
        # Folded words are letters, digits and apostrophes: nothing to escape in a pattern.
        return Query.regex_query(self.schema, field, f"{letters}.*")

    def between(self, field: str, first: int | None, last: int | None) -> Query:
        return Query.range_query(self.schema, field, FieldType.Integer, first, last)

    def every(self) -> Query:
        return Query.all_query()

    def boolean(
        self,
        *,
        must: Iterable[Query] = (),
        should: Iterable[Query] = (),
        must_not: Iterable[Query] = (),
    ) -> Query:
        occurring = ((Occur.Must, must), (Occur.Should, should), (Occur.MustNot, must_not))
        return Query.boolean_query(
            [(occur, query) for occur, queries in occurring for query in queries]
        )

    def best_of(self, queries: Sequence[Query]) -> Query:
        return Query.disjunction_max_query(list(queries))

    def boosted(self, query: Query, factor: float) -> Query:
        return Query.boost_query(query, factor)

    def scored(self, query: Query, score: float) -> Query:
        return Query.const_score_query(query, score)


class TantivyLevel(TantivyQueries):
    """EngineLevel as it was at the last reload of an index. Places are addresses of documents.

    marks: the values of the field `audience` of which each document of the index has one.
    """

    counts_at_once = False

    def __init__(self, index: Index, marks: Sequence[str]) -> None:
        super().__init__(index)
        self.searcher = index.searcher()
        self.marks = marks

    def totals(self, seen: Query) -> tuple[int, int]:
        # As BM25 counts: with the documents that are deleted and not yet merged away.
        every = sum(int(self.searcher.doc_freq("audience", mark)) for mark in self.marks)
        return self.counts([seen])[0], every

    def frequencies(self, words: Sequence[tuple[str, str]]) -> list[int]:
        return [int(self.searcher.doc_freq(field, term)) for field, term in words]

    def counts(self, queries: Sequence[Query]) -> list[int]:
        # An aggregation is fast because it scores nothing.
        count = {"found": {"value_count": {"field": "number"}}}
        counted = [self.searcher.aggregate(query, count) for query in queries]
        return [int(answer["found"]["value"]) for answer in counted]

    def words_beginning(
        self, letters: str, *, limit: int, seen: Query | None = None
    ) -> list[tuple[str, int]]:
        return self.searcher.terms_with_prefix(EXACT, letters, filter_query=seen, limit=limit)

    def search(
        self,
        query: Query,
        *,
        limit: int,
        offset: int = 0,
        sort: Sort = "relevance",
        counted: bool = True,
    ) -> FoundDocuments:
        order = ORDERS[sort]
        result = self.searcher.search(query, limit=limit, offset=offset, count=counted, **order)
        # The key of another order is no score.
        hits = [(0.0, place) for _, place in result.hits] if order else result.hits
        return FoundDocuments(_total(result) if counted else -1, hits)

    def values(self, field: str, places: Sequence[DocAddress]) -> tuple[int, ...]:
        numbers = self.searcher.fast_field_values(field, list(places))
        return tuple(int(number or 0) for number in numbers)

    def matches(self, hits: Sequence[Hit]) -> tuple[IndexMatch, ...]:
        places = [place for _, place in hits]
        numbers = self.values("number", places) if places else ()
        return tuple(
            IndexMatch(
                number,
                report_numbers(self.searcher.doc(place).get_first("reports")),
                float(score),
            )
            for (score, place), number in zip(hits, numbers, strict=True)
        )

    def facet_counts(self, query: Query, facets: Sequence[str]) -> dict[str, FacetValues]:
        terms = {facet: {"terms": {"field": facet, "size": VALUES_OF_A_FACET}} for facet in facets}
        counted = self.searcher.aggregate(query, terms)
        return {facet: facet_values(counted[facet]["buckets"]) for facet in facets}


class _CountedResult(Protocol):
    """The attribute of a search result that is missing from Tantivy's type stubs."""

    count: int | None


def _total(result: SearchResult) -> int:
    return cast(_CountedResult, result).count or 0
