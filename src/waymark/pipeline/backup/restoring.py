"""Restore a backup: built beside the data folder, checked, and put in place by renaming.

    1. every file is copied to a new folder beside, and compared with its size and SHA-256
    2. the database is checked: integrity, foreign keys, numbers of rows
    3. originals go to the address of WAYMARK_ORIGINALS, if it is set
    4. it is migrated; removals made after the backup are carried out; emails are paused; the search
       index is built
    5. the old folder is renamed, and the new one takes its name, while no process uses either

A failure before the last step changes nothing, and what was brought to an address is removed.
Nothing is deleted: an existing folder is kept under a name with the date.
"""

import glob
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from waymark.core.errors import FileRefused, RuleError
from waymark.core.locks import NAME as LOCK
from waymark.core.locks import FolderLock
from waymark.pipeline.backup import postgresql, sqlite
from waymark.pipeline.backup.database import check_sqlite, database_kind, rows_only, use_folder
from waymark.pipeline.backup.finishing import JOURNAL, finish_restoring
from waymark.pipeline.backup.making import FREE_ROOM, check_room
from waymark.pipeline.backup.manifest import DATABASE_FILE, BackupManifest, FileContent
from waymark.pipeline.backup.originals import check_empty_address, originals_at_address
from waymark.pipeline.backup.reading import ANOTHER_BACKUP, FinishedBackup, copy_to, open_backup
from waymark.pipeline.checks.schema import refuse_newer

Tell = Callable[[str], None]
MOST_NAMED = 3
ALLOWED_BESIDE = (LOCK, JOURNAL)
"""Files that an empty data folder may contain: a journal saved from a lost disk is used."""


@dataclass(frozen=True, slots=True)
class RestoredBackup:
    """A restored backup. previous: new path of the previous data folder, None if there was none."""

    place: str
    manifest: BackupManifest
    previous: Path | None


def check_backup(path: Path, *, tell: Tell = lambda step: None) -> BackupManifest:
    """Read all of a backup as restoring would, but change nothing. Raises FileRefused."""
    with (
        open_backup(path) as backup,
        tempfile.TemporaryDirectory(prefix="waymark-check-") as folder,
    ):
        tell(f"checking {backup.place}")
        _copy_all(backup, Path(folder), keep_files=False)
        _check_database(backup, Path(folder))
    return backup.manifest


def restore_backup(
    path: Path, data: Path, *, replace: bool, now: datetime, tell: Tell = lambda step: None
) -> RestoredBackup:
    """Restore a backup to a data folder, which must be new or empty unless replace is set.

    Raises FileRefused for an incomplete backup; RuleError if the folder is in use or not empty, or
    if the database is of another kind or (PostgreSQL) not empty.
    """
    with _locked_folder(data, replace=replace), open_backup(path) as backup:
        for left in sorted(data.parent.glob(f".{glob.escape(data.name)}-restoring-*")):
            tell(f"note: an interrupted restore left {left}: delete it")
        _check_before(backup, data)
        if not replace:
            check_empty_address()
        # Beside the data folder and so on the same disk: only there is the final rename one step.
        new = data.parent / f".{data.name}-restoring-{secrets.token_hex(4)}"
        new.mkdir(mode=0o700)
        try:
            tell(f"copying {backup.place}")
            _copy_all(backup, new, keep_files=True)
            tell("checking the database")
            _check_database(backup, new)
            with originals_at_address(new, tell=tell):
                _put_database(backup.manifest, new)
                finish_restoring(
                    new, old=data, created_at=backup.manifest.created_at, now=now, tell=tell
                )
                if database_kind() == "sqlite":
                    sqlite.settle_database(new / "waymark.sqlite3")
                _give_to_owner_of(data, new)
                previous = _swap_folders(new, data, now)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
    return RestoredBackup(backup.place, backup.manifest, previous)


@contextmanager
def _locked_folder(data: Path, *, replace: bool) -> Iterator[None]:
    """Lock the data folder for this process; remove it again if it was created and left empty."""
    new = not data.exists()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FolderLock(data)
    lock.lock_exclusively()
    try:
        if not replace and not _is_empty(data):
            raise RuleError(
                f"{data} is not empty: give a new folder with --data, or --replace to put the "
                "backup in its place (the old folder is kept under another name)"
            )
        yield
    finally:
        if new and data.is_dir() and [path.name for path in data.iterdir()] == [LOCK]:
            shutil.rmtree(data)
        lock.close()


def _is_empty(data: Path) -> bool:
    return {path.name for path in data.iterdir()} <= set(ALLOWED_BESIDE)


def _check_before(backup: FinishedBackup, data: Path) -> None:
    """Checks that are possible before anything is copied. Raises FileRefused, RuleError."""
    manifest = backup.manifest
    if manifest.database.kind != database_kind():
        raise FileRefused(
            backup.place,
            f"it contains a database of the kind {manifest.database.kind}, and DATABASE_URL says "
            f"{database_kind()}",
            "Set DATABASE_URL to an empty database."
            if database_kind() == "sqlite"
            else "Unset it.",
        )
    refuse_newer(manifest.database.migrations, of=f"the backup {backup.place}")
    if database_kind() == "postgresql" and not postgresql.is_empty():
        raise RuleError(
            "the database that DATABASE_URL names is not empty: create a new one with createdb"
        )
    total = manifest.database.size + sum(file.size for file in manifest.files)
    check_room(data.parent, total + FREE_ROOM)


def _copy_all(backup: FinishedBackup, folder: Path, *, keep_files: bool) -> None:
    """Copy every file to its place in a folder, and the database beside them.

    keep_files: if False, the files are read and checked only. Raises FileRefused with the names of
    files that are missing, have changed or are not in the manifest.
    """
    problems = [f"{name} is not in its manifest" for name in backup.strangers()]
    manifest = backup.manifest
    name = DATABASE_FILE[manifest.database.kind]
    problems += _copy_one(backup, None, manifest.database, folder / name)
    for file in manifest.files:
        to = folder / file.path if keep_files else Path(os.devnull)
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        problems += _copy_one(backup, file.path, file, to)
    if problems:
        more = len(problems) - MOST_NAMED
        listed = "; ".join(problems[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
        raise FileRefused(backup.place, f"the backup is damaged: {listed}", ANOTHER_BACKUP)


def _copy_one(
    backup: FinishedBackup, path: str | None, content: FileContent, to: Path
) -> Iterator[str]:
    """Copy a file of the data folder, or the database if path is None; yields its faults."""
    name = path or "the database"
    try:
        source = backup.open_database() if path is None else backup.open_file(path, content.sha256)
    except (OSError, KeyError):
        yield f"{name} is missing"
        return
    # Written as 0600 from its first byte, and made read-only once it is whole.
    mode = 0o444 if name.startswith("originals/") else 0o600
    with source, open(to, "wb", opener=lambda file, flags: os.open(file, flags, 0o600)) as into:
        problem = copy_to(source, into, content)
        into.flush()
        if to != Path(os.devnull):
            os.fsync(into.fileno())
            os.fchmod(into.fileno(), mode)
    if problem:
        yield f"{name} {problem}"


def _check_database(backup: FinishedBackup, folder: Path) -> None:
    """Raise FileRefused if the copy of the database in a folder is damaged."""
    manifest = backup.manifest
    copy = folder / DATABASE_FILE[manifest.database.kind]
    if manifest.database.kind == "postgresql":
        postgresql.check_dump(copy)
        return
    try:
        rows = check_sqlite(copy, rows_only).rows
    except RuleError as error:
        raise FileRefused(backup.place, str(error), ANOTHER_BACKUP) from error
    _compare_counts(manifest, rows, backup.place)


def _compare_counts(manifest: BackupManifest, rows: dict[str, int], place: str) -> None:
    for table, count in manifest.database.counts.items():
        if rows.get(table) != count:
            fault = f"table {table} has {rows.get(table, 0):,} rows instead of {count:,}"
            raise FileRefused(place, f"the backup is damaged: {fault}", ANOTHER_BACKUP)


def _put_database(manifest: BackupManifest, new: Path) -> None:
    """Put the copy of the database in place and make this process use the new folder."""
    copy = new / DATABASE_FILE[manifest.database.kind]
    if manifest.database.kind == "postgresql":
        postgresql.load_dump(copy)
        copy.unlink()
        _compare_counts(manifest, postgresql.row_counts(), "the database")
    else:
        copy.rename(new / "waymark.sqlite3")
    use_folder(new)


def _give_to_owner_of(data: Path, new: Path) -> None:
    """As root, give the new folder to the owner of the old one, who runs the site.

    Root has to restore where the folder above belongs to root, as in /srv: renaming needs that.
    """
    owner = data.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        for path in (new, *new.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _swap_folders(new: Path, data: Path, now: datetime) -> Path | None:
    """Put the new folder in the place of the old one; returns the old one's new path."""
    empty = _is_empty(data)
    moment = f"{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}"
    aside = data.with_name(f"{data.name}.before-restore-{moment}")
    try:
        data.rename(aside)
    except OSError as error:
        raise RuleError(
            f"{data} cannot be renamed ({error.strerror}): if it is a disk of its own, give a "
            "folder on it with --data"
        ) from error
    # Between the two renames there is no data folder. A process killed here leaves both folders
    # under their names, and the next start reports it (accounts/installation.py).
    try:
        new.rename(data)
    except OSError:
        aside.rename(data)
        raise
    if empty:
        shutil.rmtree(aside)
    return None if empty else aside
