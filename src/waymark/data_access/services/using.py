"""What an applicant does with the private link, and the record of each export."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from waymark.accounts import audit, removals
from waymark.core.errors import RuleError
from waymark.data_access.models import (
    AccessState,
    DataApplication,
    RestrictedExport,
)
from waymark.data_access.services.steps import (
    check_months,
    checked_reason,
    end_access,
    locked_application,
)


@audit.serialized
def confirm_address(*, application: DataApplication, now: datetime) -> None:
    """Store that whoever reads the emails of the address applied: from now on it waits.

    The link is known by email alone. Nothing happens if it was confirmed before, or is decided.
    """
    row = locked_application(application)
    if row.confirmed_at is not None or row.state != AccessState.WAITING:
        return
    row.confirmed_at, row.waiting_since = now, now
    row.save(update_fields=["confirmed_at", "waiting_since"])
    audit.record_about(AnonymousUser(), "confirm address of data application", row, now)


@audit.serialized
def ask_extension(*, application: DataApplication, months: int, reason: str, now: datetime) -> None:
    """Ask for more time. Raises RuleError."""
    row, reason = locked_application(application), checked_reason(reason)
    check_months(months)
    if not row.is_open(now):
        raise RuleError("your access has ended: apply again")
    row.extension, row.extension_months = reason, months
    row.waiting_since = row.waiting_since or now
    row.save(update_fields=["extension", "extension_months", "waiting_since"])
    audit.record_about(AnonymousUser(), "ask for longer data access", row, now, months=months)


@audit.serialized
def confirm_destruction(*, application: DataApplication, now: datetime) -> None:
    """Store that the applicant destroyed the data; an access that is open ends with it.

    Nothing happens if no data was taken, or if it was confirmed before.
    """
    row = locked_application(application)
    if row.destroyed_at is not None or not row.exports.exists():
        return
    if row.state == AccessState.GRANTED:
        end_access(row, AccessState.EXPIRED, now)
        removals.note_withdrawal(subject=f"access {row.reference}", withdrawn=True, now=now)
    row.destroyed_at = now
    row.save(update_fields=["destroyed_at"])
    audit.record_about(AnonymousUser(), "confirm destruction of data", row, now)


@audit.serialized
def note_export(
    *, application: DataApplication, state: str, sha256: str, rows: int, now: datetime
) -> RestrictedExport:
    """Record an export before the data is sent. Raises RuleError if the access ended meanwhile."""
    row = locked_application(application)
    if not row.is_open(now):
        raise RuleError("your access has ended: no data was sent")
    export = RestrictedExport.objects.create(
        application=row,
        at=now,
        dataset=row.dataset,
        profile=row.profile,
        state=state,
        sha256=sha256,
        rows=rows,
    )
    audit.record_about(
        AnonymousUser(),
        "export restricted data",
        row,
        now,
        dataset=row.dataset,
        profile=row.profile,
        state=state,
        sha256=sha256,
        rows=rows,
    )
    return export
