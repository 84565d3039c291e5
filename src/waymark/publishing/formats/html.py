"""Render a document as HTML: a fragment for a page of the site, or a self-contained file.

Everything is escaped. There are no style attributes and no scripts, so a strict content security
policy allows it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.tables import Cell, Column, Figure, Row, Table
from waymark.overview.charts import svg
from waymark.publishing.document.nodes import (
    CLOSED_REVIEW,
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
    TermDefinition,
    WebLink,
    Words,
    note_anchor,
    with_sources,
)

STYLE = Path(__file__).resolve().parent / "overview.css"


def _same_page(anchor: str) -> str:
    return f"#{anchor}"


@dataclass(frozen=True, slots=True)
class PageLinks:
    """Addresses that a page links to. place: of an anchor, which may be on another page.

    passage, review: of a citation key and of a review reference; None in a file, which has no site
    to link to.
    """

    place: Callable[[str], str] = _same_page
    passage: Callable[[str], str] | None = None
    review: Callable[[str], str] | None = None


IN_FILE = PageLinks()


@dataclass(frozen=True, slots=True)
class _PageSettings:
    """Settings of a page. address: as in render_fragment()."""

    address: str | None
    links: PageLinks


def render_fragment(
    document: ReportDocument, *, address: str | None, links: PageLinks = IN_FILE
) -> str:
    """Render the document without its title; headings start at level 2.

    address: of the overview on the site, for example "/overviews/demo/"; each number links to its
    evidence below it. None: numbers are not links.
    """
    page = _PageSettings(address, links)
    return "\n".join(_node_html(node, page) for node in with_sources(document).nodes)


def render_page(document: ReportDocument) -> str:
    """Render the document as one HTML file that includes its style; numbers are not links."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en-GB">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(document.title)}</title>",
            f"<style>\n{_stylesheet()}</style>",
            "</head>",
            "<body>",
            "<main>",
            f"<h1>{escape(document.title)}</h1>",
            f'<p class="lead">{escape(document.subtitle)}</p>',
            f'<p class="soft">{escape(document.scope)}. {escape(document.edition)}</p>',
            f"<p>{escape(FORBIDDEN_USES_IN_FULL)}</p>",
            render_fragment(document, address=None),
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


@lru_cache(maxsize=1)
def _stylesheet() -> str:
    return STYLE.read_text("utf-8")


def _node_html(node: Node, page: _PageSettings) -> str:
    match node:
        case HeadingNode():
            tag = f"h{node.level}"
            return f'<{tag} id="{escape(node.anchor)}">{escape(node.full_text)}</{tag}>'
        case ParagraphNode():
            return f"<p>{_words_html(node.words, page)}</p>"
        case PointList():
            items = [_words_html(point, page) for point in node.points]
            return _list_html(items, ordered=node.ordered)
        case TableNode():
            return _table_html(node, page.address)
        case FigureNode():
            return _figure_html(node, page)
        case _:
            return _set_off_html(node, page)


def _set_off_html(node: AsideNode | QuotationNode | Apparatus, page: _PageSettings) -> str:
    match node:
        case AsideNode():
            paragraphs = "".join(
                f"<p>{_words_html(paragraph, page)}</p>" for paragraph in node.paragraphs
            )
            return f'<blockquote class="aside">{paragraphs}</blockquote>'
        case QuotationNode():
            return _quotation_html(node, page)
        case ContentsLists():
            return _contents_html(node, page)
        case ChapterList():
            return _chapter_list(node, page)
        case _:
            return _apparatus_html(node, page)


def _apparatus_html(
    node: FactList | DefinitionList | CaseTable | NoteList | SourceList, page: _PageSettings
) -> str:
    match node:
        case FactList():
            return _fact_list(node)
        case DefinitionList():
            return _definition_list(node)
        case CaseTable():
            return _case_table(node, page)
        case NoteList():
            return _notes_html(node, page)
        case SourceList():
            items = "".join(
                f'<li id="{escape(source.anchor)}">{_words_html(source.words, page)}</li>'
                for source in node.sources
            )
            return f'<ul class="sources">{items}</ul>'


def _words_html(words: Words, page: _PageSettings) -> str:
    return "".join(_inline_html(part, page) for part in words)


def _inline_html(part: Inline, page: _PageSettings) -> str:
    match part:
        case str():
            return escape(part)
        case InlineNumber():
            return _number_html(part, page.address)
        case StyledText():
            tag = "strong" if part.strong else "em"
            return f"<{tag}>{escape(part.text)}</{tag}>"
        case WebLink():
            # noreferrer: other sites do not learn which page of a report somebody reads.
            return f'<a href="{escape(part.url)}" rel="noreferrer">{escape(part.text)}</a>'
        case InlineReference():
            return f'<a href="{escape(page.links.place(part.anchor))}">{escape(part.text)}</a>'
        case NoteMark():
            return _note_mark(part, page)


def _note_mark(mark: NoteMark, page: _PageSettings) -> str:
    where = escape(page.links.place(mark.anchor))
    return f'<a class="note" href="{where}"><span class="sr">note </span>{mark.text}</a>'


def _quotation_html(node: QuotationNode, page: _PageSettings) -> str:
    """Quoted words with their source, which links to the passage if there is a site."""
    source = escape(node.source)
    if page.links.passage is not None:
        source = f'<a href="{escape(page.links.passage(node.key))}">{source}</a>'
    return (
        f'<blockquote class="passage"><p>{escape(node.words)}</p>'
        f"<footer>{source} {_note_mark(node.mark, page)}</footer></blockquote>"
    )


def _notes_html(notes: NoteList, page: _PageSettings) -> str:
    """Notes as an ordered list, which numbers them as they are numbered in the text."""
    items = []
    for note in notes.notes:
        place = escape(note.key)
        if note.key and page.links.passage is not None:
            place = f'<a href="{escape(page.links.passage(note.key))}">{place}</a>'
        suffix = f" {place}" if note.key else ""
        items.append(f'<li id="{note_anchor(note.number)}">{escape(note.text)}{suffix}</li>')
    return f'<ol class="sources">{"".join(items)}</ol>'


def _case_table(cases: CaseTable, page: _PageSettings) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in cases.head)
    rows = []
    for reference, *values in cases.rows + cases.closed_rows:
        name = escape(reference)
        if page.links.review is not None and reference != CLOSED_REVIEW:
            name = f'<a href="{escape(page.links.review(reference))}">{name}</a>'
        cells = "".join(
            f'<td data-label="{escape(label)}">{escape(value)}</td>'
            for label, value in zip(cases.head[1:], values, strict=True)
        )
        rows.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    return (
        f'<table class="stack cases"><caption>{escape(cases.title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _chapter_list(chapters: ChapterList, page: _PageSettings) -> str:
    items = []
    for chapter, sections in chapters.chapters:
        below = (
            _list_html([_heading_link(section, page) for section in sections]) if sections else ""
        )
        items.append(f"{_heading_link(chapter, page)}{below}")
    return f'<nav class="contents" aria-label="Chapters">{_list_html(items)}</nav>'


def _heading_link(heading: HeadingNode, page: _PageSettings) -> str:
    return f'<a href="{escape(page.links.place(heading.anchor))}">{escape(heading.full_text)}</a>'


def _number_html(number: InlineNumber, address: str | None) -> str:
    if address is None or not number.opens:
        return escape(number.text)
    return _evidence_link(address, number.table, number.row, number.column, number.text)


def _evidence_link(address: str, table: str, row: str, column: str, text: str) -> str:
    # Ids of rows may have any character: without safe="" a slash in one would make another address.
    place = "/".join(quote(part, safe="") for part in (table, row, column))
    return f'<a href="{escape(address)}{place}/">{escape(text)}</a>'


def _list_html(items: list[str], *, ordered: bool = False) -> str:
    tag = "ol" if ordered else "ul"
    return f"<{tag}>" + "".join(f"<li>{item}</li>" for item in items) + f"</{tag}>"


def _fact_list(facts: FactList) -> str:
    rows = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts.facts
    )
    return f'<dl class="facts">{rows}</dl>'


def _definition_list(definitions: DefinitionList) -> str:
    rows = "".join(
        f"<div><dt>{escape(definition.name)}</dt><dd>{escape(definition_text(definition))}</dd></div>"
        for definition in definitions.definitions
    )
    return f'<dl class="facts definitions">{rows}</dl>'


def definition_text(definition: TermDefinition) -> str:
    """Definition with what it includes and excludes, as one text."""
    text = definition.text
    if definition.include:
        text += f" Includes: {'; '.join(definition.include)}."
    if definition.exclude:
        text += f" Excludes: {'; '.join(definition.exclude)}."
    return text


def _contents_html(contents: ContentsLists, page: _PageSettings) -> str:
    parts = []
    for title, entries in (("Tables", contents.tables), ("Figures", contents.figures)):
        if entries:
            items = [
                f'<a href="{escape(page.links.place(anchor))}">{escape(name)}</a> {escape(caption)}'
                for name, caption, anchor in entries
            ]
            parts.append(f'<h3 id="list-of-{title.lower()}">{title}</h3>{_list_html(items)}')
    return "\n".join(parts)


def _figure_html(node: FigureNode, page: _PageSettings) -> str:
    figure = node.figure
    same = escape(page.links.place(figure.table))
    name = f"{node.name}: {figure.title}. Numbers in {node.table}."
    return (
        f'<figure id="{figure.id}" class="chart">'
        f'<p class="finding">{escape(figure.finding)}</p>'
        f'<p class="measure" aria-hidden="true">{escape(figure.measure)}</p>'
        f'<div class="wide">{svg.on_page(figure.svg, name)}</div>'
        f'<div class="narrow">{svg.on_page(figure.narrow, name)}</div>'
        f"<figcaption><span>{escape(node.name)}. {escape(node.source)}</span>"
        f'<span><a href="{same}">{escape(node.table)}</a>{_chart_files(figure, page)}</span>'
        "</figcaption></figure>"
    )


def _chart_files(figure: Figure, page: _PageSettings) -> str:
    """Links to the files of a drawing on the site; "" in a file."""
    if page.address is None:
        return ""
    stem = f"{page.address}charts/{figure.id}"
    return "".join(
        f' · <a href="{escape(address)}" download'
        f' aria-label="{escape(figure.id)} as {kind}">{kind}</a>'
        for kind, address in (
            ("SVG", f"{stem}.svg"),
            ("PNG", f"{stem}.png"),
            ("CSV", f"{page.address}{figure.table}.csv"),
        )
    )


def _table_html(node: TableNode, address: str | None) -> str:
    table = node.table
    legend = f'<p class="notes">Shorthand: {escape(node.shorthand)}.</p>' if node.shorthand else ""
    notes = _list_html([escape(note) for note in node.notes])
    return (
        f"{legend}"
        f'<div class="scroll" role="region" aria-label="{escape(node.name)}">'
        f'<table id="{table.id}">'
        f"<caption>{escape(node.name)}. {escape(table.title)}"
        f"<small>Base: {escape(table.base)}.</small></caption>"
        f"{_table_head(table)}{_table_bodies(table, address)}</table></div>"
        f'<div class="notes">{notes}</div>'
    )


def _table_head(table: Table) -> str:
    cells = "".join(
        f'<th scope="col" class="n">{escape(column.label)}</th>' for column in table.columns
    )
    return f'<thead><tr><th scope="col">{escape(table.stub)}</th>{cells}</tr></thead>'


def _table_bodies(table: Table, address: str | None) -> str:
    """One tbody for each block; the total of a table with a single block is its tfoot."""
    bodies = []
    foot = ""
    for group, members in groupby(table.rows, key=lambda row: row.group):
        rows = list(members)
        if not group and rows and rows[-1].role == "total":
            # A table of several blocks has a total in each, so none of them is the foot of the
            # table.
            foot = f"<tfoot>{_table_row(table, rows.pop(), address)}</tfoot>"
        head = ""
        if group:
            # A header of a group of rows spans the column of labels too.
            wide = len(table.columns) + 1
            head = (
                f'<tr class="group"><th scope="rowgroup" colspan="{wide}">{escape(group)}</th></tr>'
            )
        bodies.append(
            f"<tbody>{head}{''.join(_table_row(table, row, address) for row in rows)}</tbody>"
        )
    return "".join(bodies) + foot


def _table_row(table: Table, row: Row, address: str | None) -> str:
    cells = "".join(
        f'<td class="n">{_table_cell(table, row, column, cell, address)}</td>'
        for column, cell in zip(table.columns, row.cells, strict=True)
    )
    named = f' class="{row.role}"' if row.role != "part" else ""
    return f'<tr{named}><th scope="row">{escape(row.label)}</th>{cells}</tr>'


def _table_cell(table: Table, row: Row, column: Column, cell: Cell, address: str | None) -> str:
    # Never a link, even for people who may see the number: the page is the same for all.
    if cell.mark:
        return f'<span class="withheld">{escape(cell.mark)}</span>'
    if address is None or not cell.records:
        return escape(cell.shown)
    return _evidence_link(address, table.id, row.id, column.id, cell.shown)
