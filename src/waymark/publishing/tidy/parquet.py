"""Tidy rows as Parquet: typed, with categories, and what the file is in its metadata.

A file holds nothing besides what its rows say: each part's categories are those in use in it, and
statistics are made from what is written.
"""

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from waymark.publishing.tidy.package import table_schema
from waymark.publishing.tidy.shape import Field, Row, Shape, Value

ROWS = 10_000
"""Rows of a part of a file: what is held in memory at a time."""
TYPES = {
    "string": pa.string(),
    "category": pa.dictionary(pa.int32(), pa.string()),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}


def arrow_schema(shape: Shape, said: Mapping[str, str]) -> Any:
    """The types of a table. said: what the metadata says besides, as the framework's version."""
    about = {
        "title": shape.title,
        "unit": shape.unit,
        "description": shape.text,
        "schema": json.dumps(table_schema(shape), ensure_ascii=False, sort_keys=True),
        **said,
    }
    fields = [pa.field(one.name, TYPES[one.type], metadata=_about(one)) for one in shape.fields]
    return pa.schema(fields, metadata={f"waymark.{key}": value for key, value in about.items()})


def _about(field: Field) -> dict[str, str]:
    said = {"description": field.text}
    return said | {"unit": field.unit} if field.unit else said


def arrow_table(shape: Shape, rows: Iterable[Row], said: Mapping[str, str]) -> Any:
    """Rows as a table in memory."""
    held = list(rows)
    columns = [_array(field, [row[at] for row in held]) for at, field in enumerate(shape.fields)]
    return pa.Table.from_arrays(columns, schema=arrow_schema(shape, said))


def _array(field: Field, values: list[Value]) -> Any:
    """A column. A category's own list holds what is in use, in the order in which it comes."""
    if field.type == "category":
        return pa.array(values, type=pa.string()).dictionary_encode()
    return pa.array(values, type=TYPES[field.type])


def write_parquet(
    shape: Shape, rows: Iterable[Row], to: IO[bytes], said: Mapping[str, str]
) -> None:
    """Write a file part by part; no rows make a file with its fields and nothing in them."""
    waiting = iter(rows)
    with parquet_writer(shape, to, said) as writer:
        while part := list(islice(waiting, ROWS)):
            writer.write_table(arrow_table(shape, part, said))


def parquet_writer(shape: Shape, to: IO[bytes], said: Mapping[str, str]) -> Any:
    """A writer of tables of one shape; to be closed."""
    return pq.ParquetWriter(to, arrow_schema(shape, said), compression="zstd")
