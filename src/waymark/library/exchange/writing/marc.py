"""MARC 21 and MARCXML, by pymarc. Fields as https://www.loc.gov/marc/bibliographic/ has them."""

from collections.abc import Iterator, Sequence
from datetime import UTC

from lxml import etree
from pymarc import Field, Indicators, Record, Subfield
from pymarc.marcxml import record_to_xml

from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writing.plain import MARC_LANGUAGES, is_person, line

NAMESPACE = "http://www.loc.gov/MARC21/slim"
SCHEMA = "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
LEADER = "00000nam a2200000 i 4500"
"""A new record of language material, a monograph, in Unicode, described by ISBD."""
ARTICLES = ("the ", "a ", "an ")
LONGEST = 9_000
"""A field of a binary record has at most 9,999 bytes with its marks: longer texts are divided."""

Element = etree._Element


def marc21(records: Sequence[RecordData]) -> bytes:
    """Binary records (ISO 2709), one after another, in UTF-8."""
    return b"".join(marc_record(one).as_marc() for one in records)


def marcxml(records: Sequence[RecordData]) -> bytes:
    """A collection in XML."""
    made = etree.Element(f"{{{NAMESPACE}}}collection", nsmap={None: NAMESPACE})
    for one in records:
        made.append(marcxml_element(one))
    text: bytes = etree.tostring(made, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return text


def marcxml_element(of: RecordData) -> Element:
    """One record in XML."""
    made = etree.fromstring(record_to_xml(marc_record(of), namespace=True))
    made.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
    return made


def marc_record(of: RecordData) -> Record:
    """One record as pymarc has it."""
    record = Record(leader=LEADER, force_utf8=True)
    for field in _fields(of):
        record.add_field(field)
    return record


def _fields(of: RecordData) -> Iterator[Field]:
    if of.key:
        yield Field("001", data=line(of.key))
    if of.changed_at is not None:
        yield Field("005", data=f"{of.changed_at.astimezone(UTC):%Y%m%d%H%M%S}.0")
    yield Field("008", data=_fixed(of))
    yield from _numbers(of)
    first, *others = of.creators or ("",)
    if first:
        yield _named("1", first)
    yield _title(of, entered=bool(first))
    yield from _published(of)
    yield from _content(of)
    yield from _about(of)
    for name in others:
        yield _named("7", name)
    yield from _places(of)


def _field(tag: str, first: str, second: str, *parts: tuple[str, str]) -> Field:
    said = [Subfield(code, line(value)) for code, value in parts if line(value)]
    return Field(tag, indicators=Indicators(first, second), subfields=said)


def _fixed(of: RecordData) -> str:
    """The forty characters of 008; of what is not known, its fill."""
    entered = f"{of.changed_at.astimezone(UTC):%y%m%d}" if of.changed_at else "000000"
    dates = f"s{of.year:04}    " if of.year is not None else "nuuuuuuuu"
    language = MARC_LANGUAGES.get(of.language.partition("-")[0], "und")
    return f"{entered}{dates}xxk     o    |000 0 {language} d"


def _numbers(of: RecordData) -> Iterator[Field]:
    if of.isbn:
        yield _field("020", " ", " ", ("a", of.isbn))
    if of.doi:
        yield _field("024", "7", " ", ("a", of.doi), ("2", "doi"))


def _named(block: str, name: str) -> Field:
    """A person in x00, a body in x10."""
    person = is_person(name)
    return _field(f"{block}{'00' if person else '10'}", "1" if person else "2", " ", ("a", name))


def _title(of: RecordData, *, entered: bool) -> Field:
    title = line(of.title)
    skipped = next((len(word) for word in ARTICLES if title.lower().startswith(word)), 0)
    return _field("245", "1" if entered else "0", str(skipped), ("a", title), ("b", of.strapline))


def _published(of: RecordData) -> Iterator[Field]:
    body = of.publisher or of.board
    if body or of.year is not None:
        year = "" if of.year is None else f"{of.year:04}"
        yield _field("264", " ", "1", ("b", body), ("c", year))
    if of.series:
        yield _field("490", "0", " ", ("a", of.series))


def _content(of: RecordData) -> Iterator[Field]:
    if of.contents:
        yield _field("505", "0", " ", ("a", _cut(" -- ".join(name for name, _ in of.contents))))
    for part in _divided(line(of.abstract)):
        yield _field("520", "3", " ", ("a", part))


def _about(of: RecordData) -> Iterator[Field]:
    for subject in of.subjects:
        yield _field("650", " ", "7", ("a", subject), ("2", "local"))
    for word in of.keywords:
        yield _field("653", " ", " ", ("a", word))
    if of.kind_label:
        yield _field("655", " ", "7", ("a", of.kind_label), ("2", "local"))


def _places(of: RecordData) -> Iterator[Field]:
    if of.url:
        yield _field("856", "4", "0", ("u", of.url))
    if of.page:
        yield _field("856", "4", "2", ("u", of.page), ("y", "Record in the library"))


def _divided(text: str) -> Iterator[str]:
    """A long text in parts that each fit a field, divided between words."""
    while text:
        part = _cut(text)
        yield part
        text = text[len(part) :].strip()


def _cut(text: str) -> str:
    """The beginning of a text, of at most LONGEST bytes, ending with a whole word."""
    if len(text.encode()) <= LONGEST:
        return text
    start = text.encode()[:LONGEST].decode(errors="ignore")
    whole, _, _ = start.rpartition(" ")
    return whole or start
