"""A file of JSON lines that only grows: each line is on the disk before append() returns.

    {"number": 1, ...}      numbered from 1; whoever reads remembers how far it has read

A write that a crash cuts short leaves an end without a line break. Nobody was told that it was
written, so readers pass over it and the next writer removes it.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from waymark.core.errors import RuleError
from waymark.core.files import flush_folder

Entry = dict[str, Any]


class Journal:
    """A journal that the caller alone may write. entries: its lines, the oldest first."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path, self._handle = path, handle
        with os.fdopen(os.dup(handle), "rb") as file:
            content = file.read()
        self._end = content.rfind(b"\n") + 1
        self.entries = _entries(path, content[: self._end])

    def append(self, entry: Mapping[str, Any]) -> int:
        """Write a line and flush it to the disk; returns its number. What fails leaves nothing."""
        number = (self.entries[-1]["number"] if self.entries else 0) + 1
        line = {"number": number, **entry}
        os.ftruncate(self._handle, self._end)
        content = json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n"
        try:
            if os.write(self._handle, content) != len(content):
                raise OSError(28, "No space left on device", str(self.path))
            os.fsync(self._handle)
        except OSError:
            os.ftruncate(self._handle, self._end)
            raise
        self._end += len(content)
        self.entries.append(line)
        return number


@contextmanager
def opened(path: Path) -> Iterator[Journal]:
    """The journal, held against other writers; made where there is none."""
    new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if new:
            flush_folder(path.parent)
        yield Journal(path, handle)
    finally:
        os.close(handle)


def read(path: Path) -> list[Entry]:
    """The lines of a journal, the oldest first; none where there is no file.

    Raises RuleError, with the line, where one cannot be read or is out of its order.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    return _entries(path, content[: content.rfind(b"\n") + 1])


def _entries(path: Path, content: bytes) -> list[Entry]:
    entries: list[Entry] = []
    for line, text in enumerate(content.splitlines(), start=1):
        try:
            entry = json.loads(text)
        except ValueError:
            entry = None
        if not isinstance(entry, dict) or entry.get("number") != line:
            raise RuleError(
                f"{path}, line {line} cannot be read: bring this file back from a backup"
            )
        entries.append(entry)
    return entries
