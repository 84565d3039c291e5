"""Sessions of people who are signed in: how long they last, where they are, and how they end.

A session of staff ends after 30 minutes without a page and 12 hours after signing in, whichever is
first; one of a reader, as WAYMARK_READER_SESSION_HOURS says. Its row in Django's table ends when
it has been idle for that long. So when it was last used follows from the row, and keeping it alive
writes no session data, which a request at the same moment may be changing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.utils.crypto import salted_hmac

from waymark.accounts.models import Role, RoleGrant, User

LIMITS = "limits"
"""Key of the limits in the data of a session."""
STAFF_IDLE = timedelta(minutes=30)
STAFF_WHOLE = timedelta(hours=12)
NOTED_EACH = timedelta(minutes=1)
"""Least time between two notes that a session is in use."""
LOCK_WAIT_MS = 100
CONFIRMED = "confirmed_at"
"""Key of when the person signed in or entered the password again."""
FACTOR_ELSEWHERE = "factor_elsewhere"
"""Key of whether the organisation that signed the person in has asked for a second factor."""
FRESH = timedelta(minutes=10)
"""How long after that grave acts need no password."""


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that has not ended. mark: names it on pages and reveals nothing of its cookie.

    device: browser and system in words, "" if it did not say.
    """

    mark: str
    since: datetime
    seen: datetime
    device: str
    current: bool


# ---- limits ----


def new_limits(account: int | str, *, now: datetime, device: str = "") -> dict[str, Any]:
    """Limits of a session that begins now. account: primary key."""
    idle, whole = _durations(account)
    return {
        "since": now.isoformat(),
        "until": (now + whole).isoformat(),
        "idle": int(idle.total_seconds()),
        "device": device,
    }


def is_fresh(content: SessionBase, now: datetime) -> bool:
    """True if the person of a session proved who they are within FRESH."""
    confirmed = content.get(CONFIRMED)
    return confirmed is not None and now < datetime.fromisoformat(confirmed) + FRESH


def _durations(account: int | str) -> tuple[timedelta, timedelta]:
    """How long a session of an account may be idle, and how long it may last."""
    # Not User.roles, which a caller may have read before a change of roles.
    if RoleGrant.objects.filter(person_id=int(account)).exclude(role=Role.READER).exists():
        return STAFF_IDLE, STAFF_WHOLE
    hours = timedelta(hours=settings.READER_SESSION_HOURS)
    return hours, hours


def stays_open(row: Session, content: dict[str, Any], now: datetime) -> bool:
    """False for a session that is over; else note, each minute at most, that it is in use.

    content: decoded data of the row, to which a session of an earlier version gets its limits.
    """
    limits = content.get(LIMITS)
    if limits is None:
        content[LIMITS] = new_limits(content[SESSION_KEY], now=now)
        _update(row, now, content)
        return True
    if row.expire_date - now < timedelta(seconds=limits["idle"]) - NOTED_EACH:
        _note_use(row, content, now)
    return now < datetime.fromisoformat(content[LIMITS]["until"])


def _note_use(row: Session, content: dict[str, Any], now: datetime) -> None:
    """Move the end of an idle session; who has got other roles meanwhile gets their limits."""
    idle, whole = _durations(content[SESSION_KEY])
    limits = content[LIMITS]
    until = (datetime.fromisoformat(limits["since"]) + whole).isoformat()
    changed = {"idle": int(idle.total_seconds()), "until": until}
    if limits | changed == limits:
        _update(row, now, content, only_end=True)
    else:
        content[LIMITS] = limits | changed
        _update(row, now, content)


def _update(
    row: Session, now: datetime, content: Mapping[str, Any], *, only_end: bool = False
) -> None:
    values: dict[str, Any] = {"expire_date": now + timedelta(seconds=content[LIMITS]["idle"])}
    if not only_end:
        values["session_data"] = Session.objects.encode(dict(content))
    # Reading must not wait for an import that is writing: the next page notes the use.
    try:
        with _short_wait():
            Session.objects.filter(pk=row.pk).update(**values)
    except OperationalError:
        return
    row.expire_date = values["expire_date"]


@contextmanager
def _short_wait() -> Iterator[None]:
    """Wait for the write lock of SQLite for a moment only; PostgreSQL locks one row."""
    if connection.vendor != "sqlite":
        yield
        return
    usual = int(1_000 * connection.settings_dict["OPTIONS"].get("timeout", 5))
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {LOCK_WAIT_MS}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


# ---- lists and ends ----


def session_mark(key: str | None) -> str:
    """Keyed hash by which pages name a session: its own key would open it."""
    return salted_hmac("session", key or "", algorithm="sha256").hexdigest()[:32]


def live_sessions(person: User, *, now: datetime, current: str | None = None) -> list[LiveSession]:
    """Sessions of an account, the last used first. current: key of the one that asks."""
    rows = [
        _live_session(row, limits, now, current=current)
        for row, limits in _rows_of(person, now)
        if limits and now < datetime.fromisoformat(limits["until"])
    ]
    return sorted(rows, key=lambda row: (row.current, row.seen), reverse=True)


def _live_session(
    row: Session, limits: Mapping[str, Any], now: datetime, *, current: str | None
) -> LiveSession:
    seen = row.expire_date - timedelta(seconds=limits["idle"])
    return LiveSession(
        mark=session_mark(row.session_key),
        since=datetime.fromisoformat(limits["since"]),
        seen=min(seen, now),
        device=limits["device"],
        current=row.session_key == current,
    )


def _rows_of(person: User, now: datetime) -> Iterator[tuple[Session, dict[str, Any]]]:
    # Sessions store the account in encoded data, so the database cannot select them. There are as
    # many as people who are signed in, which is few.
    for row in Session.objects.filter(expire_date__gt=now).iterator():
        content = row.get_decoded()
        if content.get(SESSION_KEY) == str(person.pk):
            yield row, content.get(LIMITS, {})


def delete_sessions(
    person: User, *, now: datetime, mark: str | None = None, keep: str | None = None
) -> int:
    """End sessions of an account and return how many, in the caller's transaction.

    mark: of the one to end, None for all. keep: key of one that goes on.
    """
    ended = 0
    for row, _ in list(_rows_of(person, now)):
        if row.session_key != keep and mark in {None, session_mark(row.session_key)}:
            row.delete()
            ended += 1
    return ended
