"""Forms to print and fill in, as Word and Excel files. Pure."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES, FORBIDDEN_USES_IN_FULL
from waymark.core.extras import OptionalModule
from waymark.publishing.formats.archive import repack_archive
from waymark.publishing.formats.sheets import LANGUAGE
from waymark.publishing.formats.word_fields import UNPRINTABLE
from waymark.publishing.formats.word_template import set_british_styles

python_docx = OptionalModule("docx", "report")
docx_section = OptionalModule("docx.enum.section", "report")
docx_xml = OptionalModule("docx.oxml", "report")
docx_units = OptionalModule("docx.shared", "report")
xlsxwriter = OptionalModule("xlsxwriter", "report")


@dataclass(frozen=True, slots=True)
class FormTable:
    """A table of a form. rows: cells that are printed; those left "" are filled in by hand."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FormPart:
    """A part of a form: a heading, paragraphs, points and perhaps a table."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    table: FormTable | None = None


@dataclass(frozen=True, slots=True)
class PrintedForm:
    """A form. wide: printed across the page, for tables with many columns."""

    title: str
    intro: tuple[str, ...]
    parts: tuple[FormPart, ...]
    wide: bool = False


def _clean(text: str) -> str:
    return UNPRINTABLE.sub("", text)


def form_as_word(form: PrintedForm) -> bytes:
    """The form as a Word document. The same form gives the same bytes."""
    docx = python_docx.Document()
    docx.core_properties.title = _clean(form.title)
    docx.core_properties.language = LANGUAGE
    docx.core_properties.comments = FORBIDDEN_USES
    set_british_styles(docx)
    page = docx.sections[0]
    sides = (29.7, 21) if form.wide else (21, 29.7)
    if form.wide:
        page.orientation = docx_section.WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = (docx_units.Cm(side) for side in sides)
    page.left_margin = page.right_margin = docx_units.Cm(2)
    docx.add_heading(_clean(form.title), 0)
    for text in form.intro:
        docx.add_paragraph(_clean(text))
    for part in form.parts:
        docx.add_heading(_clean(part.heading), 1)
        for text in part.paragraphs:
            docx.add_paragraph(_clean(text))
        for text in part.points:
            docx.add_paragraph(_clean(text), style="List Bullet")
        if part.table is not None:
            _write_table(docx, part.table)
    docx.add_paragraph(FORBIDDEN_USES_IN_FULL)
    out = io.BytesIO()
    docx.save(out)
    return repack_archive(out.getvalue(), {})


def _write_table(docx: Any, table: FormTable) -> None:
    grid = docx.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    head = grid.rows[0]
    # Word repeats the row on each page, and screen readers read it as the heads.
    head._tr.get_or_add_trPr().append(docx_xml.OxmlElement("w:tblHeader"))
    for cell, text in zip(head.cells, table.columns, strict=True):
        cell.paragraphs[0].add_run(_clean(text)).bold = True
    for row in table.rows:
        added = grid.add_row()
        if not any(row):
            added.height = docx_units.Cm(1)
        for cell, text in zip(added.cells, row, strict=True):
            cell.text = _clean(text)


def form_as_excel(form: PrintedForm) -> bytes:
    """The form as a workbook: a sheet about it, and one for each part that has a table."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": form.title, "comments": FORBIDDEN_USES_IN_FULL})
        wrapped = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        head = book.add_format({"bold": True, "text_wrap": True, "border": 1})
        about = book.add_worksheet("About")
        about.set_column(0, 0, 100, book.add_format({"text_wrap": True, "valign": "top"}))
        for at, text in enumerate((form.title, *form.intro, FORBIDDEN_USES_IN_FULL)):
            about.write_string(at, 0, text)
        for part in form.parts:
            if part.table is not None:
                _write_sheet(book.add_worksheet(part.heading[:31]), part.table, head, wrapped)
    return out.getvalue()


def _write_sheet(sheet: Any, table: FormTable, head: Any, wrapped: Any) -> None:
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_column(0, len(table.columns) - 1, 24)
    lines: Sequence[Sequence[str]] = (table.columns, *table.rows)
    for line, row in enumerate(lines):
        for at, text in enumerate(row):
            # write() would make a formula of "=..."; this never does.
            sheet.write_string(line, at, text, wrapped if line else head)
