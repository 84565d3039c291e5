"""Append-only audit log of every change; each entry contains the hash of the previous one.

A chain alone does not stop someone who rewrites all of it, so `waymark doctor` prints the last hash
for people to keep elsewhere. Database triggers refuse updates and deletes.

A chain has one end, so its entries are written one after another: at the end of each service, when
all its other work is done. Example: filing a deposit changes 30 rows and makes 12 entries; another
person's sign-in waits only while the 12 are inserted, not while the 30 are read and changed.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

from django.db import transaction

from waymark.accounts.models import AuditEntry, ContentState, StageState
from waymark.accounts.permissions import Actor
from waymark.accounts.stage_locks import STAGES, StageLocks, lock_audit_log, stage_of_module

P = ParamSpec("P")
R = TypeVar("R")

FIRST = "0" * 64
WITHOUT_EFFECT = frozenset(
    {
        *("sign in", "sign out", "end sessions", "invite", "ask for new password"),
        *("choose password by link", "change email address", "forget failed sign-ins"),
        *("add second factor", "renew recovery codes", "use recovery code", "remove second factor"),
        *("add passkey", "remove passkey", "refuse passkey", "refuse organisation sign-in"),
        *("link organisation account", "unlink organisation account"),
        *("save search", "rename search", "delete search", "export data"),
        *("begin sending alerts", "decide who receives alerts", "send alerts", "settle alerts"),
        *("count alerts as sent", "send alerts again", "see bounces"),
        *("sign up for alerts", "confirm alerts", "forget sign-ups", "change alerts"),
        *("request new address", "stop alerts", "stop undeliverable", "undo stop"),
        *("unsubscribe", "erase subscriber", "suppress address"),
        *("delete sessions", "erase sent emails", "erase contact"),
        *("withdraw coding", "write report memo", "mark read pages"),
        *("code", "judge", "suggest", "reject suggestion", "save text of overview"),
        *("reopen suggestion", "request suggestions", "draw sample", "answer sample"),
        *("ask for draft",),
        *("receive enquiry", "receive reply", "log call", "answer enquiry", "note on enquiry"),
        *("assign enquiry", "close enquiry", "mark enquiry as spam", "receive mail"),
        *("start literature search", "describe literature search", "copy literature search"),
        *("finish literature search", "reopen literature search", "run literature search"),
        *("add source to literature search", "remove source of literature search"),
        *("save strategy", "choose result", "note on results", "remove result"),
        *("add contact", "remove contact", "mail link to body", "enter by link", "forget links"),
        *("link failed", "link works again", "check link again"),
    }
)
"""Frequent actions that change nothing for any reader, so that what is cached stays: a coder's own
work is read by nobody else until it is settled, no page shows subscribers to readers, and what is
known of a link is read anew for each page. Any other action starts a new content state."""
BEFORE_PUBLICATION = frozenset(
    {
        *("upload", "close intake", "sweep", "store report", "look for identifiers"),
        *("answer possible identifiers", "answer public words", "look for hidden text"),
        *("propose reading", "reject reading", "decide on place", "fail to recognise page"),
        *("fail to use recognised words", "assign coder", "train suggester", "end suggester"),
        *("switch suggestions on", "switch suggestions off", "queue re-coding", "export codings"),
        *("open coding import", "change coding import", "close coding import"),
        *("drop coding import", "forget coding imports"),
    }
)
"""Actions that change what staff see and no row of the published data. Any other action starts a
new state of the stages that its service wrote."""


class _AuditedRecord(Protocol):
    def audit_subject(self) -> str: ...


def serialized(service: Callable[P, R]) -> Callable[P, R]:
    """Decorate a service to run as one transaction under the write lock of its stage.

    So its checks stay true until it has written. A service outside of the stages, as in
    waymark.pipeline, locks all of them: name the ones it needs by serialized_in.
    """
    return _with_locks(service, StageLocks.of_module(service.__module__))


def serialized_in(
    *stages: str, reading: tuple[str, ...] = ()
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a service that writes these stages, through their own services.

    reading: stages to read besides those that the services of the stages read.
    """
    locks = StageLocks.writing(stages, reading)
    return lambda service: _with_locks(service, locks)


def _with_locks(service: Callable[P, R], locks: StageLocks) -> Callable[P, R]:
    in_stage = stage_of_module(service.__module__) is not None

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with _service_transaction(locks, in_stage=in_stage):
            return service(*args, **kwargs)

    return run


class _RunningServices(threading.local):
    """Services of a thread that have not ended, one within another.

    locks: of the outermost one, None if none is running. entries: of the log, to be appended when
    it ends; callbacks: see before_commit(). changing: the last entry that may change what pages
    show, None if there was none; publishing: the last that may change the published data.
    innermost: locks of the service that runs now. written: stages in which services ran or made
    such entries.
    """

    def __init__(self) -> None:
        self.locks: StageLocks | None = None
        self.innermost: StageLocks | None = None
        self.written: set[str] = set()
        self.publishing: AuditEntry | None = None
        self.entries: list[AuditEntry] = []
        self.callbacks: list[Callable[[], None]] = []
        self.changing: AuditEntry | None = None


_running = _RunningServices()


@contextmanager
def _service_transaction(locks: StageLocks, *, in_stage: bool) -> Iterator[None]:
    """Run one service in a transaction; the outermost takes the locks and runs the callbacks.

    in_stage: False for the pipeline, whose services write through those of the stages.
    """
    outer, before = _running.locks, len(_running.callbacks)
    around = _running.innermost
    entries_before = len(_running.entries)
    if outer is not None and not outer.cover(locks):
        raise RuntimeError(
            f"a service that writes {sorted(outer.exclusive)} calls one that writes"
            f" {sorted(locks.exclusive)} and reads {sorted(locks.shared)}: see serialized_in"
        )
    # The transaction comes first: PostgreSQL releases the locks at its end, so the next service
    # starts only after this one has committed and sees all of its rows.
    with transaction.atomic():
        _running.locks, _running.innermost = outer or locks, locks
        if outer is None:
            _running.written.clear()
        if in_stage:
            _running.written |= locks.exclusive
        try:
            if outer is None:
                locks.acquire()
            yield
            if outer is None:
                _run_callbacks()
        except BaseException:
            # What outer services added stays: only what this one added is dropped.
            del _running.callbacks[before:]
            del _running.entries[entries_before:]
            _running.changing = _running.publishing = None
            raise
        finally:
            _running.locks, _running.innermost = outer, around


def _run_callbacks() -> None:
    if _running.entries or _running.callbacks:
        lock_audit_log()
    # A callback can add another and entries, so neither list is iterated over.
    while _running.entries or _running.callbacks:
        _append_entries()
        if _running.callbacks:
            _running.callbacks.pop(0)()
    _store_content_state()


def _store_content_state() -> None:
    """Store the state once for all entries of a service, and that of the stages it wrote."""
    entry, _running.changing = _running.changing, None
    if entry is not None:
        state = {"digest": entry.digest, "changed_at": entry.at}
        if not ContentState.objects.filter(pk=1).update(**state):
            ContentState.objects.create(**state)
    entry, _running.publishing = _running.publishing, None
    if entry is not None:
        StageState.objects.bulk_create(
            [StageState(stage, entry.digest) for stage in sorted(_running.written)],
            update_conflicts=True,
            unique_fields=["stage"],
            update_fields=["digest"],
        )


def before_commit(run: Callable[[], None]) -> None:
    """Run a callback in the transaction after the outermost service has succeeded.

    For entries of the audit log, and for files that must be on the disk before the commit, and not
    if a service fails. Outside of services the callback runs at once.
    """
    if _running.locks is None:
        run()
    else:
        _running.callbacks.append(run)


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


def record_entry(
    *, actor: Actor, action: str, subject: str, now: datetime, **detail: Any
) -> AuditEntry:
    """Append one entry when the outermost service ends, in its transaction.

    actor: None for the operator.
    """
    name = (actor.get_username() or "visitor") if actor is not None else "operator"
    entry = AuditEntry(at=now, actor=name, action=action, subject=subject, detail=detail)
    if _running.innermost is None:
        _append_alone(entry)
    else:
        _add_entry(entry, _running.innermost.exclusive)
    return entry


def _add_entry(entry: AuditEntry, stages: Iterable[str]) -> None:
    """Have an entry appended when the outermost service ends. stages: what it may be about."""
    _running.entries.append(entry)
    if _changes_published(entry):
        _running.written.update(stages)


def _changes_published(entry: AuditEntry) -> bool:
    return entry.action not in WITHOUT_EFFECT and entry.action not in BEFORE_PUBLICATION


@serialized_in()
def _append_alone(entry: AuditEntry) -> None:
    """Append an entry that no service has made: any stage may have changed."""
    _add_entry(entry, STAGES)


def record_about(
    by: Actor, action: str, record: _AuditedRecord, now: datetime, **detail: Any
) -> AuditEntry:
    """Append one entry about a record: see record_entry()."""
    return record_entry(actor=by, action=action, subject=record.audit_subject(), now=now, **detail)


def _append_entries() -> None:
    """Append the waiting entries to the log, by one statement: an import has hundreds of them."""
    entries, _running.entries = _running.entries, []
    if not entries:
        return
    previous = chain_head()
    for entry in entries:
        entry.previous = previous
        entry.digest = previous = _entry_digest(entry)
        if entry.action not in WITHOUT_EFFECT:
            _running.changing = entry
        if _changes_published(entry):
            _running.publishing = entry
    AuditEntry.objects.bulk_create(entries)


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
