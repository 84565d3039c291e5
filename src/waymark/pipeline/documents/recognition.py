"""Recognise the text of scanned pages, page by page, and read their reports again with it."""

import logging
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone

from waymark.accounts.cluster import cluster_executor
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import FileRefused, OriginalsUnavailable, ServiceUnavailable
from waymark.core.executor import Executor
from waymark.core.jobs import Clock, Job, JobQueue, returned_on_stop
from waymark.documents import services as documents
from waymark.documents.isolation.engine import Engine, find_engine
from waymark.documents.models import PageRecognition, RecognitionState, Report
from waymark.documents.queries.recognition import pages_waiting
from waymark.documents.reading.recognised import RecognisedPage
from waymark.pipeline.documents.cluster_recognition import read_again_by_tasks, recognise_by_tasks
from waymark.pipeline.documents.page_recognition import (
    languages_of,
    note_missing,
    recognise_leased,
    store_outcome,
    take_recognised_words,
)

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

    def note_read_again(self, report: Report, refused: FileRefused | None) -> None:
        """Note a report that has its new text, or why it could not be read."""
        if refused is None:
            self.reports.append(report.key)
        else:
            self.failed.append(refused)

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

    With WAYMARK_DASK workers of that cluster do it, and what they leave is done here. Killed and
    run again, it goes on with the pages that are left. Raises NotPermitted.
    """
    require_permission(by, "add reports")
    result = RecognitionResult()
    keys = [report.pk for report in reports]
    if settings.DASK and (pages_waiting(keys) or documents.reports_behind(keys).exists()):
        try:
            with cluster_executor() as executor:
                recognise_at_workers(executor, by, keys, result, on_done, clock)
        except ServiceUnavailable as error:
            log.warning("scanned pages are recognised on this machine alone: %s", error)
    engine = find_engine()
    try:
        if engine is not None:
            _recognise_side_by_side(by, engine, keys, workers, result, on_done, clock)
        for report in documents.reports_behind(keys):
            result.note_read_again(report, take_recognised_words(by=by, report=report, now=clock()))
    except OriginalsUnavailable as error:
        log.warning("scanned pages wait: %s", error)
    result.waiting = pages_waiting(keys)
    return result


def recognise_at_workers(
    executor: Executor,
    by: Actor,
    reports: Collection[int],
    result: RecognitionResult,
    on_done: Callable[[str], None],
    clock: Clock,
) -> None:
    """Recognise pages by tasks of an executor; what they did is what the database says."""
    for page in recognise_by_tasks(executor, by=by, reports=reports, clock=clock):
        if page.state == RecognitionState.DONE:
            result.recognised += 1
            result.notes |= {page.reason} - {""}
        elif page.state == RecognitionState.FAILED:
            result.failed.append(FileRefused(page.report.file_name, page.reason, ""))
        on_done(page.report.file_name)
    behind = list(documents.reports_behind(reports))
    outcomes = read_again_by_tasks(executor, by=by, reports=behind, clock=clock)
    for report in behind:
        result.note_read_again(report, outcomes[report.pk])


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
                    languages = languages_of(page)
                    running[pool.submit(recognise_leased, page, engine, languages)] = page
                    result.notes |= {note_missing(engine, languages)} - {""}
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    outcome, page = future.result(), running.pop(future)
                    refused = store_outcome(by, engine, page, outcome, clock())
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
            outcome = recognise_leased(page, engine, languages_of(page))
        except OriginalsUnavailable as error:
            log.warning("scanned pages wait: %s", error)
            documents.return_page(page=page)
            return False
        store_outcome(None, engine, page, outcome, clock())
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
