"""Rows of a table in a CSV or XLSX file, as text. Pure, with limits on what is read.

Example: a sheet with the head "year", "children" and one row of 2025 and 61.5 gives
[(1, ["year", "children"]), (2, ["2025", "61.5"])].
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from warnings import catch_warnings, simplefilter

from waymark.core.errors import FileRefused

Row = tuple[int, list[str]]
"""Number of a row, from 1 as a spreadsheet shows it, and its cells."""

MOST_ROWS = 200_000
MOST_COLUMNS = 500
LARGEST_UNPACKED = 400 * 1024 * 1024
"""Bytes of all parts of a workbook: a small file can unpack to more than a machine has."""
_TEXT_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def read_rows(content: bytes, *, name: str, sheet: str = "") -> list[Row]:
    """Rows of a table that have a cell with text. sheet: of a workbook, "" for its first one.

    The content decides what the file is, not its name. Raises FileRefused for a file that is
    neither CSV nor XLSX, for an unknown sheet and beyond the limits.
    """
    is_workbook = content[:4] == b"PK\x03\x04"
    lines = _workbook_lines(content, name, sheet) if is_workbook else _csv_lines(content, name)
    return list(_numbered(lines, name))


def _numbered(lines: Iterable[list[str]], name: str) -> Iterator[Row]:
    for number, cells in enumerate(lines, start=1):
        if number > MOST_ROWS:
            raise FileRefused(name, f"it has more than {MOST_ROWS:,} rows", "Divide it into files")
        if len(cells) > MOST_COLUMNS:
            reason = f"row {number} has more than {MOST_COLUMNS} columns"
            raise FileRefused(name, reason, "Remove the columns that you do not need")
        if any(cells):
            yield number, cells


def _csv_lines(content: bytes, name: str) -> Iterator[list[str]]:
    if b"\x00" in content:
        raise FileRefused(name, "it is neither CSV nor XLSX", "Save the table as CSV in UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Excel on Windows writes CSV so, unless "CSV UTF-8" was chosen.
        text = content.decode("cp1252", errors="replace")
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), strict=True):
            yield [clean_cell(cell) for cell in cells]
    except csv.Error as error:
        reason = f"it is not CSV: {error}"
        raise FileRefused(name, reason, "Save the table again as CSV") from error


def clean_cell(text: str) -> str:
    """Text of a cell on one line, without spaces around it and control characters."""
    return _TEXT_CONTROL.sub("", text.replace("\n", " ").replace("\r", " ")).strip()


def _workbook_lines(content: bytes, name: str, sheet: str) -> Iterator[list[str]]:
    # Imported here: it takes a tenth of the time that the site needs to start.
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    _check_unpacked_size(content, name)
    with catch_warnings():
        # It warns of styles and of features of Excel that do not matter to the cells.
        simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=True, keep_links=False
            )
            if sheet and sheet not in book.sheetnames:
                names = ", ".join(book.sheetnames)
                raise FileRefused(name, f"it has no sheet {sheet}", f"Choose one of: {names}")
            page = book[sheet] if sheet else book.worksheets[0]
            # What the file says of its size may be wrong; without it every row is read as it comes.
            page.reset_dimensions()
            for values in page.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1):
                yield _without_empty_end([_cell_text(value) for value in values])
        except (KeyError, ValueError, TypeError, IndexError, InvalidFileException) as error:
            reason = "it is not a workbook that can be read"
            raise FileRefused(name, reason, "Save it again as XLSX, or as CSV") from error
        except (SyntaxError, zipfile.BadZipFile, EOFError, OSError) as error:
            raise FileRefused(name, "it is damaged", "Download or save it again") from error


def _check_unpacked_size(content: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise FileRefused(name, "it is damaged", "Download or save it again") from error
    if size > LARGEST_UNPACKED:
        most = LARGEST_UNPACKED // 1024 // 1024
        raise FileRefused(name, f"it unpacks to more than {most} MiB", "Divide it into files")


def _without_empty_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell_text(value: Any) -> str:
    """Text of a value of a workbook: 13.0 -> "13", a day -> "2025-03-31"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        midnight = value.time() == datetime.min.time()
        return f"{value:%Y-%m-%d}" if midnight else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number_text(value)
    return clean_cell(str(value))


def _number_text(value: int | float) -> str:
    """A number without an exponent: 24.5, 1e6 -> "1000000"; what Excel stored as 0.1 stays 0.1."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return f"{Decimal(repr(value)):f}"
