"""Files of codings: a REFI-QDA project, CSV, an Excel workbook, W3C Web Annotations."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from waymark import __version__
from waymark.accounts.permissions import Actor
from waymark.coding.files.refi.guids import qda_guid
from waymark.coding.queries.coded_places import CodedPlace, ExportRequest
from waymark.core.errors import RuleError
from waymark.core.extras import OptionalModule
from waymark.frameworks.queries import file_of
from waymark.pipeline.coding_exchange.coding_rows import Cell, CodingTable, coding_tables
from waymark.pipeline.coding_exchange.project_export import export_project
from waymark.publishing.formats.tidy.comma import escape_formula

xlsxwriter = OptionalModule("xlsxwriter", "report")
LONGEST_CELL = 32_767
"""Characters of a cell in Excel."""
SHORTENED = "the ends of {} cells longer than 32,767 characters"
ANNOTATIONS = "http://www.w3.org/ns/anno.jsonld"


@dataclass(frozen=True, slots=True)
class CodingFileExport:
    """A file of codings. losses: what it cannot contain, in words."""

    content: bytes
    media_type: str
    codings: int
    values: int
    losses: tuple[str, ...] = ()


def export_codings(
    ending: str, *, person: Actor, request: ExportRequest, now: datetime
) -> CodingFileExport:
    """A file of the codings of a request. ending: a key of WRITERS, such as "matrix.csv".

    Raises as require_export does; RuleError for another ending.
    """
    writer = WRITERS.get(ending)
    if writer is None:
        raise RuleError(f".{ending} is not a format of codings: choose of {', '.join(WRITERS)}")
    return writer(person, request, now)


def _project(person: Actor, request: ExportRequest, now: datetime) -> CodingFileExport:
    done = export_project(person=person, request=request, now=now)
    media_type = "application/zip"
    return CodingFileExport(done.content, media_type, done.codings, done.values, done.losses)


def _coding_rows(person: Actor, request: ExportRequest, now: datetime) -> CodingFileExport:
    tables = coding_tables(person, request, now)
    losses = ("values of variables: see values.csv",) if tables.values.rows else ()
    return CodingFileExport(csv_bytes(tables.codings), CSV, len(tables.places), 0, losses)


def _matrix(person: Actor, request: ExportRequest, now: datetime) -> CodingFileExport:
    tables = coding_tables(person, request, now)
    return CodingFileExport(csv_bytes(tables.matrix), CSV, len(tables.places), 0)


def _values(person: Actor, request: ExportRequest, now: datetime) -> CodingFileExport:
    tables = coding_tables(person, request, now)
    return CodingFileExport(csv_bytes(tables.values), CSV, 0, len(tables.values.rows))


def _workbook(person: Actor, request: ExportRequest, now: datetime) -> CodingFileExport:
    tables = coding_tables(person, request, now)
    content, shortened = workbook_bytes([tables.codings, tables.matrix, tables.values], now)
    losses = (SHORTENED.format(shortened),) if shortened else ()
    return CodingFileExport(content, XLSX, len(tables.places), len(tables.values.rows), losses)


def _annotations(person: Actor, request: ExportRequest, now: datetime) -> CodingFileExport:
    tables = coding_tables(person, request, now)
    names = {code.id: code.name for code in file_of(request.framework).codes}
    items = [_annotation(place, request, names) for place in tables.places]
    collection = {
        "@context": ANNOTATIONS,
        "id": _urn("collection", request.framework, request.layer, request.coder),
        "type": "AnnotationCollection",
        "label": f"Codings with {request.framework}",
        "generator": {"type": "Software", "name": "Waymark", "schema:softwareVersion": __version__},
        "generated": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "total": len(items),
        "first": {
            "id": _urn("page", request.framework, request.layer, request.coder),
            "type": "AnnotationPage",
            "startIndex": 0,
            "items": items,
        },
    }
    content = json.dumps(collection, ensure_ascii=False, indent=1).encode()
    losses = ("values of variables",) if tables.values.rows else ()
    return CodingFileExport(content, "application/ld+json", len(items), 0, losses)


CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRITERS: Mapping[str, Callable[[Actor, ExportRequest, datetime], CodingFileExport]] = {
    "qdpx": _project,
    "csv": _coding_rows,
    "matrix.csv": _matrix,
    "values.csv": _values,
    "xlsx": _workbook,
    "jsonld": _annotations,
}


def _urn(*names: object) -> str:
    return f"urn:uuid:{qda_guid('annotation', *names).lower()}"


def _annotation(
    place: CodedPlace, request: ExportRequest, names: Mapping[str, str]
) -> dict[str, Any]:
    """A coding as a W3C Web Annotation: the code tags the words, the memo comments on them."""
    anchor = place.anchor
    body: list[dict[str, Any]] = [
        {
            "type": "SpecificResource",
            "purpose": "classifying",
            "source": f"urn:waymark:code:{request.framework.name}:{place.code}",
        },
        _text_body("tagging", names[place.code]),
    ]
    body += [_text_body("tagging", f"{name}: {value}") for name, value in place.qualifiers.items()]
    body += [_text_body("commenting", place.memo)] if place.memo else []
    annotation: dict[str, Any] = {
        "id": _urn(anchor.key, place.code, request.layer, place.coder),
        "type": "Annotation",
        "motivation": "classifying",
        "created": place.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "body": body,
        "target": {
            # The same for everyone who has the file, wherever it is.
            "source": f"urn:sha256:{anchor.report.original_id}",
            "selector": [
                {
                    "type": "TextQuoteSelector",
                    "exact": anchor.exact,
                    "prefix": anchor.prefix,
                    "suffix": anchor.suffix,
                },
                {"type": "TextPositionSelector", "start": anchor.start, "end": anchor.end},
            ],
        },
    }
    if place.coder:
        annotation["creator"] = {"type": "Person", "nickname": place.coder}
    return annotation


def _text_body(purpose: str, value: str) -> dict[str, Any]:
    return {"type": "TextualBody", "purpose": purpose, "value": value, "format": "text/plain"}


# ---- tables ----


def csv_bytes(table: CodingTable) -> bytes:
    """A table as CSV in UTF-8. Texts that a spreadsheet would run get an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in (table.head, *table.rows):
        # None is written as an empty cell.
        writer.writerow([escape_formula(cell) if isinstance(cell, str) else cell for cell in row])
    # With a mark, Excel reads UTF-8.
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def workbook_bytes(
    tables: Iterable[CodingTable], now: datetime, **properties: str
) -> tuple[bytes, int]:
    """Tables as a workbook, one sheet each, and the number of cells that were too long.

    properties: of the document, such as title and comments.
    """
    out = io.BytesIO()
    shortened = 0
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties(properties | {"created": now.astimezone(UTC).replace(tzinfo=None)})
        bold = book.add_format({"bold": True})
        for table in tables:
            sheet = book.add_worksheet(table.name[:31])
            sheet.freeze_panes(1, 0)
            for at, name in enumerate(table.head):
                sheet.write_string(0, at, name, bold)
            for line, row in enumerate(table.rows, start=1):
                shortened += sum(_write(sheet, line, at, cell) for at, cell in enumerate(row))
    return out.getvalue(), shortened


def _write(sheet: Any, line: int, column: int, cell: Cell) -> bool:
    """Write a cell; True if its text was too long for one."""
    if cell is None:
        return False
    if isinstance(cell, int | float):
        sheet.write_number(line, column, cell)
        return False
    # write() would make a formula of "=..." and a link of an address; this never does.
    sheet.write_string(line, column, cell[:LONGEST_CELL])
    return len(cell) > LONGEST_CELL
