"""Migrate the database, after making a checked copy of it.

DATA/before-migrating/<moment>.sqlite3 (or .dump)     the way back to the earlier version
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from waymark.core.locks import FolderLock
from waymark.pipeline.backup.database import copy_database, database_kind, database_size, rows_only
from waymark.pipeline.backup.making import FREE_ROOM, check_room
from waymark.pipeline.backup.manifest import DATABASE_FILE
from waymark.pipeline.backup.writing import PART
from waymark.pipeline.checks.schema import migrate_database, schema_state

FOLDER = "before-migrating"
WAIT_SECONDS = 5.0


def bring_up_to_date(
    lock: FolderLock, *, now: datetime, tell: Callable[[str], None] = lambda step: None
) -> Path | None:
    """Migrate while no other process uses the folder; returns the copy, None for a new database.

    Raises RuleError if another program uses the folder, or if the copy is damaged or does not fit
    on the disk: then nothing was migrated.
    """
    lock.lock_exclusively(wait=WAIT_SECONDS)
    try:
        state = schema_state()  # another program may have migrated while this one waited
        copy = None
        if state.pending and state.applied:
            copy = _copy_before_migrating(now)
            tell(f"the database was copied to {copy}")
        if state.pending:
            migrate_database()
        return copy
    finally:
        lock.downgrade_to_shared()


def _copy_before_migrating(now: datetime) -> Path:
    folder = Path(settings.DATA) / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    check_room(folder, database_size() + FREE_ROOM)
    moment = f"{now.astimezone(UTC):%Y-%m-%dT%H%M%S.%fZ}"
    to = folder / f"{moment}{Path(DATABASE_FILE[database_kind()]).suffix}"
    part = to.with_name(f"{to.name}{PART}")
    try:
        copy_database(part, rows_only)
        part.rename(to)
    finally:
        part.unlink(missing_ok=True)
    return to
