"""Write MODS 3.7 of the Library of Congress: https://www.loc.gov/standards/mods/"""

from collections.abc import Sequence

from lxml import etree

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.library.exchange.record import ARTICLE, RecordData
from waymark.library.exchange.writers.plain import (
    family_and_given,
    paragraphs_of,
    rights_statements,
    single_line,
    statements,
)

NAMESPACE = "http://www.loc.gov/mods/v3"
SCHEMA = "http://www.loc.gov/standards/mods/v3/mods-3-7.xsd"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
GENRES = {ARTICLE: "journal article", "book-chapter": "book chapter"}
RECORDING, TEXT = "moving image", "text"
STATED = ("kind", "board", "review_type", "pseudonym", "period", "nation", "audience")

Element = etree._Element


def write_mods(records: Sequence[RecordData]) -> bytes:
    """A collection of records."""
    root = etree.Element(f"{{{NAMESPACE}}}modsCollection", nsmap={None: NAMESPACE, "xsi": XSI})
    for record in records:
        root.append(mods_element(record))
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return text


def mods_element(record: RecordData) -> Element:
    """One record as a mods element."""
    mods = etree.Element(f"{{{NAMESPACE}}}mods", nsmap={None: NAMESPACE, "xsi": XSI}, version="3.7")
    mods.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
    title = _add(mods, "titleInfo")
    _add(title, "title", record.title)
    _add(title, "subTitle", record.strapline)
    for names, role in ((record.creators, "author"), (record.editors, "editor")):
        for name in names:
            _add_name(mods, name, role, body=record.is_body(name))
    _add(mods, "typeOfResource", RECORDING if record.kind == "recording" else TEXT)
    _add(mods, "genre", GENRES.get(record.kind, record.kind_label or record.kind))
    _add_origin(mods, record)
    term = _add(_add(mods, "language"), "languageTerm", record.language)
    term.set("type", "code")
    term.set("authority", "rfc5646")
    _add(mods, "abstract", "\n\n".join(paragraphs_of(record.abstract)))
    stated = [*STATED, "conducted_by", "key_points", "contents", "transcript_url"]
    for note in statements(record, stated):
        _add(mods, "note", note)
    for word in (*record.subjects, *record.keywords):
        _add(_add(mods, "subject"), "topic", word)
    _add_host(mods, record)
    _add_identifiers(mods, record)
    for text in (*rights_statements(record), FORBIDDEN_USES_IN_FULL):
        _add(mods, "accessCondition", text)
    _add_about_record(mods, record)
    return mods


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """Add an element; one whose text is empty is made, but not added."""
    element = etree.Element(f"{{{NAMESPACE}}}{name}", attributes)
    if text is not None:
        element.text = text.strip() if name == "abstract" else single_line(text)
    if text is None or element.text:
        parent.append(element)
    return element


def _add_name(mods: Element, name: str, role: str, *, body: bool) -> None:
    element = _add(mods, "name", type="corporate" if body else "personal")
    if "," in name and not body:
        family, given = family_and_given(name)
        _add(element, "namePart", family, type="family")
        _add(element, "namePart", given, type="given")
    else:
        _add(element, "namePart", name)
    _add(_add(element, "role"), "roleTerm", role, type="text", authority="marcrelator")


def _add_origin(mods: Element, record: RecordData) -> None:
    origin = etree.Element(f"{{{NAMESPACE}}}originInfo")
    if record.place:
        _add(_add(origin, "place"), "placeTerm", record.place, type="text")
    _add(origin, "publisher", record.publisher or record.board)
    issued = record.published_on.isoformat() if record.published_on else record.year
    _add(origin, "dateIssued", "" if issued is None else str(issued), encoding="w3cdtf")
    if record.accessed_on:
        _add(origin, "dateCaptured", record.accessed_on.isoformat(), encoding="w3cdtf")
    _add(origin, "edition", record.edition)
    if len(origin):
        mods.append(origin)


def _add_host(mods: Element, record: RecordData) -> None:
    """The journal or book with the place in it, and the series; without one the place alone."""
    host: Element = mods
    if record.host_title:
        host = _add(mods, "relatedItem", type="host")
        _add(_add(host, "titleInfo"), "title", record.host_title)
    if record.volume or record.issue or record.pages:
        part = _add(host, "part")
        for kind, number in (("volume", record.volume), ("issue", record.issue)):
            if number:
                _add(_add(part, "detail", type=kind), "number", number)
        if record.pages:
            _add(_add(part, "extent", unit="pages"), "list", record.pages)
    if record.series:
        _add(_add(_add(mods, "relatedItem", type="series"), "titleInfo"), "title", record.series)


def _add_identifiers(mods: Element, record: RecordData) -> None:
    for kind, value in (
        ("doi", record.doi),
        ("isbn", record.isbn),
        ("issn", record.issn),
        ("report number", record.report_number),
    ):
        _add(mods, "identifier", value, type=kind)
    _add(_add(mods, "location"), "url", record.url or record.page)


def _add_about_record(mods: Element, record: RecordData) -> None:
    if record.key:
        _add(_add(mods, "recordInfo"), "recordIdentifier", record.key)
