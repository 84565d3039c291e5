"""The command in a copy of this process, which begins at once instead of loading everything anew.

For tests of what commands do. Tests of the process itself (its start, settings, signals, standard
input) start the program, and so do the tutorial and, for other commands, tests/cli/test_command.py.

A copy has none of the threads of this process. What counts on threads that an earlier test has
begun waits for ever, as Typst does, so commands that may write a PDF are started as well.
"""

import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from pytest_django import DjangoDbBlocker

from tests.databases import environment_for
from tests.pipeline.forked import Child
from waymark.cli import main

WRITES_PDF = frozenset({"demo", "overview publish", "overview render"})
SECONDS = 120
"""Longest time of one command."""


class ForkedCommand:
    """Runs commands on one data folder, in a working folder."""

    def __init__(self, blocker: DjangoDbBlocker, data: Path, folder: Path | None = None) -> None:
        self.blocker = blocker
        self.data = data
        self.folder = folder or data

    def __call__(self, *words: object) -> "subprocess.CompletedProcess[str]":
        """A command that has ended."""
        arguments = list(map(str, words))
        names = {" ".join(arguments[:1]), " ".join(arguments[:2])}
        if "DATABASE_URL" in os.environ or WRITES_PDF & names:
            return self._started(arguments)
        child = Child(self.blocker, self.data, lambda: self._ended(arguments), share=False)
        code, output, errors = child.result(seconds=SECONDS)
        return subprocess.CompletedProcess(arguments, code, output, errors)

    def _started(self, arguments: list[str]) -> "subprocess.CompletedProcess[str]":
        """The command as a program: on PostgreSQL a copy would have the database of the tests."""
        return subprocess.run(
            [sys.executable, "-m", "waymark", *arguments],
            cwd=self.folder,
            env=environment_for(self.data),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def _ended(self, arguments: list[str]) -> tuple[object, str, str]:
        os.chdir(self.folder)
        os.environ["WAYMARK_DATA"] = str(self.data)
        with redirect_stdout(StringIO()) as output, redirect_stderr(StringIO()) as errors:
            try:
                main(arguments, prog_name="waymark")
            except SystemExit as end:
                code = end.code or 0
        return code, output.getvalue(), errors.getvalue()


class Waymark(ForkedCommand):
    """The same for commands of which each must end with the code that the test gives."""

    def __call__(self, *words: object, code: int = 0) -> "subprocess.CompletedProcess[str]":
        run = super().__call__(*words)
        assert run.returncode == code, run.stdout + run.stderr
        return run
