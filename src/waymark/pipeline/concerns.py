"""Hide what a concern is about, and carry out the decision on it."""

from datetime import datetime

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.core.jobs import Job, JobQueue
from waymark.documents.models import Report, Review
from waymark.library.models import (
    Concern,
    ConcernDecision,
    ConcernItem,
    Publishable,
    Resource,
    Topic,
)
from waymark.library.queries import repository
from waymark.library.services import concerns, topics
from waymark.library.services.retention import TombstoneText
from waymark.pipeline.removals.state_changes import change_state

Item = Publishable | Topic
WITHDRAWN_REASON = "Withdrawn after a concern was reported to us."
SHOWN_AGAIN = frozenset({ConcernDecision.RESTORED, ConcernDecision.CORRECTED})


def item_of(concern: Concern) -> Item | None:
    """The item that the page of a concern is of, in any state; None for other pages."""
    key = concern.item_key
    if concern.item_kind == ConcernItem.REVIEW:
        return Review.objects.filter(reference=key).first()
    if concern.item_kind == ConcernItem.REPORT:
        return Report.objects.select_related("review").filter(key=key).first()
    if concern.item_kind == ConcernItem.RESOURCE:
        return Resource.objects.filter(key=key).first()
    return Topic.objects.filter(key=key).first() if concern.item_kind else None


def is_shown(item: Item | None, now: datetime) -> bool:
    """True if visitors can see an item now."""
    if isinstance(item, Topic):
        return item.withdrawn_at is None
    return item is not None and repository.is_public(item, now)


@serialized_in("documents", "library")
def hide_for_concern(*, by: Actor, concern: Concern, now: datetime) -> None:
    """Hide the item of a concern from visitors until the concern is decided.

    The item becomes internal, so that staff can still read and correct it. Raises NotPermitted;
    RuleError if visitors cannot see it anyway, or if the page is of no such item.
    """
    require_permission(by, concerns.ANSWER_CONCERNS)
    item = item_of(concern)
    if item is None:
        raise RuleError("this page cannot be hidden by itself: change what it shows, then decide")
    if not is_shown(item, now):
        raise RuleError("visitors cannot see this page any more")
    concerns.note_hidden(by=by, concern=concern, now=now)
    if isinstance(item, Topic):
        reason = f"concern {concern.reference}"
        topics.withdraw_topic(by=by, key=item.key, reason=reason, now=now)
    else:
        change_state(by=by, item=item, state=State.INTERNAL, now=now)


def possible_decisions(concern: Concern) -> list[ConcernDecision]:
    """The decisions that fit a concern: what was hidden is shown again, corrected or withdrawn."""
    without = ConcernDecision.NO_CHANGE if concern.hidden_at else ConcernDecision.RESTORED
    return [decision for decision in ConcernDecision if decision != without]


@serialized_in("documents", "library")
def decide_concern(
    *, by: Actor, concern: Concern, decision: ConcernDecision, reason: str, now: datetime
) -> None:
    """Decide on a concern, and show its item again or withdraw it.

    What was hidden stays hidden while another concern about it is open. Raises NotPermitted;
    RuleError; NotReady if the item cannot be published again yet.
    """
    require_permission(by, concerns.ANSWER_CONCERNS)
    current = concerns.lock_open_concern(by, concern)
    if decision not in possible_decisions(current):
        raise RuleError("this decision does not fit: look at the concern again")
    concerns.note_decision(by=by, concern=current, decision=decision, reason=reason, now=now)
    item = item_of(current)
    if item is None:
        return
    if decision == ConcernDecision.WITHDRAWN:
        _withdraw(by, current, item, now)
    elif decision in SHOWN_AGAIN and current.hidden_at and not is_shown(item, now):
        _show_again(by, current, item, now)


def _show_again(by: Actor, concern: Concern, item: Item, now: datetime) -> None:
    others = Concern.objects.filter(
        item_kind=concern.item_kind, item_key=concern.item_key, decided_at=None
    ).exclude(pk=concern.pk)
    if other := others.first():
        raise RuleError(f"decide on {other.reference} first: it is about the same item")
    if isinstance(item, Topic):
        topics.restore_topic(by=by, key=item.key, now=now)
    else:
        # If the state is no longer the one that hiding set, someone else decided otherwise.
        change_state(by=by, item=item, state=State.PUBLISHED, now=now, seen=State.INTERNAL)


def _withdraw(by: Actor, concern: Concern, item: Item, now: datetime) -> None:
    if isinstance(item, Topic):
        reason = f"concern {concern.reference}"
        topics.withdraw_topic(by=by, key=item.key, reason=reason, now=now)
    elif item.state != State.WITHDRAWN:
        change_state(
            by=by,
            item=item,
            state=State.WITHDRAWN,
            now=now,
            tombstone=TombstoneText(WITHDRAWN_REASON),
            was_public=concern.hidden_at is not None,
        )


JOBS = (
    Job(
        "erase personal data of concerns",
        JobQueue.UPKEEP,
        lambda clock: concerns.erase_due(now=clock()) > 0,
    ),
)
