"""Render a document as an OpenDocument spreadsheet (ODS): the same sheets as the Excel workbook.

An ODS file is a ZIP. Its first member must be "mimetype", uncompressed, so that programs find the
kind of file at a fixed offset; after it come four XML files: content, styles, metadata and the
manifest that lists them (OpenDocument 1.3, parts 2 and 3).
"""

from collections.abc import Iterator
from datetime import UTC
from xml.sax.saxutils import escape, quoteattr

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.publishing.document.nodes import ReportDocument
from waymark.publishing.formats.archive import pack_archive
from waymark.publishing.formats.sheets import (
    LANGUAGE,
    Value,
    WorkbookSheet,
    Year,
    workbook_sheets,
)

KIND = "application/vnd.oasis.opendocument.spreadsheet"
# Every file declares all namespaces, used or not: one constant instead of four lists.
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{place}:1.0"'
    for name, place in (
        ("office", "office"),
        ("style", "style"),
        ("text", "text"),
        ("table", "table"),
        ("fo", "xsl-fo-compatible"),
        ("number", "datastyle"),
        ("meta", "meta"),
    )
)
SPACES += ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'
MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
VERSION = 'office:version="1.3"'


def render_opendocument(document: ReportDocument) -> bytes:
    """Bytes of the spreadsheet. The same document gives the same bytes."""
    workbook = workbook_sheets(document)
    return pack_archive(
        [
            ("mimetype", KIND.encode()),
            ("content.xml", _content_xml(workbook).encode()),
            ("styles.xml", _styles_xml().encode()),
            ("meta.xml", _meta_xml(document).encode()),
            ("META-INF/manifest.xml", _manifest_xml().encode()),
        ],
        # At byte 38 of the ZIP, after a header of fixed length, "file" and others look for the
        # kind.
        stored=frozenset({"mimetype"}),
    )


def _xml_document(name: str, inside: str) -> str:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{head}<office:{name} {SPACES} {VERSION}>{inside}</office:{name}>"


def _manifest_xml() -> str:
    files = (("/", KIND), *((f"{name}.xml", "text/xml") for name in ("content", "styles", "meta")))
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
        for path, kind in files
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest'
        f' xmlns:manifest="{MANIFEST}" manifest:version="1.3">{entries}</manifest:manifest>'
    )


def _meta_xml(document: ReportDocument) -> str:
    dated = document.dated.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    inside = (
        "<meta:generator>Waymark</meta:generator>"
        f"<dc:title>{escape(document.title)}</dc:title>"
        f"<dc:subject>{escape(document.subtitle)}</dc:subject>"
        f"<dc:description>{escape(FORBIDDEN_USES_IN_FULL)}</dc:description>"
        f"<dc:language>{LANGUAGE}</dc:language>"
        f"<meta:creation-date>{dated}</meta:creation-date><dc:date>{dated}</dc:date>"
    )
    if publisher := escape(document.imprint.publisher):
        inside += (
            f"<meta:initial-creator>{publisher}</meta:initial-creator>"
            f"<dc:creator>{publisher}</dc:creator>"
        )
    return _xml_document("document-meta", f"<office:meta>{inside}</office:meta>")


def _styles_xml() -> str:
    language, country = LANGUAGE.split("-")
    inside = (
        '<office:styles><style:default-style style:family="table-cell">'
        f'<style:text-properties fo:language="{language}" fo:country="{country}"/>'
        "</style:default-style></office:styles>"
    )
    return _xml_document("document-styles", inside)


def _content_xml(workbook: tuple[WorkbookSheet, ...]) -> str:
    decimals = sorted({places for sheet in workbook for _, _, places in sheet.decimals} | {0})
    ranges = "".join(_table_range(sheet) for sheet in workbook if sheet.rows)
    inside = (
        f"<office:automatic-styles>{_cell_styles(decimals)}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(_sheet_xml(sheet) for sheet in workbook)}"
        f"<table:database-ranges>{ranges}</table:database-ranges>"
        "</office:spreadsheet></office:body>"
    )
    return _xml_document("document-content", inside)


CELL_PROPERTIES = {
    "title": '<style:text-properties fo:font-weight="bold" fo:font-size="14pt"/>',
    "head": (
        '<style:table-cell-properties fo:wrap-option="wrap"'
        ' fo:border-bottom="0.5pt solid #000000"/>'
        '<style:text-properties fo:font-weight="bold"/>'
    ),
    "words": '<style:table-cell-properties fo:wrap-option="wrap" style:vertical-align="top"/>',
    # Aligned right like a number, although it is text.
    "mark": (
        '<style:table-cell-properties style:vertical-align="top"/>'
        '<style:paragraph-properties fo:text-align="end"/>'
    ),
}
WIDTHS = {"narrow": "3.2cm", "wide": "8.5cm"}


def _cell_styles(decimals: list[int]) -> str:
    styles = [
        f'<style:style style:name="{name}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width}"/></style:style>'
        for name, width in WIDTHS.items()
    ]
    styles += [
        f'<style:style style:name="{name}" style:family="table-cell">{properties}</style:style>'
        for name, properties in CELL_PROPERTIES.items()
    ]
    styles += [
        f'<number:number-style style:name="n{places}"><number:number number:grouping="true"'
        f' number:min-integer-digits="1" number:decimal-places="{places}"/></number:number-style>'
        f'<style:style style:name="number{places}" style:family="table-cell"'
        f' style:data-style-name="n{places}">'
        '<style:table-cell-properties style:vertical-align="top"/></style:style>'
        for places in decimals
    ]
    styles.append(
        '<number:number-style style:name="ny"><number:number number:min-integer-digits="4"'
        ' number:decimal-places="0"/></number:number-style>'
        '<style:style style:name="year" style:family="table-cell" style:data-style-name="ny">'
        '<style:table-cell-properties style:vertical-align="top"'
        ' style:text-align-source="fix"/><style:paragraph-properties fo:text-align="start"/>'
        "</style:style>"
    )
    return "".join(styles)


def _sheet_xml(sheet: WorkbookSheet) -> str:
    columns = "".join(
        f'<table:table-column table:style-name="{_column_style(sheet, place)}"/>'
        for place in range(max(1, len(sheet.head)))
    )
    lines = "".join(
        _row_xml([_text_cell(line, "title" if at == 0 else "", sheet.sheet_linked_from(at))])
        for at, line in enumerate(sheet.lines)
    )
    body = ""
    if sheet.rows:
        head = _row_xml([_text_cell(name, "head") for name in sheet.head])
        body = f"<table:table-header-rows>{head}</table:table-header-rows>"
        body += "".join(
            _row_xml(list(_cells_xml(sheet, at, row))) for at, row in enumerate(sheet.rows)
        )
    name = quoteattr(sheet.name)
    return f"<table:table table:name={name}>{columns}{lines}{body}</table:table>"


def _column_style(sheet: WorkbookSheet, place: int) -> str:
    texts = [row[place] for row in sheet.rows if isinstance(row[place], str)]
    return "wide" if any(len(str(text)) > 18 for text in texts) else "narrow"


def _row_xml(cells: list[str]) -> str:
    return f"<table:table-row>{''.join(cells) or '<table:table-cell/>'}</table:table-row>"


def _cells_xml(sheet: WorkbookSheet, at: int, row: tuple[Value, ...]) -> Iterator[str]:
    for place, value in enumerate(row):
        if isinstance(value, str):
            # Text, never a number: a withheld cell must not have an office:value that a program
            # could read.
            # A mark such as [c] is aligned like the numbers that it replaces.
            linked = value if sheet.links and place == 0 else ""
            yield _text_cell(value, "mark" if value[:1] == "[" and place else "words", linked)
            continue
        if isinstance(value, Year):
            yield (
                '<table:table-cell table:style-name="year" office:value-type="float"'
                f' office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
            )
            continue
        places = sheet.decimals_at(at, place)
        # office:value is for programs; the paragraph is the text of programs that do not calculate.
        printed = f"{value:,.{places}f}"
        yield (
            f'<table:table-cell table:style-name="number{places}" office:value-type="float"'
            f' office:value="{value}"><text:p>{printed}</text:p></table:table-cell>'
        )


def _text_cell(words: str, style: str, linked: str = "") -> str:
    """Cell with words. linked: name of the sheet that it leads to, "" for none."""
    styled = f' table:style-name="{style}"' if style else ""
    content = escape(words)
    if linked:
        address = quoteattr(f"#{linked}.A1")
        content = f'<text:a xlink:type="simple" xlink:href={address}>{content}</text:a>'
    paragraph = f"<text:p>{content}</text:p>"
    return f'<table:table-cell{styled} office:value-type="string">{paragraph}</table:table-cell>'


def _table_range(sheet: WorkbookSheet) -> str:
    """Named range of the table of a sheet, with its first row as headers: 'T3'.A6:'T3'.D13."""
    # Rows are counted from 1, and the table is directly under the lines.
    top = len(sheet.lines) + 1
    # Enough for the widest table that a specification allows, under 26 columns.
    last = chr(ord("A") + len(sheet.head) - 1)
    place = f"'{sheet.name}'.A{top}:'{sheet.name}'.{last}{top + len(sheet.rows)}"
    return (
        f'<table:database-range table:name="Table_{sheet.name}"'
        f" table:target-range-address={quoteattr(place)}"
        ' table:contains-header="true" table:display-filter-buttons="false"/>'
    )
