"""Subscribers whose emails fail: counted in a row, until an email arrives again."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts.models import Bounce, Mailing, MailingState, Subscriber
from waymark.alerts.queries.subscribers import MANAGE
from waymark.mail.bounce_reasons import BounceKind

ARRIVES_WITHIN = timedelta(days=3)
"""An email that did not come back by then has arrived: servers tell of a delay sooner."""
NO_FAILURE = (BounceKind.AUTO_REPLY, BounceKind.DELIVERED)


def failing_subscribers(person: Actor) -> QuerySet[Subscriber]:
    """Subscribers with a failure or complaint that nobody has looked at. Raises NotPermitted."""
    require_permission(person, MANAGE)
    unseen = Bounce.objects.filter(seen_at=None).exclude(kind__in=NO_FAILURE)
    mailings = Mailing.objects.filter(bounces__in=unseen, subscriber=OuterRef("pk"))
    rows = Subscriber.objects.filter(Exists(mailings), erased_at=None)
    last = Bounce.objects.filter(mailing__subscriber=OuterRef("pk")).order_by("-at")
    return rows.annotate(last_failure=Subquery(last.values("at")[:1]))


def last_bounces(subscribers: Collection[int]) -> Mapping[int, Bounce]:
    """Subscriber -> their latest failure or complaint."""
    rows = Bounce.objects.filter(mailing__subscriber__in=subscribers).exclude(kind__in=NO_FAILURE)
    # The latest comes last, so it stays.
    return {row.mailing.subscriber_id: row for row in rows.select_related("mailing").order_by("pk")}


def failures_in_a_row(subscribers: Collection[int], now: datetime) -> Mapping[int, int]:
    """Subscriber -> emails that failed since the last one that arrived.

    Example: failed, arrived, failed, failed, sent yesterday: 2, as of the last one nobody knows.
    """
    failure = Bounce.objects.filter(mailing=OuterRef("pk")).exclude(kind__in=NO_FAILURE)
    rows = (
        Mailing.objects.filter(
            subscriber__in=subscribers, state__in=(MailingState.SENT, MailingState.REFUSED)
        )
        .annotate(failed=Exists(failure))
        .order_by("-pk")
        .values_list("subscriber_id", "failed", "state", "sent_at")
    )
    counts: dict[int, int] = defaultdict(int)
    ended: set[int] = set()
    for subscriber, failed, _state, sent_at in rows:
        if subscriber in ended:
            continue
        if failed:
            counts[subscriber] += 1
        elif sent_at is not None and sent_at < now - ARRIVES_WITHIN:
            ended.add(subscriber)
    return counts


def bounces_of(subscriber: Subscriber, person: Actor) -> list[Bounce]:
    """What came back from a subscriber, the latest first. Raises NotPermitted."""
    require_permission(person, MANAGE)
    rows = Bounce.objects.filter(mailing__subscriber=subscriber)
    return list(rows.select_related("mailing__dispatch__issue", "seen_by").order_by("-pk")[:50])
