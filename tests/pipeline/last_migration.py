"""A database of an earlier version: it lacks the last migration.

That of version 0.1.0 in tests/installations lacks most of them, which takes far longer.
"""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def undo_last_migration() -> None:
    """Undo the last migration; no other depends on it."""
    executor = MigrationExecutor(connection)
    last, _ = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)[-1]
    before = [
        name
        for app, name in executor.loader.applied_migrations
        if app == last.app_label and name < last.name
    ]
    executor.migrate([(last.app_label, max(before, default=None))])
