"""Tables of a Word document: a head that repeats, whole rows, columns as wide as they need."""

from collections.abc import Sequence
from typing import Any

from waymark.core.extras import OptionalModule
from waymark.core.tables import Row, Table
from waymark.publishing.formats.table_widths import longest_word
from waymark.publishing.formats.word_fields import clean_text, new_element
from waymark.publishing.formats.word_template import TABLE

docx_units = OptionalModule("docx.shared", "report")
MANY, SMALL, USUAL = 5, 8.5, 10
"""Tables with more number columns than MANY are set in SMALL points, so that words fit."""
CHARACTER, MARGINS = 0.021, 0.45
"""Width of a character for each point of its size, and of the margins of a cell, in centimetres."""
PAGE = 16.0
"""Width of the text on a portrait page, in centimetres."""
FIRST, MOST_FIRST = 3.2, 9.0
"""Least and most width in centimetres of the column that names the rows."""
RIGHT = 2
"""WD_ALIGN_PARAGRAPH.RIGHT: numbers are aligned at their last digit."""


def is_lying(table: Table) -> bool:
    """True if a table needs a landscape page: nobody knows which fonts a reader has."""
    return sum(_number_widths(table)) + FIRST > PAGE


def _number_widths(table: Table) -> list[float]:
    """Width of each column of numbers, in centimetres."""
    character = _font_size(len(table.columns)) * CHARACTER
    return [
        longest_word(table, column) * character + MARGINS for column in range(len(table.columns))
    ]


def _font_size(numbers: int) -> float:
    return SMALL if numbers > MANY else USUAL


def add_table(docx: Any, table: Table) -> None:
    """Table of numbers, no wider than they need."""
    grouped = any(row.group for row in table.rows)
    head = (table.stub, *(column.label for column in table.columns))
    rows = [_row_texts(row, grouped=grouped) for row in table.rows]
    across = _text_width(docx)
    numbers = _number_widths(table)
    names = 2 if grouped else 1
    rest = max(FIRST * names, min(MOST_FIRST * names, across - sum(numbers)))
    widths = [rest / names] * names + numbers
    _add_rows(docx, ("Group", *head) if grouped else head, rows, widths, numbers=len(numbers))


def add_grid(docx: Any, head: Sequence[str], rows: Sequence[tuple[str, list[str]]]) -> None:
    """Table of texts over the width of the page."""
    across = _text_width(docx)
    first = 5.0 if len(head) == 2 else across / len(head)
    rest = (across - first) / max(1, len(head) - 1)
    _add_rows(docx, head, rows, [first] + [rest] * (len(head) - 1))


def _text_width(docx: Any) -> float:
    page = docx.sections[-1]
    return float((page.page_width - page.left_margin - page.right_margin) / docx_units.Cm(1))


def _row_texts(row: Row, *, grouped: bool) -> tuple[str, list[str]]:
    printed = [cell.shown for cell in row.cells]
    return (row.group, [row.label, *printed]) if grouped else (row.label, printed)


def _add_rows(
    docx: Any,
    head: Sequence[str],
    rows: Sequence[tuple[str, list[str]]],
    widths: Sequence[float],
    *,
    numbers: int = 0,
) -> None:
    """Table whose first row is marked as header and repeated on every page."""
    grid = docx.add_table(rows=1, cols=len(head), style=TABLE)
    # autofit lets Word widen a column for a long word, which fixed widths would break.
    grid.autofit = True
    # Word goes by the widths of cells, LibreOffice by those of columns.
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = docx_units.Cm(width)
    size = docx_units.Pt(_font_size(numbers))
    for texts in (head, *((label, *others) for label, others in rows)):
        cells = grid.rows[0].cells if texts is head else grid.add_row().cells
        for at, (text, cell) in enumerate(zip(texts, cells, strict=True)):
            _write_cell(cell, text, size, right=at >= len(head) - numbers)
    # w:tblHeader: repeat on each page and read out as header; w:cantSplit: keep a row on one page.
    _set_row_flag(grid.rows[0], "w:tblHeader")
    for row in grid.rows:
        _set_row_flag(row, "w:cantSplit")


def _write_cell(cell: Any, text: str, size: Any, *, right: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.add_run(clean_text(text)).font.size = size
    paragraph.paragraph_format.space_after = docx_units.Pt(2)
    paragraph.paragraph_format.line_spacing = 1.0
    if right:
        paragraph.alignment = RIGHT


def _set_row_flag(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(new_element(name, val="true"))
