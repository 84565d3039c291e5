"""Migrations of an earlier version: after a checked copy, and alone."""

import shutil

import pytest

from tests.factories import NOON
from tests.pipeline.backups import files, made, rows
from tests.pipeline.forked import Child, Failed
from tests.pipeline.installation import ON_POSTGRESQL
from tests.pipeline.last_migration import undo_last_migration
from waymark.core.locks import FolderLock
from waymark.pipeline.start import start_installation

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="looks at SQLite's file")


def migrated():
    start_installation(now=NOON, migrate=True).close()


@pytest.fixture(scope="module")
def gone_back(filled, tmp_path_factory, django_db_blocker):
    """The installation with the tables of an earlier version; no test changes it."""
    data = shutil.copytree(filled, tmp_path_factory.mktemp("earlier") / "data")
    Child(django_db_blocker, data, undo_last_migration).result()
    return data


@pytest.fixture
def earlier(gone_back, tmp_path):
    """A copy of it that a test may change."""
    return shutil.copytree(gone_back, tmp_path / "earlier")


def test_a_database_of_an_earlier_version_is_migrated_on_request_after_a_checked_copy(
    earlier, run, django_db_blocker
):
    data = earlier
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


def test_nothing_is_migrated_while_another_command_runs(earlier, run):
    running = FolderLock(earlier)
    running.lock_shared()
    with pytest.raises(Failed, match="stop waymark serve"):
        run(earlier, migrated)
    running.close()


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(
    filled, earlier, run, restored, tmp_path
):
    place = run(earlier, made(tmp_path / "old"))[0]
    new = restored(place)
    assert files(new) == files(filled)
    assert len(rows(new / "waymark.sqlite3")["django_migrations"]) == len(
        rows(filled / "waymark.sqlite3")["django_migrations"]
    )
