"""Write locks of PostgreSQL, one for each stage, so that different work is saved side by side.

Example: Ann codes a passage, Ben catalogues a book, Eve signs in. Ann's service locks coding for
itself and shares documents and frameworks, which it reads; Ben's locks library for itself and
shares documents; Eve's locks accounts. None waits for another. A service that withdraws a report
locks documents for itself: it waits for Ann and Ben, and whoever comes next waits for it, so nobody
codes a report that is being withdrawn.

Locks are always taken in the order of STAGES, so there is no deadlock: of two services that wait,
the one that has the highest lock waits for nobody below it. A nested service therefore cannot take
a lock that the outermost one did not; it fails on every database, also where nothing is locked.

SQLite has a single writer (transaction_mode IMMEDIATE) and needs no other lock.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

STAGES = (
    "accounts",
    "mail",
    "documents",
    "frameworks",
    "bodies",
    "coding",
    "profiles",
    "recommendations",
    "overview",
    "publishing",
    "datasets",
    "library",
    "briefings",
    "alerts",
    "enquiries",
    "indicators",
    "training",
    "data_access",
)
"""The stages that write, from the lowest to the highest: the order in which locks are taken."""
READS = {
    "bodies": ("documents",),
    "coding": ("documents", "frameworks"),
    "profiles": ("documents", "frameworks", "coding"),
    "recommendations": ("documents", "bodies", "frameworks", "coding"),
    "overview": ("documents", "bodies", "frameworks", "coding", "profiles", "recommendations"),
    "publishing": ("documents", "frameworks", "overview"),
    "datasets": ("documents", "publishing"),
    "library": ("documents",),
    "briefings": ("documents", "overview", "publishing", "library"),
    "enquiries": ("documents", "publishing", "library"),
    "indicators": ("publishing",),
    "data_access": ("publishing",),
}
"""Stages whose rows the services of a stage check before they write.

Never accounts: a role withdrawn meanwhile counts from the next request, and a sign-in waits for
nobody's work. Publishing reads frozen copies of codings, and the library only indexes them.
"""
_NUMBER = 1784
"""First key of PostgreSQL's advisory locks; the second is the stage. Nothing else uses it."""
_AUDIT_LOCK = len(STAGES)


@dataclass(frozen=True, slots=True)
class StageLocks:
    """The stages that a service writes (exclusive) and those that it only reads (shared)."""

    exclusive: frozenset[str]
    shared: frozenset[str]

    @classmethod
    def writing(cls, stages: Iterable[str], reading: Iterable[str] = ()) -> "StageLocks":
        """Locks to write some stages, with all that their services read."""
        exclusive = frozenset(stages)
        read = {name for stage in exclusive for name in READS.get(stage, ())}
        unknown = (exclusive | set(reading)) - set(STAGES)
        if unknown:
            raise ValueError(f"these are no stages: {', '.join(sorted(unknown))}")
        return cls(exclusive, frozenset(read | set(reading)) - exclusive)

    @classmethod
    def of_module(cls, module: str) -> "StageLocks":
        """Locks of a service by its module; one that belongs to no stage writes all of them."""
        stage = stage_of_module(module)
        return cls.writing([stage] if stage else STAGES)

    def cover(self, other: "StageLocks") -> bool:
        """True if a service with these locks can call one that needs the others."""
        readable = self.exclusive | self.shared
        return other.exclusive <= self.exclusive and other.shared <= readable

    def acquire(self) -> None:
        """Take the locks until the end of the transaction, from the lowest stage upwards."""
        for number, stage in enumerate(STAGES):
            if stage in self.exclusive:
                _lock(number)
            elif stage in self.shared:
                _lock(number, "_shared")


def stage_of_module(module: str) -> str | None:
    """The stage that a module belongs to; None for the pipeline and all above it."""
    stage = module.partition("waymark.")[2].partition(".")[0]
    return stage if stage in STAGES else None


def lock_audit_log() -> None:
    """Take the last lock: entries of the log and lines of the journal are written in one order.

    It is held until the commit, because the next entry contains the hash of this one.
    """
    _lock(_AUDIT_LOCK)


def _lock(number: int, mode: str = "") -> None:
    if connection.vendor != "postgresql":
        return
    # One statement each: the order within a statement is up to the database.
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{mode}(%s, %s)", [_NUMBER, number])
