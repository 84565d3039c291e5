"""Which migrations a database has, and which it lacks or this version does not know."""

import sys

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from waymark.pipeline.checks.schema import SchemaState, refuse_newer, schema_state

pytestmark = pytest.mark.django_db


def known():
    """The migrations that Django loads, also those of packages that Waymark uses."""
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


def test_a_database_of_this_version_has_all_migrations_and_no_other():
    assert schema_state() == SchemaState(frozenset(known()), (), ())


@pytest.mark.parametrize("app", ["library", "auth"])
def test_a_migration_that_is_not_recorded_is_pending(app):
    last = MigrationRecorder.Migration.objects.filter(app=app).order_by("name").last()
    last.delete()
    state = schema_state()
    assert (state.pending, state.newer) == ((f"{app}.{last.name}",), ())
    assert state.applied == known() - set(state.pending)


def test_a_migration_that_this_version_does_not_know_is_newer():
    MigrationRecorder(connection).record_applied("library", "9999_of_a_newer_version")
    state = schema_state()
    assert (state.pending, state.newer) == ((), ("library.9999_of_a_newer_version",))


def test_a_database_of_this_version_is_recognised_without_loading_a_migration(monkeypatch):
    """Every command and every process of the site asks; there are some 170 modules."""
    for name in [name for name in sys.modules if ".migrations." in name]:
        if not name.startswith("django."):
            monkeypatch.delitem(sys.modules, name)
    state = schema_state()
    refuse_newer(state.newer, of="the database")
    loaded = {name for name in sys.modules if ".migrations." in name}
    assert {name for name in loaded if not name.startswith("django.")} == set()
