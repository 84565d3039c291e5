"""A batch of files on the computer -> reports, records and index."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.database_remedy import disk_failure
from waymark.core.errors import FileRefused, RuleError, ServiceUnavailable
from waymark.core.jobs import Clock
from waymark.documents import services as documents
from waymark.documents.anonymity.identifiers import Identifier
from waymark.documents.ingest import IngestPreview, IngestResult, reading_limits
from waymark.documents.isolation.parent import Examine, ReadingJob, read_many
from waymark.documents.models import Report, ReportKind
from waymark.documents.queries.anonymity import IdentifierFinder, identifier_finder
from waymark.documents.queries.reader import report_with_bytes
from waymark.documents.queries.recognition import pages_waiting
from waymark.documents.reading.values import ReadReport
from waymark.pipeline.indexing import update_index
from waymark.pipeline.intake import publish_both, sha256_if_welcome, store_reading
from waymark.pipeline.publication_reasons import reason_not_ready, reasons_not_ready
from waymark.pipeline.recognition import recognise_pages

log = logging.getLogger(__name__)

ASKED_TOGETHER = 50
OnDone = Callable[[str], None]


def ingest_files(
    files: Iterable[Path],
    *,
    workers: int,
    by: Actor,
    publish: bool = False,
    encoding: str = "",
    recognise: bool = True,
    on_done: OnDone = lambda name: None,
    on_page: OnDone = lambda name: None,
    clock: Clock = timezone.now,
) -> IngestResult:
    """Read and store files in parallel; files already stored are not read again.

    Each file is stored or refused on its own: a killed run has stored some files whole, and the
    same run again stores the rest. Only what no other file would escape, such as a full disk, ends
    the batch early: then `stopped` of the result says why, and what was stored stays. encoding: of
    texts, "" to find it by the content. recognise: then recognise the text of their scanned pages;
    if not, these wait for a worker. on_done, on_page: called with the name of each file, and of the
    file of each recognised page. Raises NotPermitted.
    """
    require_permission(by, "add reports")
    begun = time.monotonic()
    batch = _Batch(files, workers, on_done, encoding)
    result = batch.result
    try:
        for path, read in batch.readings(batch.look_for_identifiers):
            _store_one(path, read, batch, by=by, publish=publish, now=clock())
        batch.note_held_back()
        scans = [*batch.scanned, *batch.resumed]
        if scans and recognise:
            outcome = recognise_pages(
                by=by, reports=scans, workers=workers, on_done=on_page, clock=clock
            )
            result.recognised = outcome.recognised
        for report in batch.scanned:
            _settle_scanned(by, report, result, publish=publish, now=clock())
        for report in batch.resumed:
            # Stored by an earlier run: whether it is published was decided then, or is by a person.
            _settle_scanned(by, report, result, publish=False, now=clock())
    except _BatchStopped as stopped:
        batch.note_held_back()
        result.stopped, result.unread = str(stopped), batch.unread
    _index_stored(result, clock)
    result.seconds = time.monotonic() - begun
    return result


def _store_one(
    path: Path, read: ReadReport, batch: "_Batch", *, by: Actor, publish: bool, now: datetime
) -> None:
    """Store one file of a batch or refuse it. Raises _BatchStopped if no other could be stored."""
    try:
        report, stored = store_reading(
            by=by,
            path=path,
            file_name=path.name,
            read=read,
            finds=batch.identifiers_in(path, read),
            review=None,
            kind=ReportKind.OVERVIEW,
            publish=publish,
            sha256=batch.digests.pop(path),
            encoding=batch.encoding,
            now=now,
        )
    except FileRefused as refusal:
        batch.refuse(refusal)
    except Exception as error:
        failure = disk_failure(error)
        if failure:
            raise _BatchStopped(failure) from error
        log.exception("%s could not be stored", path)
        reason = f"could not be stored: {type(error).__name__}: {' '.join(str(error).split())}"
        remedy = "Try again; if it fails again, please report it"
        batch.refuse(FileRefused(path.name, reason, remedy))
    else:
        batch.result.count_report(report.key, read, stored=stored)
        if read.unread and stored:
            batch.scanned.append(report)
        else:
            batch.note_stored(path.name, report)
        batch.done(path.name)


def _settle_scanned(
    by: Actor, report: Report, result: IngestResult, *, publish: bool, now: datetime
) -> None:
    """Publish a report whose scanned pages were recognised, or note why it cannot be published."""
    report.refresh_from_db()
    why = reason_not_ready(report)
    result.waiting += pages_waiting([report.pk])
    result.note_held_back(report.file_name, report.key, why)
    # In another state it was closed because the journal says that it was withdrawn before.
    if publish and not why and report.state == State.RECEIVED:
        publish_both(by, report, now)


def preview_ingest(
    files: Iterable[Path],
    *,
    workers: int,
    by: Actor,
    encoding: str = "",
    on_done: OnDone = lambda name: None,
) -> IngestPreview:
    """Read files as ingest_files() does, and store nothing. Raises NotPermitted."""
    require_permission(by, "add reports")
    batch = _Batch(files, workers, on_done, encoding)
    preview = IngestPreview(batch.result, already=batch.already)
    try:
        for path, _ in batch.readings():
            preview.new.append(path)
            batch.done(path.name)
    except _BatchStopped as stopped:
        batch.result.stopped, batch.result.unread = str(stopped), batch.unread
    return preview


class _BatchStopped(Exception):
    """What ends a batch early, in one line with its remedy."""


class _Batch:
    """Files of one run. digests: SHA-256 by path of files being read; already: files stored before.

    encoding: of texts. scanned: new reports with scanned pages; resumed: reports stored before
    whose pages still wait, as after a run that was killed. unread: number of files that are neither
    done nor refused yet.
    """

    def __init__(self, files: Iterable[Path], workers: int, on_done: OnDone, encoding: str) -> None:
        self.result = IngestResult()
        self.digests: dict[Path, str] = {}
        self.already: list[Path] = []
        self.scanned: list[Report] = []
        self.resumed: list[Report] = []
        self._stored: list[tuple[str, Report]] = []
        self._files = list(files)
        self._workers, self._on_done, self.encoding = workers, on_done, encoding
        self.unread = len(self._files)
        self._finder = identifier_finder()
        self._found: dict[Path, tuple[IdentifierFinder, list[Identifier]]] = {}

    def readings(
        self, examine: Examine = lambda job, read: None
    ) -> Iterator[tuple[Path, ReadReport]]:
        """Each file that is not stored yet, with its reading; refusals go to the result."""
        try:
            reads = read_many(
                self._unknown(), workers=self._workers, limits=reading_limits(), examine=examine
            )
            with closing(reads):
                for job, read in reads:
                    if isinstance(read, FileRefused):
                        self.refuse(read)
                    else:
                        yield job.path, read
        except ChildProcessError as error:
            raise _BatchStopped(str(error)) from error

    def _unknown(self) -> Iterator[ReadingJob]:
        for path in self._files:
            try:
                sha256 = sha256_if_welcome(path, path.name)
            except FileRefused as refusal:
                self.refuse(refusal)
                continue
            report = report_with_bytes(sha256)
            if report is None:
                self.digests[path] = sha256
                yield ReadingJob(path, path.name, self.encoding)
                continue
            if pages_waiting([report.pk]) or documents.reports_behind([report.pk]):
                self.resumed.append(report)
            self.result.note_known(report.key)
            self.already.append(path)
            self.done(path.name)

    def look_for_identifiers(self, job: ReadingJob, read: ReadReport) -> None:
        """Look for identifiers in a thread that reads: the disk keeps the storing one waiting."""
        find = self._finder
        # identifiers_in() looks again, and there the error is one of this file.
        with suppress(Exception):
            self._found[job.path] = find, documents.find_in_reading(read, job.name, find)

    def identifiers_in(self, path: Path, read: ReadReport) -> list[Identifier]:
        """Identifiers in a file, by the words that this installation lists now."""
        find, finds = self._found.pop(path, (None, []))
        current = identifier_finder()
        if find == current:
            return finds
        self._finder = current
        return documents.find_in_reading(read, path.name, current)

    def note_stored(self, name: str, report: Report) -> None:
        """Note a file that is stored, to be asked whether it can be published."""
        self._stored.append((name, report))
        if len(self._stored) >= ASKED_TOGETHER:
            self.note_held_back()

    def note_held_back(self) -> None:
        """Note those of the stored files that cannot be published yet."""
        reasons = reasons_not_ready([report for _, report in self._stored])
        for name, report in self._stored:
            self.result.note_held_back(name, report.key, reasons.get(report.pk, ""))
        self._stored.clear()

    def refuse(self, refusal: FileRefused) -> None:
        """Note a refused file."""
        self.result.refused.append(refusal)
        self.done(refusal.file)

    def done(self, name: str) -> None:
        """Note that a file has been dealt with."""
        self.unread -= 1
        self._on_done(name)


def _index_stored(result: IngestResult, clock: Clock) -> None:
    """Bring the index up to date; what cannot be indexed now is found by its state later."""
    try:
        update_index(clock=clock)
    except RuleError:
        return  # another process is writing the index: its worker finds these records
    except (OSError, ValueError, ServiceUnavailable) as error:
        log.warning("the search index is not up to date: %s", error)
        failure = disk_failure(error) or f"{error}: run waymark index rebuild"
        result.stopped = result.stopped or f"the search index is not up to date: {failure}"
