"""Whether an issue reached everyone due, and why not: counted from the rows, never from a flag."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Max, Min, Q, QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts.models import (
    AlertIssue,
    AlertList,
    Bounce,
    DeliveryDecision,
    DeliveryOutcome,
    Dispatch,
    IssueItem,
    Mailing,
    MailingState,
    Subscription,
)
from waymark.alerts.queries.dispatches import NOT_SETTLED
from waymark.alerts.queries.issues import EDIT, issue_for
from waymark.alerts.queries.subscriber_lists import masked
from waymark.core.errors import require_found

SEND = "manage emails"
UNKNOWN_LISTED = 200
"""Emails to decide on that a page lists one by one."""


@dataclass(frozen=True, slots=True)
class ItemDelivery:
    """Delivery of one item. due: people; of_state: state of their email -> people; monthly: those
    who get it in their email of the month. not_due: reason -> people.
    """

    item: IssueItem
    due: int
    of_state: Mapping[MailingState, int]
    monthly: int
    not_due: Mapping[DeliveryOutcome, int]

    @property
    def reached(self) -> int:
        return self.of_state.get(MailingState.SENT, 0)


@dataclass(frozen=True, slots=True)
class UnknownMailing:
    """An email of which nobody knows whether it was sent. receiver: the masked address."""

    number: int
    receiver: str
    message_id: str


@dataclass(frozen=True, slots=True)
class DispatchDelivery:
    """Emails of a dispatch by state, with the reasons of those that were not sent.

    unknown_mailings: the first UNKNOWN_LISTED of those that nobody knows of.
    """

    dispatch: Dispatch
    of_state: Mapping[MailingState, int]
    reasons: Mapping[tuple[MailingState, str], int]
    unknown_mailings: Sequence[UnknownMailing] = ()

    @property
    def emails(self) -> int:
        return sum(self.of_state.values())

    @property
    def unknown(self) -> int:
        return self.of_state.get(MailingState.UNKNOWN, 0)

    @property
    def failed(self) -> int:
        return self.of_state.get(MailingState.FAILED, 0)

    @property
    def finished(self) -> bool:
        """True if it is decided who is due, and of every email what became of it."""
        decided = self.dispatch.decided_at is not None
        return decided and not any(self.of_state.get(state, 0) for state in NOT_SETTLED)


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """Delivery of an issue, its corrections and withdrawals.

    later: people who subscribed to the list after it was approved, and so do not get it.
    """

    issue: AlertIssue
    dispatches: list[DispatchDelivery]
    items: list[ItemDelivery]
    later: int
    bounces: Mapping[str, int] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        """True once everyone due was sent the issue or there is a reason why not."""
        return bool(self.dispatches) and all(row.finished for row in self.dispatches)


def delivery_report(issue: AlertIssue, person: Actor) -> DeliveryReport:
    """The report of an approved issue. Raises NotPermitted."""
    require_permission(person, EDIT)
    dispatches = Dispatch.objects.filter(issue=issue).select_related("issue", "item")
    later = Subscription.objects.none()
    if issue.approved_at is not None:
        later = Subscription.objects.filter(
            alert_list=issue.alert_list, started_at__gt=issue.approved_at, ended_at=None
        )
    bounces = Bounce.objects.filter(mailing__dispatch__issue=issue).order_by()
    return DeliveryReport(
        issue=issue,
        dispatches=[_dispatch_delivery(row) for row in dispatches],
        items=_item_deliveries(issue),
        later=later.values("subscriber").distinct().count(),
        bounces=dict(bounces.values_list("kind").annotate(number=Count("pk")).order_by("kind")),
    )


def _dispatch_delivery(dispatch: Dispatch) -> DispatchDelivery:
    rows = dispatch.mailings.order_by().values_list("state", "reason")
    of_state: dict[MailingState, int] = defaultdict(int)
    reasons: dict[tuple[MailingState, str], int] = {}
    for state, reason, number in rows.annotate(number=Count("pk")).order_by("state", "reason"):
        of_state[MailingState(state)] += number
        if reason and state != MailingState.SENT:
            reasons[MailingState(state), reason] = number
    return DispatchDelivery(
        dispatch, dict(of_state), reasons, _unknown_mailings(dispatch, of_state)
    )


def _unknown_mailings(
    dispatch: Dispatch, of_state: Mapping[MailingState, int]
) -> tuple[UnknownMailing, ...]:
    if not of_state.get(MailingState.UNKNOWN):
        return ()
    rows = dispatch.mailings.filter(state=MailingState.UNKNOWN).order_by("pk")
    return tuple(
        UnknownMailing(row.pk, masked(row.subscriber.address), row.message_id)
        for row in rows.select_related("subscriber")[:UNKNOWN_LISTED]
    )


def chosen_mailings(dispatch: Dispatch, message_ids: Sequence[str]) -> list[int]:
    """Numbers of the emails of a dispatch with these Message-IDs that nobody knows of."""
    full_ids = {f"<{name.strip().strip('<>')}>" for name in message_ids}
    rows = dispatch.mailings.filter(state=MailingState.UNKNOWN, message_id__in=full_ids)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _item_deliveries(issue: AlertIssue) -> list[ItemDelivery]:
    """One query for all items: a row for each item, outcome and state of the email."""
    counts: dict[int, dict[tuple[str, str | None], int]] = defaultdict(dict)
    rows = DeliveryDecision.objects.filter(item__issue=issue).order_by()
    columns = ("item", "outcome", "mailing__state")
    for item, outcome, state, number in rows.values_list(*columns).annotate(number=Count("pk")):
        counts[item][outcome, state] = number
    return [_item_delivery(item, counts[item.pk]) for item in issue.items.all()]


def _item_delivery(item: IssueItem, counts: Mapping[tuple[str, str | None], int]) -> ItemDelivery:
    due = {state: n for (outcome, state), n in counts.items() if outcome == DeliveryOutcome.DUE}
    return ItemDelivery(
        item=item,
        due=sum(due.values()),
        of_state={MailingState(state): n for state, n in due.items() if state is not None},
        monthly=due.get(None, 0),
        not_due={
            DeliveryOutcome(outcome): n
            for (outcome, _), n in counts.items()
            if outcome != DeliveryOutcome.DUE
        },
    )


def report_by_name(name: str, person: Actor) -> DeliveryReport:
    """The report of an issue such as weekly-12. Raises NotPermitted, NotFound."""
    alert_list, _, number = name.rpartition("-")
    digits = number.isascii() and number.isdigit() and len(number) < 10
    rows = AlertIssue.objects.filter(alert_list=alert_list, number=int(number) if digits else 0)
    known = ", ".join(AlertList.values)
    message = f"there is no issue {name}: name a list ({known}) and a number, such as weekly-12"
    return delivery_report(require_found(rows.first(), message), person)


def report_by_number(number: int, person: Actor) -> DeliveryReport:
    """The report of an issue by its row number. Raises NotPermitted, NotFound."""
    return delivery_report(issue_for(number, person), person)


# ---- one person ----


def why_not(item: IssueItem, subscriber: int) -> str:
    """Why a subscriber did not receive an item; "" if they did."""
    decision = (
        DeliveryDecision.objects.filter(item=item, subscriber=subscriber)
        .select_related("mailing")
        .first()
    )
    if decision is None:
        return _why_undecided(item, subscriber)
    if decision.outcome != DeliveryOutcome.DUE:
        return str(DeliveryOutcome(decision.outcome).label)
    if decision.mailing is None:
        return "It comes with the email of the month"
    if decision.mailing.state == MailingState.SENT:
        return ""
    label = str(MailingState(decision.mailing.state).label)
    return f"{label}: {decision.mailing.reason}" if decision.mailing.reason else label


def _why_undecided(item: IssueItem, subscriber: int) -> str:
    times = Subscription.objects.filter(
        subscriber=subscriber, alert_list=item.issue.alert_list, followed=item.followed
    ).aggregate(first=Min("started_at"), ended=Max("ended_at"))
    approved = item.issue.approved_at
    if times["first"] is None:
        return "Not subscribed"
    if approved is None or times["first"] > approved:
        return "Subscribed later"
    if times["ended"] is not None and times["ended"] <= approved:
        return "Had unsubscribed"
    return "Not decided yet"


# ---- what waits for a person ----


def unsettled_dispatches(person: Actor) -> QuerySet[Dispatch]:
    """Dispatches with emails that nobody knows about, or that were given up; the oldest first.

    Raises NotPermitted.
    """
    require_permission(person, SEND)
    states = (MailingState.UNKNOWN, MailingState.FAILED)
    mailings = Mailing.objects.filter(state__in=states)
    rows = Dispatch.objects.filter(pk__in=mailings.values("dispatch"))
    return rows.select_related("issue", "item").order_by("pk")


def unfinished_deliveries(person: Actor) -> list[DispatchDelivery]:
    """What is being sent or waits for a person, the oldest first. Raises NotPermitted."""
    require_permission(person, SEND)
    mailings = Mailing.objects.filter(state__in=(*NOT_SETTLED, MailingState.FAILED))
    waiting = Q(pk__in=mailings.values("dispatch")) | Q(decided_at=None)
    rows = Dispatch.objects.filter(waiting).select_related("issue", "item").order_by("pk")
    return [_dispatch_delivery(row) for row in rows]
