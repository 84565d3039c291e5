"""Render a document as an Excel workbook: one real table per sheet, title and language set."""

import io
from datetime import UTC
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.extras import OptionalModule
from waymark.publishing.document.nodes import ReportDocument
from waymark.publishing.formats.archive import archive_member, repack_archive
from waymark.publishing.formats.sheets import (
    LANGUAGE,
    Value,
    WorkbookSheet,
    Year,
    workbook_sheets,
)

xlsxwriter = OptionalModule("xlsxwriter", "report")
CORE = "docProps/core.xml"
WIDEST = 90
"""Width of the widest column in characters; longer text is wrapped."""


def render_excel(document: ReportDocument) -> bytes:
    """Bytes of the workbook. The same document gives the same bytes."""
    out = io.BytesIO()
    dated = document.dated.astimezone(UTC).replace(tzinfo=None)
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties(
            {
                "title": document.title,
                "subject": document.subtitle,
                "author": document.imprint.publisher,
                "company": document.imprint.publisher,
                "comments": FORBIDDEN_USES_IN_FULL,
                "created": dated,
            }
        )
        writer = _WorkbookWriter(book)
        for sheet in workbook_sheets(document):
            writer.write(sheet)
    workbook = out.getvalue()
    # xlsxwriter cannot set dc:language, so screen readers would guess it: it is added afterwards to
    # the file of document properties.
    language = f"<dc:language>{LANGUAGE}</dc:language></cp:coreProperties>".encode()
    core = archive_member(workbook, CORE).replace(b"</cp:coreProperties>", language)
    return repack_archive(workbook, {CORE: core})


class _WorkbookWriter:
    def __init__(self, book: Any) -> None:
        self.book = book
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        self.marked = book.add_format({"align": "right", "valign": "top"})

    def write(self, sheet: WorkbookSheet) -> None:
        page = self.book.add_worksheet(sheet.name)
        # 2: neither on the screen nor on paper.
        page.hide_gridlines(2)
        for at, line in enumerate(sheet.lines):
            linked = sheet.sheet_linked_from(at)
            if linked:
                page.write_url(at, 0, _link_to(linked), string=line)
            else:
                page.write_string(at, 0, line, self.title if at == 0 else None)
        if not sheet.rows:
            return
        # Directly under the lines: an empty row would end the sheet for some screen readers.
        top, last = len(sheet.lines), len(sheet.head) - 1
        page.add_table(
            top,
            0,
            top + len(sheet.rows),
            last,
            {
                "name": f"Table_{sheet.name}",
                "columns": [{"header": name, "header_format": self.head} for name in sheet.head],
                # Filters would hide rows of a small table, and nobody would see that a total is of
                # more.
                "autofilter": False,
                "banded_rows": False,
                "first_column": True,
                "style": "Table Style Light 1",
            },
        )
        # On paper the header row is repeated on every page.
        page.repeat_rows(top)
        for column in range(len(sheet.head)):
            page.set_column(column, column, _column_width(sheet, column))
        for at, row in enumerate(sheet.rows):
            for column, value in enumerate(row):
                self._cell(page, sheet, (at, column), value, top + 1 + at)

    def _cell(
        self, page: Any, sheet: WorkbookSheet, place: tuple[int, int], value: Value, line: int
    ) -> None:
        column = place[1]
        if isinstance(value, str) and sheet.links and column == 0:
            page.write_url(line, column, _link_to(value), string=value)
            return
        if isinstance(value, str):
            marked = value[:1] == "[" and column > 0
            # write() would turn "=..." into a formula and an address into a link; this never does.
            page.write_string(line, column, value, self.marked if marked else self.wrapped)
            return
        decimals = sheet.decimals_at(*place)
        # A number stays a number, so that readers can calculate with it; only its format has
        # commas.
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        if isinstance(value, Year):
            pattern = "0"
        layout = {"num_format": pattern, "valign": "top"}
        # A year names its row, like the words above and below it.
        number_format = self.book.add_format(layout | ({} if column else {"align": "left"}))
        page.write_number(line, column, value, number_format)


def _link_to(sheet: str) -> str:
    return f"internal:'{sheet}'!A1"


def _column_width(sheet: WorkbookSheet, column: int) -> int:
    longest = max(len(str(row[column])) for row in sheet.rows)
    return min(WIDEST, max(12, min(len(sheet.head[column]), 24), longest) + 2)
