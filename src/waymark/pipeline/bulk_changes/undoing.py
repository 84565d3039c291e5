"""Give the records of a bulk change back what they had; before that, say which would be left."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import AuditEntry, State
from waymark.accounts.permissions import Actor
from waymark.core.errors import RuleError
from waymark.documents.models import Report, Review
from waymark.library import services as library
from waymark.library.models import (
    BulkAction,
    BulkChange,
    BulkChangeItem,
    BulkKind,
    BulkOutcome,
    BulkUndo,
    Publishable,
    Resource,
)
from waymark.library.queries import bulk_changes as queries
from waymark.library.services import bulk_changes as changes
from waymark.pipeline.bulk_changes.changing import AT_ONCE
from waymark.pipeline.bulk_changes.content import (
    STATES,
    Content,
    Record,
    content_of,
    record_of,
    state_of,
)
from waymark.pipeline.bulk_changes.planning import in_words, with_field
from waymark.pipeline.library.catalogue import describe_resource
from waymark.pipeline.publishing.publication_reasons import (
    OPENING,
    open_concerns_about,
    open_reasons_of,
)
from waymark.pipeline.removals.state_changes import change_state

CHANGED_SINCE = "it has been changed since"


@dataclass(frozen=True, slots=True)
class PlannedUndo:
    """Planned undoing of a record of a bulk change. left: why it would stay, "" if it would not."""

    name: str
    title: str
    left: str = ""


def plan_bulk_undo(*, by: Actor, key: str, now: datetime) -> list[PlannedUndo]:
    """Plan the undoing of a change, record by record. Nothing is changed.

    It asks as many queries for one record as for all. Raises NotPermitted, NotFound; RuleError if
    the change has been undone.
    """
    change = queries.bulk_change_for(key, by)
    items = _waiting_items(change)
    records = queries.records_named(BulkKind(change.kind), [item.name for item in items], by)
    left = _reasons_to_leave(change, items, records, now)
    return [
        PlannedUndo(
            item.name,
            records[item.name].title if item.name in records else "",
            left.get(item.name, ""),
        )
        for item in items
    ]


def undo_bulk_change(*, by: Actor, key: str, now: datetime) -> BulkChange:
    """Give each changed record back what it had before, unless there is a reason to leave it.

    The items say what became of each record; a killed run is continued by another. Raises
    NotPermitted, NotFound; RuleError if the change has been undone.
    """
    change = queries.bulk_change_for(key, by)
    waiting = _waiting_items(change)
    for start in range(0, len(waiting), AT_ONCE):
        some = waiting[start : start + AT_ONCE]
        _undo_some(by=by, change=change, items=some, now=now)
    restored = change.items.filter(undo=BulkUndo.RESTORED).count()
    left = change.items.filter(undo=BulkUndo.LEFT).count()
    changes.close_undo(by=by, change=change, restored=restored, left=left, now=now)
    return change


def _waiting_items(change: BulkChange) -> list[BulkChangeItem]:
    """The items to undo. Raises RuleError if the change has been undone."""
    if change.undone_at is not None:
        raise RuleError("this bulk change has already been undone")
    return list(change.items.filter(outcome=BulkOutcome.CHANGED, undo=""))


@serialized_in("documents", "library")
def _undo_some(
    *, by: Actor, change: BulkChange, items: Sequence[BulkChangeItem], now: datetime
) -> None:
    records = queries.records_named(BulkKind(change.kind), [item.name for item in items], by)
    # Asked again under the lock: a concern may have come in since the preview.
    left = _reasons_to_leave(change, items, records, now)
    for item in items:
        try:
            if reason := left.get(item.name):
                raise RuleError(reason)
            _restore(by=by, change=change, record=records[item.name], before=item.before, now=now)
        except RuleError as error:
            changes.note_undo(by=by, item=item, undo=BulkUndo.LEFT, note=str(error))
        else:
            changes.note_undo(by=by, item=item, undo=BulkUndo.RESTORED)


# ---- what is left ----


def _reasons_to_leave(
    change: BulkChange,
    items: Collection[BulkChangeItem],
    records: Mapping[str, Record],
    now: datetime,
) -> dict[str, str]:
    """Name -> why a record is not given back what it had, of those that are left."""
    later = _changed_later(change, records.values())
    action = BulkAction(change.action)
    opened = {
        item.name: _items_opened(records[item.name], item.before)
        for item in items
        if item.name in records
    }
    reasons = _reasons_not_to_open(opened, records, now)
    for item in items:
        record = records.get(item.name)
        if (
            record is None
            or record.audit_subject() in later
            or content_of(record, action, change.field) != item.after
        ):
            reasons[item.name] = CHANGED_SINCE
    return reasons


def _items_opened(record: Record, before: Content) -> list[Publishable]:
    """What undoing would publish: the record, or reports of it, that were public before."""
    if "state" not in before:
        return []
    earlier: dict[Publishable, Sequence[str | None] | None] = {record: before["state"]}
    if isinstance(record, Review):
        earlier |= {report: before["reports"].get(report.key) for report in record.reports.all()}
    return [
        item
        for item, state in earlier.items()
        if state and state[0] in OPENING and item.state not in OPENING
    ]


def _reasons_not_to_open(
    opened: Mapping[str, Collection[Publishable]], records: Mapping[str, Record], now: datetime
) -> dict[str, str]:
    """Name -> why a record is not published again, of those that undoing would publish.

    An undecided concern is a reason, also if nobody has hidden its page: whoever undoes a change
    of a thousand records decides on no concern by that. Example: a review is made internal with
    others, a reader reports a child's name in it, and the change is undone.
    """
    items = [item for of_record in opened.values() for item in of_record]
    concerned = [*items, *(records[name] for name, of_record in opened.items() if of_record)]
    concerns = open_concerns_about(list(dict.fromkeys(concerned)))
    open_reasons = open_reasons_of(items, now)
    reasons = {}
    for name, of_record in opened.items():
        about = [records[name], *of_record] if of_record else []
        words = [
            f"nobody has decided on the concern {concern.reference} about it: decide on it first"
            for item in dict.fromkeys(about)
            for concern in concerns.get(item, ())
        ]
        words += [str(reason) for item in of_record for reason in open_reasons[item]]
        if words:
            reasons[name] = in_words(words)
    return reasons


def _changed_later(change: BulkChange, records: Iterable[Record]) -> set[str]:
    """Audit subjects of the records that were changed in the same way after the change.

    Their content may be as the change left it: published, made internal and published again.
    """
    action = "set state" if change.action in STATES else "set subjects"
    if change.action == BulkAction.SET_FIELD:
        action = "change resource"
    subject_of: dict[str, str] = {}
    for record in records:
        items: Collection[Publishable] = [record]
        if isinstance(record, Review):
            items = [record, *record.reports.all()]
        subject_of |= {item.audit_subject(): record.audit_subject() for item in items}
    entries = AuditEntry.objects.filter(subject__in=subject_of, action=action, at__gt=change.at)
    return {
        subject_of[subject]
        for subject, detail in entries.values_list("subject", "detail")
        # Of a description only the same field counts.
        if not change.field or change.field in detail.get("fields", ())
    }


@serialized_in("documents", "library")
def _restore(
    *, by: Actor, change: BulkChange, record: Record, before: Content, now: datetime
) -> None:
    """Give a record back what it had, all or nothing. Raises RuleError."""
    if "field" in before and isinstance(record, Resource):
        description = with_field(record, change.field, before["field"])
        describe_resource(by=by, resource=record, description=description, now=now)
        return
    if "subjects" in before:
        row = record_of(record)
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
    if before is None or state_of(item) == list(before):
        return
    state, opens = before
    change_state(
        by=by,
        item=item,
        state=State(str(state)),
        now=now,
        public_from=parse_datetime(opens) if opens else None,
    )
