"""From paths on the command line to files to read; and one file's text, without a database."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from waymark.core.errors import FileRefused
from waymark.documents.isolation.parent import ReadingJob, read_job
from waymark.documents.reading.values import MIB, ReadingLimits, as_plain


def reading_limits() -> ReadingLimits:
    """Limits of reading one file, from the settings."""
    return ReadingLimits(
        pages=settings.MAX_PAGES,
        cpu_seconds=settings.PARSE_SECONDS,
        wall_seconds=2 * settings.PARSE_SECONDS,
        memory=settings.PARSE_MEMORY_MIB * MIB,
        file_size=settings.MAX_UPLOAD_MIB * MIB,
    )


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A stored file that cannot be published yet. reason: the end of a sentence."""

    file: str
    report: str
    reason: str


@dataclass(slots=True)
class IngestResult:
    """Outcome of a batch of files.

    reports: keys of the stored reports; known: of those stored before; held_back: those that cannot
    be published because of hidden text, scanned pages or possible identifiers; recognised: scanned
    pages whose text was recognised; waiting: those that wait; seconds: elapsed time; stopped: why
    the batch ended early, with the remedy, or ""; unread: number of files that were then neither
    stored nor refused.
    """

    stored: int = 0
    already: int = 0
    pages: int = 0
    passages: int = 0
    recognised: int = 0
    waiting: int = 0
    seconds: float = 0.0
    refused: list[FileRefused] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    held_back: list[HeldBack] = field(default_factory=list)
    stopped: str = ""
    unread: int = 0

    def count_report(self, key: str, pages: int, passages: int) -> None:
        """Count one report as stored."""
        self.stored += 1
        self.pages += pages
        self.passages += passages
        self.reports.append(key)

    def note_known(self, key: str) -> None:
        """Count one report that was stored before."""
        self.already += 1
        self.known.append(key)

    def note_held_back(self, file: str, key: str, reason: str) -> None:
        """Note a file that cannot be published yet; nothing if reason is ""."""
        if reason:
            self.held_back.append(HeldBack(file, key, reason))

    def as_json(self) -> dict[str, Any]:
        """The object that `waymark ingest --json` prints."""
        return {
            "stored": self.stored,
            "already": self.already,
            "refused": [
                {"file": refusal.file, "reason": refusal.reason, "remedy": refusal.remedy}
                for refusal in self.refused
            ],
            "pages": self.pages,
            "passages": self.passages,
            "recognised": self.recognised,
            "waiting": self.waiting,
            "seconds": round(self.seconds, 2),
            "reports": list(self.reports),
            "known": list(self.known),
            "held": [asdict(report) for report in self.held_back],
            "stopped": self.stopped,
            "unread": self.unread,
        }


@dataclass(slots=True)
class IngestPreview:
    """Outcome of a batch of files without storing any: new, already stored and refused."""

    result: IngestResult
    new: list[Path] = field(default_factory=list)
    already: list[Path] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object that `waymark ingest --dry-run --json` prints."""
        return {
            "dry_run": True,
            "new": [str(path) for path in self.new],
            "already": [str(path) for path in self.already],
            "refused": self.result.as_json()["refused"],
            "stopped": self.result.stopped,
            "unread": self.result.unread,
        }


def expand_paths(paths: Iterable[Path]) -> list[Path]:
    """Every file of the paths and of folders among them, in order, each once; no hidden files.

    What cannot be opened is among them, also a folder, so that it is refused and not left out in
    silence: a link that leads nowhere, a folder that this user may not list.
    """
    seen: dict[Path, Path] = {}
    for path in paths:
        # By resolved path, so that a file named twice, or through a link, is read once.
        for file in sorted(_files_below(path)) if path.is_dir() else [path]:
            seen.setdefault(file.resolve(), file)
    return list(seen.values())


def _files_below(folder: Path) -> Iterator[Path]:
    closed: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=lambda e: closed.append(Path(e.filename))):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(place, name) for name in names if not name.startswith("."))
        yield from (path for path in paths if not _is_no_file(path))
    yield from closed


def _is_no_file(path: Path) -> bool:
    """Whether this is a pipe or a device, which is no report and can keep its reader for ever."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def text_json(
    file: Path, limits: ReadingLimits | None = None, encoding: str = ""
) -> dict[str, Any]:
    """The object that `waymark text FILE --json` prints; needs neither settings nor a database.

    limits: the standard ones if None. encoding: of a text, "" to find it. Raises FileRefused.
    """
    return as_plain(read_job(ReadingJob(file, file.name, encoding), limits or ReadingLimits()))
