"""Break the rules of the table one by one, and report the breaks that no test noticed.

All happens in a copy of the project, so an interrupted run leaves nothing broken. Each mutant runs
only its own tests, in a process and a data folder of their own, on SQLite. The same tests first run
on the unbroken copy: a test that always fails would notice everything.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from tests.mutants.mutant import ROOT, Mutant
from tests.mutants.table import MUTANTS

NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "__pycache__", ".*_cache", ".hypothesis"
)
SMALLEST = "tests/accounts/test_audit.py"
"""Tests that need nothing but the database."""
LONGEST = 300
"""Seconds: a break can make a program run without end, which its tests then have noticed."""
CAUGHT = "caught"
PASSED, FAILED = 0, 1
"""Exit codes of pytest; any other means that it could not run the tests."""


@contextmanager
def project_copy() -> Iterator[Path]:
    """A copy of the project, compiled, in a temporary folder that goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="waymark-mutants-") as folder:
        copy = Path(folder, "project")
        shutil.copytree(ROOT, copy, ignore=NOT_COPIED, symlinks=True)
        # By the hash of the source: a break within the same second and of the same length would
        # otherwise run the compiled code from before.
        compiling = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode=checked-hash"]
        subprocess.run([*compiling, "src", "tests"], cwd=copy, check=True)
        # The migrations take longer than most tests: each run begins with a copy of their result.
        data_before(copy).mkdir()
        pytest_in(copy, data_before(copy), ["--reuse-db", SMALLEST])
        yield copy


def data_before(copy: Path) -> Path:
    """Data folder with an empty test database, beside a copy of the project."""
    return copy.parent / "data"


@contextmanager
def broken(copy: Path, mutant: Mutant) -> Iterator[None]:
    """The copy with one rule broken."""
    source = mutant.source(copy)
    sound = source.read_text("utf-8")
    source.write_text(sound.replace(mutant.text, mutant.instead), "utf-8")
    try:
        yield
    finally:
        source.write_text(sound, "utf-8")


def pytest_in(
    copy: Path, data: Path, arguments: Sequence[str], seconds: int | None = LONGEST
) -> tuple[int, str]:
    """Exit code and output of pytest on the copy; FAILED after so many seconds."""
    environment = os.environ | {
        "PYTHONPATH": str(copy / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "WAYMARK_DATA": str(data),
    }
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0"]
    try:
        result = subprocess.run(
            [*command, *arguments],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return FAILED, ""
    return result.returncode, result.stdout + result.stderr


def run_tests(
    copy: Path, tests: Sequence[str], *options: str, seconds: int | None = LONGEST
) -> tuple[int, str]:
    """Run tests in a data folder of their own."""
    with tempfile.TemporaryDirectory(prefix="waymark-mutants-data-") as folder:
        data = Path(folder, "data")
        shutil.copytree(data_before(copy), data)
        return pytest_in(copy, data, [*options, *tests], seconds)


def failing_before(copy: Path, mutants: Sequence[Mutant]) -> set[str]:
    """The tests that fail on the unbroken copy."""
    tests = dict.fromkeys(name for mutant in mutants for name in mutant.test_names(copy))
    if not tests:
        return set()  # pytest without names would run every test
    code, output = run_tests(copy, list(tests), "--reuse-db", "-rfE", seconds=None)
    if code not in {PASSED, FAILED}:
        raise click.ClickException(f"pytest could not run the tests:\n{output[-4000:]}")
    lines = [line.split() for line in output.splitlines()]
    return {
        words[1].partition("[")[0]
        for words in lines
        if len(words) > 1 and words[0] in {"FAILED", "ERROR"}
    }


def outcome_of(copy: Path, mutant: Mutant, failing: set[str]) -> str:
    """caught, SURVIVED, STALE with the reason, or UNPROVEN where its tests fail anyway."""
    if why := mutant.why_stale(copy):
        return f"STALE: {why}"
    tests = [name for name in mutant.test_names(copy) if name not in failing]
    if not tests:
        return "UNPROVEN: its tests fail without the break, too"
    with broken(copy, mutant):
        fresh = "--create-db" if "migrations" in mutant.file else "--reuse-db"
        code, output = run_tests(copy, tests, fresh, "-x")
    if code == PASSED:
        return "SURVIVED"
    if code != FAILED:
        return f"STALE: pytest ended with {code}: {output[-400:]}"
    # Said apart: a machine that stands still for minutes ends the tests in the same way.
    return CAUGHT if output else f"{CAUGHT}, without an end in {LONGEST} s:"


@click.command()
@click.option("--only", default="", metavar="WORDS", help="Only rules whose words contain these.")
@click.option("--list", "listing", is_flag=True, help="List the rules and run nothing.")
def main(only: str, *, listing: bool) -> None:
    """Break chosen rules one by one in a copy of the source, and report breaks not noticed."""
    chosen = [mutant for mutant in MUTANTS if only.casefold() in mutant.rule.casefold()]
    if not chosen:
        raise click.ClickException(f"no rule contains “{only}”: see --list")
    if listing:
        for mutant in chosen:
            click.echo(f"{mutant.file:<50}  {mutant.rule}")
        return
    begun = time.monotonic()
    with project_copy() as copy:
        failing = failing_before(copy, [mutant for mutant in chosen if not mutant.why_stale(copy)])
        missed = 0
        for mutant in chosen:
            start = time.monotonic()
            outcome = outcome_of(copy, mutant, failing)
            caught = outcome.startswith(CAUGHT)
            missed += not caught
            click.echo(f"{time.monotonic() - start:5.1f} s  {outcome:<8}  {mutant.rule}")
            if not caught:
                click.echo(f"{'':19}{mutant.file}, tests/{mutant.tests} {mutant.only}".rstrip())
    minutes = (time.monotonic() - begun) / 60
    click.echo(f"{len(chosen) - missed} of {len(chosen)} breaks caught in {minutes:.1f} minutes.")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
