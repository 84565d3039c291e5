"""Files -> reports and records, one by one; uploads from the queue."""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from waymark.accounts import removals
from waymark.accounts.audit import serialized_in
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.database_remedy import disk_failure
from waymark.core.errors import FileRefused, OriginalsUnavailable
from waymark.core.files import refuse_unreadable
from waymark.core.jobs import Clock, HourlyRun, Job, JobQueue, returned_on_stop
from waymark.documents import services as documents
from waymark.documents.anonymity.identifiers import Identifier
from waymark.documents.files.originals import original_store
from waymark.documents.files.storage import sha256_of, staging_folder
from waymark.documents.files.unfinished import sweep_unfinished
from waymark.documents.ingest import reading_limits
from waymark.documents.isolation.parent import ReadingJob, read_isolated, read_job
from waymark.documents.keys import report_key
from waymark.documents.models import Intake, Report, ReportKind, Review
from waymark.documents.queries.reader import report_with_bytes
from waymark.documents.reading.values import ReadReport
from waymark.library import services as library
from waymark.library.models import Deposit
from waymark.library.queries import repository
from waymark.pipeline.documents.deposits import review_for_deposit
from waymark.pipeline.publishing.publication_reasons import reason_not_ready
from waymark.pipeline.removals.replay_removals import close_new
from waymark.pipeline.removals.state_changes import change_state

log = logging.getLogger(__name__)


def store_file(
    *,
    by: Actor,
    path: Path,
    now: datetime,
    review: Review | None = None,
    kind: str = ReportKind.OVERVIEW,
) -> Report:
    """Read one file in a child and store it. Raises FileRefused, NotPermitted."""
    require_permission(by, "add reports")
    sha256 = sha256_if_welcome(path, path.name)
    # Reading may take minutes and is outside every transaction: SQLite has a single writer.
    read = read_isolated(path, path.name, reading_limits())
    report, _ = store_reading(
        by=by,
        path=path,
        file_name=path.name,
        read=read,
        finds=documents.find_in_reading(read, path.name),
        review=review,
        kind=kind,
        sha256=sha256,
        now=now,
    )
    return report


@serialized_in("documents", "library")
def store_reading(
    *,
    by: Actor,
    path: Path,
    file_name: str,
    read: ReadReport,
    finds: Sequence[Identifier],
    review: Review | None,
    kind: str,
    now: datetime,
    publish: bool = False,
    catalogue: bool = True,
    sha256: str = "",
    encoding: str = "",
) -> tuple[Report, bool]:
    """Store a report, catalogue its review and mark it for the index; all or nothing.

    publish: also publish both, unless the report has hidden text or unread pages, or may identify a
    person. sha256: of the bytes read. encoding: as a person named it, "" if nobody did.
    """
    report, stored = documents.store_report(
        by=by,
        path=path,
        file_name=file_name,
        read=read,
        finds=finds,
        review=review,
        kind=kind,
        sha256=sha256,
        encoding=encoding,
        now=now,
    )
    if stored and catalogue:
        library.catalogue_review(by=by, review=report.review, now=now)
    # The journal may say that this file was withdrawn before the database was restored: then it is
    # stored closed, and --publish does not open it.
    if stored and close_new(report=report, now=now):
        return report, stored
    if stored and publish and not reason_not_ready(report):
        publish_both(by, report, now)
    return report, stored


def publish_both(by: Actor, report: Report, now: datetime) -> None:
    """Publish a report and its review."""
    for published in (report, report.review):
        if published.state != State.PUBLISHED:
            change_state(by=by, item=published, state=State.PUBLISHED, now=now)


def sha256_if_welcome(path: Path, file_name: str) -> str:
    """The SHA-256 of a file to be read. Raises FileRefused if it is unreadable, or was erased."""
    with refuse_unreadable(path):
        sha256 = sha256_of(path)
    erased = removals.last_entries().get((f"report {report_key(sha256)}", removals.ERASED, 0))
    if erased is not None and erased["sha256"] == sha256 and report_with_bytes(sha256) is None:
        remedy = "It stays erased. If that was a mistake, ask the administrator of this site"
        raise FileRefused(file_name, f"was erased here on {erased['at'][:10]}", remedy)
    return sha256


def read_upload(clock: Clock = timezone.now) -> bool:
    """Read the upload that has waited longest, and store or refuse it; False if there is none.

    The lease of the upload ends if this process dies: then another worker takes it.
    """
    intake = documents.lease_intake(now=clock())
    if intake is None:
        return False
    with returned_on_stop(partial(documents.return_intake, intake=intake)):
        return _read_leased(intake, clock)


def _read_leased(intake: Intake, clock: Clock) -> bool:
    """Read a leased upload, and store or refuse it; False if it was postponed."""
    deposit = repository.deposit_of_batch(intake.batch)
    path = staging_folder() / intake.staged
    try:
        if not path.exists():
            raise FileRefused(intake.file_name, "is missing on the server", "Upload it again")
        sha256_if_welcome(path, intake.file_name)
        job = ReadingJob(path, intake.file_name, intake.encoding)
        read = read_job(job, reading_limits())
        finds = documents.find_in_reading(read, intake.file_name)
        if settings.ORIGINALS:
            # Sent before the transaction, in which others wait.
            original_store().keep(path)
        _store_upload(intake, deposit, path, read, finds, clock())
    except FileRefused as refusal:
        documents.refuse_intake(by=None, intake=intake, refused=refusal, now=clock())
    except (OSError, DatabaseError, OriginalsUnavailable) as error:
        failure = str(error) if isinstance(error, OriginalsUnavailable) else disk_failure(error)
        if not failure:
            raise
        log.warning("%s stays in the queue: %s", intake.file_name, failure)
        documents.postpone_intake(by=None, intake=intake, now=clock())
        return False
    return True


@serialized_in("documents", "library")
def _store_upload(
    intake: Intake,
    deposit: Deposit | None,
    path: Path,
    read: ReadReport,
    finds: Sequence[Identifier],
    now: datetime,
) -> None:
    """Store the reading of an upload. Deposits are catalogued by staff once they are filed."""
    # In turn with all other writers, so that two files of one deposit do not create two reviews.
    review = intake.review
    if deposit is not None and report_with_bytes(sha256_of(path)) is None:
        review = review_for_deposit(deposit=deposit, now=now)
    report, stored = store_reading(
        by=None,
        path=path,
        file_name=intake.file_name,
        read=read,
        finds=finds,
        review=review,
        kind=intake.kind,
        encoding=intake.encoding,
        now=now,
        catalogue=deposit is None,
    )
    documents.finish_intake(by=None, intake=intake, report=report, stored=stored, now=now)


def _erase_again(now: datetime) -> bool:
    """Erase files again whose store did not answer when staff erased them."""
    return bool(settings.ORIGINALS and documents.sweep_leftovers(by=None, now=now))


JOBS = (
    Job("read uploads", JobQueue.READING, read_upload),
    Job("erase files again", JobQueue.UPKEEP, HourlyRun(_erase_again)),
    Job(
        "remove files of unfinished deposits",
        JobQueue.UPKEEP,
        lambda clock: sweep_unfinished(now=clock()) > 0,
    ),
)
