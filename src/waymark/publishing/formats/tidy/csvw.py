"""Description of tidy CSV files as CSVW (CSV on the Web, a W3C recommendation). Pure.

The same facts as in datapackage.json, for programs that know this vocabulary: they look for
csv-metadata.json beside a CSV file.
"""

import json
import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.licences import licence_url
from waymark.publishing.formats.tidy.package import (
    APOSTROPHE,
    NO_LICENCE,
    PackageDescription,
    PackageFile,
)
from waymark.publishing.formats.tidy.shape import TableField, TableShape

NAME = "csv-metadata.json"
CONTEXT = ["http://www.w3.org/ns/csvw", {"@language": "en"}]
DATATYPES = {"category": "string"}


def csvw_json(about: PackageDescription, files: Sequence[PackageFile]) -> bytes:
    """Bytes of csv-metadata.json, beside the CSV files. The same files give the same bytes."""
    tables = [file for file in files if file.path.endswith(".csv")]
    content: dict[str, Any] = {
        "@context": CONTEXT,
        "dc:title": about.title,
        "dc:description": f"{about.text} {APOSTROPHE}",
        **({"dc:publisher": about.publisher} if about.publisher else {}),
        **licence_property(about.licence),
        "dc:accessRights": FORBIDDEN_USES_IN_FULL,
        "tables": [_table_description(file) for file in tables],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def licence_property(licence: str) -> dict[str, Any]:
    """Licence, or that there is none, as a property of a description."""
    if url := licence_url(licence):
        return {"dc:license": {"@id": url}}
    return {"dc:rights": licence or NO_LICENCE}


def _table_description(file: PackageFile) -> dict[str, Any]:
    shape = file.shape
    return {
        "url": PurePosixPath(file.path).name,
        "dc:title": shape.title,
        "dc:description": shape.text,
        "tableSchema": _schema(shape),
    }


def _schema(shape: TableShape) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "columns": [_column(field) for field in shape.fields],
        "primaryKey": list(shape.key),
    }
    if shape.references:
        schema["foreignKeys"] = [
            {
                "columnReference": list(reference.fields),
                "reference": {
                    "resource": f"{reference.table}.csv",
                    "columnReference": list(reference.key),
                },
            }
            for reference in shape.references
        ]
    return schema


def _column(field: TableField) -> dict[str, Any]:
    datatype: Any = DATATYPES.get(field.type, field.type)
    if field.values:
        # CSVW has no lists of allowed values: a pattern of exactly these says the same.
        allowed = "|".join(re.escape(value.value) for value in field.values)
        datatype = {"base": "string", "format": f"^({allowed})$"}
    return {
        "name": field.name,
        "titles": field.name,
        "dc:description": field.text,
        "datatype": datatype,
        **({"required": True} if field.required else {}),
    }
