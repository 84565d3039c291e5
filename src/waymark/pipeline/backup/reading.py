"""Reading a backup: which of a folder's, whether it is finished, and each file against its hash.

What stands in a backup is not trusted: a file is taken by the name that the manifest gives it, as
plain bytes, and everything the manifest does not name is refused. Nothing is ever unpacked to where
an archive says.
"""

import hashlib
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from waymark.core.errors import Refused
from waymark.pipeline.backup.manifest import DATABASE_FILE, NAME, Content, Manifest, read_manifest
from waymark.pipeline.backup.writing import PART, blob

CHUNK = 1 << 20
ANOTHER = "Restore another backup, and take a new one."


class Backup(Protocol):
    """A finished backup. place: what it is called in messages."""

    place: str
    manifest: Manifest

    def strangers(self) -> Iterator[str]:
        """Names of what is there and not in the manifest, or no plain file."""

    def open_database(self) -> IO[bytes]:
        """The copy of the database. Raises FileNotFoundError, KeyError."""

    def open_file(self, path: str, sha256: str) -> IO[bytes]:
        """A file of the data folder. Raises FileNotFoundError, KeyError."""


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """The finished backup at a path: a file, one of a folder's backups, or the newest of a folder.

    Raises Refused for one that is not finished, and for what is no backup.
    """
    if path.is_dir():
        yield _InFolder(_finished(path))
    elif path.name.endswith(PART):
        raise _unfinished(path)
    elif path.is_file():
        try:
            with tarfile.open(path, mode="r:") as archive:
                yield _InFile(path, archive)
        except tarfile.TarError as error:
            raise _damaged(path.name, f"it is no tar file, or cut off ({error})") from error
    else:
        raise Refused(str(path), "there is nothing", "Name a folder of backups, or NAME.tar.")


def unfinished_in(root: Path) -> list[str]:
    """Names of the backups of a folder that were cut short."""
    return [path.name for path in _all(root) if not (path / NAME).is_file()]


def copy_to(file: IO[bytes], into: IO[bytes], content: Content) -> str:
    """Copy a file of a backup; what is wrong with it, "" where nothing is."""
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
        self.manifest = read_manifest((own / NAME).read_bytes(), self.place)

    def strangers(self) -> Iterator[str]:
        known = {NAME, DATABASE_FILE[self.manifest.database.kind]}
        for entry in sorted(os.scandir(self.own), key=lambda one: one.name):
            if entry.name not in known or not entry.is_file(follow_symlinks=False):
                yield entry.name

    def open_database(self) -> IO[bytes]:
        return _plain(self.own / DATABASE_FILE[self.manifest.database.kind])

    def open_file(self, path: str, sha256: str) -> IO[bytes]:
        return _plain(blob(self.root, sha256))


class _InFile:
    """A backup as a tar file."""

    def __init__(self, path: Path, archive: tarfile.TarFile) -> None:
        self.place, self.archive = str(path), archive
        self.members = archive.getmembers()
        self.named = {one.name: one for one in self.members if one.type in tarfile.REGULAR_TYPES}
        if not self.members or self.members[-1].name != NAME or NAME not in self.named:
            raise _unfinished(path)
        self.manifest = read_manifest(self._open(NAME).read(), self.place)

    def strangers(self) -> Iterator[str]:
        known = {NAME, DATABASE_FILE[self.manifest.database.kind]}
        known |= {f"data/{file.path}" for file in self.manifest.files}
        seen: set[str] = set()
        for member in self.members:
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


def _plain(path: Path) -> IO[bytes]:
    """A file that is no link: it would be read from elsewhere."""
    if path.is_symlink():
        raise FileNotFoundError(path)
    return path.open("rb")


def _finished(path: Path) -> Path:
    """The backup that a folder is, or the newest finished one in it."""
    if (path / NAME).is_file():
        return path
    if path.parent.name == "backups" and not (path / "backups").is_dir():
        raise _unfinished(path)
    there = _all(path)
    whole = [one for one in there if (one / NAME).is_file()]
    if whole:
        return whole[-1]
    if there:
        raise _unfinished(there[-1])
    raise Refused(str(path), "there is no backup in it", "Name a folder of backups, or NAME.tar.")


def _all(root: Path) -> list[Path]:
    """The backups of a folder, the oldest first, finished or not."""
    folder = root / "backups"
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def _unfinished(path: Path) -> Refused:
    return Refused(str(path), f"the backup is not finished: it has no {NAME}", ANOTHER)


def _damaged(place: str, why: str) -> Refused:
    return Refused(place, f"the backup is damaged: {why}", ANOTHER)
