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

from waymark.documents.parsers.charset import decoded
from waymark.library.exchange.reading.found import (
    Candidate,
    Gathered,
    Reading,
    day_in,
    doi_in,
    first_in,
    isbn_in,
    kind_in,
    language_in,
    language_note,
    line,
    lines,
    paragraphs,
    url_in,
    year_in,
)
from waymark.library.exchange.record import RecordData

TAG = re.compile(r"^([A-Z][A-Z0-9]) {1,2}-(?: |$)")
NO_END = "we left this reference out because it has no end: a line ER  - is missing"
KINDS = {"ELEC": "web-page", "WEB": "web-page", "STAT": "", "DATA": "statistics"}
TITLES = ("primary_title", "title", "short_title")
ABSTRACTS = ("abstract", "notes_abstract")
AUTHORS = ("first_authors", "authors")
SERIES = ("tertiary_title", "secondary_title")
YEARS = ("year", "publication_year", "date")


def read_ris(content: bytes) -> Reading:
    """Read a RIS file."""
    gathered = Gathered()
    text, warnings = decoded(content)
    gathered.notes += warnings
    for start, reference in _references(text, gathered):
        if gathered.full:
            break
        place = f"line {start}"
        try:
            read = rispy.loads("\n".join([*reference, "ER  - ", ""]))
        except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
            gathered.fault(place, f"the reference cannot be read: {error}")
            continue
        for fields in read:
            _add(fields, place, gathered)
    if not gathered.candidates and not gathered.faults:
        gathered.fault("line 1", "contains no references: each begins with a line TY  - RPRT")
    return gathered.reading()


def _references(text: str, gathered: Gathered) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, lines in the form that rispy reads) of each whole reference."""
    start, reference = 0, list[str]()
    for number, raw in enumerate(text.split("\n"), start=1):
        match = TAG.match(raw)
        tag = match[1] if match else ""
        if tag == "TY":
            if start:
                gathered.fault(f"line {start}", NO_END)
            start, reference = number, [f"TY  - {_after(match, raw)}"]
        elif not start:
            # Some programs number the references.
            if raw.strip() and not raw.strip().rstrip(".").isdigit():
                gathered.fault(f"line {number}", f"is outside a reference: {raw[:60]!r}")
        elif tag == "ER":
            yield start, reference
            start = 0
        else:
            # Some programs write "TI - Title" with one space: rispy reads only two.
            reference.append(f"{tag}  - {_after(match, raw)}" if tag else raw)
    if start:
        gathered.fault(f"line {start}", NO_END)


def _after(match: re.Match[str] | None, raw: str) -> str:
    return raw[match.end() :] if match else raw


def _add(fields: dict[str, Any], place: str, gathered: Gathered) -> None:
    dates = [_text(fields, name) for name in YEARS]
    day = first_in(dates, day_in)
    year = first_in(dates, year_in)
    type_code = _text(fields, "type_of_reference")
    notes = list(language_note(_text(fields, "language")))
    if any(dates) and year is None:
        notes.append(f"no year could be read from {next(filter(None, dates))[:40]!r}")
    data = RecordData(
        kind=kind_in(_text(fields, "type_of_work")) or KINDS.get(type_code, ""),
        title=line(_first(fields, TITLES)),
        authors=lines(name for key in AUTHORS for name in fields.get(key, [])),
        publisher=line(_text(fields, "publisher")),
        series=line(_first(fields, SERIES)),
        year=year,
        published_on=day if day and day.year == year else None,
        language=language_in(_text(fields, "language")),
        abstract=paragraphs(_first(fields, ABSTRACTS)),
        keywords=lines(fields.get("keywords", [])),
        url=first_in(fields.get("urls", []), url_in),
        doi=doi_in(_text(fields, "doi")),
        isbn=isbn_in(_text(fields, "issn")),
    )
    gathered.add(Candidate(data, place, notes=tuple(notes)))


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else " ".join(map(str, value))


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := _text(fields, name))), "")
