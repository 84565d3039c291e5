"""The demo collection, built once in each run of the tests and copied for whoever needs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.new_installations import built_once, shared_folder

__all__ = ["copy_of_demo", "shared_folder"]


def copy_of_demo(data: Path, shared: Path) -> str:
    """Make a data folder with the demo; what `waymark demo` printed, with the passwords.

    shared: whoever comes first builds there what all others copy.
    """
    built, printed = built_once(shared, "demo", _build)
    # On PostgreSQL the folder has no database: all processes use that of the environment.
    shutil.copytree(built, data)
    return printed


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
