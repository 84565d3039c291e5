"""Render a document as Word (DOCX): real headings, captions, repeated header rows, alt text."""

import hashlib
import io
import re
from collections.abc import Iterable
from datetime import UTC
from itertools import groupby
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.extras import OptionalModule
from waymark.core.tables import Row
from waymark.publishing.document.nodes import (
    Apparatus,
    AsideNode,
    CaseTable,
    ChapterList,
    ContentsLists,
    DefinitionList,
    FactList,
    FigureNode,
    HeadingNode,
    Inline,
    InlineNumber,
    InlineReference,
    Node,
    NoteList,
    NoteMark,
    ParagraphNode,
    PointList,
    QuotationNode,
    ReportDocument,
    SourceList,
    StyledText,
    TableNode,
    WebLink,
    Words,
    note_anchor,
    plain_text,
    with_sources,
)
from waymark.publishing.formats.archive import repack_archive
from waymark.publishing.formats.html import definition_text
from waymark.publishing.formats.pdf import UPRIGHT, print_svg
from waymark.publishing.formats.sheets import LANGUAGE

typst = OptionalModule("typst", "report")
python_docx = OptionalModule("docx", "report")
docx_section = OptionalModule("docx.enum.section", "report")
docx_xml = OptionalModule("docx.oxml", "report")
docx_names = OptionalModule("docx.oxml.ns", "report")
docx_units = OptionalModule("docx.shared", "report")
WIDTH = 15.5
"""Width of a drawing in centimetres."""
MANY, SMALL = 5, 8
"""Tables with more number columns than MANY are set in SMALL points, so that words fit."""
FIRST, FIRST_OF_TWO = 5, 2.9
"""Width in centimetres of the column that names the rows, and of each if there are two."""
DRAWING = (
    "#set page(width: auto, height: auto, margin: 0pt)\n"
    f'#image(bytes(sys.inputs.svg), format: "svg", width: {WIDTH}cm)'
)
HYPERLINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
LONGEST_BOOKMARK = 40
# XML 1.0 allows these characters and no others; one more makes Word refuse the file.
UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_word(document: ReportDocument) -> bytes:
    """Bytes of the Word document. The same document gives the same bytes."""
    docx = python_docx.Document()
    _set_properties(docx, document)
    page = docx.sections[0]
    page.page_width, page.page_height = docx_units.Cm(21), docx_units.Cm(29.7)
    page.left_margin = page.right_margin = docx_units.Cm(2.5)
    docx.add_paragraph(_clean_text(document.title), style="Title")
    docx.add_paragraph(_clean_text(document.subtitle), style="Subtitle")
    docx.add_paragraph(_clean_text(f"{document.scope}. {document.edition}"))
    docx.add_paragraph(FORBIDDEN_USES_IN_FULL)
    # Orientation belongs to a section of Word, so each change of it begins a new section.
    lay = False
    for lies, nodes in _orientation_groups(with_sources(document).nodes):
        if lies or lay:
            _add_page(docx, lies=lies)
        lay = lies
        for node in nodes:
            _add_node(docx, node)
    out = io.BytesIO()
    docx.save(out)
    # python-docx writes the time into the ZIP entries: packed again, the bytes stay the same.
    return repack_archive(out.getvalue(), {})


def _orientation_groups(nodes: Iterable[Node]) -> list[tuple[bool, list[Node]]]:
    """Group nodes by page orientation: a wide table is landscape, from its heading on."""
    groups: list[tuple[bool, list[Node]]] = [(False, [])]
    for node in nodes:
        groups[-1][1].append(node)
        if isinstance(node, TableNode) and len(node.protected.table.columns) > UPRIGHT:
            before = groups[-1][1]
            start = max(at for at, earlier in enumerate(before) if isinstance(earlier, HeadingNode))
            groups[-1:] = [(False, before[:start]), (True, before[start:]), (False, [])]
    return [(lies, group) for lies, group in groups if group]


def _add_page(docx: Any, *, lies: bool) -> None:
    """Begin a new page. lies: landscape."""
    page = docx.add_section(docx_section.WD_SECTION.NEW_PAGE)
    page.orientation = docx_section.WD_ORIENT.LANDSCAPE if lies else docx_section.WD_ORIENT.PORTRAIT
    page.page_width, page.page_height = (
        (docx_units.Cm(29.7), docx_units.Cm(21))
        if lies
        else (docx_units.Cm(21), docx_units.Cm(29.7))
    )


def figure_png(node: FigureNode) -> bytes:
    """PNG of a figure, made from its SVG, so it shows nothing that the SVG does not."""
    compiled: bytes = typst.compile(
        DRAWING.encode(),
        format="png",
        ppi=200.0,
        ignore_system_fonts=True,
        sys_inputs={"svg": print_svg(node)},
    )
    return compiled


def _clean_text(text: str) -> str:
    return UNPRINTABLE.sub("\ufffd", text)


def _set_properties(docx: Any, document: ReportDocument) -> None:
    """Set title, language and dates, and remove those of the library's template."""
    dated = document.dated.astimezone(UTC).replace(tzinfo=None)
    core = docx.core_properties
    core.title, core.subject = _clean_text(document.title), _clean_text(document.subtitle)
    core.language = LANGUAGE
    core.author = core.last_modified_by = core.comments = core.keywords = ""
    core.created = core.modified = dated
    set_british_styles(docx)


def set_british_styles(docx: Any) -> None:
    """Set the language of a new document, and remove the picture of its template."""
    # The template is American: its styles must say en-GB too, or a screen reader changes voice.
    for language in docx.styles.element.iter(docx_names.qn("w:lang")):
        language.set(docx_names.qn("w:val"), LANGUAGE)
    rels = docx.part.package.rels
    # The template that python-docx starts from has a thumbnail of an empty page.
    for name in [key for key, relation in rels.items() if relation.reltype.endswith("/thumbnail")]:
        del rels[name]


def _add_node(docx: Any, node: Node) -> None:
    match node:
        case HeadingNode():
            _add_bookmark(
                docx.add_heading(_clean_text(node.full_text), level=node.level - 1), node.anchor
            )
        case ParagraphNode():
            _add_words(docx.add_paragraph(), node.words)
        case PointList():
            _add_list(docx, node)
        case TableNode():
            _add_table(docx, node)
        case FigureNode():
            _add_figure(docx, node)
        case _:
            _add_set_off(docx, node)


def _add_list(docx: Any, node: PointList) -> None:
    """Write the numbers of an ordered list as text: Word would continue the previous list."""
    for at, point in enumerate(node.points, start=1):
        if node.ordered:
            _add_words(docx.add_paragraph(style="List Continue"), (f"{at}. ", *point))
        else:
            _add_words(docx.add_paragraph(style="List Bullet"), point)


def _add_set_off(docx: Any, node: AsideNode | QuotationNode | Apparatus) -> None:
    match node:
        case AsideNode():
            for words in node.paragraphs:
                _add_words(_add_indented(docx), words)
        case QuotationNode():
            paragraph = _add_indented(docx)
            paragraph.add_run(_clean_text(node.words)).italic = True
            paragraph.paragraph_format.keep_with_next = True
            _add_words(_add_indented(docx), (node.source, " ", node.mark))
        case ChapterList():
            _add_chapter_list(docx, node)
        case ContentsLists():
            _add_contents(docx, "Tables", node.tables)
            _add_contents(docx, "Figures", node.figures)
        case _:
            _add_apparatus(docx, node)


def _add_apparatus(
    docx: Any, node: FactList | DefinitionList | CaseTable | NoteList | SourceList
) -> None:
    match node:
        case FactList():
            rows = [(name, [value]) for name, value in node.facts]
            _add_grid(docx, ("What", "As of this edition"), rows)
        case DefinitionList():
            for definition in node.definitions:
                _add_words(
                    docx.add_paragraph(),
                    (StyledText(f"{definition.name}. ", strong=True), definition_text(definition)),
                )
        case CaseTable():
            _add_caption(docx, node.title)
            rows = [(name, list(values)) for name, *values in node.rows + node.closed_rows]
            _add_grid(docx, node.head, rows)
        case NoteList() | SourceList():
            _add_references(docx, node)


def _add_chapter_list(docx: Any, node: ChapterList) -> None:
    for chapter, sections in node.chapters:
        for heading in (chapter, *sections):
            paragraph = docx.add_paragraph()
            paragraph.paragraph_format.left_indent = docx_units.Cm((heading.level - 2) * 0.8)
            paragraph.paragraph_format.space_after = 0
            _add_words(paragraph, (InlineReference(heading.full_text, heading.anchor),))


def _add_contents(docx: Any, title: str, entries: tuple[tuple[str, str, str], ...]) -> None:
    if entries:
        docx.add_heading(title, level=2)
    for name, caption, anchor in entries:
        _add_words(
            docx.add_paragraph(style="List Bullet"), (InlineReference(name, anchor), f". {caption}")
        )


def _add_references(docx: Any, node: NoteList | SourceList) -> None:
    """Notes or publications, each with a bookmark that the text links to."""
    if isinstance(node, SourceList):
        entries = [(source.words, source.anchor) for source in node.sources]
    else:
        entries = [
            ((f"[{note.number}] {note.text} {note.key}".strip(),), note_anchor(note.number))
            for note in node.notes
        ]
    for words, anchor in entries:
        paragraph = docx.add_paragraph()
        _add_words(paragraph, words)
        _add_bookmark(paragraph, anchor)


def _add_indented(docx: Any) -> Any:
    paragraph = docx.add_paragraph()
    paragraph.paragraph_format.left_indent = docx_units.Cm(1)
    return paragraph


# ---- words, and where they lead ----


def _add_words(paragraph: Any, words: Words) -> None:
    """Add words to a paragraph as runs and links."""
    for bare, parts in groupby(words, key=_is_bare):
        if bare:
            paragraph.add_run(_clean_text(plain_text(tuple(parts))))
        else:
            for part in parts:
                _add_run(paragraph, part)


def _is_bare(part: Inline) -> bool:
    """True for words without style or link, and for a number that links to nothing."""
    return isinstance(part, str) or (isinstance(part, InlineNumber) and not part.opens)


def _add_run(paragraph: Any, part: Inline) -> None:
    match part:
        case StyledText():
            run = paragraph.add_run(_clean_text(part.text))
            run.bold, run.italic = part.strong or None, None if part.strong else True
        case InlineNumber():
            _add_link(paragraph, part.text, anchor=part.table)
        case InlineReference() | NoteMark():
            _add_link(paragraph, part.text, anchor=part.anchor)
        case WebLink():
            _add_link(paragraph, part.text, url=part.url)


def _add_link(paragraph: Any, text: str, *, anchor: str = "", url: str = "") -> None:
    # python-docx has no links. A w:hyperlink wraps a run: w:anchor names a bookmark of the file,
    # r:id a relationship with an address outside it.
    link = docx_xml.OxmlElement("w:hyperlink")
    if anchor:
        link.set(docx_names.qn("w:anchor"), _bookmark_name(anchor))
    else:
        link.set(docx_names.qn("r:id"), paragraph.part.relate_to(url, HYPERLINK, is_external=True))
    run = paragraph.add_run(_clean_text(text))
    if url:
        run.underline = True
    link.append(run._r)
    paragraph._p.append(link)


def _bookmark_name(anchor: str) -> str:
    """Name of a bookmark: at most 40 letters, digits and underscores, as Word requires."""
    name = re.sub(r"\W", "_", anchor)
    if len(name) > LONGEST_BOOKMARK:
        # Longer names are cut off by Word without a word, and two could become the same: 24
        # characters, a line and 15 of a hash are 40.
        name = f"{name[:24]}_{hashlib.sha256(anchor.encode()).hexdigest()[:15]}"
    return name


def _add_bookmark(paragraph: Any, anchor: str) -> None:
    """Put a bookmark around a paragraph, for links to it."""
    # The ids of bookmarks must differ in a document; start and end share one.
    number = str(len(list(paragraph.part.element.iter(docx_names.qn("w:bookmarkStart")))) + 1)
    for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
        element = docx_xml.OxmlElement(tag)
        element.set(docx_names.qn("w:id"), number)
        if tag == "w:bookmarkStart":
            element.set(docx_names.qn("w:name"), _bookmark_name(anchor))
            # A paragraph's properties (w:pPr) must stay its first child.
            paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, element)
        else:
            paragraph._p.append(element)


def _add_caption(docx: Any, text: str, anchor: str = "") -> None:
    paragraph = docx.add_paragraph(_clean_text(text), style="Caption")
    paragraph.paragraph_format.keep_with_next = True
    if anchor:
        _add_bookmark(paragraph, anchor)


def _add_figure(docx: Any, node: FigureNode) -> None:
    _add_caption(docx, f"{node.name}. {node.figure.title}", node.figure.id)
    drawn = docx.add_picture(io.BytesIO(figure_png(node)), width=docx_units.Cm(WIDTH))
    # wp:docPr of the drawing has the text that screen readers read: title and description.
    properties = drawn._inline.docPr
    properties.set("name", node.name)
    properties.set("title", _clean_text(node.figure.title))
    properties.set("descr", _clean_text(node.figure.text))
    docx.add_paragraph(f"Data: {node.table}.")


def _add_table(docx: Any, node: TableNode) -> None:
    table = node.table
    _add_caption(docx, f"{node.name}. {table.title}. Base: {table.base}.", table.id)
    if node.shorthand:
        docx.add_paragraph(f"Shorthand: {node.shorthand}.").paragraph_format.keep_with_next = True
    grouped = any(row.group for row in table.rows)
    head = (table.stub, *(column.label for column in table.columns))
    rows = [_row_texts(row, grouped=grouped) for row in table.rows]
    _add_grid(docx, ("Group", *head) if grouped else head, rows, numbers=len(table.columns))
    for note in node.notes:
        docx.add_paragraph(_clean_text(note), style="List Bullet")


def _row_texts(row: Row, *, grouped: bool) -> tuple[str, list[str]]:
    printed = [cell.shown for cell in row.cells]
    return (row.group, [row.label, *printed]) if grouped else (row.label, printed)


def _add_grid(
    docx: Any, head: tuple[str, ...], rows: list[tuple[str, list[str]]], *, numbers: int = 0
) -> None:
    """Table whose first row is marked as header and repeated on every page."""
    grid = docx.add_table(rows=1, cols=len(head), style="Light List")
    # autofit lets Word widen a column for a long word, which fixed widths would break.
    grid.autofit = True
    widths = _column_widths(docx.sections[-1], len(head), numbers)
    # Word goes by the widths of cells, LibreOffice by those of columns.
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    for name, cell in zip(head, grid.rows[0].cells, strict=True):
        cell.text = _clean_text(name)
    for label, others in rows:
        for at, (value, cell) in enumerate(
            zip((label, *others), grid.add_row().cells, strict=True)
        ):
            cell.text = _clean_text(value)
            if at >= len(head) - numbers:
                # 2 is WD_ALIGN_PARAGRAPH.RIGHT: numbers are aligned at their last digit.
                cell.paragraphs[0].alignment = 2
    # w:tblHeader: repeat on each page and read out as header; w:cantSplit: keep a row on one page.
    _set_row_flag(grid.rows[0], "w:tblHeader")
    for row in grid.rows:
        _set_row_flag(row, "w:cantSplit")
    if numbers > MANY:
        _set_small(grid)


def _set_small(grid: Any) -> None:
    cells = (cell for row in grid.rows for cell in row.cells)
    for run in (run for cell in cells for paragraph in cell.paragraphs for run in paragraph.runs):
        run.font.size = docx_units.Pt(SMALL)


def _column_widths(page: Any, columns: int, numbers: int) -> list[int]:
    """Widths of the columns: first those that name the rows, then equal ones for numbers."""
    names = columns - numbers if numbers else 1
    across = page.page_width - page.left_margin - page.right_margin
    first = docx_units.Cm(FIRST if names == 1 else FIRST_OF_TWO)
    rest = (across - names * first) // (columns - names)
    return [first] * names + [rest] * (columns - names)


def _set_row_flag(row: Any, name: str) -> None:
    element = docx_xml.OxmlElement(name)
    element.set(docx_names.qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(element)
