"""Write tidy tables to files row by row, several at a time, with little memory."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from waymark.core.errors import RuleError
from waymark.publishing.formats.tidy.comma import csv_head, csv_rows
from waymark.publishing.formats.tidy.package import PackageFile
from waymark.publishing.formats.tidy.parquet import ROWS, arrow_table, parquet_writer
from waymark.publishing.formats.tidy.shape import Row, TableShape

FORMATS = ("csv", "parquet")


def checked_formats(formats: Collection[str]) -> tuple[str, ...]:
    """Return the formats in their order, each once. Raises RuleError for an unknown one."""
    chosen = {name.strip().lower() for name in formats}
    unknown = chosen - set(FORMATS)
    if unknown or not chosen:
        named = ", ".join(sorted(unknown)) or "nothing"
        raise RuleError(f"{named} is not a format of data: choose from {', '.join(FORMATS)}")
    return tuple(name for name in FORMATS if name in chosen)


class TableFiles:
    """Writer of one table to a file of each format. metadata: for Parquet.

    As a context manager it closes the files if something goes wrong.
    """

    def __init__(
        self, shape: TableShape, folder: Path, formats: Collection[str], metadata: Mapping[str, str]
    ) -> None:
        self.shape, self.metadata, self.rows = shape, metadata, 0
        self.paths = [folder / f"{shape.name}.{name}" for name in FORMATS if name in formats]
        self.open = {path.suffix: path.open("wb") for path in self.paths}
        # CSV and Parquet get the same rows from this list, so an iterator is read only once.
        self.waiting: list[Row] = []
        self.parquet: Any = None
        if ".csv" in self.open:
            self.open[".csv"].write(csv_head(shape))
        if ".parquet" in self.open:
            self.parquet = parquet_writer(shape, self.open[".parquet"], metadata)

    def __enter__(self) -> "TableFiles":
        return self

    def __exit__(self, *_: object) -> None:
        if self.parquet is not None:
            self.parquet.close()
        for file in self.open.values():
            file.close()

    def add(self, row: Row) -> None:
        """Add a row; rows are written ROWS at a time."""
        self.waiting.append(row)
        if len(self.waiting) == ROWS:
            self._write()

    def _write(self) -> None:
        if ".csv" in self.open:
            self.open[".csv"].write(csv_rows(self.waiting))
        # An empty group is left out: the schema is in the file already.
        if self.parquet is not None and self.waiting:
            self.parquet.write_table(arrow_table(self.shape, self.waiting, self.metadata))
        self.rows += len(self.waiting)
        self.waiting = []

    def close(self) -> list[PackageFile]:
        """Write the remaining rows, close the files and describe them."""
        self._write()
        self.__exit__()
        return [_written_file(self.shape, path, self.rows) for path in self.paths]


def _written_file(shape: TableShape, path: Path, rows: int) -> PackageFile:
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return PackageFile(shape, path.name, path.stat().st_size, digest, rows)


def write_table(
    shape: TableShape,
    rows: Iterable[Row],
    folder: Path,
    formats: Collection[str],
    metadata: Mapping[str, str],
) -> list[PackageFile]:
    """Write a whole table."""
    with TableFiles(shape, folder, formats, metadata) as table_files:
        for row in rows:
            table_files.add(row)
        return table_files.close()
