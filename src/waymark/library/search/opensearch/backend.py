"""The search backend for more than one machine: an OpenSearch cluster."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from waymark.core.executor import HERE, Executor
from waymark.library.language.languages import ENGLISH
from waymark.library.search.index_search import IndexSearch
from waymark.library.search.index_values import PUBLIC, STAFF
from waymark.library.search.opensearch.cluster import Cluster, ClusterOptions, IndexMissing
from waymark.library.search.opensearch.generations import ClusterGenerations, Replay
from waymark.library.search.opensearch.level import OpenSearchLevel
from waymark.library.search.protocol import (
    BestPassages,
    IndexDocuments,
    IndexMatch,
    IndexQuery,
    IndexResults,
    PassageResults,
    RebuildProgress,
    SearchAudience,
    SearchBackend,
)

R = TypeVar("R")
LANGUAGES_SECONDS = 10
"""So long a process remembers which languages there are, where another one writes."""


@lru_cache(maxsize=8)
def index_in_cluster(options: ClusterOptions) -> SearchBackend:
    """The index in a cluster; one per process, so that its connections stay open."""
    return OpenSearchIndex(options)


class OpenSearchIndex:
    """SearchBackend on OpenSearch. Every method raises ServiceUnavailable without the cluster."""

    def __init__(self, options: ClusterOptions) -> None:
        cluster = Cluster(options)
        self.generations = ClusterGenerations(cluster)
        self.searches = {staff: _search_of(cluster, staff=staff) for staff in (True, False)}

    def _forget(self) -> None:
        for search in self.searches.values():
            search.remembered.clear()

    def ready(self) -> bool:
        return self.generations.current() is not None

    def faults(self) -> Iterator[str]:
        generation = self.generations.current()
        if generation is not None:
            yield from self.generations.faults(generation)

    def languages(self, audience: SearchAudience) -> tuple[str, ...]:
        return self._unless_missing(lambda: self._search(audience).languages(audience), (ENGLISH,))

    def rebuild(
        self,
        parts: Sequence[Iterable[IndexDocuments]],
        *,
        executor: Executor = HERE,
        total: int = 0,
        replayed: Replay | None = None,
    ) -> None:
        self.generations.rebuild(parts, executor=executor, total=total, replayed=replayed)
        self._forget()

    def progress(self) -> RebuildProgress | None:
        return self.generations.progress()

    def replace(self, documents: Iterable[IndexDocuments]) -> None:
        self.generations.replace(documents)
        self._forget()

    def find(self, request: IndexQuery) -> IndexResults:
        nothing = IndexResults(0, None, (), {})
        return self._unless_missing(lambda: self._search(request.audience).find(request), nothing)

    def count(self, request: IndexQuery) -> int:
        return self._unless_missing(lambda: self._search(request.audience).count(request), 0)

    def indexed(self, records: Iterable[int], audience: SearchAudience) -> tuple[IndexMatch, ...]:
        return self._unless_missing(lambda: self._search(audience).indexed(records, audience), ())

    def best_passages(
        self, request: IndexQuery, *, records: Iterable[int], limit: int
    ) -> dict[int, BestPassages]:
        return self._unless_missing(
            lambda: self._search(request.audience).best_passages(
                request, records=records, limit=limit
            ),
            {},
        )

    def find_passages(
        self, request: IndexQuery, *, records: Iterable[int] | None = None
    ) -> PassageResults:
        return self._unless_missing(
            lambda: self._search(request.audience).find_passages(request, records=records),
            PassageResults(0),
        )

    def count_passages(self, audience: SearchAudience, *, without: frozenset[int]) -> int:
        return self._unless_missing(
            lambda: self._search(audience).count_passages(audience, without=without), 0
        )

    def similar_words(self, word: str, audience: SearchAudience) -> list[str]:
        return self._unless_missing(
            lambda: self._search(audience).similar_words(word, audience), []
        )

    def _search(self, audience: SearchAudience) -> "ClusterSearch":
        return self.searches[audience.staff]

    def _unless_missing(self, search: Callable[[], R], nothing: R) -> R:
        """What a search finds; nothing without an index of this version."""
        try:
            return search()
        except IndexMissing:
            return nothing


@dataclass(frozen=True)
class ClusterSearch(IndexSearch[dict[str, Any]]):
    """Searches in the cluster. Each asks three times for the languages, so they are remembered.

    remembered: minute of the audience -> when it was asked for, and the languages.
    """

    remembered: dict[datetime, tuple[float, tuple[str, ...]]] = field(default_factory=dict)

    def languages(self, audience: SearchAudience) -> tuple[str, ...]:
        minute, now = audience.now.replace(second=0, microsecond=0), time.monotonic()
        asked, languages = self.remembered.get(minute, (0.0, ()))
        if not languages or now - asked > LANGUAGES_SECONDS:
            languages = super().languages(audience)
            if minute not in self.remembered:  # of one minute at a time
                self.remembered.clear()
            self.remembered[minute] = now, languages
        return languages


def _search_of(cluster: Cluster, *, staff: bool) -> ClusterSearch:
    """The search of staff or of the public."""
    start = f"{cluster.options.prefix}-{STAFF if staff else PUBLIC}"
    records = OpenSearchLevel(cluster, f"{start}_records", ("number", "reports"))
    passages = OpenSearchLevel(cluster, f"{start}_passages", ("number", "of_record"))
    return ClusterSearch(records, passages)
