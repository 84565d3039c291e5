"""The only writers of service notices. A notice is ended, never edited or deleted."""

from datetime import date, datetime

from django.utils import timezone

from waymark.accounts import audit, removals
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.library.models import ServiceNotice

ADD_NOTICES = "publish reports"
LONGEST = 300


@audit.serialized
def add_notice(
    *, by: Actor, text: str, first_day: date | None, last_day: date | None, now: datetime
) -> ServiceNotice:
    """Add a notice. first_day: None for today; last_day: None for no end yet.

    Raises NotPermitted; RuleError without a text, or if it would never be shown.
    """
    require_permission(by, ADD_NOTICES)
    text = " ".join(text.split())
    if not text or len(text) > LONGEST:
        raise RuleError(f"enter a notice of at most {LONGEST} characters")
    today = timezone.localdate(now)
    begins = first_day or today
    if last_day is not None and last_day < max(begins, today):
        raise RuleError("the last day must be today or later, and not before the first day")
    notice = ServiceNotice.objects.create(
        text=text,
        first_day=begins,
        last_day=last_day,
        added_at=now,
        added_by=by if isinstance(by, User) else None,
    )
    audit.record_about(by, "add notice", notice, now, text=text)
    return notice


@audit.serialized
def end_notice(*, by: Actor, notice: ServiceNotice, now: datetime) -> None:
    """Stop showing a notice. Once is enough."""
    require_permission(by, ADD_NOTICES)
    if ServiceNotice.objects.filter(pk=notice.pk, ended_at=None).update(ended_at=now):
        removals.note_withdrawal(subject=f"notice {notice.pk}", withdrawn=True, now=now)
        audit.record_about(by, "end notice", notice, now)
