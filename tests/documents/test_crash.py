"""`kill -9` in the middle of taking in: nothing half done, and the same run again finishes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.databases import environment_for, rows_of
from tests.documents.making import REPORT, typeset

FILES = 6
COMMAND = [sys.executable, "-c", "from waymark.cli import main; main()"]
TABLES = {
    "documents_original": "sha256",
    "documents_report": "key, title, page_count",
    "documents_page": 'number, start, "end", length(words)',
    "documents_passage": 'key, ordinal, start, "end", heading',
    "documents_reporttext": "length(content)",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    reports = tmp_path_factory.mktemp("reports")
    for number in range(FILES):
        typeset(REPORT.replace("Oak", f"Oak {number}"), reports / f"{number}.pdf")
    return reports


def command(data: Path, folder: Path) -> list[str]:
    return [*COMMAND, "--data", str(data), "ingest", str(folder), "--json"]


def ingest(data: Path, folder: Path) -> dict:
    done = subprocess.run(
        command(data, folder), env=environment_for(data), capture_output=True, check=True
    )
    return json.loads(done.stdout)


def contents(data: Path) -> dict[str, list[tuple]]:
    """Every row that taking in writes, but for numbers and times that differ from run to run."""
    return {
        table: sorted(rows_of(data, f"SELECT {columns} FROM {table}"))  # noqa: S608
        for table, columns in TABLES.items()
    }


def stored(data: Path) -> int:
    counts = rows_of(data, "SELECT count(*) FROM documents_report")
    return -1 if counts is None else counts[0][0]


def readers_of(pid: int) -> list[int]:
    """The processes that a process has started and that still run."""
    readers = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            readers.append(int(status.parent.name))
    return readers


def test_a_killed_run_leaves_nothing_half_done_and_the_next_one_finishes(tmp_path, folder):
    whole = tmp_path / "whole"
    assert ingest(whole, folder)["stored"] == FILES
    data = tmp_path / "killed"
    for after in (1, 3):
        run = subprocess.Popen(
            command(data, folder), env=environment_for(data), stdout=subprocess.DEVNULL
        )
        until = time.monotonic() + 60
        while stored(data) < after and time.monotonic() < until and run.poll() is None:
            time.sleep(0.005)
        children = readers_of(run.pid)
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        reports = dict(contents(data))["documents_report"]
        assert set(reports) <= set(contents(whole)["documents_report"])
        # The reading processes end by themselves.
        until = time.monotonic() + 10
        while any(Path(f"/proc/{pid}").exists() for pid in children):
            assert time.monotonic() < until
            time.sleep(0.05)
    last = ingest(data, folder)
    assert last["stored"] + last["already"] == FILES
    assert contents(data) == contents(whole)
    assert ingest(data, folder)["already"] == FILES
    parts = [path for path in (data / "originals").rglob("*") if path.is_file()]
    complete = [path for path in parts if path.suffix != ".part"]
    assert len(complete) == FILES
