"""Making a backup, while the site goes on working."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.conf import settings

from waymark import __version__
from waymark.accounts.installation import identifier
from waymark.core.errors import RuleError
from waymark.documents.models import Original
from waymark.pipeline.backup.database import Contents, copy_database, database_size, kind
from waymark.pipeline.backup.manifest import (
    DATABASE_FILE,
    NOT_COPIED,
    Content,
    File,
    Manifest,
    written,
)
from waymark.pipeline.backup.writing import PART, Target, target_at
from waymark.publishing.models import Publication
from waymark.settings import in_force

ROOM = 64 * 1024 * 1024
"""Bytes that are to stay free on the disk of a backup."""
LAST = ("removals.jsonl", "audit-position")
"""What grows with the database is copied after everything else: it may be newer, never older."""
UPLOADS, NAMED = "staging", ("originals", "publications", "staging")
MOST_OPEN = 500
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BackupMade:
    """A finished backup.

    place: what restore is given. files, size: how many, and the bytes of all with the database.
    new: files that no earlier backup held. missing: those that should have been there to be copied.
    """

    place: Path
    files: int
    size: int
    new: int
    missing: tuple[str, ...]


def back_up(path: Path, *, now: datetime, tell: Tell = lambda step: None) -> BackupMade:
    """Copy the installation to a folder of backups or a new file; see the package.

    Raises RuleError where the database is damaged, the disk is full or path is no place for it.
    """
    data = Path(settings.DATA)
    if path.resolve().is_relative_to(data.resolve()):
        raise RuleError(f"{path} lies in the data folder: a lost disk would take both")
    with target_at(path, now=now) as target, ExitStack() as stack:
        _check_room(target, data)
        # An upload that waits in the copy of the database may be read, and gone, before it is
        # copied: an open file stays.
        uploads = _opened(data / UPLOADS, stack)
        tell("copying the database")
        database, found = copy_database(target.place)
        target.keep_database(DATABASE_FILE[kind()])
        tell("copying the files")
        paths = dict.fromkeys([*_paths(data, found), *_named(uploads, data, found)])
        copies = dict(_copies(target, data, paths, uploads))
        missing = _missing(found, copies)
        manifest = Manifest(
            format="waymark-backup 1",
            created_at=now,
            waymark=__version__,
            installation=identifier(),
            database=database,
            files=tuple(copy.file for copy in copies.values()),
            settings=in_force(),
            missing=missing,
        )
        tell("writing the manifest")
        place = target.finish(written(manifest))
    size = database.size + sum(file.size for file in manifest.files)
    new = sum(copy.new for copy in copies.values())
    return BackupMade(place, len(copies), size, new, missing)


@dataclass(frozen=True, slots=True)
class _Copy:
    """A file that was copied. new: it was not there from an earlier backup."""

    file: File
    new: bool


def _opened(folder: Path, stack: ExitStack) -> dict[Path, Path]:
    """The uploads that wait, each with another path that leads to it even when it is gone."""
    opened = {}
    for path in islice(_files_in(folder), MOST_OPEN):
        with suppress(FileNotFoundError):
            file = stack.enter_context(path.open("rb"))
            opened[path] = Path(f"/dev/fd/{file.fileno()}")
    return opened


def _named(paths: Iterable[Path], data: Path, found: Contents) -> Iterator[Path]:
    return (path for path in paths if path.relative_to(data).as_posix() in found.files)


def _copies(
    target: Target, data: Path, paths: Iterable[Path], opened: Mapping[Path, Path]
) -> Iterator[tuple[Path, _Copy]]:
    for path in paths:
        name = path.relative_to(data).as_posix()
        try:
            content = _content_by_name(path, name)
            new = False
            if content is None or not target.has(content):
                content, new = target.put(opened.get(path, path), name)
        except FileNotFoundError:  # read, erased or withdrawn since the folder was listed
            continue
        yield path, _Copy(File(path=name, size=content.size, sha256=content.sha256), new)


def _content_by_name(path: Path, name: str) -> Content | None:
    """Of an original, what its name says that it holds: it need not be read again."""
    if not name.startswith("originals/"):
        return None
    return Content(size=path.stat().st_size, sha256=path.name)


def _missing(found: Contents, copies: Mapping[Path, _Copy]) -> tuple[str, ...]:
    """Files that the copy of the database names and that were not there to be copied.

    What was erased or withdrawn meanwhile is gone by somebody's decision.
    """
    copied = {copy.file.path for copy in copies.values()}
    missing = {path for path, there in found.files.items() if there and path not in copied}
    if not missing:
        return ()
    erased = Original.objects.exclude(erased_at=None).values_list("sha256", flat=True)
    withdrawn = Publication.objects.exclude(withdrawn_at=None).values_list("pdf", flat=True)
    missing -= {f"originals/{sha256[:2]}/{sha256}" for sha256 in erased}
    return tuple(sorted(missing - {f"publications/{name}" for name in withdrawn}))


def _paths(data: Path, found: Contents | None = None) -> Iterator[Path]:
    """The files of a data folder that are copied, in their order.

    found: of originals, publications and uploads only those that it names. Others came after the
    copy of the database, and with it they would look like those of another installation.
    """
    tops = [path for path in data.iterdir() if path.name not in NOT_COPIED]
    for top in sorted(tops, key=lambda path: (path.name in LAST, path.name)):
        for path in _files_in(top):
            if (
                found is None
                or top.name not in NAMED
                or path.relative_to(data).as_posix() in found.files
            ):
                yield path


def _files_in(top: Path) -> Iterator[Path]:
    """A file, or the files of a folder; none that is only being written."""
    if top.is_file() and not top.name.endswith(PART):
        yield top
    for folder, folders, names in os.walk(top):
        folders.sort()
        yield from (Path(folder) / name for name in sorted(names) if not name.endswith(PART))


def _check_room(target: Target, data: Path) -> None:
    """Raises RuleError where the copies would not fit on the disk."""
    need = database_size() + ROOM
    for path in _paths(data):
        try:
            content = _content_by_name(path, path.relative_to(data).as_posix())
            if content is None or not target.has(content):
                need += path.stat().st_size
        except FileNotFoundError:
            continue
    check_room(target.disk, need)


def check_room(folder: Path, need: int) -> None:
    """Raises RuleError where fewer bytes are free on the disk of a folder."""
    free = shutil.disk_usage(folder).free
    if free < need:
        raise RuleError(
            f"{folder} has {free / 1e6:,.0f} MB free, and {need / 1e6:,.0f} MB are needed: "
            "make room, or choose another disk"
        )
