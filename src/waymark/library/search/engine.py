"""What a search engine does for the library's search: make queries, count words, find documents.

An index has two levels, records and passages (protocol.py). An EngineLevel is one of them, open for
searching. The trees of queries are compiled to an engine's own queries (Q) by the same compiler for
every engine, from the same fields (index_values.py), so that engines find the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from waymark.library.search.protocol import IndexMatch, Sort

Q = TypeVar("Q")
FacetValues = tuple[tuple[str, int], ...]
"""Values of a facet with the number of records of each; largest number first, then by value."""
Hit = tuple[float, Any]
"""Score of a document and its place, by which an engine reads its fields."""


class QueryFactory(Protocol[Q]):
    """Maker of the queries of one engine. Scores are BM25 unless something else is written."""

    def term(self, field: str, value: str | int) -> Q:
        """Documents with this word in an analysed field, or this number."""

    def raw(self, field: str, value: str) -> Q:
        """Documents with exactly this value in a field that is not analysed."""

    def any_raw(self, field: str, values: Sequence[str]) -> Q:
        """Documents with one of these values in a field that is not analysed."""

    def phrase(self, field: str, terms: Sequence[str], slop: int) -> Q:
        """Documents with two or more adjacent words, or at most slop moves away from that."""

    def prefix(self, field: str, letters: str) -> Q:
        """Documents with a word that begins with these letters; score 1."""

    def between(self, field: str, first: int | None, last: int | None) -> Q:
        """Documents with a number from first to last, both included; None: no limit."""

    def every(self) -> Q:
        """All documents."""

    def boolean(
        self, *, must: Iterable[Q] = (), should: Iterable[Q] = (), must_not: Iterable[Q] = ()
    ) -> Q:
        """Documents that match all of must and none of must_not; scores add up.

        With must, should only adds scores; without it, one of should must match. Nothing matches
        where both are empty.
        """

    def best_of(self, queries: Sequence[Q]) -> Q:
        """Documents with any of the queries; the score is the best of theirs."""

    def boosted(self, query: Q, factor: float) -> Q:
        """The same documents, scores multiplied."""

    def scored(self, query: Q, score: float) -> Q:
        """The same documents, each with this score."""


class FoundDocuments(NamedTuple):
    """Documents that match. total: of all, -1 if not counted. hits: of one page, in order."""

    total: int
    hits: Sequence[Hit]


class EngineLevel(QueryFactory[Q], Protocol[Q]):
    """Records or passages of an index, open for searching."""

    counts_at_once: bool
    """True if each count is a request to another machine, so that they are asked for together."""

    def totals(self, seen: Q) -> tuple[int, int]:
        """The numbers of documents that match, and of all that BM25 counts."""

    def frequencies(self, words: Sequence[tuple[str, str]]) -> list[int]:
        """For each (field, term) the number of documents with it."""

    def counts(self, queries: Sequence[Q]) -> list[int]:
        """The number of documents that match each query."""

    def words_beginning(
        self, letters: str, *, limit: int, seen: Q | None = None
    ) -> list[tuple[str, int]]:
        """The commonest words of EXACT that begin so, each with its documents, most first.

        seen: count only documents that match; words of none of them may have the number 0.
        """

    def search(
        self,
        query: Q,
        *,
        limit: int,
        offset: int = 0,
        sort: Sort = "relevance",
        counted: bool = True,
    ) -> FoundDocuments:
        """One page of the documents that match. counted: False where the total is not needed."""

    def values(self, field: str, places: Sequence[Any]) -> tuple[int, ...]:
        """A number of the documents at these places."""

    def matches(self, hits: Sequence[Hit]) -> tuple[IndexMatch, ...]:
        """The records at these places, with their scores. Only of the level of records."""

    def facet_counts(self, query: Q, facets: Sequence[str]) -> dict[str, FacetValues]:
        """The values of facets among the records that match."""


def facet_values(buckets: Iterable[Mapping[str, Any]]) -> FacetValues:
    """The values of a facet from an aggregation: [{"key": "wales", "doc_count": 3}, ...]."""
    counted = ((str(bucket["key"]), int(bucket["doc_count"])) for bucket in buckets)
    return tuple(sorted(counted, key=lambda pair: (-pair[1], pair[0])))
