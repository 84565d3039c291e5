"""Sessions that are over: Django leaves their rows, which say who signed in and searched what."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from waymark.accounts import audit

MOST_AT_ONCE = 1_000


def _expired(before: datetime) -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lte=before)


def count_expired(*, before: datetime) -> int:
    """Number of sessions that expired before a time."""
    return _expired(before).count()


@audit.serialized
def delete_expired(*, before: datetime, now: datetime) -> int:
    """Delete some of the sessions that expired before a time; returns how many."""
    keys = list(_expired(before).values_list("pk", flat=True)[:MOST_AT_ONCE])
    number, _ = Session.objects.filter(pk__in=keys).delete()
    if number:
        audit.record_entry(
            actor=None, action="delete sessions", subject="accounts", now=now, number=number
        )
    return number
