"""Copies of an SQLite database by its online backup, never of its files one after the other.

The copy holds what was committed when it began, also what is still in the write-ahead log, and
writers go on meanwhile. It is one file, without sidecars.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from waymark.core.errors import RuleError

SIDECARS = ("-wal", "-shm", "-journal")
MOST_FAULTS = 3


@contextmanager
def read_only(path: Path, *, alone: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write. alone: nobody else has the file, and no sidecar is looked at.

    Raises RuleError where there is no database, or none that can be read.
    """
    how = "mode=ro&immutable=1" if alone else "mode=ro"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as database:
            yield database
    except sqlite3.Error as error:
        raise RuleError(f"the database {path.name} cannot be read ({error})") from error


def copy(source: Path, to: Path) -> None:
    """Copy a database to a new file, private, flushed to the disk."""
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with read_only(source) as database, closing(sqlite3.connect(to)) as made:
        database.backup(made)
        # The copy says, as the original, that it has a write-ahead log: it is to be one file.
        made.execute("PRAGMA journal_mode=DELETE")
    handle = os.open(to, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def settle(path: Path) -> None:
    """Bring what is in the write-ahead log into the file, and take the sidecars away."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    for suffix in SIDECARS:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def faults(database: sqlite3.Connection) -> Iterator[str]:
    """What integrity_check and foreign_key_check find, in words."""
    for (line,) in database.execute(f"PRAGMA integrity_check({MOST_FAULTS})"):
        if line != "ok":
            yield " ".join(str(line).split())
    for number, (table, row, parent, _) in enumerate(database.execute("PRAGMA foreign_key_check")):
        if number == MOST_FAULTS:
            break
        yield f"row {row} of {table} points to a row of {parent} that is not there"


def tables(database: sqlite3.Connection) -> list[str]:
    """Names of the tables."""
    rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows if not name.startswith("sqlite_")]
