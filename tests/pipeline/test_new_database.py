"""A new database gets all tables at once: those that its migrations would create."""

import os
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.db import connection

from tests.databases import environment_for, rows_of
from tests.factories import NOON
from tests.new_installations import migrated_database
from tests.pipeline.database_schema import definitions, schema_in_postgresql, schema_in_sqlite
from tests.pipeline.forked import Child, Failed
from tests.pipeline.installation import ON_POSTGRESQL
from waymark.pipeline.start import start_installation

sqlite_only = pytest.mark.skipif(ON_POSTGRESQL, reason="looks at SQLite's file")


def migrated():
    start_installation(now=NOON, migrate=True).close()


@pytest.fixture(scope="module")
def by_migrations(tmp_path_factory, django_db_blocker):
    """An installation of which every table was created by its migrations, the accounts first.

    Versions before the tables were created at once were left like this when they were interrupted.
    """
    data = tmp_path_factory.mktemp("by-migrations")

    def first_app():
        call_command("migrate", "accounts", verbosity=0)

    for work in (first_app, migrated):
        Child(django_db_blocker, data, work, share=False).result()
    return data


@sqlite_only
def test_a_first_migration_that_was_cut_short_is_finished_by_the_next(
    by_migrations, django_db_blocker
):
    Child(
        django_db_blocker, by_migrations, lambda: start_installation(now=NOON).close(), share=False
    ).result()
    (copy,) = (by_migrations / "before-migrating").iterdir()
    assert copy.suffix == ".sqlite3"


@sqlite_only
def test_tables_created_at_once_are_those_that_the_migrations_create(by_migrations, tmp_path):
    data = migrated_database(tmp_path)
    at_once = schema_in_sqlite(lambda query: rows_of(data, query))
    assert at_once == schema_in_sqlite(lambda query: rows_of(by_migrations, query))
    triggers = [name for kind, name, *_ in at_once["sqlite_master"] if kind == "trigger"]
    assert triggers == ["audit_no_delete", "audit_no_update"]


@pytest.mark.skipif(not ON_POSTGRESQL, reason="compares databases of PostgreSQL")
def test_tables_created_at_once_in_postgresql_are_those_of_the_database_of_the_tests(db, tmp_path):
    """The database of the tests was created by Django's migrate."""
    subprocess.run(
        [sys.executable, "-m", "waymark", "migrate"], env=environment_for(tmp_path), check=True
    )

    def in_database_of_tests(query):
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    at_once = schema_in_postgresql(lambda query: rows_of(tmp_path, query))
    assert at_once == schema_in_postgresql(in_database_of_tests)


def test_definitions_of_a_table_are_split_where_neither_brackets_nor_quotes_are_open():
    """Otherwise two different tables might be described alike."""
    columns = "\"b\" decimal(4, 2), \"a\" text DEFAULT 'x, (' NOT NULL, CHECK (\"a\" IN ('1', '2'))"
    assert definitions(f'CREATE TABLE "t" ({columns})') == [
        "\"a\" text DEFAULT 'x, (' NOT NULL",
        '"b" decimal(4, 2)',
        "CHECK (\"a\" IN ('1', '2'))",
    ]


def not_recorded(execute, sql, params, many, context):
    """Ends the process when tables were made, before a migration is recorded as applied."""
    if sql.startswith('INSERT INTO "django_migrations"') and "accounts" in params:
        os._exit(9)
    return execute(sql, params, many, context)


def cut_short():
    with connection.execute_wrapper(not_recorded):
        migrated()


@sqlite_only
def test_a_new_database_is_there_whole_or_not_at_all(tmp_path, django_db_blocker):
    data = tmp_path / "new"
    with pytest.raises(Failed, match="killed"):
        Child(django_db_blocker, data, cut_short, share=False).result()
    assert rows_of(data, "SELECT name FROM sqlite_master") == []
    Child(django_db_blocker, data, migrated, share=False).result()
    assert (data / "waymark.sqlite3").stat().st_mode & 0o777 == 0o600
    assert not (data / "before-migrating").exists()
    for table in ("library_topic", "django_migrations", "auth_permission"):
        assert rows_of(data, f"SELECT count(*) FROM {table}") != [(0,)]  # noqa: S608
