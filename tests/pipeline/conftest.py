"""An installation to back up, and processes that work on a copy of it."""

import shutil
from pathlib import Path

import pytest

from tests.factories import NOON
from tests.new_installations import migrated_database
from tests.pipeline.backups import fill
from tests.pipeline.forked import Child
from waymark.pipeline.backup import restore_backup


@pytest.fixture(scope="session")
def filled(tmp_path_factory, django_db_blocker):
    """An installation that no test changes."""
    folder = tmp_path_factory.mktemp("filled")
    data = migrated_database(folder / "data")
    Child(django_db_blocker, data, lambda: fill(folder / "reports")).result()
    return data


@pytest.fixture
def data(filled, tmp_path):
    """A copy of it that a test may change."""
    shutil.copytree(filled, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def run(django_db_blocker):
    """Does work in a process on a data folder; what it returned."""

    def done(folder, work):
        return Child(django_db_blocker, folder, work).result()

    return done


@pytest.fixture
def restored(django_db_blocker, tmp_path):
    """Restores a backup into a new folder, as the command does."""
    counted = iter(range(1000))

    def done(path, data=None, **how):
        data = data or tmp_path / f"restored{next(counted)}"
        how = {"replace": False, "now": NOON, **how}
        place = Path(path)
        work = Child(
            django_db_blocker, data, lambda: restore_backup(place, data, **how).place, share=False
        )
        work.result()
        return data

    return done
