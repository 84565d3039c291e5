"""Copy the database of the installation, SQLite or PostgreSQL, and check the copy."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from waymark.coding.machine_files import FOLDER
from waymark.core.errors import RuleError
from waymark.documents.files.storage import sha256_of
from waymark.pipeline.backup import postgresql, sqlite
from waymark.pipeline.backup.manifest import DatabaseCopy, DatabaseKind

Ask = Callable[[str], Iterable[tuple[Any, ...]]]
ReadContents = Callable[[Iterable[str], Ask], "DatabaseContents"]


@dataclass(frozen=True, slots=True)
class DatabaseContents:
    """Contents of a copy of the database, all of one moment.

    rows: table -> number; migrations: app.name of those applied; files: path of each file that it
    names -> True if the file must exist (it is not erased or withdrawn, and not an upload).
    """

    rows: dict[str, int]
    migrations: tuple[str, ...]
    files: dict[str, bool]


def rows_only(tables: Iterable[str], ask: Ask) -> DatabaseContents:
    """Contents of a database of any earlier version, even after an interrupted migration.

    Without files: the tables and columns that name them may not exist yet.
    """
    rows = {table: next(iter(ask(count_of(table))))[0] for table in tables}
    applied = [".".join(names) for names in ask("SELECT app, name FROM django_migrations")]
    return DatabaseContents(rows, tuple(sorted(applied)), {})


def database_contents(tables: Iterable[str], ask: Ask) -> DatabaseContents:
    """Contents of a database of this version. ask: runs a query."""
    originals = ask("SELECT sha256, erased_at IS NULL FROM documents_original")
    editions = ask("SELECT pdf, withdrawn_at IS NULL FROM publishing_publication")
    files = {f"originals/{sha256[:2]}/{sha256}": bool(there) for sha256, there in originals}
    uploads = ask("SELECT staged FROM documents_intake WHERE staged <> ''")
    # An upload may be read, and its file removed, between the copy of the database and that of the
    # files: it is copied if it is there.
    files |= {f"staging/{name}": False for (name,) in uploads}
    models = ask("SELECT sha256 FROM coding_machinecoder WHERE sha256 <> ''")
    files |= {f"{FOLDER}/{sha256}": True for (sha256,) in models}
    for name, published in editions:
        path = f"publications/{name}"
        # Two editions can have the same PDF, byte for byte: it must exist while one of them is
        # published.
        files[path] = files.get(path, False) or bool(published)
    return replace(rows_only(tables, ask), files=files)


def count_of(table: str) -> str:
    """The query for the number of rows of a table."""
    return " ".join(("SELECT count(*) FROM", connection.ops.quote_name(table)))


def database_kind() -> DatabaseKind:
    """Kind of the installation's database."""
    return "postgresql" if connection.vendor == "postgresql" else "sqlite"


def database_path() -> Path:
    """The file of an SQLite database."""
    return Path(connection.settings_dict["NAME"])


def database_size() -> int:
    """Size of the database in bytes: a copy takes no more."""
    if database_kind() == "postgresql":
        return postgresql.database_bytes()
    # Pages that are only in the write-ahead log are part of the copy, so both files count.
    path = database_path()
    files = (path, path.with_name(f"{path.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def copy_database(
    to: Path, read: ReadContents = database_contents
) -> tuple[DatabaseCopy, DatabaseContents]:
    """Copy the database to a new file and check the copy. Raises RuleError if it is damaged.

    read: rows_only if the database may be of another version.
    """
    if database_kind() == "postgresql":
        copied = postgresql.dump_database(to, read)
    else:
        sqlite.copy_database_file(database_path(), to)
        copied = check_sqlite(to, read)
    database = DatabaseCopy(
        kind=database_kind(),
        size=to.stat().st_size,
        sha256=sha256_of(to),
        migrations=copied.migrations,
        counts=copied.rows,
    )
    return database, copied


def check_sqlite(path: Path, read: ReadContents = database_contents) -> DatabaseContents:
    """Contents of a copy. Raises RuleError if it is damaged."""
    with sqlite.read_only(path, alone=True) as database:
        fault = next(sqlite.database_faults(database), "")
        if fault:
            raise RuleError(
                f"the database is damaged ({fault}): run waymark doctor, and restore a backup"
            )
        return read(sqlite.table_names(database), lambda query: database.execute(query))


def use_folder(folder: Path) -> None:
    """Make this process use another data folder from now on: one that is being restored."""
    settings.DATA = folder
    connection.close()
    if database_kind() == "sqlite":
        connection.settings_dict["NAME"] = str(folder / "waymark.sqlite3")
