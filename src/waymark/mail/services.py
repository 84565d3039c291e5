"""The outbox: the worker leases an email, sends it and stores what happened.

A written email is sent at least once. If a worker dies after the mail server accepted an email and
before that was stored, the next worker sends it again with the same Message-ID, so that mail
programs show it once. SMTP allows no better guarantee.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from waymark.accounts import audit
from waymark.accounts.installation import sending_paused
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.mail.models import Letter
from waymark.mail.queries import MANAGE

LEASE = timedelta(minutes=5)
"""Longer than the timeouts of one attempt to send."""
PAUSES = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1_440, 1_440, 1_440)
)
"""Time until the next attempt after each failure; after the last one there is none."""


def _to_send(now: datetime) -> Q:
    """New emails, and those whose lease or pause is over."""
    new = Q(lease_until=None, failed="")
    return Q(sent_at=None) & (new | Q(lease_until__lte=now))


def lease_letter(*, now: datetime) -> Letter | None:
    """The oldest email to send, reserved for the caller until the lease ends.

    None while sending is paused.
    """
    if sending_paused() or not Letter.objects.filter(_to_send(now)).exists():
        return None
    return _lease_next(now)


@audit.serialized
def _lease_next(now: datetime) -> Letter | None:
    # SKIP LOCKED (PostgreSQL): two workers take two different emails, neither waits.
    due = Letter.objects.select_for_update(skip_locked=True).filter(_to_send(now))
    letter = due.order_by("written_at", "pk").first()
    if letter is not None:
        letter.attempts += 1
        letter.lease_until = now + LEASE
        letter.save(update_fields=["attempts", "lease_until"])
    return letter


@audit.serialized
def letter_sent(*, letter: Letter, now: datetime) -> None:
    """Store that the mail server accepted an email."""
    letter.sent_at, letter.lease_until, letter.failed = now, None, ""
    letter.save(update_fields=["sent_at", "lease_until", "failed"])
    audit.record_about(None, "send letter", letter, now)


@audit.serialized
def letter_failed(*, letter: Letter, reason: str, final: bool, now: datetime) -> None:
    """Store a failed attempt. The email is tried again later, unless that is of no use (final)."""
    # attempts counts the one that just failed, so that the first failure waits PAUSES[0].
    over = final or letter.attempts > len(PAUSES)
    letter.failed = reason[:500] or "the mail server gave no reason"
    letter.lease_until = None if over else now + PAUSES[letter.attempts - 1]
    letter.save(update_fields=["failed", "lease_until"])
    if over:
        audit.record_about(None, "letter failed", letter, now)


@audit.serialized
def send_again(*, by: Actor, letter: Letter, now: datetime) -> None:
    """Try a failed email again from the first attempt. Raises RuleError if it was sent."""
    require_permission(by, MANAGE)
    letter = Letter.objects.select_for_update().get(pk=letter.pk)
    if letter.sent_at is not None:
        raise RuleError("this email has already been sent")
    letter.attempts, letter.lease_until, letter.failed = 0, None, ""
    letter.save(update_fields=["attempts", "lease_until", "failed"])
    audit.record_about(by, "send again", letter, now)
