"""Tidy rows as CSV: UTF-8, RFC 4180, and nothing that a spreadsheet would execute.

A spreadsheet takes a text that begins with =, +, -, @ or a control character for a formula. Such a
text is led by an apostrophe. So that nothing is lost, a text that begins with an apostrophe gets
one more: who reads takes one leading apostrophe off a text, and has what stood there. Numbers,
dates and yes-or-no are written as they are.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import islice

from waymark.publishing.tidy.shape import Row, Shape, Value

LEADS = frozenset("=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20")
"""What a text may not begin with, white space aside; the last four are full-width forms."""
MANY = 500


def csv_parts(shape: Shape, rows: Iterable[Row]) -> Iterator[bytes]:
    """The file in parts of some hundred rows, a row of names first."""
    yield csv_head(shape)
    waiting = iter(rows)
    while part := list(islice(waiting, MANY)):
        yield csv_rows(part)


def csv_head(shape: Shape) -> bytes:
    """The row of names."""
    return _lines([shape.names])


def csv_rows(rows: Iterable[Row]) -> bytes:
    """Rows, each ended by CR LF."""
    return _lines([written(value) for value in row] for row in rows)


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def written(value: Value) -> str:
    """A value as it stands in the file; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return harmless(value)


def harmless(text: str) -> str:
    """A text as no spreadsheet takes it for a formula."""
    leads = text[:1] in LEADS or text.lstrip()[:1] in LEADS
    return f"'{text}" if leads and text else text


def as_it_stood(written: str) -> str:
    """A text as it stood before it was written: harmless() undone."""
    return written.removeprefix("'")
