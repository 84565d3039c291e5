"""Write MARC 21 and MARCXML with pymarc. Fields: https://www.loc.gov/marc/bibliographic/"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lxml import etree

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.extras import LaterModule
from waymark.core.licences import licence_url
from waymark.library.catalogue.host_place import article_place
from waymark.library.exchange.record import ARTICLE, RecordData
from waymark.library.exchange.writers.plain import (
    MARC_LANGUAGES,
    evaluation_statements,
    paragraphs_of,
    single_line,
    statements,
)

if TYPE_CHECKING:
    import pymarc
else:
    pymarc = LaterModule("pymarc")

NAMESPACE = "http://www.loc.gov/MARC21/slim"
SCHEMA = "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
LEADER = "00000nam a2200000 i 4500"
"""Positions 5 n: new; 6 a: language material; 7 m: monograph; 9 a: Unicode; 18 i: ISBD."""
PLACES = {"England": "enk", "Northern Ireland": "nik", "Scotland": "stk", "Wales": "wlk"}
STATED = (
    *("board", "review_type", "pseudonym", "period", "nation", "conducted_by", "key_points"),
    *("contents", "transcript_url", "accessed_on"),
)
"""Fields that MARC has not, or not so that they are read again as they were."""
ARTICLES = ("the ", "a ", "an ")
LONGEST = 9_000
"""Bytes of a field: at most 9,999 with subfield codes, so longer texts are divided."""

LEADERS = {
    ARTICLE: LEADER.replace("am", "ab"),
    "book-chapter": LEADER.replace("am", "aa"),
    "recording": LEADER.replace("am", "gm"),
}
"""Position 7 b: part of a serial, a: of a book; 6 g: film."""
Element = etree._Element


def write_marc21(records: Sequence[RecordData]) -> bytes:
    """Binary records (ISO 2709) in UTF-8."""
    return b"".join(marc_record(record).as_marc() for record in records)


def write_marcxml(records: Sequence[RecordData]) -> bytes:
    """A MARCXML collection."""
    root = etree.Element(f"{{{NAMESPACE}}}collection", nsmap={None: NAMESPACE})
    for record in records:
        root.append(marcxml_element(record))
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return text


def marcxml_element(record: RecordData) -> Element:
    """One record as a MARCXML element."""
    element = etree.fromstring(pymarc.marcxml.record_to_xml(marc_record(record), namespace=True))
    element.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
    return element


def marc_record(record: RecordData) -> pymarc.Record:
    """One record as a pymarc record."""
    marc = pymarc.Record(leader=LEADERS.get(record.kind, LEADER), force_utf8=True)
    for field in _marc_fields(record):
        marc.add_field(field)
    return marc


def _marc_fields(record: RecordData) -> Iterator[pymarc.Field]:
    if record.key:
        yield pymarc.Field("001", data=single_line(record.key))
        # 003: whose number that is. A registered code is rare, and the host is as good.
        if host := urlsplit(record.page).hostname:
            yield pymarc.Field("003", data=host)
    if record.changed_at is not None:
        yield pymarc.Field("005", data=f"{record.changed_at.astimezone(UTC):%Y%m%d%H%M%S}.0")
    yield pymarc.Field("008", data=_fixed_field(record))
    yield from _number_fields(record)
    # 1xx is the main entry, of which there is one; further names go into 7xx after the subjects.
    first, *added_names = record.creators or ("",)
    if first:
        yield _name_field("1", first, body=record.is_body(first))
    yield _title_field(record, entered=bool(first))
    yield from _publication_fields(record)
    yield from _content_fields(record)
    # 540: terms of use and reproduction.
    yield _marc_field("540", " ", " ", ("a", FORBIDDEN_USES_IN_FULL))
    yield from _subject_fields(record)
    for name in added_names:
        yield _name_field("7", name, body=record.is_body(name))
    for name in record.editors:
        yield _name_field("7", name, body=record.is_body(name), role="editor")
    yield from _host_field(record)
    yield from _address_fields(record)


def _marc_field(tag: str, first: str, second: str, *parts: tuple[str, str]) -> pymarc.Field:
    subfields = [
        pymarc.Subfield(code, single_line(value)) for code, value in parts if single_line(value)
    ]
    return pymarc.Field(tag, indicators=pymarc.Indicators(first, second), subfields=subfields)


def _fixed_field(record: RecordData) -> str:
    """The forty characters of field 008, with fill characters for unknown values.

    0-5 date entered; 6 s: one date, 7-10 the year, e: 7-14 the day; 15-17 the country, xxk: United
    Kingdom; 23 o: online;
    35-37 language.
    """
    entered = f"{record.changed_at.astimezone(UTC):%y%m%d}" if record.changed_at else "000000"
    if record.published_on is not None and record.published_on.year == record.year:
        dates = f"e{record.published_on:%Y%m%d}"
    else:
        dates = f"s{record.year:04}    " if record.year is not None else "nuuuuuuuu"
    place = PLACES.get(record.nation, "xxk")
    language = MARC_LANGUAGES.get(record.language.partition("-")[0], "und")
    return f"{entered}{dates}{place}     o    |000 0 {language} d"


def _number_fields(record: RecordData) -> Iterator[pymarc.Field]:
    if record.isbn:
        yield _marc_field("020", " ", " ", ("a", record.isbn))
    if record.doi:
        yield _marc_field("024", "7", " ", ("a", record.doi), ("2", "doi"))
    if record.issn and not record.host_title:
        yield _marc_field("022", " ", " ", ("a", record.issn))
    if record.language not in MARC_LANGUAGES:
        yield _marc_field("041", " ", "7", ("a", record.language), ("2", "rfc5646"))
    if record.report_number:
        yield _marc_field("088", " ", " ", ("a", record.report_number))


def _name_field(block: str, name: str, *, body: bool, role: str = "") -> pymarc.Field:
    """Name field: x00 for a person, x10 for a body."""
    tag, entry = ("10", "2") if body else ("00", "1" if "," in name else "0")
    return _marc_field(f"{block}{tag}", entry, " ", ("a", name), ("e", role))


def _title_field(record: RecordData, *, entered: bool) -> pymarc.Field:
    title = single_line(record.title)
    # Second indicator: characters to skip in sorting, 4 for "The otter".
    skipped = next((len(word) for word in ARTICLES if title.lower().startswith(word)), 0)
    return _marc_field(
        "245", "1" if entered else "0", str(skipped), ("a", title), ("b", record.strapline)
    )


def _publication_fields(record: RecordData) -> Iterator[pymarc.Field]:
    body = record.publisher or record.board
    if record.edition:
        yield _marc_field("250", " ", " ", ("a", record.edition))
    if body or record.place or record.year is not None:
        year = "" if record.year is None else f"{record.year:04}"
        yield _marc_field("264", " ", "1", ("a", record.place), ("b", body), ("c", year))
    if record.series:
        yield _marc_field("490", "0", " ", ("a", record.series))


def _host_field(record: RecordData) -> Iterator[pymarc.Field]:
    """The journal or book that has the work; g: volume, issue and pages, q: the same coded."""
    place = article_place(record.volume, record.issue, record.pages)
    if record.host_title or place:
        coded = f"{record.volume}:{record.issue}<{record.pages}" if place else ""
        issn = record.issn if record.host_title else ""
        parts = (("t", record.host_title), ("g", place), ("x", issn), ("q", coded))
        yield _marc_field("773", "0", " ", *parts)


def _note_fields(record: RecordData) -> Iterator[pymarc.Field]:
    for statement in statements(record, STATED):
        yield _marc_field("500", " ", " ", ("a", statement))
    for statement in evaluation_statements(record):
        # 567: methodology, 500: any other note.
        tag = "567" if statement.startswith(("Method: ", "Sample: ")) else "500"
        yield _marc_field(tag, " ", " ", ("a", _cut_text(statement)))


def _content_fields(record: RecordData) -> Iterator[pymarc.Field]:
    if record.contents:
        yield _marc_field(
            "505", "0", " ", ("a", _cut_text(" -- ".join(name for name, _ in record.contents)))
        )
    for paragraph in paragraphs_of(record.abstract):
        for number, part in enumerate(_split_text(paragraph)):
            # First indicator 8: a part of a paragraph that goes on from the field before.
            yield _marc_field("520", "8" if number else "3", " ", ("a", part))
    yield from _note_fields(record)
    if record.licence:
        # 540: terms governing use; 542: who holds the rights.
        yield _marc_field(
            *("540", " ", " "), ("a", record.licence), ("u", licence_url(record.licence))
        )
    if record.rights_holder:
        yield _marc_field("542", " ", " ", ("d", record.rights_holder))
    if record.audience:
        yield _marc_field("521", " ", " ", ("a", record.audience))


def _subject_fields(record: RecordData) -> Iterator[pymarc.Field]:
    for subject in record.subjects:
        yield _marc_field("650", " ", "7", ("a", subject), ("2", "local"))
    for word in record.keywords:
        yield _marc_field("653", " ", " ", ("a", word))
    if record.kind_label:
        yield _marc_field("655", " ", "7", ("a", record.kind_label), ("2", "local"))


def _address_fields(record: RecordData) -> Iterator[pymarc.Field]:
    if record.url:
        yield _marc_field("856", "4", "0", ("u", record.url))
    if record.page:
        yield _marc_field("856", "4", "2", ("u", record.page), ("y", "Record in the library"))


def _split_text(text: str) -> Iterator[str]:
    """Split a long text between words into parts that fit a field."""
    while text:
        part = _cut_text(text)
        yield part
        text = text[len(part) :].strip()


def _cut_text(text: str) -> str:
    """The start of a text up to LONGEST bytes, ending with a whole word if it has several."""
    if len(text.encode()) <= LONGEST:
        return text
    # Cutting bytes may split a letter of several bytes: errors="ignore" drops such a half letter.
    start = text.encode()[:LONGEST].decode(errors="ignore")
    whole, _, _ = start.rpartition(" ")
    return whole or start
