"""Read tidy files as a stranger would: every cell as a row, in CSV or Parquet, and metadata."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from waymark.core.extras import OptionalModule
from waymark.publishing.attack.grid import (
    ROLES,
    WITHHELD,
    Leak,
    LooseText,
    PrintedRow,
    PrintedTable,
    printed_number,
)

pa = OptionalModule("pyarrow", "data")
pq = OptionalModule("pyarrow.parquet", "data")
CELL = frozenset({"table", "row", "column", "value", "mark"})
"""Columns by which a file of cells is known."""
KNOWN = CELL | {
    *("row_number", "column_number", "group", "row_label", "column_label"),
    *("role", "kind", "unit", "base", "withheld"),
}
RECORD = frozenset({"review", "child", "recommendation", "citation_key", "record"})
"""Columns that name a single review, child or recommendation."""
Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class TidyFile:
    """A tidy file: its columns, its rows as texts ("" if empty), and hidden parts."""

    file: str
    columns: tuple[str, ...]
    rows: Rows
    words: tuple[LooseText, ...] = ()
    leaks: tuple[Leak, ...] = ()

    @property
    def cells(self) -> bool:
        """True if its rows are cells of tables."""
        return set(self.columns) >= CELL

    @property
    def records(self) -> bool:
        """True if its rows are about single records."""
        return bool(RECORD & set(self.columns))


def tidy_csv(file: str, content: bytes) -> TidyFile:
    """A CSV file with a row of names."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    head = tuple(rows[0]) if rows else ()
    return TidyFile(file, head, [dict(zip(head, row, strict=False)) for row in rows[1:]])


# ---- parquet ----


def tidy_parquet(file: str, content: bytes) -> TidyFile:
    """A Parquet file, with its metadata and leaks."""
    parquet = pq.ParquetFile(io.BytesIO(content))
    metadata = dict(parquet.metadata.metadata or {})
    for field in parquet.schema_arrow:
        metadata |= {
            f"{field.name} {k.decode()}".encode(): v for k, v in (field.metadata or {}).items()
        }
    words = tuple(
        LooseText(
            file, f"metadata {key.decode('utf-8', 'replace')}", value.decode("utf-8", "replace")
        )
        for key, value in metadata.items()
        if key != b"ARROW:schema"
    )
    table = parquet.read()
    texts = [[_value_text(value) for value in column.to_pylist()] for column in table.columns]
    names = tuple(table.column_names)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*texts, strict=True)]
    leaks = (
        *_loose_bytes(file, parquet, len(content)),
        *_statistics_leaks(file, parquet),
        *_dictionary_leaks(file, content),
    )
    return TidyFile(file, names, rows, words, leaks)


def _value_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _loose_bytes(file: str, parquet: Any, size: int) -> Iterator[Leak]:
    """Bytes between the first mark and the footer that belong to no column."""
    # A Parquet file: "PAR1", the pages of each column, the footer, its length (4 bytes), "PAR1".
    footer = size - 8 - parquet.metadata.serialized_size
    at = 4
    for group in range(parquet.metadata.num_row_groups):
        row_group = parquet.metadata.row_group(group)
        for place in range(row_group.num_columns):
            column = row_group.column(place)
            start = column.dictionary_page_offset or column.data_page_offset
            if start != at:
                yield Leak(file, f"byte {at}", "bytes that belong to no column")
            at = start + column.total_compressed_size
    if at != footer:
        yield Leak(file, f"byte {at}", "bytes that belong to no column")


def _statistics_leaks(file: str, parquet: Any) -> Iterator[Leak]:
    """Least, most and number of empty values that are not those of the rows.

    A column of the counts 8, 6 and two [c] whose statistics give a least of 3 says that one of the
    withheld counts is 3: the statistics were made before it was withheld.
    """
    for group in range(parquet.metadata.num_row_groups):
        row_group, rows = parquet.metadata.row_group(group), parquet.read_row_group(group)
        for place, name in enumerate(rows.column_names):
            statistics = row_group.column(place).statistics
            if statistics is None:
                continue
            values = rows.column(place).to_pylist()
            # Parquet keeps least, greatest and number of nulls beside each column: a writer that
            # replaced the cells, but not these, would still publish the numbers it withheld.
            there = [value for value in values if value is not None]
            ends = (min(there), max(there)) if there else None
            wrong = statistics.has_min_max and (statistics.min, statistics.max) != ends
            if wrong or (
                statistics.has_null_count and statistics.null_count != len(values) - len(there)
            ):
                yield Leak(file, name, "its statistics are not those of its rows")


def _dictionary_leaks(file: str, content: bytes) -> Iterator[Leak]:
    """Values in the list of a column that no row of it has."""
    named = [
        field.name for field in pq.read_schema(io.BytesIO(content)) if _is_text_type(field.type)
    ]
    parquet = pq.ParquetFile(io.BytesIO(content), read_dictionary=named)
    for group in range(parquet.metadata.num_row_groups):
        rows = parquet.read_row_group(group, columns=named)
        for name in named:
            for chunk in rows.column(name).chunks:
                left = set(chunk.dictionary.to_pylist()) - set(chunk.to_pylist())
                if left:
                    yield Leak(
                        file, name, f"its list contains a value that no row has: {sorted(left)[0]}"
                    )


def _is_text_type(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_dictionary(kind))


# ---- cells ----


def grids_of(
    tidy: TidyFile, bases: Mapping[str, str], notes: Mapping[str, Sequence[str]]
) -> Iterator[PrintedTable]:
    """The tables that cells make up. bases, notes: by id of the table."""
    by_table: dict[str, Rows] = defaultdict(list)
    for row in tidy.rows:
        by_table[row["table"]].append(row)
    for name, cells in by_table.items():
        columns = list(dict.fromkeys(_label_of(cell, "column") for cell in cells))
        by_row: dict[str, Rows] = defaultdict(list)
        for cell in cells:
            by_row[cell["row"]].append(cell)
        lines = tuple(
            PrintedRow(
                _label_of(row[0], "row"),
                tuple(cell["value"] or cell["mark"] for cell in row),
                ROLES.get(row[0].get("role", "part"), "part"),
                row[0].get("group", ""),
            )
            for row in by_row.values()
        )
        table_notes = tuple(notes.get(name, ()))
        yield PrintedTable(tidy.file, name, tuple(columns), lines, bases.get(name, ""), table_notes)


def _label_of(cell: Mapping[str, str], what: str) -> str:
    return unescaped_text(cell.get(f"{what}_label") or cell[what])


def unescaped_text(text: str) -> str:
    """A text without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    return text[1:] if text[:1] == "'" and len(text) > 1 else text


def cell_leaks(tidy: TidyFile) -> Iterator[Leak]:
    """Leaks of cells besides their numbers: odd columns, places, bases and ways of writing."""
    for name in tidy.columns:
        if name not in KNOWN:
            yield Leak(tidy.file, name, "an unexpected column")
    bases: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for cell in tidy.rows:
        if cell["mark"] != WITHHELD:
            bases[_block_of(cell)][cell.get("base", "")] += 1
    for cell in tidy.rows:
        what = _cell_leak(cell, bases[_block_of(cell)])
        if what:
            where = f"{cell['table']} {_label_of(cell, 'row')}, {_label_of(cell, 'column')}"
            yield Leak(tidy.file, where, what)
    yield from _place_leaks(tidy)


def _block_of(cell: Mapping[str, str]) -> tuple[str, str, str]:
    return cell["table"], cell.get("group", ""), cell.get("kind", "")


def _cell_leak(cell: Mapping[str, str], bases: Mapping[str, int]) -> str:
    """The leak of one cell, in words; "" if there is none.

    A [c] with a base of 7 in a column where all others have 24 says that it is of the 7; a printed
    8.3 where counts are whole says how it was made.
    """
    value, kind = printed_number(cell["value"]), cell.get("kind")
    withheld = cell.get("withheld")
    if cell["mark"] == WITHHELD:
        if cell["value"]:
            return f"a withheld cell contains {cell['value']}"
        if bases and cell.get("base", "") not in bases:
            return "a withheld cell has a base of its own"
    # The field for programs and the mark for people must say the same, or one of them leads to the
    # number.
    if withheld is not None and (withheld == "true") != (cell["mark"] == WITHHELD):
        return "two fields disagree on whether it is withheld"
    if kind in {"count", "percent"} and value is not None and not float(value).is_integer():
        return "a number with decimals, where counts are whole"
    if value is None and not cell["mark"]:
        return "it is empty, where others have a number or a mark"
    return ""


def _place_leaks(tidy: TidyFile) -> Iterator[Leak]:
    """Rows and columns whose numbers are not their positions."""
    by_table: dict[str, Rows] = defaultdict(list)
    for cell in tidy.rows:
        by_table[cell["table"]].append(cell)
    for name, cells in by_table.items():
        rows = list(dict.fromkeys(cell["row"] for cell in cells))
        columns = list(dict.fromkeys(cell["column"] for cell in cells))
        for cell in cells:
            row, column = cell.get("row_number"), cell.get("column_number")
            right = (str(rows.index(cell["row"]) + 1), str(columns.index(cell["column"]) + 1))
            if (row or right[0], column or right[1]) != right:
                where = f"{name} {_label_of(cell, 'row')}"
                yield Leak(tidy.file, where, "its row or column number is not its position")
                break
