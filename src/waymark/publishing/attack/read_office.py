"""Read PDF, Word, Excel and OpenDocument files of a published overview as a stranger would."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pikepdf
import pypdfium2
from defusedxml import ElementTree

from waymark.publishing.attack.grid import (
    NOT_APPLICABLE,
    FileReading,
    Leak,
    LooseText,
    PrintedTable,
    rows_of,
)

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
T = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
X = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
ID = re.compile(r"(T\d+)[a-z]*")
"""Name of a sheet with a table, or with a block of one: T3, T4a."""
CAPTION = re.compile(r"Table (\d+)\. ")
BASE = re.compile(r"Base: (.*?)\.?$")


def _archive_members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _text_of(element: Any) -> str:
    return "".join(element.itertext())


def _file_properties(file: str, members: dict[str, bytes], names: str) -> list[LooseText]:
    return [
        LooseText(
            file, name, " ".join(part for part in ElementTree.fromstring(xml).itertext() if part)
        )
        for name, xml in members.items()
        if re.fullmatch(names, name)
    ]


def read_xlsx(file: str, content: bytes) -> FileReading:
    """Each sheet with its table; comments and what is hidden."""
    members = _archive_members(content)
    strings = [
        _text_of(string)
        for string in ElementTree.fromstring(members["xl/sharedStrings.xml"]).iter(f"{S}si")
    ]
    book = ElementTree.fromstring(members["xl/workbook.xml"])
    grids: list[PrintedTable] = []
    words = _file_properties(file, members, r"docProps/.*\.xml")
    # A comment or drawing is not in the cells that we compare, so its presence alone is reported.
    leaks = [
        Leak(file, name, "comments or drawings that the table does not show")
        for name in members
        if re.search("comment|drawing|custom", name, re.IGNORECASE)
    ]
    for at, sheet in enumerate(book.iter(f"{S}sheet"), start=1):
        name = str(sheet.get("name"))
        page = ElementTree.fromstring(members[f"xl/worksheets/sheet{at}.xml"])
        hidden = sheet.get("state") or any(element.get("hidden") == "1" for element in page.iter())
        if hidden:
            leaks.append(Leak(file, name, "a sheet, row or column is hidden"))
        rows = [_xlsx_row(row, strings) for row in page.iter(f"{S}row")]
        grids += _sheet_tables(file, name, rows)
        words += _loose_cells(file, name, rows)
    return FileReading(tuple(_whole_tables(grids)), tuple(words), tuple(leaks))


def _xlsx_row(row: Any, strings: list[str]) -> list[str]:
    values: list[str] = []
    for cell in row.iter(f"{S}c"):
        # A sheet leaves out empty cells: after B2 may come D2. "D" is 4, "AA" is 1 * 26 + 1 = 27;
        # the gap between is filled with empty texts, so that columns stay columns.
        letters = re.sub(r"\d", "", str(cell.get("r", "")))
        place = 0
        for letter in letters:
            place = place * 26 + ord(letter) - 64
        values += [""] * (place - 1 - len(values))
        value = cell.findtext(f"{S}v") or _text_of(cell)
        values.append(strings[int(value)] if cell.get("t") == "s" else value)
    return values


def read_ods(file: str, content: bytes) -> FileReading:
    """Each sheet with its table; notes at cells and what is hidden."""
    members = _archive_members(content)
    body = ElementTree.fromstring(members["content.xml"])
    grids: list[PrintedTable] = []
    words = _file_properties(file, members, "meta.xml")
    leaks = [Leak(file, "sheets", "a note on a cell") for _ in body.iter(f"{OFFICE}annotation")]
    leaks += [
        Leak(file, "sheets", "a sheet, row or column is hidden")
        for element in body.iter()
        if element.get(f"{T}visibility", "visible") != "visible"
        or element.get(f"{T}display") == "false"
    ]
    for sheet in body.iter(f"{T}table"):
        name = str(sheet.get(f"{T}name"))
        rows = [
            [_ods_cell(cell) for cell in row.iter(f"{T}table-cell")]
            for row in sheet.iter(f"{T}table-row")
        ]
        grids += _sheet_tables(file, name, rows)
        words += _loose_cells(file, name, rows)
    return FileReading(tuple(_whole_tables(grids)), tuple(words), tuple(leaks))


def _ods_cell(cell: Any) -> str:
    text = "\n".join(_text_of(paragraph) for paragraph in cell.iter(f"{X}p"))
    # A cell shows "8" and stores 8.3: the stored number counts, as a program reads that one. A mark
    # such as [c] must not have a stored number at all, and is taken as text.
    stored = cell.get(f"{OFFICE}value")
    return text if stored is None or text.startswith("[") else str(stored)


def _sheet_tables(file: str, name: str, rows: list[list[str]]) -> Iterator[PrintedTable]:
    """The table of a sheet that has the id of one: its rows that are wider than one cell."""
    if not ID.fullmatch(name):
        return
    # Titles, notes and the base are alone in their rows.
    wide = [row for row in rows if sum(map(bool, row)) > 1]
    long = max((len(row) for row in wide), default=0)
    columns, lines = rows_of([row + [""] * (long - len(row)) for row in wide])
    base = next((match[1] for row in rows if row for match in [BASE.match(row[0])] if match), "")
    yield PrintedTable(file, name, columns, lines, base)


def _whole_tables(sheets: list[PrintedTable]) -> Iterator[PrintedTable]:
    """Tables put together from the sheets of their blocks: T4 from T4a and T4b.

    A block leaves out columns that do not apply to it: they are filled in as [z].
    """
    parts: dict[str, list[PrintedTable]] = {}
    for sheet in sheets:
        parts.setdefault(re.sub("[a-z]+$", "", sheet.table), []).append(sheet)
    for table, blocks in parts.items():
        if len(blocks) == 1:
            yield replace(blocks[0], table=table)
            continue
        columns = tuple(dict.fromkeys(name for block in blocks for name in block.columns))
        lines = [
            replace(
                line, cells=_filled_cells(columns, block.columns, line.cells), group=block.table
            )
            for block in blocks
            for line in block.lines
        ]
        bases = list(dict.fromkeys(block.base for block in blocks))
        base = bases[0] if len(bases) == 1 else "; ".join(block.base for block in blocks)
        yield PrintedTable(blocks[0].file, table, columns, tuple(lines), base)


def _filled_cells(
    columns: tuple[str, ...], known: tuple[str, ...], cells: tuple[str, ...]
) -> tuple[str, ...]:
    by_column = dict(zip(known, cells, strict=True))
    return tuple(by_column.get(column, NOT_APPLICABLE) for column in columns)


def _loose_cells(file: str, name: str, rows: list[list[str]]) -> list[LooseText]:
    return [
        LooseText(file, name, cell)
        for row in rows
        for cell in row
        if len(row) == 1 or not ID.fullmatch(name)
    ]


def read_docx(file: str, content: bytes) -> FileReading:
    """Tables under their captions, paragraphs, descriptions of drawings, properties."""
    members = _archive_members(content)
    body = ElementTree.fromstring(members["word/document.xml"])
    # What a field computes is not printed: "SEQ Table" in a caption, "PAGEREF" in the contents.
    for code in body.iter(f"{W}instrText"):
        code.text = ""
    words = _file_properties(file, members, r"docProps/.*\.xml|word/(header|footer)\d*\.xml")
    words += [
        LooseText(file, "paragraph", _text_of(block))
        for block in next(body.iter(f"{W}body"))
        if block.tag == f"{W}p"
    ]
    words += [
        LooseText(file, "description of a drawing", str(element.get(name, "")))
        for element in body.iter()
        if str(element.tag).endswith("}docPr")
        for name in ("title", "descr", "name")
    ]
    leaks = [
        Leak(file, name, "comments, notes or parts that are not shown")
        for name in members
        if re.search("comments|footnotes|endnotes|customXml/item", name)
        and _text_of(ElementTree.fromstring(members[name])).strip()
    ]
    leaks += [Leak(file, "text", "words are hidden") for _ in body.iter(f"{W}vanish")]
    return FileReading(tuple(_docx_tables(file, body)), tuple(words), tuple(leaks))


def _docx_tables(file: str, body: Any) -> Iterator[PrintedTable]:
    """Each table with the id and base of the caption before it."""
    caption: tuple[str, str] | None = None
    for block in next(body.iter(f"{W}body")):
        if block.tag == f"{W}p":
            text = _text_of(block)
            base = BASE.match(text)
            caption = _caption_of_table(text) or caption
            # The base has a line of its own under the caption.
            if caption and base:
                caption = (caption[0], base[1])
        elif block.tag == f"{W}tbl" and caption:
            rows = [
                ["\n".join(_text_of(p) for p in cell.iter(f"{W}p")) for cell in row.iter(f"{W}tc")]
                for row in block.iter(f"{W}tr")
            ]
            columns, lines = rows_of(rows)
            yield PrintedTable(file, caption[0], columns, lines, caption[1])
            caption = None


def _caption_of_table(text: str) -> tuple[str, str] | None:
    """The id and the base of the table that a caption announces."""
    caption = CAPTION.match(text)
    if caption is None:
        return None
    base = BASE.search(text)
    return f"T{caption[1]}", base[1] if base else ""


def read_pdf(file: str, content: bytes) -> FileReading:
    """The text in one piece, descriptions of drawings, and the properties of the file."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        words = [
            LooseText(file, "description of a drawing", str(drawing["/Alt"]))
            for drawing in pdf.objects
            if isinstance(drawing, pikepdf.Dictionary) and "/Alt" in drawing
        ]
        words += [LooseText(file, "properties", str(value)) for value in pdf.docinfo.values()]
        leaks = [Leak(file, "attachments", str(name)) for name in pdf.attachments]
    document = pypdfium2.PdfDocument(content)
    try:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()
    text = re.sub(r"\s+", " ", " ".join(pages))
    return FileReading((), (*words, LooseText(file, PRINT, text)), tuple(leaks))


PRINT = "text of the pages"
