"""Plan a bulk change: what would happen to each record, and which are refused and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import RuleError
from waymark.documents.models import Report, Review
from waymark.library.catalogue.resource_description import (
    ResourceDescription,
    description_faults,
    tidy_description,
)
from waymark.library.models import (
    BulkAction,
    BulkField,
    BulkKind,
    BulkOutcome,
    Publishable,
    Resource,
    ResourceKind,
)
from waymark.library.queries import bulk_changes as queries
from waymark.library.queries.deposit_records import gaps_with
from waymark.library.services.records import MOST_SUBJECTS
from waymark.library.services.resource_mapping import description_of
from waymark.pipeline.bulk_changes.content import (
    STATES,
    Record,
    record_of,
    subjects_of,
    version_of,
)
from waymark.pipeline.library.record_checklist import gaps_in_words
from waymark.pipeline.publishing.publication_reasons import Reasons, open_reasons_of

MOST_RECORDS = 1_000
"""Records in one bulk change."""


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """A change of many records. subjects: keys, for the actions on subjects.

    field, value: of a BulkField, its new value, for the change of a field of resources.
    """

    kind: BulkKind
    action: BulkAction
    subjects: tuple[str, ...] = ()
    field: str = ""
    value: str = ""


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


def plan_bulk_change(
    *, by: Actor, request: BulkRequest, names: Sequence[str], now: datetime
) -> list[PlannedChange]:
    """Plan a change for each record, in the order of the names. Nothing is changed.

    Names that the person does not see are left out. It asks as many queries for one record as for
    all. Raises NotPermitted; RuleError for more than MOST_RECORDS.
    """
    require_permission(by, "catalogue")
    require_number(len(names))
    require_field(request)
    records = queries.records_named(request.kind, names, by)
    reasons: Reasons = {}
    if request.action == BulkAction.PUBLISH:
        reasons = open_reasons_of(_waiting_items(records.values()), now)
    return [
        _planned(records[name], name, request, reasons)
        for name in dict.fromkeys(names)
        if name in records
    ]


def require_number(number: int) -> None:
    """Raise RuleError for more records than one change can have."""
    if number > MOST_RECORDS:
        raise RuleError(
            f"{number:,} records are too many for one change: choose at most {MOST_RECORDS:,}"
        )


def _planned(record: Record, name: str, request: BulkRequest, reasons: Reasons) -> PlannedChange:
    if request.action in STATES:
        effect, refused = _planned_state(record, request.action, reasons)
    elif request.action == BulkAction.SET_FIELD:
        effect, refused = planned_field(record, request)
    else:
        effect, refused = planned_subjects(record, request)
    return PlannedChange(name, record.title, version_of(record), effect, refused)


# ---- states ----


def _planned_state(record: Record, action: BulkAction, reasons: Reasons) -> tuple[str, str]:
    """Effect, and why it is refused, of a new state."""
    if record.state not in OPEN_TO_STAFF:
        return "", closed_in_words(record)
    state = record.get_state_display()
    if action == BulkAction.INTERNAL:
        return ("" if record.state == State.INTERNAL else f"{state} becomes Internal"), ""
    if isinstance(record, Review):
        return _planned_publication(record, reasons)
    if record.state == State.PUBLISHED:
        return "", ""
    return f"{state} becomes Published", in_words(reasons.get(record, ()))


def _planned_publication(review: Review, reasons: Reasons) -> tuple[str, str]:
    """The same of a review, whose reports are published with it. As publish_review() decides."""
    reports = _open_reports(review)
    if not reports:
        return "", "it has no report to publish: add one first"
    opens = review.state != State.PUBLISHED
    if opens and (why := _why_not_opened(review, reasons)):
        return "", why
    waiting = [report for report in reports if report.state != State.PUBLISHED]
    refused = [reasons[report] for report in waiting if reasons.get(report)]
    left = in_words(chain.from_iterable(refused))
    effects = [f"{review.get_state_display()} becomes Published"] if opens else []
    if ready := len(waiting) - len(refused):
        effects.append(f"{ready} report{'s' if ready > 1 else ''} published with it")
    if not effects or len(refused) == len(reports):
        return "", left
    return "; ".join([*effects, *([f"a report stays as it is: {left}"] if left else [])]), ""


def _why_not_opened(review: Review, reasons: Reasons) -> str:
    """Why a review that is not published cannot be, apart from its waiting reports; "" if it can.

    Example: its record has no nation, so that its reasons are not even looked at.
    """
    gaps = gaps_with(review, has_subject=bool(subjects_of(review)))
    return gaps_in_words(review, gaps) or in_words(reasons.get(review, ()))


def _open_reports(record: Record) -> list[Report]:
    reports = record.reports.all() if isinstance(record, Review) else ()
    return [report for report in reports if report.state in OPEN_TO_STAFF]


def _waiting_items(records: Iterable[Record]) -> list[Publishable]:
    """The records that would be published, and their reports."""
    items: list[Publishable] = []
    for record in records:
        if record.state in OPEN_TO_STAFF:
            items += [
                item for item in (record, *_open_reports(record)) if item.state != State.PUBLISHED
            ]
    return items


# ---- fields ----


def require_field(request: BulkRequest) -> None:
    """Raise RuleError for a change of a field that cannot be changed together."""
    if request.action != BulkAction.SET_FIELD:
        return
    if request.kind != BulkKind.RESOURCE:
        raise RuleError("only fields of resources are changed together: open each review")
    if request.field not in BulkField.values:
        raise RuleError("choose the field to change")


def planned_field(record: Record, request: BulkRequest) -> tuple[str, str]:
    """Effect, and why it is refused, of a new value of a field."""
    if not isinstance(record, Resource) or record.kind == ResourceKind.ANSWER:
        return "", "it is described by its answer: change that"
    if record.state not in OPEN_TO_STAFF:
        return "", closed_in_words(record)
    before, label = getattr(record, request.field), BulkField(request.field).label
    tidy = tidy_description(with_field(record, request.field, request.value))
    if faults := description_faults(tidy):
        return "", "; ".join(fault.message for fault in faults)
    after = getattr(tidy, request.field)
    if after == before:
        return "", ""
    if not after:
        return f"{label} “{before}” is removed", ""
    return f"{label} {f'“{before}” ' if before else ''}becomes “{after}”", ""


def with_field(resource: Resource, field: str, value: str) -> ResourceDescription:
    """The description of a resource with another value of one field."""
    return replace(description_of(resource), **{field: value})  # type: ignore[arg-type]


# ---- subjects ----


def planned_subjects(record: Record, request: BulkRequest) -> tuple[str, str]:
    """Effect, and why it is refused, of subjects that are added or removed."""
    if record.state not in OPEN_TO_STAFF:
        return "", closed_in_words(record)
    if record_of(record) is None:
        return "", "it is not in the catalogue yet: save its catalogue record first"
    before, chosen = set(subjects_of(record)), set(request.subjects)
    if request.action == BulkAction.REMOVE_SUBJECTS:
        number = len(before & chosen)
        return (_subject_words(number, "removed") if number else ""), ""
    number = len(chosen - before)
    if len(before | chosen) > MOST_SUBJECTS:
        return "", f"it would have more than {MOST_SUBJECTS} subjects"
    return (_subject_words(number, "added") if number else ""), ""


def closed_in_words(record: Record) -> str:
    """Why a withdrawn or expired record is never changed together with others."""
    return f"it is {record.get_state_display().lower()}: restore it on its own page"


def _subject_words(number: int, done: str) -> str:
    return f"{number} subject{'' if number == 1 else 's'} {done}"


def in_words(reasons: Iterable[object]) -> str:
    """Reasons as the end of a sentence, each once."""
    return "; ".join(dict.fromkeys(map(str, reasons)))
