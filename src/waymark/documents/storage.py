"""Files on disk: originals under their SHA-256, uploads that wait, and what crashes leave behind.

    DATA/originals/ab/abcdef...   the bytes of a report, until staff erase them (ab: first digits)
    DATA/staging/                 uploads that wait to be read
    DATA/page-images/             pages already drawn; may be deleted at any time

A file is written under a temporary name, flushed to the disk and then renamed, so it is there
whole or not at all, also after a crash or a power cut.
"""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

CHUNK = 1 << 20
TEMPORARY = ".part"
STALE = timedelta(hours=24)


def originals() -> Path:
    """The folder of originals."""
    return Path(settings.DATA) / "originals"


def staging() -> Path:
    """The folder of uploads that wait."""
    return Path(settings.DATA) / "staging"


def page_images() -> Path:
    """The folder of drawn pages."""
    return Path(settings.DATA) / "page-images"


def original_path(sha256: str) -> Path:
    """Where the bytes with this SHA-256 are, or would be."""
    return originals() / sha256[:2] / sha256


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep_original(path: Path) -> tuple[str, int]:
    """Copy a file among the originals, once; returns the SHA-256 and the size of what was kept."""
    digest = hashlib.sha256()
    size = 0

    def chunks() -> Iterator[bytes]:
        nonlocal size
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                yield chunk

    sha256 = sha256_of(path)
    kept = original_path(sha256)
    if kept.exists() and kept.stat().st_size == path.stat().st_size:
        return sha256, kept.stat().st_size
    # The name is settled by what was read for the copy: the file may change in between.
    written = write_whole(originals(), chunks(), name=lambda: _place(digest.hexdigest()))
    written.chmod(0o444)
    return digest.hexdigest(), size


def _place(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def erase(sha256: str) -> None:
    """Delete an original, and make its absence durable."""
    path = original_path(sha256)
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        _flush_folder(path.parent)


def stage(chunks: Iterable[bytes]) -> str:
    """Keep an upload until it is read; returns its name in the staging folder."""
    return write_whole(staging(), chunks, name=lambda: secrets.token_hex(16)).name


def unstage(name: str) -> None:
    """Forget an upload that has been read."""
    if name:
        (staging() / Path(name).name).unlink(missing_ok=True)


def write_whole(folder: Path, chunks: Iterable[bytes], *, name: Callable[[], str]) -> Path:
    """Write a file so that it is there whole or not at all. name: asked when all is written."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{secrets.token_hex(8)}{TEMPORARY}"
    try:
        with part.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        target = folder / name()
        target.parent.mkdir(exist_ok=True)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    _flush_folder(target.parent)
    return target


def _flush_folder(folder: Path) -> None:
    """Make the folder's list of names durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(*, known: Callable[[str], bool], staged: set[str], now: datetime) -> list[Path]:
    """Delete what crashes left: part files, originals of no report, uploads of no intake.

    known: whether an SHA-256 belongs to a stored report; staged: names of uploads still wanted.
    Only files older than a day go: younger ones may belong to work under way. Returns what went.
    """
    before = (now - STALE).timestamp()
    gone = []
    for path in [*_files(originals()), *_files(staging()), *_files(page_images())]:
        leftover = (
            path.suffix == TEMPORARY
            or (path.is_relative_to(originals()) and not known(path.name))
            or (path.parent == staging() and path.name not in staged)
        )
        if leftover and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            gone.append(path)
    return gone


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
