"""Rows of a file -> contacts to log. Bad rows are collected, never fatal. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from waymark.core.errors import FileRefused, RuleError
from waymark.core.sheet_rows import Row
from waymark.indicators.contact_terms import CHANNELS, TOPICS
from waymark.indicators.reading import RowProblem, head_and_rows

COLUMNS = ("date", "topic", "channel", "referred", "note")
YES_OR_NO = {"yes": True, "y": True, "true": True, "1": True}
YES_OR_NO |= {"no": False, "n": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class ContactReading:
    """contacts: values of each contact by name; problems: of the rows that are left out."""

    contacts: list[dict[str, Any]]
    problems: list[RowProblem]


class _WrongCell(Exception):
    """A cell that cannot be read. column: its name."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


def read_contacts(
    rows: Sequence[Row], *, name: str, check: Callable[[str], None]
) -> ContactReading:
    """Contacts of a table with the columns of COLUMNS, note optional.

    topic, channel: a key or a label of the log. check: raises RuleError for a note that may
    identify a person. Raises FileRefused without the columns.
    """
    head, below = head_and_rows(rows, rows[0][0] if rows else 1, name)
    names = [column.lower() for column in head]
    if missing := [column for column in COLUMNS[:-1] if column not in names]:
        reason = f"it has no column {', '.join(missing)}"
        raise FileRefused(name, reason, f"The columns are {', '.join(COLUMNS)}")
    contacts, problems = [], []
    for number, cells in below:
        values = dict(zip(names, cells, strict=False))
        try:
            contacts.append(_contact(values, check))
        except _WrongCell as wrong:
            problems.append(RowProblem(number, wrong.column, wrong.reason))
    return ContactReading(contacts, problems)


def _contact(values: dict[str, str], check: Callable[[str], None]) -> dict[str, Any]:
    try:
        day = date.fromisoformat(values.get("date", ""))
    except ValueError:
        raise _WrongCell("date", "it is not a day such as 2026-01-31") from None
    referred = YES_OR_NO.get(values.get("referred", "").lower())
    if referred is None:
        raise _WrongCell("referred", "it is neither yes nor no")
    note = values.get("note", "")
    try:
        check(note)
    except RuleError as error:
        raise _WrongCell("note", str(error)) from error
    return {
        "day": day,
        "topic": _key_of(values, "topic", TOPICS),
        "channel": _key_of(values, "channel", CHANNELS),
        "referred": referred,
        "note": note,
    }


def _key_of(values: dict[str, str], column: str, labels: dict[str, str]) -> str:
    text = values.get(column, "").lower()
    for key, label in labels.items():
        if text in {key, label.lower()}:
            return key
    raise _WrongCell(column, f"it is none of {', '.join(labels)}")
