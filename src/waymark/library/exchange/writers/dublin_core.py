"""Write simple Dublin Core: oai_dc for OAI-PMH, and files."""

from collections.abc import Iterator, Sequence

from lxml import etree

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.licences import licence_url
from waymark.library.catalogue.host_place import article_place
from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writers.plain import (
    evaluation_statements,
    printable_text,
    rights_statements,
    single_line,
)

OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"

Element = etree._Element


def write_dublin_core(records: Sequence[RecordData]) -> bytes:
    """All records in one XML file."""
    root = etree.Element("records")
    for record in records:
        root.append(dublin_core_element(record))
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return text


def dublin_core_element(record: RecordData) -> Element:
    """One record as an oai_dc element."""
    element = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    element.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} {SCHEMA}")
    for name, value in dublin_core_terms(record):
        etree.SubElement(element, f"{{{DC}}}{name}").text = value
    return element


def dublin_core_terms(record: RecordData) -> Iterator[tuple[str, str]]:
    """(element name, value) of one record, without empty values."""
    year = "" if record.year is None else f"{record.year:04}"
    elements = [
        ("title", [record.full_title]),
        ("creator", record.creators),
        ("subject", (*record.subjects, *record.keywords)),
        ("description", [record.abstract.replace("\r\n", "\n"), *evaluation_statements(record)]),
        ("contributor", record.editors),
        ("publisher", [record.publisher or record.board]),
        ("date", [f"{record.published_on:%Y-%m-%d}" if record.published_on else year]),
        ("type", [record.kind_label]),
        ("identifier", _identifiers_of(record)),
        ("language", [record.language]),
        ("source", [_source_of(record)]),
        ("relation", [address or title for title, address in record.related]),
        ("coverage", [record.nation]),
        (
            "rights",
            [*rights_statements(record), *_licence_addresses(record), FORBIDDEN_USES_IN_FULL],
        ),
    ]
    for name, values in elements:
        for value in values:
            if text := (
                printable_text(value).strip() if name == "description" else single_line(value)
            ):
                yield name, text


def _source_of(record: RecordData) -> str:
    """The journal or book that has the work, and the place in it."""
    place = article_place(record.volume, record.issue, record.pages)
    return ", ".join(filter(None, (record.host_title, place))) if record.host_title else ""


def _licence_addresses(record: RecordData) -> list[str]:
    return [url] if (url := licence_url(record.licence)) else []


def _identifiers_of(record: RecordData) -> list[str]:
    doi = f"doi:{record.doi}" if record.doi else ""
    isbn = f"urn:isbn:{record.isbn}" if record.isbn else ""
    issn = f"urn:issn:{record.issn}" if record.issn and not record.host_title else ""
    return [record.page, record.url, doi, isbn, issn]
