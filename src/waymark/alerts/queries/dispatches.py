"""What is to be sent, by whom it was decided, and what waits for a person."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from waymark.alerts.models import (
    AlertIssue,
    AlertList,
    DeliveryDecision,
    Dispatch,
    DispatchKind,
    IssueItem,
    Mailing,
    MailingState,
    Subscription,
)
from waymark.mail.sending_journal import JournalContents, read_journal

FOLLOWED_LISTS = frozenset({AlertList.TOPICS, AlertList.SEARCHES})
"""Lists whose items differ between subscribers."""
NOT_SETTLED = (MailingState.WAITING, MailingState.CLAIMED, MailingState.UNKNOWN)
ARRIVED = (MailingState.SENT, MailingState.UNKNOWN)
"""States of emails that reached their receiver, or may have."""
HOUR = timedelta(hours=1)
_BOUNCE = "bounce+"


def journal_file(dispatch: Dispatch) -> Path:
    """The journal of the attempts to send a dispatch."""
    return Path(settings.DATA) / "sending" / f"{dispatch}.journal"


def journal_of(dispatch: Dispatch) -> JournalContents:
    """What the journal of a dispatch says."""
    return read_journal(journal_file(dispatch))


# ---- what is to be decided or sent ----


def undecided_issues() -> QuerySet[AlertIssue]:
    """Approved issues for which nobody has begun to decide who is due."""
    begun = Dispatch.objects.filter(kind=DispatchKind.ISSUE).values("issue")
    return AlertIssue.objects.exclude(approved_at=None).exclude(pk__in=begun).order_by("pk")


def unfinished_decisions() -> QuerySet[Dispatch]:
    """Dispatches for which it is not decided yet of everyone whether they are due."""
    return Dispatch.objects.filter(decided_at=None).select_related("issue", "item").order_by("pk")


def undecided_changes() -> list[tuple[IssueItem, DispatchKind, datetime]]:
    """Corrections and withdrawals of items that were sent, without a dispatch.

    Not while a worker is sending the issue: whom its batch reaches is not known yet.
    """
    sending = Mailing.objects.filter(state=MailingState.CLAIMED).values("dispatch")
    sent = Dispatch.objects.filter(kind=DispatchKind.ISSUE).exclude(decided_at=None)
    sent = sent.exclude(pk__in=sending)
    items = IssueItem.objects.filter(issue__in=sent.values("issue")).select_related("issue")
    changed = items.filter(Q(corrected_at__isnull=False) | Q(withdrawn_at__isnull=False))
    begun = set(
        Dispatch.objects.exclude(item=None).values_list("item_id", "kind", "moment").distinct()
    )
    changes = []
    for item in changed:
        # Who never got the correction needs the withdrawal alone.
        kind, moment = DispatchKind.CORRECTION, item.corrected_at
        if item.withdrawn_at is not None:
            kind, moment = DispatchKind.WITHDRAWAL, item.withdrawn_at
        if moment is not None and (item.pk, kind, moment) not in begun:
            changes.append((item, kind, moment))
    return changes


def dispatches_to_send(now: datetime) -> QuerySet[Dispatch]:
    """Decided dispatches with emails that wait and may be sent now, the oldest first."""
    of_dispatch = Mailing.objects.filter(dispatch=OuterRef("pk"))
    ready = Q(next_at=None) | Q(next_at__lte=now)
    waiting = of_dispatch.filter(ready, state=MailingState.WAITING)
    claimed = of_dispatch.filter(state=MailingState.CLAIMED)
    rows = Dispatch.objects.exclude(decided_at=None).filter(
        Q(resume_at=None) | Q(resume_at__lte=now), Exists(waiting) | Exists(claimed)
    )
    return rows.select_related("issue", "item").order_by("pk")


def older_dispatches(epoch: int) -> QuerySet[Dispatch]:
    """Dispatches begun before the database was replaced by an older copy, with unsent emails."""
    unsent = Mailing.objects.filter(state__in=(MailingState.WAITING, MailingState.CLAIMED))
    rows = Dispatch.objects.filter(epoch__lt=epoch, pk__in=unsent.values("dispatch"))
    return rows.select_related("issue", "item").order_by("pk")


def sent_by_domain(now: datetime) -> Mapping[str, int]:
    """Domain -> emails sent to it in the last hour."""
    rows = Mailing.objects.filter(sent_at__gt=now - HOUR).exclude(domain="")
    return dict(rows.values_list("domain").annotate(number=Count("pk")).order_by())


# ---- what belongs to a mailing ----


def items_by_mailing(dispatch: Dispatch, mailings: list[Mailing]) -> Mapping[int, tuple[int, ...]]:
    """Mailing -> numbers of the items it brings, in their order.

    Without those of a topic or search that the person follows no longer.
    """
    items: dict[int, list[int]] = {mailing.pk: [] for mailing in mailings}
    rows = DeliveryDecision.objects.filter(mailing__in=items)
    if dispatch.issue.alert_list in FOLLOWED_LISTS:
        followed = Subscription.objects.filter(
            subscriber=OuterRef("subscriber"),
            alert_list=dispatch.issue.alert_list,
            followed=OuterRef("item__followed"),
            ended_at=None,
        )
        rows = rows.filter(Exists(followed))
    for mailing, item in rows.order_by().values_list("mailing_id", "item_id"):
        items[mailing].append(item)
    numbers = {item for row in items.values() for item in row}
    order = ("issue_id", "position", "pk")
    ordered = IssueItem.objects.filter(pk__in=numbers).order_by(*order)
    place = {item: n for n, item in enumerate(ordered.values_list("pk", flat=True))}
    return {row: tuple(sorted(bring, key=place.__getitem__)) for row, bring in items.items()}


def return_address(mailing: Mailing) -> str:
    """Address to which failures of a mailing come back; its token is a keyed hash."""
    domain = settings.MAIL_FROM.rpartition("@")[2] or "waymark.invalid"
    return f"{_BOUNCE}{mailing.pk}.{_return_hash(mailing.pk)}@{domain}"


def mailing_of_return(address: str) -> Mailing | None:
    """The mailing of a return address; None for any other address, and a forged one."""
    local = address.rpartition("@")[0].lower()
    number, _, digest = local.removeprefix(_BOUNCE).partition(".")
    if not local.startswith(_BOUNCE) or not number.isascii() or not number.isdigit():
        return None
    if len(number) > 18 or not constant_time_compare(digest, _return_hash(int(number))):
        return None
    rows = Mailing.objects.select_related("dispatch__issue", "subscriber")
    return rows.filter(pk=int(number)).first()


def _return_hash(number: int) -> str:
    return salted_hmac("return address", str(number), algorithm="sha256").hexdigest()[:24]
