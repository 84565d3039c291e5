"""Approve by two people, refuse, and revoke."""

from datetime import date, datetime, timedelta

from waymark.accounts import audit, removals
from waymark.accounts.permissions import Actor, require_account, require_permission
from waymark.core.errors import RuleError
from waymark.core.uk_time import uk_date
from waymark.data_access import letters
from waymark.data_access.models import (
    AccessApproval,
    AccessState,
    DataApplication,
)
from waymark.data_access.queries import (
    DECIDE,
    profiles_for,
    waiting_approval,
)
from waymark.data_access.services.steps import (
    checked_reason,
    end_access,
    locked_application,
    mail_applicant,
)
from waymark.data_access.terms import MOST_MONTHS

MONTH = timedelta(days=365.25 / 12)
DAY = timedelta(days=1)
ADDRESS_UNCONFIRMED = "the applicant has not confirmed the email address yet"


@audit.serialized
def propose_approval(
    *, by: Actor, application: DataApplication, profile: str, until: date, now: datetime
) -> AccessApproval:
    """Propose to approve an application, or to extend it; another person confirms it.

    Raises NotPermitted, NotFound, RuleError.
    """
    person = require_account(by, DECIDE, "approve an application")
    row = locked_application(application)
    if row.state not in {AccessState.WAITING, AccessState.GRANTED}:
        raise RuleError(
            f"this application is {row.get_state_display().lower()}: it needs a new one"
        )
    if row.state == AccessState.WAITING and row.confirmed_at is None:
        raise RuleError(ADDRESS_UNCONFIRMED)
    if waiting_approval(row) is not None:
        raise RuleError("an approval waits for a second person already: confirm or drop that one")
    if profile not in profiles_for(row):
        raise RuleError("choose what may be given out")
    today = uk_date(now)
    if not today <= until <= today + MOST_MONTHS * MONTH + DAY:
        raise RuleError(f"the last day must be within {MOST_MONTHS} months from today")
    approval = AccessApproval.objects.create(
        application=row, profile=profile, until=until, proposed_by=person, proposed_at=now
    )
    row.waiting_since = row.waiting_since or now
    row.save(update_fields=["waiting_since"])
    audit.record_about(
        by, "propose data access", row, now, profile=profile, until=until.isoformat()
    )
    return approval


@audit.serialized
def confirm_approval(*, by: Actor, approval: AccessApproval, now: datetime) -> DataApplication:
    """Confirm what another person proposed: from now on the data can be taken.

    Raises NotPermitted; RuleError for one's own proposal, and for one that is over.
    """
    person = require_account(by, DECIDE, "approve an application")
    row = locked_application(approval.application)
    approval = AccessApproval.objects.select_for_update(of=("self",)).get(pk=approval.pk)
    if approval.confirmed_at is not None or approval.dropped_at is not None:
        raise RuleError("this approval was confirmed or dropped meanwhile")
    if approval.proposed_by_id == person.pk:
        raise RuleError("you proposed this approval: another person must confirm it")
    if approval.until < uk_date(now):
        raise RuleError("its last day has passed: drop it, then propose another day")
    if row.state == AccessState.WAITING and row.confirmed_at is None:
        raise RuleError(ADDRESS_UNCONFIRMED)
    if approval.profile not in profiles_for(row):
        raise RuleError("the published edition has another profile now: drop it, then propose that")
    approval.confirmed_by, approval.confirmed_at = person, now
    approval.save(update_fields=["confirmed_by", "confirmed_at"])
    row.state, row.profile, row.expires_on = AccessState.GRANTED, approval.profile, approval.until
    row.waiting_since, row.extension, row.extension_months = None, "", None
    row.save()
    mail_applicant(row, f"granted {approval.pk}", letters.granted_email, now, until=row.expires_on)
    audit.record_about(
        by, "grant data access", row, now, profile=row.profile, until=row.expires_on.isoformat()
    )
    return row


@audit.serialized
def drop_approval(*, by: Actor, approval: AccessApproval, now: datetime) -> None:
    """Drop an approval that is not confirmed. Raises NotPermitted, RuleError."""
    require_permission(by, DECIDE)
    open_rows = AccessApproval.objects.filter(pk=approval.pk, confirmed_at=None, dropped_at=None)
    if not open_rows.update(dropped_at=now):
        raise RuleError("this approval was confirmed or dropped meanwhile")
    row = locked_application(approval.application)
    asks = row.state == AccessState.WAITING or row.extension
    row.waiting_since = row.waiting_since if asks else None
    row.save(update_fields=["waiting_since"])
    audit.record_about(by, "drop proposed data access", row, now)


@audit.serialized
def refuse_application(
    *, by: Actor, application: DataApplication, reason: str, now: datetime, repeated: bool = False
) -> None:
    """Refuse an application, or more time for one. Raises NotPermitted, RuleError.

    repeated: it was refused before, in a database that a restore replaced: no email again.
    """
    require_permission(by, DECIDE)
    row, reason = locked_application(application), checked_reason(reason)
    if row.waiting_since is None and row.state != AccessState.WAITING:
        raise RuleError("this application does not wait for a decision")
    row.approvals.filter(confirmed_at=None, dropped_at=None).update(dropped_at=now)
    until = row.expires_on if row.state == AccessState.GRANTED else None
    if until is None:
        row.state, row.ended_at, row.reason = AccessState.REFUSED, now, reason
    row.waiting_since, row.extension, row.extension_months = None, "", None
    row.save()
    if not repeated:
        what = f"refused {now:%Y-%m-%dT%H:%M}"
        mail_applicant(row, what, letters.refused_email, now, reason=reason, until=until)
    audit.record_about(by, "refuse data access", row, now)


@audit.serialized
def revoke_access(
    *, by: Actor, application: DataApplication, reason: str, now: datetime, repeated: bool = False
) -> None:
    """End the access at once, also in a restored copy. Raises NotPermitted, RuleError.

    repeated: it was ended before, in a database that a restore replaced: no email again.
    """
    require_permission(by, DECIDE)
    row, reason = locked_application(application), checked_reason(reason)
    if row.state != AccessState.GRANTED:
        raise RuleError("there is no access to end")
    end_access(row, AccessState.REVOKED, now, reason)
    removals.note_withdrawal(subject=f"access {row.reference}", withdrawn=True, now=now)
    if not repeated:
        mail_applicant(row, "revoked", letters.revoked_email, now, reason=reason)
    audit.record_about(by, "revoke data access", row, now)
