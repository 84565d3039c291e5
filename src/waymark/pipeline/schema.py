"""Version of the database schema, compared with this version of Waymark."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from waymark.accounts.file_permissions import FILE as PRIVATE_FILE
from waymark.core.database_remedy import unusable_database
from waymark.core.errors import RuleError
from waymark.pipeline.backup.sqlite import SIDECARS, settle_database
from waymark.sqlite.base import SUFFIX as QUEUE


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Migrations, as app.name. applied: those of the database; pending: those it lacks; newer:
    those that this version does not know."""

    applied: frozenset[str]
    pending: tuple[str, ...]
    newer: tuple[str, ...]


def schema_state() -> SchemaState:
    """Compare the database with this version. Raises RuleError if it does not answer."""
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError as error:
        raise RuleError(unusable_database(error)) from error
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    applied = frozenset(f"{app}.{name}" for app, name in executor.loader.applied_migrations)
    return SchemaState(
        applied,
        tuple(f"{migration.app_label}.{migration.name}" for migration, _ in plan),
        _unknown_migrations(applied, executor.loader),
    )


def refuse_newer(migrations: Iterable[str], *, of: str) -> None:
    """Raise RuleError if one of these migrations of a database is unknown to this version."""
    unknown = _unknown_migrations(migrations, MigrationLoader(None))
    if unknown:
        raise RuleError(
            f"{of} was created by a newer version of Waymark (it has {unknown[0]}): install that "
            "version or a newer one. Nothing was changed"
        )


def migrate_database() -> None:
    """Migrate the database to this version; creates its tables if it has none."""
    call_command("migrate", verbosity=0, interactive=False)


def is_empty_sqlite() -> bool:
    """True if the database is an SQLite file without a table."""
    return connection.vendor == "sqlite" and not connection.introspection.table_names()


def migrate_aside() -> None:
    """Create the tables of an empty SQLite database in another file, then put that in its place.

    A migration and the record that it was applied are two transactions: interrupted between them,
    the database would refuse the same migration for ever. So it gets all of its tables or none.
    """
    path = Path(connection.settings_dict["NAME"])
    new = path.with_name(f"{path.name}.new")
    for suffix in ("", *SIDECARS):
        new.with_name(new.name + suffix).unlink(missing_ok=True)
    new.touch(mode=PRIVATE_FILE)
    # Django migrates the database of its settings, so these point to the new file for a while.
    connection.close()
    connection.settings_dict["NAME"] = str(new)
    try:
        migrate_database()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = str(path)
    settle_database(new)
    new.with_name(new.name + QUEUE).unlink(missing_ok=True)
    for suffix in SIDECARS:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    new.replace(path)


def _unknown_migrations(migrations: Iterable[str], loader: MigrationLoader) -> tuple[str, ...]:
    known = {f"{app}.{name}" for app, name in loader.disk_migrations or {}}
    return tuple(sorted(set(migrations) - known))
