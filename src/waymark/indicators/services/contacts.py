"""Services of the contacts log, and of the highlight of a year that is made of it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from waymark.accounts import audit, removals
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError, require_found
from waymark.core.uk_time import uk_date
from waymark.documents.anonymity.identifiers import KINDS
from waymark.documents.anonymity.search import find_identifiers
from waymark.indicators.contact_counts import ContactHighlightTables
from waymark.indicators.contact_terms import CHANNELS, TOPICS
from waymark.indicators.models import ContactHighlight, LoggedContact
from waymark.indicators.periods import year_period
from waymark.indicators.queries.contacts import counted_tables
from waymark.indicators.services.describing import PUBLISH

LOG = "log contacts"
COUNTED = "counted"
"""Kind of line in the journal of removals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetails:
    """What is logged of a contact: see LoggedContact."""

    day: date
    topic: str
    channel: str
    referred: bool
    note: str = ""


@audit.serialized
def log_contact(*, by: Actor, contact: ContactDetails, now: datetime) -> LoggedContact:
    """Log a contact. Raises NotPermitted, and RuleError for a note that may identify a person."""
    require_permission(by, LOG)
    (row,) = _stored(by, [contact], now)
    audit.record_about(by, "log contact", row, now)
    return row


@audit.serialized
def log_contacts(*, by: Actor, contacts: Sequence[ContactDetails], now: datetime) -> int:
    """Log many contacts, all or none; return their number. Raises as log_contact()."""
    require_permission(by, LOG)
    rows = _stored(by, contacts, now)
    audit.record_entry(
        actor=by, action="log contacts", subject="contacts log", now=now, contacts=len(rows)
    )
    return len(rows)


def _stored(by: Actor, contacts: Sequence[ContactDetails], now: datetime) -> list[LoggedContact]:
    counted = {row.starts for row in ContactHighlight.objects.all()}
    for contact in contacts:
        _check(contact, counted, now)
    person = by if isinstance(by, User) else None
    return LoggedContact.objects.bulk_create(
        [
            LoggedContact(
                day=contact.day,
                topic=contact.topic,
                channel=contact.channel,
                referred=contact.referred,
                note=contact.note.strip(),
                logged_at=now,
                logged_by=person,
            )
            for contact in contacts
        ],
        batch_size=1_000,
    )


def _check(contact: ContactDetails, counted: set[date], now: datetime) -> None:
    if contact.topic not in TOPICS or contact.channel not in CHANNELS:
        raise RuleError("choose a topic and a channel of the log")
    if contact.day > uk_date(now):
        raise RuleError("the day is in the future: enter the day of the contact")
    if starts_of_year(contact.day) in counted:
        raise RuleError("the highlight of this year is published: its contacts are counted once")
    check_note(contact.note)


def check_note(note: str) -> None:
    """Raise RuleError for a note that is too long or may identify a person."""
    if len(note.strip()) > 200:
        raise RuleError("the note can have at most 200 characters")
    identifiers = find_identifiers(note)
    if identifiers:
        what = KINDS[identifiers[0].kind].lower()
        raise RuleError(
            f"the note may identify a person ({what}: {identifiers[0].words!r}): write it without"
        )


def starts_of_year(day: date) -> date:
    """1 April of the financial year of a day."""
    period = year_period("financial", day.year)
    return period.start if day >= period.start else period.start.replace(year=day.year - 1)


@audit.serialized
def remove_contact(*, by: Actor, number: int, now: datetime) -> None:
    """Remove a contact that was logged by mistake, while its year is not published.

    Raises NotPermitted, NotFound, RuleError.
    """
    require_permission(by, LOG)
    row = require_found(
        LoggedContact.objects.filter(pk=number).first(), "there is no such contact in the log"
    )
    if ContactHighlight.objects.filter(starts=starts_of_year(row.day)).exists():
        raise RuleError("the highlight of this year is published: its contacts stay")
    audit.record_about(by, "remove contact", row, now)
    row.delete()


@audit.serialized
def publish_highlight(*, by: Actor, starts: date, profile: str, now: datetime) -> ContactHighlight:
    """Count, protect and publish the contacts of a financial year that is over.

    Raises NotPermitted, RuleError for a year that is not over, has no contact or was published,
    UnprotectableCount.
    """
    require_permission(by, PUBLISH)
    if starts != starts_of_year(starts):
        raise RuleError("a highlight is of a year from 1 April")
    if year_period("financial", starts.year).end >= uk_date(now):
        raise RuleError("the year is not over yet")
    if ContactHighlight.objects.filter(starts=starts).exists():
        raise RuleError("the contacts of this year were published already: they are counted once")
    if profile == "open":
        raise RuleError("choose a profile that protects small numbers: k3, k5 or r5")
    tables = counted_tables(starts, profile)
    _count_once(starts, tables, now)
    row = ContactHighlight.objects.create(
        starts=starts,
        tables=tables.as_json(),
        published_at=now,
        published_by=by if isinstance(by, User) else None,
    )
    audit.record_about(by, "publish contacts of a year", row, now, profile=profile)
    return row


def _count_once(starts: date, tables: ContactHighlightTables, now: datetime) -> None:
    """Note in the journal of removals, which no restore takes back, what is published of a year.

    Raises RuleError if other numbers of it were: the two could be subtracted.
    """
    subject = f"highlight {starts}"
    text = json.dumps(tables.as_json(), sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    earlier = removals.last_entries().get((subject, COUNTED, 0))
    if earlier is not None and earlier["tables"] != digest:
        raise RuleError(
            "other numbers of this year were published before the database was restored: together"
            " they would show single contacts. Choose the same protection as then, or restore a"
            " backup that has the highlight"
        )
    removals.write_removal(subject=subject, what=COUNTED, now=now, tables=digest)


@audit.serialized
def withdraw_highlight(*, by: Actor, starts: date, now: datetime) -> None:
    """Withdraw a highlight; it is never counted again. Raises NotPermitted, NotFound."""
    require_permission(by, PUBLISH)
    row = require_found(
        ContactHighlight.objects.filter(starts=starts).first(), "there is no such highlight"
    )
    if row.withdrawn_at is None:
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        removals.note_withdrawal(subject=f"highlight {row.starts}", withdrawn=True, now=now)
        audit.record_about(by, "withdraw contacts of a year", row, now)
