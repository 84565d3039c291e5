"""A document -> HTML: a fragment for a page of the site, or a whole file that stands by itself.

Everything is escaped; there is no style and no script, so that a strict content policy lets it in.
"""

from functools import lru_cache
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from waymark.core.tables import Cell, Column, Row, Table
from waymark.publishing.nodes import (
    Contents,
    Definition,
    Definitions,
    Document,
    Facts,
    FigureNode,
    Heading,
    Node,
    Number,
    Paragraph,
    Points,
    TableNode,
    Words,
)

STYLE = Path(__file__).resolve().parent / "overview.css"


def fragment(document: Document, *, address: str | None) -> str:
    """The document without its title, from the first section on; headings start at level 2.

    address: of the overview on the site, as "/overviews/demo/": each number links to its evidence
    under it. None: numbers are plain.
    """
    return "\n".join(_node(node, address) for node in document.nodes)


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


def _node(node: Node, address: str | None) -> str:
    match node:
        case Heading():
            tag = f"h{node.level}"
            return f'<{tag} id="{node.anchor}">{escape(node.text)}</{tag}>'
        case Paragraph():
            return f"<p>{_words(node.words, address)}</p>"
        case Points():
            return _list([_words(point, address) for point in node.points])
        case TableNode():
            return _table(node, address)
        case FigureNode():
            return _figure(node)
        case _:
            return _apparatus(node)


def _apparatus(node: Facts | Definitions | Contents) -> str:
    match node:
        case Facts():
            return _facts(node)
        case Definitions():
            return _definitions(node)
        case Contents():
            return _contents(node)


def _words(words: Words, address: str | None) -> str:
    return "".join(
        escape(part) if isinstance(part, str) else _number(part, address) for part in words
    )


def _number(number: Number, address: str | None) -> str:
    if address is None or not number.opens:
        return escape(number.shown)
    return _link(address, number.table, number.row, number.column, number.shown)


def _link(address: str, table: str, row: str, column: str, shown: str) -> str:
    place = "/".join(quote(part, safe="") for part in (table, row, column))
    return f'<a href="{escape(address)}{place}/">{escape(shown)}</a>'


def _list(items: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


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


def _contents(contents: Contents) -> str:
    parts = []
    for title, entries in (("Tables", contents.tables), ("Figures", contents.figures)):
        if entries:
            items = [
                f'<a href="#{anchor}">{escape(name)}</a> {escape(said)}'
                for name, said, anchor in entries
            ]
            parts.append(f'<h3 id="list-of-{title.lower()}">{title}</h3>{_list(items)}')
    return "\n".join(parts)


def _figure(node: FigureNode) -> str:
    figure = node.figure
    return (
        f'<figure id="{figure.id}"><figcaption>{escape(node.name)}. {escape(figure.title)}'
        "</figcaption>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(node.name)}">'
        f"{figure.svg}</div>"
        f'<p class="notes">The same numbers stand in <a href="#{figure.table}">'
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
