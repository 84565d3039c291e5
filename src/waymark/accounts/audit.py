"""Append-only audit log of every change; each entry contains the hash of the previous one.

A chain alone does not stop someone who rewrites all of it, so `waymark doctor` prints the last hash
for people to keep elsewhere. Database triggers refuse updates and deletes.

A chain has one end, so changes are made one after another: see serialized.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

from waymark.accounts.models import AuditEntry
from waymark.accounts.permissions import Actor

P = ParamSpec("P")
R = TypeVar("R")

FIRST = "0" * 64
_TURN = 1784
"""Number of PostgreSQL's advisory lock; nothing else in the database uses it."""


def serialized(service: Callable[P, R]) -> Callable[P, R]:
    """Decorate a service to run as one transaction under a global write lock.

    So its checks stay true until it has written, and two services cannot deadlock over the same
    rows. SQLite locks by itself (transaction_mode IMMEDIATE); on PostgreSQL an advisory lock is
    held until the end of the outermost transaction.
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        # The transaction comes first: PostgreSQL releases the advisory lock at its end, so the next
        # service starts only after this one has committed and sees all of its rows.
        with transaction.atomic(), _callbacks_of_service():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])
            return service(*args, **kwargs)

    return run


class _PendingCallbacks(threading.local):
    """Callbacks of before_commit(). depth: number of nested services of serialized."""

    def __init__(self) -> None:
        self.depth = 0
        self.callbacks: list[Callable[[], None]] = []


_pending = _PendingCallbacks()


@contextmanager
def _callbacks_of_service() -> Iterator[None]:
    """Run one service; its callbacks are dropped if it fails, else run after the outermost one."""
    before = len(_pending.callbacks)
    _pending.depth += 1
    try:
        yield
        # Only the outermost service runs the callbacks. A callback can add another, so pop from the
        # front until none is left rather than iterate over a copy.
        while _pending.depth == 1 and _pending.callbacks:
            _pending.callbacks.pop(0)()
    except BaseException:
        # Callbacks of outer services stay: only what this service added is dropped.
        del _pending.callbacks[before:]
        raise
    finally:
        _pending.depth -= 1


def before_commit(run: Callable[[], None]) -> None:
    """Run a callback in the transaction after the outermost service of serialized has succeeded.

    For files that must be on the disk before the commit, and not if a service fails. Outside of
    such services the callback runs at once.
    """
    if _pending.depth == 0:
        run()
    else:
        _pending.callbacks.append(run)


def _entry_digest(entry: AuditEntry) -> str:
    content = {
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "previous": entry.previous,
    }
    # Keys are sorted so that the same entry always has the same hash, whatever the order in which
    # the database returns the keys of a JSON column.
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@serialized
def record_entry(
    *, actor: Actor, action: str, subject: str, now: datetime, **detail: Any
) -> AuditEntry:
    """Append one entry in the caller's transaction. actor: None for the operator."""
    name = (actor.get_username() or "visitor") if actor is not None else "operator"
    entry = AuditEntry(
        at=now, actor=name, action=action, subject=subject, detail=detail, previous=chain_head()
    )
    entry.digest = _entry_digest(entry)
    entry.save(force_insert=True)
    return entry


def chain_head() -> str:
    """Hash of the last entry; a copy kept elsewhere reveals a rewritten chain."""
    return AuditEntry.objects.order_by("-pk").values_list("digest", flat=True).first() or FIRST


def broken_links() -> list[int]:
    """Numbers of the entries with a wrong hash or link; empty if the log is intact."""
    wrong, previous = [], FIRST
    for entry in AuditEntry.objects.order_by("pk").iterator():
        # The hash finds an edited entry, the link a deleted or inserted one.
        if entry.previous != previous or entry.digest != _entry_digest(entry):
            wrong.append(entry.pk)
        # Continue with the stored hash, so that one bad entry does not make all later ones bad.
        previous = entry.digest
    return wrong
