"""The command on a data folder of its own, and a small installation to run it on."""

import os
import subprocess
import sys
from pathlib import Path

from tests.databases import environment_for
from tests.new_installations import new_installation

WAYMARK = [sys.executable, "-m", "waymark"]
ON_POSTGRESQL = "DATABASE_URL" in os.environ
TEXTS = {
    "one.txt": "1 Findings\n\nThe visits stopped in May. Nobody asked why.\n",
    "two.txt": "1 Findings\n\nThe file held no chronology. Two letters were lost.\n",
    "three.html": "<h1>A report</h1><p>The school was not asked.</p>",
}


class Waymark:
    """Runs the command on one data folder."""

    def __init__(self, data: Path, **more: str) -> None:
        self.data = data
        self.more = more

    def environment(self) -> dict[str, str]:
        return environment_for(self.data) | self.more

    def __call__(self, *words, code=0):
        run = subprocess.run(
            [*WAYMARK, "--data", str(self.data), *map(str, words)],
            capture_output=True,
            text=True,
            timeout=120,
            env=self.environment(),
        )
        assert run.returncode == code, run.stdout + run.stderr
        assert "Traceback" not in run.stderr
        return run

    def start(self, *words) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*WAYMARK, "--data", str(self.data), *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(),
        )


def begin(data: Path, reports: Path) -> Waymark:
    """A new installation with three published reports and an account."""
    reports.mkdir()
    for name, text in TEXTS.items():
        (reports / name).write_text(text)
    waymark = Waymark(new_installation(data))
    waymark("ingest", reports, "--publish")
    waymark("account", "create", "ann", "--role", "cataloguer")
    return waymark


def bytes_of(data: Path) -> dict[str, bytes]:
    """Path -> content of each file of a data folder that SQLite does not keep beside its own."""
    return {
        path.relative_to(data).as_posix(): path.read_bytes()
        for path in sorted(data.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock"))
    }
