"""Record when the family in a review was told that it would be published."""

from datetime import date, datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.core.uk_time import uk_date
from waymark.documents.models import Review
from waymark.library.models import FamilyNotification, NotificationMethod

PUBLISH = "publish reports"
LONGEST_GIVER = 200
LONGEST_NOTE = 500


@audit.serialized
def record_family_notification(
    *,
    by: Actor,
    review: Review,
    on: date,
    given_by: str,
    method: NotificationMethod,
    now: datetime,
    note: str = "",
) -> FamilyNotification:
    """Record that the family was told on a day. given_by: by whom, as a role.

    Raises RuleError for a day in the future, and for words that are missing or too long.
    """
    require_permission(by, PUBLISH)
    giver, words = " ".join(given_by.split()), " ".join(note.split())
    if on > uk_date(now):
        raise RuleError("enter a day that is not in the future: record it once they were told")
    if not giver:
        raise RuleError("enter who told the family")
    if len(giver) > LONGEST_GIVER or len(words) > LONGEST_NOTE:
        raise RuleError(
            f"who told them can have {LONGEST_GIVER} characters, the note {LONGEST_NOTE}"
        )
    row = FamilyNotification.objects.create(
        review=review, on=on, given_by=giver, method=method, note=words, recorded_at=now
    )
    # The audit names neither who told the family nor the note: both may describe people.
    audit.record_about(
        by, "record family told", review, now, on=on.isoformat(), method=method.value
    )
    return row


@audit.serialized
def withdraw_family_notification(
    *, by: Actor, notification: FamilyNotification, now: datetime
) -> None:
    """Remove a record as entered wrongly; its row stays. Raises RuleError if it is removed."""
    require_permission(by, PUBLISH)
    notification.refresh_from_db()
    if notification.withdrawn_at is not None:
        raise RuleError("this record was already removed")
    notification.withdrawn_at = now
    notification.save(update_fields=["withdrawn_at"])
    day = notification.on.isoformat()
    audit.record_about(by, "withdraw family told", notification.review, now, on=day)
