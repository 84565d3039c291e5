"""Addresses of bodies, the links by which they enter, and what they report of themselves."""

import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from waymark.accounts import audit, removals
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.bodies.models import Body
from waymark.core.errors import RuleError
from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.mail.models import Letter
from waymark.mail.outbox import erase_letters, write_letter
from waymark.recommendations.letters import entry_email
from waymark.recommendations.models import (
    Addressee,
    BodyContact,
    ContactEvent,
    ContactLink,
    EntryKind,
    Source,
)
from waymark.recommendations.queries.contacts import digest_of, open_link, own_addressee
from waymark.recommendations.services.ledger import (
    NewAction,
    NewEntry,
    NewProgress,
    write_action,
    write_done,
    write_entry,
    write_progress,
)

RECORD = "record progress"
DAY = timedelta(days=1)
VALID_FOR = timedelta(hours=24)
MOST_CONTACTS = 20
MOST_OF_A_NETWORK = 20
MOST_OF_AN_ADDRESS = 5
"""Links that are asked for within 24 hours."""
LINKS_KEPT = timedelta(days=30)
OWN_KINDS = frozenset({EntryKind.ACKNOWLEDGED, EntryKind.ANSWERED, EntryKind.NOTE})
"""Entries that a body can make in its own ledger."""


class TooManyLinks(RuleError):
    """A limit of links is reached, which does not depend on the address."""


@audit.serialized
def add_contact(*, by: Actor, body: Body, address: str, now: datetime) -> BodyContact:
    """Register an address that a body has given. Raises RuleError for one that is in use."""
    require_permission(by, RECORD)
    if BodyContact.objects.filter(address_key=_spelling(address)).exists():
        raise RuleError("this address is registered already: an address acts for one body")
    if body.contacts.count() >= MOST_CONTACTS:
        raise RuleError(f"a body has at most {MOST_CONTACTS} addresses")
    contact = BodyContact.objects.create(
        body=body,
        address=address.strip(),
        address_key=_spelling(address),
        added_at=now,
        added_by=by if isinstance(by, User) else None,
    )
    removals.note_withdrawal(
        subject=f"contact {contact_digest(contact.address_key)}", withdrawn=False, now=now
    )
    audit.record_about(by, "add contact", contact, now)
    return contact


@audit.serialized
def remove_contact(*, by: Actor, contact: BodyContact, now: datetime) -> None:
    """Delete an address with every email to it: whoever entered by it is out at once."""
    require_permission(by, RECORD)
    digest = contact_digest(contact.address_key)
    removals.note_withdrawal(subject=f"contact {digest}", withdrawn=True, now=now)
    audit.record_about(by, "remove contact", contact, now)
    erase_letters(keys=[link.letter_key for link in contact.links.all()])
    reminders = Letter.objects.filter(key__startswith=f"chasing {contact.pk} ")
    erase_letters(keys=list(reminders.values_list("key", flat=True)))
    contact.delete()


def contact_digest(key: str) -> str:
    """Keyed hash of an address in its one spelling, for the journal: it names nobody."""
    return salted_hmac("contact of a body", key, algorithm="sha256").hexdigest()


def _spelling(address: str) -> str:
    return address.strip().casefold()


# ---- links ----


@audit.serialized
def request_link(*, by: Actor, address: str, network: str, now: datetime) -> None:
    """Mail a link to an address that a body has registered. Anybody may ask.

    The answer is the same for every address. Raises TooManyLinks.
    """
    ContactEvent.objects.filter(at__lte=now - DAY).delete()
    marks = [_mark("network", network), _mark("address", _spelling(address))]
    counts = [ContactEvent.objects.filter(mark=mark).count() for mark in marks]
    if counts[0] >= MOST_OF_A_NETWORK:
        raise TooManyLinks("too many links were asked for today: try again tomorrow")
    ContactEvent.objects.bulk_create(ContactEvent(mark=mark, at=now) for mark in marks)
    contact = BodyContact.objects.filter(address_key=_spelling(address)).first()
    if contact is None or counts[1] >= MOST_OF_AN_ADDRESS:
        return
    token = secrets.token_urlsafe(32)
    link = ContactLink.objects.create(
        contact=contact, digest=digest_of(token), made_at=now, expires_at=now + VALID_FOR
    )
    until = timezone.localtime(link.expires_at)
    wording = entry_email(
        contact.body.name,
        link=f"{settings.SITE_ADDRESS}{reverse('enter-our-recommendations', args=[token])}",
        until=f"{until:%H:%M} on {date_in_words(uk_date(link.expires_at))}",
        site=settings.SITE_NAME,
    )
    write_letter(key=link.letter_key, to=contact.address, wording=wording, now=now)
    audit.record_about(by, "mail link to body", contact, now)


def _mark(kind: str, value: str) -> str:
    return salted_hmac(f"body link {kind}", value, algorithm="sha256").hexdigest()


@audit.serialized
def use_link(*, token: str, now: datetime) -> BodyContact:
    """Enter by a link, once; its email is deleted. Raises NotFound for a used or old one."""
    link = open_link(token, now)
    # The other of two requests at the same moment finds it used.
    if not ContactLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now):
        return open_link(token, now).contact
    audit.record_about(AnonymousUser(), "enter by link", link.contact, now)
    return link.contact


@audit.serialized
def forget_links(*, now: datetime) -> int:
    """Delete links that are long over, with their emails; returns how many."""
    rows = list(ContactLink.objects.filter(expires_at__lte=now - LINKS_KEPT)[:200])
    if rows:
        erase_letters(keys=[link.letter_key for link in rows])
        ContactLink.objects.filter(pk__in=[link.pk for link in rows]).delete()
        audit.record_entry(
            actor=None, action="forget links", subject="contacts", now=now, number=len(rows)
        )
    return len(rows)


# ---- what a body reports of itself ----


@audit.serialized
def report_own(
    *,
    contact: BodyContact,
    addressee: int,
    what: NewEntry | NewAction | NewProgress,
    now: datetime,
) -> Addressee:
    """Store what a body reports of itself: self-reported until staff record a verification.

    addressee: primary key. Raises NotFound for one that is not the body's, RuleError.
    """
    own = own_addressee(contact, addressee)
    visitor = AnonymousUser()
    if isinstance(what, NewEntry):
        if what.kind not in OWN_KINDS:
            raise RuleError("a body can acknowledge, answer, or write a note")
        write_entry(own, what, Source.BODY, by=visitor, now=now)
    elif isinstance(what, NewAction):
        write_action(own, what, Source.BODY, by=visitor, now=now)
    else:
        if what.verified is not None:
            raise RuleError("a body cannot verify what it reports of itself")
        write_progress(own.review, own.number, what, Source.BODY, own, by=visitor, now=now)
    return own


@audit.serialized
def finish_own_action(
    *,
    contact: BodyContact,
    addressee: int,
    action: int,
    done_on: date,
    evidence: str,
    now: datetime,
) -> None:
    """Store that a body says it has done one of its actions. Raises NotFound, RuleError."""
    own = own_addressee(contact, addressee)
    row = own.actions.filter(pk=action).first()
    if row is None:
        raise RuleError("there is no such action")
    write_done(row, done_on, evidence, by=AnonymousUser(), now=now)
