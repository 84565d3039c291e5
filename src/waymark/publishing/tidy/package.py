"""What a folder of tidy files is, as a data package (datapackage.json) says it.

The vocabulary is that of Data Package, version 2: any program that knows it finds the types, the
allowed values with their labels, and which field refers to which table.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from waymark.publishing.tidy.shape import Field, Shape

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
DIALECT = {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True}
LICENCES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "OGL-UK-3.0": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}
APOSTROPHE = (
    "A text that a spreadsheet would take for a formula, or that begins with an apostrophe, is led"
    " by one apostrophe more: take one leading apostrophe off. Parquet holds texts as they are."
)
TYPES = {"category": "string"}


@dataclass(frozen=True, slots=True)
class File:
    """A file. path: in the package; size in bytes; sha256 of its bytes; all 0 until written."""

    shape: Shape
    path: str
    size: int = 0
    sha256: str = ""
    rows: int = 0


@dataclass(frozen=True, slots=True)
class About:
    """What a package says of itself. licence: a short name, "" where none is given.

    said: further facts by name, as the framework's version.
    """

    name: str
    title: str
    text: str
    version: str
    licence: str
    said: Mapping[str, str]


def table_schema(shape: Shape) -> dict[str, Any]:
    """The fields of a table as a Table Schema."""
    made: dict[str, Any] = {
        "fields": [_field(one, unique=shape.key == (one.name,)) for one in shape.fields],
        "primaryKey": list(shape.key),
        "missingValues": [""],
    }
    if shape.references:
        made["foreignKeys"] = [
            {
                "fields": list(one.fields),
                "reference": {"resource": one.table, "fields": list(one.key)},
            }
            for one in shape.references
        ]
    return made


def _field(field: Field, *, unique: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": field.name,
        "type": TYPES.get(field.type, field.type),
        "description": field.text,
    }
    if field.unit:
        made["unit"] = field.unit
    constraints: dict[str, Any] = {}
    if field.required:
        constraints["required"] = True
    if unique:
        constraints["unique"] = True
    if field.values:
        constraints["enum"] = [one.value for one in field.values]
        made["categories"] = [{"value": one.value, "label": one.label} for one in field.values]
    if constraints:
        made["constraints"] = constraints
    return made


def datapackage(about: About, files: Sequence[File]) -> bytes:
    """The datapackage.json of files. The same files give the same bytes."""
    made: dict[str, Any] = {
        "$schema": PROFILE,
        "name": about.name,
        "title": about.title,
        "description": about.text,
        "version": about.version,
        **({"licenses": [_licence(about.licence)]} if about.licence else {}),
        **about.said,
        "apostrophes": APOSTROPHE,
        "resources": [_resource(one) for one in files],
    }
    return (json.dumps(made, ensure_ascii=False, indent=1) + "\n").encode()


def _licence(name: str) -> dict[str, str]:
    path = LICENCES.get(name)
    return {"name": name, **({"path": path} if path else {})}


def _resource(file: File) -> dict[str, Any]:
    comma = file.path.endswith(".csv")
    made: dict[str, Any] = {
        "name": file.shape.name if comma else f"{file.shape.name}-parquet",
        "title": file.shape.title,
        "description": file.shape.text,
        "path": file.path,
        "format": "csv" if comma else "parquet",
        "mediatype": "text/csv" if comma else "application/vnd.apache.parquet",
        "row": file.shape.unit,
    }
    if file.sha256:
        made |= {"bytes": file.size, "hash": f"sha256:{file.sha256}", "rows": file.rows}
    if comma:
        made |= {"encoding": "utf-8", "dialect": DIALECT, "schema": table_schema(file.shape)}
    return made
