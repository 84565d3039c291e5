"""Simple Dublin Core, as OAI-PMH has it (oai_dc) and as a file of its own."""

from collections.abc import Iterator, Sequence

from lxml import etree

from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writing.plain import clean, line

OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"

Element = etree._Element


def dublin_core(records: Sequence[RecordData]) -> bytes:
    """The records one after another in one XML file."""
    made = etree.Element("records")
    for one in records:
        made.append(dublin_core_element(one))
    text: bytes = etree.tostring(made, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return text


def dublin_core_element(of: RecordData) -> Element:
    """One record."""
    made = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    made.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} {SCHEMA}")
    for name, value in dublin_core_terms(of):
        etree.SubElement(made, f"{{{DC}}}{name}").text = value
    return made


def dublin_core_terms(of: RecordData) -> Iterator[tuple[str, str]]:
    """Names of elements with their values, none empty."""
    year = "" if of.year is None else f"{of.year:04}"
    said = [
        ("title", [of.title]),
        ("creator", of.creators),
        ("subject", (*of.subjects, *of.keywords)),
        ("description", [of.abstract.replace("\r\n", "\n")]),
        ("publisher", [of.publisher or of.board]),
        ("date", [f"{of.published_on:%Y-%m-%d}" if of.published_on else year]),
        ("type", [of.kind_label]),
        ("identifier", [of.page, of.url, f"doi:{of.doi}" if of.doi else "", _isbn(of)]),
        ("language", [of.language]),
        ("relation", [address or title for title, address in of.related]),
        ("coverage", [of.nation]),
    ]
    for name, values in said:
        for value in values:
            if text := (clean(value).strip() if name == "description" else line(value)):
                yield name, text


def _isbn(of: RecordData) -> str:
    return f"urn:isbn:{of.isbn}" if of.isbn else ""
