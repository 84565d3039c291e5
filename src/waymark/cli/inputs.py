"""Files that a command reads; `-` is standard input."""

import shutil
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
        if ctx is not None:
            ctx.call_on_close(lambda: shutil.rmtree(folder, ignore_errors=True))
        file = folder / STANDARD_INPUT
        with file.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        return file


INPUT_FILE = InputFile()
