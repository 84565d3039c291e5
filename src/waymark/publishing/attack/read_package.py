"""Read a data package as a stranger would: tidy files in an archive or folder, and a listing."""

import hashlib
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import yaml

from waymark.publishing.attack.grid import FileReading, Leak, LooseText
from waymark.publishing.attack.read_tidy import (
    TidyFile,
    cell_leaks,
    grids_of,
    tidy_csv,
    tidy_parquet,
    unescaped_text,
)

LISTING = "datapackage.json"
CSVW = "csv-metadata.json"
BESIDE = frozenset(
    {LISTING, f"data/{CSVW}", "README.md", "provenance.json", "spec.yaml", "checksums.txt"}
)
"""The files of a package besides those that it lists."""
ENDING = 22
"""Bytes of the end of an archive without a comment."""


def read_archive(file: str, content: bytes) -> FileReading:
    """A data package as one archive; bytes between its files; files that it does not list."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
        leaks = list(_archive_leaks(file, archive, len(content)))
    reading = read_bundle(members, within=f"{file}/")
    listed = {str(resource.get("path")) for resource in _listed_resources(members)}
    leaks += [
        Leak(f"{file}/{name}", "", "it is in the package, but not in its listing")
        for name in members
        if name not in listed | BESIDE
    ]
    return FileReading(
        reading.grids, reading.words, (*reading.leaks, *leaks), reading.records, reading.names
    )


def _archive_leaks(file: str, archive: zipfile.ZipFile, size: int) -> Iterator[Leak]:
    """Bytes that belong to no file of the archive, and remarks about files.

    A member begins with 30 bytes and its name, then its content: one at 0 with a name of 9 and a
    content of 100 bytes ends at 139. If the next one begins at 150, 11 bytes lie between.
    """
    if archive.comment:
        yield Leak(file, "end of the archive", "a comment on the archive")
    at = 0
    infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
    if len({info.filename for info in infos}) < len(infos):
        yield Leak(file, "names", "two files with the same name")
    for info in infos:
        if info.comment or info.extra:
            yield Leak(file, info.filename, "a comment on the file")
        if info.header_offset != at:
            yield Leak(file, info.filename, "bytes before it that belong to no file")
        # 30 bytes of a local header, then the name and the content; "extra" must be empty (above).
        at = info.header_offset + 30 + len(info.orig_filename.encode()) + info.compress_size
    listing = sum(
        46 + len(info.orig_filename.encode()) + len(info.extra) + len(info.comment)
        for info in infos
    )
    if at != archive.start_dir or archive.start_dir + listing + ENDING != size:
        yield Leak(file, "end of the archive", "bytes that belong to no file")


def read_bundle(members: Mapping[str, bytes], *, within: str = "") -> FileReading:
    """Files that belong together. within: the text before their names."""
    tidy = [
        file for name in members if (file := _tidy_file(name, within, members[name])) is not None
    ]
    bases, notes = _table_bases(tidy), _table_notes(tidy)
    cells = [file for file in tidy if file.cells]
    grids = chain.from_iterable(grids_of(file, bases, notes) for file in cells)
    names = chain.from_iterable(map(_row_names, cells))
    return FileReading(
        tuple(grids),
        tuple(_bundle_words(members, within, tidy)),
        tuple(_bundle_leaks(members, within, tidy)),
        tuple(_record_leaks(tidy)),
        tuple(dict.fromkeys(names)),
    )


def _bundle_words(
    members: Mapping[str, bytes], within: str, tidy: Sequence[TidyFile]
) -> Iterator[LooseText]:
    for file in tidy:
        yield from (*file.words, *_rows_as_words(file))
    for name, content in members.items():
        yield from _file_words(name, within, content)


def _bundle_leaks(
    members: Mapping[str, bytes], within: str, tidy: Sequence[TidyFile]
) -> Iterator[Leak]:
    for file in tidy:
        yield from file.leaks
    for file in tidy:
        if file.cells:
            yield from cell_leaks(file)
    yield from _hash_leaks(members, within)


def _record_leaks(tidy: Sequence[TidyFile]) -> Iterator[Leak]:
    for file in tidy:
        if file.records:
            what = "its rows are about single records, which reveals withheld numbers"
            yield Leak(file.file, "", what)


def _tidy_file(name: str, within: str, content: bytes) -> TidyFile | None:
    if name.endswith(".csv"):
        return tidy_csv(f"{within}{name}", content)
    return tidy_parquet(f"{within}{name}", content) if name.endswith(".parquet") else None


def _row_names(tidy: TidyFile) -> Iterator[tuple[str, str]]:
    """The id and the label of each row."""
    for cell in tidy.rows:
        yield cell["row"], unescaped_text(cell.get("row_label", cell["row"]))


def _table_bases(tidy: Sequence[TidyFile]) -> dict[str, str]:
    return {
        row["table"]: unescaped_text(row["base"])
        for file in tidy
        if not file.cells and {"table", "base"} <= set(file.columns)
        for row in file.rows
    }


def _table_notes(tidy: Sequence[TidyFile]) -> dict[str, list[str]]:
    by_table: dict[str, dict[str, None]] = defaultdict(dict)
    for file in tidy:
        if {"table", "note"} <= set(file.columns):
            for row in file.rows:
                by_table[row["table"]][unescaped_text(row["note"])] = None
    return {table: list(notes) for table, notes in by_table.items()}


def _rows_as_words(tidy: TidyFile) -> list[LooseText]:
    """The rows of files that are not cells: they may have a number beside a name, too."""
    if tidy.cells or tidy.records:
        return []
    return [
        LooseText(
            tidy.file, f"row {at}", ", ".join(unescaped_text(value) for value in row.values())
        )
        for at, row in enumerate(tidy.rows, start=1)
    ]


def _file_words(name: str, within: str, content: bytes) -> Iterator[LooseText]:
    """Texts of all kinds; JSON and YAML with the name before each value."""
    file = f"{within}{name}"
    if name.endswith(".json"):
        yield from (LooseText(file, *leaf) for leaf in _leaf_texts(json.loads(content), ""))
    elif name.endswith(".yaml"):
        yield from (LooseText(file, *leaf) for leaf in _leaf_texts(yaml.safe_load(content), ""))
        yield from (
            LooseText(file, "a remark", line.strip())
            for line in content.decode().splitlines()
            if line.strip().startswith("#")
        )
    elif name.endswith((".md", ".txt")):
        yield from (LooseText(file, "text", line) for line in content.decode().splitlines())


def _leaf_texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaf_texts(inner, f"{place}/{key}")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _leaf_texts(inner, f"{place}/{at}")
    else:
        yield place, f"{place.rpartition('/')[2]}: {value}"


def _listed_resources(members: Mapping[str, bytes]) -> list[dict[str, Any]]:
    content = members.get(LISTING)
    return list(json.loads(content).get("resources", ())) if content else []


def _hash_leaks(members: Mapping[str, bytes], within: str) -> Iterator[Leak]:
    """Sizes and hashes of other bytes than the file has: they may be of the true numbers."""
    what = "its listed size or hash is of other content"
    for resource in _listed_resources(members):
        content = members.get(str(resource.get("path")))
        if content is not None and (
            resource.get("bytes", len(content)) != len(content)
            or resource.get("hash", _sha256_of(content)) != _sha256_of(content)
        ):
            yield Leak(f"{within}{resource.get('path')}", LISTING, what)
    for line in members.get("checksums.txt", b"").decode().splitlines():
        digest, _, name = line.partition("  ")
        if name not in members or f"sha256:{digest}" != _sha256_of(members[name]):
            yield Leak(f"{within}{name}", "checksums.txt", what)


def _sha256_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
