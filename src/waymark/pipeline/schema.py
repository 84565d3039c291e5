"""Which form the database has: that of this version, of an earlier or of a newer one."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from waymark.core.errors import RuleError


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Migrations, as app.name. applied: those of the database; pending: those it lacks; newer:
    those that this version does not know."""

    applied: frozenset[str]
    pending: tuple[str, ...]
    newer: tuple[str, ...]


def schema_state() -> SchemaState:
    """Compare the database with this version. Raises RuleError where it does not answer."""
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError as error:
        raise RuleError(f"the database does not answer: {error}") from error
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    applied = frozenset(f"{app}.{name}" for app, name in executor.loader.applied_migrations)
    return SchemaState(
        applied,
        tuple(f"{migration.app_label}.{migration.name}" for migration, _ in plan),
        _unknown(applied, executor.loader),
    )


def refuse_newer(migrations: Iterable[str], *, of: str) -> None:
    """Raises RuleError where these migrations of a database hold one of a newer version."""
    unknown = _unknown(migrations, MigrationLoader(None))
    if unknown:
        raise RuleError(
            f"{of} was made by a newer version of Waymark (it has {unknown[0]}): install that "
            "version, or a newer one. Nothing was changed"
        )


def migrate() -> None:
    """Bring the database to the form of this version; makes its tables where it has none."""
    call_command("migrate", verbosity=0, interactive=False)


def _unknown(migrations: Iterable[str], loader: MigrationLoader) -> tuple[str, ...]:
    known = {f"{app}.{name}" for app, name in loader.disk_migrations or {}}
    return tuple(sorted(set(migrations) - known))
