"""Files on disk: originals under their SHA-256, uploads in the queue, and leftovers of crashes.

    DATA/originals/ab/abcdef...   the bytes of a report, until staff erase them (ab: first digits);
                                  or at an S3 address (originals.py)
    DATA/publications/            the PDF of each edition, under its SHA-256
    DATA/receiving/               files of forms while they are received
    DATA/staging/                 uploads in the queue of the reading worker
    DATA/page-images/             pages already drawn; may be deleted at any time
    DATA/arriving/                an empty file for each original or PDF whose row is being written
    DATA/quarantine/              files moved aside because no row names them (quarantine.py)

A file is written under a temporary name, flushed to the disk and then renamed, so that it exists
whole or not at all, also after a crash or a power cut.

No original, publication or upload is ever deleted because the database does not know it: the
database may be wrong. A file in its place without a row is one of two things. If its name is in
arriving/, the process that stored it was killed before the row was written: storing it again
finishes the work. If not, the database is older than the folder, or a different one.
"""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from waymark.core.errors import FileRefused
from waymark.core.files import flush_folder, refuse_unreadable

CHUNK = 1 << 20
TEMPORARY = ".part"
STALE = timedelta(hours=24)


def originals_folder() -> Path:
    """The folder of originals."""
    return Path(settings.DATA) / "originals"


def receiving_folder() -> Path:
    """The folder of files being received."""
    return Path(settings.FILE_UPLOAD_TEMP_DIR)


def staging_folder() -> Path:
    """The folder of uploads in the queue."""
    return Path(settings.DATA) / "staging"


def publications_folder() -> Path:
    """The folder of published files."""
    return Path(settings.DATA) / "publications"


def quarantine_folder() -> Path:
    """The folder of files moved aside."""
    return Path(settings.DATA) / "quarantine"


def page_images_folder() -> Path:
    """The folder of drawn pages."""
    return Path(settings.DATA) / "page-images"


def original_path(sha256: str) -> Path:
    """The path of the bytes with this SHA-256, whether they exist or not."""
    return originals_folder() / sha256[:2] / sha256


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep_original(path: Path, *, expected: str = "") -> tuple[str, int]:
    """Copy a file to the originals, once; returns the SHA-256 and size of the copy.

    Call it before the transaction that writes its row, or within it. expected: SHA-256 of the bytes
    whose text was read. Raises FileRefused if the file cannot be read, or has changed since; an
    OSError is about the folder of originals.
    """
    digest = hashlib.sha256()
    size = 0

    def chunks() -> Iterator[bytes]:
        nonlocal size
        with refuse_unreadable(path), path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                yield chunk

    def name() -> str:
        refuse_changed(path, digest.hexdigest(), expected)
        return _original_name(digest.hexdigest())

    with refuse_unreadable(path):
        sha256 = sha256_of(path)
    refuse_changed(path, sha256, expected)
    original = original_path(sha256)
    if original.exists() and original.stat().st_size == path.stat().st_size:
        return sha256, original.stat().st_size
    # The name comes from the bytes read for the copy: the file may change in between.
    written = write_whole(originals_folder(), chunks(), name=name)
    written.chmod(0o444)  # nothing may change an original by accident
    return digest.hexdigest(), size


def refuse_changed(path: Path, sha256: str, expected: str) -> None:
    """Refuse a file whose bytes are not those that were read."""
    if expected and sha256 != expected:
        remedy = "Wait until it is complete and add it again"
        raise FileRefused(path.name, "changed while it was being read", remedy)


def _original_name(sha256: str) -> str:
    note_arriving(sha256)
    return f"{sha256[:2]}/{sha256}"


def note_arriving(name: str) -> None:
    """Note on the disk that a file of this name is put in place before its row is written."""
    folder = _arriving()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).touch()
    flush_folder(folder)


def clear_arriving(name: str) -> None:
    """Remove the note of note_arriving() at commit; call it where the row is written."""
    transaction.on_commit(lambda: forget_arriving(name))


def forget_arriving(name: str) -> None:
    """Remove the note of note_arriving() of a file whose row is there."""
    (_arriving() / name).unlink(missing_ok=True)


def arriving_names() -> set[str]:
    """Names of files whose rows are being written, or were when the process was killed."""
    return {path.name for path in files_of(_arriving())}


def _arriving() -> Path:
    return Path(settings.DATA) / "arriving"


def erase_original(sha256: str) -> None:
    """Delete an original that staff erased, in quarantine too, durably."""
    aside = (quarantine_folder() / "originals").glob(f"{sha256}*")
    for path in (original_path(sha256), *aside):
        remove_durably(path)


def remove_durably(path: Path) -> None:
    """Delete a file, if it exists, so that a power cut does not bring it back."""
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        flush_folder(path.parent)


def fault_of_file(path: Path, sha256: str) -> str:
    """Problem with a file named by its content, as the end of a sentence; "" if there is none."""
    try:
        return "" if sha256_of(path) == sha256 else "has changed"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def stage_upload(chunks: Iterable[bytes]) -> str:
    """Keep an upload until it is read; returns its name in the staging folder."""
    return write_whole(staging_folder(), chunks, name=lambda: secrets.token_hex(16)).name


def unstage_upload(name: str) -> None:
    """Delete an upload that has been read from the staging folder."""
    if name:
        (staging_folder() / Path(name).name).unlink(missing_ok=True)


def write_whole(folder: Path, chunks: Iterable[bytes], *, name: Callable[[], str]) -> Path:
    """Write a file so that it exists whole or not at all. name: called when all is written."""
    folder.mkdir(parents=True, exist_ok=True)
    # The order matters: content to the disk, then the name, then the folder's list of names. After
    # a power cut the file is there whole, or there is a part file, which sweep_storage() deletes.
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
    flush_folder(target.parent)
    return target


def sweep_storage(*, now: datetime) -> list[Path]:
    """Delete leftovers of killed writers and return them: part files and incomplete uploads.

    Only files older than a day are deleted: younger ones may belong to work in progress.
    """
    before = (now - STALE).timestamp()
    folders = (originals_folder(), publications_folder(), staging_folder(), page_images_folder())
    left = [path for folder in folders for path in files_of(folder) if path.suffix == TEMPORARY]
    deleted = []
    for path in (*left, *files_of(receiving_folder())):
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            deleted.append(path)
    return deleted


def files_of(folder: Path) -> Iterator[Path]:
    """Every file in a folder and the folders in it."""
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in names)
