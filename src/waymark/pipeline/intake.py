"""Files -> reports, records and index."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from waymark.accounts import removals
from waymark.accounts.audit import serialized_in
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import FileRefused, RuleError
from waymark.core.jobs import Clock, Job, JobQueue
from waymark.documents import services as documents
from waymark.documents.anonymity.identifiers import Identifier
from waymark.documents.files.storage import sha256_of, staging_folder
from waymark.documents.ingest import IngestPreview, IngestResult, reading_limits, sort_by_ending
from waymark.documents.isolation.parent import read_isolated, read_many
from waymark.documents.keys import report_key
from waymark.documents.models import Intake, Report, ReportKind, Review
from waymark.documents.queries.reader import report_with_bytes
from waymark.documents.reading.values import ReadReport
from waymark.library import services as library
from waymark.library.models import Deposit
from waymark.library.queries import repository
from waymark.pipeline.deposits import review_for_deposit
from waymark.pipeline.indexing import update_index
from waymark.pipeline.replay_removals import close_new
from waymark.pipeline.state_changes import change_state


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
    refused = _erased_before(path, path.name)
    if refused is not None:
        raise refused
    # Reading may take minutes and is outside every transaction: SQLite has a single writer.
    read = read_isolated(path, path.name, reading_limits())
    report, _ = _store_reading(
        by=by,
        path=path,
        file_name=path.name,
        read=read,
        finds=documents.find_in_reading(read, path.name),
        review=review,
        kind=kind,
        now=now,
    )
    return report


@transaction.atomic
def _store_reading(
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
) -> tuple[Report, bool]:
    """Store a report, catalogue its review and mark it for the index; all or nothing.

    publish: also publish both, unless the report has hidden text or may identify a person.
    """
    report, stored = documents.store_report(
        by=by,
        path=path,
        file_name=file_name,
        read=read,
        finds=finds,
        review=review,
        kind=kind,
        now=now,
    )
    if stored and catalogue:
        library.catalogue_review(by=by, review=report.review, now=now)
    # The journal may say that this file was withdrawn before the database was restored: then it is
    # stored closed, and --publish does not open it.
    if stored and close_new(report=report, now=now):
        return report, stored
    if stored and publish and not documents.why_held_back(report):
        for published in (report, report.review):
            if published.state != State.PUBLISHED:
                change_state(by=by, item=published, state=State.PUBLISHED, now=now)
    return report, stored


def _erased_before(path: Path, file_name: str) -> FileRefused | None:
    """Refusal of a file that staff erased, if this database does not know about it."""
    sha256 = sha256_of(path)
    erased = removals.last_entries().get((f"report {report_key(sha256)}", removals.ERASED, 0))
    if erased is not None and erased["sha256"] == sha256 and report_with_bytes(sha256) is None:
        remedy = "It stays erased. If that was a mistake, ask the administrator of this site"
        return FileRefused(file_name, f"was erased here on {erased['at'][:10]}", remedy)
    return None


def ingest_files(
    files: Iterable[Path],
    *,
    workers: int,
    by: Actor,
    publish: bool = False,
    on_done: Callable[[str], None] = lambda name: None,
    clock: Clock = timezone.now,
) -> IngestResult:
    """Read and store files in parallel; files already stored are not read again.

    Each file is stored or refused on its own: a killed run has stored some files whole, and the
    same run again stores the rest. on_done: called with the name of each file. Raises NotPermitted.
    """
    require_permission(by, "add reports")
    begun = time.monotonic()
    candidates = sort_by_ending(files)
    result = IngestResult(refused=candidates.refused)
    for refusal in candidates.refused:
        on_done(refusal.file)
    unknown = _files_to_read(candidates.files, result, on_done)
    for path, read in read_many(unknown, workers=workers, limits=reading_limits()):
        if isinstance(read, FileRefused):
            result.refused.append(read)
        else:
            report, stored = _store_reading(
                by=by,
                path=path,
                file_name=path.name,
                read=read,
                finds=documents.find_in_reading(read, path.name),
                review=None,
                kind=ReportKind.OVERVIEW,
                publish=publish,
                now=clock(),
            )
            result.count_report(report.key, read, stored=stored)
            result.note_held_back(path.name, report.key, documents.why_held_back(report))
        on_done(path.name)
    # If another process is writing the index, its worker finds these records by their state.
    with suppress(RuleError):
        update_index(clock=clock)
    result.seconds = time.monotonic() - begun
    return result


def preview_ingest(
    files: Iterable[Path],
    *,
    workers: int,
    by: Actor,
    on_done: Callable[[str], None] = lambda name: None,
) -> IngestPreview:
    """Read files as ingest_files() does, and store nothing. Raises NotPermitted."""
    require_permission(by, "add reports")
    candidates = sort_by_ending(files)
    result = IngestResult(refused=candidates.refused)
    preview = IngestPreview(result)
    unknown = list(_files_to_read(candidates.files, result, on_done))
    preview.already = [path for path in candidates.files if report_with_bytes(sha256_of(path))]
    for path, read in read_many(unknown, workers=workers, limits=reading_limits()):
        if isinstance(read, FileRefused):
            result.refused.append(read)
        else:
            preview.new.append(path)
        on_done(path.name)
    return preview


def _files_to_read(
    files: Iterable[Path], result: IngestResult, on_done: Callable[[str], None]
) -> Iterator[Path]:
    """The files not stored yet; the others are counted in result."""
    for path in files:
        refusal = _erased_before(path, path.name)
        if refusal is not None:
            result.refused.append(refusal)
        elif report_with_bytes(sha256_of(path)) is not None:
            result.already += 1
        else:
            yield path
            continue
        on_done(path.name)


def read_upload(clock: Clock = timezone.now) -> bool:
    """Read the upload that has waited longest, and store or refuse it; False if there is none.

    The lease of the upload ends if this process dies: then another worker takes it.
    """
    intake = documents.lease_intake(now=clock())
    if intake is None:
        return False
    deposit = repository.deposit_of_batch(intake.batch)
    path = staging_folder() / intake.staged
    try:
        if not path.exists():
            raise FileRefused(intake.file_name, "is missing on the server", "Upload it again")
        refused = _erased_before(path, intake.file_name)
        if refused is not None:
            raise refused
        read = read_isolated(path, intake.file_name, reading_limits())
    except FileRefused as refusal:
        documents.refuse_intake(by=None, intake=intake, refused=refusal, now=clock())
        return True
    finds = documents.find_in_reading(read, intake.file_name)
    _store_upload(intake, deposit, path, read, finds, clock())
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
    report, stored = _store_reading(
        by=None,
        path=path,
        file_name=intake.file_name,
        read=read,
        finds=finds,
        review=review,
        kind=intake.kind,
        now=now,
        catalogue=deposit is None,
    )
    documents.finish_intake(by=None, intake=intake, report=report, stored=stored, now=now)


JOBS = (Job("read uploads", JobQueue.READING, read_upload),)
