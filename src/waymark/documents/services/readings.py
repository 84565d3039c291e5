"""Replace the text of a report by a newer reading of the same file; the older text is kept.

Citation keys are for ever: those of an older reading lead to its words, and never to what a newer
reading has at the same positions. So a reading with another text gets a number of its own, which is
part of its keys. Example: reading 1 of a report has the passage 3f9c01ab2d44-0-40; after reading 2
the current passage is 3f9c01ab2d44r2-0-38, and the first key still leads to reading 1.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Model

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.documents.models import (
    Page,
    Passage,
    Reading,
    ReadingPage,
    ReadingState,
    Report,
    ReportText,
)
from waymark.documents.reading.values import ReadReport
from waymark.documents.services.hidden_text import record_check
from waymark.documents.services.reports import ROWS, store_text

PAGE_FIELDS = ("number", "width", "height", "start", "end", "words", "has_image", "source")
PASSAGE_FIELDS = ("start", "end", "page", "last_page", "heading", "kind")


@audit.serialized
def replace_reading(
    *, by: Actor, report: Report, read: ReadReport, now: datetime
) -> Reading | None:
    """Make a newer reading of its file the text of a report; returns the older reading, kept.

    Nothing is kept, and the keys stay as they are, where the old text is the same or empty. The
    caller moves what is anchored in the old text and updates the search index. A pending reading
    is dropped, as it was compared with the old text. Raises NotPermitted; RuleError for an erased
    file.
    """
    require_permission(by, "add reports")
    report.refresh_from_db()
    if report.original.erased_at is not None:
        raise RuleError(f"the file of {report.key} was erased: it cannot be read again")
    before, text = report.extractor, report.text
    drop_pending(report)
    older = None
    if text.content.strip() and text.content != read.text:
        older = _keep_current(report, now)
        report.reading += 1
    text.delete()
    report.pages.all().delete()
    report.passages.all().delete()
    report.extractor, report.warnings = read.extractor, list(read.warnings)
    report.page_count, report.read_at = len(read.pages), now
    report.save(update_fields=["reading", "extractor", "warnings", "page_count", "read_at"])
    store_text(report=report, read=read)
    record_check(by=by, report=report, hidden=read.hidden, now=now)
    audit.record_about(
        by,
        "replace reading",
        report,
        now,
        reading=report.reading,
        extractor=report.extractor,
        before=before,
    )
    return older


def drop_pending(report: Report) -> None:
    """Delete the reading of a report that waits for a person, with its list of moves."""
    for pending in report.readings.filter(state=ReadingState.PENDING):
        report.moves.filter(reading=pending.number).delete()
        pending.delete()


def _keep_current(report: Report, now: datetime) -> Reading:
    """Copy the current text, pages and passages of a report to an older reading."""
    text = ReportText.objects.get(report=report)
    reading = Reading.objects.create(
        report=report,
        number=report.reading,
        state=ReadingState.OLDER,
        extractor=report.extractor,
        content=text.content,
        furniture=text.furniture,
        passages=[
            list(row)
            for row in Passage.objects.filter(report=report)
            .order_by("ordinal")
            .values_list(*PASSAGE_FIELDS)
        ],
        warnings=report.warnings,
        read_at=report.read_at or report.received_at,
        replaced_at=now,
    )
    store_pages(reading, Page.objects.filter(report=report))
    return reading


def store_pages(reading: Reading, pages: Iterable[Model]) -> None:
    """Store the pages of a reading. pages: with the fields of a Page."""
    ReadingPage.objects.bulk_create(
        (
            ReadingPage(reading=reading, **{name: getattr(page, name) for name in PAGE_FIELDS})
            for page in pages
        ),
        batch_size=ROWS,
    )
