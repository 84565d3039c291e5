"""Tidy tables as files of a folder, several at a time and row by row, so that memory stays flat."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from waymark.core.errors import RuleError
from waymark.publishing.tidy.comma import csv_head, csv_rows
from waymark.publishing.tidy.package import File
from waymark.publishing.tidy.parquet import ROWS, arrow_table, parquet_writer
from waymark.publishing.tidy.shape import Row, Shape

FORMATS = ("csv", "parquet")


def checked_formats(formats: Collection[str]) -> tuple[str, ...]:
    """The formats asked for, in their order, each once. Raises RuleError for one there is not."""
    wanted = {name.strip().lower() for name in formats}
    unknown = wanted - set(FORMATS)
    if unknown or not wanted:
        named = ", ".join(sorted(unknown)) or "nothing"
        raise RuleError(f"{named} is not a format of data: there are {', '.join(FORMATS)}")
    return tuple(name for name in FORMATS if name in wanted)


class TableFiles:
    """One table in the making, as a file of each format. said: for the metadata of Parquet.

    As a context it closes what is still open when something goes wrong.
    """

    def __init__(
        self, shape: Shape, folder: Path, formats: Collection[str], said: Mapping[str, str]
    ) -> None:
        self.shape, self.said, self.rows = shape, said, 0
        self.paths = [folder / f"{shape.name}.{name}" for name in FORMATS if name in formats]
        self.open = {path.suffix: path.open("wb") for path in self.paths}
        self.waiting: list[Row] = []
        self.parquet: Any = None
        if ".csv" in self.open:
            self.open[".csv"].write(csv_head(shape))
        if ".parquet" in self.open:
            self.parquet = parquet_writer(shape, self.open[".parquet"], said)

    def __enter__(self) -> "TableFiles":
        return self

    def __exit__(self, *_: object) -> None:
        if self.parquet is not None:
            self.parquet.close()
        for one in self.open.values():
            one.close()

    def add(self, row: Row) -> None:
        """One more row; rows are written some thousand at a time."""
        self.waiting.append(row)
        if len(self.waiting) == ROWS:
            self._write()

    def _write(self) -> None:
        if ".csv" in self.open:
            self.open[".csv"].write(csv_rows(self.waiting))
        if self.parquet is not None and self.waiting:
            self.parquet.write_table(arrow_table(self.shape, self.waiting, self.said))
        self.rows += len(self.waiting)
        self.waiting = []

    def close(self) -> list[File]:
        """Write what is left; the files as they are."""
        self._write()
        self.__exit__()
        return [_file(self.shape, path, self.rows) for path in self.paths]


def _file(shape: Shape, path: Path, rows: int) -> File:
    with path.open("rb") as held:
        digest = hashlib.file_digest(held, "sha256").hexdigest()
    return File(shape, path.name, path.stat().st_size, digest, rows)


def written_files(
    shape: Shape,
    rows: Iterable[Row],
    folder: Path,
    formats: Collection[str],
    said: Mapping[str, str],
) -> list[File]:
    """A whole table as files."""
    with TableFiles(shape, folder, formats, said) as made:
        for row in rows:
            made.add(row)
        return made.close()
