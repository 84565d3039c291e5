"""Which folder and database belong together, by the command and with real files."""

import json
import os
import subprocess
import sys

import pytest

from tests.databases import environment_for

COMMAND = [sys.executable, "-c", "from waymark.cli import main; main()"]
TEXT = "A review of services.\n\nThe visits stopped in May. Nobody asked why.\n"
pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="moves the file of SQLite")


def run(data, *words):
    done = subprocess.run(
        [*COMMAND, "--data", str(data), *words],
        env=environment_for(data),
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def data(tmp_path):
    """An installation with one published report."""
    folder = tmp_path / "data"
    report = tmp_path / "report.txt"
    report.write_text(TEXT)
    code, _, errors = run(folder, "ingest", str(report), "--publish")
    assert code == 0, errors
    return folder


def originals(data):
    return sorted(path.name for path in (data / "originals").rglob("*") if path.is_file())


@pytest.mark.parametrize("words", [("work", "--once"), ("search", "visits"), ("serve",)])
def test_a_lost_database_is_not_replaced_by_an_empty_one(data, words):
    kept = originals(data)
    assert len(kept) == 1
    identifier = json.loads((data / "installation.json").read_text())["installation"]
    (data / "waymark.sqlite3").unlink()
    code, _, errors = run(data, *words)
    assert code == 3
    assert identifier in errors
    assert "is new" in errors
    assert len(errors.splitlines()) == 1
    assert not (data / "waymark.sqlite3").exists()
    assert originals(data) == kept
