"""Decide once who receives what, in steps that a killed worker's successor continues."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from waymark.accounts import audit
from waymark.accounts.installation import send_epoch
from waymark.alerts.models import (
    AlertIssue,
    DeliveryDecision,
    DeliveryOutcome,
    Dispatch,
    DispatchKind,
    FollowedFrequency,
    IssueItem,
    Subscriber,
    Subscription,
)
from waymark.alerts.queries.dispatches import ARRIVED, FOLLOWED_LISTS
from waymark.alerts.queries.issues import items_to_show
from waymark.alerts.services.decision_rows import (
    insert_decisions,
    insert_due,
    insert_mailings,
    mailings_of,
)
from waymark.core.errors import RuleError

SUBSCRIBERS_AT_ONCE = 1_000
"""Of one step: its transaction is short, so that nobody who saves something waits."""


@audit.serialized
def begin_issue(*, issue: AlertIssue, now: datetime) -> Dispatch:
    """Begin to decide who receives an approved issue. Once is enough.

    Raises RuleError for a draft, and if all its items are gone: an empty issue is never sent.
    """
    begun = Dispatch.objects.filter(issue=issue, kind=DispatchKind.ISSUE).first()
    if begun is not None:
        return begun
    if issue.approved_at is None:
        raise RuleError("this issue is a draft: it is sent once it is approved")
    items = items_to_show(issue, now)
    if not items:
        raise RuleError(f"all items of {issue} are gone: an empty issue is not sent")
    dispatch = Dispatch.objects.create(
        issue=issue,
        kind=DispatchKind.ISSUE,
        moment=issue.approved_at,
        mark=_mark([issue.title, *(_content_of(item) for item in items)]),
        epoch=send_epoch(),
    )
    audit.record_about(None, "begin sending alerts", dispatch, now, items=len(items))
    return dispatch


@audit.serialized
def begin_change(
    *, item: IssueItem, kind: DispatchKind, moment: datetime, now: datetime
) -> Dispatch:
    """Begin to decide who is told of a correction or withdrawal. Once is enough."""
    begun = Dispatch.objects.filter(item=item, kind=kind, moment=moment).first()
    if begun is not None:
        return begun
    dispatch = Dispatch.objects.create(
        issue=item.issue,
        kind=kind,
        item=item,
        moment=moment,
        mark=_mark([kind, _content_of(item), item.correction]),
        epoch=send_epoch(),
    )
    audit.record_about(None, "begin sending alerts", dispatch, now)
    return dispatch


@audit.serialized
def decide_step(*, dispatch: Dispatch, now: datetime) -> bool:
    """Decide for the next subscribers who are due; False when all were decided already."""
    current = Dispatch.objects.select_for_update(of=("self",)).select_related("issue", "item")
    dispatch = current.get(pk=dispatch.pk)
    if dispatch.decided_at is not None:
        return False
    decide = _decide_issue if dispatch.kind == DispatchKind.ISSUE else _decide_change
    last = decide(dispatch, now)
    if last is None:
        dispatch.decided_at = now
        mailings = dispatch.mailings.count()
        audit.record_about(None, "decide who receives alerts", dispatch, now, mailings=mailings)
    else:
        dispatch.decided_to = last
    dispatch.save(update_fields=["decided_to", "decided_at"])
    return True


# ---- an issue ----


def _decide_issue(dispatch: Dispatch, now: datetime) -> int | None:
    """Decide for some subscribers; the number of the last one, None if there is none left."""
    rows = _subscriptions(dispatch)
    later = rows.filter(subscriber__gt=dispatch.decided_to).order_by("subscriber")
    numbers = list(later.values_list("subscriber", flat=True).distinct()[:SUBSCRIBERS_AT_ONCE])
    if not numbers:
        return None
    items = items_to_show(dispatch.issue, now)
    received = _received_before(dispatch, items, numbers)
    step = _Step(dispatch, items, received, _is_first_of_month(dispatch.issue))
    subscriptions = rows.filter(subscriber__in=numbers).order_by("subscriber", "pk")
    if dispatch.issue.alert_list in FOLLOWED_LISTS:
        step.decide_followed(subscriptions)
    else:
        step.decide_same(subscriptions)
    return numbers[-1]


def _is_first_of_month(issue: AlertIssue) -> bool:
    """True if no earlier issue of the list covers a last day in the same month."""
    month = issue.last_day.replace(day=1)
    earlier = AlertIssue.objects.filter(
        alert_list=issue.alert_list, number__lt=issue.number, last_day__gte=month
    )
    return not earlier.exclude(approved_at=None).exists()


def _subscriptions(dispatch: Dispatch) -> QuerySet[Subscription]:
    """The subscriptions to the list that lasted when the issue was approved."""
    lasted = Q(ended_at=None) | Q(ended_at__gt=dispatch.moment)
    rows = Subscription.objects.filter(
        lasted, alert_list=dispatch.issue.alert_list, started_at__lte=dispatch.moment
    )
    return rows.select_related("subscriber")


def _received_before(
    dispatch: Dispatch, items: Iterable[IssueItem], subscribers: Collection[int]
) -> frozenset[tuple[int, str, int]]:
    """Subscriber, thing followed and record of what an earlier issue of the list brought.

    Only where things are followed: there a job makes the items, and may repeat one.
    """
    if dispatch.issue.alert_list not in FOLLOWED_LISTS:
        return frozenset()
    rows = DeliveryDecision.objects.filter(
        subscriber__in=subscribers,
        outcome=DeliveryOutcome.DUE,
        item__record__in=[item.record_id for item in items if item.record_id],
        item__issue__alert_list=dispatch.issue.alert_list,
    ).exclude(item__issue=dispatch.issue)
    return frozenset(rows.values_list("subscriber_id", "item__followed", "item__record_id"))


@dataclass(frozen=True, slots=True)
class _Step:
    """Decisions for some subscribers of an issue."""

    dispatch: Dispatch
    items: list[IssueItem]
    received: frozenset[tuple[int, str, int]]
    first_of_month: bool

    def decide_same(self, subscriptions: Iterable[Subscription]) -> None:
        """Decide for a list whose items are the same for all its subscribers."""
        outcomes = {row.subscriber: self._outcome(row) for row in subscriptions}
        due = [person for person, outcome in outcomes.items() if outcome is DeliveryOutcome.DUE]
        insert_mailings(self.dispatch, due)
        insert_due(self.dispatch, due, self.items)
        insert_decisions(
            (person.pk, item.pk, outcome.value, None)
            for person, outcome in outcomes.items()
            for item in self.items
            if outcome is not DeliveryOutcome.DUE
        )

    def decide_followed(self, subscriptions: Iterable[Subscription]) -> None:
        """Decide for a list of which each subscriber receives what they follow."""
        outcomes: dict[Subscriber, dict[int, DeliveryOutcome]] = defaultdict(dict)
        by_followed = self._items_by_followed()
        for row in subscriptions:
            rows, outcome = outcomes[row.subscriber], self._outcome(row)
            for item in by_followed.get(row.followed, ()):
                already = (row.subscriber_id, item.followed, item.record_id) in self.received
                if already and outcome is DeliveryOutcome.DUE:
                    rows.setdefault(item.pk, DeliveryOutcome.ALREADY)
                else:
                    rows.setdefault(item.pk, outcome)
        pending = self._pending(outcomes)
        due = [
            person
            for person, rows in outcomes.items()
            if (DeliveryOutcome.DUE in rows.values() or person.pk in pending)
            and not self._waits(person)
        ]
        insert_mailings(self.dispatch, due)
        mailings = mailings_of(self.dispatch, due)
        insert_decisions(
            (person.pk, item, outcome.value, mailings.get(person.pk))
            for person, rows in outcomes.items()
            for item, outcome in rows.items()
        )
        for person, decisions in pending.items():
            if person in mailings:
                waited = DeliveryDecision.objects.filter(pk__in=decisions)
                waited.update(mailing_id=mailings[person])

    def _waits(self, person: Subscriber) -> bool:
        """True for who gets followed things monthly, except in the first issue of a month."""
        monthly = person.followed_frequency == FollowedFrequency.MONTHLY
        return monthly and not self.first_of_month

    def _pending(self, people: Iterable[Subscriber]) -> Mapping[int, list[int]]:
        """Subscriber -> decisions on items of earlier issues that waited for this month."""
        rows = DeliveryDecision.objects.filter(
            subscriber__in=[person.pk for person in people],
            outcome=DeliveryOutcome.DUE,
            mailing=None,
            item__issue__alert_list=self.dispatch.issue.alert_list,
        )
        pending: dict[int, list[int]] = defaultdict(list)
        for subscriber, decision in rows.values_list("subscriber_id", "pk"):
            pending[subscriber].append(decision)
        return pending

    def _items_by_followed(self) -> Mapping[str, list[IssueItem]]:
        items: dict[str, list[IssueItem]] = defaultdict(list)
        for item in self.items:
            items[item.followed].append(item)
        return items

    def _outcome(self, row: Subscription) -> DeliveryOutcome:
        person, moment = row.subscriber, self.dispatch.moment
        if person.confirmed_at is None or person.confirmed_at > moment:
            return DeliveryOutcome.UNCONFIRMED
        if person.stopped_at is not None and person.stopped_at <= moment:
            return DeliveryOutcome.STOPPED
        return DeliveryOutcome.DUE


# ---- a correction or withdrawal ----


def _decide_change(dispatch: Dispatch, now: datetime) -> int | None:
    """A mailing for the next of those who received the item as it was; see _decide_issue()."""
    received = DeliveryDecision.objects.filter(
        item=dispatch.item,
        subscriber__gt=dispatch.decided_to,
        mailing__state__in=ARRIVED,
        # An email is written after it was claimed, so a later one has the text as it is now.
        mailing__claimed_at__lte=dispatch.moment,
    )
    rows = received.select_related("subscriber").order_by("subscriber")[:SUBSCRIBERS_AT_ONCE]
    people = [row.subscriber for row in rows]
    insert_mailings(dispatch, people)
    return people[-1].pk if people else None


def _content_of(item: IssueItem) -> list[str]:
    return [item.followed, item.heading, item.summary, item.address]


def _mark(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]
