"""Bulk changes: many reviews or resources published, made internal, or given subjects, in one act.

A change is planned first: for each record what would happen, and which are refused and why. A
record that was changed after its plan is left. Each is changed by its own services with all their
rules, so a refused one never stops the others. What it had before is stored, and undoing gives it
back unless the record was changed since.

Example: of 5 reviews, 3 are published with their reports, 1 has hidden text without a decision, and
1 was withdrawn after the preview. Undoing makes the 3 internal again, but for one changed since.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.utils.dateparse import parse_datetime

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import AuditEntry, State
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import NotReady, RuleError
from waymark.documents.models import Report, Review
from waymark.library import services as library
from waymark.library.models import (
    BulkAction,
    BulkChange,
    BulkChangeItem,
    BulkKind,
    BulkOutcome,
    BulkUndo,
    CatalogueRecord,
    Publishable,
    Resource,
)
from waymark.library.queries import bulk_changes as queries
from waymark.library.queries.deposit_records import gaps_with
from waymark.library.services import bulk_changes as changes
from waymark.library.services.records import MOST_SUBJECTS
from waymark.pipeline.record_checklist import gaps_in_words, require_catalogued
from waymark.pipeline.reviews import publish_review
from waymark.pipeline.state_changes import change_state, open_reasons

MOST_RECORDS = 500
"""Records in one bulk change."""
AT_ONCE = 25
"""Records that one transaction changes: others can write between two of them."""
STATES = frozenset({BulkAction.PUBLISH, BulkAction.INTERNAL})
Record = Review | Resource
Content = dict[str, Any]
"""What an action changes of a record: its state and those of its reports, or its subjects."""


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """A change of many records. subjects: keys, for the actions on subjects."""

    kind: BulkKind
    action: BulkAction
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """Planned change of a record. version: of the record when it was planned.

    effect: in words, "" if nothing changes; refused: why it cannot be changed, "" if it can.
    """

    name: str
    title: str
    version: str
    effect: str = ""
    refused: str = ""

    @property
    def outcome(self) -> BulkOutcome:
        """Outcome that the change would record."""
        if self.refused:
            return BulkOutcome.REFUSED
        return BulkOutcome.CHANGED if self.effect else BulkOutcome.SAME


# ---- planning ----


def plan_bulk_change(
    *, by: Actor, request: BulkRequest, names: Sequence[str], now: datetime
) -> list[PlannedChange]:
    """Plan a change for each record, in the order of the names. Nothing is changed.

    Names that the person does not see are left out. Raises NotPermitted; RuleError for more than
    MOST_RECORDS.
    """
    require_permission(by, "catalogue")
    if len(names) > MOST_RECORDS:
        raise RuleError(
            f"{len(names):,} records are too many for one change: choose at most {MOST_RECORDS}"
        )
    records = queries.records_named(request.kind, names, by)
    return [
        _planned(records[name], name, request, now)
        for name in dict.fromkeys(names)
        if name in records
    ]


def _planned(record: Record, name: str, request: BulkRequest, now: datetime) -> PlannedChange:
    version = _version_of(record)
    plan = _planned_state if request.action in STATES else _planned_subjects
    effect, refused = plan(record, request, now)
    return PlannedChange(name, record.title, version, effect, refused)


def _planned_state(record: Record, request: BulkRequest, now: datetime) -> tuple[str, str]:
    """Effect, and why it is refused, of a new state."""
    if record.state not in OPEN_TO_STAFF:
        return "", _closed(record)
    state = record.get_state_display()
    if request.action == BulkAction.INTERNAL:
        return ("" if record.state == State.INTERNAL else f"{state} becomes Internal"), ""
    if isinstance(record, Review):
        return _planned_publication(record, now)
    if record.state == State.PUBLISHED:
        return "", ""
    return f"{state} becomes Published", _in_words(open_reasons(record, now))


def _planned_publication(review: Review, now: datetime) -> tuple[str, str]:
    """The same of a review, whose reports are published with it. As publish_review() decides."""
    reports = [report for report in review.reports.all() if report.state in OPEN_TO_STAFF]
    if not reports:
        return "", "it has no report to publish: add one first"
    gaps = gaps_in_words(review, gaps_with(review, has_subject=bool(_subjects_of(review))))
    opens = review.state != State.PUBLISHED
    if opens and (gaps or (reasons := open_reasons(review, now))):
        return "", gaps or _in_words(reasons)
    waiting = [report for report in reports if report.state != State.PUBLISHED]
    refused = [reasons for report in waiting if (reasons := open_reasons(report, now))]
    why = _in_words(chain.from_iterable(refused))
    if len(refused) == len(reports):
        return "", why
    effects = [f"{review.get_state_display()} becomes Published"] if opens else []
    if ready := len(waiting) - len(refused):
        effects.append(f"{ready} report{'s' if ready > 1 else ''} published with it")
    if not effects:
        return "", why
    if refused:
        effects.append(f"a report stays as it is: {why}")
    return "; ".join(effects), ""


def _planned_subjects(record: Record, request: BulkRequest, now: datetime) -> tuple[str, str]:
    """The same of subjects that are added or removed."""
    if record.state not in OPEN_TO_STAFF:
        return "", _closed(record)
    if _record_of(record) is None:
        return "", "it is not in the catalogue yet: save its catalogue record first"
    before, chosen = set(_subjects_of(record)), set(request.subjects)
    if request.action == BulkAction.REMOVE_SUBJECTS:
        number = len(before & chosen)
        return (_subject_words(number, "removed") if number else ""), ""
    number = len(chosen - before)
    if len(before | chosen) > MOST_SUBJECTS:
        return "", f"it would have more than {MOST_SUBJECTS} subjects"
    return (_subject_words(number, "added") if number else ""), ""


def _closed(record: Record) -> str:
    return f"it is {record.get_state_display().lower()}: restore it on its own page"


def _subject_words(number: int, done: str) -> str:
    return f"{number} subject{'' if number == 1 else 's'} {done}"


def _in_words(reasons: Iterable[object]) -> str:
    return "; ".join(dict.fromkeys(map(str, reasons)))


# ---- what a record has ----


def _record_of(record: Record) -> CatalogueRecord | None:
    """Its catalogue record; None for a review that has none yet."""
    return getattr(record, "record", None)


def _subjects_of(record: Record) -> list[str]:
    row = _record_of(record)
    return sorted(concept.key for concept in row.subjects.all()) if row else []


def _state_of(item: Publishable) -> list[str | None]:
    return [item.state, item.public_from.isoformat() if item.public_from else None]


def _content_of(record: Record, action: BulkAction) -> Content:
    """The part of a record that an action changes, as JSON."""
    if action not in STATES:
        return {"subjects": _subjects_of(record)}
    reports = record.reports.all() if isinstance(record, Review) else ()
    return {
        "state": _state_of(record),
        "reports": {report.key: _state_of(report) for report in reports},
    }


def _version_of(record: Record) -> str:
    """Short hash of all that a plan rests on: states, subjects, and the last change of the rest."""
    row = _record_of(record)
    content = {
        "title": record.title,
        "states": _content_of(record, BulkAction.PUBLISH),
        "subjects": _subjects_of(record),
        "changed": row.changed_at.isoformat() if row else None,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


# ---- changing ----


def apply_bulk_change(
    *, by: Actor, key: str, request: BulkRequest, versions: Mapping[str, str], now: datetime
) -> BulkChange:
    """Change the records of a plan; the result is in the items of the change.

    key: of the change; a second call with the same key goes on where a killed run stopped, and
    changes no record twice. versions: name of a record -> its version in the plan. Raises
    NotPermitted; RuleError for more than MOST_RECORDS.
    """
    require_permission(by, "catalogue")
    if len(versions) > MOST_RECORDS:
        raise RuleError(f"choose at most {MOST_RECORDS} records for one change")
    change = changes.open_bulk_change(
        by=by,
        key=key,
        kind=request.kind,
        action=request.action,
        subjects=request.subjects,
        records=len(versions),
        now=now,
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
        if record is None or _version_of(record) != version:
            changes.note_item(by=by, change=change, name=name, outcome=BulkOutcome.OVERTAKEN)
            continue
        before = _content_of(record, request.action)
        try:
            note = _change_one(by=by, record=record, request=request, now=now)
        except RuleError as error:
            changes.note_item(
                by=by, change=change, name=name, outcome=BulkOutcome.REFUSED, note=str(error)
            )
            continue
        after = _content_of(queries.records_named(request.kind, [name], by)[name], request.action)
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
    row = _record_of(record)
    if row is None or record.state not in OPEN_TO_STAFF:
        raise RuleError(_planned_subjects(record, request, now)[1])
    add = request.subjects if request.action == BulkAction.ADD_SUBJECTS else ()
    remove = request.subjects if request.action == BulkAction.REMOVE_SUBJECTS else ()
    library.change_subjects(by=by, record=row, add=add, remove=remove, now=now)
    return ""


def _change_state(by: Actor, record: Record, action: BulkAction, now: datetime) -> str:
    if record.state not in OPEN_TO_STAFF:
        raise RuleError(_closed(record))
    state = State.INTERNAL if action == BulkAction.INTERNAL else State.PUBLISHED
    if state == State.PUBLISHED and isinstance(record, Review):
        require_catalogued(record, incomplete=record.state == state)
        result = publish_review(by=by, review=record, now=now)
        reasons = [reason for rows in result.refused.values() for reason in rows]
        if not result.published:
            raise NotReady(reasons)
        return f"A report stays as it is: {_in_words(reasons)}" if reasons else ""
    if record.state != state:
        change_state(by=by, item=record, state=state, now=now)
    return ""


# ---- undoing ----


def undo_bulk_change(*, by: Actor, key: str, now: datetime) -> BulkChange:
    """Give each changed record back what it had before, unless it was changed since.

    The items say what became of each record; a killed run is continued by another. Raises
    NotPermitted, NotFound; RuleError if the change has been undone.
    """
    change = queries.bulk_change_for(key, by)
    if change.undone_at is not None:
        raise RuleError("this bulk change has already been undone")
    waiting = list(change.items.filter(outcome=BulkOutcome.CHANGED, undo=""))
    for start in range(0, len(waiting), AT_ONCE):
        some = waiting[start : start + AT_ONCE]
        _undo_some(by=by, change=change, items=some, now=now)
    restored = change.items.filter(undo=BulkUndo.RESTORED).count()
    left = change.items.filter(undo=BulkUndo.LEFT).count()
    changes.close_undo(by=by, change=change, restored=restored, left=left, now=now)
    return change


@serialized_in("documents", "library")
def _undo_some(
    *, by: Actor, change: BulkChange, items: Sequence[BulkChangeItem], now: datetime
) -> None:
    kind, action = BulkKind(change.kind), BulkAction(change.action)
    records = queries.records_named(kind, [item.name for item in items], by)
    later = _changed_later(change, records.values())
    for item in items:
        record = records.get(item.name)
        try:
            if (
                record is None
                or record.audit_subject() in later
                or _content_of(record, action) != item.after
            ):
                raise RuleError("someone has changed it since")
            _restore(by=by, record=record, before=item.before, now=now)
        except RuleError as error:
            changes.note_undo(by=by, item=item, undo=BulkUndo.LEFT, note=str(error))
        else:
            changes.note_undo(by=by, item=item, undo=BulkUndo.RESTORED)


def _changed_later(change: BulkChange, records: Iterable[Record]) -> set[str]:
    """Audit subjects of the records that were changed in the same way after the change.

    Their content may be as the change left it: published, made internal and published again.
    """
    action = "set state" if change.action in STATES else "set subjects"
    subject_of: dict[str, str] = {}
    for record in records:
        items: Collection[Publishable] = [record]
        if isinstance(record, Review):
            items = [record, *record.reports.all()]
        subject_of |= {item.audit_subject(): record.audit_subject() for item in items}
    entries = AuditEntry.objects.filter(subject__in=subject_of, action=action, at__gt=change.at)
    return {subject_of[subject] for subject in entries.values_list("subject", flat=True)}


@serialized_in("documents", "library")
def _restore(*, by: Actor, record: Record, before: Content, now: datetime) -> None:
    """Give a record back what it had, all or nothing. Raises RuleError."""
    if "subjects" in before:
        row = _record_of(record)
        if row is not None:
            library.set_subjects(by=by, record=row, subjects=before["subjects"], now=now)
        return
    reports = list(record.reports.all()) if isinstance(record, Review) else []
    for report in reports:
        _restore_state(by, report, before["reports"].get(report.key), now)
    _restore_state(by, record, before["state"], now)


def _restore_state(
    by: Actor, item: Report | Record, before: Sequence[str | None] | None, now: datetime
) -> None:
    if before is None or _state_of(item) == list(before):
        return
    state, opens = before
    change_state(
        by=by,
        item=item,
        state=State(str(state)),
        now=now,
        public_from=parse_datetime(opens) if opens else None,
    )
