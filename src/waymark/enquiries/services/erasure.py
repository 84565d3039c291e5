"""Erase who asked and what was said, some time after an enquiry ended; numbers stay.

A literature search stays: it names no asker, and the next person may ask the same.
Backups contain erased data until they are replaced.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from waymark.accounts import audit
from waymark.enquiries.models import (
    AnswerDraft,
    Consultancy,
    CopyRequest,
    DeskErasure,
    EmailToSort,
    Enquiry,
    EnquiryAttachment,
    EnquiryMessage,
    EnquiryNote,
    EnquiryState,
)
from waymark.enquiries.queries.files import attachment_path
from waymark.mail.inbound.outcome import erase_raw
from waymark.mail.models import InboundMail, InboundMailState, Letter
from waymark.mail.outbox import erase_letters

MONTH = timedelta(days=365.25 / 12)
MOST_AT_ONCE = 50
"""Enquiries and emails that are erased in one transaction."""
ERASED = "Erased"


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What the rule erases now. references: of the enquiries; emails: number of emails with no
    enquiry, or of one of these.
    """

    references: tuple[str, ...]
    messages: int
    attachments: int
    emails: int
    log: int


def _before(now: datetime) -> datetime:
    return now - settings.KEEP_ENQUIRIES_MONTHS * MONTH


def _due(now: datetime) -> QuerySet[Enquiry]:
    ended = ~Q(state=EnquiryState.WAITING) & Q(ended_at__lte=_before(now))
    return Enquiry.objects.filter(ended, erased_at=None)


def _due_emails(now: datetime) -> QuerySet[InboundMail]:
    """Emails of no enquiry that are older than the period, and not waiting for a person."""
    old = InboundMail.objects.filter(received_at__lte=_before(now), has_raw=True)
    done = Q(state=InboundMailState.DONE) | Q(state=InboundMailState.REFUSED)
    of_enquiries = EnquiryMessage.objects.filter(mail__isnull=False, enquiry__erased_at=None)
    return old.filter(done).exclude(pk__in=of_enquiries.values("mail"))


def _mails_of(enquiries: QuerySet[Enquiry]) -> QuerySet[InboundMail]:
    """The stored emails of enquiries, also those that only seemed to belong to one."""
    messages = EnquiryMessage.objects.filter(enquiry__in=enquiries, mail__isnull=False)
    own = Q(pk__in=messages.values("mail")) | Q(to_sort__enquiry__in=enquiries)
    return InboundMail.objects.filter(own, has_raw=True).distinct()


def _old_log(now: datetime) -> QuerySet[DeskErasure]:
    return DeskErasure.objects.filter(at__lte=_before(now))


def plan_erasure(*, now: datetime) -> ErasurePlan:
    """What would be erased now. Nothing is changed."""
    due = _due(now)
    messages = EnquiryMessage.objects.filter(enquiry__in=due)
    return ErasurePlan(
        references=tuple(due.order_by("reference").values_list("reference", flat=True)),
        messages=messages.count(),
        attachments=EnquiryAttachment.objects.filter(message__in=messages).count(),
        emails=_due_emails(now).count() + _mails_of(due).count(),
        log=_old_log(now).count(),
    )


def count_due(*, now: datetime) -> int:
    """Number of enquiries, emails and log rows that erase_due() erases now."""
    return _due(now).count() + _due_emails(now).count() + _old_log(now).count()


def erase_due(*, now: datetime) -> int:
    """Erase some of what is due; returns the number of enquiries, emails and log rows.

    Of an enquiry, kind, channel, state and times stay, so that the statistics stay.
    """
    if not (_due(now).exists() or _due_emails(now).exists() or _old_log(now).exists()):
        return 0
    return _erase(now)


@audit.serialized
def _erase(now: datetime) -> int:
    done = DeskErasure(at=now, enquiries=0, messages=0, attachments=0, emails=0)
    for enquiry in _due(now).select_for_update(of=("self",))[:MOST_AT_ONCE]:
        _erase_enquiry(enquiry, done, now)
    alone = list(_due_emails(now)[:MOST_AT_ONCE])
    for mail in alone:
        EmailToSort.objects.filter(mail=mail).delete()
        erase_raw(mail)
    done.emails += len(alone)
    aged, _ = _old_log(now).delete()
    if done.enquiries or done.emails:
        done.save()
        # One entry of numbers: the log names none of those who were erased.
        audit.record_entry(
            actor=None,
            action="erase enquiries",
            subject="the desk",
            now=now,
            enquiries=done.enquiries,
            emails=done.emails,
        )
    # As count_due() counts: the emails of an enquiry are part of it.
    return done.enquiries + len(alone) + aged


def _erase_enquiry(enquiry: Enquiry, done: DeskErasure, now: datetime) -> None:
    messages = list(enquiry.messages.all())
    done.attachments += _erase_attachments(messages)
    for mail in _mails_of(Enquiry.objects.filter(pk=enquiry.pk)):
        erase_raw(mail)
        done.emails += 1
    EmailToSort.objects.filter(enquiry=enquiry).delete()
    letters = Letter.objects.filter(key__startswith=f"{enquiry.reference} ")
    erase_letters(keys=list(letters.values_list("key", flat=True)))
    done.messages += len(messages)
    EnquiryMessage.objects.filter(enquiry=enquiry).delete()
    EnquiryNote.objects.filter(enquiry=enquiry).delete()
    # Kinds, numbers and days stay, for the statistics.
    CopyRequest.objects.filter(enquiry=enquiry).update(part="")
    Consultancy.objects.filter(enquiry=enquiry).update(organisation="", scope="")
    AnswerDraft.objects.filter(enquiry=enquiry).delete()
    enquiry.subject, enquiry.erased_at, enquiry.token = ERASED, now, secrets.token_urlsafe(32)
    enquiry.name = enquiry.address = enquiry.phone = ""
    enquiry.asked_from = enquiry.receipt_id = ""
    enquiry.save()
    done.enquiries += 1


def _erase_attachments(messages: list[EnquiryMessage]) -> int:
    rows = EnquiryAttachment.objects.filter(message__in=messages)
    number, hashes = rows.count(), set(rows.exclude(sha256="").values_list("sha256", flat=True))
    rows.delete()
    # Equal files of other enquiries share the bytes.
    shared = EnquiryAttachment.objects.filter(sha256__in=hashes).values_list("sha256", flat=True)
    for digest in hashes - set(shared):
        attachment_path(digest).unlink(missing_ok=True)
    return number
