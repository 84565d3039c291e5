"""The store of originals: the folder of storage.py, or the S3 address that WAYMARK_ORIGINALS names.

    DATA/originals-address   where the originals of this installation are; none for the folder

An original has one writer and never changes, so both stores only add, read whole or in part, list
and remove. Whoever needs a file on a disk, as the process that reads it does, gets the file itself
or a copy that has no name and so is gone with the process, however that ends.
"""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings

from waymark.core.errors import OriginalsUnavailable
from waymark.core.files import write_aside
from waymark.documents.files import storage

log = logging.getLogger(__name__)
FOLDER = "the data folder"
ERASED_LATER = "it is erased when waymark work runs with this address in reach"


class StoredContent(Protocol):
    """Content of an original that has no path. size: in bytes."""

    size: int

    def open_part(self, first: int, length: int) -> BinaryIO:
        """A file of `length` bytes, which are those of the original from `first` on."""


class OriginalStore(Protocol):
    """Store of originals by their SHA-256 in hex.

    Every method raises OriginalsUnavailable if the store does not answer, OriginalsRefused if it
    refuses this installation; a folder raises neither.
    """

    name: str

    def keep(self, path: Path, *, expected: str = "") -> tuple[str, int]:
        """Store a file whose row is written next; see storage.keep_original()."""

    def add(self, path: Path, sha256: str) -> None:
        """Store a file whose row is there; at an address also in the place of damaged bytes.

        Raises FileRefused if it has another SHA-256.
        """

    def has(self, sha256: str) -> bool:
        """True if the original is there."""

    def traces(self, sha256: str) -> bool:
        """True if anything of the original is there, such as an earlier version of its object."""

    def sizes(self) -> dict[str, int]:
        """SHA-256 -> bytes of all originals that are there."""

    def place(self, sha256: str) -> str:
        """Path or address of the original, whether it exists or not."""

    def local_file(self, sha256: str, *, checked: bool = True) -> AbstractContextManager[Path]:
        """The original as a file on this machine. Raises FileNotFoundError.

        checked: a copy must have the SHA-256 that it is named after.
        """

    def content(self, sha256: str) -> Path | StoredContent:
        """The original, to be sent whole or in part. Raises FileNotFoundError."""

    def fault(self, sha256: str) -> str:
        """Problem with the original, as the end of a sentence; "" if there is none."""

    def remove(self, sha256: str) -> None:
        """Delete the original durably, with all its versions."""


class OriginalFolder:
    """OriginalStore in the data folder."""

    name = FOLDER

    def keep(self, path: Path, *, expected: str = "") -> tuple[str, int]:
        return storage.keep_original(path, expected=expected)

    def add(self, path: Path, sha256: str) -> None:
        storage.keep_original(path, expected=sha256)
        storage.forget_arriving(sha256)

    def has(self, sha256: str) -> bool:
        return storage.original_path(sha256).is_file()

    def traces(self, sha256: str) -> bool:
        return storage.original_path(sha256).exists()

    def sizes(self) -> dict[str, int]:
        files = storage.files_of(storage.originals_folder())
        return {path.name: path.stat().st_size for path in files if len(path.name) == 64}

    def place(self, sha256: str) -> str:
        return str(storage.original_path(sha256))

    @contextmanager
    def local_file(self, sha256: str, *, checked: bool = True) -> Iterator[Path]:
        yield storage.original_path(sha256)

    def content(self, sha256: str) -> Path:
        path = storage.original_path(sha256)
        if not path.is_file():
            raise FileNotFoundError(path)
        return path

    def fault(self, sha256: str) -> str:
        return storage.fault_of_file(storage.original_path(sha256), sha256)

    def remove(self, sha256: str) -> None:
        storage.remove_durably(storage.original_path(sha256))


def store_at(address: str) -> OriginalStore:
    """The store at an address such as s3://bucket/prefix; "" for the data folder.

    Raises MissingExtra if the package for it is not installed.
    """
    if not address:
        return OriginalFolder()
    # Imported only here: an installation without the setting does not load the client.
    from waymark.documents.files.s3 import S3Originals

    return S3Originals(address)


def original_store() -> OriginalStore:
    """The store that the settings name."""
    return store_at(settings.ORIGINALS)


def erase_original(sha256: str) -> None:
    """Delete an original that staff erased wherever it is: store, folder, quarantine.

    Raises OriginalsUnavailable; erase_or_later() does not.
    """
    # The folder too: it may have a copy from before the originals were moved.
    storage.erase_original(sha256)
    if settings.ORIGINALS:
        original_store().remove(sha256)


def erase_or_later(sha256: str) -> None:
    """Erase an original now, or leave it to sweep_leftovers() if its store does not answer."""
    try:
        erase_original(sha256)
    except OriginalsUnavailable as error:
        log_erased_later(sha256, error)


def log_erased_later(sha256: str, error: OriginalsUnavailable) -> None:
    """Log that a file which staff erased is still in its store, and why."""
    log.error("original %s is not erased yet (%s): %s", sha256[:12], error, ERASED_LATER)


def is_erased(sha256: str) -> bool:
    """True if nothing of an original is left; False also if its store does not answer."""
    try:
        return not original_store().traces(sha256)
    except OriginalsUnavailable:
        return False


def address_file() -> Path:
    """The file that names where the originals of this installation are."""
    return Path(settings.DATA) / "originals-address"


def noted_address() -> str:
    """Address of the store that this installation uses; "" for the data folder."""
    try:
        return address_file().read_text("utf-8").strip()
    except FileNotFoundError:
        return ""


def note_address(address: str) -> None:
    """Note the address of the store that this installation uses from now on."""
    if address == noted_address():
        return
    if address:
        write_aside(address_file(), f"{address}\n".encode())
    else:
        address_file().unlink()
