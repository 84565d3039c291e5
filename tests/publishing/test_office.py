"""Word, Excel and OpenDocument files of an overview, read as other programs read them."""

import io
import re
import zipfile
from dataclasses import replace

import pytest
from defusedxml import ElementTree
from docx import Document as read_word
from docx.oxml.ns import qn

from tests.publishing.small_release import small_document
from waymark.overview.tables.export import table_csv
from waymark.publishing.document.nodes import TableNode
from waymark.publishing.formats.excel import render_excel
from waymark.publishing.formats.opendocument import KIND, render_opendocument
from waymark.publishing.formats.sheets import workbook_sheets
from waymark.publishing.formats.word import render_word

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
SHEETS = ["Cover", "Contents", "Notes", "Definitions"] + [
    f"T{n}" for n in (1, 2, 3, 4, 7, 8, 9, 10, 14)
]


def members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def unmarked(text):
    """A header or label without the marks of its notes."""
    return re.sub(r" \[note \d+\]", "", text)


def xml(content, name):
    return ElementTree.fromstring(members(content)[name])


def xlsx_rows(content, sheet):
    """The rows of a sheet as texts, by number of the sheet (from 0)."""
    strings = [
        "".join(element.itertext())
        for element in xml(content, "xl/sharedStrings.xml").iter(f"{MAIN}si")
    ]
    result = []
    for row in xml(content, f"xl/worksheets/sheet{sheet + 1}.xml").iter(f"{MAIN}row"):
        cells = []
        for cell in row.iter(f"{MAIN}c"):
            value = cell.findtext(f"{MAIN}v") or ""
            cells.append(strings[int(value)] if cell.get("t") == "s" else value)
        result.append([element for element in cells if element])
    return result


def ods_rows(content, name):
    for sheet in xml(content, "content.xml").iter(f"{TABLE}table"):
        if sheet.get(f"{TABLE}name") == name:
            rows = [
                [
                    "".join(cell.itertext()).replace(",", "")
                    for cell in row.iter(f"{TABLE}table-cell")
                ]
                for row in sheet.iter(f"{TABLE}table-row")
            ]
            return [[cell for cell in row if cell] for row in rows]
    raise KeyError(name)


@pytest.mark.parametrize("make", [render_word, render_excel, render_opendocument])
def test_the_same_document_gives_the_same_bytes_whose_dates_say_nothing(make):
    first = make(small_document())
    assert make(small_document()) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {1980}


def test_a_workbook_has_a_cover_contents_notes_and_a_sheet_for_each_table():
    content = render_excel(small_document())
    book = xml(content, "xl/workbook.xml")
    assert [element.get("name") for element in book.iter(f"{MAIN}sheet")] == SHEETS
    assert not any(element.get("state") for element in book.iter(f"{MAIN}sheet"))
    core = members(content)["docProps/core.xml"].decode()
    assert "<dc:title>A small overview</dc:title>" in core
    assert "<dc:language>en-GB</dc:language>" in core


def test_each_sheet_of_a_workbook_holds_one_marked_table_and_no_merged_cells():
    content = render_excel(small_document())
    files = members(content)
    for number in range(1, len(SHEETS) + 1):
        assert files[f"xl/worksheets/sheet{number}.xml"].count(b"<tablePart ") == 1
        assert b"mergeCell" not in files[f"xl/worksheets/sheet{number}.xml"]
        table = xml(content, f"xl/tables/table{number}.xml")
        assert table.get("headerRowCount", "1") == "1"
        assert table.get("name") == f"Table_{SHEETS[number - 1]}"


def test_above_the_table_stand_its_title_base_and_shorthand():
    rows = xlsx_rows(render_excel(small_document()), SHEETS.index("T3"))
    assert rows[0] == ["Table 3. Cause: reviews, Nowhere, 2001 to 2003"]
    assert rows[1] == ["Base: 4 reviews."]
    assert rows[2] == ["Shorthand: [x] not available, such as a percentage on a base under 20."]
    rows = [[unmarked(cell) for cell in row] for row in rows]
    at = rows.index(["Cause", "Reviews", "Per cent"])
    assert rows[at + 1] == ["Fire", "1", "[x]"]


def test_measures_keep_their_decimals():
    rows = ods_rows(render_opendocument(small_document()), "T14")
    assert rows[-1][:6] == ["Pooled over all codes", "4", "3", "2", "3", "0.750"]


def test_an_opendocument_file_says_what_it_is_first_and_uncompressed():
    content = render_opendocument(small_document())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read(first) == KIND.encode()
    body = xml(content, "content.xml")
    assert [element.get(f"{TABLE}name") for element in body.iter(f"{TABLE}table")] == SHEETS
    heads = list(body.iter(f"{TABLE}table-header-rows"))
    assert len(heads) == len(SHEETS)
    assert "<dc:language>en-GB</dc:language>" in members(content)["meta.xml"].decode()


def test_all_formats_print_the_same_cells():
    document = small_document()
    book, ods, paper = (
        render_excel(document),
        render_opendocument(document),
        read_word(io.BytesIO(render_word(document))),
    )
    tables = [node.protected for node in document.nodes if isinstance(node, TableNode)]
    for number, protected in enumerate(tables):
        csv = [line.split(",") for line in table_csv(protected).splitlines()[1:]]
        expected = [[cell for cell in line if cell] for line in csv]
        expected = [[part.strip('"') for part in line] for line in expected]
        name = protected.table.id
        # The same marks of notes everywhere; CSV has none.
        marked = ods_rows(ods, name)[-len(expected) - 1 :]
        assert [[unmarked(cell) for cell in row] for row in marked[1:]] == expected
        heads = xlsx_rows(book, SHEETS.index(name))[-len(expected) - 1]
        assert [head.replace(",", "") for head in heads] == marked[0]
        assert [[shown(c) for c in row] for row in xlsx_rows(book, SHEETS.index(name))][
            -len(expected) :
        ] == [[shown(c) for c in row] for row in marked[1:]]
        grid = [[cell.text for cell in row.cells] for row in paper.tables[number].rows]
        assert [[cell for cell in row if cell] for row in grid[1:]] == marked[1:]
        wide = len(protected.table.columns)
        assert grid[0][-wide:] == heads[-wide:]


def test_the_notes_sheet_has_each_note_once_with_its_number_and_its_tables():
    document = small_document()
    rows = xlsx_rows(render_excel(document), SHEETS.index("Notes"))
    numbered = [row for row in rows if row[0].startswith("[note ")]
    assert [row[0].split("]")[0] for row in numbered] == [
        f"[note {number}" for number in range(1, len(numbered) + 1)
    ]
    assert len({row[1] for row in numbered}) == len(numbered)
    (selection,) = [row for row in numbered if row[1].startswith("A review takes place")]
    tables = [node.name for node in document.nodes if isinstance(node, TableNode)]
    assert selection[0].split("] ")[1] == ", ".join(tables)
    third = xlsx_rows(render_excel(document), SHEETS.index("T3"))
    assert any(row[0].startswith("Notes: [note") and selection[0][:8] in row[0] for row in third)


def test_sheets_are_in_the_order_of_their_numbers():
    document = small_document()
    turned = replace(document, nodes=document.nodes[::-1])
    assert [sheet.name for sheet in workbook_sheets(turned)] == SHEETS


def shown(cell):
    return f"{float(cell):g}" if re.fullmatch(r"[\d.]+", cell) else cell


def test_a_word_document_has_real_headings_captions_and_header_rows():
    result = read_word(io.BytesIO(render_word(small_document())))
    assert (result.core_properties.title, result.core_properties.language) == (
        "A small overview",
        "en-GB",
    )
    assert result.core_properties.author == ""
    headings = [element.text for element in result.paragraphs if element.style.name == "Heading 1"]
    assert headings[:3] == ["Main points", "About this overview", "Results"]
    captions = [element.text for element in result.paragraphs if element.style.name == "Caption"]
    assert captions[0] == "Figure 1. Flow: reviews, Nowhere, 2001 to 2003"
    for table in result.tables:
        assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
        assert not list(table._tbl.iter(qn("w:gridSpan"), qn("w:vMerge")))


def test_every_drawing_in_a_word_document_is_described_and_named():
    content = render_word(small_document())
    result = read_word(io.BytesIO(content))
    described = [element.get("descr") for element in result.element.iter(qn("wp:docPr"))]
    assert len(described) == 5
    assert all(described)
    assert described[2].startswith("Fire, Fall and Harm are the largest groups")
    names = members(content)
    assert sum(name.endswith(".png") for name in names) == 5
    assert "docProps/thumbnail.jpeg" not in names


def test_columns_of_one_name_are_told_apart():
    result = {
        element.name: element
        for element in workbook_sheets(small_document("label: Death,", "label: All,"))
    }
    assert result["T2"].head == ("Year", "All", "Other", "Not known", "All (2)")
