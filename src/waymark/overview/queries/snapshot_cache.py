"""LRU cache of snapshots in memory: each is read once, and what is made of it is made once.

A snapshot never changes, so nothing cached goes out of date. What a release shows depends on the
profile and on earlier releases too; both are part of its key here.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock, RLock
from typing import Any, Generic, TypeVar, cast

from waymark.core.gc_pause import gc_paused
from waymark.frameworks.queries import file_of, framework_called
from waymark.overview.models import Snapshot
from waymark.overview.snapshot.coded_reviews import CodedReviews
from waymark.overview.snapshot.file_format import unpack_rows
from waymark.overview.snapshot.rows import FrozenRows
from waymark.overview.spec.fitting import fitted_spec
from waymark.overview.spec.schema import OverviewSpec, read_overview

MOST_REVIEWS = 12_000
"""In all snapshots that a process caches, unless it is one alone: 10,000 take about 500 MiB."""
MOST_SNAPSHOTS = 16
MOST_RELEASES = 8
"""Of one snapshot."""
MOST_COUNTED = 64
"""Snapshots of which a process remembers the references of the counted reviews."""

Result = TypeVar("Result")
ReleaseKey = tuple[str, tuple[bytes, ...]]
"""A disclosure profile, and the ledger of earlier releases."""


@dataclass(frozen=True, slots=True)
class SnapshotContents:
    """Everything that a release of a snapshot is made from."""

    snapshot: Snapshot
    facts: CodedReviews
    spec: OverviewSpec


Maker = Callable[[SnapshotContents, str, tuple[bytes, ...]], Result]


class _RecentResults(Generic[Result]):
    """LRU cache of what one function made of a snapshot, by profile and ledger."""

    def __init__(self) -> None:
        self._results: OrderedDict[ReleaseKey, Result] = OrderedDict()

    def get(self, key: ReleaseKey, make: Callable[[], Result]) -> Result:
        """The cached result of a key, made now if there is none."""
        if key not in self._results:
            with gc_paused():
                self._results[key] = make()
        self._results.move_to_end(key)
        if len(self._results) > MOST_RELEASES:
            self._results.popitem(last=False)
        return self._results[key]


class CachedSnapshot:
    """One snapshot in memory. A thread that asks for what another is making waits for it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._working = RLock()
        self._rows: FrozenRows | None = None
        self._facts: CodedReviews | None = None
        self._results: dict[Maker[Any], _RecentResults[Any]] = {}

    @property
    def reviews(self) -> int:
        """The number of reviews in memory now; 0 before the rows were read."""
        return len(self._rows.reviews) if self._rows else 0

    def store_rows(self, rows: FrozenRows) -> None:
        """Cache rows that have just been frozen, so that they need not be read back."""
        # A second request for the same snapshot waits here and finds the rows read, instead of
        # unpacking them once more.
        with self._working:
            self._rows = rows

    def rows(self) -> FrozenRows:
        """The frozen rows."""
        with self._working:
            if self._rows is None:
                packed = Snapshot.objects.values_list("rows", flat=True).get(pk=self._snapshot.pk)
                with gc_paused():
                    self._rows = unpack_rows(bytes(packed))
            return self._rows

    def facts(self) -> CodedReviews:
        """The rows arranged for counting, by the framework they were coded with.

        They are arranged once, and every release of the snapshot is counted from the same.
        """
        with self._working:
            if self._facts is None:
                rows = self.rows()
                self._facts = CodedReviews.of_rows(rows, file_of(framework_called(rows.framework)))
            return self._facts

    def result_of(self, make: Maker[Result], profile: str, earlier: tuple[bytes, ...]) -> Result:
        """The result of a function of the snapshot, made once for each profile and ledger.

        earlier: the ledger of what was published before.
        """
        # An RLock, because the function may ask for rows or facts of the same snapshot. Other
        # snapshots are not blocked: the lock of the cache is held only while an entry is chosen.
        with self._working:
            recent = cast(
                "_RecentResults[Result]", self._results.setdefault(make, _RecentResults())
            )
            return recent.get((profile, earlier), lambda: make(self._contents, profile, earlier))

    @cached_property
    def _contents(self) -> SnapshotContents:
        """The specification was checked when it was frozen, by the rules of that day."""
        spec, _ = read_overview(self._snapshot.spec, file=f"{self._snapshot.overview.slug}.yaml")
        facts = self.facts()
        return SnapshotContents(self._snapshot, facts, fitted_spec(spec, facts.framework))


@dataclass(frozen=True, slots=True)
class _SnapshotKey:
    """Key of a snapshot; hash and time are there because databases are replaced by backups."""

    pk: int
    sha256: str
    taken_at: datetime


_cached_snapshots: OrderedDict[_SnapshotKey, CachedSnapshot] = OrderedDict()
_cache_lock = Lock()


def cached_snapshot(snapshot: Snapshot) -> CachedSnapshot:
    """The cache entry of a snapshot; those used longest ago are removed over the limits."""
    key = _SnapshotKey(snapshot.pk, snapshot.sha256, snapshot.taken_at)
    with _cache_lock:
        # Taken out and put back at the end: the dictionary is in the order of last use.
        entry = _cached_snapshots.pop(key, None) or CachedSnapshot(snapshot)
        _cached_snapshots[key] = entry
        # The newest stays even if it alone is over the limit: otherwise each page of a large
        # overview would unpack it again.
        while len(_cached_snapshots) > 1 and _over_limits():
            _cached_snapshots.popitem(last=False)
        return entry


_counted: OrderedDict[_SnapshotKey, frozenset[str]] = OrderedDict()


def counted_in(snapshot: Snapshot) -> frozenset[str]:
    """References of the reviews that a snapshot counts, without caching its rows.

    The page of each review asks for them, and the rows of a large snapshot fill the cache alone.
    """
    key = _SnapshotKey(snapshot.pk, snapshot.sha256, snapshot.taken_at)
    with _cache_lock:
        entry = _cached_snapshots.get(key)
        counted = _counted.pop(key, None)
    if counted is None:
        counted = (entry or CachedSnapshot(snapshot)).rows().counted
    with _cache_lock:
        _counted[key] = counted
        if len(_counted) > MOST_COUNTED:
            _counted.popitem(last=False)
    return counted


def _over_limits() -> bool:
    reviews = sum(entry.reviews for entry in _cached_snapshots.values())
    return len(_cached_snapshots) > MOST_SNAPSHOTS or reviews > MOST_REVIEWS
