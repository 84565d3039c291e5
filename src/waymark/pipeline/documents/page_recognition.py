"""One scanned page, or one report with recognised pages: the work that any process can do."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from waymark.accounts.audit import serialized_in
from waymark.accounts.permissions import Actor
from waymark.core.errors import FileRefused
from waymark.documents import services as documents
from waymark.documents.ingest import reading_limits
from waymark.documents.isolation.engine import (
    Engine,
    how_to_install,
    languages_for,
    name_languages,
)
from waymark.documents.isolation.parent import read_job, recognise_isolated
from waymark.documents.models import PageRecognition, Report
from waymark.documents.reading.recognised import RecognisedPage
from waymark.documents.reading.values import ReadReport
from waymark.pipeline.documents.rereading import STAGES, propose_reading
from waymark.pipeline.documents.stored_files import file_of_report, reading_job


def languages_of(page: PageRecognition) -> str:
    """The languages of a page: a person's choice, else the setting and that of its nation."""
    return page.languages or languages_for(page.report.review.nation, settings.OCR_LANGUAGES)


def note_missing(engine: Engine, languages: str) -> str:
    """Note on a page that is recognised without some of its languages; "" if all are there."""
    missing = engine.missing(languages)
    if not missing:
        return ""
    return (
        f"recognised without {name_languages(missing)}, which is not installed (Debian and Ubuntu: "
        f"{how_to_install(missing)}; then recognise the pages again)"
    )


def recognise_leased(
    page: PageRecognition, engine: Engine, languages: str
) -> RecognisedPage | FileRefused:
    """Recognise a page. Uses no database: threads call it. Raises OriginalsUnavailable."""
    usable = engine.usable(languages)
    try:
        if not usable:
            raise FileRefused(
                "",
                f"needs {name_languages(languages)}, which Tesseract does not have here",
                f"Install it (Debian and Ubuntu: {how_to_install(languages)})",
            )
        with file_of_report(page.report) as path:
            return recognise_isolated(path, page.number, engine, usable, reading_limits())
    except FileRefused as refused:
        return FileRefused(page.report.file_name, refused.reason, refused.remedy)


def store_outcome(
    by: Actor,
    engine: Engine,
    page: PageRecognition,
    outcome: RecognisedPage | FileRefused,
    now: datetime,
) -> FileRefused | None:
    """Store the words of a leased page, or why it could not be recognised, which it returns."""
    if isinstance(outcome, FileRefused):
        documents.fail_page(by=by, page=page, refused=outcome, now=now)
        return outcome
    note = note_missing(engine, languages_of(page))
    documents.finish_page(by=by, page=page, recognised=outcome, now=now, note=note)
    return None


def take_recognised_words(*, by: Actor, report: Report, now: datetime) -> FileRefused | None:
    """Read a report again with its recognised pages; returns why that was refused, else None."""
    job = reading_job(report)
    try:
        read = read_job(job, reading_limits())
    except FileRefused as refused:
        documents.fail_reading(by=by, report=report, refused=refused, now=now)
        return refused
    _store_new_text(by, report, read, job.recognised, now)
    return None


@serialized_in(*STAGES)
def _store_new_text(
    by: Actor,
    report: Report,
    read: ReadReport,
    recognised: Mapping[int, RecognisedPage],
    now: datetime,
) -> None:
    """Make the reading the report's text; nothing if its pages have changed while it was read.

    Nothing either if another process has done it. Where quotations would not move with their words,
    it waits for a person to accept it.
    """
    behind = documents.reports_behind([report.pk]).exists()
    if not behind or documents.recognised_pages(report) != recognised:
        return
    # A person who has pages recognised again decides anew, so a rejected text may come back.
    propose_reading(by=by, report=report, read=read, now=now, accept_moved=True, also_rejected=True)
    documents.mark_in_text(by=by, report=report, pages=recognised, read=read, now=now)
