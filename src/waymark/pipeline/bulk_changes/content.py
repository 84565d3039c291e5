"""What a bulk change changes of a record, as JSON: to plan with, to compare and to give back."""

import hashlib
import json
from typing import Any

from waymark.documents.models import Review
from waymark.library.models import BulkAction, CatalogueRecord, Publishable, Resource

STATES = frozenset({BulkAction.PUBLISH, BulkAction.INTERNAL})
"""Actions that change states; the others change subjects or a field."""
Record = Review | Resource
Content = dict[str, Any]
"""What an action changes of a record: its state and its reports' states, subjects, or a field."""


def record_of(record: Record) -> CatalogueRecord | None:
    """Its catalogue record; None for a review that has none yet."""
    return getattr(record, "record", None)


def subjects_of(record: Record) -> list[str]:
    row = record_of(record)
    return sorted(concept.key for concept in row.subjects.all()) if row else []


def state_of(item: Publishable) -> list[str | None]:
    return [item.state, item.public_from.isoformat() if item.public_from else None]


def content_of(record: Record, action: BulkAction, field: str = "") -> Content:
    """The part of a record that an action changes, as JSON. field: of a BulkField, or ""."""
    if action == BulkAction.SET_FIELD:
        return {"field": getattr(record, field)}
    if action not in STATES:
        return {"subjects": subjects_of(record)}
    reports = record.reports.all() if isinstance(record, Review) else ()
    return {
        "state": state_of(record),
        "reports": {report.key: state_of(report) for report in reports},
    }


def version_of(record: Record) -> str:
    """Short hash of all that a plan rests on: states, subjects, and the last change of the rest."""
    row = record_of(record)
    content = {
        "title": record.title,
        "states": content_of(record, BulkAction.PUBLISH),
        "subjects": subjects_of(record),
        "changed": row.changed_at.isoformat() if row else None,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
