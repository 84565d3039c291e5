"""Recognise scanned pages by workers of a Dask cluster, which store the words themselves.

    this process                        a worker
    leases the next page             -> recognise it in a disposable child, as on one machine
                                        store its words, if the page still has this lease
    <- done
    row of the page: what counts
    reports with no page left        -> read again with the recognised words, store the new text

A page takes seconds of a processor, so each is a task of its own: none waits behind others while
its lease runs. Where a worker dies, another has the same page with the same lease; who comes second
finds that it has been stored and leaves it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from socket import gethostname

from django.utils import timezone

from waymark.accounts.models import User
from waymark.accounts.permissions import Actor
from waymark.core.errors import FileRefused, ServiceUnavailable
from waymark.core.executor import Executor, PartLost, outcomes_tried_again
from waymark.core.jobs import Clock
from waymark.documents import services as documents
from waymark.documents.isolation.engine import HOW_TO_INSTALL, find_engine
from waymark.documents.models import PageRecognition, RecognitionState, Report
from waymark.pipeline.documents.cluster_ingest import ENDS_WORKERS, fresh_connections
from waymark.pipeline.documents.page_recognition import (
    languages_of,
    recognise_leased,
    store_outcome,
    take_recognised_words,
)


@dataclass(frozen=True, slots=True)
class PageTask:
    """A leased page for one worker: its primary key and lease. by: key of the account, or None."""

    page: int
    attempts: int
    lease_until: datetime | None
    by: int | None


@dataclass(frozen=True, slots=True)
class RereadingTask:
    """A report whose pages are all recognised, by its primary key. by: as above."""

    report: int
    by: int | None


# ---- in the process that was asked ----


def recognise_by_tasks(
    executor: Executor, *, by: Actor, reports: Collection[int], clock: Clock
) -> Iterator[PageRecognition]:
    """Yield each waiting page of these reports once a task has recognised it, or it has failed.

    Raises ServiceUnavailable if the cluster is gone or a worker has no Tesseract; the pages that
    are under way then wait again.
    """
    under_way: dict[PageTask, PageRecognition] = {}

    def tasks() -> Iterator[PageTask]:
        while page := documents.lease_page(now=clock(), reports=reports):
            task = PageTask(page.pk, page.attempts, page.lease_until, _key_of(by))
            under_way[task] = page
            yield task

    try:
        for task, outcome in outcomes_tried_again(executor, recognise_page, tasks()):
            page = under_way.pop(task)
            if isinstance(outcome, PartLost):
                refused = FileRefused(page.report.file_name, *ENDS_WORKERS)
                documents.fail_page(by=by, page=page, refused=refused, now=clock())
            page.refresh_from_db(fields=["state", "reason"])
            yield page
    finally:
        for page in under_way.values():
            documents.return_page(page=page)


def read_again_by_tasks(
    executor: Executor, *, by: Actor, reports: Collection[Report], clock: Clock
) -> dict[int, FileRefused | None]:
    """Give reports with recognised pages their new text; primary key -> why it was refused."""
    by_key = {report.pk: report for report in reports}
    outcomes: dict[int, FileRefused | None] = {}
    refused: FileRefused | None
    tasks = [RereadingTask(report, _key_of(by)) for report in by_key]
    for task, reason in outcomes_tried_again(executor, read_again, tasks):
        report = by_key[task.report]
        if isinstance(reason, PartLost):
            refused = FileRefused(report.file_name, *ENDS_WORKERS)
            documents.fail_reading(by=by, report=report, refused=refused, now=clock())
        else:
            refused = FileRefused(report.file_name, *reason) if reason else None
        outcomes[task.report] = refused
    return outcomes


def _key_of(by: Actor) -> int | None:
    return None if by is None else by.pk


# ---- in a worker ----


def recognise_page(task: PageTask) -> None:
    """Recognise a page and store its words, unless it has lost this lease; runs in a worker.

    Raises ServiceUnavailable if Tesseract is not installed here.
    """
    with fresh_connections():
        engine = find_engine()
        if engine is None:
            raise ServiceUnavailable(
                f"Tesseract is not installed on {gethostname()}, where a worker runs: "
                f"{HOW_TO_INSTALL}"
            )
        pages = PageRecognition.objects.select_related("report__review")
        page = pages.filter(
            pk=task.page,
            state=RecognitionState.RUNNING,
            attempts=task.attempts,
            lease_until=task.lease_until,
        ).first()
        if page is not None:
            outcome = recognise_leased(page, engine, languages_of(page))
            store_outcome(_account(task.by), engine, page, outcome, timezone.now())


def read_again(task: RereadingTask) -> tuple[str, str] | None:
    """Give a report its new text, unless it has it; runs in a worker.

    Returns reason and remedy if it was refused; None also if a worker that died had refused it.
    """
    with fresh_connections():
        report = documents.reports_behind([task.report]).first()
        if report is None:
            return None
        refused = take_recognised_words(by=_account(task.by), report=report, now=timezone.now())
        return (refused.reason, refused.remedy) if refused else None


def _account(key: int | None) -> Actor:
    return None if key is None else User.objects.get(pk=key)
