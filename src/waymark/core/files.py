"""Write small files atomically, also across crashes; name files that cannot be read."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from waymark.core.errors import FileRefused


def write_aside(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, replacing any old one atomically."""
    with _temporary_copy(path, content) as part:
        part.replace(path)


def write_new(path: Path, content: bytes) -> None:
    """Write a file like write_aside(), but keep an existing one: the first writer wins."""
    with _temporary_copy(path, content) as part, suppress(FileExistsError):
        # link() fails if the target exists, so exactly one of several writers wins.
        path.hardlink_to(part)


@contextmanager
def _temporary_copy(path: Path, content: bytes) -> Iterator[Path]:
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        # O_EXCL and a random name: two writers never share a temporary file. The mode is set at
        # once, so that the content is never readable by others, not even for a moment.
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield part
    finally:
        part.unlink(missing_ok=True)
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Flush a folder's list of names to the disk, so that a rename survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def refuse_unreadable(path: Path) -> Iterator[None]:
    """Turn errors of the system about the file at path into FileRefused."""
    try:
        yield
    except FileNotFoundError as error:
        raise FileRefused(path.name, "is no longer there", "Check where it is now") from error
    except PermissionError as error:
        remedy = "Let this user read it and add it again"
        raise FileRefused(path.name, "cannot be read: permission denied", remedy) from error
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        raise FileRefused(path.name, reason, "Copy it to another disk and add it again") from error
