"""Version of the database schema, compared with this version of Waymark."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from pkgutil import iter_modules

from django.apps import apps
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from waymark.accounts.audit_guard import create_audit_guard
from waymark.core.database_remedy import unusable_database
from waymark.core.errors import RuleError


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
        recorded = _recorded_migrations()
        if recorded == _migration_files():
            return SchemaState(frozenset(f"{app}.{name}" for app, name in recorded), (), ())
        executor = MigrationExecutor(connection)
    except DatabaseError as error:
        raise RuleError(unusable_database(error)) from error
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    applied = frozenset(f"{app}.{name}" for app, name in executor.loader.applied_migrations)
    return SchemaState(
        applied,
        tuple(f"{migration.app_label}.{migration.name}" for migration, _ in plan),
        _unknown_migrations(applied),
    )


def _recorded_migrations() -> frozenset[tuple[str, str]]:
    """App and name of each migration of the database, without a model object for each."""
    recorder = MigrationRecorder(connection)
    if not recorder.has_table():
        return frozenset()
    return frozenset(recorder.migration_qs.values_list("app", "name"))


@cache
def _migration_files() -> frozenset[tuple[str, str]]:
    """App and name of each migration of this version.

    Each command asks whether any is pending: loading them all to see takes longer than many
    commands. Listed once, so that a process of the site that is started again looks for those of
    the code that it runs.
    """
    return frozenset(
        (app.label, module.name)
        for app in apps.get_app_configs()
        for module in iter_modules([str(Path(app.path) / "migrations")])
    )


def refuse_newer(migrations: Iterable[str], *, of: str) -> None:
    """Raise RuleError if one of these migrations of a database is unknown to this version."""
    unknown = _unknown_migrations(migrations)
    if unknown:
        raise RuleError(
            f"{of} was created by a newer version of Waymark (it has {unknown[0]}): install that "
            "version or a newer one. Nothing was changed"
        )


def migrate_database() -> None:
    """Migrate the database to this version; creates its tables at once if it has none."""
    if connection.introspection.table_names():
        call_command("migrate", verbosity=0, interactive=False)
    else:
        _create_database()


def _create_database() -> None:
    """Give an empty database the tables of this version and the rows that migrations leave.

    All is one transaction: interrupted, the database is as empty as before.
    """
    executor = MigrationExecutor(connection)
    # SQLite creates no tables while it checks foreign keys, which a transaction cannot suspend.
    with connection.constraint_checks_disabled(), transaction.atomic():
        create_tables(executor)
        for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
            executor.recorder.record_applied(migration.app_label, migration.name)
        emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)


def create_tables(executor: MigrationExecutor) -> None:
    """Create the tables in which the migrations of this version end, without rows.

    executor: of the database. Each of a hundred migrations would build all models anew, which takes
    fifteen seconds of processor.
    """
    models: list[type[Model]] = [MigrationRecorder.Migration]
    models += executor.loader.project_state().apps.get_models()
    with executor.connection.schema_editor() as editor:
        for model in models:
            if model._meta.can_migrate(executor.connection):
                editor.create_model(model)
        create_audit_guard(editor)


def _unknown_migrations(migrations: Iterable[str]) -> tuple[str, ...]:
    known = {f"{app}.{name}" for app, name in _migration_files()}
    return tuple(sorted(set(migrations) - known))
