"""A document -> HTML: a fragment for a page of the site, or a whole file that stands by itself.

Everything is escaped; there is no style and no script, so that a strict content policy lets it in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from waymark.core.tables import Cell, Column, Row, Table
from waymark.publishing.nodes import (
    Apparatus,
    Aside,
    Cases,
    ChapterList,
    Contents,
    Definition,
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
)

STYLE = Path(__file__).resolve().parent / "overview.css"


def _here(anchor: str) -> str:
    return f"#{anchor}"


@dataclass(frozen=True, slots=True)
class Links:
    """Where a page leads to. place: the address of an anchor, which may stand on another page.

    passage, review: the address of a citation key and of a reference; None where there is no site
    to lead to, as in a file.
    """

    place: Callable[[str], str] = _here
    passage: Callable[[str], str] | None = None
    review: Callable[[str], str] | None = None


IN_FILE = Links()


@dataclass(frozen=True, slots=True)
class _Page:
    """What a page is written with. address: as in fragment()."""

    address: str | None
    links: Links


def fragment(document: Document, *, address: str | None, links: Links = IN_FILE) -> str:
    """The document without its title, from the first section on; headings start at level 2.

    address: of the overview on the site, as "/overviews/demo/": each number links to its evidence
    under it. None: numbers are plain.
    """
    page = _Page(address, links)
    return "\n".join(_node(node, page) for node in document.nodes)


def whole_file(document: Document) -> str:
    """The document as one HTML file with its style inside; numbers are plain."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en-GB">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(document.title)}</title>",
            f"<style>\n{_style()}</style>",
            "</head>",
            "<body>",
            "<main>",
            f"<h1>{escape(document.title)}</h1>",
            f'<p class="lead">{escape(document.subtitle)}</p>',
            f'<p class="soft">{escape(document.scope)}. {escape(document.edition)}</p>',
            fragment(document, address=None),
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


@lru_cache(maxsize=1)
def _style() -> str:
    return STYLE.read_text("utf-8")


def _node(node: Node, page: _Page) -> str:
    match node:
        case Heading():
            tag = f"h{node.level}"
            return f'<{tag} id="{escape(node.anchor)}">{escape(node.shown)}</{tag}>'
        case Paragraph():
            return f"<p>{_words(node.words, page)}</p>"
        case Points():
            items = [_words(point, page) for point in node.points]
            return _list(items, ordered=node.ordered)
        case TableNode():
            return _table(node, page.address)
        case FigureNode():
            return _figure(node, page)
        case _:
            return _set_off(node, page)


def _set_off(node: Aside | Quotation | Apparatus, page: _Page) -> str:
    match node:
        case Aside():
            said = "".join(f"<p>{_words(one, page)}</p>" for one in node.paragraphs)
            return f'<blockquote class="aside">{said}</blockquote>'
        case Quotation():
            return _quotation(node, page)
        case Contents():
            return _contents(node, page)
        case ChapterList():
            return _chapter_list(node, page)
        case _:
            return _apparatus(node, page)


def _apparatus(node: Facts | Definitions | Cases | Notes | Sources, page: _Page) -> str:
    match node:
        case Facts():
            return _facts(node)
        case Definitions():
            return _definitions(node)
        case Cases():
            return _cases(node, page)
        case Notes():
            return _notes(node, page)
        case Sources():
            items = "".join(
                f'<li id="{escape(one.anchor)}">{_words(one.words, page)}</li>'
                for one in node.sources
            )
            return f'<ul class="sources">{items}</ul>'


def _words(words: Words, page: _Page) -> str:
    return "".join(_inline(part, page) for part in words)


def _inline(part: Inline, page: _Page) -> str:
    match part:
        case str():
            return escape(part)
        case Number():
            return _number(part, page.address)
        case Styled():
            tag = "strong" if part.strong else "em"
            return f"<{tag}>{escape(part.shown)}</{tag}>"
        case WebLink():
            return f'<a href="{escape(part.url)}" rel="noreferrer">{escape(part.shown)}</a>'
        case Reference():
            return f'<a href="{escape(page.links.place(part.anchor))}">{escape(part.shown)}</a>'
        case NoteMark():
            return _note_mark(part, page)


def _note_mark(mark: NoteMark, page: _Page) -> str:
    where = escape(page.links.place(mark.anchor))
    return f'<a class="note" href="{where}"><span class="sr">note </span>{mark.shown}</a>'


def _quotation(node: Quotation, page: _Page) -> str:
    """The words, and under them where they stand, leading to their place where there is a site."""
    source = escape(node.source)
    if page.links.passage is not None:
        source = f'<a href="{escape(page.links.passage(node.key))}">{source}</a>'
    return (
        f'<blockquote class="passage"><p>{escape(node.words)}</p>'
        f"<footer>{source} {_note_mark(node.mark, page)}</footer></blockquote>"
    )


def _notes(notes: Notes, page: _Page) -> str:
    """Numbered as printed in the text, which an ordered list does by itself."""
    items = []
    for one in notes.notes:
        place = escape(one.key)
        if one.key and page.links.passage is not None:
            place = f'<a href="{escape(page.links.passage(one.key))}">{place}</a>'
        said = f" {place}" if one.key else ""
        items.append(f'<li id="{note_anchor(one.number)}">{escape(one.text)}{said}</li>')
    return f'<ol class="sources">{"".join(items)}</ol>'


def _cases(cases: Cases, page: _Page) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in cases.head)
    rows = []
    for reference, *told in cases.rows:
        name = escape(reference)
        if page.links.review is not None:
            name = f'<a href="{escape(page.links.review(reference))}">{name}</a>'
        cells = "".join(
            f'<td data-label="{escape(label)}">{escape(one)}</td>'
            for label, one in zip(cases.head[1:], told, strict=True)
        )
        rows.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    return (
        f'<table class="stack cases"><caption>{escape(cases.title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _chapter_list(chapters: ChapterList, page: _Page) -> str:
    items = []
    for chapter, sections in chapters.chapters:
        below = _list([_to(one, page) for one in sections]) if sections else ""
        items.append(f"{_to(chapter, page)}{below}")
    return f'<nav class="contents" aria-label="Chapters">{_list(items)}</nav>'


def _to(heading: Heading, page: _Page) -> str:
    return f'<a href="{escape(page.links.place(heading.anchor))}">{escape(heading.shown)}</a>'


def _number(number: Number, address: str | None) -> str:
    if address is None or not number.opens:
        return escape(number.shown)
    return _link(address, number.table, number.row, number.column, number.shown)


def _link(address: str, table: str, row: str, column: str, shown: str) -> str:
    place = "/".join(quote(part, safe="") for part in (table, row, column))
    return f'<a href="{escape(address)}{place}/">{escape(shown)}</a>'


def _list(items: list[str], *, ordered: bool = False) -> str:
    tag = "ol" if ordered else "ul"
    return f"<{tag}>" + "".join(f"<li>{item}</li>" for item in items) + f"</{tag}>"


def _facts(facts: Facts) -> str:
    rows = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts.facts
    )
    return f'<dl class="facts">{rows}</dl>'


def _definitions(definitions: Definitions) -> str:
    rows = "".join(
        f"<div><dt>{escape(one.name)}</dt><dd>{escape(defined(one))}</dd></div>"
        for one in definitions.definitions
    )
    return f'<dl class="facts definitions">{rows}</dl>'


def defined(one: Definition) -> str:
    """A definition with what it includes and excludes, as one text."""
    said = one.text
    if one.include:
        said += f" Includes: {'; '.join(one.include)}."
    if one.exclude:
        said += f" Excludes: {'; '.join(one.exclude)}."
    return said


def _contents(contents: Contents, page: _Page) -> str:
    parts = []
    for title, entries in (("Tables", contents.tables), ("Figures", contents.figures)):
        if entries:
            items = [
                f'<a href="{escape(page.links.place(anchor))}">{escape(name)}</a> {escape(said)}'
                for name, said, anchor in entries
            ]
            parts.append(f'<h3 id="list-of-{title.lower()}">{title}</h3>{_list(items)}')
    return "\n".join(parts)


def _figure(node: FigureNode, page: _Page) -> str:
    figure = node.figure
    same = escape(page.links.place(figure.table))
    return (
        f'<figure id="{figure.id}"><figcaption>{escape(node.name)}. {escape(figure.title)}'
        "</figcaption>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(node.name)}">'
        f"{figure.svg}</div>"
        f'<p class="notes">The same numbers stand in <a href="{same}">'
        f"{escape(node.table)}</a>.</p></figure>"
    )


def _table(node: TableNode, address: str | None) -> str:
    protected = node.protected
    table = protected.table
    shorthand = "; ".join(f"{mark} {meaning}" for mark, meaning in protected.shorthand)
    legend = f'<p class="notes">Shorthand: {escape(shorthand)}.</p>' if shorthand else ""
    notes = _list([escape(note) for note in table.notes])
    return (
        f"{legend}"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(node.name)}">'
        f'<table id="{table.id}">'
        f"<caption>{escape(node.name)}. {escape(table.title)}"
        f"<small>Base: {escape(table.base)}.</small></caption>"
        f"{_head(table)}{_bodies(table, address)}</table></div>"
        f'<div class="notes">{notes}</div>'
    )


def _head(table: Table) -> str:
    cells = "".join(
        f'<th scope="col" class="n">{escape(column.label)}</th>' for column in table.columns
    )
    return f'<thead><tr><th scope="col">{escape(table.stub)}</th>{cells}</tr></thead>'


def _bodies(table: Table, address: str | None) -> str:
    """One body for each block; the total of a table of one block is its foot."""
    made = []
    foot = ""
    for group, found in groupby(table.rows, key=lambda row: row.group):
        rows = list(found)
        if not group and rows and rows[-1].role == "total":
            foot = f"<tfoot>{_row(table, rows.pop(), address)}</tfoot>"
        head = ""
        if group:
            wide = len(table.columns) + 1
            head = (
                f'<tr class="group"><th scope="rowgroup" colspan="{wide}">{escape(group)}</th></tr>'
            )
        made.append(f"<tbody>{head}{''.join(_row(table, row, address) for row in rows)}</tbody>")
    return "".join(made) + foot


def _row(table: Table, row: Row, address: str | None) -> str:
    cells = "".join(
        f'<td class="n">{_cell(table, row, column, cell, address)}</td>'
        for column, cell in zip(table.columns, row.cells, strict=True)
    )
    named = f' class="{row.role}"' if row.role != "part" else ""
    return f'<tr{named}><th scope="row">{escape(row.label)}</th>{cells}</tr>'


def _cell(table: Table, row: Row, column: Column, cell: Cell, address: str | None) -> str:
    if cell.mark:
        return f'<span class="withheld">{escape(cell.mark)}</span>'
    if address is None or not cell.records:
        return escape(cell.shown)
    return _link(address, table.id, row.id, column.id, cell.shown)
