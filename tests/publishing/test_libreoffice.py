"""Word, Excel and OpenDocument files opened in LibreOffice: no table and no cell is lost."""

import csv
import io
import shutil
import subprocess

import pytest
from docx import Document as read_word
from selectolax.lexbor import LexborHTMLParser

from tests.overview.rows import fixture_rows, framework, spec
from tests.publishing.small_release import EDITION, PROVENANCE
from waymark.overview.releases.release import make_release
from waymark.publishing.document.nodes import TableNode
from waymark.publishing.document.render import plain_document
from waymark.publishing.formats.excel import render_excel
from waymark.publishing.formats.opendocument import render_opendocument
from waymark.publishing.formats.sheets import workbook_sheets
from waymark.publishing.formats.word import render_word

OFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed here"),
]
EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
"""Comma, quotation marks, UTF-8, from the first line, as shown, each sheet as a file."""


@pytest.fixture(scope="module")
def made():
    """The default overview under k5: marks, wide tables, groups, numbers with decimals."""
    release = make_release(fixture_rows(), spec(), framework(), profile="k5", provenance=PROVENANCE)
    return plain_document(release, EDITION)


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    """The three files, and what LibreOffice makes of them."""
    path = tmp_path_factory.mktemp("office")
    (path / "word.docx").write_bytes(render_word(made))
    (path / "excel.xlsx").write_bytes(render_excel(made))
    (path / "open.ods").write_bytes(render_opendocument(made))
    for target, files in (
        ("html", ["word.docx"]),
        ("pdf", ["word.docx", "excel.xlsx", "open.ods"]),
        (EVERY_SHEET, ["excel.xlsx", "open.ods"]),
    ):
        command = [str(OFFICE), f"-env:UserInstallation={(path / 'profile').as_uri()}"]
        command += ["--headless", "--convert-to", target, "--outdir", str(path)]
        command += [str(path / name) for name in files]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode == 0, done.stderr
    return path


def plain(text):
    return " ".join(text.split())


def tables_of(nodes):
    return [node.table for node in nodes if isinstance(node, TableNode)]


# ---- Word ----


def written_tables(folder):
    """The tables that are in the Word file."""
    return [
        [[plain(cell.text) for cell in row.cells] for row in table.rows]
        for table in read_word(folder / "word.docx").tables
    ]


def shown_tables(folder):
    """The tables that LibreOffice shows of the Word file."""
    tree = LexborHTMLParser((folder / "word.html").read_text("utf-8"))
    return [
        [[plain(cell.text()) for cell in row.css("td, th")] for row in table.css("tr")]
        for table in tree.css("table")
    ]


def test_every_table_and_cell_of_the_word_file_is_there(folder):
    assert shown_tables(folder) == written_tables(folder)


def test_every_table_of_the_overview_is_in_the_word_file_with_every_cell(folder, made):
    there = shown_tables(folder)
    for table in tables_of(made.nodes):
        grouped = any(row.group for row in table.rows)
        head = [
            plain(element) for element in (table.stub, *(column.label for column in table.columns))
        ]
        body = [
            [
                *([plain(row.group)] if grouped else []),
                *(plain(row.label), *(cell.shown for cell in row.cells)),
            ]
            for row in table.rows
        ]
        assert [["Group", *head] if grouped else head, *body] in there, table.id


def test_headings_and_pictures_of_the_word_file_are_there(folder, made):
    tree = LexborHTMLParser((folder / "word.html").read_text("utf-8"))
    written = read_word(folder / "word.docx")
    headings = [
        plain(element.text)
        for element in written.paragraphs
        if element.style.name.startswith("Heading")
    ]
    printed = [plain(node.text()) for node in tree.css("h1, h2, h3, h4") if plain(node.text())]
    assert [element for element in printed if element in set(headings)] == headings
    assert len(tree.css("img")) == len(written.inline_shapes) > 0
    assert all((node.attributes.get("alt") or "").strip() for node in tree.css("img"))


# ---- workbooks ----


@pytest.mark.parametrize("name", ["excel", "open"])
def test_every_sheet_and_cell_of_a_workbook_is_there(folder, made, name):
    expected = {sheet.name: sheet for sheet in workbook_sheets(made)}
    office = {path.stem.removeprefix(f"{name}-"): path for path in folder.glob(f"{name}-*.csv")}
    assert set(office) == set(expected)
    for sheet, path in office.items():
        text = path.read_text("utf-8")
        rows = [
            [plain(cell) for cell in row if cell]
            for row in csv.reader(io.StringIO(text, newline=""))
        ]
        assert [row for row in rows if row] == [row for row in printed(expected[sheet]) if row]


def printed(sheet):
    """The lines and rows of a sheet as they are to be shown."""
    yield from ([plain(line)] for line in sheet.lines if line)
    yield [plain(name) for name in sheet.head]
    for at, row in enumerate(sheet.rows):
        yield [
            text
            for place, value in enumerate(row)
            if (text := shown(value, sheet.decimals_at(at, place)))
        ]


def shown(value, decimals):
    if isinstance(value, str):
        return plain(value)
    return f"{value:.{decimals}f}"


# ---- pages ----


@pytest.mark.parametrize("name", ["word", "excel", "open"])
def test_each_file_prints(folder, name):
    content = (folder / f"{name}.pdf").read_bytes()
    assert content.startswith(b"%PDF")
