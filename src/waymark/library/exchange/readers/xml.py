"""Parse untrusted XML: no entities, document types, network access or extreme depth.

Entities are the reason for refusing a document type: nine entities that each contain the one
before ten times make a gigabyte out of one kilobyte.
"""

from lxml import etree

Element = etree._Element
NO_TYPE = "has a document type (<!DOCTYPE ...>): for safety, we do not accept such files"


class BadXml(ValueError):
    """XML that is invalid or unsafe. line: from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def parse_xml(content: bytes) -> Element:
    """Parse an XML document and return its root. Raises BadXml with the line."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line = error.position[0] if error.position else 1
        raise BadXml(line, f"not valid XML: {error.msg}") from error
    except (ValueError, LookupError) as error:
        raise BadXml(1, f"not valid XML: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise BadXml(1, NO_TYPE)
    return root


def text_of(element: Element) -> str:
    """All text inside an element."""
    return "".join(str(part) for part in element.itertext())


def local_name(element: Element) -> str:
    """The name of an element without its namespace; "" for other nodes."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
