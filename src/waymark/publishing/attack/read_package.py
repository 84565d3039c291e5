"""What a data package gives a stranger: tidy files in an archive or a folder, and their listing."""

import hashlib
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from waymark.publishing.attack.grid import Leak, Reading, Words
from waymark.publishing.attack.read_tidy import (
    Tidy,
    cell_leaks,
    grids_of,
    tidy_csv,
    tidy_parquet,
    unescaped,
)

LISTING = "datapackage.json"
BESIDE = frozenset({LISTING, "README.md", "provenance.json", "spec.yaml", "checksums.txt"})
"""What a package holds besides the files that it lists."""
ENDING = 22
"""Bytes of the end of an archive without a comment."""


def read_archive(file: str, content: bytes) -> Reading:
    """A data package as one archive; what lies between its files; what it does not list."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
        leaks = list(_between(file, archive, len(content)))
    reading = read_bundle(members, within=f"{file}/")
    listed = {str(one.get("path")) for one in _resources(members)}
    leaks += [
        Leak(f"{file}/{name}", "", "it is in the package, and nothing tells what it is")
        for name in members
        if name not in listed | BESIDE
    ]
    return Reading(
        reading.grids, reading.words, (*reading.leaks, *leaks), reading.records, reading.names
    )


def _between(file: str, archive: zipfile.ZipFile, size: int) -> Iterator[Leak]:
    """Bytes that belong to no file of the archive, and remarks about files."""
    if archive.comment:
        yield Leak(file, "end of the archive", "a remark about the archive")
    at = 0
    infos = sorted(archive.infolist(), key=lambda one: one.header_offset)
    if len({one.filename for one in infos}) < len(infos):
        yield Leak(file, "names", "two files of one name")
    for one in infos:
        if one.comment or one.extra:
            yield Leak(file, one.filename, "a remark about the file")
        if one.header_offset != at:
            yield Leak(file, one.filename, "bytes before it that belong to no file")
        at = one.header_offset + 30 + len(one.orig_filename.encode()) + one.compress_size
    listing = sum(
        46 + len(one.orig_filename.encode()) + len(one.extra) + len(one.comment) for one in infos
    )
    if at != archive.start_dir or archive.start_dir + listing + ENDING != size:
        yield Leak(file, "end of the archive", "bytes that belong to no file")


def read_bundle(members: Mapping[str, bytes], *, within: str = "") -> Reading:
    """Files that belong together. within: what stands before their names."""
    made = [_tidy(name, within, content) for name, content in members.items()]
    tidy = [one for one in made if one is not None]
    bases, notes = _bases(tidy), _notes(tidy)
    cells = [one for one in tidy if one.cells]
    words = [word for one in tidy for word in (*one.words, *_rows_as_words(one))]
    words += [word for name, content in members.items() for word in _words(name, within, content)]
    leaks = [leak for one in tidy for leak in one.leaks]
    leaks += [leak for one in cells for leak in cell_leaks(one)]
    leaks += _hashes(members, within)
    records = [
        Leak(one.file, "", "its rows are about single records, which undoes what is withheld")
        for one in tidy
        if one.records
    ]
    return Reading(
        tuple(grid for one in cells for grid in grids_of(one, bases, notes)),
        tuple(words),
        tuple(leaks),
        tuple(records),
        tuple(dict.fromkeys(pair for one in cells for pair in _names(one))),
    )


def _tidy(name: str, within: str, content: bytes) -> Tidy | None:
    if name.endswith(".csv"):
        return tidy_csv(f"{within}{name}", content)
    return tidy_parquet(f"{within}{name}", content) if name.endswith(".parquet") else None


def _names(tidy: Tidy) -> Iterator[tuple[str, str]]:
    """The id and the label of each row."""
    for cell in tidy.rows:
        yield cell["row"], unescaped(cell.get("row_label", cell["row"]))


def _bases(tidy: Sequence[Tidy]) -> dict[str, str]:
    return {
        row["table"]: unescaped(row["base"])
        for one in tidy
        if not one.cells and {"table", "base"} <= set(one.columns)
        for row in one.rows
    }


def _notes(tidy: Sequence[Tidy]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for one in tidy:
        if {"table", "note"} <= set(one.columns):
            for row in one.rows:
                found[row["table"]][unescaped(row["note"])] = None
    return {table: list(notes) for table, notes in found.items()}


def _rows_as_words(tidy: Tidy) -> list[Words]:
    """The rows of what is no file of cells: a number may stand beside a name there, too."""
    if tidy.cells or tidy.records:
        return []
    return [
        Words(tidy.file, f"row {at}", ", ".join(unescaped(value) for value in row.values()))
        for at, row in enumerate(tidy.rows, start=1)
    ]


def _words(name: str, within: str, content: bytes) -> Iterator[Words]:
    """Texts of all kinds; JSON and YAML with the name that stands before each value."""
    file = f"{within}{name}"
    if name.endswith(".json"):
        yield from (Words(file, *one) for one in _leaves(json.loads(content), ""))
    elif name.endswith(".yaml"):
        yield from (Words(file, *one) for one in _leaves(yaml.safe_load(content), ""))
        yield from (
            Words(file, "a remark", line.strip())
            for line in content.decode().splitlines()
            if line.strip().startswith("#")
        )
    elif name.endswith((".md", ".txt")):
        yield from (Words(file, "text", line) for line in content.decode().splitlines())


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, f"{place}/{key}")
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from _leaves(one, f"{place}/{at}")
    else:
        yield place, f"{place.rpartition('/')[2]}: {value}"


def _resources(members: Mapping[str, bytes]) -> list[dict[str, Any]]:
    content = members.get(LISTING)
    return list(json.loads(content).get("resources", ())) if content else []


def _hashes(members: Mapping[str, bytes], within: str) -> Iterator[Leak]:
    """A size or a hash of other bytes than are there may be that of the numbers withheld."""
    what = "the size or the hash told of it is of something else"
    for one in _resources(members):
        content = members.get(str(one.get("path")))
        if content is not None and (
            one.get("bytes", len(content)) != len(content)
            or one.get("hash", _sha256(content)) != _sha256(content)
        ):
            yield Leak(f"{within}{one.get('path')}", LISTING, what)
    for line in members.get("checksums.txt", b"").decode().splitlines():
        told, _, name = line.partition("  ")
        if name not in members or f"sha256:{told}" != _sha256(members[name]):
            yield Leak(f"{within}{name}", "checksums.txt", what)


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
