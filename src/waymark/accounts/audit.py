"""Append-only record of every change: each entry holds the hash of the one before.

A chain alone does not stop someone who rewrites all of it; that is why the head is printed by
`waymark doctor`, to be kept elsewhere. The database refuses updates and deletes by trigger.

A chain has one end, so changes are made one after another: see in_turn.
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
"""The number of PostgreSQL's advisory lock: any number that nothing else in the database uses."""


def in_turn(service: Callable[P, R]) -> Callable[P, R]:
    """A service as one transaction that waits until no other such transaction is under way.

    What it asks stays true until it has written, and two that need the same rows cannot wait for
    each other. SQLite does so by itself (transaction_mode IMMEDIATE); PostgreSQL by a lock that is
    held to the end of the outermost transaction.
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic(), _turn():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])
            return service(*args, **kwargs)

    return run


class _Pending(threading.local):
    """What before_commit() was given. depth: how many services of in_turn are under way."""

    def __init__(self) -> None:
        self.depth = 0
        self.callbacks: list[Callable[[], None]] = []


_pending = _Pending()


@contextmanager
def _turn() -> Iterator[None]:
    """One service: what it left for the end is dropped with it, or done at the outermost end."""
    before = len(_pending.callbacks)
    _pending.depth += 1
    try:
        yield
        while _pending.depth == 1 and _pending.callbacks:
            _pending.callbacks.pop(0)()
    except BaseException:
        del _pending.callbacks[before:]
        raise
    finally:
        _pending.depth -= 1


def before_commit(run: Callable[[], None]) -> None:
    """Do something in the transaction when the outermost service of in_turn has succeeded.

    For what has to be on the disk before the database says so, and not where a service refuses.
    Outside of such services it is done at once.
    """
    if _pending.depth == 0:
        run()
    else:
        _pending.callbacks.append(run)


def _digest(entry: AuditEntry) -> str:
    said = {
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "previous": entry.previous,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@in_turn
def record(*, actor: Actor, action: str, subject: str, now: datetime, **detail: Any) -> AuditEntry:
    """Append one entry, in the caller's transaction. actor None: the operator."""
    name = (actor.get_username() or "visitor") if actor is not None else "operator"
    entry = AuditEntry(
        at=now, actor=name, action=action, subject=subject, detail=detail, previous=head()
    )
    entry.digest = _digest(entry)
    entry.save(force_insert=True)
    return entry


def head() -> str:
    """The hash of the last entry; kept outside, it shows whether the whole chain was rewritten."""
    return AuditEntry.objects.order_by("-pk").values_list("digest", flat=True).first() or FIRST


def broken_links() -> list[int]:
    """Numbers of the entries whose hash or link is wrong; empty when the record is whole."""
    wrong, previous = [], FIRST
    for entry in AuditEntry.objects.order_by("pk").iterator():
        if entry.previous != previous or entry.digest != _digest(entry):
            wrong.append(entry.pk)
        previous = entry.digest
    return wrong
