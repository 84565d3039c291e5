"""Files of one run of `waymark ingest`: what is known of each, and how one of many is stored."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from waymark.accounts.permissions import Actor
from waymark.core.database_remedy import disk_failure
from waymark.core.errors import FileRefused, OriginalsUnavailable
from waymark.documents import services as documents
from waymark.documents.anonymity.identifiers import Identifier
from waymark.documents.ingest import IngestResult, reading_limits
from waymark.documents.isolation.parent import Examine, ReadingJob, read_many
from waymark.documents.models import Report, ReportKind
from waymark.documents.queries.anonymity import IdentifierFinder, identifier_finder
from waymark.documents.queries.reader import report_with_bytes
from waymark.documents.queries.recognition import pages_waiting
from waymark.documents.reading.values import ReadReport
from waymark.pipeline.documents.intake import sha256_if_welcome, store_reading
from waymark.pipeline.publishing.publication_reasons import reasons_not_ready

log = logging.getLogger(__name__)

ASKED_TOGETHER = 50
OnDone = Callable[[str], None]


def store_read_file(
    *,
    by: Actor,
    path: Path,
    read: ReadReport,
    finds: Callable[[], Sequence[Identifier]],
    publish: bool,
    sha256: str,
    encoding: str,
    now: datetime,
) -> tuple[Report, bool]:
    """Store one of many files; returns its report, and False if its bytes were stored before.

    finds: looks for identifiers in it. sha256: of the bytes read. Raises FileRefused, NotPermitted,
    and BatchStopped if no other file could be stored either.
    """
    try:
        return store_reading(
            by=by,
            path=path,
            file_name=path.name,
            read=read,
            finds=finds(),
            review=None,
            kind=ReportKind.OVERVIEW,
            publish=publish,
            sha256=sha256,
            encoding=encoding,
            now=now,
        )
    except FileRefused:
        raise
    except OriginalsUnavailable as error:
        raise FileRefused(
            path.name, f"could not be stored: {error}", "Then add it again"
        ) from error
    except Exception as error:
        failure = disk_failure(error)
        if failure:
            raise BatchStopped(failure) from error
        log.exception("%s could not be stored", path)
        reason = f"could not be stored: {type(error).__name__}: {' '.join(str(error).split())}"
        remedy = "Try again; if it fails again, please report it"
        raise FileRefused(path.name, reason, remedy) from error


class BatchStopped(Exception):
    """What ends a batch early, in one line with its remedy."""


class Batch:
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
                self.unknown(), workers=self._workers, limits=reading_limits(), examine=examine
            )
            with closing(reads):
                for job, read in reads:
                    if isinstance(read, FileRefused):
                        self.refuse(read)
                    else:
                        yield job.path, read
        except ChildProcessError as error:
            raise BatchStopped(str(error)) from error

    def unknown(self) -> Iterator[ReadingJob]:
        """The files that are not stored yet; refusals go to the result."""
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

    def note_done(self, name: str, report: Report, *, new: bool) -> None:
        """Note a file whose report is stored, by this run or (new: False) before it."""
        if new:
            self.result.count_report(report.key, report.page_count, report.passages.count())
        else:
            self.result.note_known(report.key)
        if new and pages_waiting([report.pk]):
            self.scanned.append(report)
        else:
            self._note_stored(name, report)
        self.done(name)

    def _note_stored(self, name: str, report: Report) -> None:
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
