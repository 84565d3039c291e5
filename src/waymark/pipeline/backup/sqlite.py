"""Copies of an SQLite database by its online backup, never by copying its files.

The copy contains all that was committed when it began, including the write-ahead log, and writers
can go on. Copying the files one after the other could take a database from before a commit and a
log from after it. The copy is one file, without sidecars.
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
    """A connection that cannot write. alone: no other process uses the file; sidecars are ignored.

    Raises RuleError if there is no readable database.
    """
    how = "mode=ro&immutable=1" if alone else "mode=ro"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as database:
            yield database
    except sqlite3.Error as error:
        raise RuleError(f"the database {path.name} cannot be read ({error})") from error


def copy_database_file(source: Path, to: Path) -> None:
    """Copy a database to a new file, private, flushed to the disk."""
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with read_only(source) as database, closing(sqlite3.connect(to)) as target:
        database.backup(target)
        # The copy is marked as having a write-ahead log, like the original: make it a single file.
        target.execute("PRAGMA journal_mode=DELETE")
    handle = os.open(to, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def settle_database(path: Path) -> None:
    """Write the write-ahead log into the file, and delete the sidecars."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    for suffix in SIDECARS:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def database_faults(database: sqlite3.Connection) -> Iterator[str]:
    """The faults that integrity_check and foreign_key_check report, in words."""
    for (line,) in database.execute(f"PRAGMA integrity_check({MOST_FAULTS})"):
        if line != "ok":
            yield " ".join(str(line).split())
    for number, (table, row, parent, _) in enumerate(database.execute("PRAGMA foreign_key_check")):
        if number == MOST_FAULTS:
            break
        yield f"row {row} of {table} points to a row of {parent} that does not exist"


def table_names(database: sqlite3.Connection) -> list[str]:
    """Names of the tables."""
    rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows if not name.startswith("sqlite_")]
