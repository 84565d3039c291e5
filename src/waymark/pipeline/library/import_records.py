"""Records from other catalogues: previewed, then imported one by one; an import can be undone.

Each record of a file has an outcome in the plan: NEW, AGAIN (from an import that was undone), LIKE
(a possible duplicate) and others that are never stored. Example: of 10 records 6 are NEW, 1 AGAIN,
2 LIKE and 1 already in the catalogue; 7 are imported, or 9 if `include_similar` is set.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.text import slugify

from waymark.accounts.audit import serialized_in
from waymark.accounts.content_state import ContentCache
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.documents import services as documents
from waymark.documents.models import Review
from waymark.library import services as library
from waymark.library.exchange.formats import READERS, read_as
from waymark.library.exchange.readers.result import ReadResult
from waymark.library.models import (
    CatalogueRecord,
    Import,
    ImportedRecord,
    ImportState,
    Resource,
)
from waymark.library.queries.imports import (
    AGAIN,
    CHANGED,
    LIKE,
    NEW,
    ImportPlan,
    PlannedRecord,
    import_for,
    imported_records,
    plan_as_json,
    plan_import,
)
from waymark.library.queries.library_mark import library_mark
from waymark.library.services import imports
from waymark.library.services.imports import TakenRecord
from waymark.library.services.resources import NewResource
from waymark.pipeline.removals.state_changes import change_state

REFERENCE_LENGTH = 56
AT_ONCE = 25
"""Records stored under one commit: others can write between two of them."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Options of an import. kind: of records that do not state theirs.

    include_similar: import possible duplicates too. update: change records that an earlier import
    brought, nobody has changed here, and their source has.
    """

    kind: str = ""
    include_similar: bool = False
    update: bool = False


def preview_import(batch: Import, options: ImportOptions, person: Actor) -> ImportPlan:
    """The plan of an uploaded import. Raises NotPermitted, RuleError."""
    if batch.content is None or batch.format not in READERS:
        raise RuleError("this import is complete: its file was deleted. Upload the file again")
    return plan_import(_reading_of(batch.format, bytes(batch.content)), person, kind=options.kind)


@lru_cache(maxsize=2)
def _reading_of(format_name: str, content: bytes) -> ReadResult:
    """The records of an uploaded file, read once: another kind or library is another plan."""
    return read_as(format_name, content)


_previews: ContentCache[ImportPlan] = ContentCache(size=2)


def cached_preview(
    batch: Import, options: ImportOptions, person: Actor, now: datetime
) -> ImportPlan:
    """The plan of preview_import(), made once for a state of the library: its pages are turned."""
    key = (batch.pk, batch.key, options.kind)
    return _previews.value(
        library_mark(person, now), key, lambda: preview_import(batch, options, person)
    )


def import_upload(
    *, by: Actor, key: str, import_plan: ImportPlan, options: ImportOptions, now: datetime
) -> Import:
    """Carry out a plan of preview_import(). Raises NotPermitted, NotFound, RuleError."""
    batch = import_for(key, by)
    if batch.state != ImportState.PROPOSED:
        raise RuleError("this import is already complete")
    _import_records(by, batch, import_plan, options, now, lambda place: None)
    return batch


def import_reading(
    *,
    by: Actor,
    reading: ReadResult,
    source: str,
    format_name: str,
    options: ImportOptions,
    now: datetime,
    on_done: Callable[[str], None] = lambda place: None,
    on_begin: Callable[[Import], None] = lambda batch: None,
) -> Import:
    """Import records read from a file or harvested. on_done: called with the place of each record.

    on_begin: called with the import before its first record: with its key a run that is killed can
    be undone.

    AT_ONCE records are stored under one commit, a record that cannot be stored leaves the others: a
    killed run has imported some, and the same run again imports the rest. Raises NotPermitted.
    """
    require_permission(by, "catalogue")
    import_plan = plan_import(reading, by, kind=options.kind)
    batch = imports.open_import(by=by, source=source, format_name=format_name, now=now)
    on_begin(batch)
    _import_records(by, batch, import_plan, options, now, on_done)
    return batch


def _import_records(
    by: Actor,
    batch: Import,
    import_plan: ImportPlan,
    options: ImportOptions,
    now: datetime,
    on_done: Callable[[str], None],
) -> None:
    report = plan_as_json(import_plan)
    rows = list(zip(import_plan.records, report["records"], strict=True))
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        import_some(by, batch, some, options, now)
        for planned, _ in some:
            on_done(planned.candidate.place)
    count = sum(line.get("taken", 0) for line in report["records"])
    updated = sum(line.get("updated", 0) for line in report["records"])
    report = {"taken": count, "updated": updated, "kind": options.kind, **report}
    imports.close_import(by=by, batch=batch, report=report, now=now)


@serialized_in("documents", "library")
def import_some(
    by: Actor,
    batch: Import,
    rows: Sequence[tuple[PlannedRecord, dict[str, Any]]],
    options: ImportOptions,
    now: datetime,
) -> None:
    """Store some records under one commit, each whole or not at all. Raises NotPermitted."""
    require_permission(by, "catalogue")
    added = _add_new_resources(by, [planned for planned, _ in rows], options, now)
    imported = [
        TakenRecord(record, planned.candidate.place, planned.identity, planned.content)
        for planned, line in rows
        if planned.outcome in (NEW, AGAIN) or (planned.outcome == LIKE and options.include_similar)
        if (record := _import_record(by, planned, line, added, now)) is not None
    ]
    updated = []
    if options.update:
        updated = [
            TakenRecord(record, planned.candidate.place, planned.identity, planned.content)
            for planned, line in rows
            if planned.outcome == CHANGED
            if (record := _update_record(by, planned, line, now)) is not None
        ]
    imports.note_records(by=by, batch=batch, taken=imported, updated=updated)


def _update_record(
    by: Actor, planned: PlannedRecord, line: dict[str, Any], now: datetime
) -> CatalogueRecord | None:
    """Bring a record to what its source says; None, and why in its line, if it stays as it is."""
    rows = ImportedRecord.objects.select_related("record__resource", "record__review")
    imported = rows.get(identity=planned.identity)
    if planned.wrong:
        return None
    if imported.record.changed_at != imported.changed_at:
        line["notes"] = [*line["notes"], "not updated: it was changed here after the import"]
        return None
    try:
        _change_described(by, imported.record, planned, now)
    except RuleError as error:
        line["wrong"] = [*line["wrong"], str(error)]
        return None
    line["updated"] = 1
    return imported.record


def _change_described(
    by: Actor, record: CatalogueRecord, planned: PlannedRecord, now: datetime
) -> None:
    """Change the resource or review of a record. Raises RuleError, with nothing changed."""
    review, resource, description = record.review, record.resource, planned.description
    if review is not None and planned.is_review:
        _change_review(by, review, planned, now)
    elif resource is not None and description is not None:
        library.change_resource(by=by, resource=resource, description=description, now=now)
    else:
        raise RuleError("not updated: a review and a publication cannot become one another")


@serialized_in("documents", "library")
def _change_review(by: Actor, review: Review, planned: PlannedRecord, now: datetime) -> None:
    """Describe a review as its source does; what no source says stays as it is."""
    data, abstract = planned.candidate.data, planned.candidate.abstract
    documents.change_review(
        by=by,
        review=review,
        completed_on=review.completed_on,
        now=now,
        **_review_fields(planned),
    )
    library.set_details(by=by, review=review, now=now, **_detail_fields(planned))
    imports.keep_abstract(by=by, review=review, year=data.year, abstract=abstract, now=now)
    library.catalogue_review(by=by, review=review, now=now)


def _review_fields(planned: PlannedRecord) -> dict[str, Any]:
    """The fields of a review that a source gives."""
    data = planned.candidate.data
    return {
        "title": data.title,
        "nation": data.nation,
        "board": data.board,
        "review_type": data.review_type,
        "period": data.period,
        "published_on": data.published_on,
        "summary": data.abstract,
    }


def _detail_fields(planned: PlannedRecord) -> dict[str, Any]:
    """The details of a review that a source gives."""
    data = planned.candidate.data
    return {
        "pseudonym": data.pseudonym,
        "rights_holder": data.rights_holder,
        "licence": data.licence,
        "keywords": data.keywords,
        "anonymous": bool(planned.candidate.abstract.get("anonymous")),
    }


AddedResources = Mapping[int, Resource | RuleError]
"""id() of a planned record -> its resource, or why it was refused."""


def _add_new_resources(
    by: Actor, planned: Sequence[PlannedRecord], options: ImportOptions, now: datetime
) -> AddedResources:
    """Add the new resources among some records together."""
    outcomes = {NEW, LIKE} if options.include_similar else {NEW}
    new = [row for row in planned if row.outcome in outcomes and row.description is not None]
    entries = [
        NewResource(row.description, row.subjects) for row in new if row.description is not None
    ]
    added = library.add_resources(by=by, entries=entries, now=now)
    return {id(row): resource for row, resource in zip(new, added, strict=True)}


def _import_record(
    by: Actor,
    planned: PlannedRecord,
    line: dict[str, Any],
    added: AddedResources,
    now: datetime,
) -> CatalogueRecord | None:
    """Store one record, and note the result in its line of the report; None if it is refused."""
    resource = added.get(id(planned))
    try:
        if isinstance(resource, RuleError):
            raise resource
        record = _store_record(by, planned, now) if resource is None else resource.record
    except RuleError as error:
        line["wrong"] = [*line["wrong"], str(error)]
        line["taken"] = 0
        return None
    line["there"], line["taken"] = record.audit_subject(), 1
    return record


@serialized_in("documents", "library")
def _store_record(by: Actor, planned: PlannedRecord, now: datetime) -> CatalogueRecord:
    if planned.outcome == AGAIN:
        return _restore_record(by, planned, now)
    if not planned.is_review:
        raise RuleError("the record has no description")
    return _store_review(by, planned, now)


def _restore_record(by: Actor, planned: PlannedRecord, now: datetime) -> CatalogueRecord:
    """Bring back a record whose import was undone, in the state "received"."""
    record = ImportedRecord.objects.get(identity=planned.identity).record
    change_state(by=by, item=record.described, state=State.RECEIVED, now=now)
    return record


def _store_review(by: Actor, planned: PlannedRecord, now: datetime) -> CatalogueRecord:
    data, abstract = planned.candidate.data, planned.candidate.abstract
    review = documents.add_review(
        by=by,
        reference=_unused_reference(data.year, data.board, data.pseudonym or data.title),
        now=now,
        **_review_fields(planned),
    )
    library.set_details(by=by, review=review, now=now, **_detail_fields(planned))
    imports.keep_abstract(by=by, review=review, year=data.year, abstract=abstract, now=now)
    record = library.catalogue_review(by=by, review=review, now=now)
    if planned.subjects:
        library.set_subjects(by=by, record=record, subjects=planned.subjects, now=now)
    return record


def _unused_reference(year: int | None, board: str, name: str) -> str:
    """An unused reference for addresses: year, board and name, and a number if it is taken."""
    # Example: 2011, "Oak Board" and "Child A" -> "2011-oak-board-child-a", then "...-a-2".
    words = slugify(" ".join(part for part in (str(year or ""), board, name) if part)) or "review"
    base = words[:REFERENCE_LENGTH].strip("-")
    reference, number = base, 1
    while Review.objects.filter(reference=reference).exists():
        number += 1
        reference = f"{base}-{number}"
    return reference


# ---- undoing ----


def undo_import(*, by: Actor, key: str, now: datetime) -> tuple[int, list[str]]:
    """Withdraw the records of an import that are unchanged since.

    Returns how many were withdrawn, and the names of those that stay because they were published,
    changed or given a file. Nothing is deleted; the same file again brings them back. Raises
    NotPermitted, NotFound, RuleError.
    """
    batch = import_for(key, by)
    if batch.state == ImportState.UNDONE:
        raise RuleError("this import has already been undone")
    withdrawn, staying = 0, []
    for imported in imported_records(batch, by):
        if _is_untouched(imported):
            change_state(by=by, item=imported.record.described, state=State.WITHDRAWN, now=now)
            withdrawn += 1
        else:
            staying.append(imported.record.audit_subject())
    imports.mark_undone(by=by, batch=batch, staying=len(staying), now=now)
    return withdrawn, staying


def _is_untouched(imported: ImportedRecord) -> bool:
    record = imported.record
    files = record.review is not None and record.review.reports.exists()
    unchanged = record.changed_at == imported.changed_at
    return record.described.state == State.RECEIVED and unchanged and not files
