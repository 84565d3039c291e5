"""Reminders, expiry and erasure by rule."""

import secrets
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from waymark.accounts import audit
from waymark.core.uk_time import uk_date
from waymark.data_access import letters
from waymark.data_access.models import (
    AccessState,
    ApplicationEvent,
    DataApplication,
)
from waymark.data_access.queries import (
    DueDates,
    never_confirmed,
    to_erase,
    to_remind,
)
from waymark.data_access.services.steps import end_access, mail_applicant
from waymark.data_access.terms import CONFIRMED_WITHIN
from waymark.mail.email_text import EmailText
from waymark.mail.models import Letter
from waymark.mail.outbox import erase_letters

MONTH = timedelta(days=365.25 / 12)
REMINDED_BEFORE = (timedelta(days=30), timedelta(days=7))
DESTRUCTION_CHASED = timedelta(days=30)


def remind_and_end(*, now: datetime) -> int:
    """Send what is due before and after the last day, and end what is over; returns how many."""
    today = uk_date(now)
    days = DueDates(today, today + max(REMINDED_BEFORE))
    if not to_remind(days).exists() and not _undestroyed(now).exists():
        return 0
    return _remind(days, now)


def _undestroyed(now: datetime) -> QuerySet[DataApplication]:
    """Those that took data, ended some time ago, and did not confirm that they destroyed it."""
    return DataApplication.objects.filter(
        state__in=(AccessState.EXPIRED, AccessState.REVOKED),
        destroyed_at=None,
        erased_at=None,
        ended_at__lte=now - DESTRUCTION_CHASED,
        exports__isnull=False,
    ).distinct()


@audit.serialized
def _remind(days: DueDates, now: datetime) -> int:
    done = 0
    for row in to_remind(days).select_for_update(of=("self",)):
        until = row.expires_on
        if until is not None and row.is_over(days.today):
            end_access(row, AccessState.EXPIRED, now)
            if row.exports.exists():
                mail_applicant(row, f"expired {until}", letters.expired_email, now)
            audit.record_about(None, "data access expires", row, now)
            done += 1
            continue
        done += _remind_before(row, days.today, now)
    for row in _undestroyed(now):
        done += _mail_once(row, "destruction", letters.expired_email, now)
    return done


def _remind_before(row: DataApplication, today: date, now: datetime) -> int:
    """The reminder for the time that is left; each is sent once for a last day."""
    until = row.expires_on
    if until is None:
        return 0
    due = [before for before in REMINDED_BEFORE if until - today <= before]
    what = f"ending {until} {min(due).days}"
    return _mail_once(row, what, letters.ending_email, now, until=until)


def _mail_once(
    row: DataApplication, what: str, text: Callable[..., EmailText], now: datetime, **more: object
) -> int:
    if Letter.objects.filter(key=f"{row.reference} {what}").exists():
        return 0
    mail_applicant(row, what, text, now, **more)
    return 1


def erase_due(*, now: datetime) -> int:
    """Erase who asked and why, some time after an application ended; returns how many.

    Dataset, profile, days and exports stay for the statistics. Nothing stays of an application
    whose address was not confirmed within CONFIRMED_WITHIN.
    """
    before, unconfirmed = now - settings.KEEP_ENQUIRIES_MONTHS * MONTH, now - CONFIRMED_WITHIN
    done = _delete(unconfirmed, now) if never_confirmed(unconfirmed).exists() else 0
    return done + (_erase(before, now) if to_erase(before).exists() else 0)


def count_due(*, now: datetime) -> int:
    """Number of applications that erase_due() erases or deletes now."""
    before, unconfirmed = now - settings.KEEP_ENQUIRIES_MONTHS * MONTH, now - CONFIRMED_WITHIN
    return never_confirmed(unconfirmed).count() + to_erase(before).count()


def count_old_events(*, before: datetime) -> int:
    """Number of counted applications before a time."""
    return ApplicationEvent.objects.filter(at__lte=before).count()


def forget_old_events(*, before: datetime) -> int:
    """Forget counted applications before a time; returns how many. The next one does it too."""
    return ApplicationEvent.objects.filter(at__lte=before).delete()[0]


@audit.serialized
def _delete(before: datetime, now: datetime) -> int:
    rows = list(never_confirmed(before).select_for_update(of=("self",))[:50])
    for row in rows:
        _erase_emails(row)
        row.delete()
    _record_erasure(rows, now)
    return len(rows)


@audit.serialized
def _erase(before: datetime, now: datetime) -> int:
    rows = list(to_erase(before)[:50])
    for row in rows:
        _erase_emails(row)
        row.name = row.organisation = row.address = row.purpose = row.ethics = ""
        row.reason, row.token, row.erased_at = "", secrets.token_urlsafe(32), now
        row.save()
    _record_erasure(rows, now)
    return len(rows)


def _erase_emails(row: DataApplication) -> None:
    keys = Letter.objects.filter(key__startswith=f"{row.reference} ")
    erase_letters(keys=list(keys.values_list("key", flat=True)))


def _record_erasure(rows: Collection[DataApplication], now: datetime) -> None:
    if rows:
        audit.record_entry(
            actor=None,
            action="erase data applications",
            subject="data access",
            now=now,
            number=len(rows),
        )
