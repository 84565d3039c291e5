"""Description of tidy files as a data package (datapackage.json).

The vocabulary is Data Package, version 2: a program that knows it finds the types, the allowed
values with their labels, and the references between tables.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.licences import licence_url
from waymark.publishing.formats.tidy.shape import TableField, TableShape

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
DIALECT = {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True}
APOSTROPHE = (
    "A text that a spreadsheet could read as a formula, or that begins with an apostrophe, has one"
    " extra apostrophe in front: remove one leading apostrophe. Parquet contains texts unchanged."
)
TYPES = {"category": "string"}
NO_LICENCE = (
    "No licence is given with these files: ask the people who run the site before you pass them on."
)


@dataclass(frozen=True, slots=True)
class PackageFile:
    """File of a package. path: in the package; size: in bytes; sha256: "" until it is written."""

    shape: TableShape
    path: str
    size: int = 0
    sha256: str = ""
    rows: int = 0


@dataclass(frozen=True, slots=True)
class PackageDescription:
    """Description of a package. licence: short name, "" for none.

    metadata: further entries by name, for example the version of the framework. publisher,
    contact: who answers for the data, "" for a package that nobody publishes.
    """

    name: str
    title: str
    text: str
    version: str
    licence: str
    metadata: Mapping[str, str]
    publisher: str = ""
    contact: str = ""


def table_schema(shape: TableShape) -> dict[str, Any]:
    """Fields of a table as a Table Schema."""
    schema: dict[str, Any] = {
        "fields": [
            _field_schema(field, unique=shape.key == (field.name,)) for field in shape.fields
        ],
        "primaryKey": list(shape.key),
        # An empty field is no value; a text that is empty is written as no value too.
        "missingValues": [""],
    }
    if shape.references:
        schema["foreignKeys"] = [
            {
                "fields": list(reference.fields),
                "reference": {"resource": reference.table, "fields": list(reference.key)},
            }
            for reference in shape.references
        ]
    return schema


def _field_schema(field: TableField, *, unique: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": field.name,
        "type": TYPES.get(field.type, field.type),
        "description": field.text,
    }
    if field.unit:
        entry["unit"] = field.unit
    constraints: dict[str, Any] = {}
    if field.required:
        constraints["required"] = True
    if unique:
        constraints["unique"] = True
    if field.values:
        constraints["enum"] = [allowed.value for allowed in field.values]
        entry["categories"] = [
            {"value": allowed.value, "label": allowed.label} for allowed in field.values
        ]
    if constraints:
        entry["constraints"] = constraints
    return entry


def datapackage_json(about: PackageDescription, files: Sequence[PackageFile]) -> bytes:
    """Bytes of datapackage.json. The same files give the same bytes."""
    content: dict[str, Any] = {
        "$schema": PROFILE,
        "name": about.name,
        "title": about.title,
        "description": about.text,
        "version": about.version,
        **({"contributors": [_publisher_entry(about.publisher)]} if about.publisher else {}),
        **({"contact": about.contact} if about.contact else {}),
        **(
            {"licenses": [_licence_entry(about.licence)]}
            if about.licence
            else {"rights": NO_LICENCE}
        ),
        "forbidden_uses": FORBIDDEN_USES_IN_FULL,
        **about.metadata,
        "apostrophes": APOSTROPHE,
        "resources": [_resource_entry(file) for file in files],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _publisher_entry(name: str) -> dict[str, Any]:
    return {"title": name, "roles": ["publisher"]}


def _licence_entry(name: str) -> dict[str, str]:
    path = licence_url(name)
    return {"name": name, **({"path": path} if path else {})}


def _resource_entry(file: PackageFile) -> dict[str, Any]:
    comma = file.path.endswith(".csv")
    entry: dict[str, Any] = {
        "name": file.shape.name if comma else f"{file.shape.name}-parquet",
        "title": file.shape.title,
        "description": file.shape.text,
        "path": file.path,
        "format": "csv" if comma else "parquet",
        "mediatype": "text/csv" if comma else "application/vnd.apache.parquet",
        "row": file.shape.unit,
    }
    if file.sha256:
        entry |= {"bytes": file.size, "hash": f"sha256:{file.sha256}", "rows": file.rows}
    # A Table Schema describes text files; Parquet has its own schema inside.
    if comma:
        entry |= {"encoding": "utf-8", "dialect": DIALECT, "schema": table_schema(file.shape)}
    return entry
