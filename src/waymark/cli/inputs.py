"""Files that a command reads; `-` is standard input."""

import atexit
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import click

STANDARD_INPUT = "standard-input"
"""Name of standard input in messages."""


class InputFile(click.Path):
    """Existing file to read. Standard input is copied to a file, because its size is unknown and
    some readers are separate processes that open a file by its name."""

    name = "file"

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        if value != "-":
            return Path(str(super().convert(value, param, ctx)))  # type: ignore[arg-type]
        folder = Path(tempfile.mkdtemp(prefix="waymark-"))
        # The copy may be a report that is not public: it goes with the process, also when another
        # option is wrong, which click finds before it would call what a context has to close.
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
        file = folder / STANDARD_INPUT
        with file.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        return file


INPUT_FILE = InputFile()
