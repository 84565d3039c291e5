"""Copies of originals on this machine that have no name, so that the system deletes them."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from waymark.core.errors import OriginalsUnavailable
from waymark.core.files import refuse_unreadable
from waymark.documents.files import storage


@contextmanager
def private_copy(path: Path) -> Iterator[tuple[BinaryIO, str, int]]:
    """A copy without a name of a file that may change, with its SHA-256 and size."""
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile() as copy:
        with refuse_unreadable(path):
            source = path.open("rb")
        with source:
            while True:
                with refuse_unreadable(path):
                    chunk = source.read(storage.CHUNK)
                if not chunk:
                    break
                digest.update(chunk)
                size += len(chunk)
                copy.write(chunk)
        copy.seek(0)
        yield copy, digest.hexdigest(), size


@contextmanager
def errors_of_copy() -> Iterator[None]:
    """Turn errors of the disk into ours: a missing folder must not look like a missing original."""
    try:
        yield
    except OSError as error:
        raise OriginalsUnavailable(
            f"an original cannot be copied to the folder for temporary files ({error.strerror}): "
            "make room there, or name another folder in TMPDIR"
        ) from error
