"""Recognise the text of scanned pages, page by page, and read their reports again with it."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone

from waymark.accounts.audit import serialized_in
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import FileRefused, OriginalsUnavailable
from waymark.core.jobs import Clock, Job, JobQueue, returned_on_stop
from waymark.documents import services as documents
from waymark.documents.ingest import reading_limits
from waymark.documents.isolation.engine import (
    Engine,
    find_engine,
    how_to_install,
    languages_for,
    name_languages,
)
from waymark.documents.isolation.parent import read_job, recognise_isolated
from waymark.documents.models import PageRecognition, Report
from waymark.documents.queries.recognition import pages_waiting
from waymark.documents.reading.recognised import RecognisedPage
from waymark.documents.reading.values import ReadReport
from waymark.pipeline.rereading import STAGES, propose_reading
from waymark.pipeline.stored_files import file_of_report, reading_job

log = logging.getLogger(__name__)


@dataclass(slots=True)
class RecognitionResult:
    """Outcome of recognising pages. failed: file, and why a page or the file could not be read.

    waiting: pages that still wait, because no engine is installed or another process has them.
    notes: why some were recognised without one of their languages.
    """

    recognised: int = 0
    waiting: int = 0
    reports: list[str] = field(default_factory=list)
    failed: list[FileRefused] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)

    def as_json(self) -> dict[str, Any]:
        """The object that `waymark reports recognise --json` prints."""
        return {
            "recognised": self.recognised,
            "waiting": self.waiting,
            "reports": list(self.reports),
            "failed": [{"file": fault.file, "reason": fault.reason} for fault in self.failed],
            "notes": sorted(self.notes),
        }


def recognise_pages(
    *,
    by: Actor,
    reports: Collection[Report],
    workers: int = 2,
    on_done: Callable[[str], None] = lambda name: None,
    clock: Callable[[], datetime] = timezone.now,
) -> RecognitionResult:
    """Recognise the waiting pages of these reports, and give the reports their new text.

    Killed and run again, it goes on with the pages that are left. Raises NotPermitted.
    """
    require_permission(by, "add reports")
    result = RecognitionResult()
    keys = {report.pk: report.key for report in reports}
    engine = find_engine()
    try:
        if engine is not None:
            _recognise_side_by_side(by, engine, list(keys), workers, result, on_done, clock)
        for report in documents.reports_behind(list(keys)):
            refused = take_recognised_words(by=by, report=report, now=clock())
            if refused is None:
                result.reports.append(report.key)
            else:
                result.failed.append(refused)
    except OriginalsUnavailable as error:
        log.warning("scanned pages wait: %s", error)
    result.waiting = pages_waiting(list(keys))
    return result


def _recognise_side_by_side(
    by: Actor,
    engine: Engine,
    reports: Collection[int],
    workers: int,
    result: RecognitionResult,
    on_done: Callable[[str], None],
    clock: Callable[[], datetime],
) -> None:
    """Recognise pages in parallel. Only this thread uses the database."""
    with ThreadPoolExecutor(workers, thread_name_prefix="recognising") as pool:
        running: dict[Future[RecognisedPage | FileRefused], PageRecognition] = {}
        try:
            while True:
                # No more than there are workers: the lease of a page runs while it waits here.
                while len(running) < workers:
                    page = documents.lease_page(now=clock(), reports=reports)
                    if page is None:
                        break
                    languages = _languages_of(page)
                    running[pool.submit(_recognise, page, engine, languages)] = page
                    result.notes |= {_note_missing(engine, languages)} - {""}
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    outcome, page = future.result(), running.pop(future)
                    refused = _store_outcome(by, engine, page, outcome, clock())
                    if refused is None:
                        result.recognised += 1
                    else:
                        result.failed.append(refused)
                    on_done(page.report.file_name)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            # Stopped by Ctrl-C or a full disk: others need not wait for the end of the leases.
            for page in running.values():
                documents.return_page(page=page)


def _languages_of(page: PageRecognition) -> str:
    """The languages of a page: a person's choice, else the setting and that of its nation."""
    return page.languages or languages_for(page.report.review.nation, settings.OCR_LANGUAGES)


def _note_missing(engine: Engine, languages: str) -> str:
    """Note on a page that is recognised without some of its languages; "" if all are there."""
    missing = engine.missing(languages)
    if not missing:
        return ""
    return (
        f"recognised without {name_languages(missing)}, which is not installed (Debian and Ubuntu: "
        f"{how_to_install(missing)}; then recognise the pages again)"
    )


def _recognise(
    page: PageRecognition, engine: Engine, languages: str
) -> RecognisedPage | FileRefused:
    """Recognise a page. Uses no database: threads call it."""
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


def _store_outcome(
    by: Actor,
    engine: Engine,
    page: PageRecognition,
    outcome: RecognisedPage | FileRefused,
    now: datetime,
) -> FileRefused | None:
    if isinstance(outcome, FileRefused):
        documents.fail_page(by=by, page=page, refused=outcome, now=now)
        return outcome
    note = _note_missing(engine, _languages_of(page))
    documents.finish_page(by=by, page=page, recognised=outcome, now=now, note=note)
    return None


def recognise_next(clock: Clock = timezone.now) -> bool:
    """Recognise the page that has waited longest; False if there is none, or no engine."""
    # The engine is looked for only when a page waits, and each time: it may be installed later.
    if not pages_waiting():
        return False
    engine = find_engine()
    page = documents.lease_page(now=clock()) if engine is not None else None
    if engine is None or page is None:
        return False
    with returned_on_stop(partial(documents.return_page, page=page)):
        try:
            outcome = _recognise(page, engine, _languages_of(page))
        except OriginalsUnavailable as error:
            log.warning("scanned pages wait: %s", error)
            documents.return_page(page=page)
            return False
        _store_outcome(None, engine, page, outcome, clock())
    return True


def read_with_recognised(clock: Clock = timezone.now) -> bool:
    """Give the next report whose pages are all recognised its new text; False if there is none."""
    report = documents.reports_behind().first()
    if report is None:
        return False
    try:
        take_recognised_words(by=None, report=report, now=clock())
    except OriginalsUnavailable as error:
        log.warning("recognised pages wait to be read: %s", error)
        return False
    return True


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

    Where quotations would not move with their words, it waits for a person to accept it.
    """
    if documents.recognised_pages(report) != recognised:
        return
    # A person who has pages recognised again decides anew, so a rejected text may come back.
    propose_reading(by=by, report=report, read=read, now=now, accept_moved=True, also_rejected=True)
    documents.mark_in_text(by=by, report=report, pages=recognised, read=read, now=now)


def choose_words(
    *,
    by: Actor,
    report: Report,
    now: datetime,
    numbers: Iterable[int] = (),
    languages: str = "",
    own_words: bool = False,
    because: str = "",
) -> list[int]:
    """Choose recognition, or the file's own words, for pages of a report; returns their numbers.

    Raises NotPermitted; RuleError for a page without an image, or if none of the languages is
    installed.
    """
    engine = find_engine()
    if languages and engine is not None:
        engine.require(languages)
    return documents.choose_pages(
        by=by,
        report=report,
        now=now,
        numbers=numbers,
        languages=languages,
        own_words=own_words,
        because=because,
    )


JOBS = (
    Job("recognise scanned pages", JobQueue.READING, recognise_next),
    Job("read reports with recognised pages", JobQueue.READING, read_with_recognised),
)
