"""Feeds on the administrator's list: added, leased for a fetch, and what each fetch gave."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts.models import FeedSource
from waymark.alerts.queries.candidates import MANAGE
from waymark.alerts.queries.issues import EDIT
from waymark.core.errors import RuleError

EVERY = timedelta(hours=6)
LEASE = timedelta(minutes=10)
"""Longer than one fetch may take."""
LONGEST_PAUSE = timedelta(days=7)
MOST_SOURCES = 200


@audit.serialized
def add_source(*, by: Actor, name: str, address: str, now: datetime, topic: str = "") -> FeedSource:
    """Put a feed on the list; it is fetched next. Raises NotPermitted, RuleError."""
    require_permission(by, MANAGE)
    name, address = " ".join(name.split()), address.strip()
    if not name:
        raise RuleError("enter a name")
    _check_address(address)
    listed = FeedSource.objects.filter(ended_at=None)
    if listed.filter(address=address).exists():
        raise RuleError("this feed is already on the list")
    if listed.count() >= MOST_SOURCES:
        raise RuleError(f"the list has {MOST_SOURCES} feeds, the most: remove one first")
    source = FeedSource.objects.create(
        name=name,
        address=address,
        topic=" ".join(topic.split()),
        added_at=now,
        added_by=by if isinstance(by, User) else None,
        next_at=now,
    )
    audit.record_about(by, "add feed", source, now, address=address)
    return source


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise RuleError(
            "the address is not valid: copy it from the page of the publisher"
        ) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise RuleError("the address must begin with https:// or http://")
    if parts.username or parts.password:
        raise RuleError("the address must not contain a user name or a password")
    if len(address) > 1_000:
        raise RuleError("the address must have 1,000 characters or fewer")


@audit.serialized
def end_source(*, by: Actor, source: FeedSource, now: datetime) -> None:
    """Take a feed off the list; its candidates stay. Once is enough."""
    require_permission(by, MANAGE)
    if FeedSource.objects.filter(pk=source.pk, ended_at=None).update(ended_at=now, next_at=None):
        audit.record_about(by, "remove feed", source, now)


@audit.serialized
def retry_source(*, by: Actor, source: FeedSource, now: datetime) -> None:
    """Let a feed be fetched next, and in full."""
    require_permission(by, MANAGE)
    rows = FeedSource.objects.filter(pk=source.pk, ended_at=None)
    if rows.update(next_at=now, etag="", last_modified=""):
        audit.record_about(by, "fetch feed again", source, now)


@audit.serialized
def fetch_soon(*, by: Actor, now: datetime) -> int:
    """Let every feed that has not ended be fetched next; return how many. Raises NotPermitted."""
    require_permission(by, EDIT)
    number = FeedSource.objects.filter(ended_at=None, next_at__isnull=False).update(next_at=now)
    audit.record_entry(
        actor=by, action="fetch feeds", subject="feed sources", now=now, feeds=number
    )
    return number


# ---- the worker ----


def lease_source(*, now: datetime) -> FeedSource | None:
    """The feed that has been due longest, reserved for the caller until the lease ends."""
    if not FeedSource.objects.filter(ended_at=None, next_at__lte=now).exists():
        return None
    return _lease_next(now)


@audit.serialized
def _lease_next(now: datetime) -> FeedSource | None:
    due = FeedSource.objects.select_for_update(skip_locked=True, of=("self",))
    source = due.filter(ended_at=None, next_at__lte=now).order_by("next_at", "pk").first()
    if source is not None:
        source.next_at = now + LEASE
        source.save(update_fields=["next_at"])
    return source


@audit.serialized
def note_read(
    *, source: FeedSource, etag: str, last_modified: str, now: datetime, moved_to: str = ""
) -> None:
    """Store that a feed was read, or has not changed. moved_to: its new address, for a person."""
    _store(
        source,
        etag=etag[:300],
        last_modified=last_modified[:100],
        read_at=now,
        failures=0,
        problem=f"it has moved to {moved_to}"[:500] if moved_to else "",
        remedy="Add the new address, then remove this one." if moved_to else "",
        next_at=now + EVERY,
    )


@audit.serialized
def note_problem(
    *, source: FeedSource, problem: str, remedy: str, final: bool, now: datetime
) -> None:
    """Store why a feed could not be read. Each failure doubles the pause; after a final one, such
    as 410 Gone, the feed waits for a person."""
    pause = min(EVERY * 2 ** min(source.failures, 10), LONGEST_PAUSE)
    _store(
        source,
        failures=source.failures + 1,
        problem=problem[:500],
        remedy=remedy[:500],
        next_at=None if final else now + pause,
    )


def _store(source: FeedSource, **values: object) -> None:
    for name, value in values.items():
        setattr(source, name, value)
    # A feed that was taken off the list during the fetch stays off it.
    FeedSource.objects.filter(pk=source.pk, ended_at=None).update(**values)
