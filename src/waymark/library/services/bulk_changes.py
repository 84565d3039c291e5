"""The record of bulk changes: what was changed, what each record had before, what was undone.

The changes themselves are made by the services of the records (see pipeline.bulk_changes).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.library.models import (
    BulkAction,
    BulkChange,
    BulkChangeItem,
    BulkKind,
    BulkOutcome,
    BulkUndo,
)


@audit.serialized
def open_bulk_change(
    *,
    by: Actor,
    key: str,
    kind: BulkKind,
    action: BulkAction,
    subjects: Sequence[str],
    records: int,
    now: datetime,
    field: str = "",
    value: str = "",
) -> BulkChange:
    """Begin a bulk change, or find the one that has begun. records: number of them.

    Raises NotPermitted.
    """
    require_permission(by, "catalogue")
    existing = BulkChange.objects.filter(key=key).first()
    if existing is not None:
        return existing
    change = BulkChange.objects.create(
        key=key,
        kind=kind,
        action=action,
        subjects=list(subjects),
        field=field,
        value=value,
        at=now,
        by=by if by is not None and by.pk is not None else None,
    )
    detail: dict[str, Any] = {"subjects": list(subjects)} if subjects else {}
    if field:
        detail |= {"field": field, "value": value}
    audit.record_about(
        by, "bulk change", change, now, kind=kind, does=action, records=records, **detail
    )
    return change


@audit.serialized
def note_item(
    *,
    by: Actor,
    change: BulkChange,
    name: str,
    outcome: BulkOutcome,
    note: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> BulkChangeItem:
    """Note what happened to a record of a bulk change. Raises NotPermitted."""
    require_permission(by, "catalogue")
    return BulkChangeItem.objects.create(
        change=change,
        name=name,
        outcome=outcome,
        note=note,
        before=before or {},
        after=after or {},
    )


@audit.serialized
def note_undo(*, by: Actor, item: BulkChangeItem, undo: BulkUndo, note: str = "") -> None:
    """Note what happened to a record when its bulk change was undone. Raises NotPermitted."""
    require_permission(by, "catalogue")
    item.undo, item.undo_note = undo, note
    item.save(update_fields=["undo", "undo_note"])


@audit.serialized
def close_undo(*, by: Actor, change: BulkChange, restored: int, left: int, now: datetime) -> None:
    """Note that a bulk change is undone. Raises NotPermitted."""
    require_permission(by, "catalogue")
    change.undone_at = now
    change.undone_by = by if by is not None and by.pk is not None else None
    change.save(update_fields=["undone_at", "undone_by"])
    audit.record_about(by, "undo bulk change", change, now, restored=restored, left=left)
