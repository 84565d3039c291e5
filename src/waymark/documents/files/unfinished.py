"""Files of a form that was refused, kept for a short time so that nobody must choose them twice.

    DATA/receiving/unfinished/<sender>-<random>   the bytes, which nothing reads until they are sent

The sender gets their names back in a signed form field. Nothing else knows them: a file that is not
sent again within KEPT_FOR is deleted, and so is what does not fit.
"""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from waymark.documents.files import storage
from waymark.documents.files.uploads import IncomingFile, plain_name

KEPT_FOR = timedelta(hours=2)
SENDERS = 5
"""Senders who can use up their share of the space at the same time."""


@dataclass(frozen=True, slots=True)
class UnfinishedFile:
    """A kept file. stored: its name in the folder; name: on the sender's computer."""

    stored: str
    name: str
    size: int

    @property
    def path(self) -> Path:
        """Its path, within the folder whatever the stored name is."""
        return _folder() / Path(self.stored).name

    @property
    def exists(self) -> bool:
        """True if it is still kept, whole."""
        return self.path.is_file() and self.path.stat().st_size == self.size

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The content."""
        with self.path.open("rb") as file:
            while chunk := file.read(chunk_size or storage.CHUNK):
                yield chunk


def _folder() -> Path:
    return storage.receiving_folder() / "unfinished"


def keep_unfinished(
    files: Iterable[IncomingFile], *, sender: str, share: int, now: datetime
) -> list[UnfinishedFile]:
    """Keep files of a sender; those that do not fit in the share of the space are left out.

    sender: a short code for who sends; share: bytes for one sender.
    """
    sweep_unfinished(now=now)
    stored = []
    for file in files:
        size = file.size or 0
        if _used(f"{sender}-") + size > share or _used("") + size > share * SENDERS:
            continue
        path = storage.write_whole(
            _folder(), file.chunks(), name=lambda: f"{sender}-{secrets.token_hex(16)}"
        )
        stored.append(UnfinishedFile(path.name, plain_name(file.name or ""), path.stat().st_size))
    return stored


def _used(beginning: str) -> int:
    return sum(
        path.stat().st_size
        for path in storage.files_of(_folder())
        if path.name.startswith(beginning)
    )


def forget_unfinished(files: Iterable[UnfinishedFile]) -> None:
    """Delete kept files that have been sent, or that the sender left out."""
    for file in files:
        file.path.unlink(missing_ok=True)


def sweep_unfinished(*, now: datetime) -> int:
    """Delete what was kept for longer than KEPT_FOR; returns the number of files."""
    before = (now - KEPT_FOR).timestamp()
    old = [path for path in storage.files_of(_folder()) if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
