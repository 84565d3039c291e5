"""Mail that arrives: collected from its source, then handed to the stage that it is for."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from waymark.accounts.audit import serialized_in
from waymark.core.errors import FileRefused, ServiceUnavailable
from waymark.core.jobs import Clock, Job, JobQueue
from waymark.enquiries.services.inbound import take_email
from waymark.mail import services as mail_services
from waymark.mail.inbound.deliveries import UnreadEmail, unread_by_imap, unread_in_maildir
from waymark.mail.inbound.email_content import read_email
from waymark.mail.inbound.outcome import note_outcome
from waymark.mail.models import InboundMail, InboundMailKind, InboundMailState
from waymark.mail.queries import next_unknown_mail

log = logging.getLogger(__name__)
BOUNCES = "bounce+"
"""Beginning of the addresses to which mailings come back."""
AT_ONCE = 20
"""Emails of a source that are received in one round, so that other jobs have their turn."""
INTERVALS = {"maildir": timedelta(seconds=10), "imap": timedelta(minutes=1)}
_asked: dict[str, datetime] = {}
"""When each source was last asked by this process."""


def collect_mail(clock: Clock) -> bool:
    """Receive the new emails of the maildir and of the IMAP folder; False if there is none."""
    sources: dict[str, Callable[[], Iterator[UnreadEmail]]] = {}
    if folder := settings.MAILDIR:
        sources["maildir"] = lambda: unread_in_maildir(folder)
    if url := settings.IMAP_URL:
        sources["imap"] = lambda: unread_by_imap(url)
    # Each source has its turn, also if another had something.
    received = [_collect(name, read, clock) for name, read in sources.items()]
    return any(received)


def _collect(name: str, read: Callable[[], Iterator[UnreadEmail]], clock: Clock) -> bool:
    now, last = clock(), _asked.get(name)
    if last is not None and timedelta(0) <= now - last < INTERVALS[name]:
        return False
    number = 0
    try:
        for delivery in read():
            if number >= AT_ONCE or mail_services.inbox_is_full(now=now):
                break
            receive(delivery, now)
            number += 1
    except ServiceUnavailable as error:
        log.warning("%s", error)
    if number < AT_ONCE:
        _asked[name] = now
    return number > 0


def receive(delivery: UnreadEmail, now: datetime) -> None:
    """Store an email of a source, then mark it as seen there."""
    mail_services.receive_mail(
        raw=delivery.raw,
        recipient=_recipient_in(delivery.raw),
        size=delivery.size,
        digest=delivery.sha256,
        now=now,
    )
    delivery.done()


def receive_from_server(raw: bytes, recipient: str, *, now: datetime) -> None:
    """Store an email that a mail server hands over. Raises ServiceUnavailable if it is too much.

    It runs in a thread of its own, so it leaves no connection to the database open.
    """
    try:
        if mail_services.inbox_is_full(now=now):
            raise ServiceUnavailable("too many emails today: try again tomorrow")
        mail_services.receive_mail(raw=raw, recipient=recipient, now=now)
    finally:
        connection.close()


def _recipient_in(raw: bytes | None) -> str:
    """To whom an email was delivered, by its headers: a source does not say it; "" if unknown."""
    try:
        return read_email(raw or b"", own=frozenset(), name="").recipient
    except FileRefused:
        return ""
    except Exception:  # the edge: an email that nobody foresaw must not keep others from arriving
        log.exception("the recipient of an email could not be read")
        return ""


def sort_mail(clock: Clock) -> bool:
    """Hand on the email that has waited longest; False if none waits.

    One for a mailing that came back waits for the alerts; all others are for the desk.
    """
    mail = next_unknown_mail()
    if mail is None:
        return False
    hand_on(mail, clock(), _sort)
    return True


def hand_on(
    mail: InboundMail, now: datetime, handle: Callable[[InboundMail, datetime], None]
) -> None:
    """Handle an email; one at which the program fails is refused, so that the next has its turn.

    Faults of the database and the disk are raised: they are not of this email.
    """
    try:
        handle(mail, now)
    except (OperationalError, InterfaceError, OSError):
        raise
    except Exception as error:
        log.exception("%s could not be handled", mail)
        _refuse_faulty(mail, type(error).__name__)


@serialized_in("mail")
def _refuse_faulty(mail: InboundMail, error: str) -> None:
    reason = f"the program failed to read it ({error}): read the file, and report the fault"
    mail.refresh_from_db()
    note_outcome(mail, InboundMailKind(mail.kind), InboundMailState.REFUSED, reason)


@serialized_in("mail", "enquiries")
def _sort(mail: InboundMail, now: datetime) -> None:
    if mail.recipient.casefold().startswith(BOUNCES):
        note_outcome(mail, InboundMailKind.BOUNCE, InboundMailState.WAITING)
    else:
        take_email(mail=mail, now=now)


JOBS = (
    Job("collect mail", JobQueue.READING, collect_mail),
    Job("sort mail", JobQueue.READING, sort_mail),
)
