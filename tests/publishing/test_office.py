"""Word, Excel and OpenDocument files of an overview, read as other programs read them."""

import io
import json
import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from defusedxml import ElementTree
from docx import Document as read_word
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from tests.publishing.small_release import small_document
from waymark.overview.tables.export import table_csv, table_json
from waymark.publishing.attack.merge_files import merged_tables
from waymark.publishing.attack.read_office import read_ods, read_xlsx
from waymark.publishing.attack.read_web import read_json
from waymark.publishing.document.nodes import (
    ChapterList,
    ContentsLists,
    DocumentImprint,
    HeadingNode,
    InlineReference,
    NoteList,
    NoteMark,
    ParagraphNode,
    QuotationNode,
    ReportNote,
    TableNode,
)
from waymark.publishing.formats.excel import render_excel
from waymark.publishing.formats.opendocument import KIND, render_opendocument
from waymark.publishing.formats.sheets import workbook_sheets
from waymark.publishing.formats.word import render_word

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
SHEETS = ["Cover", "Contents", "Notes", "Definitions"] + [
    f"T{n}" for n in ("1", "2", "3", "4a", "4b", "7", "8", "9", "10", "14")
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
    assert rows[1] == ["This sheet contains one table."]
    assert rows[2] == ["Base: 4 reviews."]
    assert rows[3] == ["Shorthand: [x] not available, such as a percentage on a base under 20."]
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


def test_each_block_of_a_table_has_a_sheet_with_the_columns_that_apply_to_it():
    sheets = {sheet.name: sheet for sheet in workbook_sheets(small_document())}
    assert sheets["T4a"].lines[0].startswith("Table 4a. ")
    assert (sheets["T4a"].head[1:], sheets["T4b"].head[1:]) == (("All",), ("All", "Died", "Lives"))
    assert not any("[z]" in row for name in ("T4a", "T4b") for row in sheets[name].rows)


def test_no_sheet_has_an_empty_cell_or_an_empty_row():
    content = render_excel(small_document())
    for number, name in enumerate(SHEETS):
        page = xml(content, f"xl/worksheets/sheet{number + 1}.xml")
        rows = list(page.iter(f"{MAIN}row"))
        assert [int(row.get("r")) for row in rows] == list(range(1, len(rows) + 1)), name
        cells = xlsx_rows(content, number)
        sheet = workbook_sheets(small_document())[number]
        assert {len(row) for row in cells[len(sheet.lines) :]} == {len(sheet.head)}, name
        assert all(value != "" for row in sheet.rows for value in row), name


def test_the_contents_link_to_each_sheet_and_each_sheet_back():
    content = render_excel(small_document())
    page = xml(content, "xl/worksheets/sheet2.xml")
    links = {link.get("location"): link.get("display") for link in page.iter(f"{MAIN}hyperlink")}
    expected = [name for name in SHEETS if name != "Contents"]
    assert links == {f"'{name}'!A1": name for name in expected}
    back = xml(content, f"xl/worksheets/sheet{SHEETS.index('T3') + 1}.xml")
    assert [link.get("location") for link in back.iter(f"{MAIN}hyperlink")] == ["'Contents'!A1"]
    ods = xml(render_opendocument(small_document()), "content.xml")
    targets = {link.get("{http://www.w3.org/1999/xlink}href") for link in ods.iter(f"{TEXT}a")}
    assert targets == {f"#{name}.A1" for name in SHEETS}


def test_a_year_is_a_number_without_a_thousands_separator():
    rows = workbook_sheets(small_document())[SHEETS.index("T2")].rows
    assert [row[0] for row in rows[:3]] == [2001, 2002, 2003]
    assert ods_rows(render_opendocument(small_document()), "T2")[-4][0] == "2001"
    book = openpyxl.load_workbook(io.BytesIO(render_excel(small_document())))
    years = [cell for row in book["T2"].iter_rows() for cell in row if cell.value == 2001]
    assert [cell.number_format for cell in years] == ["0"]


def test_the_publisher_contact_and_licence_are_on_the_cover_and_in_the_properties():
    imprint = DocumentImprint("Northshire", "help@example.org", "CC-BY-4.0", "https://example.org")
    document = replace(small_document(), imprint=imprint)
    cover = dict(workbook_sheets(document)[0].rows)
    assert (cover["Publisher"], cover["Contact"]) == ("Northshire", "help@example.org")
    assert (cover["Licence"], cover["Website"]) == ("CC-BY-4.0", "https://example.org")
    core = members(render_excel(document))["docProps/core.xml"].decode()
    assert "<dc:creator>Northshire</dc:creator>" in core
    meta = members(render_opendocument(document))["meta.xml"].decode()
    assert "<dc:creator>Northshire</dc:creator>" in meta


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
        expected = [[cell.strip('"') for cell in line if cell] for line in csv]
        grid = [[unmarked(cell.text) for cell in row.cells] for row in paper.tables[number].rows][
            1:
        ]
        assert [[cell for cell in row if cell] for row in grid] == expected
        # A workbook has a sheet for each block, without its name and the columns that do not apply.
        grouped = any(row.group for row in protected.table.rows)
        applies = [[cell for cell in row[grouped:] if cell != "[z]"] for row in expected]
        sheets = [name for name in SHEETS if re.fullmatch(f"{protected.table.id}[a-z]?", name)]
        lines = {sheet.name: len(sheet.lines) + 1 for sheet in workbook_sheets(document)}
        in_ods = [row for name in sheets for row in ods_rows(ods, name)[lines[name] :]]
        assert [[unmarked(cell) for cell in row if cell != "[z]"] for row in in_ods] == applies
        in_book = [
            row for name in sheets for row in xlsx_rows(book, SHEETS.index(name))[lines[name] :]
        ]
        assert [[unmarked(shown(cell)) for cell in row if cell != "[z]"] for row in in_book] == [
            [shown(cell) for cell in row] for row in applies
        ]


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


@pytest.mark.parametrize(
    ("make", "read"), [(render_excel, read_xlsx), (render_opendocument, read_ods)]
)
def test_the_audit_puts_the_blocks_of_a_table_together_again(make, read):
    tables = [node.protected for node in small_document().nodes if isinstance(node, TableNode)]
    whole = read_json(
        "overview.json", json.dumps({"tables": list(map(table_json, tables))}).encode()
    )
    reading = read("file", make(small_document()))
    prints = [replace(grid, file="overview.json") for grid in whole.grids]
    sheets = [replace(grid, file="overview.xlsx") for grid in reading.grids]
    _, leaks = merged_tables([*prints, *sheets])
    assert leaks == []
    changed = [
        replace(
            grid, lines=(replace(grid.lines[0], cells=("99",) * len(grid.columns)), *grid.lines[1:])
        )
        for grid in sheets
    ]
    _, leaks = merged_tables([*prints, *changed])
    assert {leak.where.split()[0] for leak in leaks} == {table.table.id for table in tables}


def test_only_a_table_that_is_wider_than_an_upright_page_lies_in_the_word_file():
    """T8 with nine columns of numbers and T14 with eleven, in the fonts that a reader may have."""
    result = read_word(io.BytesIO(render_word(small_document())))
    lying = [section for section in result.sections if section.orientation == WD_ORIENT.LANDSCAPE]
    assert [section.page_width > section.page_height for section in lying] == [True, True]
    assert result.sections[-1].orientation == WD_ORIENT.PORTRAIT


# ---- Word ----

INSTRUCTION, ANCHOR = qn("w:instrText"), qn("w:anchor")


@pytest.fixture(scope="module")
def report():
    """A report with two numbered chapters, an appendix, a quotation, references and a table."""
    table = next(node for node in small_document().nodes if isinstance(node, TableNode))
    chapters = (
        HeadingNode(2, "Foreword", "foreword"),
        HeadingNode(2, "Introduction", "introduction", "1"),
        HeadingNode(2, "Results", "results", "2"),
        HeadingNode(3, "Numbers", "results--1", "2.1"),
        HeadingNode(2, "Words", "words", "Appendix A"),
    )
    listed = tuple((heading, ()) for heading in chapters if heading.level == 2)
    nodes = (
        HeadingNode(2, "Contents", "contents"),
        ChapterList(listed),
        ContentsLists((("Table 1", "Flow", "T1"),), ()),
        *chapters[:2],
        ParagraphNode((InlineReference("Section 2.1", "results--1"), " and ")),
        ParagraphNode((InlineReference("Table 1", "T1"),)),
        QuotationNode("Nobody asked.", "R1, page 2", NoteMark(1), "k"),
        NoteList((ReportNote(1, "R1.", ""),)),
        *chapters[2:4],
        table,
        chapters[4],
    )
    imprint = DocumentImprint("Northshire", "help@example.org", "CC-BY-4.0")
    return read_word(
        io.BytesIO(render_word(replace(small_document(), nodes=nodes, imprint=imprint)))
    )


def instructions(part):
    return [code.text.strip() for code in part.iter(INSTRUCTION)]


def test_the_contents_of_a_word_file_are_fields_with_links(report):
    fields = instructions(report.element)
    assert 'TOC \\o "1-2" \\t "Appendix Heading,1" \\h \\z' in fields
    assert 'TOC \\h \\z \\c "Table"' in fields
    entries = [one for one in report.paragraphs if one.style.name.startswith("toc ")]
    assert [one.text.strip() for one in entries] == [
        "Foreword",
        "1 Introduction",
        "2 Results",
        "Appendix A. Words",
    ]
    begins = [one.get(qn("w:fldCharType")) for one in report.element.iter(qn("w:fldChar"))]
    assert begins.count("begin") == begins.count("end") == begins.count("separate")
    assert report.settings.element.find(qn("w:updateFields")) is not None


def test_captions_are_numbered_by_fields_and_keep_the_number_of_the_overview(report):
    caption = next(one for one in report.paragraphs if one.style.name == "Caption")
    assert caption.text.startswith("Table 1. Flow")
    assert instructions(caption._p) == ["SEQ Table \\* ARABIC \\r 1"]


def test_references_to_tables_and_sections_are_fields(report):
    fields = instructions(report.element)
    assert "REF T1_name \\h" in fields
    assert "REF results__1 \\n \\h" in fields
    marks = {one.get(qn("w:name")) for one in report.element.iter(qn("w:bookmarkStart"))}
    assert {"T1_name", "results__1"} <= marks


def test_headings_are_numbered_by_lists_and_not_by_their_words(report):
    headings = [
        (one.style.name, one.text)
        for one in report.paragraphs
        if "Heading" in one.style.name and one.style.name != "TOC Heading"
    ]
    assert headings == [
        ("Heading 1", "Foreword"),
        ("Heading 1", "Introduction"),
        ("Heading 1", "Results"),
        ("Heading 2", "Numbers"),
        ("Appendix Heading", "Words"),
    ]
    numbers = {
        one.text: [num.get(qn("w:val")) for num in one._p.iter(qn("w:numId"))]
        for one in report.paragraphs
        if "Heading" in one.style.name
    }
    # 0 takes the number away that the style gives.
    assert (numbers["Foreword"], numbers["Introduction"]) == (["0"], [])
    texts = {
        one.get(qn("w:val")) for one in report.part.numbering_part.element.iter(qn("w:lvlText"))
    }
    assert {"%1", "%1.%2", "Appendix %1."} <= texts


def test_quotations_have_a_style_and_their_source_another(report):
    styled = {one.style.name: one.text for one in report.paragraphs}
    assert styled["Quote"] == "Nobody asked."
    assert styled["Quote Source"].startswith("R1, page 2")


def test_pages_have_a_header_and_a_footer_with_their_number(report):
    page = report.sections[0]
    assert page.header.paragraphs[0].text == "A small overview"
    assert page.footer.paragraphs[0].text == "Edition 1, published on 5 May 2026. Page 1 of 1"
    assert instructions(page.footer._element) == ["PAGE", "NUMPAGES"]


def test_the_cover_and_the_properties_name_the_publisher(report):
    texts = [one.text for one in report.paragraphs if one.style.name == "Cover"]
    assert {"Publisher. Northshire", "Licence. CC-BY-4.0"} <= set(texts)
    assert report.core_properties.author == "Northshire"


def test_tables_are_plain(report):
    assert {table.style.name for table in report.tables} == {"Report Table"}
    style = next(one for one in report.styles if one.name == "Report Table")
    assert not list(style.element.iter(qn("w:shd")))
