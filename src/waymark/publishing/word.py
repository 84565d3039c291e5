"""A document -> a Word document: real headings, captions, header rows that repeat, alt text."""

import io
import re
from datetime import UTC
from typing import Any

import typst
from docx import Document as new_document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm

from waymark.core.tables import Figure, Row
from waymark.publishing.archive import repacked
from waymark.publishing.html import defined
from waymark.publishing.nodes import (
    Contents,
    Definitions,
    Document,
    Facts,
    FigureNode,
    Heading,
    Node,
    Paragraph,
    Points,
    TableNode,
    plain,
)
from waymark.publishing.pdf import FONT
from waymark.publishing.sheets import LANGUAGE

WIDTH = 15.5
PAGE, FIRST = 16, 5
"""Centimetres: of a drawing, of a page between its margins, of the first column of a table."""
DRAWING = (
    "#set page(width: auto, height: auto, margin: 0pt)\n"
    f'#image(bytes(sys.inputs.svg), format: "svg", width: {WIDTH}cm)'
)
UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def word(document: Document) -> bytes:
    """The Word document. The same document gives the same bytes."""
    made = new_document()
    _describe(made, document)
    page = made.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.5)
    made.add_paragraph(_clean(document.title), style="Title")
    made.add_paragraph(_clean(document.subtitle), style="Subtitle")
    made.add_paragraph(_clean(f"{document.scope}. {document.edition}"))
    for node in document.nodes:
        _add(made, node)
    out = io.BytesIO()
    made.save(out)
    return repacked(out.getvalue(), {})


def png(figure: Figure) -> bytes:
    """The drawing of a figure as an image, made of its SVG: it shows no more than that does."""
    drawn = figure.svg.replace("<svg ", f'<svg font-family="{FONT}" color="#1d2521" ', 1)
    return typst.compile(
        DRAWING.encode(),
        format="png",
        ppi=200.0,
        ignore_system_fonts=True,
        sys_inputs={"svg": drawn},
    )


def _clean(text: str) -> str:
    return UNPRINTABLE.sub("\ufffd", text)


def _describe(made: Any, document: Document) -> None:
    """Title, language and dates; nothing of the template's own."""
    dated = document.dated.astimezone(UTC).replace(tzinfo=None)
    core = made.core_properties
    core.title, core.subject = _clean(document.title), _clean(document.subtitle)
    core.language = LANGUAGE
    core.author = core.last_modified_by = core.comments = core.keywords = ""
    core.created = core.modified = dated
    for language in made.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), LANGUAGE)
    rels = made.part.package.rels
    for name in [key for key, one in rels.items() if one.reltype.endswith("/thumbnail")]:
        del rels[name]


def _add(made: Any, node: Node) -> None:
    match node:
        case Heading():
            made.add_heading(_clean(node.text), level=node.level - 1)
        case Paragraph():
            made.add_paragraph(_clean(plain(node.words)))
        case Points():
            for point in node.points:
                made.add_paragraph(_clean(plain(point)), style="List Bullet")
        case TableNode():
            _add_table(made, node)
        case FigureNode():
            _add_figure(made, node)
        case _:
            _add_apparatus(made, node)


def _add_apparatus(made: Any, node: Facts | Definitions | Contents) -> None:
    match node:
        case Facts():
            rows = [(name, [value]) for name, value in node.facts]
            _grid(made, ("What", "As of this edition"), rows)
        case Definitions():
            for one in node.definitions:
                paragraph = made.add_paragraph()
                paragraph.add_run(_clean(f"{one.name}. ")).bold = True
                paragraph.add_run(_clean(defined(one)))
        case Contents():
            for title, entries in (("Tables", node.tables), ("Figures", node.figures)):
                if entries:
                    made.add_heading(title, level=2)
                for name, said, _ in entries:
                    made.add_paragraph(_clean(f"{name}. {said}"), style="List Bullet")


def _caption(made: Any, text: str) -> None:
    paragraph = made.add_paragraph(_clean(text), style="Caption")
    paragraph.paragraph_format.keep_with_next = True


def _add_figure(made: Any, node: FigureNode) -> None:
    _caption(made, f"{node.name}. {node.figure.title}")
    drawn = made.add_picture(io.BytesIO(png(node.figure)), width=Cm(WIDTH))
    properties = drawn._inline.docPr
    properties.set("name", node.name)
    properties.set("title", _clean(node.figure.title))
    properties.set("descr", _clean(node.figure.text))
    made.add_paragraph(f"The same numbers stand in {node.table}.")


def _add_table(made: Any, node: TableNode) -> None:
    table = node.protected.table
    _caption(made, f"{node.name}. {table.title}. Base: {table.base}.")
    if node.protected.shorthand:
        said = "; ".join(f"{mark} {meaning}" for mark, meaning in node.protected.shorthand)
        made.add_paragraph(f"Shorthand: {said}.").paragraph_format.keep_with_next = True
    grouped = any(row.group for row in table.rows)
    head = (table.stub, *(column.label for column in table.columns))
    rows = [_row(row, grouped=grouped) for row in table.rows]
    _grid(made, ("Group", *head) if grouped else head, rows, numbers=len(table.columns))
    for note in table.notes:
        made.add_paragraph(_clean(note), style="List Bullet")


def _row(row: Row, *, grouped: bool) -> tuple[str, list[str]]:
    shown = [cell.shown for cell in row.cells]
    return (row.group, [row.label, *shown]) if grouped else (row.label, shown)


def _grid(
    made: Any, head: tuple[str, ...], rows: list[tuple[str, list[str]]], *, numbers: int = 0
) -> None:
    """A table whose first row is marked as its headers and repeats on every page."""
    grid = made.add_table(rows=1, cols=len(head), style="Light List")
    grid.autofit = True
    for name, cell in zip(head, grid.rows[0].cells, strict=True):
        cell.text = _clean(name)
    for first, others in rows:
        for at, (value, cell) in enumerate(
            zip((first, *others), grid.add_row().cells, strict=True)
        ):
            cell.text = _clean(value)
            cell.width = Cm(FIRST if at == 0 else (PAGE - FIRST) / (len(head) - 1))
            if at >= len(head) - numbers:
                cell.paragraphs[0].alignment = 2
    _mark(grid.rows[0], "w:tblHeader")
    for row in grid.rows:
        _mark(row, "w:cantSplit")


def _mark(row: Any, name: str) -> None:
    element = OxmlElement(name)
    element.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(element)
