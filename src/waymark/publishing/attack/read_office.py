"""What PDF, Word, Excel and OpenDocument files of a published overview give a stranger."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdfium2
from defusedxml import ElementTree

from waymark.publishing.attack.grid import Grid, Leak, Reading, Words, rows_of

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
T = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
X = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
ID = re.compile(r"T\d+")
CAPTION = re.compile(r"Table (\d+)\. ")
BASE = re.compile(r"Base: (.*?)\.?$")


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _texts(element: Any) -> str:
    return "".join(element.itertext())


def _properties(file: str, members: dict[str, bytes], names: str) -> list[Words]:
    return [
        Words(file, name, " ".join(part for part in ElementTree.fromstring(one).itertext() if part))
        for name, one in members.items()
        if re.fullmatch(names, name)
    ]


def read_xlsx(file: str, content: bytes) -> Reading:
    """Each sheet with its table; comments and what is hidden."""
    members = _members(content)
    strings = [
        _texts(one)
        for one in ElementTree.fromstring(members["xl/sharedStrings.xml"]).iter(f"{S}si")
    ]
    book = ElementTree.fromstring(members["xl/workbook.xml"])
    grids: list[Grid] = []
    words = _properties(file, members, r"docProps/.*\.xml")
    leaks = [
        Leak(file, name, "comments or drawings nobody sees in the table")
        for name in members
        if re.search("comment|drawing|custom", name, re.IGNORECASE)
    ]
    for at, sheet in enumerate(book.iter(f"{S}sheet"), start=1):
        name = str(sheet.get("name"))
        page = ElementTree.fromstring(members[f"xl/worksheets/sheet{at}.xml"])
        hidden = sheet.get("state") or any(one.get("hidden") == "1" for one in page.iter())
        if hidden:
            leaks.append(Leak(file, name, "a sheet, row or column is hidden"))
        rows = [_xlsx_row(row, strings) for row in page.iter(f"{S}row")]
        grids += _sheet(file, name, rows)
        words += _loose(file, name, rows)
    return Reading(tuple(grids), tuple(words), tuple(leaks))


def _xlsx_row(row: Any, strings: list[str]) -> list[str]:
    made: list[str] = []
    for cell in row.iter(f"{S}c"):
        letters = re.sub(r"\d", "", str(cell.get("r", "")))
        place = 0
        for letter in letters:
            place = place * 26 + ord(letter) - 64
        made += [""] * (place - 1 - len(made))
        value = cell.findtext(f"{S}v") or _texts(cell)
        made.append(strings[int(value)] if cell.get("t") == "s" else value)
    return made


def read_ods(file: str, content: bytes) -> Reading:
    """Each sheet with its table; notes at cells and what is hidden."""
    members = _members(content)
    body = ElementTree.fromstring(members["content.xml"])
    grids: list[Grid] = []
    words = _properties(file, members, "meta.xml")
    leaks = [Leak(file, "sheets", "a note at a cell") for _ in body.iter(f"{OFFICE}annotation")]
    leaks += [
        Leak(file, "sheets", "a sheet, row or column is hidden")
        for one in body.iter()
        if one.get(f"{T}visibility", "visible") != "visible" or one.get(f"{T}display") == "false"
    ]
    for sheet in body.iter(f"{T}table"):
        name = str(sheet.get(f"{T}name"))
        rows = [
            [_ods_cell(cell) for cell in row.iter(f"{T}table-cell")]
            for row in sheet.iter(f"{T}table-row")
        ]
        grids += _sheet(file, name, rows)
        words += _loose(file, name, rows)
    return Reading(tuple(grids), tuple(words), tuple(leaks))


def _ods_cell(cell: Any) -> str:
    said = "\n".join(_texts(one) for one in cell.iter(f"{X}p"))
    stored = cell.get(f"{OFFICE}value")
    return said if stored is None or said.startswith("[") else str(stored)


def _sheet(file: str, name: str, rows: list[list[str]]) -> Iterator[Grid]:
    """The table of a sheet that bears the id of one: what is wider than one cell."""
    if not ID.fullmatch(name):
        return
    wide = [row for row in rows if sum(map(bool, row)) > 1]
    long = max((len(row) for row in wide), default=0)
    columns, lines = rows_of([row + [""] * (long - len(row)) for row in wide])
    base = next((found[1] for row in rows if row for found in [BASE.match(row[0])] if found), "")
    yield Grid(file, name, columns, lines, base)


def _loose(file: str, name: str, rows: list[list[str]]) -> list[Words]:
    return [
        Words(file, name, cell)
        for row in rows
        for cell in row
        if len(row) == 1 or not ID.fullmatch(name)
    ]


def read_docx(file: str, content: bytes) -> Reading:
    """Tables under their captions, paragraphs, descriptions of drawings, properties."""
    members = _members(content)
    body = ElementTree.fromstring(members["word/document.xml"])
    grids: list[Grid] = []
    words = _properties(file, members, r"docProps/.*\.xml")
    leaks = [
        Leak(file, name, "comments, notes or parts nobody sees")
        for name in members
        if re.search("comments|footnotes|endnotes|customXml/item", name) and _said(members[name])
    ]
    leaks += [Leak(file, "text", "words are hidden") for _ in body.iter(f"{W}vanish")]
    found: tuple[str, str] | None = None
    for block in next(body.iter(f"{W}body")):
        if block.tag == f"{W}p":
            text = _texts(block)
            words.append(Words(file, "paragraph", text))
            found = _captioned(text) or found
        elif block.tag == f"{W}tbl" and found:
            rows = [
                ["\n".join(_texts(p) for p in cell.iter(f"{W}p")) for cell in row.iter(f"{W}tc")]
                for row in block.iter(f"{W}tr")
            ]
            columns, lines = rows_of(rows)
            grids.append(Grid(file, found[0], columns, lines, found[1]))
            found = None
    for one in body.iter():
        if str(one.tag).endswith("}docPr"):
            said = [str(one.get(name, "")) for name in ("title", "descr", "name")]
            words += [Words(file, "description of a drawing", text) for text in said]
    return Reading(tuple(grids), tuple(words), tuple(leaks))


def _captioned(text: str) -> tuple[str, str] | None:
    """The id and the base of the table that a caption announces."""
    caption = CAPTION.match(text)
    if caption is None:
        return None
    base = BASE.search(text)
    return f"T{caption[1]}", base[1] if base else ""


def _said(content: bytes) -> bool:
    return bool("".join(ElementTree.fromstring(content).itertext()).strip())


def read_pdf(file: str, content: bytes) -> Reading:
    """The text in one piece, what drawings are said to show, and the properties of the file."""
    with pikepdf.open(io.BytesIO(content)) as held:
        words = [
            Words(file, "description of a drawing", str(one["/Alt"]))
            for one in held.objects
            if isinstance(one, pikepdf.Dictionary) and "/Alt" in one
        ]
        words += [Words(file, "properties", str(value)) for value in held.docinfo.values()]
        leaks = [Leak(file, "attachments", str(name)) for name in held.attachments]
    document = pypdfium2.PdfDocument(content)
    try:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()
    text = re.sub(r"\s+", " ", " ".join(pages))
    return Reading((), (*words, Words(file, PRINT, text)), tuple(leaks))


PRINT = "text of the pages"
