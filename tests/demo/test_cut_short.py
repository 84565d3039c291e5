"""A demo that was cut short is finished by the next run: everything is there, and once."""

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from waymark.demo.folder import ACCOUNTS, MARK

# Each builds a demo of its own, a minute of processor: too long for every run of the suite.
pytestmark = pytest.mark.soak
WAYMARK = [sys.executable, "-m", "waymark"]
STEPS = (
    "Accounts",
    "Coding framework",
    "Thesaurus of subjects",
    "Reports: writing",
    "  R",
    "  R",
    "  R",
    "Suggestions",
    "Coding and adjudication",
    "Progress on the recommendations",
    "Catalogue",
    "Publications about child protection",
    "Search index",
    "Overview: freezing",
    "Overview: freezing",
    "Overview: freezing",
)
"""Beginnings of the lines that a build prints, one for each step."""
TWICE = {"accounts_auditentry", "sqlite_sequence", "django_session"}
"""Tables that may differ: the audit trail records every run."""


def demo(folder):
    return subprocess.Popen(
        [*WAYMARK, "--data", str(folder), "demo", "--no-serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: output for name, output in os.environ.items() if name != "DATABASE_URL"},
    )


def killed_after(folder, step, pause):
    """Kill a build so many seconds after it said the step."""
    with demo(folder) as run:
        for line in run.stderr:
            if line.startswith(step):
                break
        time.sleep(pause)
        run.send_signal(signal.SIGKILL)
    assert run.returncode == -signal.SIGKILL, f"the build had ended before {step}"


def finished(folder):
    """What the run prints that finishes a build."""
    with demo(folder) as run:
        out, err = run.communicate(timeout=300)
    assert run.returncode == 0, err
    return out


def rows(folder):
    """How many rows each table has."""
    with closing(sqlite3.connect(folder / "waymark.sqlite3")) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
            for (name,) in names
            if name not in TWICE
        }


def passwords(out):
    return re.findall(r"^  (\S+) +\S+$", out, re.MULTILINE)


def test_a_build_killed_at_every_step_ends_with_the_rows_of_one_that_was_not(tmp_path):
    for step in STEPS:
        killed_after(tmp_path / "killed", step, random.uniform(0, 1.2))  # noqa: S311
    out = finished(tmp_path / "killed")
    finished(tmp_path / "whole")
    assert rows(tmp_path / "killed") == rows(tmp_path / "whole")
    assert passwords(out) == [name for name, _full_name, _role in ACCOUNTS]


@pytest.fixture(scope="module")
def killed_twice(tmp_path_factory):
    """A folder in which two builds were killed, and what the run printed that finished it."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    for step in ("  R", "Publications about child protection"):
        killed_after(folder, step, 0.3)
    return folder, finished(folder)


def test_a_build_that_was_killed_is_finished_with_everything_there_once(killed_twice):
    folder, out = killed_twice
    there = rows(folder)
    assert there["documents_review"] == 24 + 2 + 1  # with reports, not obtained, still going on
    assert there["documents_report"] == 24
    assert there["accounts_user"] == 7
    assert there["library_resource"] == 108 + 3  # publications, and briefings of the demo
    assert there["publishing_publication"] == 1 + 3  # the overview and the briefings
    assert "The demo is built: 26 reviews, 24 reports" in out


def test_every_publication_of_a_build_that_was_killed_has_its_subjects(killed_twice):
    folder, _out = killed_twice
    bare = (
        "SELECT count(*) FROM library_cataloguerecord WHERE resource_id IS NOT NULL AND id NOT IN "
        "(SELECT cataloguerecord_id FROM library_cataloguerecord_subjects)"
    )
    with closing(sqlite3.connect(folder / "waymark.sqlite3")) as database:
        assert database.execute(bare).fetchone() == (0,)


def test_the_run_that_finishes_a_build_prints_the_passwords_and_no_later_one_does(killed_twice):
    folder, out = killed_twice
    assert passwords(out) == [name for name, _full_name, _role in ACCOUNTS]
    assert passwords(finished(folder)) == []


def test_a_run_cut_short_before_it_printed_the_passwords_leaves_that_to_the_next(killed_twice):
    folder, _out = killed_twice
    mark = folder / MARK
    mark.write_text(mark.read_text("utf-8").replace(": true", ": false"), "utf-8")
    assert passwords(finished(folder)) == [name for name, _full_name, _role in ACCOUNTS]
