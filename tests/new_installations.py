"""New installations, migrated once in each run of the tests and copied for whoever needs one.

Making one takes three seconds of processor. A test of migrating, or of the first command of an
installation, begins with an empty folder instead. On PostgreSQL the database is copied too.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import copy_database, environment_for

TABLES = """
import django
django.setup()
from waymark.pipeline.checks.schema import migrate_database
migrate_database()
"""
_shared_by_run: list[Path] = []


def run_folder() -> Path:
    """The temporary folder that all processes of this run share."""
    (folder,) = _shared_by_run
    return folder


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of this run, which all its processes share."""
    own = factory.getbasetemp()
    # Each process of xdist has a folder of its own in that of the run.
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def share_with_run(factory: pytest.TempPathFactory) -> None:
    """Share what is built here with the other processes of the run."""
    _shared_by_run[:] = [shared_folder(factory)]


def built_once(shared: Path, name: str, build: Callable[[Path], str]) -> tuple[Path, str]:
    """A folder that whoever comes first builds for the whole run, and what building it printed."""
    built, printed = shared / f"{name}-built", shared / f"{name}-printed.txt"
    with (shared / f"{name}-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.exists():
            shutil.rmtree(built, ignore_errors=True)
            output = build(built)
            printed.write_text(output, "utf-8")
    return built, printed.read_text("utf-8")


def new_installation(data: Path) -> Path:
    """Make `data` the folder that `waymark migrate` makes of an empty one; returns it."""
    return _copy_into(data, "installation", [sys.executable, "-m", "waymark", "migrate"])


def migrated_database(data: Path) -> Path:
    """Put a database with all tables and nothing else into the folder `data`; returns it."""
    return _copy_into(data, "migrated", [sys.executable, "-c", TABLES])


def _copy_into(data: Path, name: str, command: list[str]) -> Path:
    def build(folder: Path) -> str:
        folder.mkdir()
        environment = {**environment_for(folder), "DJANGO_SETTINGS_MODULE": "waymark.settings"}
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        return run.stdout

    data.mkdir(parents=True, exist_ok=True)
    built, _ = built_once(run_folder(), name, build)
    if "DATABASE_URL" not in os.environ or copy_database(built, data):
        shutil.copytree(built, data, dirs_exist_ok=True)
    return data
