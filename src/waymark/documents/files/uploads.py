"""Interface of an uploaded file, and the cleaning of its name."""

import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Protocol

LONGEST_NAME = 255


class IncomingFile(Protocol):
    """A file as Django provides it."""

    @property
    def name(self) -> str | None:
        """Its name on the sender's computer."""

    @property
    def size(self) -> int | None:
        """In bytes."""

    def chunks(self, chunk_size: int | None = None) -> Iterable[bytes]:
        """The content."""


def plain_name(sent: str) -> str:
    """A sender's file name without folders or control characters, at most 255 characters long.

    Example: "C:\\\\Reports\\\\Oak.pdf" -> "Oak.pdf". A name that is too long keeps its ending.
    """
    last = PurePosixPath(sent.replace("\\", "/")).name
    name = "".join(c for c in unicodedata.normalize("NFC", last) if c.isprintable()).strip()
    if len(name) > LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        ending = (dot + ending)[:10]
        name = (stem or name)[: LONGEST_NAME - len(ending)] + ending
    return name or "unnamed"


def masked_name(name: str) -> str:
    """A file name that can be recognised by who knows it and tells nothing to others.

    Example: "Karen Whitcombe.pdf" -> "K….pdf (19 characters)". For the audit log, which nobody can
    erase: a file name may be that of a child.
    """
    dot, ending = PurePosixPath(name).suffix[:1], PurePosixPath(name).suffix[1:6]
    return f"{name[:1]}…{dot}{ending} ({len(name)} characters)"
