"""Restoring a backup: built beside the data folder, checked whole, put in its place by renaming.

    1. every file is copied to a new folder beside, and compared with its size and SHA-256
    2. the database is checked: integrity, foreign keys, numbers of rows
    3. it is brought up to date; removals that came after the backup are carried out; emails are
       paused; the search index is made
    4. the old folder is renamed, and the new one takes its name, while nothing else uses either

What fails before the last step changes nothing. Nothing is deleted: a folder that was there is kept
under a dated name.
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

from waymark.core.errors import Refused, RuleError
from waymark.core.locks import NAME as LOCK
from waymark.core.locks import FolderLock
from waymark.pipeline.backup import postgresql, sqlite
from waymark.pipeline.backup.database import check_sqlite, kind, rows_only, use_folder
from waymark.pipeline.backup.finishing import JOURNAL, finish
from waymark.pipeline.backup.making import ROOM, check_room
from waymark.pipeline.backup.manifest import DATABASE_FILE, Content, Manifest
from waymark.pipeline.backup.reading import ANOTHER, Backup, copy_to, opened
from waymark.pipeline.schema import refuse_newer

Tell = Callable[[str], None]
MOST_NAMED = 3
BESIDE = (LOCK, JOURNAL)
"""What an empty data folder may hold: a journal saved from a lost disk is carried over."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was restored. kept: the folder that was there before, None where none was."""

    place: str
    manifest: Manifest
    kept: Path | None


def check_backup(path: Path, *, tell: Tell = lambda step: None) -> Manifest:
    """Read all of a backup as restoring it would, and change nothing. Raises Refused."""
    with opened(path) as backup, tempfile.TemporaryDirectory(prefix="waymark-check-") as folder:
        tell(f"checking {backup.place}")
        _copy_all(backup, Path(folder), keep_files=False)
        _check_database(backup, Path(folder))
    return backup.manifest


def restore(
    path: Path,
    data: Path,
    *,
    replace: bool,
    now: datetime,
    tell: Tell = lambda step: None,
) -> Restored:
    """Put a backup in the place of the data folder, which is new or empty unless replace is set.

    Raises Refused for a backup that is not whole, RuleError where the folder is in use or not empty
    or where the database is another kind, or not empty (PostgreSQL).
    """
    with _reserved(data, replace=replace), opened(path) as backup:
        for left in sorted(data.parent.glob(f".{glob.escape(data.name)}-restoring-*")):
            tell(f"note: a restore that was cut short left {left}: delete it")
        _check_before(backup, data)
        new = data.parent / f".{data.name}-restoring-{secrets.token_hex(4)}"
        new.mkdir(mode=0o700)
        try:
            tell(f"copying {backup.place}")
            _copy_all(backup, new, keep_files=True)
            tell("checking the database")
            _check_database(backup, new)
            _put_database(backup.manifest, new)
            finish(new, old=data, made=backup.manifest.created_at, now=now, tell=tell)
            if kind() == "sqlite":
                sqlite.settle(new / "waymark.sqlite3")
            kept = _swap(new, data, now)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
    return Restored(backup.place, backup.manifest, kept)


@contextmanager
def _reserved(data: Path, *, replace: bool) -> Iterator[None]:
    """The data folder for nobody else. What was made for it alone goes where nothing came of it."""
    new = not data.exists()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FolderLock(data)
    lock.alone()
    try:
        if not replace and not _is_empty(data):
            raise RuleError(
                f"{data} is not empty: give a new folder with --data, or --replace to put the "
                "backup in its place (it is kept beside, under another name)"
            )
        yield
    finally:
        if new and data.is_dir() and [path.name for path in data.iterdir()] == [LOCK]:
            shutil.rmtree(data)
        lock.close()


def _is_empty(data: Path) -> bool:
    return {path.name for path in data.iterdir()} <= set(BESIDE)


def _check_before(backup: Backup, data: Path) -> None:
    """What can be told before anything is copied."""
    manifest = backup.manifest
    if manifest.database.kind != kind():
        asked = "set DATABASE_URL to an empty database" if kind() == "sqlite" else "unset it"
        raise Refused(
            backup.place,
            f"it holds a database of the kind {manifest.database.kind}, and DATABASE_URL says "
            f"{kind()}",
            f"{asked[0].upper()}{asked[1:]}.",
        )
    refuse_newer(manifest.database.migrations, of=f"the backup {backup.place}")
    if kind() == "postgresql" and not postgresql.is_empty():
        raise RuleError(
            "the database that DATABASE_URL names is not empty: make a new one with createdb"
        )
    total = manifest.database.size + sum(file.size for file in manifest.files)
    check_room(data.parent, total + ROOM)


def _copy_all(backup: Backup, folder: Path, *, keep_files: bool) -> None:
    """Copy every file to its place in a folder, and the database beside them.

    keep_files: else the files are read and not kept. Raises Refused, with the names of what is
    missing, has changed or does not belong.
    """
    problems = [f"{name} does not belong to it" for name in backup.strangers()]
    manifest = backup.manifest
    name = DATABASE_FILE[manifest.database.kind]
    problems += _copy(backup, None, manifest.database, folder / name)
    for file in manifest.files:
        to = folder / file.path if keep_files else Path(os.devnull)
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        problems += _copy(backup, file.path, file, to)
    if problems:
        more = len(problems) - MOST_NAMED
        said = "; ".join(problems[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
        raise Refused(backup.place, f"the backup is damaged: {said}", ANOTHER)


def _copy(backup: Backup, path: str | None, content: Content, to: Path) -> Iterator[str]:
    """Copy a file of the data folder, or the database where path is None; what is wrong with it."""
    name = path or "the database"
    try:
        source = backup.open_database() if path is None else backup.open_file(path, content.sha256)
    except (OSError, KeyError):
        yield f"{name} is missing"
        return
    mode = 0o444 if name.startswith("originals/") else 0o600
    with source, open(to, "wb", opener=lambda file, flags: os.open(file, flags, 0o600)) as into:
        problem = copy_to(source, into, content)
        into.flush()
        if to != Path(os.devnull):
            os.fsync(into.fileno())
            os.fchmod(into.fileno(), mode)
    if problem:
        yield f"{name} {problem}"


def _check_database(backup: Backup, folder: Path) -> None:
    """Raises Refused where the copy of the database in a folder is damaged."""
    manifest = backup.manifest
    copy = folder / DATABASE_FILE[manifest.database.kind]
    if manifest.database.kind == "postgresql":
        postgresql.check_dump(copy)
        return
    try:
        rows = check_sqlite(copy, rows_only).rows
    except RuleError as error:
        raise Refused(backup.place, str(error), ANOTHER) from error
    _compare(manifest, rows, backup.place)


def _compare(manifest: Manifest, rows: dict[str, int], place: str) -> None:
    for table, count in manifest.database.counts.items():
        if rows.get(table) != count:
            said = f"table {table} has {rows.get(table, 0):,} rows instead of {count:,}"
            raise Refused(place, f"the backup is damaged: {said}", ANOTHER)


def _put_database(manifest: Manifest, new: Path) -> None:
    """Have this process work on the new folder and what the copy of the database holds."""
    copy = new / DATABASE_FILE[manifest.database.kind]
    if manifest.database.kind == "postgresql":
        postgresql.load(copy)
        copy.unlink()
        _compare(manifest, postgresql.counts(), "the database")
    else:
        copy.rename(new / "waymark.sqlite3")
    use_folder(new)


def _swap(new: Path, data: Path, now: datetime) -> Path | None:
    """Put the new folder in the place of the old one; where the old one is kept."""
    empty = _is_empty(data)
    moment = f"{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}"
    aside = data.with_name(f"{data.name}.before-restore-{moment}")
    try:
        data.rename(aside)
    except OSError as error:
        raise RuleError(
            f"{data} cannot be renamed ({error.strerror}): where it is a disk of its own, give a "
            "folder on it as --data"
        ) from error
    try:
        new.rename(data)
    except OSError:
        aside.rename(data)
        raise
    if empty:
        shutil.rmtree(aside)
    return None if empty else aside
