"""Letters: written in the transaction of what they tell of, then sent by the worker.

A letter that is written is sent at least once. A worker that dies after the mail server took a
letter and before that was written down leaves it to the next, which sends it again: the Message-ID
is the same, so that mail programs show it once. Nothing can do better over SMTP.
"""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from waymark.accounts import audit
from waymark.accounts.installation import sending_paused
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import RuleError
from waymark.library.models import Letter
from waymark.library.wording import Wording

LEASE = timedelta(minutes=5)
"""Longer than a mail server may keep a worker waiting."""
PAUSES = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1_440, 1_440, 1_440)
)
"""After each failure, the time until the next attempt; after the last one there is none."""


def write_letter(*, key: str, to: str, said: Wording, now: datetime) -> Letter:
    """Write a letter in the transaction of what it tells of; the same key writes nothing more.

    For the services of this stage: whoever does what the letter tells of was asked there.
    """
    domain = settings.MAIL_FROM.rpartition("@")[2] or "waymark.invalid"
    letter, _ = Letter.objects.get_or_create(
        key=key,
        defaults={
            "to": to,
            "subject": said.subject,
            "body": said.body,
            "message_id": f"<{secrets.token_hex(16)}@{domain}>",
            "written_at": now,
        },
    )
    return letter


def _to_send(now: datetime) -> Q:
    fresh = Q(lease_until=None, failed="")
    return Q(sent_at=None) & (fresh | Q(lease_until__lte=now))


def lease_letter(*, now: datetime) -> Letter | None:
    """The letter that has waited longest, held by the caller for the time of the lease.

    None while sending is paused.
    """
    if sending_paused() or not Letter.objects.filter(_to_send(now)).exists():
        return None
    return _leased(now)


@audit.in_turn
def _leased(now: datetime) -> Letter | None:
    waiting = Letter.objects.select_for_update(skip_locked=True).filter(_to_send(now))
    letter = waiting.order_by("written_at", "pk").first()
    if letter is not None:
        letter.attempts += 1
        letter.lease_until = now + LEASE
        letter.save(update_fields=["attempts", "lease_until"])
    return letter


@audit.in_turn
def letter_sent(*, letter: Letter, now: datetime) -> None:
    """The mail server has taken it."""
    letter.sent_at, letter.lease_until, letter.failed = now, None, ""
    letter.save(update_fields=["sent_at", "lease_until", "failed"])
    audit.record(actor=None, action="send letter", subject=f"letter {letter.key}", now=now)


@audit.in_turn
def letter_failed(*, letter: Letter, reason: str, final: bool, now: datetime) -> None:
    """The mail server did not take it: it is tried again later, unless that is of no use."""
    over = final or letter.attempts > len(PAUSES)
    letter.failed = reason[:500] or "the mail server gave no reason"
    letter.lease_until = None if over else now + PAUSES[letter.attempts - 1]
    letter.save(update_fields=["failed", "lease_until"])
    if over:
        audit.record(actor=None, action="letter failed", subject=f"letter {letter.key}", now=now)


@audit.in_turn
def send_again(*, by: Actor, letter: Letter, now: datetime) -> None:
    """Have a letter that failed tried anew, from the beginning. Raises RuleError if it was sent."""
    require(by, "handle deposits")
    letter = Letter.objects.select_for_update().get(pk=letter.pk)
    if letter.sent_at is not None:
        raise RuleError("this letter was sent meanwhile")
    letter.attempts, letter.lease_until, letter.failed = 0, None, ""
    letter.save(update_fields=["attempts", "lease_until", "failed"])
    audit.record(actor=by, action="send again", subject=f"letter {letter.key}", now=now)
