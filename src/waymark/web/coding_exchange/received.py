"""Uploaded files as files on the disk, for the limited process that reads them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings

from waymark.documents.files.storage import receiving_folder
from waymark.documents.files.uploads import IncomingFile
from waymark.web.shared.upload_limits import MIB


def largest_bytes() -> int:
    """Largest project, in bytes: that of a report."""
    return int(settings.MAX_UPLOAD_MIB) * MIB


@contextmanager
def received_path(file: IncomingFile) -> Iterator[Path]:
    """The path of an uploaded file, which is removed afterwards."""
    folder = receiving_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, suffix=".upload") as stored:
        for chunk in file.chunks():
            stored.write(chunk)
        stored.flush()
        yield Path(stored.name)
