"""Render a document as Word (DOCX): real headings, contents, captions, references and notes."""

import io
import re
from collections.abc import Iterable
from datetime import UTC
from itertools import groupby
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.extras import OptionalModule
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
from waymark.publishing.formats.pdf import print_svg
from waymark.publishing.formats.sheets import LANGUAGE
from waymark.publishing.formats.word_fields import (
    Bookmarks,
    add_field,
    add_link,
    add_reference,
    begin_field,
    bookmark_name,
    clean_text,
    end_field,
)
from waymark.publishing.formats.word_tables import add_grid, add_table, is_lying
from waymark.publishing.formats.word_template import (
    APPENDICES,
    APPENDIX,
    CONTENTS,
    CONTENTS_ENTRY,
    COVER,
    FIGURES_ENTRY,
    NOTE,
    QUOTE,
    QUOTE_SOURCE,
    new_report,
    number_heading,
    set_header_and_footer,
)

typst = OptionalModule("typst", "report")
docx_section = OptionalModule("docx.enum.section", "report")
docx_units = OptionalModule("docx.shared", "report")
WIDTH = 16.0
"""Width of a drawing in centimetres: that of the text."""
DRAWING = (
    "#set page(width: auto, height: auto, margin: 0pt)\n"
    f'#image(bytes(sys.inputs.svg), format: "svg", width: {WIDTH}cm)'
)
CAPTION = re.compile(r"(Table|Figure) (\d+)")
NUMBERED = re.compile(r"((?:chapter|section) )(\d[\d.]*)", re.IGNORECASE)
"""A reference to a numbered heading: "Section 4.2". Appendices have letters, and are only links."""


def render_word(document: ReportDocument) -> bytes:
    """Bytes of the Word document. The same document gives the same bytes."""
    docx = new_report()
    _set_properties(docx, document)
    set_header_and_footer(docx, document.title, document.edition.rstrip("."))
    writer = _WordWriter(docx)
    writer.add_cover(document)
    # Orientation belongs to a section of Word, so each change of it begins a new section.
    lay = False
    for lies, nodes in _orientation_groups(with_sources(document).nodes):
        if lies or lay:
            _add_page(docx, lies=lies)
        lay = lies
        for node in nodes:
            writer.add(node)
    if lay:
        _add_page(docx, lies=False)
    out = io.BytesIO()
    docx.save(out)
    # python-docx writes the time into the ZIP entries: packed again, the bytes stay the same.
    return repack_archive(out.getvalue(), {})


def _orientation_groups(nodes: Iterable[Node]) -> list[tuple[bool, list[Node]]]:
    """Group nodes by page orientation: a wide table is on landscape pages of its own."""
    lying = groupby(
        nodes, key=lambda node: isinstance(node, TableNode) and is_lying(node.protected.table)
    )
    return [(lies, list(group)) for lies, group in lying]


def _add_page(docx: Any, *, lies: bool) -> None:
    """Begin a new page. lies: landscape."""
    page = docx.add_section(docx_section.WD_SECTION.NEW_PAGE)
    page.different_first_page_header_footer = False
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


def _set_properties(docx: Any, document: ReportDocument) -> None:
    """Set title, publisher, language and dates, and remove those of the library's template."""
    dated = document.dated.astimezone(UTC).replace(tzinfo=None)
    core = docx.core_properties
    core.title, core.subject = clean_text(document.title), clean_text(document.subtitle)
    core.language = LANGUAGE
    core.author = core.last_modified_by = clean_text(document.imprint.publisher)
    core.comments = core.keywords = ""
    core.created = core.modified = dated


class _WordWriter:
    """Adds the nodes of a document to a Word file."""

    def __init__(self, docx: Any) -> None:
        self.docx = docx
        self.bookmarks = Bookmarks()

    def add_cover(self, document: ReportDocument) -> None:
        """Title, edition and imprint."""
        self.docx.add_paragraph(clean_text(document.title), style="Title")
        self.docx.add_paragraph(clean_text(document.subtitle), style="Subtitle")
        edition = ". ".join(part for part in (document.scope, document.edition) if part)
        self.docx.add_paragraph(clean_text(edition), style=COVER)
        self.docx.add_paragraph(FORBIDDEN_USES_IN_FULL, style=COVER)
        for name, text in document.imprint.facts:
            paragraph = self.docx.add_paragraph(style=COVER)
            self._add_words(paragraph, (StyledText(f"{name}. ", strong=True), text))

    def add(self, node: Node) -> None:
        """Add one node."""
        match node:
            case HeadingNode():
                self._add_heading(node)
            case ParagraphNode():
                self._add_words(self.docx.add_paragraph(), node.words)
            case PointList():
                self._add_list(node)
            case TableNode():
                self._add_table(node)
            case FigureNode():
                self._add_figure(node)
            case _:
                self._add_set_off(node)

    def _add_heading(self, node: HeadingNode) -> None:
        """A heading, whose number Word counts: "4.2" is that of its list, not a text."""
        if node.anchor == "contents":
            paragraph = self.docx.add_paragraph(clean_text(node.text), style=CONTENTS)
            paragraph.paragraph_format.page_break_before = True
        elif node.level == 2 and node.number.startswith("Appendix"):
            paragraph = self.docx.add_paragraph(clean_text(node.text), style=APPENDIX)
        else:
            paragraph = self.docx.add_heading(clean_text(node.text), level=node.level - 1)
            if node.level <= 3 and not node.number:
                number_heading(paragraph, 0, 0)
            elif node.level == 3 and not node.number[0].isdigit():
                number_heading(paragraph, APPENDICES, 1)
        self.bookmarks.around(paragraph, node.anchor)

    def _add_list(self, node: PointList) -> None:
        """Write the numbers of an ordered list as text: Word would continue the previous list."""
        for at, point in enumerate(node.points, start=1):
            if node.ordered:
                paragraph = self.docx.add_paragraph(style="List Continue")
                self._add_words(paragraph, (f"{at}. ", *point))
            else:
                self._add_words(self.docx.add_paragraph(style="List Bullet"), point)

    def _add_set_off(self, node: AsideNode | QuotationNode | Apparatus) -> None:
        match node:
            case AsideNode():
                for words in node.paragraphs:
                    self._add_words(self.docx.add_paragraph(style=QUOTE_SOURCE), words)
            case QuotationNode():
                self.docx.add_paragraph(clean_text(node.words), style=QUOTE)
                source = self.docx.add_paragraph(style=QUOTE_SOURCE)
                self._add_words(source, (node.source, " ", node.mark))
            case ChapterList():
                self._add_chapter_list(node)
            case ContentsLists():
                self._add_contents("Tables", "Table", node.tables)
                self._add_contents("Figures", "Figure", node.figures)
            case _:
                self._add_apparatus(node)

    def _add_apparatus(
        self, node: FactList | DefinitionList | CaseTable | NoteList | SourceList
    ) -> None:
        match node:
            case FactList():
                rows = [(name, [value]) for name, value in node.facts]
                add_grid(self.docx, ("What", "As of this edition"), rows)
            case DefinitionList():
                for definition in node.definitions:
                    name = StyledText(f"{definition.name}. ", strong=True)
                    self._add_words(self.docx.add_paragraph(), (name, definition_text(definition)))
            case CaseTable():
                self.docx.add_paragraph(clean_text(node.title), style="Caption")
                rows = [(name, list(values)) for name, *values in node.rows + node.closed_rows]
                add_grid(self.docx, node.head, rows)
            case NoteList() | SourceList():
                self._add_references(node)

    def _add_references(self, node: NoteList | SourceList) -> None:
        """Notes or publications, each with a bookmark that the text links to."""
        if isinstance(node, SourceList):
            entries = [(source.words, source.anchor) for source in node.sources]
        else:
            entries = [
                ((f"[{note.number}] {note.text} {note.key}".strip(),), note_anchor(note.number))
                for note in node.notes
            ]
        for words, anchor in entries:
            paragraph = self.docx.add_paragraph()
            self._add_words(paragraph, words)
            self.bookmarks.around(paragraph, anchor)

    # ---- contents ----

    def _add_chapter_list(self, node: ChapterList) -> None:
        """Table of contents: a field, with entries that are there before Word updates it."""
        entries = [
            (heading.full_text, heading.anchor, CONTENTS_ENTRY.format(heading.level - 1))
            for chapter, sections in node.chapters
            for heading in (chapter, *sections)
        ]
        # \o: headings of levels 1 and 2; \t: and appendices; \h: as links; \u: by outline level.
        self._add_contents_field(rf'TOC \o "1-2" \t "{APPENDIX},1" \h \z', entries)

    def _add_contents(
        self, title: str, label: str, entries: tuple[tuple[str, str, str], ...]
    ) -> None:
        if entries:
            self.docx.add_paragraph(title, style=CONTENTS)
            lines = [
                (f"{name}. {caption}", anchor, FIGURES_ENTRY) for name, caption, anchor in entries
            ]
            self._add_contents_field(rf'TOC \h \z \c "{label}"', lines)

    def _add_contents_field(self, instruction: str, entries: list[tuple[str, str, str]]) -> None:
        paragraph = None
        for at, (text, anchor, style) in enumerate(entries):
            paragraph = self.docx.add_paragraph(style=style)
            if at == 0:
                begin_field(paragraph, instruction)
            link = add_link(paragraph, f"{text}\t", anchor=anchor)
            # The number of the page is known to Word alone, which fills it in.
            for run in add_field(paragraph, rf"PAGEREF {bookmark_name(anchor)} \h", ""):
                link.append(run)
        if paragraph is not None:
            end_field(paragraph)

    # ---- words, and where they lead ----

    def _add_words(self, paragraph: Any, words: Words) -> None:
        """Add words to a paragraph as runs and links."""
        for bare, parts in groupby(words, key=_is_bare):
            if bare:
                paragraph.add_run(clean_text(plain_text(tuple(parts))))
            else:
                for part in parts:
                    _add_run(paragraph, part)

    # ---- tables and figures ----

    def _add_caption(self, name: str, title: str, anchor: str) -> None:
        """A caption: "Table", its number as a field, and the title."""
        label, number = name.split(" ", 1)
        paragraph = self.docx.add_paragraph(style="Caption")
        first = paragraph.add_run(f"{label} ")._r
        # \r: the number is that of the overview, the same in every edition, not the next one.
        runs = add_field(paragraph, rf"SEQ {label} \* ARABIC \r {number}", number)
        paragraph.add_run(clean_text(f". {title}"))
        self.bookmarks.around_runs([first, *runs], f"{anchor}_name")
        self.bookmarks.around(paragraph, anchor)

    def _add_figure(self, node: FigureNode) -> None:
        self._add_caption(node.name, node.figure.title, node.figure.id)
        drawn = self.docx.add_picture(io.BytesIO(figure_png(node)), width=docx_units.Cm(WIDTH))
        # wp:docPr of the drawing has the text that screen readers read: title and description.
        properties = drawn._inline.docPr
        properties.set("name", node.name)
        properties.set("title", clean_text(node.figure.title))
        properties.set("descr", clean_text(node.figure.text))
        self.docx.add_paragraph(f"Data: {node.table}.", style=NOTE)

    def _add_table(self, node: TableNode) -> None:
        table = node.table
        self._add_caption(node.name, table.title, table.id)
        lines = [f"Base: {table.base}."]
        lines += [f"Shorthand: {node.shorthand}."] if node.shorthand else []
        for line in lines:
            paragraph = self.docx.add_paragraph(clean_text(line), style=NOTE)
            paragraph.paragraph_format.keep_with_next = True
        add_table(self.docx, table)
        for note in node.notes:
            paragraph = self.docx.add_paragraph(clean_text(note), style="List Bullet")
            for run in paragraph.runs:
                run.font.size = docx_units.Pt(10)


def _is_bare(part: Inline) -> bool:
    """True for words without style or link, and for a number that links to nothing."""
    return isinstance(part, str) or (isinstance(part, InlineNumber) and not part.opens)


def _add_run(paragraph: Any, part: Inline) -> None:
    match part:
        case StyledText():
            run = paragraph.add_run(clean_text(part.text))
            run.bold, run.italic = part.strong or None, None if part.strong else True
        case InlineNumber():
            add_link(paragraph, part.text, anchor=part.table)
        case InlineReference():
            _add_reference(paragraph, part)
        case NoteMark():
            add_link(paragraph, part.text, anchor=part.anchor)
        case WebLink():
            add_link(paragraph, part.text, url=part.url)


def _add_reference(paragraph: Any, part: InlineReference) -> None:
    """A cross-reference, with a field where Word can keep its number up to date."""
    numbered = NUMBERED.fullmatch(part.text)
    if CAPTION.fullmatch(part.text):
        name = bookmark_name(f"{part.anchor}_name")
        add_reference(paragraph, "", part.text, to=rf"REF {name} \h", anchor=part.anchor)
    elif numbered:
        name = bookmark_name(part.anchor)
        to = rf"REF {name} \n \h"
        add_reference(paragraph, numbered[1], numbered[2], to=to, anchor=part.anchor)
    else:
        add_link(paragraph, part.text, anchor=part.anchor)
