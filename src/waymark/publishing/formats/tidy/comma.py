"""Write tidy rows as CSV: UTF-8, RFC 4180, and nothing that a spreadsheet would execute.

A spreadsheet reads a text that begins with =, +, -, @ or a control character as a formula ("CSV
injection"). Such a text gets an apostrophe in front. So that nothing is lost, a text that begins
with an apostrophe gets one more: readers remove one leading apostrophe and have the original. For
example =1+1 is written '=1+1, and 'tis is written ''tis. Numbers, dates and booleans are unchanged.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import islice

from waymark.publishing.formats.tidy.shape import Row, TableShape, Value

LEADS = frozenset("=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20")
"""Characters that a text may not begin with, even after spaces; the last four are full-width."""
MANY = 500


def csv_parts(shape: TableShape, rows: Iterable[Row]) -> Iterator[bytes]:
    """The file in parts of up to MANY rows; the first is the row of names."""
    yield csv_head(shape)
    waiting = iter(rows)
    while part := list(islice(waiting, MANY)):
        yield csv_rows(part)


def csv_head(shape: TableShape) -> bytes:
    """Row of field names."""
    return _csv_lines([shape.names])


def csv_rows(rows: Iterable[Row]) -> bytes:
    """Rows, each ending with CR LF."""
    return _csv_lines([written_value(value) for value in row] for row in rows)


def _csv_lines(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def written_value(value: Value) -> str:
    """A value as written in the file; "" for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # repr() is the shortest text of the number; Decimal avoids an exponent such as 1e-05.
        return f"{Decimal(repr(value)):f}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return escape_formula(value)


def escape_formula(text: str) -> str:
    """Return a text that no spreadsheet reads as a formula."""
    # Some spreadsheets skip spaces first, so " =1+1" is a formula too.
    leads = text[:1] in LEADS or text.lstrip()[:1] in LEADS
    return f"'{text}" if leads and text else text
