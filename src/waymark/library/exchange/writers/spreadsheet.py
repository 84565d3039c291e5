"""Records as tables, one a line: CSV and Excel. The columns are those that an import reads."""

import csv
import io
from collections.abc import Sequence

from waymark.core.extras import LaterModule
from waymark.core.spreadsheet import as_cell
from waymark.library.catalogue.author_names import author_lines
from waymark.library.exchange.record import RecordData
from waymark.library.exchange.statements import entry_of_contents
from waymark.library.exchange.writers.plain import paragraphs_of, single_line

openpyxl = LaterModule("openpyxl")
TEXTS = (
    *("title", "strapline", "conducted_by", "publisher", "place", "edition", "series"),
    *("report_number", "host_title", "volume", "issue", "pages", "nation", "audience", "board"),
    *("review_type", "pseudonym", "period", "language", "url", "doi", "isbn", "issn"),
    *("rights_holder", "licence", "transcript_url"),
)
LISTS = ("editors", "key_points", "subjects", "keywords")
HEADINGS = (
    *("key", "kind", *TEXTS, "authors", *LISTS, "contents", "year", "published", "accessed_on"),
    *("abstract", "address"),
)

LONGEST_CELL = 32_767
"""Characters of a cell in Excel."""
WIDTHS = {"title": 50, "strapline": 30, "abstract": 60, "authors": 30, "address": 30}


def write_csv(records: Sequence[RecordData]) -> bytes:
    """The records as CSV in UTF-8, with a mark of the encoding for spreadsheet programs."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for record in records:
        writer.writerow([as_cell(value) for value in row_of(record)])
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(records: Sequence[RecordData]) -> bytes:
    """The records as an Excel workbook with one sheet and a fixed heading row; all is text."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Records")
    sheet.freeze_panes = "A2"
    for number, name in enumerate(HEADINGS, start=1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(number)].width = WIDTHS.get(
            name, 16
        )
    rows = [list(HEADINGS), *map(row_of, records)]
    for row in rows:
        cells = [
            openpyxl.cell.WriteOnlyCell(sheet, value=value[:LONGEST_CELL] or None) for value in row
        ]
        for cell in cells:
            # A text that begins with "=" is no formula.
            cell.data_type = "s"
            if row is rows[0]:
                cell.font = openpyxl.styles.Font(bold=True)
        sheet.append(cells)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def row_of(record: RecordData) -> list[str]:
    """The cells of a record, in the order of HEADINGS."""
    values = {name: single_line(getattr(record, name)) for name in TEXTS}
    values |= {name: _listed(getattr(record, name)) for name in LISTS}
    bodies = {name for name in record.authors if record.is_body(name)}
    values |= {
        "key": record.key,
        "kind": record.kind_label or record.kind,
        "authors": _listed(author_lines(record.authors, bodies)),
        "contents": _listed([entry_of_contents(title, page) for title, page in record.contents]),
        "year": "" if record.year is None else str(record.year),
        "published": record.published_on.isoformat() if record.published_on else "",
        "accessed_on": record.accessed_on.isoformat() if record.accessed_on else "",
        "abstract": "\n\n".join(paragraphs_of(record.abstract)),
        "address": record.page,
    }
    return [values[name] for name in HEADINGS]


def _listed(values: Sequence[str]) -> str:
    """Several values in a cell; on a line each where one of them has a semicolon itself."""
    texts = [text for value in values if (text := single_line(value))]
    if any(";" in text for text in texts):
        # A second line says that it is lines that divide.
        return "\n".join([*texts, *[""] * (len(texts) == 1)])
    return "; ".join(texts)
