"""Make a backup while the site is running."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.conf import settings

from waymark import __version__
from waymark.accounts.installation import database_identifier
from waymark.accounts.watch_state import note_backup
from waymark.core.errors import RuleError
from waymark.documents.files.originals import original_store
from waymark.documents.files.storage import original_path
from waymark.documents.models import Original
from waymark.pipeline.backup.database import (
    DatabaseContents,
    copy_database,
    database_kind,
    database_size,
)
from waymark.pipeline.backup.manifest import (
    DATABASE_FILE,
    NOT_COPIED,
    BackupFile,
    BackupManifest,
    FileContent,
    manifest_bytes,
)
from waymark.pipeline.backup.writing import PART, BackupTarget, target_at
from waymark.publishing.models import Publication
from waymark.settings import in_force

FREE_ROOM = 64 * 1024 * 1024
"""Bytes that must stay free on the disk of a backup."""
COPIED_LAST = ("removals.jsonl", "audit-position", "sending")
"""Files that grow with the database are copied last: they may be newer than it, never older."""
UPLOADS_FOLDER = "staging"
NAMED_FOLDERS = ("originals", "publications", "staging", "suggesters")
MOST_OPEN = 500
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BackupMade:
    """A finished backup.

    place: path for restore. files, size: number, and bytes of all with the database. new: number of
    files that no earlier backup contains. missing: files that should exist and could not be copied.
    """

    place: Path
    files: int
    size: int
    new: int
    missing: tuple[str, ...]


def back_up(path: Path, *, now: datetime, tell: Tell = lambda step: None) -> BackupMade:
    """Copy the installation to a folder of backups or a new file; see the package.

    Raises RuleError if the database is damaged, the disk is full or the path is unsuitable.
    """
    data = Path(settings.DATA)
    if path.resolve().is_relative_to(data.resolve()):
        raise RuleError(
            f"{path} is in the data folder: choose another disk, so that one loss cannot take both"
        )
    with target_at(path, now=now) as target, ExitStack() as stack:
        _check_room(target, data, _sizes_elsewhere())
        # A queued upload in the copy of the database may be read, and deleted, before it is copied:
        # the contents of an open file stay readable.
        uploads = _open_uploads(data / UPLOADS_FOLDER, stack)
        tell("copying the database")
        # First the database, then the files: every file that this copy names exists by now. In the
        # other order a report stored in between would have a row and no file.
        database, contents = copy_database(target.place)
        target.keep_database(DATABASE_FILE[database_kind()])
        tell("copying the files")
        # Listed after the database was copied: every original that it names is there by now.
        sizes = _sizes_elsewhere()
        paths = dict.fromkeys(
            [
                *_paths_to_copy(data, contents),
                *_named_uploads(uploads, data, contents),
                *(path for path in sizes if path.relative_to(data).as_posix() in contents.files),
            ]
        )
        copies = dict(_copy_files(target, data, paths, uploads, sizes))
        missing = _missing_files(contents, copies)
        manifest = BackupManifest(
            format="waymark-backup 1",
            created_at=now,
            waymark=__version__,
            installation=database_identifier(),
            database=database,
            files=tuple(copy.file for copy in copies.values()),
            settings=in_force(),
            missing=missing,
        )
        tell("writing the manifest")
        place = target.finish(manifest_bytes(manifest))
        note_backup(now)
    size = database.size + sum(file.size for file in manifest.files)
    new = sum(copy.new for copy in copies.values())
    return BackupMade(place, len(copies), size, new, missing)


@dataclass(frozen=True, slots=True)
class _CopiedFile:
    """A copied file. new: it is not in an earlier backup."""

    file: BackupFile
    new: bool


def _open_uploads(folder: Path, stack: ExitStack) -> dict[Path, Path]:
    """The queued uploads, each with a second path that works even after it is deleted.

    /dev/fd/7 is the open file number 7 of this process.
    """
    opened = {}
    for path in islice(_files_in(folder), MOST_OPEN):
        with suppress(FileNotFoundError):
            file = stack.enter_context(path.open("rb"))
            opened[path] = Path(f"/dev/fd/{file.fileno()}")
    return opened


def _sizes_elsewhere() -> dict[Path, int]:
    """Path in a backup -> bytes of each original that is not in the data folder."""
    if not settings.ORIGINALS:
        return {}
    sizes = original_store().sizes()
    return {original_path(sha256): size for sha256, size in sorted(sizes.items())}


def _named_uploads(paths: Iterable[Path], data: Path, contents: DatabaseContents) -> Iterator[Path]:
    return (path for path in paths if path.relative_to(data).as_posix() in contents.files)


def _copy_files(
    target: BackupTarget,
    data: Path,
    paths: Iterable[Path],
    opened: Mapping[Path, Path],
    sizes: Mapping[Path, int],
) -> Iterator[tuple[Path, _CopiedFile]]:
    for path in paths:
        name = path.relative_to(data).as_posix()
        try:
            content = _content_by_name(path, name, sizes)
            new = False
            if content is None or not target.has(content):
                with _readable(path, opened, sizes) as source:
                    content, new = target.put(source, name)
        except FileNotFoundError:  # deleted since the folder was listed
            continue
        yield (
            path,
            _CopiedFile(BackupFile(path=name, size=content.size, sha256=content.sha256), new),
        )


@contextmanager
def _readable(path: Path, opened: Mapping[Path, Path], sizes: Mapping[Path, int]) -> Iterator[Path]:
    """A path at which a file can be read. Raises FileNotFoundError."""
    if path not in sizes:
        yield opened.get(path, path)
        return
    # Not checked, as those in the folder are not: the backup notes the hash of what it contains.
    with original_store().local_file(path.name, checked=False) as copy:
        yield copy


def _content_by_name(path: Path, name: str, sizes: Mapping[Path, int]) -> FileContent | None:
    """Size and hash of an original, whose name is its hash: it need not be read again."""
    if not name.startswith("originals/"):
        return None
    return FileContent(size=sizes.get(path) or path.stat().st_size, sha256=path.name)


def _missing_files(
    contents: DatabaseContents, copies: Mapping[Path, _CopiedFile]
) -> tuple[str, ...]:
    """Files named in the copy of the database that could not be copied.

    Without those erased or withdrawn since the copy was made: somebody decided on that.
    """
    copied = {copy.file.path for copy in copies.values()}
    missing = {path for path, there in contents.files.items() if there and path not in copied}
    if not missing:
        return ()
    erased = Original.objects.exclude(erased_at=None).values_list("sha256", flat=True)
    withdrawn = Publication.objects.exclude(withdrawn_at=None).values_list("pdf", flat=True)
    missing -= {f"originals/{sha256[:2]}/{sha256}" for sha256 in erased}
    return tuple(sorted(missing - {f"publications/{name}" for name in withdrawn}))


def _paths_to_copy(data: Path, contents: DatabaseContents | None = None) -> Iterator[Path]:
    """The files of a data folder to be copied, in order.

    contents: limits originals, publications and uploads to those it names. Later ones are unknown
    to the copied database and, restored with it, would look like those of another installation.
    """
    # A folder of originals from before they were moved to an address is no part of it.
    left_out = {*NOT_COPIED, "originals"} if settings.ORIGINALS else NOT_COPIED
    tops = [path for path in data.iterdir() if path.name not in left_out]
    for top in sorted(tops, key=lambda path: (path.name in COPIED_LAST, path.name)):
        for path in _files_in(top):
            if (
                contents is None
                or top.name not in NAMED_FOLDERS
                or path.relative_to(data).as_posix() in contents.files
            ):
                yield path


def _files_in(top: Path) -> Iterator[Path]:
    """A file, or the files of a folder; without those still being written."""
    if top.is_file() and not top.name.endswith(PART):
        yield top
    for folder, folders, names in os.walk(top):
        folders.sort()
        yield from (Path(folder) / name for name in sorted(names) if not name.endswith(PART))


def _check_room(target: BackupTarget, data: Path, sizes: Mapping[Path, int]) -> None:
    """Raise RuleError if the copies would not fit on the disk."""
    need = database_size() + FREE_ROOM
    for path in (*_paths_to_copy(data), *sizes):
        try:
            content = _content_by_name(path, path.relative_to(data).as_posix(), sizes)
            if content is None or not target.has(content):
                need += sizes.get(path) or path.stat().st_size
        except FileNotFoundError:
            continue
    check_room(target.disk, need)


def check_room(folder: Path, need: int) -> None:
    """Raise RuleError if fewer than need bytes are free on the disk of a folder."""
    free = shutil.disk_usage(folder).free
    if free < need:
        raise RuleError(
            f"{folder} has {free / 1e6:,.0f} MB free, and {need / 1e6:,.0f} MB are needed: "
            "make room, or choose another disk"
        )
