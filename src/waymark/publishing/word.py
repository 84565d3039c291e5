"""A document -> a Word document: real headings, captions, header rows that repeat, alt text."""

import hashlib
import io
import re
from collections.abc import Iterable
from datetime import UTC
from itertools import groupby
from typing import Any

import typst
from docx import Document as new_document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from waymark.core.tables import Figure, Row
from waymark.publishing.archive import repacked
from waymark.publishing.html import defined
from waymark.publishing.nodes import (
    Apparatus,
    Aside,
    Cases,
    ChapterList,
    Contents,
    Definitions,
    Document,
    Facts,
    FigureNode,
    Heading,
    Inline,
    Node,
    NoteMark,
    Notes,
    Number,
    Paragraph,
    Points,
    Quotation,
    Reference,
    Sources,
    Styled,
    TableNode,
    WebLink,
    Words,
    note_anchor,
    plain,
)
from waymark.publishing.pdf import FONT, UPRIGHT
from waymark.publishing.sheets import LANGUAGE

WIDTH = 15.5
"""Centimetres: of a drawing."""
MANY, SMALL = 5, 8
"""More columns of numbers than this are set in small letters (points), so that words fit in."""
FIRST, FIRST_OF_TWO = 5, 2.9
"""Centimetres: of the column that names the rows, and of each where two do."""
DRAWING = (
    "#set page(width: auto, height: auto, margin: 0pt)\n"
    f'#image(bytes(sys.inputs.svg), format: "svg", width: {WIDTH}cm)'
)
HYPERLINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
LONGEST_BOOKMARK = 40
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
    lay = False
    for lies, nodes in _turned(document.nodes):
        if lies or lay:
            _turn(made, lies=lies)
        lay = lies
        for node in nodes:
            _add(made, node)
    out = io.BytesIO()
    made.save(out)
    return repacked(out.getvalue(), {})


def _turned(nodes: Iterable[Node]) -> list[tuple[bool, list[Node]]]:
    """Nodes in groups, each with whether its page lies: a wide table does, from its heading on."""
    made: list[tuple[bool, list[Node]]] = [(False, [])]
    for node in nodes:
        made[-1][1].append(node)
        if isinstance(node, TableNode) and len(node.protected.table.columns) > UPRIGHT:
            before = made[-1][1]
            start = max(at for at, one in enumerate(before) if isinstance(one, Heading))
            made[-1:] = [(False, before[:start]), (True, before[start:]), (False, [])]
    return [(lies, group) for lies, group in made if group]


def _turn(made: Any, *, lies: bool) -> None:
    """Go on on a new page, lying or upright."""
    page = made.add_section(WD_SECTION.NEW_PAGE)
    page.orientation = WD_ORIENT.LANDSCAPE if lies else WD_ORIENT.PORTRAIT
    page.page_width, page.page_height = (Cm(29.7), Cm(21)) if lies else (Cm(21), Cm(29.7))


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
            _marked(made.add_heading(_clean(node.shown), level=node.level - 1), node.anchor)
        case Paragraph():
            _say(made.add_paragraph(), node.words)
        case Points():
            _list(made, node)
        case TableNode():
            _add_table(made, node)
        case FigureNode():
            _add_figure(made, node)
        case _:
            _add_set_off(made, node)


def _list(made: Any, node: Points) -> None:
    """Numbers of an ordered list are written: Word would count on from the list before."""
    for at, point in enumerate(node.points, start=1):
        if node.ordered:
            _say(made.add_paragraph(style="List Continue"), (f"{at}. ", *point))
        else:
            _say(made.add_paragraph(style="List Bullet"), point)


def _add_set_off(made: Any, node: Aside | Quotation | Apparatus) -> None:
    match node:
        case Aside():
            for one in node.paragraphs:
                _say(_indented(made), one)
        case Quotation():
            paragraph = _indented(made)
            paragraph.add_run(_clean(node.words)).italic = True
            paragraph.paragraph_format.keep_with_next = True
            _say(_indented(made), (node.source, " ", node.mark))
        case ChapterList():
            _chapter_list(made, node)
        case Contents():
            _contents(made, "Tables", node.tables)
            _contents(made, "Figures", node.figures)
        case _:
            _add_apparatus(made, node)


def _add_apparatus(made: Any, node: Facts | Definitions | Cases | Notes | Sources) -> None:
    match node:
        case Facts():
            rows = [(name, [value]) for name, value in node.facts]
            _grid(made, ("What", "As of this edition"), rows)
        case Definitions():
            for one in node.definitions:
                _say(made.add_paragraph(), (Styled(f"{one.name}. ", strong=True), defined(one)))
        case Cases():
            _caption(made, node.title)
            _grid(made, node.head, [(name, list(told)) for name, *told in node.rows])
        case Notes() | Sources():
            _references(made, node)


def _chapter_list(made: Any, node: ChapterList) -> None:
    for chapter, sections in node.chapters:
        for one in (chapter, *sections):
            paragraph = made.add_paragraph()
            paragraph.paragraph_format.left_indent = Cm((one.level - 2) * 0.8)
            paragraph.paragraph_format.space_after = 0
            _say(paragraph, (Reference(one.shown, one.anchor),))


def _contents(made: Any, title: str, entries: tuple[tuple[str, str, str], ...]) -> None:
    if entries:
        made.add_heading(title, level=2)
    for name, said, anchor in entries:
        _say(made.add_paragraph(style="List Bullet"), (Reference(name, anchor), f". {said}"))


def _references(made: Any, node: Notes | Sources) -> None:
    """Notes and publications, each a place that the text leads to."""
    if isinstance(node, Sources):
        said = [(source.words, source.anchor) for source in node.sources]
    else:
        said = [
            ((f"[{one.number}] {one.text} {one.key}".strip(),), note_anchor(one.number))
            for one in node.notes
        ]
    for words, anchor in said:
        paragraph = made.add_paragraph()
        _say(paragraph, words)
        _marked(paragraph, anchor)


def _indented(made: Any) -> Any:
    paragraph = made.add_paragraph()
    paragraph.paragraph_format.left_indent = Cm(1)
    return paragraph


# ---- words, and where they lead ----


def _say(paragraph: Any, words: Words) -> None:
    """Words as runs of a paragraph; what leads somewhere as a link."""
    for bare, parts in groupby(words, key=_is_bare):
        if bare:
            paragraph.add_run(_clean(plain(tuple(parts))))
        else:
            for part in parts:
                _run(paragraph, part)


def _is_bare(part: Inline) -> bool:
    """Words without style or link; also a number that is withheld, which leads nowhere."""
    return isinstance(part, str) or (isinstance(part, Number) and not part.opens)


def _run(paragraph: Any, part: Inline) -> None:
    match part:
        case Styled():
            run = paragraph.add_run(_clean(part.shown))
            run.bold, run.italic = part.strong or None, None if part.strong else True
        case Number():
            _link(paragraph, part.shown, anchor=part.table)
        case Reference() | NoteMark():
            _link(paragraph, part.shown, anchor=part.anchor)
        case WebLink():
            _link(paragraph, part.shown, url=part.url)


def _link(paragraph: Any, text: str, *, anchor: str = "", url: str = "") -> None:
    link = OxmlElement("w:hyperlink")
    if anchor:
        link.set(qn("w:anchor"), _bookmark(anchor))
    else:
        link.set(qn("r:id"), paragraph.part.relate_to(url, HYPERLINK, is_external=True))
    run = paragraph.add_run(_clean(text))
    if url:
        run.underline = True
    link.append(run._r)
    paragraph._p.append(link)


def _bookmark(anchor: str) -> str:
    """The name of a bookmark: letters, digits and underscores, forty at most, a letter first."""
    name = re.sub(r"\W", "_", anchor)
    if len(name) > LONGEST_BOOKMARK:
        name = f"{name[:24]}_{hashlib.sha256(anchor.encode()).hexdigest()[:15]}"
    return name


def _marked(paragraph: Any, anchor: str) -> None:
    """A paragraph as a place that links lead to."""
    number = str(len(list(paragraph.part.element.iter(qn("w:bookmarkStart")))) + 1)
    for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
        element = OxmlElement(tag)
        element.set(qn("w:id"), number)
        if tag == "w:bookmarkStart":
            element.set(qn("w:name"), _bookmark(anchor))
            paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, element)
        else:
            paragraph._p.append(element)


def _caption(made: Any, text: str, anchor: str = "") -> None:
    paragraph = made.add_paragraph(_clean(text), style="Caption")
    paragraph.paragraph_format.keep_with_next = True
    if anchor:
        _marked(paragraph, anchor)


def _add_figure(made: Any, node: FigureNode) -> None:
    _caption(made, f"{node.name}. {node.figure.title}", node.figure.id)
    drawn = made.add_picture(io.BytesIO(png(node.figure)), width=Cm(WIDTH))
    properties = drawn._inline.docPr
    properties.set("name", node.name)
    properties.set("title", _clean(node.figure.title))
    properties.set("descr", _clean(node.figure.text))
    made.add_paragraph(f"The same numbers stand in {node.table}.")


def _add_table(made: Any, node: TableNode) -> None:
    table = node.protected.table
    _caption(made, f"{node.name}. {table.title}. Base: {table.base}.", table.id)
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
    widths = _widths(made.sections[-1], len(head), numbers)
    # Word goes by the widths of cells, LibreOffice by those of columns.
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    for name, cell in zip(head, grid.rows[0].cells, strict=True):
        cell.text = _clean(name)
    for label, others in rows:
        for at, (value, cell) in enumerate(
            zip((label, *others), grid.add_row().cells, strict=True)
        ):
            cell.text = _clean(value)
            if at >= len(head) - numbers:
                cell.paragraphs[0].alignment = 2
    _mark(grid.rows[0], "w:tblHeader")
    for row in grid.rows:
        _mark(row, "w:cantSplit")
    if numbers > MANY:
        _set_small(grid)


def _set_small(grid: Any) -> None:
    cells = (cell for row in grid.rows for cell in row.cells)
    for run in (run for cell in cells for paragraph in cell.paragraphs for run in paragraph.runs):
        run.font.size = Pt(SMALL)


def _widths(page: Any, columns: int, numbers: int) -> list[int]:
    """How wide each column is: what names the rows first, then the numbers alike."""
    names = columns - numbers if numbers else 1
    across = page.page_width - page.left_margin - page.right_margin
    first = Cm(FIRST if names == 1 else FIRST_OF_TWO)
    rest = (across - names * first) // (columns - names)
    return [first] * names + [rest] * (columns - names)


def _mark(row: Any, name: str) -> None:
    element = OxmlElement(name)
    element.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(element)
