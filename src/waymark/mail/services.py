"""The outbox: the worker leases an email, sends it and stores what happened.

A written email is sent at least once. If a worker dies after the mail server accepted an email and
before that was stored, the next worker sends it again with the same Message-ID, so that mail
programs show it once. SMTP allows no better guarantee.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import Q, QuerySet

from waymark.accounts import audit
from waymark.accounts.installation import sending_paused
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.core.files import write_new
from waymark.mail.inbound.outcome import raw_path
from waymark.mail.models import InboundMail, InboundMailState, Letter
from waymark.mail.queries import MANAGE

LEASE = timedelta(minutes=5)
"""Longer than the timeouts of one attempt to send."""
ERASED = "Erased"
"""Subject of an email whose address and words are kept no longer."""
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
    due = Letter.objects.select_for_update(skip_locked=True, of=("self",)).filter(_to_send(now))
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
    letter = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if letter.sent_at is not None:
        raise RuleError("this email has already been sent")
    letter.attempts, letter.lease_until, letter.failed = 0, None, ""
    letter.save(update_fields=["attempts", "lease_until", "failed"])
    audit.record_about(by, "send again", letter, now)


# ---- mail that was sent ----

ERASED_AT_ONCE = 500


def sent_before(before: datetime) -> QuerySet[Letter]:
    """Emails sent before a time that still have their address or words."""
    return Letter.objects.filter(sent_at__lte=before).exclude(to="", subject=ERASED, body="")


@audit.serialized
def erase_sent(*, before: datetime, now: datetime) -> int:
    """Erase address, subject and text of some emails sent before a time; returns how many.

    The rows stay: their keys say that an event was told, so that nobody is told again.
    """
    keys = list(sent_before(before).values_list("pk", flat=True)[:ERASED_AT_ONCE])
    number = Letter.objects.filter(pk__in=keys).update(
        to="", subject=ERASED, body="", reply_to="", in_reply_to=""
    )
    if number:
        audit.record_entry(
            actor=None, action="erase sent emails", subject="emails", now=now, number=number
        )
    return number


# ---- mail that arrives ----

MAX_IN_A_DAY = 2_000
"""Emails that are received within 24 hours; the others stay where they are until later."""
DAY = timedelta(days=1)


def inbox_is_full(*, now: datetime) -> bool:
    """True if no more emails are received for now: a flood must not fill the disk."""
    return InboundMail.objects.filter(received_at__gt=now - DAY).count() >= MAX_IN_A_DAY


def receive_mail(
    *, raw: bytes | None, now: datetime, recipient: str = "", size: int = 0, digest: str = ""
) -> InboundMail:
    """Store an email once, its bytes before the row that names them.

    raw: None for one that is too large, of which only size and digest are known: it is refused.
    """
    name = sha256(raw).hexdigest() if raw is not None else digest
    if raw is not None and not InboundMail.objects.filter(sha256=name).exists():
        path = raw_path(name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_new(path, raw)
    stored = len(raw) if raw is not None else None
    return _inbound_row(name, recipient, stored, size, now)


@audit.serialized
def _inbound_row(
    digest: str, recipient: str, stored: int | None, size: int, now: datetime
) -> InboundMail:
    """Row of an email. stored: size of its bytes in the data folder, None if they are not there."""
    mail, new = InboundMail.objects.get_or_create(
        sha256=digest,
        defaults={
            "recipient": recipient[:254],
            "received_at": now,
            "size": size if stored is None else stored,
            "has_raw": stored is not None,
        },
    )
    if new and stored is None:
        mail.state = InboundMailState.REFUSED
        mail.reason = f"it has {size:,} bytes, which is too large: ask for it in another way"
        mail.save(update_fields=["state", "reason"])
    if new:
        audit.record_about(None, "receive mail", mail, now)
    return mail
