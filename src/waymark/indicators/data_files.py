"""Files of an indicator: CSV, JSON and XLSX, each with markers, sources and licences. Pure."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.extras import OptionalModule
from waymark.core.licences import licence_label
from waymark.core.spreadsheet import without_formula
from waymark.indicators.cells import MARKERS, plain_value

xlsxwriter = OptionalModule("xlsxwriter", "report")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRow:
    """A value with all that it is about; every attribute is a column of the files.

    holds_from: day from which the value holds here.
    """

    measure: str
    label: str
    unit: str
    nation: str
    area_code: str
    area: str
    level: str
    period_type: str
    period: str
    period_start: str
    period_end: str
    value: Decimal | None
    decimals: int
    marker: str
    note: str
    revision: int
    holds_from: str
    source: str
    publisher: str
    licence: str
    source_published: str

    def cells(self) -> list[str | int | Decimal]:
        """Cells of the row; a missing value is "" beside its marker."""
        row = asdict(self)
        row["value"] = plain_value(self.value, self.decimals, "")
        return list(row.values())


COLUMNS = tuple(field.name for field in fields(DataRow))


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFileAbout:
    """What a file says of itself. day: on which its values held, in words."""

    title: str
    name: str
    definition: str
    cautions: Sequence[str]
    comparability: str
    address: str
    day: str


def csv_file(rows: Iterable[DataRow]) -> bytes:
    """All rows as CSV in UTF-8. A cell that a spreadsheet would run is written as text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    number = COLUMNS.index("value")
    for row in rows:
        cells = [str(cell) for cell in row.cells()]
        # A negative number begins like a formula, and is none.
        writer.writerow(
            cell if at == number else without_formula(cell) for at, cell in enumerate(cells)
        )
    return out.getvalue().encode("utf-8-sig")


def json_file(about: DataFileAbout, rows: Iterable[DataRow]) -> bytes:
    """All rows as JSON, with what the markers mean. A value is text, as the source printed it."""
    values = [dict(zip(COLUMNS, row.cells(), strict=True)) for row in rows]
    document = {**asdict(about), "markers": MARKERS, "use": FORBIDDEN_USES_IN_FULL}
    return json.dumps({**document, "values": values}, ensure_ascii=False, default=str).encode()


def excel_file(about: DataFileAbout, rows: Iterable[DataRow]) -> bytes:
    """All rows as a workbook: a sheet about the indicator, and one of values as numbers."""
    out = io.BytesIO()
    rows = list(rows)
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": about.name, "comments": FORBIDDEN_USES_IN_FULL})
        page = book.add_worksheet("About")
        page.set_column(0, 0, 100, book.add_format({"text_wrap": True, "valign": "top"}))
        for at, line in enumerate(_about_lines(about, rows)):
            page.write_string(at, 0, line)
        sheet = book.add_worksheet("Values")
        head = book.add_format({"bold": True, "bottom": 1})
        sheet.set_column(0, len(COLUMNS) - 1, 16)
        sheet.freeze_panes(1, 0)
        for at, name in enumerate(COLUMNS):
            sheet.write_string(0, at, name, head)
        _write_values(book, sheet, rows)
    return out.getvalue()


def _write_values(book: Any, sheet: Any, rows: Sequence[DataRow]) -> None:
    formats: dict[int, Any] = {}
    for line, row in enumerate(rows, start=1):
        for at, cell in enumerate(row.cells()):
            if COLUMNS[at] == "value" and row.value is not None:
                pattern = "#,##0" + ("." + "0" * row.decimals if row.decimals else "")
                if row.decimals not in formats:
                    formats[row.decimals] = book.add_format({"num_format": pattern})
                sheet.write_number(line, at, float(row.value), formats[row.decimals])
            elif cell != "":
                # write() would make a formula of "=..."; this never does.
                sheet.write_string(line, at, str(cell))


def _about_lines(about: DataFileAbout, rows: Sequence[DataRow]) -> list[str]:
    used = {(row.publisher, row.source, row.licence) for row in rows}
    sources = [
        f"Source: {publisher}, {source}. Licence: {licence_label(licence) or 'not known'}"
        for publisher, source, licence in sorted(used)
    ]
    return [
        about.name,
        about.title,
        f"Values as they were on {about.day}. {about.address}",
        f"Definition: {about.definition}",
        *(f"Caution: {line}" for line in about.cautions),
        about.comparability,
        *sources,
        *(f"[{marker}] {meaning}" for marker, meaning in MARKERS.items()),
        FORBIDDEN_USES_IN_FULL,
    ]
