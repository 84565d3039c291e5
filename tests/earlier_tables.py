"""Tables of an earlier version, for tests of what a migration makes of their rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps
from pytest_django import DjangoDbBlocker


def move_tables(app: str, name: str) -> StateApps:
    """The models of the tables once an app is at one of its migrations."""
    if connection.introspection.table_names():
        connection.check_constraints()
    MigrationExecutor(connection).migrate([(app, name)])
    loader = MigrationExecutor(connection).loader
    applied = [
        migration for migration in loader.applied_migrations if migration in loader.graph.nodes
    ]
    return loader.project_state(applied).apps


@contextmanager
def empty_database(blocker: DjangoDbBlocker, path: Path) -> Iterator[None]:
    """A new file of SQLite in place of the database of the tests.

    From there an early migration takes a few seconds; back to it from the last, and to the last
    again, takes a minute of processor.
    """
    of_tests = connection.settings_dict["NAME"]
    with blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = str(path)
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = of_tests


def migrate_to_last() -> None:
    """Bring all tables to their last migrations."""
    connection.check_constraints()
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
