"""Read a backup: choose one of a folder, require that it is finished, and check every hash.

A backup is not trusted: files are read by the names in the manifest, as plain bytes, and anything
that the manifest does not name is refused. Nothing is ever unpacked to a path from an archive.
"""

import hashlib
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from waymark.core.errors import FileRefused
from waymark.pipeline.backup.manifest import (
    DATABASE_FILE,
    MANIFEST_NAME,
    BackupManifest,
    FileContent,
    read_manifest,
)
from waymark.pipeline.backup.writing import PART, blob_path

CHUNK = 1 << 20
ANOTHER_BACKUP = "Restore another backup, and make a new one."


class FinishedBackup(Protocol):
    """A finished backup. place: its name in messages."""

    place: str
    manifest: BackupManifest

    def strangers(self) -> Iterator[str]:
        """Names of entries that are not in the manifest, or not plain files."""

    def open_database(self) -> IO[bytes]:
        """The copy of the database. Raises FileNotFoundError, KeyError."""

    def open_file(self, path: str, sha256: str) -> IO[bytes]:
        """A file of the data folder. Raises FileNotFoundError, KeyError."""


@contextmanager
def open_backup(path: Path) -> Iterator[FinishedBackup]:
    """The finished backup at a path: a file, one of a folder's backups, or the newest of a folder.

    Raises FileRefused for one that is not finished, and for anything but a backup.
    """
    if path.is_dir():
        yield _InFolder(_newest_finished(path))
    elif path.name.endswith(PART):
        raise _unfinished_error(path)
    elif path.is_file():
        try:
            with tarfile.open(path, mode="r:") as archive:
                yield _InFile(path, archive)
        except tarfile.TarError as error:
            raise _damaged_error(path.name, f"it is not a complete tar file ({error})") from error
    else:
        raise FileRefused(str(path), "it does not exist", "Give a folder of backups, or NAME.tar.")


def unfinished_in(root: Path) -> list[str]:
    """Names of the unfinished backups in a folder."""
    return [path.name for path in _backups_in(root) if not (path / MANIFEST_NAME).is_file()]


def copy_to(file: IO[bytes], into: IO[bytes], content: FileContent) -> str:
    """Copy a file of a backup; returns its fault as the end of a sentence, "" if it has none."""
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        into.write(chunk)
    if size != content.size:
        return f"has {size:,} bytes instead of {content.size:,}"
    return "" if digest.hexdigest() == content.sha256 else "has changed"


class _InFolder:
    """A backup of a folder of backups."""

    def __init__(self, own: Path) -> None:
        self.own, self.root, self.place = own, own.parent.parent, str(own)
        self.manifest = read_manifest((own / MANIFEST_NAME).read_bytes(), self.place)

    def strangers(self) -> Iterator[str]:
        known = {MANIFEST_NAME, DATABASE_FILE[self.manifest.database.kind]}
        for entry in sorted(os.scandir(self.own), key=lambda file: file.name):
            if entry.name not in known or not entry.is_file(follow_symlinks=False):
                yield entry.name

    def open_database(self) -> IO[bytes]:
        return _open_plain(self.own / DATABASE_FILE[self.manifest.database.kind])

    def open_file(self, path: str, sha256: str) -> IO[bytes]:
        return _open_plain(blob_path(self.root, sha256))


class _InFile:
    """A backup as a tar file."""

    def __init__(self, path: Path, archive: tarfile.TarFile) -> None:
        self.place, self.archive = str(path), archive
        self.members = archive.getmembers()
        self.named = {item.name: item for item in self.members if item.isreg()}
        if (
            not self.members
            or self.members[-1].name != MANIFEST_NAME
            or MANIFEST_NAME not in self.named
        ):
            raise _unfinished_error(path)
        self.manifest = read_manifest(self._open(MANIFEST_NAME).read(), self.place)

    def strangers(self) -> Iterator[str]:
        known = {MANIFEST_NAME, DATABASE_FILE[self.manifest.database.kind]}
        known |= {f"data/{file.path}" for file in self.manifest.files}
        seen: set[str] = set()
        for member in self.members:
            # Links, devices and sparse files are refused, and a name that comes twice: which of the
            # two was checked could not be told.
            plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)
            if member.name not in known or member.name in seen or not plain:
                yield member.name
            seen.add(member.name)

    def open_database(self) -> IO[bytes]:
        return self._open(DATABASE_FILE[self.manifest.database.kind])

    def open_file(self, path: str, sha256: str) -> IO[bytes]:
        return self._open(f"data/{path}")

    def _open(self, name: str) -> IO[bytes]:
        file = self.archive.extractfile(self.named[name])
        if file is None:
            raise KeyError(name)
        return file


def _open_plain(path: Path) -> IO[bytes]:
    """Open a file that is not a link: a link could lead out of the backup."""
    if path.is_symlink():
        raise FileNotFoundError(path)
    return path.open("rb")


def _newest_finished(path: Path) -> Path:
    """The backup that a folder is, or the newest finished one in it."""
    if (path / MANIFEST_NAME).is_file():
        return path
    if path.parent.name == "backups" and not (path / "backups").is_dir():
        raise _unfinished_error(path)
    backups = _backups_in(path)
    finished = [backup for backup in backups if (backup / MANIFEST_NAME).is_file()]
    if finished:
        return finished[-1]
    if backups:
        raise _unfinished_error(backups[-1])
    raise FileRefused(str(path), "it contains no backup", "Give a folder of backups, or NAME.tar.")


def _backups_in(root: Path) -> list[Path]:
    """The backups of a folder, the oldest first, finished or not."""
    folder = root / "backups"
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def _unfinished_error(path: Path) -> FileRefused:
    return FileRefused(
        str(path), f"the backup is not finished: it has no {MANIFEST_NAME}", ANOTHER_BACKUP
    )


def _damaged_error(place: str, why: str) -> FileRefused:
    return FileRefused(place, f"the backup is damaged: {why}", ANOTHER_BACKUP)
