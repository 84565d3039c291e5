"""Commands on a folder: a lost database, the secret key, and the locks of an open database."""

import os
import subprocess
import sys

import pytest

from tests.databases import environment_for
from tests.pipeline.test_opening import TEXT, WAYMARK, mode_of


def run(data, *words):
    done = subprocess.run(
        [WAYMARK, "--data", data, *words], env=environment_for(data), capture_output=True, text=True
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="moves the file of SQLite")
def test_a_lost_database_is_not_replaced_by_an_empty_one(tmp_path):
    data, report = tmp_path / "data", tmp_path / "report.txt"
    report.write_text(TEXT)
    assert run(data, "ingest", report)[0] == 0
    assert (mode_of(data), mode_of(data / "waymark.sqlite3")) == (0o700, 0o600)
    (data / "waymark.sqlite3").unlink()
    before = sorted(data.rglob("*"))
    for words in (["work", "--once"], ["serve", "--port", "20999"], ["search", "visits"]):
        code, _, errors = run(data, *words)
        assert (code, len(errors.splitlines())) == (3, 1)
        assert "waymark.sqlite3 is new. Set WAYMARK_DATA and DATABASE_URL" in errors
    assert sorted(data.rglob("*")) == before


def secret_key(data):
    program = "from waymark import settings; print(settings.SECRET_KEY)"
    environment = environment_for(data)
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True
    )
    return done.stdout.strip(), done.stderr


def test_a_secret_key_is_made_once_and_an_empty_one_is_never_used(tmp_path):
    data = tmp_path / "data"
    first, _ = secret_key(data)
    assert len(first) == 64
    assert secret_key(data)[0] == first
    assert [path.name for path in data.iterdir()] == ["secret-key"]
    assert (mode_of(data), mode_of(data / "secret-key")) == (0o700, 0o600)
    (data / "secret-key").write_text("\n")
    content, errors = secret_key(data)
    assert content == ""
    assert "secret-key is empty: restore it from a backup, or delete it" in errors
    code, _, errors = run(data, "work", "--once")
    assert (code, "is empty: restore it" in errors) == (3, True)


OPENED = """
import os, sqlite3, subprocess, sys
import django
django.setup()
from django.conf import settings
from django.db import connection
from waymark.accounts.file_permissions import keep_private

settings.DATA.mkdir(parents=True)
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE kept (number)")
log = f"{settings.DATA}/waymark.sqlite3-wal"
before = os.stat(log).st_ino
keep_private()
other = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT * FROM kept').fetchall()"
subprocess.run([sys.executable, "-c", other, f"{settings.DATA}/waymark.sqlite3"], check=True)
assert os.path.exists(log) and os.stat(log).st_ino == before, "another process took the log away"
"""


def test_the_locks_of_an_open_database_are_left_alone(tmp_path):
    """A process that closes a file loses all its locks on it: SQLite's, too."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "waymark.settings",
        "WAYMARK_DATA": str(tmp_path / "data"),
    }
    environment.pop("DATABASE_URL", None)
    subprocess.run([sys.executable, "-c", OPENED], env=environment, check=True)
