"""Records from other catalogues: looked at first, then taken in one by one; a whole import can be
undone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import slugify

from waymark.accounts.audit import in_turn
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import RuleError
from waymark.documents import services as documents
from waymark.documents.models import Review
from waymark.library import services as library
from waymark.library.exchange.formats import READERS, read_as
from waymark.library.exchange.reading.found import Reading
from waymark.library.models import (
    CatalogueRecord,
    Import,
    ImportedRecord,
    ImportState,
    Resource,
)
from waymark.library.queries.imports import (
    AGAIN,
    LIKE,
    NEW,
    Plan,
    Planned,
    as_json,
    import_for,
    plan,
    records_of,
)
from waymark.library.services import imports
from waymark.pipeline.states import change_state

REFERENCE_LENGTH = 56


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a plan is wanted. kind: of records that do not say what they are; like: take also
    what is perhaps here already."""

    kind: str = ""
    like: bool = False


def look_at(batch: Import, wanted: Wanted, person: Actor) -> Plan:
    """What an import that was uploaded would bring. Raises NotPermitted, RuleError."""
    if batch.content is None or batch.format not in READERS:
        raise RuleError("this import is done: its file is no longer kept")
    return plan(read_as(batch.format, bytes(batch.content)), person, kind=wanted.kind)


def import_upload(*, by: Actor, key: str, wanted: Wanted, now: datetime) -> Import:
    """Do an import that somebody has looked at. Raises NotPermitted, NotFound, RuleError."""
    batch = import_for(key, by)
    if batch.state != ImportState.PROPOSED:
        raise RuleError("this import was done already")
    made = look_at(batch, wanted, by)
    _take(by, batch, made, wanted, now, lambda place: None)
    return batch


def import_reading(
    *,
    by: Actor,
    reading: Reading,
    source: str,
    format_name: str,
    wanted: Wanted,
    now: datetime,
    on_done: Callable[[str], None] = lambda place: None,
) -> Import:
    """Take in what was read from a file or harvested. on_done: told the place of each record.

    Each record is stored by itself: a run that is killed has taken in some, and the same run again
    takes in the rest. Raises NotPermitted.
    """
    require(by, "catalogue")
    made = plan(reading, by, kind=wanted.kind)
    batch = imports.open_import(by=by, source=source, format_name=format_name, now=now)
    _take(by, batch, made, wanted, now, on_done)
    return batch


def _take(
    by: Actor,
    batch: Import,
    made: Plan,
    wanted: Wanted,
    now: datetime,
    on_done: Callable[[str], None],
) -> None:
    report = as_json(made)
    taken = 0
    for one, line in zip(made.records, report["records"], strict=True):
        if one.outcome in (NEW, AGAIN) or (one.outcome == LIKE and wanted.like):
            _take_one(by, batch, one, line, now)
            taken += line["taken"]
        on_done(one.candidate.place)
    imports.close_import(by=by, batch=batch, report={"taken": taken, **report}, now=now)


def _take_one(by: Actor, batch: Import, one: Planned, line: dict[str, Any], now: datetime) -> None:
    """Store one record, and say in its line of the report what became of it."""
    try:
        record = _stored(by, batch, one, now)
    except RuleError as error:
        line["wrong"] = [*line["wrong"], str(error)]
        line["taken"] = 0
        return
    line["there"], line["taken"] = record.audit_subject(), 1


@in_turn
def _stored(by: Actor, batch: Import, one: Planned, now: datetime) -> CatalogueRecord:
    if one.outcome == AGAIN:
        record = _back(by, one, now)
    elif one.is_review:
        record = _review(by, one, now)
    else:
        record = _resource(by, one, now)
    imports.note_record(
        by=by,
        batch=batch,
        record=record,
        place=one.candidate.place,
        identity=one.identity,
        content=one.content,
        now=now,
    )
    return record


def _back(by: Actor, one: Planned, now: datetime) -> CatalogueRecord:
    """A record whose import was undone comes again: it waits to be looked at, as it was."""
    record = ImportedRecord.objects.get(identity=one.identity).record
    change_state(by=by, thing=_thing(record), state=State.RECEIVED, now=now)
    return record


def _resource(by: Actor, one: Planned, now: datetime) -> CatalogueRecord:
    if one.description is None:
        raise RuleError("there is no description of it")
    resource = library.add_resource(by=by, description=one.description, now=now)
    record = CatalogueRecord.objects.get(resource=resource)
    if one.subjects:
        library.set_subjects(by=by, record=record, subjects=one.subjects, now=now)
    return record


def _review(by: Actor, one: Planned, now: datetime) -> CatalogueRecord:
    data, said = one.candidate.data, one.candidate.abstract
    review = documents.add_review(
        by=by,
        reference=_reference(data.year, data.board, data.pseudonym or data.title),
        title=data.title,
        nation=data.nation,
        board=data.board,
        review_type=data.review_type,
        period=data.period,
        published_on=data.published_on,
        summary=data.abstract,
        now=now,
    )
    library.set_details(
        by=by,
        review=review,
        pseudonym=data.pseudonym,
        keywords=data.keywords,
        anonymous=bool(said.get("anonymous")),
        now=now,
    )
    imports.keep_abstract(by=by, review=review, year=data.year, abstract=said, now=now)
    record = library.catalogue_review(by=by, review=review, now=now)
    if one.subjects:
        library.set_subjects(by=by, record=record, subjects=one.subjects, now=now)
    return record


def _reference(year: int | None, board: str, name: str) -> str:
    """A free reference for addresses: year, board and name; a number behind it where taken."""
    words = slugify(" ".join(part for part in (str(year or ""), board, name) if part)) or "review"
    wanted = words[:REFERENCE_LENGTH].strip("-")
    reference, number = wanted, 1
    while Review.objects.filter(reference=reference).exists():
        number += 1
        reference = f"{wanted}-{number}"
    return reference


def _thing(record: CatalogueRecord) -> Review | Resource:
    thing = record.review or record.resource
    if thing is None:
        raise LookupError(f"record {record.pk} is of nothing")
    return thing


# ---- undoing ----


def undo_import(*, by: Actor, key: str, now: datetime) -> tuple[int, list[str]]:
    """Withdraw what came with an import and nobody has touched since.

    Returns how many were withdrawn, and the names of those that stay: published, given a file or
    changed in the meantime. Nothing is deleted; the same file again brings them back. Raises
    NotPermitted, NotFound, RuleError.
    """
    batch = import_for(key, by)
    if batch.state == ImportState.UNDONE:
        raise RuleError("this import is undone already")
    withdrawn, kept = 0, []
    for one in records_of(batch, by):
        if _untouched(one):
            change_state(by=by, thing=_thing(one.record), state=State.WITHDRAWN, now=now)
            withdrawn += 1
        else:
            kept.append(one.record.audit_subject())
    imports.mark_undone(by=by, batch=batch, kept=len(kept), now=now)
    return withdrawn, kept


def _untouched(one: ImportedRecord) -> bool:
    thing, record = _thing(one.record), one.record
    files = isinstance(thing, Review) and thing.reports.exists()
    return thing.state == State.RECEIVED and record.changed_at == one.changed_at and not files
