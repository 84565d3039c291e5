"""What an uploaded file must offer, and names that come from elsewhere."""

import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Protocol

LONGEST_NAME = 255


class Upload(Protocol):
    """A file as Django hands it over."""

    @property
    def name(self) -> str | None:
        """As it was called where it came from."""

    @property
    def size(self) -> int | None:
        """In bytes."""

    def chunks(self, chunk_size: int | None = None) -> Iterable[bytes]:
        """The content."""


def plain_name(said: str) -> str:
    """A file name that came from elsewhere: without folders or control characters, not too long."""
    last = PurePosixPath(said.replace("\\", "/")).name
    kept = "".join(c for c in unicodedata.normalize("NFC", last) if c.isprintable()).strip()
    if len(kept) > LONGEST_NAME:
        stem, dot, ending = kept.rpartition(".")
        ending = (dot + ending)[:10]
        kept = (stem or kept)[: LONGEST_NAME - len(ending)] + ending
    return kept or "unnamed"
