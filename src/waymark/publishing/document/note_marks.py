"""Marks such as "[note 3]" at the headers and labels that a note under a table concerns. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from waymark.core.tables import Column, Row, Table
from waymark.overview.disclosure.protection_notes import CLOSED, OPEN, RECORDED_ONLY
from waymark.overview.spec.names import INTERVAL
from waymark.overview.tables import notes
from waymark.overview.tables.confidence_intervals import SAMPLE_NOTE

MULTIPLE_STUB = frozenset({notes.MULTIPLE, notes.CRITERIA_MET})
AGREEMENT_BOUNDS = ("_lower", "_upper")
_COLUMNS: dict[str, Callable[[Column], bool]] = {
    notes.ROUNDING: lambda column: column.kind == "percent" and column.id not in INTERVAL,
    notes.BOUNDS: lambda column: column.id in {"recorded", "lower", "upper"},
    notes.RECORDED_STATES: lambda column: " (n = " in column.label,
    RECORDED_ONLY: lambda column: column.id == "recorded",
    notes.THEMES: lambda column: column.id == "passages",
    notes.ACROSS: lambda column: " (n = " in column.label,
    notes.SILENCE: lambda column: column.id in {"not_mentioned", "not_judged"},
    notes.SILENT_VARIABLES: lambda column: column.id == "stated",
    notes.STATED_ALONE: lambda column: column.id == "stated",
    notes.AGREEMENT: lambda column: column.id in {"kappa", "ac1"},
    notes.COMPLETE_IS_NOT_IMPACT: lambda column: column.id.startswith("complete"),
}
_ROWS: dict[str, Callable[[Row], bool]] = {
    notes.SILENCE: lambda row: row.role == "unknown",
    notes.COMPLETE_IS_NOT_IMPACT: lambda row: row.id.rpartition(".")[2].startswith("complete"),
}
_BEGINNINGS: tuple[tuple[str, Callable[[Column], bool]], ...] = (
    (SAMPLE_NOTE.partition("{")[0], lambda column: column.id in INTERVAL),
    (
        notes.FEW_REVIEWS.partition("{")[0],
        lambda column: column.id.endswith(AGREEMENT_BOUNDS),
    ),
    (notes.OVERDUE.partition("{")[0], lambda column: column.id == "overdue"),
)
"""Notes with a number or a day in them, by how they begin."""
STOCK = frozenset({*_COLUMNS, *_ROWS, *MULTIPLE_STUB, notes.SELECTION, notes.MONTHS, OPEN, CLOSED})
STOCK |= {notes.CONTACT}
"""Notes that are the same under many tables. What a profile withholds is not among them: a reader
needs it under each table."""


def is_stock(note: str) -> bool:
    """True for a note that an edition prints once."""
    return note in STOCK or note.startswith(notes.COUNTED_WITH)


def note_mark(number: int) -> str:
    """The mark of a note, as the Analysis Function writes it."""
    return f"[note {number}]"


def marked_table(table: Table, numbers: Sequence[int]) -> Table:
    """A table with the marks of its notes at the headers and row labels that they concern.

    numbers: of its notes, in their order. A note on the whole table has no mark.

    A note on percentages, number 2: the header "Per cent" becomes "Per cent [note 2]".
    """
    numbered = sorted(zip(numbers, table.notes, strict=False))

    def marked(label: str, concerned: Callable[[str], bool]) -> str:
        return " ".join([label, *(note_mark(n) for n, note in numbered if concerned(note))])

    return replace(
        table,
        stub=marked(table.stub, lambda note: note in MULTIPLE_STUB) if table.stub else "",
        columns=tuple(
            replace(column, label=marked(column.label, partial(_is_of_column, column)))
            for column in table.columns
        ),
        rows=tuple(
            replace(row, label=marked(row.label, partial(_is_of_row, row))) for row in table.rows
        ),
    )


def _is_of_column(column: Column, note: str) -> bool:
    if note in _COLUMNS:
        return _COLUMNS[note](column)
    return any(note.startswith(begin) and concerns(column) for begin, concerns in _BEGINNINGS)


def _is_of_row(row: Row, note: str) -> bool:
    if note in _ROWS:
        return _ROWS[note](row)
    overdue = note.startswith(notes.OVERDUE.partition("{")[0])
    return overdue and row.id.rpartition(".")[2] == "overdue"
