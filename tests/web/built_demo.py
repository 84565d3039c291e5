"""The demo collection, built once in each run of the tests and copied for whoever needs it."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of this run, which all its processes share."""
    own = factory.getbasetemp()
    # Each process of xdist has a folder of its own in that of the run.
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def copy_of_demo(data: Path, shared: Path) -> str:
    """Make a data folder with the demo; what `waymark demo` printed, with the passwords.

    shared: whoever comes first builds there what all others copy.
    """
    built, printed = shared / "demo-built", shared / "demo-printed.txt"
    with (shared / "demo-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.exists():
            shutil.rmtree(built, ignore_errors=True)
            output = _build(built)
            printed.write_text(output, "utf-8")
    # On PostgreSQL the folder has no database: all processes use that of the environment.
    shutil.copytree(built, data)
    return printed.read_text("utf-8")


def _build(data: Path) -> str:
    program = str(Path(sys.executable).with_name("waymark"))
    run = subprocess.run(
        [program, "--data", str(data), "demo", "--no-serve"],
        env={k: v for k, v in os.environ.items() if not k.startswith("WAYMARK_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout
