"""The data folder and the database file, kept from other users of the machine."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import connection

from waymark.core.locks import NAME as LOCK

FOLDER, FILE = 0o700, 0o600
BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite writes beside the database file; it gives new ones the mode of that file."""


def keep_private() -> None:
    """Make the data folder, and SQLite's file, for their owner only; tighten what is wider.

    What another user owns stays as it is, and so does a folder that is shared by its sticky bit.
    """
    folder = Path(settings.DATA)
    folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    if _is_ours(folder):
        _tighten(folder, FOLDER)
    if connection.vendor != "sqlite":
        return
    name = str(connection.settings_dict["NAME"])
    # An empty file is an empty database: so that SQLite does not make it readable by all. One that
    # is there is never opened: to close it would end the locks that SQLite has on it in this
    # process, and another process would take the log of an open database away.
    with suppress(FileExistsError):
        os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE))
    for ending in BESIDE:
        _tighten(Path(name + ending), FILE)


def _is_ours(folder: Path) -> bool:
    """Whether it holds an installation, or nothing yet: /srv named by mistake stays as it is."""
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
