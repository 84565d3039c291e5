"""Records from RIS, by rispy: one reference at a time, so that each fault has its line."""

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
NO_END = "the reference has no end and was left out: a line ER  - is missing"
KINDS = {"ELEC": "web-page", "WEB": "web-page", "STAT": "", "DATA": "statistics"}
TITLES = ("primary_title", "title", "short_title")
ABSTRACTS = ("abstract", "notes_abstract")
AUTHORS = ("first_authors", "authors")
SERIES = ("tertiary_title", "secondary_title")
YEARS = ("year", "publication_year", "date")


def read_ris(content: bytes) -> Reading:
    """The references of a RIS file."""
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
        for one in read:
            _add(one, place, gathered)
    if not gathered.candidates and not gathered.faults:
        gathered.fault("line 1", "holds no reference: a reference begins with a line TY  - RPRT")
    return gathered.reading()


def _references(text: str, gathered: Gathered) -> Iterator[tuple[int, list[str]]]:
    """The first line (from 1) of each whole reference, and its lines as rispy wants them."""
    start, reference = 0, list[str]()
    for number, raw in enumerate(text.split("\n"), start=1):
        found = TAG.match(raw)
        tag = found[1] if found else ""
        if tag == "TY":
            if start:
                gathered.fault(f"line {start}", NO_END)
            start, reference = number, [f"TY  - {_after(found, raw)}"]
        elif not start:
            # Some programs number the references.
            if raw.strip() and not raw.strip().rstrip(".").isdigit():
                gathered.fault(f"line {number}", f"stands outside a reference: {raw[:60]!r}")
        elif tag == "ER":
            yield start, reference
            start = 0
        else:
            reference.append(f"{tag}  - {_after(found, raw)}" if tag else raw)
    if start:
        gathered.fault(f"line {start}", NO_END)


def _after(found: re.Match[str] | None, raw: str) -> str:
    return raw[found.end() :] if found else raw


def _add(one: dict[str, Any], place: str, gathered: Gathered) -> None:
    dates = [_text(one, name) for name in YEARS]
    day = next((whole for said in dates if (whole := day_in(said))), None)
    year = next((found for said in dates if (found := year_in(said))), None)
    said_kind = _text(one, "type_of_reference")
    work = _text(one, "type_of_work")
    urls = [url for said in one.get("urls", []) if (url := url_in(said))]
    notes = list(language_note(_text(one, "language")))
    if any(dates) and year is None:
        notes.append(f"no year could be read from {next(filter(None, dates))[:40]!r}")
    data = RecordData(
        kind=kind_in(work) or KINDS.get(said_kind, ""),
        title=line(_first(one, TITLES)),
        authors=lines(name for key in AUTHORS for name in one.get(key, [])),
        publisher=line(_text(one, "publisher")),
        series=line(_first(one, SERIES)),
        year=year,
        published_on=day if day and day.year == year else None,
        language=language_in(_text(one, "language")),
        abstract=paragraphs(_first(one, ABSTRACTS)),
        keywords=lines(one.get("keywords", [])),
        url=urls[0] if urls else "",
        doi=doi_in(_text(one, "doi")),
        isbn=isbn_in(_text(one, "issn")),
    )
    gathered.add(Candidate(data, place, notes=tuple(notes)))


def _text(one: dict[str, Any], name: str) -> str:
    value = one.get(name, "")
    return value if isinstance(value, str) else " ".join(map(str, value))


def _first(one: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((said for name in names if (said := _text(one, name))), "")
