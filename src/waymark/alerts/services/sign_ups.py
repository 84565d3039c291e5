"""Sign up for alerts, confirm, and forget those who did not confirm.

A known and an unknown address run through the same statements and get the same letter, so neither
the answer nor its time tells which is subscribed. A letter is left out only where the address got
one in the last 24 hours that is not confirmed yet: the first one has all that was asked for since.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts import sign_up_letters as letters
from waymark.alerts import wordings
from waymark.alerts.address_spelling import address_key, mailbox_of
from waymark.alerts.choices import MOST_CHOICES, SubscriptionChoice, as_rows, from_rows, joined
from waymark.alerts.models import (
    SignUp,
    SignUpAttempt,
    SignUpSource,
    Subscriber,
    SuppressedAddress,
)
from waymark.alerts.queries.links import confirm_address
from waymark.alerts.queries.subscribers import (
    MANAGE,
    SignUpState,
    lists_in_words,
    sign_up_of,
    sign_up_state,
    subscriber_of,
)
from waymark.alerts.queries.suppression import is_suppressed, suppression_digest
from waymark.alerts.services.subscriptions import (
    letter_keys,
    move_to_address,
    resume,
    start_subscriptions,
)
from waymark.core.errors import RuleError
from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.mail.outbox import erase_letters, write_letter

DAY = timedelta(days=1)
MOST_OF_A_NETWORK = 50
"""Sign-up forms from one network in 24 hours: a whole office may be behind one address."""
MOST_OF_A_MAILBOX = 5
"""Letters to one mailbox in 24 hours, however its address is spelt."""
MOST_OF_ALL = 2_000
"""Sign-up forms in 24 hours: more would make the mail server's owner a sender of spam."""

FORGOTTEN_AT_ONCE = 200
"""Sign-ups deleted in one transaction."""


class TooManySignUps(RuleError):
    """A limit of sign-ups is reached, which does not depend on the address."""


@dataclass(frozen=True, slots=True)
class SignUpRequest:
    """What a person asked for. frequency: of followed topics and searches, "" to leave it."""

    address: str
    choices: Sequence[SubscriptionChoice]
    frequency: str = ""


@audit.serialized
def sign_up(*, by: Actor, request: SignUpRequest, network: str, now: datetime) -> None:
    """Store a sign-up from the website and write the letter to confirm it. Anybody may.

    network: of the sender. Raises ParseError, RuleError without a choice, TooManySignUps.
    """
    key = address_key(request.address)
    _require_choices(request.choices)
    may_write = _count_attempt(network=network, key=key, now=now)
    _take(by, request, key, SignUpSource.WEB, may_write=may_write, now=now)


@audit.serialized
def sign_up_caller(
    *, by: Actor, request: SignUpRequest, source: SignUpSource, now: datetime
) -> Subscriber:
    """Sign up a person who phoned or wrote. They confirm by the same letter.

    Raises NotPermitted, ParseError, and RuleError without a choice or for an erased address.
    """
    require_permission(by, MANAGE)
    key = address_key(request.address)
    _require_choices(request.choices)
    if is_suppressed(key):
        raise RuleError(
            "the owner of this address had it erased: ask them to sign up on the page Alerts"
        )
    return _take(by, request, key, source, may_write=True, now=now)


@audit.serialized
def request_new_address(
    *, by: Actor, token: str, address: str, network: str, now: datetime
) -> None:
    """Write to another address of a subscriber; it becomes theirs when it is confirmed.

    Whoever has the link may. The answer does not tell whether the address subscribes already.
    Raises NotFound, ParseError, TooManySignUps, and RuleError for the address that they have.
    """
    subscriber = subscriber_of(token)
    key = address_key(address)
    if key == subscriber.address_key:
        raise RuleError("your alerts go to this address already")
    may_write = _count_attempt(network=network, key=key, now=now)
    waiting = waiting_sign_up(subscriber, address.strip(), key, now)
    waiting.source, waiting.wording = SignUpSource.PREFERENCES, wordings.CURRENT
    write_sign_up_letter(waiting, may_write=may_write, now=now)
    audit.record_about(by, "request new address", subscriber, now)


def _require_choices(choices: Sequence[SubscriptionChoice]) -> None:
    if not choices:
        raise RuleError("choose at least one alert")
    if len(choices) > MOST_CHOICES:
        raise RuleError(f"choose at most {MOST_CHOICES} alerts, topics and searches")


# ---- limits ----


def _keyed_hash(kind: str, text: str) -> str:
    return salted_hmac(f"sign-up {kind}", text, algorithm="sha256").hexdigest()


def count_old_attempts(*, before: datetime) -> int:
    """Number of forms sent before a time that are still counted."""
    return SignUpAttempt.objects.filter(at__lte=before).count()


def forget_old_attempts(*, before: datetime) -> int:
    """Forget forms sent before a time; returns how many. The next form does it too."""
    return SignUpAttempt.objects.filter(at__lte=before).delete()[0]


def _count_attempt(*, network: str, key: str, now: datetime) -> bool:
    """Count a form; True if a letter may go to the mailbox. Raises TooManySignUps."""
    SignUpAttempt.objects.filter(at__lte=now - DAY).delete()
    of_network = _keyed_hash("network", network)
    of_mailbox = _keyed_hash("mailbox", mailbox_of(key))
    attempts = SignUpAttempt.objects
    if (
        attempts.filter(network=of_network).count() >= MOST_OF_A_NETWORK
        or attempts.count() >= MOST_OF_ALL
    ):
        raise TooManySignUps(
            "We have received too many sign-ups today: try again tomorrow, or contact us"
        )
    earlier = attempts.filter(mailbox=of_mailbox).count()
    attempts.create(network=of_network, mailbox=of_mailbox, at=now)
    return earlier < MOST_OF_A_MAILBOX


# ---- requests ----


def _take(
    by: Actor,
    request: SignUpRequest,
    key: str,
    source: SignUpSource,
    *,
    may_write: bool,
    now: datetime,
) -> Subscriber:
    # One statement for a known and an unknown address alike; the row is the one that was there.
    Subscriber.objects.bulk_create(
        [
            Subscriber(
                address=request.address.strip(),
                address_key=key,
                token=secrets.token_urlsafe(32),
                created_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    subscriber = Subscriber.objects.select_for_update(of=("self",)).get(address_key=key)
    waiting = waiting_sign_up(subscriber, request.address.strip(), key, now)
    waiting.choices = as_rows(joined(from_rows(waiting.choices), request.choices)[:MOST_CHOICES])
    waiting.followed_frequency = request.frequency or waiting.followed_frequency
    waiting.source, waiting.wording = source, wordings.CURRENT
    waiting.recorded_by = by if source != SignUpSource.WEB and isinstance(by, User) else None
    write_sign_up_letter(waiting, may_write=may_write, now=now)
    audit.record_about(by, "sign up for alerts", subscriber, now, source=str(source))
    return subscriber


def waiting_sign_up(subscriber: Subscriber, address: str, key: str, now: datetime) -> SignUp:
    """The request of an address that waits to be confirmed, or a new one that is not stored yet."""
    row = SignUp.objects.filter(subscriber=subscriber, address_key=key, confirmed_at=None).first()
    return row or SignUp(
        subscriber=subscriber,
        address=address,
        address_key=key,
        choices=[],
        token=secrets.token_urlsafe(32),
        created_at=now,
    )


def write_sign_up_letter(sign_up: SignUp, *, may_write: bool, now: datetime) -> None:
    """Store a request, and write its letter unless one was written in the last 24 hours."""
    due = sign_up.letter_at is None or sign_up.letter_at <= now - DAY
    if may_write and due:
        sign_up.letter_at, sign_up.letters = now, sign_up.letters + 1
    sign_up.save()
    if not (may_write and due):
        return
    until = timezone.localtime(now + letters.VALID_FOR)
    words = {
        "link": confirm_address(sign_up),
        "until": f"{date_in_words(uk_date(until))}, {until:%H:%M}",
        "site": settings.SITE_NAME,
    }
    if sign_up.address_key != sign_up.subscriber.address_key:
        wording = letters.new_address_letter(**words)
    else:
        called = sign_up.source in {SignUpSource.PHONE, SignUpSource.EMAIL}
        lists = lists_in_words(from_rows(sign_up.choices))
        wording = letters.confirmation_letter(lists=lists, called=called, **words)
    # The address in the form that mail servers use; the part before the @ as it was typed.
    name, domain = sign_up.address.rpartition("@")[0], sign_up.address_key.rpartition("@")[2]
    write_letter(
        key=letter_keys(sign_up)[-1],
        to=f"{name}@{domain}",
        wording=wording,
        now=now,
    )


# ---- confirmed or forgotten ----


class LinkExpired(RuleError):
    """The link of a letter is too old."""


@audit.serialized
def confirm_sign_up(*, token: str, now: datetime) -> tuple[SignUp, bool]:
    """Confirm by the link of a letter: the owner of the mailbox has agreed.

    Returns the sign-up, and False if it was confirmed before, which changes nothing. Raises
    NotFound, LinkExpired.
    """
    sign_up = sign_up_of(token)
    state = sign_up_state(sign_up, now)
    if state == SignUpState.EXPIRED:
        raise LinkExpired("the link in this email has expired: sign up again on the page Alerts")
    if state == SignUpState.CONFIRMED:
        return sign_up, False
    subscriber = Subscriber.objects.select_for_update(of=("self",)).get(pk=sign_up.subscriber_id)
    sign_up.confirmed_at = now
    sign_up.save(update_fields=["confirmed_at"])
    SuppressedAddress.objects.filter(digest=suppression_digest(sign_up.address_key)).delete()
    if sign_up.address_key != subscriber.address_key:
        move_to_address(sign_up, subscriber, now)
    else:
        subscriber.address = sign_up.address
        start_subscriptions(subscriber, from_rows(sign_up.choices), now)
        resume(subscriber, frequency=sign_up.followed_frequency, now=now)
    audit.record_about(AnonymousUser(), "confirm alerts", subscriber, now, sign_up=sign_up.pk)
    return sign_up, True


def unconfirmed_before(before: datetime) -> QuerySet[SignUp]:
    """Sign-ups whose letter to confirm is older than a time."""
    rows = SignUp.objects.filter(confirmed_at=None, created_at__lte=before)
    return rows.filter(Q(letter_at=None) | Q(letter_at__lte=before))


@audit.serialized
def forget_unconfirmed(*, now: datetime) -> int:
    """Delete sign-ups that nobody confirmed within 7 days, with their letters and addresses."""
    due = unconfirmed_before(now - letters.FORGOTTEN_AFTER)
    rows = list(due.select_related("subscriber")[:FORGOTTEN_AT_ONCE])
    erase_letters(keys=[key for row in rows for key in letter_keys(row)])
    for row in rows:
        row.delete()
        if row.subscriber.confirmed_at is None and not row.subscriber.sign_ups.exists():
            row.subscriber.delete()
    if rows:
        audit.record_entry(
            actor=None, action="forget sign-ups", subject="alerts", now=now, number=len(rows)
        )
    return len(rows)
