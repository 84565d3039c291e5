"""The embedded search backend: Tantivy, for an installation on one machine."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from tantivy import Query

from waymark.core.errors import ServiceUnavailable
from waymark.core.executor import HERE, Executor
from waymark.library.language.languages import ENGLISH
from waymark.library.search.index_search import IndexSearch
from waymark.library.search.index_values import EPOCH, PUBLIC, STAFF, TIMED
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
from waymark.library.search.tantivy.fixity import damaged_files
from waymark.library.search.tantivy.index_files import (
    PARTS,
    IndexGenerations,
    unreadable_index,
)
from waymark.library.search.tantivy.level import TantivyLevel

ALL_AUDIENCES = tuple(SearchAudience(staff=staff, now=EPOCH) for staff in (True, False))

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
        search = self._search(audience)
        return (ENGLISH,) if search is None else search.languages(audience)

    def rebuild(
        self,
        parts: Sequence[Iterable[IndexDocuments]],
        *,
        executor: Executor = HERE,
        total: int = 0,
        replayed: Callable[[], Iterable[IndexDocuments]] | None = None,
    ) -> None:
        # Nothing to replay: no other process writes until the rebuild ends.
        self.files.rebuild(parts, executor=executor, total=total)

    def progress(self) -> RebuildProgress | None:
        return self.files.progress()

    def replace(self, documents: Iterable[IndexDocuments]) -> None:
        self.files.replace(documents)

    @_unavailable_if_damaged
    def find(self, request: IndexQuery) -> IndexResults:
        search = self._search(request.audience)
        return IndexResults(0, None, (), {}) if search is None else search.find(request)

    @_unavailable_if_damaged
    def count(self, request: IndexQuery) -> int:
        search = self._search(request.audience)
        return 0 if search is None else search.count(request)

    @_unavailable_if_damaged
    def indexed(self, records: Iterable[int], audience: SearchAudience) -> tuple[IndexMatch, ...]:
        search = self._search(audience)
        return () if search is None else search.indexed(records, audience)

    @_unavailable_if_damaged
    def best_passages(
        self, request: IndexQuery, *, records: Iterable[int], limit: int
    ) -> dict[int, BestPassages]:
        search = self._search(request.audience)
        return {} if search is None else search.best_passages(request, records=records, limit=limit)

    @_unavailable_if_damaged
    def find_passages(
        self, request: IndexQuery, *, records: Iterable[int] | None = None
    ) -> PassageResults:
        search = self._search(request.audience)
        if search is None:
            return PassageResults(0)
        return search.find_passages(request, records=records)

    @_unavailable_if_damaged
    def count_passages(self, audience: SearchAudience, *, without: frozenset[int]) -> int:
        search = self._search(audience)
        return 0 if search is None else search.count_passages(audience, without=without)

    @_unavailable_if_damaged
    def similar_words(self, word: str, audience: SearchAudience) -> list[str]:
        search = self._search(audience)
        return [] if search is None else search.similar_words(word, audience)

    def _search(self, audience: SearchAudience) -> IndexSearch[Query] | None:
        """The index of an audience as it is now; None if there is none."""
        opened = self.files.opened(audience)
        if opened is None:
            return None
        marks = (STAFF,) if audience.staff else (PUBLIC, TIMED)
        levels = TantivyLevel(opened.records, marks), TantivyLevel(opened.passages, marks)
        return IndexSearch(*levels, opened.timed)
