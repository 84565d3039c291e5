"""Rows of decisions and mailings, written by statements of many rows.

Rows of the ORM would take as long as sending: 12 items for 30,000 people are 360,000 decisions.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac

from waymark.alerts.models import (
    DeliveryOutcome,
    Dispatch,
    IssueItem,
    MailingState,
    Subscriber,
)


def insert_decisions(rows: Iterable[tuple[int, int, str, int | None]]) -> None:
    """Insert decisions: subscriber, item, outcome and the mailing that brings what is due."""
    due = DeliveryOutcome.DUE.value
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO alerts_deliverydecision (subscriber_id, item_id, outcome, mailing_id)"
            " VALUES (%s, %s, %s, %s)",
            [
                (person, item, outcome, mailing if outcome == due else None)
                for person, item, outcome, mailing in rows
            ],
        )


def insert_due(
    dispatch: Dispatch, people: Sequence[Subscriber], items: Collection[IssueItem]
) -> None:
    """Insert the decision that each of these items is due to each of these people.

    people: by rising number; all of them, and nobody between them, have a mailing of the dispatch.
    The database makes the rows itself: from here they take five times as long.
    """
    if not people:
        return
    first, last, due = people[0].pk, people[-1].pk, DeliveryOutcome.DUE.value
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO alerts_deliverydecision (subscriber_id, item_id, outcome, mailing_id)"
            " SELECT subscriber_id, %s, %s, id FROM alerts_mailing"
            " WHERE dispatch_id = %s AND subscriber_id BETWEEN %s AND %s",
            [(item.pk, due, dispatch.pk, first, last) for item in items],
        )


def insert_mailings(dispatch: Dispatch, people: Collection[Subscriber]) -> None:
    """Insert a mailing for each of these people."""
    domain = settings.MAIL_FROM.rpartition("@")[2] or "waymark.invalid"
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO alerts_mailing (dispatch_id, subscriber_id, message_id, domain, state,"
            " round, attempts, claim, reason) VALUES (%s, %s, %s, %s, %s, 0, 0, '', '')",
            [
                (
                    dispatch.pk,
                    person.pk,
                    f"<{_message_hash(dispatch, person)}@{domain}>",
                    person.address.rpartition("@")[2].lower(),
                    MailingState.WAITING.value,
                )
                for person in people
            ],
        )


def mailings_of(dispatch: Dispatch, people: Collection[Subscriber]) -> Mapping[int, int]:
    """Subscriber -> their mailing of the dispatch."""
    rows = dispatch.mailings.filter(subscriber__in=[person.pk for person in people])
    return dict(rows.order_by().values_list("subscriber_id", "pk"))


def _message_hash(dispatch: Dispatch, person: Subscriber) -> str:
    """The same in a restored database where the same is sent again to the same person."""
    value = f"{dispatch} {dispatch.mark} {person.token}"
    return salted_hmac("alert", value, algorithm="sha256").hexdigest()[:40]
