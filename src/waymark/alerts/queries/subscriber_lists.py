"""Subscribers as staff see them: counts, the list, one by number or by exact address."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Q, QuerySet

from waymark.accounts.models import AuditEntry
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.queries import history_of
from waymark.alerts.address_spelling import address_key
from waymark.alerts.choices import SubscriptionChoice
from waymark.alerts.models import AlertList, SignUp, Subscriber, Subscription
from waymark.alerts.queries.recipients import RECEIVING
from waymark.alerts.queries.subscribers import MANAGE, choice_of
from waymark.core.errors import ParseError, require_found


class SubscriberState(StrEnum):
    """State of a subscriber."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    STOPPED = "stopped"
    ERASED = "erased"


OF_STATE = {
    SubscriberState.CONFIRMED: Q(confirmed_at__isnull=False, stopped_at=None, erased_at=None),
    SubscriberState.UNCONFIRMED: Q(confirmed_at=None, erased_at=None),
    SubscriberState.STOPPED: Q(
        confirmed_at__isnull=False, stopped_at__isnull=False, erased_at=None
    ),
    SubscriberState.ERASED: Q(erased_at__isnull=False),
}
"""State -> the subscribers in it; each subscriber is in one."""
ACTIONS = {
    "sign up for alerts": "Signed up",
    "confirm alerts": "Confirmed",
    "change alerts": "Changed their choices",
    "request new address": "Asked to use another address",
    "unsubscribe": "Unsubscribed from a list",
    "stop alerts": "Stopped at their request",
    "stop undeliverable": "Stopped: emails could not be delivered",
    "undo stop": "Stop undone",
    "erase subscriber": "Erased",
}
"""Action of the audit log -> in words."""


def state_of(subscriber: Subscriber) -> SubscriberState:
    """The state of a subscriber."""
    if subscriber.erased_at is not None:
        return SubscriberState.ERASED
    if subscriber.confirmed_at is None:
        return SubscriberState.UNCONFIRMED
    if subscriber.stopped_at is not None:
        return SubscriberState.STOPPED
    return SubscriberState.CONFIRMED


@dataclass(frozen=True, slots=True)
class SubscriberCounts:
    """Numbers of subscribers. of_state: by state; of_list: who receives a list now."""

    of_state: dict[SubscriberState, int]
    of_list: dict[AlertList, int]


def subscriber_counts(person: Actor) -> SubscriberCounts:
    """Counts of all subscribers. Raises NotPermitted."""
    require_permission(person, MANAGE)
    states = Subscriber.objects.aggregate(
        **{state.value: Count("pk", filter=where) for state, where in OF_STATE.items()}
    )
    rows = Subscription.objects.filter(RECEIVING, ended_at=None).order_by()
    counted = dict(rows.values_list("alert_list").annotate(Count("subscriber", distinct=True)))
    return SubscriberCounts(
        {state: states[state.value] for state in SubscriberState},
        {row: counted.get(row.value, 0) for row in AlertList},
    )


def listed_subscribers(person: Actor) -> QuerySet[Subscriber]:
    """All subscribers. Raises NotPermitted."""
    require_permission(person, MANAGE)
    return Subscriber.objects.all()


def choices_of(subscribers: Collection[Subscriber]) -> dict[int, list[SubscriptionChoice]]:
    """Number of each subscriber -> what they receive now."""
    choices: dict[int, list[SubscriptionChoice]] = {row.pk: [] for row in subscribers}
    for row in Subscription.objects.filter(subscriber__in=choices, ended_at=None):
        choices[row.subscriber_id].append(choice_of(row))
    return choices


def subscriber_with(number: int, person: Actor) -> Subscriber:
    """A subscriber by number. Raises NotPermitted, NotFound."""
    require_permission(person, MANAGE)
    row = Subscriber.objects.filter(pk=number).first()
    return require_found(row, f"there is no subscriber {number}")


def subscriber_at(address: str, person: Actor) -> Subscriber | None:
    """The subscriber with exactly this address, in any spelling of it. Raises NotPermitted."""
    require_permission(person, MANAGE)
    try:
        key = address_key(address)
    except ParseError:
        return None
    return Subscriber.objects.filter(address_key=key).first()


@dataclass(frozen=True, slots=True)
class SubscriberRecord:
    """All that is stored of a subscriber. history: audit entries in words, the latest first."""

    subscriber: Subscriber
    state: SubscriberState
    subscriptions: list[Subscription]
    consents: list[SignUp]
    waiting: list[SignUp]
    history: list[tuple[AuditEntry, str]]


def subscriber_record(number: int, person: Actor) -> SubscriberRecord:
    """The record of a subscriber. Raises NotPermitted, NotFound."""
    subscriber = subscriber_with(number, person)
    sign_ups = list(subscriber.sign_ups.select_related("recorded_by").order_by("-pk"))
    entries = history_of([subscriber.audit_subject()], person, actions=ACTIONS)
    return SubscriberRecord(
        subscriber,
        state_of(subscriber),
        list(subscriber.subscriptions.order_by("-started_at", "pk")),
        [row for row in sign_ups if row.confirmed_at is not None],
        [row for row in sign_ups if row.confirmed_at is None],
        [(entry, ACTIONS[entry.action]) for entry in entries],
    )


def masked(address: str) -> str:
    """An address that people recognise and nobody can write to, for lists: "a…@a.example"."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}…{at}{domain}" if at else ""
