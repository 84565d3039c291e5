"""The files of one folder as a stranger reads them: tables, equations and what is in the clear."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from waymark.core.errors import NotFound
from waymark.publishing.attack.equations import Unknowns, percentages_left, unknowns
from waymark.publishing.attack.grid import Leak, Reading
from waymark.publishing.attack.merged import Published, Rules, merged, rules_of
from waymark.publishing.attack.placed import placed
from waymark.publishing.attack.read_office import read_docx, read_ods, read_pdf, read_xlsx
from waymark.publishing.attack.read_package import LISTING, read_archive, read_bundle
from waymark.publishing.attack.read_web import read_csv, read_html, read_json, read_svg
from waymark.publishing.attack.said import said

READERS: dict[str, Callable[[str, bytes], Reading]] = {
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
class Rendering:
    """One rendered overview. system: its counts and what ties them."""

    files: tuple[str, ...]
    tables: tuple[Published, ...]
    notes: Mapping[str, Sequence[str]]
    rules: Rules
    system: Unknowns
    leaks: tuple[Leak, ...]


def folders_in(folders: Sequence[Path]) -> list[Path]:
    """Folders with files of an overview: those given, or in place of one without any those in it.

    Raises NotFound where there is nothing to read.
    """
    made = []
    for folder in folders:
        within = sorted(folder.iterdir()) if folder.is_dir() else []
        inside = [folder] if _files(folder) else [one for one in within if _files(one)]
        if not inside:
            raise NotFound(f"{folder} holds no file of an overview")
        made += inside
    return list(dict.fromkeys(made))


def rendering_of(folder: Path, label: str) -> Rendering:
    """label: what stands before the names of its tables and files, as "first/", or nothing."""
    readings = _readings(folder)
    grids = [
        replace(grid, table=f"{label}{grid.table}")
        for one in readings.values()
        for grid in one.grids
    ]
    words = [text for one in readings.values() for text in one.words]
    tables, differing = merged(grids)
    names = [pair for one in readings.values() for pair in one.names]
    notes = {grid.table: grid.notes for grid in grids if grid.notes}
    system = unknowns(tables, notes)
    leaks = [leak for one in readings.values() for leak in one.leaks]
    leaks += [*differing, *_beside(tables), *placed(tables), *said(tables, words, names)]
    leaks += _wrong(tables, system)
    if system.withheld or system.rounded:
        leaks += [leak for one in readings.values() for leak in one.records]
    return Rendering(
        tuple(f"{label}{name}" for name in readings),
        tuple(tables),
        notes,
        rules_of(grids),
        system,
        tuple(replace(one, file=f"{label}{one.file}") if one.file else one for one in leaks),
    )


def _files(folder: Path) -> list[Path]:
    return [
        file
        for file in sorted(folder.iterdir() if folder.is_dir() else ())
        if file.is_file() and file.suffix in {*READERS, *TIDY}
    ]


def _readings(folder: Path) -> dict[str, Reading]:
    """What each file gives; tidy files and what lists them are read together."""
    files = {file.name: file.read_bytes() for file in _files(folder)}
    bundle = {
        name: content
        for name, content in files.items()
        if name == LISTING or (name.endswith(TIDY) and not TABLE.fullmatch(name))
    }
    made = {
        name: READERS[Path(name).suffix](name, content)
        for name, content in files.items()
        if name not in bundle
    }
    if bundle:
        made[", ".join(bundle)] = read_bundle(bundle)
    return made


def _beside(tables: Sequence[Published]) -> Iterator[Leak]:
    for table, row in percentages_left(tables):
        yield Leak("", f"{table} {row}", "a percentage stands beside a withheld number")


def _wrong(tables: Sequence[Published], system: Unknowns) -> Iterator[Leak]:
    """Totals that cannot be: somebody changed a number, and what ties the others is not known."""
    by_id = {table.id: table for table in tables}
    protected = {name for name, _, _ in (*system.withheld, *system.rounded)}
    for name, line, column in system.wrong:
        if name not in protected:
            continue
        table = by_id[name]
        where = f"{name} {table.lines[line].label}, {table.columns[column]}"
        yield Leak("", where, "its parts do not make it up")
