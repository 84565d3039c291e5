"""Keep the data folder and the database file private to their owner."""

import os
import stat
from collections import Counter
from collections.abc import Iterator
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


def owner_if_other() -> os.stat_result | None:
    """The owner of the data folder, if this process is root and the folder is another user's."""
    try:
        owner = Path(settings.DATA).stat()
    except FileNotFoundError:
        return None
    return owner if os.geteuid() == 0 and owner.st_uid != 0 else None


def give_to_owner() -> int:
    """Give what root made in another user's data folder to that user; return how many files.

    The user who runs the site could not read or change them. A file with several names, as two
    indexes share one, is given if all of them are in the folder: that user may have linked a file
    of root's from elsewhere. Raises PermissionError if this root may not change owners.
    """
    owner, files = owner_if_other(), 0
    if owner is None:
        return 0
    inside = Counter(_file(status) for _, _, status in _names_of_root())
    for name, handle, status in _names_of_root():
        if stat.S_ISDIR(status.st_mode) or inside[_file(status)] == status.st_nlink:
            with suppress(FileNotFoundError):
                user, group = owner.st_uid, owner.st_gid
                os.chown(name, user, group, dir_fd=handle, follow_symlinks=False)
                files += 1
    return files


def _names_of_root() -> Iterator[tuple[str, int, os.stat_result]]:
    """Files and folders of root in the data folder: name, descriptor of its folder, status.

    By descriptors of folders: their owner may put a link in the place of a folder meanwhile.
    """
    for _, folders, files, handle in os.fwalk(settings.DATA):
        for name in (*folders, *files):
            with suppress(FileNotFoundError):
                status = os.stat(name, dir_fd=handle, follow_symlinks=False)
                if status.st_uid == 0:
                    yield name, handle, status


def _file(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


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
