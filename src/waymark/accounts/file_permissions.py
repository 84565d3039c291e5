"""Keep the data folder and the database file private to their owner."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import connection

from waymark.core.locks import NAME as LOCK

FOLDER, FILE = 0o700, 0o600
BESIDE = ("", "-wal", "-shm", "-journal", "-queue")
"""Suffixes of SQLite's files; new ones get the mode of the database file."""


def keep_private() -> None:
    """Create the data folder and SQLite's file for their owner only; tighten wider modes.

    Files of another user and folders with a sticky bit are left as they are.
    """
    folder = Path(settings.DATA)
    folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    if _is_ours(folder):
        _tighten(folder, FOLDER)
    if connection.vendor != "sqlite":
        return
    name = str(connection.settings_dict["NAME"])
    # An empty file is an empty database: create it first, because SQLite would make it readable
    # by all. Never open an existing one: closing it would release the POSIX locks that SQLite
    # holds on it in this process, and another process could delete the log of an open database.
    with suppress(FileExistsError):
        os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE))
    for ending in BESIDE:
        _tighten(Path(name + ending), FILE)


def _is_ours(folder: Path) -> bool:
    """True if the folder has an installation or is empty, so that a wrong /srv is not changed."""
    names = {path.name for path in folder.iterdir()} - {LOCK}
    return not names or bool(names & {"waymark.sqlite3", "installation.json"})


def _tighten(path: Path, mode: int) -> None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return
    wider = stat.S_IMODE(status.st_mode) & ~mode
    if wider and not status.st_mode & stat.S_ISVTX and status.st_uid == os.geteuid():
        path.chmod(stat.S_IMODE(status.st_mode) & mode)
