"""Read and store files by workers of a Dask cluster, which write the rows themselves.

    this process                     a worker
    SHA-256 of each file
    those not stored yet, in fives   -> read in a disposable child, as on one machine
                                        store the rows, one transaction for each file
    <- refused, or done
    rows of the SHA-256: what counts

A worker may die after some of its files, and its task is then done again, perhaps while the first
is still at work: a file is stored under the lock of its stages by the SHA-256 of its bytes, so who
comes second finds it stored and leaves it. A file that ends its workers, as no hostile file should,
takes others of its task with it: these are tried again, each alone.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from django.db import close_old_connections, connection
from django.utils import timezone

from waymark.accounts.cluster import cluster_executor
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor
from waymark.core.errors import FileRefused, NotEnoughMemory, ServiceUnavailable
from waymark.core.executor import Executor, PartLost, outcomes_tried_again
from waymark.core.files import refuse_unreadable
from waymark.documents.ingest import reading_limits
from waymark.documents.isolation.parent import ReadingJob, read_job
from waymark.documents.queries.reader import report_with_bytes
from waymark.documents.services import find_in_reading
from waymark.pipeline.documents.file_batch import Batch, BatchStopped, store_read_file

FILES_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class FileTask:
    """Files for one worker: path and SHA-256 of each. by: primary key of the account, or None."""

    files: tuple[tuple[Path, str], ...]
    encoding: str
    publish: bool
    by: int | None


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """Outcome of a file at a worker. refused: reason and remedy, () if it is stored.

    memory: True if it was refused for lack of memory. stopped: why no other file would be stored.
    """

    path: Path
    sha256: str
    refused: tuple[str, ...] = ()
    memory: bool = False
    stopped: str = ""


# ---- in the process that was asked ----


def store_on_cluster(batch: Batch, *, by: Actor, publish: bool) -> None:
    """Read and store the files of a batch by the workers of the cluster of the settings.

    Raises BatchStopped if these are gone, or if no other file could be stored.
    """
    try:
        with cluster_executor() as executor:
            store_by_tasks(batch, executor, by=by, publish=publish)
    except ServiceUnavailable as error:
        raise BatchStopped(str(error)) from error


def store_by_tasks(batch: Batch, executor: Executor, *, by: Actor, publish: bool) -> None:
    """Read and store the files of a batch by tasks of an executor. Raises BatchStopped."""
    again: dict[str, list[Path]] = {}
    task = FileTask((), batch.encoding, publish, None if by is None else by.pk)

    def tasks() -> Iterator[FileTask]:
        remaining = _each_once(batch, again)
        while files := tuple(islice(remaining, FILES_AT_ONCE)):
            yield replace(task, files=files)

    def each_alone(lost: FileTask) -> list[FileTask]:
        return [replace(task, files=(file,)) for file in lost.files]

    for done, outcomes in outcomes_tried_again(executor, store_files, tasks(), each_alone):
        if isinstance(outcomes, PartLost):
            outcomes = [FileOutcome(*done.files[0], ENDS_WORKERS)]
        _settle(batch, outcomes, again)


_NOT_HERE = (
    "is not on the machine of the worker",
    "Put the files in a folder that all machines see at the same path, and add them again",
)
ENDS_WORKERS = (
    "could not be read: each worker that tried it ended",
    "See the log of the workers; if nothing there explains it, please report it",
)


def _each_once(batch: Batch, again: dict[str, list[Path]]) -> Iterator[tuple[Path, str]]:
    """The files that are not stored yet; of those with equal bytes the first one.

    again: gets the SHA-256 of each until it is settled, with the paths of the others.
    """
    for job in batch.unknown():
        sha256 = batch.digests.pop(job.path)
        if sha256 in again:
            again[sha256].append(job.path)
        else:
            again[sha256] = []
            yield job.path.absolute(), sha256


def _settle(batch: Batch, outcomes: Iterable[FileOutcome], again: dict[str, list[Path]]) -> None:
    """Note the files of a task; of those done what the database says. Raises BatchStopped."""
    for outcome in outcomes:
        if outcome.stopped:
            raise BatchStopped(outcome.stopped)
        if outcome.refused:
            _refuse(batch, outcome, again)
            continue
        report = report_with_bytes(outcome.sha256)
        if report is None:
            raise BatchStopped(
                f"a worker has stored {outcome.path.name}, but not in this database: check "
                "DATABASE_URL of the workers"
            )
        batch.note_done(outcome.path.name, report, new=True)
        for path in again.pop(outcome.sha256):
            batch.note_done(path.name, report, new=False)


def _refuse(batch: Batch, outcome: FileOutcome, again: dict[str, list[Path]]) -> None:
    reason, remedy = outcome.refused
    for name in (outcome.path.name, *(path.name for path in again.pop(outcome.sha256))):
        batch.refuse(
            NotEnoughMemory(name, reason) if outcome.memory else FileRefused(name, reason, remedy)
        )


# ---- in a worker ----


def store_files(task: FileTask) -> list[FileOutcome]:
    """Read and store the files of a task, as far as nobody has; runs in a worker."""
    outcomes: list[FileOutcome] = []
    with fresh_connections():
        by = None if task.by is None else User.objects.get(pk=task.by)
        for path, sha256 in task.files:
            outcomes.append(_store_file(path, sha256, task, by))
            if outcomes[-1].stopped:
                break
    return outcomes


@contextmanager
def fresh_connections() -> Iterator[None]:
    """Close a connection that failed or is old, before and after a block, as a request would."""
    _close_old_connections()
    try:
        yield
    finally:
        _close_old_connections()


def _close_old_connections() -> None:
    """Close a connection that failed or is old: a worker handles no requests that would do so."""
    if not connection.in_atomic_block:
        close_old_connections()


def _store_file(path: Path, sha256: str, task: FileTask, by: Actor) -> FileOutcome:
    done = FileOutcome(path, sha256)
    try:
        with refuse_unreadable(path):
            if not _is_here(path):
                return replace(done, refused=_NOT_HERE)
        if report_with_bytes(sha256) is None:
            read = read_job(ReadingJob(path, path.name, task.encoding), reading_limits())
            store_read_file(
                by=by,
                path=path,
                read=read,
                finds=partial(find_in_reading, read, path.name),
                publish=task.publish,
                sha256=sha256,
                encoding=task.encoding,
                now=timezone.now(),
            )
    except FileRefused as refusal:
        refused = (refusal.reason, refusal.remedy)
        return replace(done, refused=refused, memory=isinstance(refusal, NotEnoughMemory))
    except (BatchStopped, ChildProcessError) as error:
        return replace(done, stopped=str(error))
    return done


def _is_here(path: Path) -> bool:
    """True if there is a file. Raises OSError if this cannot be known."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True
