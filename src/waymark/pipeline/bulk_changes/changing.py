"""Make a planned change, record by record, each by its own services with all their rules."""

from collections.abc import Mapping
from datetime import datetime

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import NotReady, RuleError
from waymark.documents.models import Review
from waymark.library import services as library
from waymark.library.models import BulkAction, BulkChange, BulkOutcome, Resource
from waymark.library.queries import bulk_changes as queries
from waymark.library.services import bulk_changes as changes
from waymark.pipeline.bulk_changes.content import (
    STATES,
    Record,
    content_of,
    record_of,
    version_of,
)
from waymark.pipeline.bulk_changes.planning import (
    BulkRequest,
    closed_in_words,
    in_words,
    planned_field,
    planned_subjects,
    require_field,
    require_number,
    with_field,
)
from waymark.pipeline.library.catalogue import describe_resource
from waymark.pipeline.library.record_checklist import require_catalogued
from waymark.pipeline.library.reviews import publish_review
from waymark.pipeline.removals.state_changes import change_state

AT_ONCE = 25
"""Records that one transaction changes: others can write between two of them."""


def apply_bulk_change(
    *, by: Actor, key: str, request: BulkRequest, versions: Mapping[str, str], now: datetime
) -> BulkChange:
    """Change the records of a plan; the result is in the items of the change.

    key: of the change; a second call with the same key goes on where a killed run stopped, and
    changes no record twice. versions: name of a record -> its version in the plan. Raises
    NotPermitted; RuleError for more than MOST_RECORDS.
    """
    require_permission(by, "catalogue")
    require_number(len(versions))
    require_field(request)
    change = changes.open_bulk_change(
        by=by,
        key=key,
        kind=request.kind,
        action=request.action,
        subjects=request.subjects,
        records=len(versions),
        now=now,
        field=request.field,
        value=request.value,
    )
    names = list(versions)
    for start in range(0, len(names), AT_ONCE):
        some = {name: versions[name] for name in names[start : start + AT_ONCE]}
        _change_some(by=by, change=change, request=request, versions=some, now=now)
    return change


@serialized_in("documents", "library")
def _change_some(
    *,
    by: Actor,
    change: BulkChange,
    request: BulkRequest,
    versions: Mapping[str, str],
    now: datetime,
) -> None:
    # Read under the lock: nobody can change a record between this and the end of the transaction.
    done = queries.done_names(change, versions)
    records = queries.records_named(request.kind, versions, by)
    for name in (name for name in versions if name not in done):
        record, version = records.get(name), versions[name]
        if record is None or version_of(record) != version:
            changes.note_item(by=by, change=change, name=name, outcome=BulkOutcome.OVERTAKEN)
            continue
        before = content_of(record, request.action, request.field)
        try:
            note = _change_one(by=by, record=record, request=request, now=now)
        except RuleError as error:
            changes.note_item(
                by=by, change=change, name=name, outcome=BulkOutcome.REFUSED, note=str(error)
            )
            continue
        changed = queries.records_named(request.kind, [name], by)[name]
        after = content_of(changed, request.action, request.field)
        outcome = BulkOutcome.CHANGED
        if after == before:
            outcome = BulkOutcome.REFUSED if note else BulkOutcome.SAME
        changes.note_item(
            by=by, change=change, name=name, outcome=outcome, note=note, before=before, after=after
        )


@serialized_in("documents", "library")
def _change_one(*, by: Actor, record: Record, request: BulkRequest, now: datetime) -> str:
    """Change one record, all or nothing; what stayed as it was, in words. Raises RuleError."""
    if request.action in STATES:
        return _change_state(by, record, request.action, now)
    if request.action == BulkAction.SET_FIELD:
        return _change_field(by, record, request, now)
    row = record_of(record)
    if row is None or record.state not in OPEN_TO_STAFF:
        raise RuleError(planned_subjects(record, request)[1])
    add = request.subjects if request.action == BulkAction.ADD_SUBJECTS else ()
    remove = request.subjects if request.action == BulkAction.REMOVE_SUBJECTS else ()
    library.change_subjects(by=by, record=row, add=add, remove=remove, now=now)
    return ""


def _change_field(by: Actor, record: Record, request: BulkRequest, now: datetime) -> str:
    _, refused = planned_field(record, request)
    if refused or not isinstance(record, Resource):
        raise RuleError(refused)
    description = with_field(record, request.field, request.value)
    describe_resource(by=by, resource=record, description=description, now=now)
    return ""


def _change_state(by: Actor, record: Record, action: BulkAction, now: datetime) -> str:
    if record.state not in OPEN_TO_STAFF:
        raise RuleError(closed_in_words(record))
    state = State.INTERNAL if action == BulkAction.INTERNAL else State.PUBLISHED
    if state == State.PUBLISHED and isinstance(record, Review):
        require_catalogued(record, incomplete=record.state == state)
        result = publish_review(by=by, review=record, now=now)
        reasons = [reason for rows in result.refused.values() for reason in rows]
        if not result.published:
            raise NotReady(reasons)
        return f"A report stays as it is: {in_words(reasons)}" if reasons else ""
    if record.state != state:
        change_state(by=by, item=record, state=state, now=now)
    return ""
