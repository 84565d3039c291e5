"""Enquiries that arrive by the form, by telephone, and replies on the page of a thread."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, Person, require_permission
from waymark.accounts.queries import addresses_of_those_who
from waymark.core.errors import RuleError
from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.enquiries.at_risk import may_be_at_risk
from waymark.enquiries.email_templates import (
    DeskSignature,
    child_at_risk_email,
    enquiry_received_email,
)
from waymark.enquiries.models import (
    Enquiry,
    EnquiryChannel,
    EnquiryKind,
    EnquiryMessage,
    EnquiryState,
    MessageSender,
)
from waymark.enquiries.queries.desk import HANDLE
from waymark.enquiries.services import limits
from waymark.enquiries.services.copy_requests import CopyDetails, store_copy_request
from waymark.mail.email_text import EmailThread
from waymark.mail.outbox import write_letter

REFERENCE_CHARACTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Characters of a reference, without those that are easily confused: 0 and O, 1 and I."""
TWICE = timedelta(minutes=30)
"""A reply that is sent again within this time, with the same words, is one message."""
LONGEST_SUBJECT = 100


@dataclass(frozen=True, slots=True)
class NewEnquiry:
    """What somebody asks; models.Enquiry explains the fields. subject: "" for the first words.

    message_id: of the email it came as, "" for none. copy: of a request for a copy or a loan.
    form: mark of the form as it was shown, which nobody else has; "" for none.
    """

    kind: str
    text: str
    subject: str = ""
    name: str = ""
    address: str = ""
    phone: str = ""
    asked_from: str = ""
    message_id: str = ""
    copy: CopyDetails | None = None
    form: str = ""


def new_reference(now: datetime) -> str:
    """A random reference, such as "E2026-7KQ4M2"."""
    return f"E{now.year}-{''.join(secrets.choice(REFERENCE_CHARACTERS) for _ in range(6))}"


def subject_of(text: str) -> str:
    """The first words of a text, as its subject."""
    line = " ".join(text.split())
    if len(line) <= LONGEST_SUBJECT:
        return line
    return line[: LONGEST_SUBJECT - 1].rsplit(" ", 1)[0] + "…"


@audit.serialized
def take_enquiry(*, by: Person, asked: NewEnquiry, network: str, now: datetime) -> Enquiry:
    """Store an enquiry of the form and the email that acknowledges it.

    Anyone may ask; only the desk and the asker see it. network: of the request. The same form sent
    twice with the same words is one enquiry. Raises TooManyEnquiries.
    """
    token = _token_of(asked)
    earlier = Enquiry.objects.filter(token=token).first()
    if earlier is not None:
        return earlier
    limits.check_room(network=network, address=asked.address, now=now)
    limits.count_event("network", network, now)
    if asked.address:
        limits.count_event("mailbox", asked.address, now)
    enquiry = store_enquiry(asked, EnquiryChannel.WEB, now, token=token)
    acknowledge(enquiry, now)
    audit.record_about(by, "receive enquiry", enquiry, now, kind=enquiry.kind, channel="web")
    return enquiry


@audit.serialized
def log_call(*, by: Actor, asked: NewEnquiry, now: datetime) -> Enquiry:
    """Store the enquiry of somebody who called. One with an email address is acknowledged."""
    require_permission(by, HANDLE)
    author = by if isinstance(by, User) else None
    enquiry = store_enquiry(asked, EnquiryChannel.PHONE, now, author=author)
    enquiry.assigned_to = author
    enquiry.save(update_fields=["assigned_to"])
    acknowledge(enquiry, now)
    audit.record_about(by, "log call", enquiry, now, kind=enquiry.kind)
    return enquiry


def _token_of(asked: NewEnquiry) -> str:
    """The token of an enquiry of the form: the same for the same form and words.

    The words alone must not lead to it: others can guess them, and the link opens the thread.
    """
    if not asked.form:
        return secrets.token_urlsafe(32)
    words = [asked.form, asked.kind, asked.text.strip(), asked.address, asked.phone, asked.name]
    return salted_hmac("enquiry", json.dumps(words), algorithm="sha256").hexdigest()


def store_enquiry(
    asked: NewEnquiry,
    channel: EnquiryChannel,
    now: datetime,
    *,
    author: User | None = None,
    token: str = "",
) -> Enquiry:
    """Store an enquiry with its first message in the caller's transaction. token: "" for any."""
    if not asked.text.strip():
        raise RuleError("enter your question")
    enquiry = Enquiry.objects.create(
        reference=new_reference(now),
        token=token or secrets.token_urlsafe(32),
        kind=EnquiryKind(asked.kind),
        channel=channel,
        subject=(asked.subject or subject_of(asked.text))[:200],
        name=asked.name[:200],
        address=asked.address,
        phone=asked.phone[:40],
        asked_from=asked.asked_from[:500],
        may_be_at_risk=may_be_at_risk(asked.subject, asked.text),
        received_at=now,
        due_at=due_time(now),
    )
    EnquiryMessage.objects.create(
        enquiry=enquiry,
        sender=MessageSender.ASKER,
        text=asked.text.strip(),
        at=now,
        author=author,
        message_id=asked.message_id,
    )
    if asked.copy is not None:
        store_copy_request(enquiry, asked.copy, now)
    alert_desk(enquiry, now)
    return enquiry


def alert_desk(enquiry: Enquiry, now: datetime) -> None:
    """Write to those who handle enquiries, once, if a child may be at risk."""
    if not enquiry.may_be_at_risk:
        return
    contact = settings.CONTACT_EMAIL
    # Without a person who has an address, at least the service is told.
    addresses = addresses_of_those_who(HANDLE) or [contact] * bool(contact)
    wording = child_at_risk_email(enquiry.reference, site=settings.SITE_NAME)
    for number, address in enumerate(addresses, start=1):
        key = f"{enquiry.reference} at risk {number}"
        write_letter(key=key, to=address, wording=wording, now=now)


def due_time(now: datetime) -> datetime:
    """When an answer to what arrives now is due."""
    return settings.DESK_HOURS.due(now, settings.ANSWER_DAYS)


def acknowledge(enquiry: Enquiry, now: datetime) -> None:
    """Write the acknowledgement, at most one a day to an address: no program can make us flood
    somebody, or answer another desk for ever.
    """
    if not enquiry.address or limits.is_reached("receipt", enquiry.address, now):
        return
    limits.count_event("receipt", enquiry.address, now)
    wording = enquiry_received_email(
        signature_of(enquiry),
        urgent=enquiry.may_be_at_risk,
        days=settings.ANSWER_DAYS,
        due=date_in_words(uk_date(enquiry.due_at)),
    )
    first = enquiry.messages.first()
    thread = EmailThread(
        reply_to=settings.CONTACT_EMAIL, in_reply_to=first.message_id if first else ""
    )
    letter = write_letter(
        key=f"{enquiry.reference} received",
        to=enquiry.address,
        wording=wording,
        now=now,
        thread=thread,
    )
    enquiry.receipt_id = letter.message_id
    enquiry.save(update_fields=["receipt_id"])


def signature_of(enquiry: Enquiry) -> DeskSignature:
    """What emails about an enquiry say of the desk."""
    path = reverse("enquiry-thread", args=[enquiry.reference, enquiry.token])
    return DeskSignature(enquiry.reference, f"{settings.SITE_ADDRESS}{path}", settings.SITE_NAME)


@audit.serialized
def reply_on_page(
    *, by: Person, enquiry: Enquiry, token: str, text: str, network: str, now: datetime
) -> EnquiryMessage:
    """Add a reply of the asker, who has the private link, and open the enquiry again.

    Raises TooManyEnquiries; RuleError for an empty text, or a link that is no longer valid.
    """
    current = Enquiry.objects.select_for_update(of=("self",)).get(pk=enquiry.pk)
    if current.erased_at is not None or not constant_time_compare(current.token, token):
        raise RuleError("this enquiry is no longer open: ask a new question")
    if not text.strip():
        raise RuleError("enter your message")
    earlier = current.messages.filter(
        sender=MessageSender.ASKER, text=text.strip(), at__gt=now - TWICE
    ).first()
    if earlier is not None:
        return earlier
    if limits.is_reached("reply", current.reference, now) or limits.is_reached(
        "reply", network, now
    ):
        raise limits.TooManyEnquiries
    limits.count_event("reply", current.reference, now)
    limits.count_event("reply", network, now)
    message = add_reply(current, text, now)
    audit.record_about(by, "receive reply", current, now, channel="web")
    return message


def add_reply(
    enquiry: Enquiry,
    text: str,
    now: datetime,
    *,
    sender: MessageSender = MessageSender.ASKER,
    message_id: str = "",
) -> EnquiryMessage:
    """Add a message to a locked enquiry in the caller's transaction, and open it again."""
    message = EnquiryMessage.objects.create(
        enquiry=enquiry, sender=sender, text=text.strip(), at=now, message_id=message_id
    )
    if enquiry.state != EnquiryState.WAITING:
        # An enquiry that waits already keeps its due time: who asks again does not wait longer.
        enquiry.due_at = due_time(now)
    enquiry.state, enquiry.ended_at = EnquiryState.WAITING, None
    enquiry.may_be_at_risk = enquiry.may_be_at_risk or may_be_at_risk(text)
    enquiry.save(update_fields=["state", "ended_at", "due_at", "may_be_at_risk"])
    alert_desk(enquiry, now)
    return message
