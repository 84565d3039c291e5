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
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from lxml import etree
from pymarc import Field, Indicators, Record, Subfield
from pymarc.exceptions import PymarcException

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.library.catalogue.host_place import parse_article_place
from waymark.library.exchange.readers.marc_binary import divide_record
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
    isbns_and_issns,
    kind_in,
    language_in,
    url_in,
    year_in,
)
from waymark.library.exchange.readers.rights import rights_in
from waymark.library.exchange.readers.statements import read_statements
from waymark.library.exchange.readers.xml import BadXml, Element, local_name, parse_xml, text_of
from waymark.library.exchange.record import ARTICLE, RecordData

END = b"\x1d"
LONGEST_RECORD = 99_999
"""Bytes of a binary record: its length has five digits."""
WRONG = (PymarcException, ValueError, KeyError, IndexError, TypeError, AttributeError, LookupError)
PUNCTUATION = " /:;,.="
CODED_PLACE = re.compile(r"(?P<volume>[^:<]*):(?P<issue>[^:<]*)<(?P<pages>.*)")
"""773 q: volume, issue and pages as "41:2<242-260"."""
Trim = Callable[[str], str]
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
        try:
            record, notes = divide_record(chunk)
        except WRONG as error:
            gathered.fault(place, f"cannot be read: {error}")
        else:
            _add_candidate(record, place, gathered, notes)
    if not content:
        gathered.fault("record 1", "the file is empty")
    return gathered.result()


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
        if name == "leader":
            record.leader = text_of(part)  # type: ignore[assignment]
        elif name == "controlfield":
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


def _add_candidate(
    record: Record, place: str, gathered: ReadCollector, notes: Iterable[str] = ()
) -> None:
    try:
        gathered.add(_record_candidate(record, place, notes))
    except WRONG as error:
        gathered.fault(place, f"cannot be read: {error}")


def _record_candidate(record: Record, place: str, doubts: Iterable[str]) -> CandidateRecord:
    year_text = _first_subfield(record, ("260", "264"), "c")
    fixed = _control_field(record, "008")
    # 260 or 264 c may say "[2004?]" or nothing; positions 7-10 of 008 then have the year.
    year = year_in(year_text) or year_in(fixed[7:11])
    notes = list(doubts)
    if year_text and year is None:
        notes.append(f"no year could be read from {year_text[:40]!r}")
    day = day_in(fixed[7:15]) if fixed[6:7] == "e" else None
    stated, literal = _stated(record)
    # What Waymark wrote has no punctuation of cataloguing rules: a full stop is of the name.
    trim: Trim = clean_line if literal else _trim_punctuation
    values: dict[str, Any] = dict(
        kind=_kind_of(record),
        title=_title_of(record, trim),
        strapline=trim(_first_subfield(record, ("245",), "b")),
        authors=_authors_in(record, trim, *PERSON_TAGS, *BODY_TAGS),
        author_bodies=_authors_in(record, trim, *BODY_TAGS),
        editors=clean_lines(
            _name_of(field, trim) for field in record.get_fields("700", "710") if _is_editor(field)
        ),
        publisher=trim(_first_subfield(record, ("260", "264"), "b")),
        place=trim(_first_subfield(record, ("260", "264"), "a")),
        edition=trim(_first_subfield(record, ("250",), "a")),
        series=trim(_first_subfield(record, ("490", "830"), "a")),
        report_number=_first_subfield(record, ("088",), "a"),
        **_host_of(record, trim),
        audience=_first_subfield(record, ("521",), "a"),
        year=year,
        published_on=day if day and day.year == year else None,
        language=_language_of(record, fixed),
        abstract=clean_paragraphs(_abstract_of(record)),
        contents=tuple((part, None) for part in _contents_of(record, trim)),
        keywords=clean_lines(
            _subject_of(field) for field in record.get_fields("650", "651", "653")
        ),
        url=first_in(_addresses_of(record), url_in),
        doi=first_in(_subfields(record, ("024",), "a"), doi_in),
        isbn=first_in(_subfields(record, ("020",), "a"), isbn_in),
        **rights_in(_rights_of(record)),
    )
    notes += _unread(record, without={"500"} if literal else set())
    data = RecordData(**values | stated)
    catalogue, number = (
        clean_line(_control_field(record, "003")),
        clean_line(_control_field(record, "001")),
    )
    identity = f"marc:{catalogue}:{number}" if catalogue and number else ""
    return CandidateRecord(data, place, identity=identity, notes=tuple(notes))


def _stated(record: Record) -> tuple[dict[str, Any], bool]:
    """What the notes of a record from Waymark state, and whether it is one."""
    if FORBIDDEN_USES_IN_FULL not in map(clean_line, _subfields(record, ("540",), "a")):
        return {}, False
    stated, _ = read_statements(_subfields(record, ("500",), "a"))
    return {name: value for name, value in stated.items() if value}, True


def _authors_in(record: Record, trim: Trim, *tags: str) -> tuple[str, ...]:
    fields = (field for field in record.get_fields(*tags) if not _is_editor(field))
    return clean_lines(_name_of(field, trim) for field in fields)


def _is_editor(field: Field) -> bool:
    """True for a name that is added as an editor's, by the word or by the code."""
    roles = field.get_subfields("e", "4")
    return bool(roles) and all(role.strip(" .,").lower() in {"editor", "edt"} for role in roles)


def _language_of(record: Record, fixed: str) -> str:
    """The language: a code with its source in 041, else positions 35-37 of 008."""
    coded = [field for field in record.get_fields("041") if field.indicator2 == "7"]
    text = next((code for field in coded for code in field.get_subfields("a")), "")
    return language_in(text or fixed[35:38].strip() or _first_subfield(record, ("041",), "a"))


def _abstract_of(record: Record) -> str:
    """The abstract, a paragraph for each field; indicator 8: the paragraph before goes on."""
    whole = ""
    for field in record.get_fields("520"):
        text = " ".join(field.get_subfields("a"))
        whole += f"{' ' if field.indicator1 == '8' else chr(10) * 2}{text}"
    return whole


def _kind_of(record: Record) -> str:
    """The kind by its form (655), else by a note of a thesis (502) or the type in the leader."""
    if kind := first_in(_subfields(record, ("655",), "a"), kind_in):
        return kind
    if record.get_fields("502"):
        return "thesis"
    leader = str(record.leader)
    # Position 6 g: projected medium, i: sound that is not music; 7 b: part of a serial.
    if leader[6:7] in {"g", "i"}:
        return "recording"
    return ARTICLE if leader[7:8] == "b" else ""


def _host_of(record: Record, trim: Trim) -> dict[str, str]:
    """Journal or book that has the work (773), and the place in it; else the number in a series."""
    title = trim(_first_subfield(record, ("773",), "t"))
    printed = _first_subfield(record, ("773",), "g")
    coded = CODED_PLACE.fullmatch(_first_subfield(record, ("773",), "q"))
    place = coded.groupdict("") if coded else parse_article_place(printed.rstrip(". "))
    issn = _first_subfield(record, ("022",), "a") or _first_subfield(record, ("773",), "x")
    number = trim(_first_subfield(record, ("490", "830"), "v"))
    if title and not place:
        place = {"pages": printed}
    if not title and number:
        place = {"volume": number}
    return {"host_title": title, "issn": first_in([issn], _issn), **place}


def _issn(text: str) -> str:
    return next(iter(isbns_and_issns([text])[1]), "")


SILENT = frozenset(
    [
        "001",
        "003",
        "005",
        "006",
        "007",
        "008",
        "016",
        "035",
        "040",
        "042",
        "050",
        "060",
        "082",
        "336",
        "337",
        "338",
        "347",
        "856",
    ]
)
"""Fields about the record and its carrier."""
TAKEN = {
    **dict.fromkeys(("020", "022", "088", "250", "521", "653", "655"), "aq2"),
    "024": "a2",
    "041": "a2",
    "245": "abcnp",
    "260": "abc",
    "264": "abc",
    "490": "av",
    **dict.fromkeys(("100", "110", "111", "700", "710", "711"), "abcdeq4"),
    "505": "atr",
    "520": "a",
    "540": "au",
    "542": "d",
    "773": "tgqx",
    "830": "av",
    "502": "a",
    **dict.fromkeys(("650", "651"), "axz2"),
}
"""Field -> its subfields that are read, or that only say more of what is."""
MOST_NAMED = 20


def _unread(record: Record, without: Collection[str]) -> list[str]:
    """A note of the fields that were not taken, with their beginnings."""
    named = [
        f"{field.tag} {part.code} ({_trim_punctuation(part.value)[:40]})"
        for field in record.fields
        if field.tag not in SILENT and field.tag not in without and not field.control_field
        for part in field.subfields
        if part.code not in TAKEN.get(field.tag, "") and clean_line(part.value)
    ]
    more = [f"{len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
    return [f"fields not taken: {', '.join([*named[:MOST_NAMED], *more])}"] if named else []


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


def _title_of(record: Record, trim: Trim) -> str:
    parts = [_first_subfield(record, ("245",), code) for code in "anp"]
    return trim(" ".join(part for part in parts if part))


def _name_of(field: Field, trim: Trim) -> str:
    name = clean_line(" ".join(field.get_subfields("a", "b")))
    if trim is clean_line:
        return name
    name = name.rstrip(" ,;:")
    # "Byrne, A." keeps the full stop of the initial; "Byrne, Aoife." loses that of the rules.
    return name if re.search(r"\b[A-Z]\.$", name) else name.rstrip(".")


def _subject_of(field: Field) -> str:
    parts = [_trim_punctuation(value) for value in field.get_subfields("a", "x", "z")]
    return " - ".join(part for part in parts if part)


def _contents_of(record: Record, trim: Trim) -> Iterator[str]:
    for value in _subfields(record, ("505",), "a") + _subfields(record, ("505",), "t"):
        yield from (title for part in value.split(" -- ") if (title := trim(part)))


def _addresses_of(record: Record) -> list[str]:
    """Web addresses of the work itself first, then of related resources (second indicator 2)."""
    fields = sorted(record.get_fields("856"), key=lambda field: field.indicator2 == "2")
    return [address for field in fields for address in field.get_subfields("u")]
