"""Records from MARC 21 (ISO 2709) and MARCXML, by pymarc: each record by itself."""

import re
from collections.abc import Iterator

from lxml import etree
from pymarc import Field, Indicators, MARCReader, Record, Subfield
from pymarc.exceptions import PymarcException

from waymark.library.exchange.reading.found import (
    Candidate,
    Gathered,
    Reading,
    doi_in,
    isbn_in,
    kind_in,
    language_in,
    line,
    lines,
    paragraphs,
    url_in,
    year_in,
)
from waymark.library.exchange.reading.xml import BadXml, Element, local, parsed, text_of
from waymark.library.exchange.record import RecordData

END = b"\x1d"
LONGEST_RECORD = 99_999
"""Bytes of a binary record: its length has five digits."""
WRONG = (PymarcException, ValueError, KeyError, IndexError, TypeError, AttributeError, LookupError)
PUNCTUATION = " /:;,."


def read_marc(content: bytes) -> Reading:
    """The records of a binary MARC file."""
    gathered = Gathered()
    chunks = [chunk.lstrip(b"\r\n\0 ") for chunk in content.split(END)]
    if chunks[-1]:
        gathered.fault(f"record {len(chunks)}", "is cut off: its end is missing")
    for number, chunk in enumerate(chunks[:-1], start=1):
        if gathered.full:
            break
        place = f"record {number}"
        if len(chunk) >= LONGEST_RECORD:
            gathered.fault(place, f"is longer than {LONGEST_RECORD:,} bytes")
            continue
        record, reason = _decoded(chunk + END)
        if record is None:
            gathered.fault(place, f"cannot be read: {reason}")
        else:
            _add(record, place, gathered)
    if not content:
        gathered.fault("record 1", "the file is empty")
    return gathered.reading()


def _decoded(chunk: bytes) -> tuple[Record | None, str]:
    reader = MARCReader(chunk, hide_utf8_warnings=True)
    try:
        record = next(reader, None)
    except WRONG as error:
        return None, str(error)
    if record is None:
        return None, str(reader.current_exception or "it is no MARC record")
    return record, ""


def read_marcxml(content: bytes) -> Reading:
    """The records of a MARCXML file, wherever in it they stand."""
    gathered = Gathered()
    try:
        root = parsed(content)
    except BadXml as error:
        gathered.fault(f"line {error.line}", str(error))
        return gathered.reading()
    for number, element in enumerate(_named(root, "record"), start=1):
        if gathered.full:
            break
        place = f"record {number} (line {element.sourceline})"
        try:
            _add(record_of(element), place, gathered)
        except WRONG as error:
            gathered.fault(place, f"cannot be read: {error}")
    if not gathered.candidates and not gathered.faults:
        gathered.fault("line 1", "holds no MARC record")
    return gathered.reading()


def record_of(element: Element) -> Record:
    """A record element as pymarc has it. Raises ValueError for one without a tag or a code."""
    record = Record(force_utf8=True)
    for part in element.iterchildren(etree.Element):
        name, tag = local(part), part.get("tag", "")
        if name in {"controlfield", "datafield"} and not re.fullmatch(r"[0-9A-Za-z]{3}", tag):
            raise ValueError(f"a field has the tag {tag[:10]!r}")
        if name == "controlfield":
            record.add_field(Field(tag, data=text_of(part)))
        elif name == "datafield":
            marks = Indicators(part.get("ind1") or " ", part.get("ind2") or " ")
            inner = [
                Subfield(one.get("code", ""), text_of(one)) for one in _named(part, "subfield")
            ]
            record.add_field(Field(tag, indicators=marks, subfields=inner))
    return record


def _named(root: Element, name: str) -> Iterator[Element]:
    return (one for one in root.iter(etree.Element) if local(one) == name)


# ---- what the fields say ----


def _add(record: Record, place: str, gathered: Gathered) -> None:
    try:
        gathered.add(_candidate(record, place))
    except WRONG as error:
        gathered.fault(place, f"cannot be read: {error}")


def _candidate(record: Record, place: str) -> Candidate:
    year_said = _first(record, ("260", "264"), "c")
    fixed = _control(record, "008")
    year = year_in(year_said) or year_in(fixed[7:11])
    notes = []
    if year_said and year is None:
        notes.append(f"no year could be read from {year_said[:40]!r}")
    kinds = [kind_in(said) for said in _all(record, ("655",), "a")]
    language = fixed[35:38].strip() or _first(record, ("041",), "a")
    data = RecordData(
        kind=next(filter(None, kinds), ""),
        title=_title(record),
        strapline=_trimmed(_first(record, ("245",), "b")),
        authors=lines(
            _name(field) for field in record.get_fields("100", "110", "111", "700", "710")
        ),
        publisher=_trimmed(_first(record, ("260", "264"), "b")),
        series=_trimmed(_first(record, ("490", "830"), "a")),
        year=year,
        language=language_in(language),
        abstract=paragraphs("\n\n".join(_all(record, ("520",), "a"))),
        contents=tuple((part, None) for part in _contents(record)),
        keywords=lines(_subject(field) for field in record.get_fields("650", "651", "653")),
        url=next((url for said in _addresses(record) if (url := url_in(said))), ""),
        doi=next((doi for said in _all(record, ("024",), "a") if (doi := doi_in(said))), ""),
        isbn=next((isbn for said in _all(record, ("020",), "a") if (isbn := isbn_in(said))), ""),
    )
    keeper, number = line(_control(record, "003")), line(_control(record, "001"))
    identity = f"marc:{keeper}:{number}" if keeper and number else ""
    return Candidate(data, place, identity=identity, notes=tuple(notes))


def _control(record: Record, tag: str) -> str:
    """A control field as it stands: in 008 each place has its meaning."""
    field = record.get(tag)
    return (field.data or "") if field is not None else ""


def _all(record: Record, tags: tuple[str, ...], code: str) -> list[str]:
    return [said for field in record.get_fields(*tags) for said in field.get_subfields(code)]


def _first(record: Record, tags: tuple[str, ...], code: str) -> str:
    return next((line(said) for said in _all(record, tags, code) if line(said)), "")


def _trimmed(text: str) -> str:
    """Without the punctuation that library rules set between the parts."""
    return line(text).rstrip(PUNCTUATION)


def _title(record: Record) -> str:
    parts = [_first(record, ("245",), code) for code in "anp"]
    return _trimmed(" ".join(part for part in parts if part))


def _name(field: Field) -> str:
    said = line(" ".join(field.get_subfields("a", "b"))).rstrip(" ,;:")
    # "Byrne, A." keeps the full stop of an initial; "Byrne, Aoife." loses that of the rules.
    return said if re.search(r"\b[A-Z]\.$", said) else said.rstrip(".")


def _subject(field: Field) -> str:
    parts = [_trimmed(said) for said in field.get_subfields("a", "x", "z")]
    return " - ".join(part for part in parts if part)


def _contents(record: Record) -> Iterator[str]:
    for said in _all(record, ("505",), "a"):
        yield from (kept for part in said.split(" -- ") if (kept := _trimmed(part)))


def _addresses(record: Record) -> list[str]:
    """Addresses of the work itself first, then of what is said to be related."""
    fields = sorted(record.get_fields("856"), key=lambda field: field.indicator2 == "2")
    return [said for field in fields for said in field.get_subfields("u")]
