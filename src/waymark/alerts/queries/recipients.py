"""Who receives a list, and since when."""

from datetime import datetime

from django.db.models import Q, QuerySet

from waymark.alerts.models import AlertList, FollowedFrequency, Subscription

RECEIVING = Q(
    subscriber__confirmed_at__isnull=False, subscriber__stopped_at=None, subscriber__erased_at=None
)
"""Subscriptions of people to whom something may be sent."""


def recipients(
    alert_list: AlertList | str, at: datetime, *, frequency: FollowedFrequency | None = None
) -> QuerySet[Subscription]:
    """The subscriptions to a list that lasted at a moment, with their subscribers, by subscriber.

    Only of people who had confirmed by then and are neither stopped nor erased since. In the lists
    of followed topics and searches a person has several; frequency: of these alone. A subscription
    that ended after that moment is among them: see still_receives() before sending.
    """
    lasted = Q(ended_at=None) | Q(ended_at__gt=at)
    rows = Subscription.objects.filter(
        RECEIVING,
        lasted,
        alert_list=alert_list,
        started_at__lte=at,
        subscriber__confirmed_at__lte=at,
    )
    if frequency is not None:
        rows = rows.filter(subscriber__followed_frequency=frequency)
    return rows.select_related("subscriber").order_by("subscriber_id", "pk")


def still_receives(subscription: Subscription) -> bool:
    """True if the subscription lasts and nothing stops its subscriber: read from the database."""
    return Subscription.objects.filter(RECEIVING, pk=subscription.pk, ended_at=None).exists()
