"""Files of the tables that everybody may have, each written once for a state of the content.

    DATA/data-files/<name of the state>-codings.csv, .csv.gz and .parquet

The name is a hash of everything the rows of its table depend on: the visible reviews and reports,
the reviews whose facts are withheld, and the state of the stages that the table reads. So progress
on a recommendation writes one table again, and a new resource none. After a withdrawal the name is
another one, so the old file is not found, at once; remove_outdated() then deletes it. Rows are read
after the name is computed, so a file is never older than its name.
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
from waymark.accounts.content_state import visible_numbers
from waymark.accounts.permissions import Person, has_permission
from waymark.accounts.queries import content_state, stage_states
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
from waymark.publishing.queries.protected import protecting_snapshots

TEMPORARY = ".part"
DATED = "recommendations"
"""The table that depends on the day: recommendations become overdue."""
DESCRIBED_STAGES = ("frameworks",)
"""Stages whose rows the tables of fields and values read."""
_FACTS = (*DESCRIBED_STAGES, "documents", "coding")
READ_STAGES = {
    "reviews": (*_FACTS, "profiles"),
    "children": (*_FACTS, "profiles"),
    "judgements": (*_FACTS, "profiles"),
    "judgement_quotes": (*_FACTS, "profiles"),
    "codings": _FACTS,
    "review_codes": _FACTS,
    "recommendations": (*_FACTS, "recommendations"),
}
"""Stages whose rows each table of records reads, besides the overviews that withhold reviews."""
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

    @property
    def metadata(self) -> dict[str, str]:
        """Metadata of its Parquet file; with the day only if the file depends on it."""
        metadata = dict(about_records(self.request).metadata)
        if self.shape.name != DATED:
            del metadata["overdue_as_at"]
        return metadata


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
    states = stage_states()
    code = (__version__, str(request.framework), settings.REPOSITORY, settings.DATA_LICENCE)
    visible = visible_numbers(AnonymousUser(), request.now, Review, Report)
    withheld = [(slug, snapshot.pk) for slug, snapshot in protecting_snapshots()]
    folder, paths = files_folder(), {}
    for name in table_shapes(request):
        stages = READ_STAGES.get(name, DESCRIBED_STAGES)
        depends_on: list[object] = [code, [states.get(stage, "") for stage in stages]]
        if name in READ_STAGES:
            depends_on += [visible, withheld]
        if name == DATED:
            depends_on.append(request.as_at)
        state = _state_name(*depends_on)
        for file_format in FORMATS:
            paths[name, file_format] = folder / f"{state}-{name}.{file_format}"
    return paths


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
                write_parquet(table.shape, table.rows(), file, table.metadata)
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


def missing_file(clock: Clock) -> tuple[DataTable, Path] | None:
    """A table whose file is to be written, once nothing has changed for a while; None if none is.

    Nothing is written until a visitor has downloaded a first file.
    """
    if not files_folder().is_dir():
        return None
    state = content_state()
    if state is not None and clock() - state.changed_at < QUIET:
        return None
    request = _public_request(clock)
    if request is None:
        return None
    for (name, _), path in stored_paths(request).items():
        if not path.exists():
            return data_table(request, name), path
    return None


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
