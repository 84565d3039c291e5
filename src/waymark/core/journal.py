"""Append-only file of JSON lines: each line is on the disk before append() returns.

    {"number": 1, ...}      rising numbers, so that readers can remember how far they have read

A crash during a write leaves a last line without a line break. append() has not returned for it, so
readers skip it and the next writer removes it.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from waymark.core.errors import RuleError
from waymark.core.files import flush_folder

Entry = dict[str, Any]


class Journal:
    """Journal locked for one writer. entries: its lines, oldest first."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path, self._handle = path, handle
        # A copy of the handle, because closing the file object would close the locked one.
        with os.fdopen(os.dup(handle), "rb") as file:
            content = file.read()
        self._end = content.rfind(b"\n") + 1
        self.entries = _parsed_entries(path, content[: self._end])

    @property
    def last(self) -> int:
        """Number of the last line; 0 if there is none."""
        return last_number(self.entries)

    def append(self, entries: Iterable[Mapping[str, Any]], *, after: int = 0) -> int:
        """Write lines and flush them to the disk; returns the last number.

        after: the new numbers are greater than this one, even if lines were lost. On an error
        nothing is written.
        """
        first = max(self.last, after) + 1
        lines = [{"number": number, **entry} for number, entry in enumerate(entries, start=first)]
        content = "".join(f"{json.dumps(line, sort_keys=True)}\n" for line in lines).encode()
        # Remove an incomplete last line of an earlier crash, so that the new line does not join it.
        os.ftruncate(self._handle, self._end)
        try:
            # A full disk can store a part of the content without an error.
            if os.write(self._handle, content) != len(content):
                raise OSError(28, "No space left on device", str(self.path))
            os.fsync(self._handle)
        except OSError:
            os.ftruncate(self._handle, self._end)
            raise
        self._end += len(content)
        self.entries += lines
        return self.last


@contextmanager
def open_journal(path: Path) -> Iterator[Journal]:
    """Open a journal for writing, locked against other writers; creates a missing file."""
    new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        # Without this, a crash could lose the name of the new file although its content is flushed.
        if new:
            flush_folder(path.parent)
        yield Journal(path, handle)
    finally:
        os.close(handle)


def last_number(entries: Sequence[Entry]) -> int:
    """Number of the last line; 0 if there is none."""
    return int(entries[-1]["number"]) if entries else 0


def read_journal(path: Path) -> list[Entry]:
    """Lines of a journal, oldest first; empty if there is no file.

    Raises RuleError naming a line that cannot be read or is out of order.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    return _parsed_entries(path, content[: content.rfind(b"\n") + 1])


def _parsed_entries(path: Path, content: bytes) -> list[Entry]:
    entries: list[Entry] = []
    for line, text in enumerate(content.splitlines(), start=1):
        try:
            entry = json.loads(text)
        except ValueError:
            entry = None
        number = entry.get("number") if isinstance(entry, dict) else None
        if not isinstance(number, int) or number <= last_number(entries):
            raise RuleError(f"{path}, line {line} cannot be read: restore this file from a backup")
        entries.append(entry)
    return entries
