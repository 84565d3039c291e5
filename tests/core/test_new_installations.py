"""New installations that tests copy are those that the command makes."""

import os
import subprocess
import sys

import pytest

from tests.databases import environment_for, rows_of
from tests.new_installations import migrated_database, new_installation

pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="copies files of SQLite")


def test_a_copied_installation_has_every_table_and_needs_no_migration(tmp_path):
    data = new_installation(tmp_path / "data")
    command = [sys.executable, "-m", "waymark", "migrate", "--json"]
    run = subprocess.run(
        command, env=environment_for(data), capture_output=True, text=True, check=True
    )
    assert run.stderr == ""
    assert rows_of(data, "SELECT count(*) FROM library_topic") != [(0,)]
    assert rows_of(data, "SELECT count(*) FROM accounts_installation") == [(1,)]


def test_a_migrated_database_is_empty(tmp_path):
    data = migrated_database(tmp_path / "data")
    assert [path.name for path in data.iterdir() if path.suffix == ".sqlite3"] == [
        "waymark.sqlite3"
    ]
    for table in ("accounts_auditentry", "accounts_user", "library_topic"):
        assert rows_of(data, f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608


def test_each_copy_is_a_folder_of_its_own(tmp_path):
    first, other = (migrated_database(tmp_path / name) for name in ("first", "other"))
    (first / "waymark.sqlite3").unlink()
    assert (other / "waymark.sqlite3").is_file()
