"""Read a CSV table with a heading row and any of the usual delimiters."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

from waymark.core.licences import licence_in
from waymark.core.spreadsheet import text_of_cell
from waymark.documents.parsers.charset import decode_text
from waymark.library.catalogue.author_names import has_marks, read_author_lines
from waymark.library.catalogue.host_place import parse_article_place
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
from waymark.library.exchange.readers.zotero import is_zotero, zotero_candidate
from waymark.library.exchange.record import ARTICLE, RecordData
from waymark.library.exchange.statements import title_and_page

DELIMITERS = ",;\t|"
LIST = ";"
SEPARATOR = re.compile(r"\ufeff?sep=([,;\t|])[ \t]*\n", re.IGNORECASE)
OTHER_NAMES = {
    "author": "authors",
    "editor": "editors",
    "journal": "host_title",
    "copyright": "rights_holder",
    "license": "licence",
    "rights": "licence",
    "date": "published_on",
    "isbn13": "isbn",
    "link": "url",
    "points": "key_points",
    "published": "published_on",
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
    "host_title",
    "volume",
    "issue",
    "pages",
    "edition",
    "place",
    "issn",
)
LISTS = ("authors", "editors", "key_points", "subjects", "keywords")
CONTENTS = "contents"
COLUMNS = (
    "kind",
    *TEXTS,
    *LISTS,
    CONTENTS,
    "year",
    "published_on",
    "language",
    "abstract",
    "url",
    "doi",
    "isbn",
    "licence",
    "transcript_url",
    "accessed_on",
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
    # Excel reads the delimiter from a first line "sep=;", which is no row.
    stated = SEPARATOR.match(text)
    delimiter = stated[1] if stated else _guess_delimiter(text)
    rows = _csv_rows(text, delimiter, gathered)
    if stated:
        next(rows, None)
    heading = next(rows, None)
    if heading and is_zotero(heading[1]):
        return _read_zotero(heading[1], rows, gathered)
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


def _read_zotero(
    heading: list[str], rows: Iterator[tuple[str, list[str]]], gathered: ReadCollector
) -> ReadResult:
    for place, cells in rows:
        if gathered.full:
            break
        if any(cell.strip() for cell in cells):
            gathered.add(zotero_candidate(heading, cells, place))
    return gathered.result()


def is_table(text: str) -> bool:
    """True if the first row has a column of titles, as a table of records has."""
    first = text.lstrip("\ufeff").split("\n", 1)
    if SEPARATOR.match(text.lstrip("\ufeff")) and len(first) == 2:
        first = first[1].split("\n", 1)
    cells = first[0][:10_000].split(_guess_delimiter(first[0]))
    return len(cells) > 1 and "title" in map(_column_name, cells)


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
            gathered.fault(f"line {start}", f"the row cannot be read: {_reason(error, reader)}")


def _reason(error: csv.Error, reader: Any) -> str:
    """What is wrong with a row; a quotation that never ends takes the rest of the file with it."""
    if "unexpected end" in str(error):
        last = reader.line_num
        return f"{error}: a quotation mark has no second one, so all to line {last} is one cell"
    return str(error)


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
    values = {name: text_of_cell(cell) for name, cell in zip(names, cells, strict=False) if name}
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
    lists: dict[str, Any] = {name: clean_lines(_listed(values.get(name, ""))) for name in LISTS}
    marked = has_marks(lists["authors"])
    lists["authors"], bodies = read_author_lines(lists["authors"])
    day = day_in(values.get("published_on", ""))
    kind = kind_in(values.get("kind", ""))
    return RecordData(
        kind=kind,
        **texts | _earlier_article(kind, texts),
        **lists,
        author_bodies=bodies if marked else None,
        contents=tuple(map(title_and_page, clean_lines(_listed(values.get(CONTENTS, ""))))),
        transcript_url=url_in(values.get("transcript_url", "")),
        accessed_on=day_in(values.get("accessed_on", "")),
        year=year_in(values.get("year", "")) or (day.year if day else None),
        published_on=day,
        language=language_in(values.get("language", "")),
        abstract=clean_paragraphs(values.get("abstract", "")),
        url=url_in(values.get("url", "")),
        doi=doi_in(values.get("doi", "")),
        isbn=isbn_in(values.get("isbn", "")),
        licence=licence_in(clean_line(values.get("licence", ""))),
    )


def _listed(cell: str) -> list[str]:
    """The values of a cell: one on each line, or divided by semicolons."""
    return cell.split("\n" if "\n" in cell else LIST)


def _earlier_article(kind: str, texts: dict[str, str]) -> dict[str, str]:
    """Journal, volume and pages of an article in a table for an earlier version.

    It had the journal as "series" and 41(2), 242-260 as "report_number".
    """
    if kind != ARTICLE or texts["host_title"] or not texts["series"]:
        return {}
    place = parse_article_place(texts["report_number"])
    number = "" if place else texts["report_number"]
    return {"host_title": texts["series"], "series": "", "report_number": number, **place}


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
    _column_check("transcript_url", url_in, "a web address"),
    _column_check("accessed_on", day_in, "a day such as 2013-01-24"),
)
