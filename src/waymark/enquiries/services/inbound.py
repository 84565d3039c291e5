"""Emails to the desk: new enquiries, replies, and those about which a person decides.

An email is added to an enquiry by itself only if it answers one of our unguessable Message-IDs and
comes from the address of the asker. Whatever else seems to belong to an enquiry is shown to the
desk alone: nothing of the enquiry goes to its sender, and nothing of it to the asker.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db.models import Q

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import FileRefused, RuleError
from waymark.core.files import write_new
from waymark.enquiries.models import (
    EmailToSort,
    Enquiry,
    EnquiryAttachment,
    EnquiryChannel,
    EnquiryKind,
    EnquiryMessage,
    EnquiryNote,
    EnquiryState,
    MessageSender,
    SortDecision,
    SortReason,
)
from waymark.enquiries.queries.desk import HANDLE
from waymark.enquiries.queries.files import attachment_path
from waymark.enquiries.services import limits
from waymark.enquiries.services.answering import lock_enquiry
from waymark.enquiries.services.asking import (
    NewEnquiry,
    acknowledge,
    add_reply,
    due_time,
    store_enquiry,
)
from waymark.mail.bounces import classify
from waymark.mail.inbound.email_content import EmailContent, EmailFile, read_email
from waymark.mail.inbound.outcome import note_outcome, own_addresses, raw_bytes
from waymark.mail.models import InboundMail, InboundMailKind, InboundMailState

REFERENCE = re.compile(r"(?<![A-Z0-9])E20\d\d-[2-9A-HJKMNP-TV-Z]{6}(?![A-Z0-9])", re.IGNORECASE)
MOST_FILES = 10
MOST_FILE_BYTES = 5_000_000
LONGEST_TEXT = 20_000
NO_TEXT = "(This email has no text.)"
CUT = "\n\n(The rest of this email was cut.)"
# RFC 5321. The validator of Django allows more than the column has.
validate_length = MaxLengthValidator(254)
TOO_MANY = "too many emails from this address within a day"


@dataclass(frozen=True, slots=True)
class _ThreadMatch:
    """The enquiry that an email may belong to. proven: by our Message-IDs, and of one enquiry."""

    enquiry: Enquiry
    proven: bool


@audit.serialized
def take_email(*, mail: InboundMail, now: datetime) -> None:
    """Make an enquiry or a reply of an email, or leave it to a person; nothing answers a program.

    Called for every email that came to the desk. What cannot be used is refused with its reason.
    """
    current = InboundMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if current.state != InboundMailState.WAITING:
        return
    try:
        raw = raw_bytes(current)
        email = read_email(raw, own=own_addresses(), name=str(current))
        report = classify(raw, name=str(current))
    except FileRefused as error:
        _refuse(current, f"{error.reason}. {error.remedy}")
        return
    if report.recipients and not report.automatic:
        _take_bounce(current, raw, report.recipients[0].reason, now)
    elif email.automatic:
        note_outcome(current, InboundMailKind.AUTOMATIC, InboundMailState.DONE, email.automatic)
    elif reason := _unusable(email):
        _refuse(current, reason)
    elif limits.is_reached("sender", email.sender, now):
        _refuse(current, TOO_MANY)
    else:
        limits.count_event("sender", email.sender, now)
        _take_from_person(current, email, now, maybe_automatic=report.automatic)


def _refuse(mail: InboundMail, reason: str) -> None:
    note_outcome(mail, InboundMailKind.UNKNOWN, InboundMailState.REFUSED, reason)


def _unusable(email: EmailContent) -> str:
    if not email.sender:
        return "it does not have exactly one sender"
    try:
        validate_email(email.sender)
        validate_length(email.sender)
    except ValidationError:
        return "the address of its sender is not valid"
    return ""


def _take_from_person(
    mail: InboundMail, email: EmailContent, now: datetime, *, maybe_automatic: bool
) -> None:
    match = _match(email)
    if maybe_automatic:
        _leave_to_person(mail, match, SortReason.MAYBE_AUTOMATIC, now)
    elif match is None:
        _take_new(mail, email, now)
    elif not match.proven:
        _leave_to_person(mail, match, SortReason.SUBJECT, now)
    elif match.enquiry.address.casefold() != email.sender:
        _leave_to_person(mail, match, SortReason.OTHER_ADDRESS, now)
    else:
        _take_reply(mail, match.enquiry, email, now)


def _match(email: EmailContent) -> _ThreadMatch | None:
    """The enquiry that an email says it belongs to: by Message-IDs first, then by its subject."""
    ids = list(email.references)
    known = Enquiry.objects.filter(erased_at=None)
    matching = Q(messages__message_id__in=ids) | Q(receipt_id__in=ids)
    threads = list(known.filter(matching).distinct()[:2]) if ids else []
    if threads:
        # Two threads in one email: its sender put them together, so a person looks.
        return _ThreadMatch(threads[0], proven=len(threads) == 1)
    named = REFERENCE.search(email.subject)
    enquiry = known.filter(reference=named[0].upper()).first() if named else None
    return _ThreadMatch(enquiry, proven=False) if enquiry else None


def _leave_to_person(
    mail: InboundMail, match: _ThreadMatch | None, reason: SortReason, now: datetime
) -> None:
    """Leave an email to a person. Its sender gets no answer, and nobody else learns of it."""
    EmailToSort.objects.create(
        mail=mail, enquiry=match.enquiry if match else None, reason=reason, received_at=now
    )
    note_outcome(mail, InboundMailKind.REPLY, InboundMailState.TO_SORT, reason.label)


def _take_new(mail: InboundMail, email: EmailContent, now: datetime) -> Enquiry | None:
    if Enquiry.objects.filter(state=EnquiryState.WAITING).count() >= limits.MOST_WAITING:
        _refuse(mail, "too many enquiries wait for an answer")
        return None
    enquiry = _store_new(mail, email, now)
    acknowledge(enquiry, now)
    return enquiry


def _store_new(mail: InboundMail, email: EmailContent, now: datetime) -> Enquiry:
    enquiry = store_enquiry(
        NewEnquiry(
            kind=EnquiryKind.QUESTION,
            text=_text_of(email),
            subject=email.subject,
            name=email.name,
            address=email.sender,
            message_id=email.message_id,
        ),
        EnquiryChannel.EMAIL,
        now,
    )
    _attach(enquiry.messages.get(), mail, email)
    note_outcome(mail, InboundMailKind.NEW, InboundMailState.DONE, enquiry.reference)
    audit.record_about(None, "receive enquiry", enquiry, now, channel="email")
    return enquiry


def _take_reply(mail: InboundMail, enquiry: Enquiry, email: EmailContent, now: datetime) -> None:
    if limits.is_reached("reply", enquiry.reference, now):
        _refuse(mail, f"too many replies to {enquiry.reference} within a day")
        return
    limits.count_event("reply", enquiry.reference, now)
    _add(mail, enquiry, email, MessageSender.ASKER, now)
    audit.record_about(None, "receive reply", enquiry, now, channel="email")


def _add(
    mail: InboundMail, enquiry: Enquiry, email: EmailContent, sender: MessageSender, now: datetime
) -> None:
    current = Enquiry.objects.select_for_update(of=("self",)).get(pk=enquiry.pk)
    message = add_reply(current, _text_of(email), now, sender=sender, message_id=email.message_id)
    _attach(message, mail, email)
    note_outcome(mail, InboundMailKind.REPLY, InboundMailState.DONE, current.reference)


def _text_of(email: EmailContent) -> str:
    text = email.text or NO_TEXT
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + CUT


# ---- files ----


def _attach(message: EnquiryMessage, mail: InboundMail, email: EmailContent) -> None:
    """Store the files of an email: never opened, and downloaded as files by staff alone."""
    message.mail = mail
    message.save(update_fields=["mail"])
    for number, file in enumerate(email.files[: 2 * MOST_FILES], start=1):
        reason = _not_stored_because(file, number)
        stored = b"" if reason else file.content or b""
        EnquiryAttachment.objects.create(
            message=message,
            name=file.name,
            size=len(file.content or b""),
            sha256="" if reason else _store_file(stored),
            reason=reason,
        )


def _not_stored_because(file: EmailFile, number: int) -> str:
    if number > MOST_FILES:
        return f"not stored: the email has more than {MOST_FILES} files"
    if file.content is None:
        return "not stored: it is an email inside the email"
    if len(file.content) > MOST_FILE_BYTES:
        return f"not stored: it has more than {MOST_FILE_BYTES // 1_000_000} MB"
    return ""


def _store_file(content: bytes) -> str:
    digest = sha256(content).hexdigest()
    path: Path = attachment_path(digest)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_new(path, content)
    return digest


# ---- bounces of our own emails ----


def _take_bounce(mail: InboundMail, raw: bytes, reason: str, now: datetime) -> None:
    """Note on the enquiry that an email of ours did not arrive, and open it again."""
    note_outcome(mail, InboundMailKind.BOUNCE, InboundMailState.DONE, reason)
    domain = re.escape(settings.MAIL_FROM.rpartition("@")[2].encode())
    ids = [match.decode("ascii") for match in re.findall(rb"<[0-9a-f]{32}@" + domain + b">", raw)]
    message = (
        EnquiryMessage.objects.filter(message_id__in=ids[:20], sender=MessageSender.DESK)
        .select_related("enquiry")
        .first()
    )
    enquiry = message.enquiry if message else None
    if enquiry is None or enquiry.erased_at is not None:
        return
    note = f"Our answer could not be delivered: {reason or 'the mail server gave no reason'}"
    EnquiryNote.objects.create(enquiry=enquiry, text=note[:1_000], at=now)
    enquiry.state, enquiry.ended_at, enquiry.due_at = EnquiryState.WAITING, None, due_time(now)
    enquiry.save(update_fields=["state", "ended_at", "due_at"])
    audit.record_about(None, "answer bounced", enquiry, now)


# ---- a person decides ----


@audit.serialized
def decide_email(
    *, by: Actor, row: EmailToSort, decision: str, enquiry: Enquiry | None, now: datetime
) -> Enquiry | None:
    """Add an email to an enquiry, make a new enquiry of it, or drop it.

    Answers still go to the address of the asker alone. An email that was added can be read by the
    asker. Raises RuleError if it is decided, or for an enquiry that is missing or erased.
    """
    require_permission(by, HANDLE)
    current = (
        EmailToSort.objects.select_for_update(of=("self",)).select_related("mail").get(pk=row.pk)
    )
    if current.decision:
        raise RuleError(f"someone else has decided on it: {current.get_decision_display()}")
    if decision not in SortDecision.values:
        raise RuleError("choose what happens to the email")
    result = _carry_out(by, current, SortDecision(decision), enquiry, now)
    current.decision, current.decided_at = decision, now
    current.decided_by = by if isinstance(by, User) else None
    current.enquiry = result or current.enquiry
    current.save(update_fields=["decision", "decided_at", "decided_by", "enquiry"])
    audit.record_about(by, "decide on email", current, now, decision=decision)
    return result


def _carry_out(
    by: Actor,
    row: EmailToSort,
    decision: SortDecision,
    enquiry: Enquiry | None,
    now: datetime,
) -> Enquiry | None:
    if decision == SortDecision.DROPPED:
        note_outcome(row.mail, InboundMailKind.REPLY, InboundMailState.DONE, decision.label.lower())
        return None
    email = read_email(raw_bytes(row.mail), own=own_addresses(), name=str(row.mail))
    if decision == SortDecision.NEW:
        new = _store_new(row.mail, email, now)
        # Whatever a person thinks of it: if it may be of a program, no program answers it.
        if row.reason != SortReason.MAYBE_AUTOMATIC:
            acknowledge(new, now)
        return new
    if enquiry is None:
        raise RuleError("choose the enquiry to add it to")
    target = lock_enquiry(by, enquiry)
    same = target.address.casefold() == email.sender
    _add(row.mail, target, email, MessageSender.ASKER if same else MessageSender.OTHER, now)
    return target
