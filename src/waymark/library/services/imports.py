"""Imports: batches of records from another catalogue, and their outcome."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.documents.models import Review
from waymark.library.models import (
    CatalogueRecord,
    Import,
    ImportedRecord,
    ImportState,
    ReviewDetails,
)
from waymark.library.queries.imports import is_left_out
from waymark.library.services.indexing import mark_changed

PREVIEW_LIFETIME = timedelta(days=7)
"""How long a preview is kept without a decision."""


@audit.serialized
def open_import(
    *, by: Actor, source: str, format_name: str, now: datetime, content: bytes | None = None
) -> Import:
    """Begin an import. content: the file, kept until somebody decides about its preview.

    Previews without a decision for a week, and files whose possible duplicates nobody took in a
    week, are deleted at the same time. Raises NotPermitted.
    """
    require_permission(by, "catalogue")
    old = Import.objects.filter(state=ImportState.PROPOSED, at__lt=now - PREVIEW_LIFETIME)
    old.filter(records=None).delete()
    done = Import.objects.filter(state=ImportState.DONE, at__lt=now - PREVIEW_LIFETIME)
    done.exclude(content=None).update(content=None)
    batch = Import.objects.create(
        key=secrets.token_hex(6),
        source=source[:500],
        format=format_name,
        sha256=hashlib.sha256(content).hexdigest() if content is not None else "",
        content=content,
        at=now,
        # The program itself (commands, the demo) has no account.
        by=by if by is not None and by.pk is not None else None,
    )
    audit.record_about(by, "open import", batch, now, source=batch.source)
    return batch


@audit.serialized
def drop_import(*, by: Actor, batch: Import, now: datetime) -> None:
    """Delete an import that was only previewed. Raises RuleError once records were imported."""
    require_permission(by, "catalogue")
    if batch.state != ImportState.PROPOSED or batch.records.exists():
        raise RuleError("this import has added records: undo it instead")
    audit.record_about(by, "drop import", batch, now)
    batch.delete()


@dataclass(frozen=True, slots=True)
class TakenRecord:
    """A record that came with an import. The columns are those of ImportedRecord."""

    record: CatalogueRecord
    place: str
    identity: str
    content: str


@audit.serialized
def note_records(
    *, by: Actor, batch: Import, taken: Iterable[TakenRecord], updated: Iterable[TakenRecord] = ()
) -> None:
    """Store that records came with an import, and a hash of the data of each.

    updated: records that came with an earlier import, to which they still belong: undoing this one
    must not withdraw them.
    """
    require_permission(by, "catalogue")
    # Of two with the same identity in one file the later one counts.
    rows = {row.identity: row for row in taken}
    _note_updated({row.identity: row for row in updated if row.identity not in rows})
    # changed_at just after the import: a later one means that someone worked on the record,
    # which undoing the import then keeps.
    records = CatalogueRecord.objects.filter(pk__in=[row.record.pk for row in rows.values()])
    changed_at = dict(records.values_list("pk", "changed_at"))
    # In place of the row of an import that was undone; update_or_create() asks for it first.
    ImportedRecord.objects.bulk_create(
        [
            ImportedRecord(
                identity=row.identity,
                batch=batch,
                record=row.record,
                place=row.place[:60],
                content=row.content,
                changed_at=changed_at[row.record.pk],
            )
            for row in rows.values()
        ],
        update_conflicts=True,
        unique_fields=["identity"],
        update_fields=["batch", "record", "place", "content", "changed_at"],
    )


def _note_updated(rows: Mapping[str, TakenRecord]) -> None:
    imported = list(ImportedRecord.objects.filter(identity__in=rows).select_related("record"))
    for known in imported:
        known.content, known.changed_at = rows[known.identity].content, known.record.changed_at
    ImportedRecord.objects.bulk_update(imported, ["content", "changed_at"], batch_size=500)


@audit.serialized
def close_import(*, by: Actor, batch: Import, report: dict[str, Any], now: datetime) -> None:
    """Complete an import: keep its report, and its file while possible duplicates were left out."""
    require_permission(by, "catalogue")
    batch.state, batch.report, batch.at = ImportState.DONE, report, now
    _drop_decided_file(batch)
    batch.save(update_fields=["state", "content", "report", "at"])
    # The audit log gets numbers only: titles of unpublished reviews stay out of it.
    counts = {name: number for name, number in report.items() if isinstance(number, int)}
    audit.record_about(by, "close import", batch, now, **counts)


@audit.serialized
def note_left_out(*, by: Actor, batch: Import, report: dict[str, Any], now: datetime) -> None:
    """Store what became of possible duplicates; delete the file once all are decided about."""
    require_permission(by, "catalogue")
    batch.report = report
    _drop_decided_file(batch)
    batch.save(update_fields=["content", "report"])
    counts = {name: number for name, number in report.items() if isinstance(number, int)}
    audit.record_about(by, "take possible duplicates", batch, now, **counts)


def _drop_decided_file(batch: Import) -> None:
    if not any(map(is_left_out, batch.report.get("records", []))):
        batch.content = None


@audit.serialized
def mark_undone(*, by: Actor, batch: Import, staying: int, now: datetime) -> None:
    """Mark an import as undone. staying: number of records kept, because someone changed them."""
    require_permission(by, "catalogue")
    batch.state, batch.content = ImportState.UNDONE, None
    batch.save(update_fields=["state", "content"])
    audit.record_about(by, "undo import", batch, now, kept=staying)


@audit.serialized
def keep_abstract(
    *, by: Actor, review: Review, year: int | None, abstract: dict[str, object], now: datetime
) -> None:
    """Store the year of publication of a review and the parts of an imported abstract.

    They are for cataloguers and coders; nothing in them is counted.
    """
    require_permission(by, "catalogue")
    details = ReviewDetails.objects.filter(review=review).first() or ReviewDetails(review=review)
    details.year, details.abstract = year, abstract
    details.save()
    audit.record_about(by, "keep abstract", review, now)
    mark_changed(reviews=[review.pk], now=now)
