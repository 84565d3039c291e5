"""Bulk changes: many reviews or resources published, made internal, or given subjects, in one act.

A change is planned first: for each record what would happen, and which are refused and why. A
record that was changed after its plan is left. Each is changed by its own services with all their
rules, so a refused one never stops the others. What it had before is stored, and undoing gives it
back unless the record was changed since.

Example: of 5 reviews, 3 are published with their reports, 1 has hidden text without a decision, and
1 was withdrawn after the preview. Undoing makes the 3 internal again, but for one changed since.
"""

from waymark.pipeline.bulk_changes.changing import AT_ONCE, apply_bulk_change
from waymark.pipeline.bulk_changes.planning import (
    MOST_RECORDS,
    BulkRequest,
    PlannedChange,
    plan_bulk_change,
)
from waymark.pipeline.bulk_changes.undoing import PlannedUndo, plan_bulk_undo, undo_bulk_change

__all__ = [
    "AT_ONCE",
    "MOST_RECORDS",
    "BulkRequest",
    "PlannedChange",
    "PlannedUndo",
    "apply_bulk_change",
    "plan_bulk_change",
    "plan_bulk_undo",
    "undo_bulk_change",
]
