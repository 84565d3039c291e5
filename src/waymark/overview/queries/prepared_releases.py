"""Protections of snapshots that a worker has made, or is making."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from waymark import __version__
from waymark.overview.disclosure.protect import KeptProtection
from waymark.overview.disclosure.protection_file import FORMAT, from_bytes
from waymark.overview.models import PreparedRelease, Snapshot


def protection_key(snapshot: Snapshot, profile: str, earlier: Sequence[bytes]) -> str:
    """Hash of all that a protection depends on. earlier: the ledger."""
    parts = (FORMAT.encode(), __version__.encode(), snapshot.sha256.encode(), profile.encode())
    digests = (hashlib.sha256(part).digest() for part in (*parts, *earlier))
    return hashlib.sha256(b"".join(digests)).hexdigest()


def kept_protection(
    snapshot: Snapshot, profile: str, earlier: Sequence[bytes]
) -> KeptProtection | None:
    """The protection that a worker has made, None if it has not. Raises its RuleError."""
    if profile == "open":
        return None
    rows = PreparedRelease.objects.filter(
        snapshot=snapshot, key=protection_key(snapshot, profile, earlier)
    )
    content = rows.values_list("content", flat=True).first()
    return from_bytes(bytes(content), profile) if content else None


def is_being_prepared(
    snapshot: Snapshot, profile: str, earlier: Sequence[bytes], now: datetime
) -> bool:
    """True while a worker makes a protection: it will be there soon."""
    if profile == "open":
        return False
    key = protection_key(snapshot, profile, earlier)
    rows = PreparedRelease.objects.filter(snapshot=snapshot, key=key, content=b"")
    return rows.filter(lease_until__gt=now).exists()


def is_refused(snapshot: Snapshot, profile: str, earlier: Sequence[bytes]) -> bool:
    """True if a worker found that a snapshot cannot be shown under a profile."""
    key = protection_key(snapshot, profile, earlier)
    rows = PreparedRelease.objects.filter(snapshot=snapshot, key=key, is_refused=True)
    return rows.exists()


def is_prepared(snapshot: Snapshot, profile: str, earlier: Sequence[bytes]) -> bool:
    """True if a worker has made a protection, or the reason why there is none."""
    key = protection_key(snapshot, profile, earlier)
    return PreparedRelease.objects.filter(snapshot=snapshot, key=key).exclude(content=b"").exists()
