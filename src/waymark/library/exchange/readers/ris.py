"""Read RIS with rispy, one reference at a time, so that each fault has its line.

A reference looks like this; a line without a tag continues the line above it:

    TY  - RPRT          begins a reference; its value is the type
    TI  - Title
    ER  -               ends the reference
"""

import re
from collections.abc import Iterator
from typing import Any

import rispy

from waymark.documents.parsers.charset import decode_text
from waymark.library.exchange.readers.result import (
    CandidateRecord,
    ReadCollector,
    ReadResult,
    clean_line,
    clean_lines,
    clean_paragraphs,
    day_in,
    doi_in,
    first_in,
    isbn_in,
    kind_in,
    language_in,
    language_note,
    url_in,
    year_in,
)
from waymark.library.exchange.readers.rights import rights_in
from waymark.library.exchange.record import ARTICLE, ArticlePlace, RecordData

TAG = re.compile(r"^([A-Z][A-Z0-9]) {1,2}-(?: |$)")
NO_END = "we left this reference out because it has no end: a line ER  - is missing"
KINDS = {
    "ELEC": "web-page",
    "WEB": "web-page",
    "STAT": "",
    "DATA": "statistics",
    "JOUR": ARTICLE,
}
TITLES = ("primary_title", "title", "short_title")
ABSTRACTS = ("abstract", "notes_abstract")
AUTHORS = ("first_authors", "authors")
SERIES = ("tertiary_title", "secondary_title", "journal_name")
PLACE = ("volume", "number", "start_page", "end_page")
YEARS = ("year", "publication_year", "date")


def read_ris(content: bytes) -> ReadResult:
    """Read a RIS file."""
    gathered = ReadCollector()
    text, warnings = decode_text(content)
    gathered.notes += warnings
    for start, reference in _split_references(text, gathered):
        if gathered.full:
            break
        place = f"line {start}"
        try:
            read = rispy.loads("\n".join([*reference, "ER  - ", ""]))
        except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
            gathered.fault(place, f"the reference cannot be read: {error}")
            continue
        for fields in read:
            _add_candidate(fields, place, gathered)
    if not gathered.candidates and not gathered.faults:
        gathered.fault("line 1", "contains no references: each begins with a line TY  - RPRT")
    return gathered.result()


def _split_references(text: str, gathered: ReadCollector) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, lines in the form that rispy reads) of each whole reference."""
    start, reference = 0, list[str]()
    for number, raw in enumerate(text.split("\n"), start=1):
        match = TAG.match(raw)
        tag = match[1] if match else ""
        if tag == "TY":
            # TY without ER before it: "TY - RPRT / TI - A / TY - RPRT / TI - B / ER -" contains one
            # whole reference, B. A is reported by its first line; to guess where it ends could mix
            # two.
            if start:
                gathered.fault(f"line {start}", NO_END)
            start, reference = number, [f"TY  - {_text_after(match, raw)}"]
        elif not start:
            # Some programs number the references.
            if raw.strip() and not raw.strip().rstrip(".").isdigit():
                gathered.fault(f"line {number}", f"is outside a reference: {raw[:60]!r}")
        elif tag == "ER":
            yield start, reference
            start = 0
        else:
            # Some programs write "TI - Title" with one space: rispy reads only two.
            reference.append(f"{tag}  - {_text_after(match, raw)}" if tag else raw)
    if start:
        gathered.fault(f"line {start}", NO_END)


def _text_after(match: re.Match[str] | None, raw: str) -> str:
    return raw[match.end() :] if match else raw


def _add_candidate(fields: dict[str, Any], place: str, gathered: ReadCollector) -> None:
    dates = [_text_of(fields, name) for name in YEARS]
    day = first_in(dates, day_in)
    year = first_in(dates, year_in)
    type_code = _text_of(fields, "type_of_reference")
    notes = list(language_note(_text_of(fields, "language")))
    if any(dates) and year is None:
        notes.append(f"no year could be read from {next(filter(None, dates))[:40]!r}")
    data = RecordData(
        kind=kind_in(_text_of(fields, "type_of_work")) or KINDS.get(type_code, ""),
        title=clean_line(_first_text(fields, TITLES)),
        authors=clean_lines(name for key in AUTHORS for name in fields.get(key, [])),
        publisher=clean_line(_text_of(fields, "publisher")),
        series=clean_line(_first_text(fields, SERIES)),
        report_number=clean_line(_number_of(fields, type_code)),
        year=year,
        published_on=day if day and day.year == year else None,
        language=language_in(_text_of(fields, "language")),
        abstract=clean_paragraphs(_first_text(fields, ABSTRACTS)),
        keywords=clean_lines(fields.get("keywords", [])),
        url=first_in(fields.get("urls", []), url_in),
        doi=doi_in(_text_of(fields, "doi")),
        isbn=isbn_in(_text_of(fields, "issn")),
        **rights_in(fields.get("notes", []), stated_only=True),
    )
    gathered.add(CandidateRecord(data, place, notes=tuple(notes)))


def _number_of(fields: dict[str, Any], type_code: str) -> str:
    if type_code == "JOUR":
        return str(ArticlePlace(*(_text_of(fields, name) for name in PLACE)))
    return _text_of(fields, "number")


def _text_of(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else " ".join(map(str, value))


def _first_text(fields: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := _text_of(fields, name))), "")
