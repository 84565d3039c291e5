"""XML from elsewhere: without entities, document types, addresses and depths that do harm."""

from lxml import etree

Element = etree._Element
NO_TYPE = "has a document type (<!DOCTYPE ...>): files with one are not taken, for safety"


class BadXml(ValueError):
    """XML that is not taken. line: counted from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def parsed(content: bytes) -> Element:
    """The root of an XML document. Raises BadXml with the line."""
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
        raise BadXml(line, f"not sound XML: {error.msg}") from error
    except (ValueError, LookupError) as error:
        raise BadXml(1, f"not sound XML: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise BadXml(1, NO_TYPE)
    return root


def text_of(element: Element) -> str:
    """All text inside an element."""
    return "".join(str(part) for part in element.itertext())


def local(element: Element) -> str:
    """The name of an element without its namespace; "" for what is no element."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
