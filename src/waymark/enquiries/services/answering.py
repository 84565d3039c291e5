"""Answers of the desk, and what staff do with an enquiry: assign, note, close, spam, reopen."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, has_permission, require_permission
from waymark.core.errors import ConcurrentChange, RuleError
from waymark.enquiries.citation_marks import numbered, spoilt_mark
from waymark.enquiries.email_templates import CitationLine, ReportLine, answer_email
from waymark.enquiries.models import (
    AnswerDraft,
    Enquiry,
    EnquiryKind,
    EnquiryMessage,
    EnquiryNote,
    EnquiryState,
    LiteratureSearch,
    MessageCitation,
    MessageSender,
)
from waymark.enquiries.queries.citing import ResolvedCitation, resolve_marks
from waymark.enquiries.queries.desk import HANDLE
from waymark.enquiries.queries.search_reports import report_paths
from waymark.enquiries.services.asking import due_time, signature_of
from waymark.mail.email_text import EmailText, EmailThread
from waymark.mail.outbox import write_letter

AFTER_ANSWER = frozenset({EnquiryState.ANSWERED, EnquiryState.ASKED})
LONGEST_ANSWER = 40_000
"""Most characters of an answer."""


@dataclass(frozen=True, slots=True)
class PreparedAnswer:
    """An answer as it will be sent. text: with numbers; email: None without an address."""

    text: str
    citations: tuple[ResolvedCitation, ...]
    email: EmailText | None


def prepare_answer(
    enquiry: Enquiry, text: str, now: datetime, *, report: LiteratureSearch | None = None
) -> PreparedAnswer:
    """Check an answer and number its citations. Nothing is stored.

    report: the literature search whose report goes with it. Raises RuleError for an empty answer, a
    spoilt mark, a citation of what the public cannot see, because the asker is the public, and a
    report of another enquiry or of a search that is not finished.
    """
    if not text.strip():
        raise RuleError("enter your answer")
    if spoilt := spoilt_mark(text):
        raise RuleError(f"a citation has no end: write the bracket after “{spoilt[:60]}”")
    citations = resolve_marks(text, now)
    answer = numbered(text).strip()
    lines = [
        CitationLine(row.number, row.label, f"{settings.SITE_ADDRESS}{row.path}")
        for row in citations
    ]
    reports = _report_lines(enquiry, report)
    email = answer_email(signature_of(enquiry), text=answer, citations=lines, reports=reports)
    return PreparedAnswer(answer, citations, email if enquiry.address else None)


def _report_lines(enquiry: Enquiry, report: LiteratureSearch | None) -> list[ReportLine]:
    if report is None:
        return []
    if report.enquiry_id != enquiry.pk or report.finished_at is None:
        raise RuleError("finish the literature search of this enquiry before you send its report")
    return [
        ReportLine(f"{report.title} ({label})", f"{settings.SITE_ADDRESS}{path}")
        for label, path in report_paths(enquiry, report)
    ]


def lock_enquiry(by: Actor, enquiry: Enquiry) -> Enquiry:
    """The current row of an enquiry, locked for a change. Raises RuleError if it was erased."""
    require_permission(by, HANDLE)
    current = Enquiry.objects.select_for_update(of=("self",)).get(pk=enquiry.pk)
    if current.erased_at is not None:
        raise RuleError(f"{current.reference} was erased: nothing can be added to it")
    return current


@audit.serialized
def send_answer(
    *,
    by: Actor,
    enquiry: Enquiry,
    text: str,
    state: str,
    seen: int,
    now: datetime,
    report: LiteratureSearch | None = None,
) -> EnquiryMessage:
    """Store an answer and write the email with it.

    state: ANSWERED, or ASKED if the asker has to tell us more. seen: number of the last message
    that the person read. report: the literature search whose report goes with it. Raises
    RuleError, and ConcurrentChange if there is a newer message.
    """
    current = lock_enquiry(by, enquiry)
    if state not in AFTER_ANSWER:
        raise RuleError("choose what happens after this answer")
    last = current.messages.last()
    if last is None or last.pk != seen:
        raise ConcurrentChange(
            "there is a newer message in this enquiry: read it, then send your answer"
        )
    # The search is read again under the lock: another person may have reopened it.
    report = (
        LiteratureSearch.objects.select_for_update(of=("self",)).get(pk=report.pk)
        if report
        else None
    )
    prepared = prepare_answer(current, text, now, report=report)
    message = EnquiryMessage.objects.create(
        enquiry=current,
        sender=MessageSender.DESK,
        text=prepared.text,
        at=now,
        author=by if isinstance(by, User) else None,
    )
    MessageCitation.objects.bulk_create(
        MessageCitation(
            message=message,
            number=row.number,
            kind=row.kind,
            key=row.key,
            label=row.label,
            path=row.path,
        )
        for row in prepared.citations
    )
    if report is not None and report.sent_at is None:
        report.sent_with, report.sent_at = message, now
        report.save(update_fields=["sent_with", "sent_at"])
    if prepared.email is not None:
        _write_answer(current, message, prepared.email, now)
    _note_answer(current, EnquiryState(state), now)
    if isinstance(by, User):
        AnswerDraft.objects.filter(enquiry=current, person=by).delete()
    audit.record_about(by, "answer enquiry", current, now, state=state)
    return message


def _write_answer(
    enquiry: Enquiry, message: EnquiryMessage, wording: EmailText, now: datetime
) -> None:
    """Write the email, to the asker's address alone, whoever wrote last."""
    last_email = enquiry.messages.filter(sender=MessageSender.ASKER).exclude(message_id="").last()
    letter = write_letter(
        key=answer_key(message),
        to=enquiry.address,
        wording=wording,
        now=now,
        thread=EmailThread(
            reply_to=settings.CONTACT_EMAIL,
            in_reply_to=last_email.message_id if last_email else "",
            automatic=False,
        ),
    )
    message.message_id = letter.message_id
    message.save(update_fields=["message_id"])


def answer_key(message: EnquiryMessage) -> str:
    """Key of the email of an answer."""
    return f"{message.enquiry.reference} answer {message.pk}"


def _note_answer(enquiry: Enquiry, state: EnquiryState, now: datetime) -> None:
    if enquiry.answered_at is None:
        enquiry.answered_at = now
        enquiry.opening_minutes = settings.DESK_HOURS.minutes_between(enquiry.received_at, now)
        enquiry.in_time = now <= enquiry.due_at
    enquiry.state, enquiry.ended_at = state, now
    enquiry.save(update_fields=["answered_at", "opening_minutes", "in_time", "state", "ended_at"])


@audit.serialized
def assign_enquiry(*, by: Actor, enquiry: Enquiry, person: User | None, now: datetime) -> None:
    """Hand an enquiry on to a person who handles enquiries, or to nobody."""
    current = lock_enquiry(by, enquiry)
    if person is not None and not has_permission(person, HANDLE):
        raise RuleError(f"{person.get_username()} does not handle enquiries")
    current.assigned_to = person
    current.save(update_fields=["assigned_to"])
    name = person.get_username() if person else ""
    audit.record_about(by, "assign enquiry", current, now, to=name)


@audit.serialized
def note_on_enquiry(*, by: Actor, enquiry: Enquiry, text: str, now: datetime) -> EnquiryNote:
    """Add an internal note, which the asker never sees."""
    current = lock_enquiry(by, enquiry)
    if not text.strip():
        raise RuleError("enter your note")
    note = EnquiryNote.objects.create(
        enquiry=current, text=text.strip(), at=now, author=by if isinstance(by, User) else None
    )
    audit.record_about(by, "note on enquiry", current, now)
    return note


@audit.serialized
def change_kind(*, by: Actor, enquiry: Enquiry, kind: str, now: datetime) -> None:
    """Change the kind of an enquiry, such as a question that is a literature search."""
    current = lock_enquiry(by, enquiry)
    if kind not in EnquiryKind.values:
        raise RuleError("choose a kind")
    current.kind = EnquiryKind(kind)
    current.save(update_fields=["kind"])
    audit.record_about(by, "change kind of enquiry", current, now, kind=kind)


@audit.serialized
def close_enquiry(*, by: Actor, enquiry: Enquiry, spam: bool, now: datetime) -> None:
    """End an enquiry without an answer, or as spam. A reply of the asker opens it again."""
    current = lock_enquiry(by, enquiry)
    current.state = EnquiryState.SPAM if spam else EnquiryState.CLOSED
    current.ended_at = now
    current.save(update_fields=["state", "ended_at"])
    audit.record_about(by, "mark enquiry as spam" if spam else "close enquiry", current, now)


@audit.serialized
def reopen_enquiry(*, by: Actor, enquiry: Enquiry, now: datetime) -> None:
    """Open an ended enquiry again; an answer is due as if it had arrived now."""
    current = lock_enquiry(by, enquiry)
    if current.state == EnquiryState.WAITING:
        return
    current.state, current.ended_at, current.due_at = EnquiryState.WAITING, None, due_time(now)
    current.save(update_fields=["state", "ended_at", "due_at"])
    audit.record_about(by, "reopen enquiry", current, now)
