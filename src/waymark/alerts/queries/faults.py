"""Faults among the subscribers that `waymark doctor` looks for."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from waymark.alerts.models import SignUp, Subscriber, Subscription, SuppressedAddress
from waymark.alerts.queries.suppression import suppression_digest
from waymark.alerts.sign_up_letters import FORGOTTEN_AFTER

LATE = timedelta(days=1)


def subscriber_faults(now: datetime) -> Iterator[str]:
    """Faults, each in a line. No address is in them: the lines may be sent to other people."""
    forgotten = now - FORGOTTEN_AFTER - LATE
    rows = SignUp.objects.filter(confirmed_at=None, created_at__lt=forgotten)
    old = rows.exclude(letter_at__gte=forgotten).count()
    if old:
        yield f"{old} sign-ups that nobody confirmed should be deleted: run waymark work"
    current = Subscription.objects.filter(ended_at=None)
    for row in current.filter(subscriber__confirmed_at=None):
        yield f"subscriber {row.subscriber_id} receives alerts without having confirmed"
    for row in current.exclude(subscriber__erased_at=None):
        yield f"subscriber {row.subscriber_id} receives alerts and is erased"
    yield from _suppressed_faults()


def _suppressed_faults() -> Iterator[str]:
    digests = frozenset(SuppressedAddress.objects.values_list("digest", flat=True))
    if not digests:
        return
    rows = Subscriber.objects.filter(erased_at=None).exclude(confirmed_at=None)
    for number, key in rows.values_list("pk", "address_key").iterator():
        if suppression_digest(key) in digests:
            yield (
                f"subscriber {number} is confirmed, and had their address erased: erase them again "
                "at Workspace, Subscribers"
            )
