"""Items of approved issues that are corrected or withdrawn, by people or with their record.

Those who received an item as it was get an email: decisions.py finds them.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from waymark.accounts import audit, removals
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts.models import IssueItem
from waymark.alerts.queries.issues import APPROVE, items_of_record
from waymark.alerts.services.item_texts import ItemText, check_lengths, check_text, write_text
from waymark.core.errors import RuleError
from waymark.library.models import CatalogueRecord

RECORD_WITHDRAWN = "The library has withdrawn the record that it was about. It was in “{issue}”."
MOST_AT_ONCE = 200


@audit.serialized
def correct_item(
    *, by: Actor, item: IssueItem, text: ItemText, correction: str, now: datetime
) -> None:
    """Correct an item of an approved issue. correction: what those who received it are told.

    Raises NotPermitted, RuleError.
    """
    require_permission(by, APPROVE)
    _after_approval(item, correction)
    check_text(text)
    write_text(item, text, by_hand=item.by_hand)
    item.corrected_at, item.correction = now, " ".join(correction.split())
    item.save(update_fields=["corrected_at", "correction"])
    audit.record_about(by, "correct alert item", item.issue, now, item=item.pk)


@audit.serialized
def withdraw_item(*, by: Actor, item: IssueItem, correction: str, now: datetime) -> None:
    """Withdraw an item of an approved issue: it is gone from the archive and its feed at once.

    correction: what those who received it are told. Raises NotPermitted, RuleError.
    """
    require_permission(by, APPROVE)
    _after_approval(item, correction)
    item.withdrawn_at, item.correction = now, " ".join(correction.split())
    item.save(update_fields=["withdrawn_at", "correction"])
    removals.note_withdrawal(subject=f"item {item.pk}", withdrawn=True, now=now)
    audit.record_about(by, "withdraw alert item", item.issue, now, item=item.pk)


def _after_approval(item: IssueItem, correction: str) -> None:
    item.refresh_from_db()
    if item.issue.approved_at is None:
        raise RuleError("this issue was not sent yet: change the item itself")
    if item.withdrawn_at is not None:
        raise RuleError("this item is already withdrawn")
    if not correction.strip():
        raise RuleError("enter a message to those who received the item")
    check_lengths(correction)


# ---- with their record ----


def _of_withdrawn_records() -> Q:
    withdrawn = Q(record__review__state=State.WITHDRAWN)
    return withdrawn | Q(record__resource__state=State.WITHDRAWN)


@audit.serialized
def withdraw_with_records(*, now: datetime) -> int:
    """Withdraw items of approved issues whose record was withdrawn; returns how many.

    They are gone from the archive by then, as the record is not public: this is for the email.
    """
    rows = IssueItem.objects.filter(
        _of_withdrawn_records(), issue__approved_at__isnull=False, withdrawn_at=None
    )
    items = list(rows.select_related("issue").order_by("pk")[:MOST_AT_ONCE])
    for item in items:
        item.withdrawn_at = now
        item.correction = RECORD_WITHDRAWN.format(issue=item.issue.title)
        item.save(update_fields=["withdrawn_at", "correction"])
        audit.record_about(None, "withdraw alert item", item.issue, now, item=item.pk)
    return len(items)


def has_withdrawn_records() -> bool:
    """True if withdraw_with_records() has something to do."""
    sent = IssueItem.objects.filter(issue__approved_at__isnull=False, withdrawn_at=None)
    return sent.filter(_of_withdrawn_records()).exists()


@audit.serialized
def correct_with_record(
    *,
    by: Actor,
    record: CatalogueRecord,
    texts: Mapping[int, ItemText],
    correction: str,
    now: datetime,
) -> int:
    """Correct every sent item of a record; returns how many.

    texts: item -> what it says now; an item that people wrote keeps its words without one.
    Raises NotPermitted; RuleError, also if no item of it was sent.
    """
    require_permission(by, APPROVE)
    items = list(items_of_record(record))
    if not items:
        raise RuleError("no alert with this record was sent, or all its items are withdrawn")
    for item in items:
        _after_approval(item, correction)
        if item.pk in texts:
            write_text(item, texts[item.pk], by_hand=item.by_hand)
        item.corrected_at, item.correction = now, " ".join(correction.split())
        item.save(update_fields=["corrected_at", "correction"])
        audit.record_about(by, "correct alert item", item.issue, now, item=item.pk)
    return len(items)
