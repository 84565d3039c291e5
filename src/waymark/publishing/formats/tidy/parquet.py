"""Write tidy rows as Parquet: typed, with categories, and described in the metadata.

A file must not reveal more than its rows: the categories of each row group are those in use in it
(a category that only a withheld row has would give it away), and the statistics are computed from
the rows that are written.
"""

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import IO, Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.extras import OptionalModule
from waymark.publishing.formats.tidy.package import table_schema
from waymark.publishing.formats.tidy.shape import Row, TableField, TableShape, Value

pa = OptionalModule("pyarrow", "data")
pq = OptionalModule("pyarrow.parquet", "data")
ROWS = 10_000
"""Rows of a row group, which is the most that is in memory at a time."""
TYPES = {
    "string": "string",
    "integer": "int64",
    "number": "float64",
    "boolean": "bool_",
    "date": "date32",
}
"""Type of a field -> name of its type in Arrow."""


def _arrow_type(name: str) -> Any:
    if name == "category":
        # Arrow calls a category a dictionary: a list of texts, and for each row its place in it.
        return pa.dictionary(pa.int32(), pa.string())
    return getattr(pa, TYPES[name])()


def arrow_schema(shape: TableShape, metadata: Mapping[str, str]) -> Any:
    """Arrow schema of a table. metadata: further facts, for example the framework's version."""
    about = {
        "title": shape.title,
        "unit": shape.unit,
        "description": shape.text,
        "forbidden_uses": FORBIDDEN_USES_IN_FULL,
        "schema": json.dumps(table_schema(shape), ensure_ascii=False, sort_keys=True),
        **metadata,
    }
    fields = [
        pa.field(field.name, _arrow_type(field.type), metadata=_field_metadata(field))
        for field in shape.fields
    ]
    return pa.schema(fields, metadata={f"waymark.{key}": value for key, value in about.items()})


def _field_metadata(field: TableField) -> dict[str, str]:
    metadata = {"description": field.text}
    return metadata | {"unit": field.unit} if field.unit else metadata


def arrow_table(shape: TableShape, rows: Iterable[Row], metadata: Mapping[str, str]) -> Any:
    """Arrow table of rows."""
    listed = list(rows)
    columns = [
        _column_array(field, [row[at] for row in listed]) for at, field in enumerate(shape.fields)
    ]
    return pa.Table.from_arrays(columns, schema=arrow_schema(shape, metadata))


def _column_array(field: TableField, values: list[Value]) -> Any:
    """Arrow column. The list of a category has only the values in use, in order of appearance."""
    if field.type == "category":
        # Never the full list of allowed values: see above.
        return pa.array(values, type=pa.string()).dictionary_encode()
    return pa.array(values, type=_arrow_type(field.type))


def write_parquet(
    shape: TableShape, rows: Iterable[Row], to: IO[bytes], metadata: Mapping[str, str]
) -> None:
    """Write a file group by group; without rows it has only its fields."""
    waiting = iter(rows)
    with parquet_writer(shape, to, metadata) as writer:
        while part := list(islice(waiting, ROWS)):
            writer.write_table(arrow_table(shape, part, metadata))


def parquet_writer(shape: TableShape, to: IO[bytes], metadata: Mapping[str, str]) -> Any:
    """Writer of tables of one shape. The caller closes it."""
    # Read by every Parquet library, and smaller than snappy.
    return pq.ParquetWriter(to, arrow_schema(shape, metadata), compression="zstd")
