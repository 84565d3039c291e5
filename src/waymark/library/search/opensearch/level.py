"""The level of records or passages in a cluster, and its queries, which are JSON."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from waymark.library.search.engine import FacetValues, FoundDocuments, Hit, facet_values
from waymark.library.search.index_values import EXACT, report_numbers
from waymark.library.search.opensearch.cluster import Cluster
from waymark.library.search.opensearch.mapping import BEGINNINGS
from waymark.library.search.protocol import IndexMatch, Sort

Json = dict[str, Any]
VALUES_OF_A_FACET = 1_000
# Each shard names so many, so that the sums of several shards are right.
VALUES_OF_A_SHARD = 10_000
COUNTED_AT_ONCE = 500
BY_NUMBER = {"number": "asc"}
ORDERS: dict[Sort, list[Json]] = {
    # Documents of the same score come as an embedded index has them, which is written by number.
    "relevance": [{"_score": "desc"}, BY_NUMBER],
    "newest": [{"order": "desc"}, BY_NUMBER],
    "oldest": [{"order": "asc"}, BY_NUMBER],
    "title": [{"title_order": "asc"}, BY_NUMBER],
    "added": [{"added": "desc"}, BY_NUMBER],
}
NOTHING: Json = {"match_none": {}}


class OpenSearchQueries:
    """QueryFactory of OpenSearch's query language. BM25 is that of its version 2."""

    def term(self, field: str, value: str | int) -> Json:
        return {"term": {field: {"value": value}}}

    def raw(self, field: str, value: str) -> Json:
        return self.term(field, value)

    def any_raw(self, field: str, values: Sequence[str]) -> Json:
        return {"terms": {field: list(values)}}

    def phrase(self, field: str, terms: Sequence[str], slop: int) -> Json:
        return {"match_phrase": {field: {"query": " ".join(terms), "slop": slop}}}

    def prefix(self, field: str, letters: str) -> Json:
        return {"prefix": {field: {"value": letters}}}

    def between(self, field: str, first: int | None, last: int | None) -> Json:
        ends = {"gte": first, "lte": last}
        return {"range": {field: {end: value for end, value in ends.items() if value is not None}}}

    def every(self) -> Json:
        return {"match_all": {}}

    def boolean(
        self,
        *,
        must: Iterable[Json] = (),
        should: Iterable[Json] = (),
        must_not: Iterable[Json] = (),
    ) -> Json:
        required, optional, excluded = list(must), list(should), list(must_not)
        # The cluster takes a query without conditions as one for everything.
        if not required and not optional:
            return NOTHING
        clauses: Json = {"must": required, "should": optional, "must_not": excluded}
        clauses = {name: queries for name, queries in clauses.items() if queries}
        return {"bool": {**clauses, "minimum_should_match": 0 if required else 1}}

    def best_of(self, queries: Sequence[Json]) -> Json:
        return {"dis_max": {"queries": list(queries)}} if queries else NOTHING

    def boosted(self, query: Json, factor: float) -> Json:
        return {"bool": {"must": [query], "boost": factor}}

    def scored(self, query: Json, score: float) -> Json:
        return {"constant_score": {"filter": query, "boost": score}}


class OpenSearchLevel(OpenSearchQueries):
    """EngineLevel of an index. Places are the fields of the documents, as the cluster gives them.

    index: name or alias. numbers: the fields that values() and matches() read.
    """

    counts_at_once = True

    def __init__(self, cluster: Cluster, index: str, numbers: Sequence[str]) -> None:
        self.cluster = cluster
        self.index = index
        self.numbers = list(numbers)

    def totals(self, seen: Json) -> tuple[int, int]:
        body = {"size": 0, "track_total_hits": True, "aggs": {"seen": {"filter": seen}}}
        answer = self._ask(body)
        return answer["aggregations"]["seen"]["doc_count"], answer["hits"]["total"]["value"]

    def frequencies(self, words: Sequence[tuple[str, str]]) -> list[int]:
        return self.counts([self.term(field, term) for field, term in words])

    def counts(self, queries: Sequence[Json]) -> list[int]:
        return list(self._counts(queries))

    def _counts(self, queries: Sequence[Json]) -> Iterator[int]:
        for start in range(0, len(queries), COUNTED_AT_ONCE):
            filters = {"filters": {"filters": list(queries[start : start + COUNTED_AT_ONCE])}}
            answer = self._ask({"size": 0, "track_total_hits": False, "aggs": {"found": filters}})
            yield from (b["doc_count"] for b in answer["aggregations"]["found"]["buckets"])

    def words_beginning(
        self, letters: str, *, limit: int, seen: Json | None = None
    ) -> list[tuple[str, int]]:
        having = self.prefix(EXACT, letters)
        # Folded words are letters, digits and apostrophes: nothing to escape in a pattern.
        words = {
            "field": BEGINNINGS,
            "include": f"{letters}.*",
            "size": limit,
            "shard_size": VALUES_OF_A_SHARD,
            "order": [{"_count": "desc"}, {"_key": "asc"}],
        }
        query = having if seen is None else self.boolean(must=[having, seen])
        body = {"size": 0, "track_total_hits": False, "query": query}
        answer = self._ask({**body, "aggs": {"words": {"terms": words}}})
        buckets = answer["aggregations"]["words"]["buckets"]
        return [(bucket["key"], bucket["doc_count"]) for bucket in buckets]

    def search(
        self,
        query: Json,
        *,
        limit: int,
        offset: int = 0,
        sort: Sort = "relevance",
        counted: bool = True,
    ) -> FoundDocuments:
        body = {
            "query": query,
            "sort": ORDERS[sort],
            "from": offset,
            "size": limit,
            "track_total_hits": counted,
            "docvalue_fields": self.numbers,
        }
        answer = self._ask(body)["hits"]
        scored = sort == "relevance"
        hits = [(hit["sort"][0] if scored else 0.0, hit["fields"]) for hit in answer["hits"]]
        return FoundDocuments(answer["total"]["value"] if counted else -1, hits)

    def values(self, field: str, places: Sequence[Json]) -> tuple[int, ...]:
        return tuple(int(place[field][0]) for place in places)

    def matches(self, hits: Sequence[Hit]) -> tuple[IndexMatch, ...]:
        return tuple(
            IndexMatch(
                int(place["number"][0]), report_numbers(place.get("reports", [""])[0]), float(score)
            )
            for score, place in hits
        )

    def facet_counts(self, query: Json, facets: Sequence[str]) -> dict[str, FacetValues]:
        size = {"size": VALUES_OF_A_FACET, "shard_size": VALUES_OF_A_SHARD}
        terms = {facet: {"terms": {"field": facet, **size}} for facet in facets}
        answer = self._ask({"query": query, "size": 0, "track_total_hits": False, "aggs": terms})
        counted = answer["aggregations"]
        return {facet: facet_values(counted[facet]["buckets"]) for facet in facets}

    def _ask(self, body: Json) -> Json:
        # Copies of a shard differ in documents that are deleted but not yet gone, and so in scores:
        # one query asks the same copies for each of its pages.
        asked = json.dumps(body.get("query"), sort_keys=True).encode()
        params = {
            # Words are as rare as in the whole index, not as in the shard that has them.
            "search_type": "dfs_query_then_fetch",
            "preference": hashlib.sha256(asked).hexdigest()[:16],
            # A page without the records of a shard that failed would be taken as whole.
            "allow_partial_search_results": "false",
        }
        with self.cluster.asked() as client:
            answer: Json = client.search(index=self.index, body=body, params=params)
        return answer
