"""Store reports: the bytes of the file, and the text read from it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.spans import Span
from waymark.documents.anonymity.identifiers import Identifier
from waymark.documents.files import originals, storage
from waymark.documents.files.uploads import masked_name, plain_name
from waymark.documents.keys import report_key, span_key, text_key
from waymark.documents.models import Original, Page, Passage, Report, ReportKind, ReportText, Review
from waymark.documents.reading.values import (
    FROM_FILE,
    LEAST_SURE_FIRST,
    ReadPassage,
    ReadReport,
)
from waymark.documents.reading.words import pack_words
from waymark.documents.services.anonymity import find_in_reading, store_identifiers
from waymark.documents.services.hidden_text import store_hidden_text
from waymark.documents.services.recognition import queue_unread
from waymark.documents.services.reviews import add_review

ROWS = 500


def store_report(
    *,
    by: Actor,
    path: Path,
    file_name: str,
    read: ReadReport,
    now: datetime,
    review: Review | None = None,
    kind: str = ReportKind.OVERVIEW,
    sha256: str = "",
    encoding: str = "",
    finds: Sequence[Identifier] | None = None,
) -> tuple[Report, bool]:
    """Store a file and its reading; returns the report, and False if its bytes were stored before.

    Without a review, one is created with the document's title, to be catalogued later. An erased
    file stays erased if its bytes are sent again. sha256: of the bytes that were read, if known;
    encoding: as a person named it; finds: the identifiers in it, if the caller looked for them
    before its transaction. Raises NotPermitted, and FileRefused if the file is gone, unreadable or
    changed.
    """
    require_permission(by, "add reports")
    # The file comes first, outside the transaction: a row without its file would be a lost report,
    # while a file without its row is found by its name in arriving/ when it is stored again.
    kept_sha256, size = originals.original_store().keep(path, expected=sha256)
    name = plain_name(file_name)
    # Also outside: the rules take half a second for a long report, and SQLite has a single writer.
    if finds is None:
        finds = find_in_reading(read, name)
    file = _KeptFile(kept_sha256, size, name, kind, encoding)
    return _store_rows(by, file, read, finds, now, review)


@dataclass(frozen=True, slots=True)
class _KeptFile:
    """A file whose bytes are among the originals, and what is known of it besides its reading."""

    sha256: str
    size: int
    name: str
    kind: str
    encoding: str


@audit.serialized
def _store_rows(
    by: Actor,
    file: _KeptFile,
    read: ReadReport,
    finds: Sequence[Identifier],
    now: datetime,
    review: Review | None,
) -> tuple[Report, bool]:
    sha256 = file.sha256
    storage.clear_arriving(sha256)
    known = Report.objects.filter(original_id=sha256).select_related("original").first()
    if known is not None:
        if known.original.erased_at is not None:
            originals.erase_or_later(sha256)
        return known, False
    original = Original(sha256=sha256, media_type=read.media_type, size=file.size, stored_at=now)
    original.save(force_insert=True)
    if review is None:
        title = read.title or file.name
        review = add_review(by=by, reference=f"r-{report_key(sha256)}", title=title, now=now)
    report = _new_report(original, review, file, read, now)
    store_identifiers(report=report, finds=finds)
    audit.record_about(
        by,
        "store report",
        report,
        now,
        review=review.reference,
        file=masked_name(report.file_name),
    )
    return report, True


def _new_report(
    original: Original, review: Review, file: _KeptFile, read: ReadReport, now: datetime
) -> Report:
    report = Report(
        key=report_key(original.sha256),
        review=review,
        original=original,
        kind=ReportKind(file.kind),
        title=read.title or file.name,
        file_name=file.name,
        encoding=file.encoding,
        page_count=len(read.pages),
        extractor=read.extractor,
        warnings=list(read.warnings),
        received_at=now,
        hidden_text_checked_at=now,
        anonymity_checked_at=now,
    )
    report.save(force_insert=True)
    store_hidden_text(report=report, hidden=read.hidden)
    store_text(report=report, read=read)
    queue_unread(report=report, read=read)
    return report


def store_text(*, report: Report, read: ReadReport) -> None:
    """Store the text, pages and passages of a reading, in the caller's transaction."""
    text = text_key(report.key, report.reading)
    ReportText.objects.create(
        report=report,
        content=read.text,
        furniture=[list(span) for span in read.furniture],
        running_lines=[asdict(line) for line in read.running_lines],
    )
    Page.objects.bulk_create(
        (
            Page(
                report=report,
                number=page.number,
                width=page.width,
                height=page.height,
                start=page.start,
                end=page.end,
                words=pack_words(page.words),
                has_image=page.has_image,
                source=page.source,
            )
            for page in read.pages
        ),
        batch_size=ROWS,
    )
    Passage.objects.bulk_create(
        (
            Passage(
                report=report,
                key=span_key(text, Span(passage.start, passage.end)),
                ordinal=ordinal,
                start=passage.start,
                end=passage.end,
                page=passage.page,
                last_page=passage.last_page,
                heading=passage.heading,
                kind=passage.kind,
                source=_passage_source(read, passage),
            )
            for ordinal, passage in enumerate(read.passages)
        ),
        batch_size=ROWS,
    )


def _passage_source(read: ReadReport, passage: ReadPassage) -> str:
    """The least sure source of the pages of a passage."""
    sources = {page.source for page in read.pages[passage.page - 1 : passage.last_page]}
    return next((source for source in LEAST_SURE_FIRST if source in sources), FROM_FILE)
