"""Subscriptions: started, changed, ended, stopped and taken up again."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from waymark.accounts import audit, removals
from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts import sign_up_letters, wordings
from waymark.alerts.choices import MOST_CHOICES, SubscriptionChoice, as_rows
from waymark.alerts.models import SignUp, SignUpSource, Subscriber, Subscription
from waymark.alerts.queries.subscribers import MANAGE, current_choices, subscriber_of
from waymark.core.errors import NotFound, RuleError
from waymark.mail.outbox import erase_letters, write_letter

ENDED = "ended "
"""In the journal, before the list and what was followed in it."""
OWN_STOP = "asked to stop all alerts"
MOVED = "moved to another address"
OWN_STOPS = frozenset({OWN_STOP, MOVED})
"""Stops that only the subscriber themselves can undo, by signing up again."""


# ---- steps of several services, in their transaction ----


def start_subscriptions(
    subscriber: Subscriber, choices: Iterable[SubscriptionChoice], now: datetime
) -> None:
    """Start what is not current yet."""
    current = {(row.alert_list, row.followed) for row in _current(subscriber)}
    Subscription.objects.bulk_create(
        Subscription(
            subscriber=subscriber,
            alert_list=choice.alert_list,
            followed=choice.followed,
            name=choice.name,
            search=choice.search,
            started_at=now,
        )
        for choice in choices
        if choice.key not in current
    )


def end_subscriptions(rows: Iterable[Subscription], now: datetime) -> int:
    """End subscriptions, also in the journal: a restored copy must not begin them again."""
    ended = 0
    for row in rows:
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        removals.write_removal(
            subject=f"subscriber {row.subscriber_id}",
            what=f"{ENDED}{row}",
            now=now,
            since=row.started_at.isoformat(),
        )
        ended += 1
    return ended


def _current(subscriber: Subscriber) -> list[Subscription]:
    return list(subscriber.subscriptions.filter(ended_at=None))


def resume(subscriber: Subscriber, *, frequency: str, now: datetime) -> None:
    """Store that the owner of the address has agreed, again after a stop."""
    subscriber.confirmed_at = subscriber.confirmed_at or now
    subscriber.stopped_at, subscriber.stopped_because = None, ""
    subscriber.followed_frequency = frequency or subscriber.followed_frequency
    subscriber.save()


def move_to_address(sign_up: SignUp, subscriber: Subscriber, now: datetime) -> None:
    """Give a subscriber the address of a confirmed sign-up.

    If the address subscribes already, that subscriber gets what this one received.
    """
    key = f"{subscriber.audit_subject()} moved {sign_up.pk}"
    wording = sign_up_letters.moved_letter(site=settings.SITE_NAME)
    write_letter(key=key, to=subscriber.address, wording=wording, now=now)
    other = Subscriber.objects.filter(address_key=sign_up.address_key).first()
    if other is not None and other.confirmed_at is not None:
        _join(subscriber, other, now)
        return
    if other is not None:
        # Somebody else typed the address meanwhile, and nobody confirmed that.
        erase_letters(keys=all_letter_keys(other))
        other.delete()
    subscriber.address, subscriber.address_key = sign_up.address, sign_up.address_key
    resume(subscriber, frequency="", now=now)


def _join(subscriber: Subscriber, other: Subscriber, now: datetime) -> None:
    start_subscriptions(other, current_choices(subscriber), now)
    resume(other, frequency=subscriber.followed_frequency, now=now)
    end_subscriptions(_current(subscriber), now)
    _stop(subscriber, MOVED, now)


def _stop(subscriber: Subscriber, reason: str, now: datetime) -> None:
    subscriber.stopped_at, subscriber.stopped_because = now, reason[:200]
    subscriber.save(update_fields=["stopped_at", "stopped_because"])


def letter_keys(sign_up: SignUp) -> list[str]:
    """Keys of the letters of a sign-up, the oldest first."""
    subject = f"subscriber {sign_up.subscriber_id}"
    return [f"{subject} confirm {sign_up.pk} {n + 1}" for n in range(sign_up.letters)]


def all_letter_keys(subscriber: Subscriber) -> list[str]:
    """Keys of all letters about signing up."""
    rows = list(subscriber.sign_ups.all())
    moved = [f"{subscriber.audit_subject()} moved {row.pk}" for row in rows]
    return [*moved, *(key for row in rows for key in letter_keys(row))]


# ---- by the subscriber, with the link of an email ----


@audit.serialized
def change_preferences(
    *,
    by: Actor,
    token: str,
    choices: Collection[SubscriptionChoice],
    frequency: str,
    now: datetime,
) -> Subscriber:
    """Receive exactly these alerts from now on. Whoever has the link may. Raises NotFound."""
    subscriber = _locked(token)
    if len(choices) > MOST_CHOICES:
        raise RuleError(f"choose at most {MOST_CHOICES} alerts, topics and searches")
    current = {(row.alert_list, row.followed): row for row in _current(subscriber)}
    new = [choice for choice in choices if choice.key not in current]
    keys = {choice.key for choice in choices}
    end_subscriptions([row for key, row in current.items() if key not in keys], now)
    if new:
        start_subscriptions(subscriber, new, now)
        _record_consent(subscriber, new, now)
    if choices:
        resume(subscriber, frequency=frequency, now=now)
    else:
        _stop(subscriber, OWN_STOP, now)
    audit.record_about(by, "change alerts", subscriber, now)
    return subscriber


def _record_consent(
    subscriber: Subscriber, choices: Collection[SubscriptionChoice], now: datetime
) -> None:
    SignUp.objects.create(
        subscriber=subscriber,
        address=subscriber.address,
        address_key=subscriber.address_key,
        choices=as_rows(choices),
        source=SignUpSource.PREFERENCES,
        wording=wordings.CURRENT,
        token=secrets.token_urlsafe(32),
        created_at=now,
        confirmed_at=now,
    )


@audit.serialized
def unsubscribe(*, token: str, alert_list: str, now: datetime) -> bool:
    """End a list for the subscriber of a link; False if it was not current or there is none."""
    try:
        subscriber = _locked(token)
    except NotFound:
        return False
    ended = end_subscriptions(
        [row for row in _current(subscriber) if row.alert_list == alert_list], now
    )
    if ended:
        audit.record_about(AnonymousUser(), "unsubscribe", subscriber, now, alert_list=alert_list)
    return ended > 0


@audit.serialized
def stop_all(*, by: Actor, token: str, now: datetime) -> Subscriber:
    """End everything for the subscriber of a link. Raises NotFound."""
    return change_preferences(by=by, token=token, choices=(), frequency="", now=now)


def _locked(token: str) -> Subscriber:
    return Subscriber.objects.select_for_update(of=("self",)).get(pk=subscriber_of(token).pk)


@audit.serialized
def end_again(*, number: int, ended: Mapping[str, datetime], now: datetime) -> bool:
    """End what a restored database began again; False if nothing.

    ended: list, and what was followed in it -> when the subscription had started that ended. One
    that started later is another one, and lasts.
    """
    rows = Subscription.objects.filter(subscriber=number, ended_at=None)
    same = [row for row in rows if ended.get(str(row)) == row.started_at]
    return end_subscriptions(same, now) > 0


# ---- by staff ----


@audit.serialized
def stop_subscriber(*, by: Actor, subscriber: Subscriber, now: datetime) -> None:
    """End everything for a person who asked for it by phone or email. Raises NotPermitted."""
    require_permission(by, MANAGE)
    current = Subscriber.objects.select_for_update(of=("self",)).get(pk=subscriber.pk)
    end_subscriptions(_current(current), now)
    _stop(current, OWN_STOP, now)
    audit.record_about(by, "stop alerts", current, now)


@audit.serialized
def stop_undeliverable(*, subscriber: Subscriber, reason: str, now: datetime) -> None:
    """Send nothing more to an address that does not work; its subscriptions stay.

    reason: in words, without the address.
    """
    current = Subscriber.objects.select_for_update(of=("self",)).get(pk=subscriber.pk)
    if current.stopped_at is None:
        _stop(current, reason, now)
        audit.record_about(None, "stop undeliverable", current, now, reason=reason[:200])


@audit.serialized
def undo_stop(*, by: Actor, subscriber: Subscriber, now: datetime) -> None:
    """Send again to an address that was stopped because it did not work.

    Raises NotPermitted, and RuleError where the person stopped it themselves.
    """
    require_permission(by, MANAGE)
    current = Subscriber.objects.select_for_update(of=("self",)).get(pk=subscriber.pk)
    if current.stopped_at is None or current.erased_at is not None:
        raise RuleError("sending to this subscriber is not stopped")
    if current.stopped_because in OWN_STOPS:
        raise RuleError("this person stopped the alerts: they can sign up again, also by phone")
    current.stopped_at, current.stopped_because = None, ""
    current.save(update_fields=["stopped_at", "stopped_because"])
    audit.record_about(by, "undo stop", current, now)
