"""Migrations of an earlier version: after a checked copy, and alone."""

import shutil

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.factories import NOON
from tests.pipeline.backups import files, made, rows
from tests.pipeline.forked import Child, Failed
from tests.pipeline.installation import ON_POSTGRESQL
from waymark.core.locks import FolderLock
from waymark.pipeline.start import start_installation

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="looks at SQLite's file")


def migrated():
    start_installation(now=NOON, migrate=True).close()


def back_to(app, name):
    def work():
        MigrationExecutor(connection).migrate([(app, name)])

    return work


def test_a_database_of_an_earlier_version_is_migrated_on_request_after_a_checked_copy(
    data, run, django_db_blocker
):
    run(data, back_to("library", "0007_when_records_became_available"))
    old = rows(data / "waymark.sqlite3")
    with pytest.raises(Failed, match=r"is of an earlier version of Waymark: .*waymark migrate"):
        run(data, lambda: start_installation(now=NOON).close())
    assert rows(data / "waymark.sqlite3") == old
    assert not (data / "before-migrating").exists()
    Child(django_db_blocker, data, migrated, share=False).result()
    (copy,) = (data / "before-migrating").iterdir()
    assert rows(copy) == old
    run(data, lambda: start_installation(now=NOON).close())
    assert len(list((data / "before-migrating").iterdir())) == 1


def test_nothing_is_migrated_while_another_command_runs(data, run):
    run(data, back_to("library", "0007_when_records_became_available"))
    running = FolderLock(data)
    running.lock_shared()
    with pytest.raises(Failed, match="stop waymark serve"):
        run(data, migrated)
    running.close()


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(data, run, restored, tmp_path):
    expected = shutil.copytree(data, tmp_path / "expected")
    run(data, back_to("library", "0007_when_records_became_available"))
    place = run(data, made(tmp_path / "old"))[0]
    new = restored(place)
    assert files(new) == files(expected)
    assert len(rows(new / "waymark.sqlite3")["django_migrations"]) == len(
        rows(expected / "waymark.sqlite3")["django_migrations"]
    )
