"""Read a CSV table with a heading row and any of the usual delimiters."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

from waymark.core.licences import licence_in
from waymark.documents.parsers.charset import decode_text
from waymark.library.catalogue.author_names import has_marks, read_author_lines
from waymark.library.exchange.readers.result import (
    CandidateRecord,
    ReadCollector,
    ReadResult,
    clean_line,
    clean_lines,
    clean_paragraphs,
    day_in,
    doi_in,
    isbn_in,
    kind_in,
    language_in,
    language_note,
    url_in,
    year_in,
)
from waymark.library.exchange.record import RecordData

DELIMITERS = ",;\t|"
LIST = ";"
OTHER_NAMES = {
    "author": "authors",
    "copyright": "rights_holder",
    "license": "licence",
    "rights": "licence",
    "date": "published_on",
    "isbn13": "isbn",
    "link": "url",
    "points": "key_points",
    "subject": "subjects",
    "keyword": "keywords",
    "summary": "abstract",
    "type": "kind",
}
TEXTS = (
    "title",
    "strapline",
    "conducted_by",
    "publisher",
    "series",
    "report_number",
    "nation",
    "audience",
    "board",
    "review_type",
    "pseudonym",
    "period",
    "rights_holder",
)
LISTS = ("authors", "key_points", "subjects", "keywords")
COLUMNS = (
    "kind",
    *TEXTS,
    *LISTS,
    "year",
    "published_on",
    "language",
    "abstract",
    "url",
    "doi",
    "isbn",
    "licence",
)
"""The known columns, in any order; docs/importing.md explains them."""


def read_table(content: bytes) -> ReadResult:
    """Read a CSV file with one record in each row."""
    gathered = ReadCollector()
    text, warnings = decode_text(content)
    gathered.notes += warnings
    if not text.strip("\n\r \t\0"):
        gathered.fault("line 1", "the file is empty")
        return gathered.result()
    rows = _csv_rows(text, _guess_delimiter(text), gathered)
    heading = next(rows, None)
    names = _column_names(heading[1] if heading else [], gathered)
    if "title" not in names:
        known = ", ".join(COLUMNS)
        gathered.fault("line 1", f"has no column called title. Columns: {known}")
        return gathered.result()
    for place, cells in rows:
        if gathered.full:
            break
        if any(cell.strip() for cell in cells):
            _add_row(place, cells, names, gathered)
    return gathered.result()


def _guess_delimiter(text: str) -> str:
    """The delimiter that divides the heading row into the most known columns."""
    # "Title;Author, first" has a known column with ";" (title), but none with ",".
    first = text.split("\n", 1)[0][:10_000]
    cells = {sign: first.split(sign) for sign in DELIMITERS}
    return max(
        DELIMITERS, key=lambda sign: sum(_column_name(cell) is not None for cell in cells[sign])
    )


def _column_name(cell: str) -> str | None:
    name = clean_line(cell.strip("\ufeff \"'")).lower().replace(" ", "_").replace("-", "_")
    name = OTHER_NAMES.get(name, name)
    return name if name in COLUMNS else None


def _csv_rows(
    text: str, delimiter: str, gathered: ReadCollector
) -> Iterator[tuple[str, list[str]]]:
    """(place, cells) of each row; a row that cannot be read is a fault."""
    reader = csv.reader(
        io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter, strict=True
    )
    while True:
        start = reader.line_num + 1
        try:
            yield f"line {start}", next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            gathered.fault(f"line {start}", f"the row cannot be read: {error}")


def _column_names(heading: list[str], gathered: ReadCollector) -> list[str | None]:
    """Column of each cell in a row; None if the column is not known."""
    names = [_column_name(cell) for cell in heading]
    unknown = [clean_line(cell) for cell, name in zip(heading, names, strict=True) if name is None]
    if unknown := [cell[:40] for cell in unknown if cell]:
        gathered.notes.append(f"we left out unknown columns: {', '.join(unknown[:20])}")
    for column in sorted({name for name in names if name and names.count(name) > 1}):
        gathered.fault("line 1", f"the column {column} appears more than once: we used the last")
    return names


def _add_row(
    place: str, cells: list[str], names: list[str | None], gathered: ReadCollector
) -> None:
    if len(cells) > len(names):
        gathered.fault(place, f"has {len(cells)} cells, but the heading row has {len(names)}")
        return
    # Spreadsheets leave out empty cells at the end of a row, so rows may be shorter.
    values = {name: cell for name, cell in zip(names, cells, strict=False) if name}
    wrong = [message for check in CHECKS for message in check(values)]
    for message in wrong:
        gathered.fault(place, message)
    if not wrong:
        gathered.add(
            CandidateRecord(
                _row_data(values), place, notes=language_note(values.get("language", ""))
            )
        )


def _row_data(values: dict[str, str]) -> RecordData:
    texts: dict[str, Any] = {name: clean_line(values.get(name, "")) for name in TEXTS}
    lists: dict[str, Any] = {name: clean_lines(values.get(name, "").split(LIST)) for name in LISTS}
    marked = has_marks(lists["authors"])
    lists["authors"], bodies = read_author_lines(lists["authors"])
    day = day_in(values.get("published_on", ""))
    return RecordData(
        kind=kind_in(values.get("kind", "")),
        **texts,
        **lists,
        author_bodies=bodies if marked else None,
        year=year_in(values.get("year", "")) or (day.year if day else None),
        published_on=day,
        language=language_in(values.get("language", "")),
        abstract=clean_paragraphs(values.get("abstract", "")),
        url=url_in(values.get("url", "")),
        doi=doi_in(values.get("doi", "")),
        isbn=isbn_in(values.get("isbn", "")),
        licence=licence_in(clean_line(values.get("licence", ""))),
    )


def _column_check(
    name: str, reads: Callable[[str], Any], description: str
) -> Callable[[dict[str, str]], list[str]]:
    """Return a check that the value of a column can be read.

    Only tables are checked so strictly: they are written by hand and can be corrected by hand.
    """

    def check(values: dict[str, str]) -> list[str]:
        value = clean_line(values.get(name, ""))
        return (
            [f"{name}: {value[:60]!r} is not {description}"] if value and not reads(value) else []
        )

    return check


def _whole_year(text: str) -> bool:
    return year_in(text) is not None and len(text) == 4


CHECKS = (
    _column_check("kind", kind_in, "a kind of record such as guidance or case-review"),
    _column_check("year", _whole_year, "a year"),
    _column_check("published_on", day_in, "a day such as 2013-01-24"),
    _column_check("url", url_in, "a web address"),
    _column_check("doi", doi_in, "a DOI"),
    _column_check("isbn", isbn_in, "an ISBN"),
)
