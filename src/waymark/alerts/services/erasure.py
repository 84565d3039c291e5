"""Erase a subscriber: nothing of the person stays but a keyed hash of their address.

The row stays without an address, so that the counts of what was sent remain true. The hash lets a
later import or a sign-up by staff know; a person who signs up again themselves lifts it. A line of
the journal, with the hash alone, erases the address again in a restored copy of the database.
"""

import secrets
from datetime import datetime

from django.db.models import QuerySet

from waymark.accounts import audit, removals
from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts.address_spelling import address_key
from waymark.alerts.models import Bounce, Mailing, Subscriber, SuppressedAddress
from waymark.alerts.queries.dispatches import return_address
from waymark.alerts.queries.subscribers import MANAGE, subscriber_of
from waymark.alerts.queries.suppression import suppression_digest
from waymark.alerts.services.subscriptions import all_letter_keys
from waymark.core.journal import Entry
from waymark.mail.inbound.outcome import erase_raw
from waymark.mail.models import InboundMail
from waymark.mail.outbox import erase_letters

ERASED_AT_ONCE = 50


@audit.serialized
def erase_subscriber(*, by: Actor, subscriber: Subscriber, now: datetime) -> None:
    """Erase a person who asked for it. Raises NotPermitted."""
    require_permission(by, MANAGE)
    _erase_and_suppress(by, subscriber, now)


@audit.serialized
def erase_own(*, by: Actor, token: str, now: datetime) -> None:
    """Erase the subscriber of a link. Whoever has the link may. Raises NotFound."""
    _erase_and_suppress(by, subscriber_of(token), now)


@audit.serialized
def erase_address(*, by: Actor, address: str, now: datetime) -> bool:
    """Erase an address; False if nobody subscribed with it, which only keeps its hash.

    Raises NotPermitted, ParseError.
    """
    require_permission(by, MANAGE)
    key = address_key(address)
    subscriber = Subscriber.objects.filter(address_key=key).first()
    if subscriber is None:
        _suppress(suppression_digest(key), now)
        audit.record_entry(actor=by, action="suppress address", subject="alerts", now=now)
        return False
    _erase_and_suppress(by, subscriber, now)
    return True


@audit.serialized
def erase_again(*, digest: str, now: datetime) -> bool:
    """Erase again what a restored database still has of a suppressed address; False if nothing."""
    SuppressedAddress.objects.get_or_create(digest=digest, defaults={"at": now})
    rows = Subscriber.objects.filter(erased_at=None)
    same = [row for row in rows.iterator() if suppression_digest(row.address_key) == digest]
    for subscriber in same:
        _erase(None, subscriber, now)
    return bool(same)


def stopped_before(before: datetime) -> QuerySet[Subscriber]:
    """Subscribers to whom nothing has been sent since a time, because all was stopped."""
    return Subscriber.objects.filter(stopped_at__lte=before, erased_at=None)


@audit.serialized
def erase_stopped(*, before: datetime, now: datetime) -> int:
    """Erase some subscribers who were stopped before a time; returns how many.

    No hash stays: nobody asked for one, and they may subscribe again.
    """
    rows = list(stopped_before(before).select_for_update(of=("self",))[:ERASED_AT_ONCE])
    for subscriber in rows:
        _erase(None, subscriber, now)
    return len(rows)


def _erase_and_suppress(by: Actor, subscriber: Subscriber, now: datetime) -> None:
    current = Subscriber.objects.select_for_update(of=("self",)).get(pk=subscriber.pk)
    if current.erased_at is None:
        _suppress(suppression_digest(current.address_key), now)
        _erase(by, current, now)


def _suppress(digest: str, now: datetime) -> None:
    SuppressedAddress.objects.get_or_create(digest=digest, defaults={"at": now})
    audit.before_commit(lambda: removals.append_entries([erasure_line(digest, now)]))


def erasure_line(digest: str, now: datetime) -> Entry:
    """Line of the journal. Its time makes it another one each time: an address can come back."""
    return removals.removal_entry(
        subject=f"address {digest}", what=removals.ERASED, now=now, erased_at=now.isoformat()
    )


def _erase(by: Actor, subscriber: Subscriber, now: datetime) -> None:
    erase_letters(keys=all_letter_keys(subscriber))
    subscriber.sign_ups.all().delete()
    for row in subscriber.subscriptions.all():
        row.ended_at = row.ended_at or now
        # Two topics may now have the same name here: they have ended.
        row.followed, row.name, row.search = "", "", ""
        row.save()
    _erase_returned(subscriber)
    # A small domain can say who it was.
    Mailing.objects.filter(subscriber=subscriber).update(domain="")
    subscriber.address, subscriber.address_key = "", f"erased {subscriber.pk}"
    subscriber.token = secrets.token_urlsafe(32)
    subscriber.erased_at, subscriber.stopped_at = now, now
    subscriber.stopped_because = "erased"
    subscriber.save()
    audit.record_about(by, "erase subscriber", subscriber, now)


def _erase_returned(subscriber: Subscriber) -> None:
    """Erase the emails that came back from a subscriber, which quote their address.

    Their kinds and numbers stay.
    """
    addresses = [return_address(mailing) for mailing in subscriber.mailings.all()]
    for mail in InboundMail.objects.filter(recipient__in=addresses, has_raw=True):
        erase_raw(mail)
    Bounce.objects.filter(mailing__subscriber=subscriber).update(words="")
