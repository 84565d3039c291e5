"""Targets of a backup: a folder for several backups, or one file."""

import fcntl
import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from waymark.core.errors import RuleError
from waymark.core.files import flush_folder
from waymark.pipeline.backup.manifest import MANIFEST_NAME, FileContent

PART = ".part"
ARCHIVES = (".gz", ".tgz", ".zip", ".zst", ".xz", ".bz2", ".7z")
CHUNK = 1 << 20


class BackupTarget(Protocol):
    """Target of one backup. place: path to which the database is copied; disk: a folder on its
    disk."""

    place: Path
    disk: Path

    def has(self, content: FileContent) -> bool:
        """True if this content is stored already, from an earlier backup."""

    def keep_database(self, name: str) -> None:
        """Add the file that was written to place to the backup, under this name."""

    def put(self, source: Path, path: str) -> tuple[FileContent, bool]:
        """Copy a file; returns its content as read, and True if it was not stored before."""

    def finish(self, manifest: bytes) -> Path:
        """Write the manifest, which marks the backup as finished; returns the path for restore."""


@contextmanager
def target_at(path: Path, *, now: datetime) -> Iterator[BackupTarget]:
    """The target for a path: NAME.tar is a file, anything else a folder of backups.

    Raises RuleError for a file that exists already and for other kinds of archive.
    """
    is_file = path.suffix.lower() == ".tar" and not path.is_dir()
    if path.exists() and not path.is_dir():
        raise RuleError(f"{path} already exists, and no backup is overwritten: give another name")
    if path.suffix.lower() in ARCHIVES and not path.exists():
        raise RuleError(
            f"{path.name}: a backup in one file must be called NAME.tar; compress it afterwards"
        )
    folder = path.parent if is_file else path
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = path.with_name(path.name + PART) if is_file else path / "lock"
    # The kernel releases the lock when the process ends, however it ends: no stale lock remains.
    with lock.open("ab") as lock_file:
        lock.chmod(0o600)
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuleError(
                f"another backup is being written to {path}: try again when it has finished"
            ) from None
        yield _TarTarget(path, lock, now) if is_file else _FolderTarget(path, now)


class _FolderTarget:
    """A folder of backups; see the package. Leftovers of a killed backup are overwritten."""

    def __init__(self, root: Path, now: datetime) -> None:
        self.root, self.disk = root, root
        self.own = _new_folder(root / "backups", f"{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}")
        self.place = self.own / f"database{PART}"

    def has(self, content: FileContent) -> bool:
        path = blob_path(self.root, content.sha256)
        return path.is_file() and path.stat().st_size == content.size

    def keep_database(self, name: str) -> None:
        self.place.rename(self.own / name)

    def put(self, source: Path, path: str) -> tuple[FileContent, bool]:
        incoming = self.root / f"incoming{PART}"
        with _private_file(incoming) as file:
            content = copy_hashed(source, file)
        # Stored by content: the same report in ten backups is one file.
        if self.has(content):
            incoming.unlink()
            return content, False
        to = blob_path(self.root, content.sha256)
        for folder in (to.parent.parent, to.parent):
            if not folder.is_dir():
                folder.mkdir(mode=0o700)
                flush_folder(folder.parent)
        incoming.replace(to)
        flush_folder(to.parent)
        return content, True

    def finish(self, manifest: bytes) -> Path:
        # The manifest marks the backup as finished, so all else has to be on the disk before it.
        part = self.own / f"{MANIFEST_NAME}{PART}"
        with _private_file(part) as file:
            file.write(manifest)
        flush_folder(self.own)
        part.replace(self.own / MANIFEST_NAME)
        flush_folder(self.own)
        flush_folder(self.own.parent)
        return self.own


class _TarTarget:
    """One backup as a tar file, which gets its name only when it is complete."""

    def __init__(self, path: Path, part: Path, now: datetime) -> None:
        self.path, self.part, self.disk, self.moment = path, part, path.parent, now.timestamp()
        self.place = path.with_name(f"{path.name}.database{PART}")
        self.place.unlink(missing_ok=True)
        self._file = part.open("wb")
        self._tar = tarfile.TarFile(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)

    def has(self, content: FileContent) -> bool:
        return False

    def keep_database(self, name: str) -> None:
        self._add(name, self.place)
        self.place.unlink()

    def put(self, source: Path, path: str) -> tuple[FileContent, bool]:
        return self._add(f"data/{path}", source), True

    def finish(self, manifest: bytes) -> Path:
        # Last, so that a tar file that was cut off has no manifest (reading.py requires it there).
        self._tar.addfile(self._member(MANIFEST_NAME, len(manifest)), io.BytesIO(manifest))
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self.part.replace(self.path)
        flush_folder(self.path.parent)
        return self.path

    def _add(self, name: str, source: Path) -> FileContent:
        with source.open("rb") as file:
            reader = _HashingReader(file)
            self._tar.addfile(self._member(name, os.fstat(file.fileno()).st_size), reader)
        return FileContent(size=reader.size, sha256=reader.digest.hexdigest())

    def _member(self, name: str, size: int) -> tarfile.TarInfo:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, self.moment
        return member


class _HashingReader(io.RawIOBase):
    """File that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest, self.size = file, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(size)
        self.digest.update(chunk)
        self.size += len(chunk)
        return chunk


def blob_path(root: Path, sha256: str) -> Path:
    """The path of this content in a folder of backups."""
    return root / "files" / sha256[:2] / sha256


def copy_hashed(source: Path, into: IO[bytes]) -> FileContent:
    """Copy a file; returns the size and hash of the bytes copied."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as file:
        while chunk := file.read(CHUNK):
            into.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return FileContent(size=size, sha256=digest.hexdigest())


def _new_folder(parent: Path, name: str) -> Path:
    parent.mkdir(mode=0o700, exist_ok=True)
    number = 1
    while True:
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return folder


@contextmanager
def _private_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file that only its owner can read, flushed to the disk at the end."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
