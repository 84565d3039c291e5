"""The only writers of imports: what came together, from where, and what became of it."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import RuleError
from waymark.documents.models import Review
from waymark.library.models import (
    CatalogueRecord,
    Import,
    ImportedRecord,
    ImportState,
    ReviewDetails,
)
from waymark.library.services.indexing import mark_changed

PROPOSED_FOR = timedelta(days=7)
"""For how long a file is kept that nobody has decided about."""


@audit.in_turn
def open_import(
    *, by: Actor, source: str, format_name: str, now: datetime, content: bytes | None = None
) -> Import:
    """Begin an import. content: the file, kept until somebody has decided.

    Files that nobody has decided about for a week are forgotten with it. Raises NotPermitted.
    """
    require(by, "catalogue")
    old = Import.objects.filter(state=ImportState.PROPOSED, at__lt=now - PROPOSED_FOR)
    old.filter(records=None).delete()
    made = Import.objects.create(
        key=secrets.token_hex(6),
        source=source[:500],
        format=format_name,
        sha256=hashlib.sha256(content).hexdigest() if content is not None else "",
        content=content,
        at=now,
        by=by if by is not None and by.pk is not None else None,
    )
    audit.record(
        actor=by, action="open import", subject=f"import {made.key}", now=now, source=made.source
    )
    return made


@audit.in_turn
def drop_import(*, by: Actor, batch: Import, now: datetime) -> None:
    """Decide against an import that was only looked at. Raises RuleError once records came."""
    require(by, "catalogue")
    if batch.state != ImportState.PROPOSED or batch.records.exists():
        raise RuleError("records came with this import: undo it instead")
    audit.record(actor=by, action="drop import", subject=f"import {batch.key}", now=now)
    batch.delete()


@audit.in_turn
def note_record(
    *,
    by: Actor,
    batch: Import,
    record: CatalogueRecord,
    place: str,
    identity: str,
    content: str,
    now: datetime,
) -> None:
    """Keep that a record came with an import, and what was said of it."""
    require(by, "catalogue")
    record.refresh_from_db()
    ImportedRecord.objects.update_or_create(
        identity=identity,
        defaults={
            "batch": batch,
            "record": record,
            "place": place[:60],
            "content": content,
            "changed_at": record.changed_at,
        },
    )


@audit.in_turn
def close_import(*, by: Actor, batch: Import, report: dict[str, Any], now: datetime) -> None:
    """The import is done: its file goes, its report stays."""
    require(by, "catalogue")
    batch.state, batch.content, batch.report, batch.at = ImportState.DONE, None, report, now
    batch.save(update_fields=["state", "content", "report", "at"])
    counts = {name: number for name, number in report.items() if isinstance(number, int)}
    audit.record(actor=by, action="close import", subject=f"import {batch.key}", now=now, **counts)


@audit.in_turn
def mark_undone(*, by: Actor, batch: Import, kept: int, now: datetime) -> None:
    """The import is undone, but for the records that somebody has worked on."""
    require(by, "catalogue")
    batch.state = ImportState.UNDONE
    batch.save(update_fields=["state"])
    audit.record(actor=by, action="undo import", subject=f"import {batch.key}", now=now, kept=kept)


@audit.in_turn
def keep_abstract(
    *, by: Actor, review: Review, year: int | None, abstract: dict[str, object], now: datetime
) -> None:
    """Keep the year in which a review came out and what an abstract of it says, part by part.

    Nothing of it is counted: it is there for those who catalogue and code the review.
    """
    require(by, "catalogue")
    details = ReviewDetails.objects.filter(review=review).first() or ReviewDetails(review=review)
    details.year, details.abstract = year, abstract
    details.save()
    audit.record(actor=by, action="keep abstract", subject=f"review {review.reference}", now=now)
    mark_changed(reviews=[review.pk], now=now)
