"""`kill -9` in the middle of taking in: nothing half done, and the same run again finishes."""

import json
import os
import random
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


KILLS = 200


def shas_of(data: Path) -> set[str]:
    """SHA-256 of every file whose row is in the database; each must be on the disk."""
    known = {sha for (sha,) in rows_of(data, "SELECT sha256 FROM documents_original") or []}
    assert all((data / "originals" / sha[:2] / sha).exists() for sha in known)
    return known


@pytest.mark.soak
def test_two_hundred_kills_lose_nothing_that_was_stored(tmp_path):
    """Folders of 40 PDF and text files, read by two; each run is killed at a random moment."""
    moments = random.Random(7)  # noqa: S311
    kills = rounds = 0
    while kills < KILLS:
        rounds += 1
        reports = tmp_path / f"reports{rounds}"
        reports.mkdir()
        for number in range(40):
            name = f"Oak {rounds} {number}"
            if number % 4:
                (reports / f"{number}.txt").write_text(f"{name}.\n\nThe visits stopped in May.")
            else:
                typeset(REPORT.replace("Oak", name), reports / f"{number}.pdf")
        data = tmp_path / f"data{rounds}"
        before: set[str] = set()
        while kills < KILLS and len(before) < 40:
            run = subprocess.Popen(
                command(data, reports), env=environment_for(data), stdout=subprocess.DEVNULL
            )
            time.sleep(moments.uniform(0.2, 3.5))
            killed = run.poll() is None
            run.kill()
            run.wait()
            kills += killed
            after = shas_of(data)
            assert before <= after
            before = after
        last = ingest(data, reports)
        assert (last["refused"], last["stored"] + last["already"]) == ([], 40)
        parts = dict(contents(data))
        assert len(parts["documents_report"]) == len(parts["documents_reporttext"]) == 40
        doctor = [*COMMAND, "--data", str(data), "doctor"]
        done = subprocess.run(doctor, env=environment_for(data), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
