"""Move the database of an installation from SQLite to PostgreSQL, and back.

    1. the data folder is locked: neither the site nor the worker runs
    2. the target, which must be empty, gets the tables of this version
    3. every row is copied as it is: numbers, keys and times stay the same
    4. the last number of each table is set, so that no number of a deleted row is given again
    5. all rows are read from both databases once more, and compared by a hash of each table

In PostgreSQL all of this is one transaction. The file of SQLite is written under another name, and
gets its own at the end. So a move that fails or is killed leaves the old database in use and the
new one empty. The old database is kept: the file of SQLite under a name with the moment.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.db.models.sql import InsertQuery

from waymark.accounts.installation import database_identifier
from waymark.accounts.models import Installation
from waymark.core.errors import RuleError
from waymark.core.files import flush_folder
from waymark.core.locks import FolderLock
from waymark.pipeline.backup import postgresql, sqlite
from waymark.pipeline.backup.database import database_kind, database_path
from waymark.pipeline.checks.schema import create_tables
from waymark.setting_values import postgresql_setting

SQLITE = "sqlite"
TARGET = "target"
ROWS_AT_ONCE = 500
LARGE = 10_000
WAIT_SECONDS = 5.0
LAST_NUMBER = (
    "SELECT last_value FROM pg_sequences"
    " WHERE format('%%I.%%I', schemaname, sequencename) = pg_get_serial_sequence(%s, %s)"
)
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class MovedDatabase:
    """A finished move. rows: in all tables; kept: name of the old database."""

    tables: int
    rows: int
    kept: str


def move_database(
    address: str, lock: FolderLock, *, now: datetime, tell: Tell = lambda step: None
) -> MovedDatabase:
    """Copy the database to another kind, check the copy, and put the file of SQLite in its place.

    address: postgresql://user@host/name of an empty database, or "sqlite" for the file in the data
    folder. lock: of the data folder, which is locked for this process alone. Raises RuleError if
    the folder is in use, if the target is of the same kind or not empty, or if a row does not fit:
    then nothing was changed.
    """
    lock.lock_exclusively(wait=WAIT_SECONDS)
    if address == SQLITE:
        return _move_to_sqlite(now, tell)
    return _move_to_postgresql(address, now, tell)


def _move_to_postgresql(address: str, now: datetime, tell: Tell) -> MovedDatabase:
    if database_kind() == "postgresql":
        raise RuleError(
            "the database is PostgreSQL already: to move it to another server, use waymark backup "
            "and waymark restore"
        )
    try:
        configured = postgresql_setting(address)
    except ImproperlyConfigured as error:
        raise RuleError(str(error).replace("DATABASE_URL", "the address")) from None
    with _second_connection(configured) as target:
        _refuse_filled(target)
        if not postgresql.sorts_by_letters(target):
            raise RuleError(
                "the database at this address sorts by the rules of a language, so lists would "
                "have another order: create it with createdb --encoding=UTF8 --locale=C "
                "--template=template0. Nothing was changed"
            )
        with transaction.atomic(), transaction.atomic(using=TARGET):
            tables, rows = _copy_all(target, tell)
    path = database_path()
    connection.close()
    sqlite.settle_database(path)
    kept = path.with_name(f"{path.name}.moved-{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}")
    path.rename(kept)
    flush_folder(path.parent)
    return MovedDatabase(tables, rows, kept.name)


def _move_to_sqlite(now: datetime, tell: Tell) -> MovedDatabase:
    if database_kind() == "sqlite":
        raise RuleError("the database is SQLite already")
    path = Path(settings.DATA) / "waymark.sqlite3"
    if path.exists():
        raise RuleError(f"{path} exists already: move it away first. Nothing was changed")
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    # Nobody reads the file before it is whole: it needs no journal. Foreign keys are checked at
    # the end, all at once.
    pragmas = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF;"
    configured = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": part,
        "OPTIONS": {"init_command": pragmas},
    }
    with _second_connection(configured) as target, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with transaction.atomic(using=TARGET):
            tables, rows = _copy_all(target, tell)
    with sqlite.read_only(part, alone=True) as database:
        fault = next(sqlite.database_faults(database), "")
    if fault:
        raise RuleError(f"the copy is not consistent ({fault}). Nothing was changed")
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.rename(path)
    flush_folder(path.parent)
    return MovedDatabase(tables, rows, str(connection.settings_dict["NAME"]))


@contextmanager
def _second_connection(configured: dict[str, Any]) -> Iterator[BaseDatabaseWrapper]:
    """A connection to the target, which Django knows as TARGET meanwhile.

    Raises RuleError if the database does not answer.
    """
    connections.settings[TARGET] = {**connections.settings["default"], **configured}
    try:
        target = connections[TARGET]
        try:
            target.ensure_connection()
        except DatabaseError as error:
            why = str(error).partition("\n")[0]
            raise RuleError(f"the database at this address does not answer: {why}") from error
        yield target
    finally:
        connections[TARGET].close()
        del connections[TARGET], connections.settings[TARGET]


def _refuse_filled(target: BaseDatabaseWrapper) -> None:
    if not target.introspection.table_names():
        return
    try:
        there = Installation.objects.using(TARGET).values_list("identifier", flat=True).first()
    except DatabaseError:
        there = None
    if there == database_identifier():
        raise RuleError(
            "the database at this address contains this installation already. If an earlier move "
            "was interrupted at its very end, set DATABASE_URL to it. To move again, drop it and "
            "create an empty one with createdb. Nothing was changed"
        )
    raise RuleError(
        "the database at this address is not empty: create a new one with createdb. Nothing was "
        "changed"
    )


# ---- rows ----


def _copy_all(target: BaseDatabaseWrapper, tell: Tell) -> tuple[int, int]:
    """Create, fill and check all tables; returns how many they are, and their rows."""
    _refuse_unknown_tables()
    with target.constraint_checks_disabled():
        create_tables(MigrationExecutor(target))
    models = _stored_models()
    tell(f"copying {len(models)} tables")
    total = 0
    for model in models:
        count = _copy_rows(model, target)
        total += count
        if count >= LARGE:
            tell(f"  {model._meta.db_table}: {count:,} rows")
    last_numbers = _last_numbers(connection)
    _set_last_numbers(target, last_numbers)
    tell("comparing both databases")
    different = [
        model._meta.db_table
        for model in models
        if _content_hash(model, "default") != _content_hash(model, TARGET)
    ]
    if different or _last_numbers(target) != last_numbers:
        names = ", ".join(different) or "the last numbers of the tables"
        raise RuleError(f"the copy differs from the database in {names}. Nothing was changed")
    return len(models), total


def _stored_models() -> list[type[Model]]:
    """The models whose tables are moved."""
    models = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]
    models.append(MigrationRecorder.Migration)
    return models


def _refuse_unknown_tables() -> None:
    # SQLite has such names to itself, as of the statistics of ANALYZE.
    names = connection.introspection.table_names()
    unknown = {name for name in names if not name.startswith("sqlite_")}
    unknown -= {model._meta.db_table for model in _stored_models()}
    if unknown:
        raise RuleError(
            f"the table {min(unknown)} is not one of Waymark's: move it to another database, or "
            "drop it. Nothing was changed"
        )


def _copy_rows(model: type[Model], target: BaseDatabaseWrapper) -> int:
    """Copy the rows of one table; returns how many."""
    fields = model._meta.local_concrete_fields
    most = target.ops.bulk_batch_size(fields, [None] * ROWS_AT_ONCE)
    stored = model._base_manager.using("default").order_by().iterator(chunk_size=ROWS_AT_ONCE)
    copied = 0
    while rows := list(islice(stored, most)):
        try:
            with transaction.atomic(using=TARGET):
                _insert(model, rows)
        except DatabaseError:
            _insert_one_by_one(model, rows, target)
        copied += len(rows)
    return copied


def _insert(model: type[Model], rows: list[Any]) -> None:
    """Insert rows as they are: no default, no moment of saving, no signal."""
    query = InsertQuery(model)
    query.insert_values(model._meta.local_concrete_fields, rows, raw=True)
    query.get_compiler(using=TARGET).execute_sql()


def _insert_one_by_one(model: type[Model], rows: list[Any], target: BaseDatabaseWrapper) -> None:
    """Insert rows of which one does not fit. Raises RuleError that names it."""
    for row in rows:
        try:
            with transaction.atomic(using=TARGET):
                _insert(model, [row])
        except DatabaseError as error:
            # Only the first line: others may quote the row.
            why = str(error).partition("\n")[0]
            raise RuleError(
                f"the row {row.pk} of {model._meta.db_table} does not fit into "
                f"{target.display_name} ({why}): change this record, then move again. Nothing was "
                "changed"
            ) from None


def _content_hash(model: type[Model], alias: str) -> str:
    """Number and hash of all rows of a table, whatever their order."""
    names = [field.attname for field in model._meta.local_concrete_fields]
    rows = model._base_manager.using(alias).order_by().values_list(*names)
    count = total = 0
    for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
        written = json.dumps([_plain(value) for value in row], sort_keys=True, default=str)
        total += int.from_bytes(hashlib.sha256(written.encode("utf-8", "surrogatepass")).digest())
        count += 1
    return f"{count}-{total % 2**256:064x}"


def _plain(value: Any) -> Any:
    """A value in the form that both databases share.

    PostgreSQL stores a number in JSON without its type: 1000.0 written as 1e3 comes back as 1000.
    """
    match value:
        case bytes() | memoryview():
            return hashlib.sha256(value).hexdigest()
        case datetime():
            return value.astimezone(UTC).isoformat()
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_plain(part) for part in value]
        case dict():
            return {name: _plain(part) for name, part in value.items()}
        case _:
            return value


# ---- last numbers ----


def _last_numbers(database: BaseDatabaseWrapper) -> dict[str, int]:
    """Table -> the last number that it gave to a row, without those that never gave one."""
    with database.cursor() as cursor:
        if database.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            return dict(cursor.fetchall())
        last = {}
        for table, column in _numbered(_stored_models()):
            cursor.execute(LAST_NUMBER, [f'"{table}"', column])
            (number,) = cursor.fetchone()
            if number is not None:
                last[table] = number
    return last


def _set_last_numbers(target: BaseDatabaseWrapper, last: dict[str, int]) -> None:
    columns = dict(_numbered(_stored_models()))
    with target.cursor() as cursor:
        if target.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence")
            insert = "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)"
            cursor.executemany(insert, list(last.items()))
            return
        for table, number in last.items():
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s)",
                [f'"{table}"', columns[table], number],
            )


def _numbered(models: Iterable[type[Model]]) -> Iterator[tuple[str, str]]:
    """Tables that number their rows, with the column."""
    for model in models:
        field = model._meta.auto_field
        if field is not None and field.column:
            yield model._meta.db_table, field.column
