"""Store protections of snapshots, so that no page waits for one.

The lease works as that of a check of tables. None of this changes any number, so nothing of it is
in the audit log.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from waymark.accounts import audit
from waymark.core.errors import RuleError
from waymark.overview.disclosure.protect import KeptProtection
from waymark.overview.disclosure.protection_file import refusal_to_bytes, to_bytes
from waymark.overview.models import PreparedRelease, Snapshot
from waymark.overview.queries.overviews import release_of
from waymark.overview.queries.prepared_releases import protection_key

LEASE = timedelta(minutes=30)
"""Longest time that a protection has taken, twice over."""


@audit.serialized
def lease_release(*, snapshot: Snapshot, key: str, now: datetime) -> PreparedRelease | None:
    """Lease a protection to the caller, who makes it; None if it is made or leased."""
    PreparedRelease.objects.get_or_create(snapshot=snapshot, key=key)
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    rows = PreparedRelease.objects.select_for_update(skip_locked=True, of=("self",))
    row = rows.filter(free, snapshot=snapshot, key=key, content=b"").first()
    if row is not None:
        row.lease_until = now + LEASE
        row.save(update_fields=["lease_until"])
    return row


def prepare_release(
    *, snapshot: Snapshot, profile: str, earlier: Sequence[bytes], now: datetime
) -> bool:
    """Protect a snapshot and store it, or the reason why it cannot be shown; False if one is there.

    earlier: the ledger. It is made without the write lock, which is taken only to store it.
    """
    row = lease_release(snapshot=snapshot, key=protection_key(snapshot, profile, earlier), now=now)
    if row is None:
        return False
    is_refused = False
    try:
        release = release_of(snapshot, profile, tuple(earlier))
    except RuleError as error:
        content, is_refused = refusal_to_bytes(error), True
    else:
        if release.entry is None:
            raise RuleError("a release under open is not prepared: its numbers are as counted")
        content = to_bytes(KeptProtection(release.tables, release.entry, release.opens))
    _store(row, content, is_refused=is_refused)
    return True


@audit.serialized
def _store(row: PreparedRelease, content: bytes, *, is_refused: bool) -> None:
    rows = PreparedRelease.objects.filter(pk=row.pk)
    rows.update(content=content, is_refused=is_refused, lease_until=None)


@audit.serialized
def drop_prepared(*, except_keys: Collection[str]) -> int:
    """Delete the protections that nothing needs any more; return their number."""
    number, _ = PreparedRelease.objects.exclude(key__in=except_keys).delete()
    return number
