"""Records as CSV, one a line, for spreadsheets."""

import csv
import io
from collections.abc import Sequence

from waymark.core.spreadsheet import without_formula
from waymark.library.catalogue.author_names import author_lines
from waymark.library.exchange.record import RecordData

HEADINGS = (
    "key",
    "kind",
    "title",
    "authors",
    "year",
    "published",
    "nation",
    "board",
    "publisher",
    "subjects",
    "address",
)


def write_csv(records: Sequence[RecordData]) -> bytes:
    """The records as CSV in UTF-8, with a mark of the encoding for spreadsheet programs."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for record in records:
        values = (
            record.key,
            record.kind_label,
            record.title,
            "; ".join(author_lines(record.authors, _bodies_of(record))),
            str(record.year or ""),
            record.published_on.isoformat() if record.published_on else "",
            record.nation,
            record.board,
            record.publisher,
            "; ".join(record.subjects),
            record.page,
        )
        writer.writerow([without_formula(value) for value in values])
    return text.getvalue().encode("utf-8-sig")


def _bodies_of(record: RecordData) -> set[str]:
    return {name for name in record.authors if record.is_body(name)}
