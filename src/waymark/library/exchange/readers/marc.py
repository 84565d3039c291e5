"""Read MARC 21 (ISO 2709) and MARCXML with pymarc, one record at a time.

A binary record is a leader of 24 bytes, a directory and the fields, and ends with the byte 1D. The
leader begins with the length in five digits, so no record is longer than 99,999 bytes. The fields
that are used, with their subfields:

    001, 003  number, and the catalogue that gave it    520 a     abstract
    008       fixed positions: 7-10 year, 35-37 language 650, 653  subjects
    020, 024  ISBN, DOI                                 655 a     kind
    100-711   authors and bodies                        856 u     web address
    088 a     report number                             521 a     audience
    245 a b   title and subtitle                        260, 264  b publisher, c year
    773 t g   of an article the journal, its volume and pages
"""

import re
from collections.abc import Iterator

from lxml import etree
from pymarc import Field, Indicators, MARCReader, Record, Subfield
from pymarc.exceptions import PymarcException

from waymark.library.exchange.readers.result import (
    CandidateRecord,
    ReadCollector,
    ReadResult,
    clean_line,
    clean_lines,
    clean_paragraphs,
    doi_in,
    first_in,
    isbn_in,
    kind_in,
    language_in,
    url_in,
    year_in,
)
from waymark.library.exchange.readers.rights import rights_in
from waymark.library.exchange.readers.xml import BadXml, Element, local_name, parse_xml, text_of
from waymark.library.exchange.record import RecordData

END = b"\x1d"
LONGEST_RECORD = 99_999
"""Bytes of a binary record: its length has five digits."""
WRONG = (PymarcException, ValueError, KeyError, IndexError, TypeError, AttributeError, LookupError)
PUNCTUATION = " /:;,."
PERSON_TAGS, BODY_TAGS = ("100", "700"), ("110", "111", "710", "711")


def read_marc(content: bytes) -> ReadResult:
    """Read a binary MARC file."""
    gathered = ReadCollector()
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
        record, reason = _decode_record(chunk + END)
        if record is None:
            gathered.fault(place, f"cannot be read: {reason}")
        else:
            _add_candidate(record, place, gathered)
    if not content:
        gathered.fault("record 1", "the file is empty")
    return gathered.result()


def _decode_record(chunk: bytes) -> tuple[Record | None, str]:
    reader = MARCReader(chunk, hide_utf8_warnings=True)
    try:
        record = next(reader, None)
    except WRONG as error:
        return None, str(error)
    if record is None:
        return None, str(reader.current_exception or "it is not a MARC record")
    return record, ""


def read_marcxml(content: bytes) -> ReadResult:
    """Read a MARCXML file: record elements at any depth."""
    gathered = ReadCollector()
    try:
        root = parse_xml(content)
    except BadXml as error:
        gathered.fault(f"line {error.line}", str(error))
        return gathered.result()
    for number, element in enumerate(_elements_named(root, "record"), start=1):
        if gathered.full:
            break
        place = f"record {number} (line {element.sourceline})"
        try:
            _add_candidate(record_of(element), place, gathered)
        except WRONG as error:
            gathered.fault(place, f"cannot be read: {error}")
    if not gathered.candidates and not gathered.faults:
        gathered.fault("line 1", "contains no MARC records")
    return gathered.result()


def record_of(element: Element) -> Record:
    """Convert a record element to a pymarc record. Raises ValueError for a field without a tag."""
    record = Record(force_utf8=True)
    for part in element.iterchildren(etree.Element):
        name, tag = local_name(part), part.get("tag", "")
        if name in {"controlfield", "datafield"} and not re.fullmatch(r"[0-9A-Za-z]{3}", tag):
            raise ValueError(f"a field has the tag {tag[:10]!r}")
        if name == "controlfield":
            record.add_field(Field(tag, data=text_of(part)))
        elif name == "datafield":
            marks = Indicators(part.get("ind1") or " ", part.get("ind2") or " ")
            inner = [
                Subfield(subfield.get("code", ""), text_of(subfield))
                for subfield in _elements_named(part, "subfield")
            ]
            record.add_field(Field(tag, indicators=marks, subfields=inner))
    return record


def _elements_named(root: Element, name: str) -> Iterator[Element]:
    return (element for element in root.iter(etree.Element) if local_name(element) == name)


# ---- from fields to values ----


def _add_candidate(record: Record, place: str, gathered: ReadCollector) -> None:
    try:
        gathered.add(_record_candidate(record, place))
    except WRONG as error:
        gathered.fault(place, f"cannot be read: {error}")


def _record_candidate(record: Record, place: str) -> CandidateRecord:
    year_text = _first_subfield(record, ("260", "264"), "c")
    fixed = _control_field(record, "008")
    # 260 or 264 c may say "[2004?]" or nothing; positions 7-10 of 008 then have the year.
    year = year_in(year_text) or year_in(fixed[7:11])
    notes = []
    if year_text and year is None:
        notes.append(f"no year could be read from {year_text[:40]!r}")
    language = fixed[35:38].strip() or _first_subfield(record, ("041",), "a")
    data = RecordData(
        kind=first_in(_subfields(record, ("655",), "a"), kind_in),
        title=_title_of(record),
        strapline=_trim_punctuation(_first_subfield(record, ("245",), "b")),
        authors=clean_lines(map(_name_of, record.get_fields(*PERSON_TAGS, *BODY_TAGS))),
        author_bodies=clean_lines(map(_name_of, record.get_fields(*BODY_TAGS))),
        publisher=_trim_punctuation(_first_subfield(record, ("260", "264"), "b")),
        series=_trim_punctuation(
            _first_subfield(record, ("490", "830"), "a") or _first_subfield(record, ("773",), "t")
        ),
        report_number=_first_subfield(record, ("088",), "a")
        or _first_subfield(record, ("773",), "g"),
        audience=_first_subfield(record, ("521",), "a"),
        year=year,
        language=language_in(language),
        abstract=clean_paragraphs("\n\n".join(_subfields(record, ("520",), "a"))),
        contents=tuple((part, None) for part in _contents_of(record)),
        keywords=clean_lines(
            _subject_of(field) for field in record.get_fields("650", "651", "653")
        ),
        url=first_in(_addresses_of(record), url_in),
        doi=first_in(_subfields(record, ("024",), "a"), doi_in),
        isbn=first_in(_subfields(record, ("020",), "a"), isbn_in),
        **rights_in(_rights_of(record)),
    )
    catalogue, number = (
        clean_line(_control_field(record, "003")),
        clean_line(_control_field(record, "001")),
    )
    identity = f"marc:{catalogue}:{number}" if catalogue and number else ""
    return CandidateRecord(data, place, identity=identity, notes=tuple(notes))


def _rights_of(record: Record) -> list[str]:
    """Statements of rights: terms of use in 540, their address in u; the holder in 542 d."""
    terms = _subfields(record, ("540",), "u") + _subfields(record, ("540",), "a")
    return terms + [f"Rights holder: {name}" for name in _subfields(record, ("542",), "d")]


def _control_field(record: Record, tag: str) -> str:
    """A control field, unchanged: in 008 each position has a meaning."""
    field = record.get(tag)
    return (field.data or "") if field is not None else ""


def _subfields(record: Record, tags: tuple[str, ...], code: str) -> list[str]:
    return [value for field in record.get_fields(*tags) for value in field.get_subfields(code)]


def _first_subfield(record: Record, tags: tuple[str, ...], code: str) -> str:
    return next(
        (clean_line(value) for value in _subfields(record, tags, code) if clean_line(value)), ""
    )


def _trim_punctuation(text: str) -> str:
    """The text without the punctuation that cataloguing rules put between parts."""
    return clean_line(text).rstrip(PUNCTUATION)


def _title_of(record: Record) -> str:
    parts = [_first_subfield(record, ("245",), code) for code in "anp"]
    return _trim_punctuation(" ".join(part for part in parts if part))


def _name_of(field: Field) -> str:
    name = clean_line(" ".join(field.get_subfields("a", "b"))).rstrip(" ,;:")
    # "Byrne, A." keeps the full stop of the initial; "Byrne, Aoife." loses that of the rules.
    return name if re.search(r"\b[A-Z]\.$", name) else name.rstrip(".")


def _subject_of(field: Field) -> str:
    parts = [_trim_punctuation(value) for value in field.get_subfields("a", "x", "z")]
    return " - ".join(part for part in parts if part)


def _contents_of(record: Record) -> Iterator[str]:
    for value in _subfields(record, ("505",), "a"):
        yield from (title for part in value.split(" -- ") if (title := _trim_punctuation(part)))


def _addresses_of(record: Record) -> list[str]:
    """Web addresses of the work itself first, then of related resources (second indicator 2)."""
    fields = sorted(record.get_fields("856"), key=lambda field: field.indicator2 == "2")
    return [address for field in fields for address in field.get_subfields("u")]
