"""Checks of all tables: the queue, and their results.

The lease works as that of a scanned page: a check whose worker was killed is free again when its
lease has run out, and what the slow worker brings then is ignored. None of this changes any number,
so nothing of it is in the audit log.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import require_permission
from waymark.core.errors import RuleError
from waymark.overview.disclosure.protect import PROFILES
from waymark.overview.models import SpecVersion, TableCheck

LEASE = timedelta(minutes=15)
"""Time for one round of a check: each renews it."""
MOST_ATTEMPTS = 3
STOPPED = (
    "The check was stopped three times before it ended. Ask the person who runs this site whether"
    " its memory is enough, then check again."
)


@audit.serialized
def ask_check(*, by: User, version: SpecVersion, profile: str, now: datetime) -> TableCheck:
    """Queue the check of all tables of a version under a profile; one that waits stays as it is.

    Raises NotPermitted, RuleError for an unknown profile.
    """
    require_permission(by, "analyse")
    if profile not in PROFILES:
        known = ", ".join(PROFILES)
        raise RuleError(f"there is no disclosure profile {profile}; there are {known}")
    check, is_new = TableCheck.objects.select_for_update(of=("self",)).get_or_create(
        version=version, profile=profile, defaults={"asked_by": by, "asked_at": now}
    )
    if not is_new and check.is_done:
        # The result stays until the next one: if nothing has changed it is taken again.
        check.asked_by, check.asked_at, check.done_at = by, now, None
        check.attempts, check.left_out, check.lease_until = 0, 0, None
        check.save()
    return check


@audit.serialized
def lease_check(*, now: datetime) -> TableCheck | None:
    """Lease the check that has waited longest to the caller; None if none waits."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    rows = TableCheck.objects.select_for_update(skip_locked=True, of=("self",))
    rows = rows.filter(free, done_at=None).select_related("version__overview", "asked_by")
    for check in rows.order_by("asked_at", "pk"):
        if check.attempts >= MOST_ATTEMPTS:
            check.result, check.content, check.done_at = {"failure": STOPPED}, "", now
            check.save()
            continue
        check.lease_until, check.attempts, check.left_out = now + LEASE, check.attempts + 1, 0
        check.save()
        return check
    return None


@audit.serialized
def note_round(*, check: TableCheck, left_out: int, now: datetime) -> None:
    """Note how many tables a leased check has left out so far, and renew its lease."""
    if _is_leased(check):
        check.left_out, check.lease_until = left_out, now + LEASE
        check.save(update_fields=["left_out", "lease_until"])


@audit.serialized
def return_check(*, check: TableCheck) -> None:
    """Let a leased check wait again, for a process that is told to stop before it is made.

    This attempt is not counted.
    """
    if _is_leased(check):
        check.attempts, check.lease_until = check.attempts - 1, None
        check.save(update_fields=["attempts", "lease_until"])


@audit.serialized
def finish_check(
    *, check: TableCheck, result: Mapping[str, Any], content: str, digest: str, now: datetime
) -> None:
    """Store the result of a leased check. content, digest: see TableCheck.

    Nothing changes if another worker has taken the check in the meantime.
    """
    if _is_leased(check):
        check.result, check.content, check.digest = dict(result), content, digest
        check.done_at, check.lease_until = now, None
        check.save()


def _is_leased(check: TableCheck) -> bool:
    rows = TableCheck.objects.filter(
        pk=check.pk, attempts=check.attempts, lease_until=check.lease_until, done_at=None
    )
    return check.lease_until is not None and rows.exists()
