"""The files of one folder as a stranger reads them: tables, equations and leaks."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from waymark.core.errors import FileRefused, NotFound
from waymark.publishing.attack.equations import percentages_left, unknown_counts
from waymark.publishing.attack.grid import FileReading, Leak
from waymark.publishing.attack.merge_files import (
    MergedTable,
    ProtectionRules,
    merged_tables,
    rules_of,
)
from waymark.publishing.attack.read_office import read_docx, read_ods, read_pdf, read_xlsx
from waymark.publishing.attack.read_package import CSVW, LISTING, read_archive, read_bundle
from waymark.publishing.attack.read_web import read_csv, read_html, read_json, read_svg
from waymark.publishing.attack.row_order import order_leaks
from waymark.publishing.attack.running_text import sentence_leaks, text_leaks
from waymark.publishing.attack.unknowns import UnknownCounts

READERS: dict[str, Callable[[str, bytes], FileReading]] = {
    ".html": read_html,
    ".svg": read_svg,
    ".json": read_json,
    ".csv": read_csv,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".xlsx": read_xlsx,
    ".ods": read_ods,
    ".zip": read_archive,
}
TIDY = (".csv", ".parquet", ".md")
"""Files of a folder that belong to its listing as a data package."""
TABLE = re.compile(r"T\d+\.csv")


@dataclass(frozen=True, slots=True)
class AttackedRendering:
    """One rendered overview. system: its counts and what ties them."""

    files: tuple[str, ...]
    tables: tuple[MergedTable, ...]
    notes: Mapping[str, Sequence[str]]
    rules: ProtectionRules
    system: UnknownCounts
    leaks: tuple[Leak, ...]


def folders_in(folders: Sequence[Path]) -> list[Path]:
    """Folders with files of an overview: those given, or in place of one without any those in it.

    Raises NotFound if there is nothing to read.
    """
    overviews = []
    for folder in folders:
        within = sorted(folder.iterdir()) if folder.is_dir() else []
        inside = [folder] if _files_in(folder) else [inner for inner in within if _files_in(inner)]
        if not inside:
            raise NotFound(f"{folder} contains no file of an overview")
        overviews += inside
    return list(dict.fromkeys(overviews))


def rendering_of(folder: Path, label: str) -> AttackedRendering:
    """Read the files of a folder. label: put before names of its tables and files, as "first/"."""
    files = _readings_of(folder)
    whole = _joined_reading(files.values())
    grids = [replace(grid, table=f"{label}{grid.table}") for grid in whole.grids]
    tables, differing = merged_tables(grids)
    notes = {grid.table: grid.notes for grid in grids if grid.notes}
    system = unknown_counts(tables, notes)
    leaks = [*whole.leaks, *differing, *_percentage_leaks(tables), *order_leaks(tables)]
    leaks += [*text_leaks(tables, whole.words, whole.names), *_total_leaks(tables, system)]
    leaks += sentence_leaks(tables, whole.words)
    # Rows about single records are leaks only beside protected numbers: an open edition has them by
    # right.
    if system.withheld or system.rounded:
        leaks += whole.records
    return AttackedRendering(
        tuple(f"{label}{name}" for name in files),
        tuple(tables),
        notes,
        rules_of(grids),
        system,
        tuple(replace(leak, file=f"{label}{leak.file}") if leak.file else leak for leak in leaks),
    )


def _joined_reading(readings: Collection[FileReading]) -> FileReading:
    """Several files as if they were one."""
    return FileReading(
        tuple(grid for reading in readings for grid in reading.grids),
        tuple(words for reading in readings for words in reading.words),
        tuple(leak for reading in readings for leak in reading.leaks),
        tuple(leak for reading in readings for leak in reading.records),
        tuple(name for reading in readings for name in reading.names),
    )


def _files_in(folder: Path) -> list[Path]:
    return [
        file
        for file in sorted(folder.iterdir() if folder.is_dir() else ())
        if file.is_file() and file.suffix in {*READERS, *TIDY}
    ]


def _readings_of(folder: Path) -> dict[str, FileReading]:
    """Each file as read; tidy files and their listing are read together."""
    files = {file.name: file.read_bytes() for file in _files_in(folder)}
    bundle = {
        name: content
        for name, content in files.items()
        if name in (LISTING, CSVW) or (name.endswith(TIDY) and not TABLE.fullmatch(name))
    }
    readings = {}
    for name, content in files.items():
        if name not in bundle:
            with _damage_refused(name):
                readings[name] = READERS[Path(name).suffix](name, content)
    if bundle:
        names = ", ".join(bundle)
        with _damage_refused(names):
            readings[names] = read_bundle(bundle)
    return readings


@contextmanager
def _damage_refused(file: str) -> Iterator[None]:
    """Raise FileRefused for what a reader raises at a file that is not as it was rendered."""
    try:
        yield
    except MemoryError:
        raise
    # Six libraries read these files, and each has errors of its own.
    except Exception as error:
        reason = "is damaged, or is not a file of a rendered overview"
        raise FileRefused(file, reason, "Remove it or render the overview again") from error


def _percentage_leaks(tables: Sequence[MergedTable]) -> Iterator[Leak]:
    for table, row in percentages_left(tables):
        yield Leak("", f"{table} {row}", "a percentage is printed beside a withheld number")


def _total_leaks(tables: Sequence[MergedTable], system: UnknownCounts) -> Iterator[Leak]:
    """Totals that cannot be: a number was changed, so the other equations cannot be trusted."""
    by_id = {table.id: table for table in tables}
    protected = {name for name, _, _ in (*system.withheld, *system.rounded)}
    for name, line, column in system.wrong:
        if name not in protected:
            continue
        table = by_id[name]
        where = f"{name} {table.lines[line].label}, {table.columns[column]}"
        yield Leak("", where, "its parts do not add up to it")
