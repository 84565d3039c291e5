"""Files -> reports, records and index; and the worker that does pending tasks."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
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
from waymark.documents import services as documents
from waymark.documents.files.storage import sha256_of, staging_folder
from waymark.documents.ingest import IngestResult, reading_limits, sort_by_ending
from waymark.documents.isolation.parent import read_isolated, read_many
from waymark.documents.keys import report_key
from waymark.documents.models import Intake, Report, ReportKind, Review
from waymark.documents.queries.reader import report_with_bytes
from waymark.documents.reading.values import ReadReport
from waymark.library import services as library
from waymark.library.models import Deposit
from waymark.library.queries import repository
from waymark.pipeline.deposits import review_for_deposit, send_letter
from waymark.pipeline.publication_state import change_state, expire_due
from waymark.pipeline.replay_removals import close_new, replay_removals
from waymark.publishing import services as publishing

log = logging.getLogger(__name__)
IDLE_SECONDS = 1.0


def store_file(
    *,
    by: Actor,
    path: Path,
    now: datetime,
    review: Review | None = None,
    kind: str = ReportKind.OVERVIEW,
) -> Report:
    """Read one file in a child and store it. Raises Refused, NotPermitted."""
    require_permission(by, "add reports")
    refused = _erased_before(path, path.name)
    if refused is not None:
        raise refused
    # Reading may take minutes and is outside every transaction: SQLite has a single writer.
    read = read_isolated(path, path.name, reading_limits())
    report, _ = _store_reading(
        by=by, path=path, file_name=path.name, read=read, review=review, kind=kind, now=now
    )
    return report


@transaction.atomic
def _store_reading(
    *,
    by: Actor,
    path: Path,
    file_name: str,
    read: ReadReport,
    review: Review | None,
    kind: str,
    now: datetime,
    publish: bool = False,
    catalogue: bool = True,
) -> tuple[Report, bool]:
    """Store a report, catalogue its review and mark it for the index; all or nothing.

    publish: also publish both, unless the report has hidden text.
    """
    report, stored = documents.store_report(
        by=by, path=path, file_name=file_name, read=read, review=review, kind=kind, now=now
    )
    if stored and catalogue:
        library.catalogue_review(by=by, review=report.review, now=now)
    if stored and close_new(report=report, now=now):
        return report, stored
    if stored and publish and not documents.reason_held_back(report):
        for published in (report, report.review):
            if published.state != State.PUBLISHED:
                change_state(by=by, thing=published, state=State.PUBLISHED, now=now)
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
    clock: Callable[[], datetime] = timezone.now,
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
                review=None,
                kind=ReportKind.OVERVIEW,
                publish=publish,
                now=clock(),
            )
            result.count_report(report.key, read, stored=stored)
            result.note_held_back(path.name, report.key, documents.reason_held_back(report))
        on_done(path.name)
    # If another process is writing the index, its worker finds these records by their state.
    with suppress(RuleError):
        update_index(clock=clock)
    result.seconds = time.monotonic() - begun
    return result


def update_index(*, clock: Callable[[], datetime] = timezone.now) -> None:
    """Bring the search index up to date. Raises RuleError if another process holds it too long."""
    while library.index_changed(now=clock()).done:
        continue


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


def read_upload(*, clock: Callable[[], datetime] = timezone.now) -> bool:
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
    _store_upload(intake, deposit, path, read, clock())
    return True


@serialized_in("documents", "library")
def _store_upload(
    intake: Intake, deposit: Deposit | None, path: Path, read: ReadReport, now: datetime
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
        review=review,
        kind=intake.kind,
        now=now,
        catalogue=deposit is None,
    )
    documents.finish_intake(by=None, intake=intake, report=report, stored=stored, now=now)


Task = Callable[[Callable[[], datetime]], bool]


def _read_task(clock: Callable[[], datetime]) -> bool:
    return read_upload(clock=clock)


def _send_task(clock: Callable[[], datetime]) -> bool:
    return send_letter(clock=clock)


def _expire_task(clock: Callable[[], datetime]) -> bool:
    return expire_due(now=clock()) > 0


def _removal_task(clock: Callable[[], datetime]) -> bool:
    return bool(replay_removals(now=clock()))


def _index_task(clock: Callable[[], datetime]) -> bool:
    try:
        return library.index_changed(now=clock()).done > 0
    except RuleError as error:  # a rebuild may take longer than we wait for it
        log.warning("%s", error)
        return False


SLOW_TASKS: tuple[Task, ...] = (_read_task, _send_task)
"""Tasks that may take minutes: a long file, a mail server that does not answer."""
QUICK_TASKS: tuple[Task, ...] = (_removal_task, _expire_task, _index_task)
"""Tasks that must not be late by more than a minute: removals, expiry, the index."""


def run_worker(
    *,
    once: bool,
    tasks: tuple[Task, ...] = (*SLOW_TASKS, *QUICK_TASKS),
    clock: Callable[[], datetime] = timezone.now,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Do pending tasks until stopped; once: until none is left.

    Pending tasks are states in the database, so any number of workers may run, and one that is
    killed loses nothing.
    """
    documents.sweep_leftovers(by=None, now=clock())
    publishing.remove_withdrawn()
    while True:
        # Every task runs in each round, so that a long queue of one does not delay the others.
        done = [task(clock) for task in tasks]
        if any(done):
            continue
        if once:
            return
        pause(IDLE_SECONDS)
