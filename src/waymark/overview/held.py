"""What is held in memory of snapshots: each is read once and counted once, and let go in time.

A snapshot never changes, so nothing of it goes stale. What a release shows depends on the profile
and on what was given out before; both are part of its name here.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock, RLock
from typing import Generic, TypeVar

from waymark.core.bulk import uncollected
from waymark.frameworks.queries import file_of, framework_called
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.facts import Facts
from waymark.overview.models import Snapshot
from waymark.overview.release import Provenance, Release, make_release, make_uncovered
from waymark.overview.snapshot import FrozenRows
from waymark.overview.snapshot_file import unpacked
from waymark.overview.spec import OverviewSpec, read_overview
from waymark.overview.uncovered import Uncovered

MOST_REVIEWS = 12_000
"""In all snapshots that a process holds, unless it is one alone: 10,000 take about 500 MiB."""
MOST_SNAPSHOTS = 16
MOST_RELEASES = 8
"""Of one snapshot."""


Made = TypeVar("Made")


class _Recent(Generic[Made]):
    """What was made of a snapshot by profile and ledger: the last few that were asked for."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, tuple[bytes, ...]], Made] = OrderedDict()

    def of(self, name: tuple[str, tuple[bytes, ...]], make: Callable[[], Made]) -> Made:
        """What is kept under a name, or made now."""
        if name not in self._kept:
            with uncollected():
                self._kept[name] = make()
        self._kept.move_to_end(name)
        if len(self._kept) > MOST_RELEASES:
            self._kept.popitem(last=False)
        return self._kept[name]


class Held:
    """One snapshot. Whoever asks for what is being read or counted waits for it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._working = RLock()
        self._rows: FrozenRows | None = None
        self._facts: Facts | None = None
        self._releases = _Recent[Release]()
        self._uncovered = _Recent[tuple[Uncovered, ...]]()

    @property
    def reviews(self) -> int:
        """How many it holds now; 0 before it was read."""
        return len(self._rows.reviews) if self._rows else 0

    def keep(self, rows: FrozenRows) -> None:
        """The rows as they have just been frozen, which then need not be read back."""
        with self._working:
            self._rows = rows

    def rows(self) -> FrozenRows:
        """The frozen rows."""
        with self._working:
            if self._rows is None:
                packed = Snapshot.objects.values_list("rows", flat=True).get(pk=self._snapshot.pk)
                with uncollected():
                    self._rows = unpacked(bytes(packed))
            return self._rows

    def facts(self) -> Facts:
        """The rows arranged for looking up, by the framework they were coded with."""
        with self._working:
            if self._facts is None:
                rows, _, framework = self._asked_for
                self._facts = Facts(rows, framework)
            return self._facts

    def release(self, profile: str, earlier: tuple[bytes, ...]) -> Release:
        """Counted, protected and drawn. earlier: the ledger of what was given out before."""
        with self._working:
            return self._releases.of((profile, earlier), lambda: self._made(profile, earlier))

    def uncovered(self, profile: str, earlier: tuple[bytes, ...]) -> tuple[Uncovered, ...]:
        """What such a release does not show: for those alone who may see what is withheld."""
        with self._working:
            return self._uncovered.of((profile, earlier), lambda: self._found(profile, earlier))

    @cached_property
    def _asked_for(self) -> tuple[FrozenRows, OverviewSpec, FrameworkFile]:
        """The spec was checked when it was frozen, by the rules of that day."""
        rows = self.rows()
        spec, _ = read_overview(self._snapshot.spec, file=f"{self._snapshot.overview.slug}.yaml")
        return rows, spec, file_of(framework_called(rows.framework))

    def _found(self, profile: str, earlier: tuple[bytes, ...]) -> tuple[Uncovered, ...]:
        return make_uncovered(*self._asked_for, profile=profile, earlier=earlier)

    def _made(self, profile: str, earlier: tuple[bytes, ...]) -> Release:
        snapshot = self._snapshot
        return make_release(
            *self._asked_for,
            profile=profile,
            provenance=Provenance(
                snapshot=snapshot.number,
                taken_at=snapshot.taken_at,
                sha256=snapshot.sha256,
                code_version=snapshot.code_version,
                framework_sha256=self.rows().framework_sha256,
            ),
            earlier=earlier,
        )


@dataclass(frozen=True, slots=True)
class _Name:
    """Of a snapshot; the hash and the time are there for databases that begin anew."""

    pk: int
    sha256: str
    taken_at: datetime


_all: OrderedDict[_Name, Held] = OrderedDict()
_choosing = Lock()


def held(snapshot: Snapshot) -> Held:
    """A snapshot as it is held; those asked for longest ago are let go where it gets too much."""
    name = _Name(snapshot.pk, snapshot.sha256, snapshot.taken_at)
    with _choosing:
        found = _all.pop(name, None) or Held(snapshot)
        _all[name] = found
        while len(_all) > 1 and _too_much():
            _all.popitem(last=False)
        return found


def _too_much() -> bool:
    return len(_all) > MOST_SNAPSHOTS or sum(one.reviews for one in _all.values()) > MOST_REVIEWS
