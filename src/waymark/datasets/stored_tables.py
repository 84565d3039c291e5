"""Files of the tables that everybody may have, each written once for a state of the content.

    DATA/data-files/<name of the state>-codings.csv, .csv.gz and .parquet

The name is a hash of everything the rows depend on. After a withdrawal the name is another one, so
the old file is not found, at once; remove_outdated() then deletes it. Rows are read after the name
is computed, so a file is never older than its name.
"""

import gzip
import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from waymark import __version__
from waymark.accounts.content_state import content_mark
from waymark.accounts.permissions import Person, has_permission
from waymark.accounts.queries import content_state
from waymark.core.errors import NotFound, require_found
from waymark.core.jobs import Clock
from waymark.datasets.descriptions import about_records
from waymark.datasets.queries import DataRequest, record_rows, record_shapes, request_for
from waymark.documents.models import Report, Review
from waymark.publishing.formats.tidy.comma import csv_parts
from waymark.publishing.formats.tidy.files import FORMATS
from waymark.publishing.formats.tidy.parquet import write_parquet
from waymark.publishing.formats.tidy.shape import (
    DICTIONARY,
    VALUES,
    Row,
    TableShape,
    dictionary_rows,
    value_rows,
)

TEMPORARY = ".part"
DATED = "recommendations"
"""The table that depends on the day: recommendations become overdue."""
GZIP_LEVEL = 6
NAME_LENGTH = 32
QUIET = timedelta(minutes=1)
"""Time without a change after which the worker writes files: people change many things in a row."""
LONGEST_WRITING = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table of a request for data, with its rows as they are now."""

    request: DataRequest
    shape: TableShape
    rows: Callable[[], Iterator[Row]]

    @property
    def has_records(self) -> bool:
        """True for rows about reviews, False for the descriptions of fields and values."""
        return self.shape.name in record_shapes(self.request)


def table_shapes(request: DataRequest) -> dict[str, TableShape]:
    """The record tables, the data dictionary and the table of values."""
    return {**record_shapes(request), DICTIONARY.name: DICTIONARY, VALUES.name: VALUES}


def data_table(request: DataRequest, name: str) -> DataTable:
    """A table by its name. Raises NotFound."""
    shape = require_found(table_shapes(request).get(name), f"there is no table {name}")
    shapes = list(record_shapes(request).values())
    if shape is DICTIONARY:
        return DataTable(request, shape, lambda: dictionary_rows(shapes))
    if shape is VALUES:
        return DataTable(request, shape, lambda: value_rows(shapes))
    return DataTable(request, shape, lambda: record_rows(request, name))


def is_public(person: Person) -> bool:
    """True if a person gets the same rows as everybody, so that stored files are right for them."""
    more = ("see unpublished reports", "see protected numbers")
    return not any(has_permission(person, permission) for permission in more)


# ---- names ----


def files_folder() -> Path:
    """The folder of the files; all of it can be made again."""
    return Path(settings.DATA) / "data-files"


def stored_paths(request: DataRequest) -> dict[tuple[str, str], Path]:
    """(table, format) -> where its file is in this state of the content, if it exists."""
    mark = content_mark(AnonymousUser(), request.now, Review, Report)
    code = (__version__, str(request.framework), settings.REPOSITORY, settings.DATA_LICENCE)
    always, today = _state_name(mark, code), _state_name(mark, code, request.as_at)
    return {
        (name, file_format): files_folder()
        / f"{today if name == DATED else always}-{name}.{file_format}"
        for name in table_shapes(request)
        for file_format in FORMATS
    }


def compressed_path(path: Path) -> Path:
    """The compressed copy of a CSV file."""
    return path.with_name(f"{path.name}.gz")


def _state_name(*depends_on: object) -> str:
    return hashlib.sha256(repr(depends_on).encode()).hexdigest()[:NAME_LENGTH]


# ---- files ----


def write_file(table: DataTable, path: Path) -> None:
    """Write the file of a table for everybody. It appears whole or not at all."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    plain, packed = (path.with_name(f"{secrets.token_hex(8)}{TEMPORARY}") for _ in range(2))
    try:
        if path.suffix == ".csv":
            _write_csv(table, plain, packed)
            # The plain file last: whoever finds it finds the compressed one as well.
            packed.replace(compressed_path(path))
        else:
            with plain.open("xb") as file:
                write_parquet(
                    table.shape, table.rows(), file, about_records(table.request).metadata
                )
        plain.replace(path)
    finally:
        plain.unlink(missing_ok=True)
        packed.unlink(missing_ok=True)


def _write_csv(table: DataTable, plain: Path, packed: Path) -> None:
    # No name and no time in the archive: the same rows give the same bytes.
    with (
        plain.open("xb") as file,
        packed.open("xb") as target,
        gzip.GzipFile("", "wb", GZIP_LEVEL, target, mtime=0) as archive,
    ):
        for part in csv_parts(table.shape, table.rows()):
            file.write(part)
            archive.write(part)


def write_missing_file(clock: Clock) -> bool:
    """Write one file that is missing, once nothing has changed for a while; False if none is.

    Nothing is written until a visitor has downloaded a first file.
    """
    if not files_folder().is_dir():
        return False
    state = content_state()
    if state is not None and clock() - state.changed_at < QUIET:
        return False
    request = _public_request(clock)
    if request is None:
        return False
    for (name, _), path in stored_paths(request).items():
        if not path.exists():
            write_file(data_table(request, name), path)
            return True
    return False


def remove_outdated_files(clock: Clock) -> bool:
    """Delete the files of other states; True if there was one.

    A file in writing stays, unless its writer was killed long ago.
    """
    if not files_folder().is_dir():
        return False
    present = set(files_folder().iterdir())
    if not present:
        return False
    request = _public_request(clock)
    current = set(stored_paths(request).values()) if request else set()
    current |= {compressed_path(path) for path in current}
    outdated = {path for path in present - current if not _is_in_writing(path, clock())}
    for path in outdated:
        path.unlink(missing_ok=True)
    return bool(outdated)


def _is_in_writing(path: Path, now: datetime) -> bool:
    if path.suffix != TEMPORARY:
        return False
    try:
        return path.stat().st_mtime > (now - LONGEST_WRITING).timestamp()
    except FileNotFoundError:
        return True


def _public_request(clock: Clock) -> DataRequest | None:
    """A visitor's request; None without a published framework."""
    try:
        return request_for(AnonymousUser(), clock())
    except NotFound:
        return None
