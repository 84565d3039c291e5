"""Coded texts of a CSV table: a column with the text, and a column for each code.

A cell means that a code was given if it is 1, yes, true or x; it is empty, 0, no or false if not.
"""

import csv
import io
from collections.abc import Sequence

from waymark.coding.learned.coded_text import CodedText
from waymark.core.errors import FileRefused

GIVEN = frozenset({"1", "1.0", "yes", "true", "x"})
NOT_GIVEN = frozenset({"", "0", "0.0", "no", "false", "na", "nan"})


def coded_texts(
    content: str, *, file: str, text: str, labels: Sequence[str] = (), group: str = ""
) -> tuple[list[CodedText], tuple[str, ...]]:
    """Texts of a table with their codes, and the codes: labels, or all columns with such cells.

    group: column that names what a text belongs to, "" for none. Raises FileRefused.
    """
    table = csv.DictReader(io.StringIO(content.removeprefix("\ufeff")))
    columns = table.fieldnames or []
    for name in (text, *labels, *([group] if group else [])):
        if name not in columns:
            raise FileRefused(file, f"it has no column “{name}”", "Check its first row")
    try:
        rows = list(table)
    except csv.Error as error:
        raise FileRefused(file, f"row {table.line_num}: {error}", "Save it again as CSV") from error
    codes = tuple(labels) or tuple(
        name for name in columns if name not in (text, group) and _is_label(rows, name)
    )
    if not codes:
        raise FileRefused(file, "no column says 1 or 0", "Name the columns of codes with --labels")
    read = [
        CodedText(
            text=row[text] or "",
            codes=frozenset(code for code in codes if _given(row[code], file, number, code)),
            group=row[group] if group else "",
        )
        for number, row in enumerate(rows, start=2)
    ]
    return read, codes


def _is_label(rows: Sequence[dict[str, str]], name: str) -> bool:
    """A column of nothing but such cells, at least one of them given."""
    values = {(row[name] or "").strip().casefold() for row in rows}
    return values <= GIVEN | NOT_GIVEN and bool(values & GIVEN)


def _given(value: str | None, file: str, row: int, code: str) -> bool:
    cell = (value or "").strip().casefold()
    if cell in GIVEN:
        return True
    if cell in NOT_GIVEN:
        return False
    raise FileRefused(
        file, f"row {row}, column “{code}”: “{value}” is neither 1 nor 0", "Write 1 or 0"
    )
