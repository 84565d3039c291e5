"""Typeset a document as PDF/UA-1 with Typst: tagged tables and figures, the same bytes every time.

Texts reach Typst as data (JSON in sys.inputs), never as markup, so no text can run Typst code. Only
the fonts inside Typst are used, so every machine makes the same file; a character they do not have
is printed by its number and listed in a note.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from functools import lru_cache
from pathlib import Path
from typing import Any

import pikepdf
import typst

from waymark.core.tables import Figure
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
)

TEMPLATE = Path(__file__).resolve().parent / "overview.typ"
FONT = "Libertinus Serif"
UPRIGHT = 7
"""Most number columns of a table on a portrait page."""
PROBE = f'#set document(title: "x")\n#set text(font: "{FONT}")\n#sys.inputs.text'


def pdf(document: Document) -> bytes:
    """Typeset a document. Its dates are the document's, so two runs give the same bytes."""
    data = _data(document)
    # Typst stops at the first missing character, so all are looked for before it runs.
    missing = sorted({character for character in _characters(data) if not prints(character)})
    if missing:
        document = replace(document, nodes=(*document.nodes, _missing_note(missing)))
        data = _printable(
            _data(document), {character: _by_number(character) for character in missing}
        )
    # For PDF/UA-1 Typst refuses what would not be accessible, such as a figure without alt text.
    compiled = typst.compile(
        str(TEMPLATE),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        # The default is the time of the run, which would change the bytes.
        timestamp=int(document.dated.timestamp()),
    )
    return _with_row_headers(compiled)


# ---- characters ----


@lru_cache(maxsize=4096)
def prints(character: str) -> bool:
    """True if the fonts have a character. Typst itself is asked: under PDF/UA it refuses others."""
    if " " <= character <= "~" or character == "\n":
        return True
    try:
        typst.compile(
            PROBE.encode(),
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"text": f"a{character}b"},
            pdf_standards=["ua-1"],
            timestamp=0,
        )
    except typst.TypstError:
        return False
    return True


def _by_number(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def _missing_note(missing: list[str]) -> Paragraph:
    numbers = ", ".join(_by_number(character) for character in missing)
    message = (
        "Characters that the fonts of this file cannot print are shown by their Unicode number"
    )
    return Paragraph((f"{message}: {numbers}. The web page shows them.",))


def _characters(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield from set(data)
    elif isinstance(data, dict):
        for value in data.values():
            yield from _characters(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _characters(value)


def _printable(data: Any, instead: dict[str, str | int | None]) -> Any:
    if isinstance(data, str):
        return data.translate(str.maketrans(instead))
    if isinstance(data, dict):
        return {key: _printable(value, instead) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_printable(value, instead) for value in data]
    return data


# ---- the document as data ----


def _data(document: Document) -> dict[str, Any]:
    dated = document.dated.astimezone(UTC)
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "scope": document.scope,
        "edition": document.edition,
        "dated": {
            part: getattr(dated, part)
            for part in ("year", "month", "day", "hour", "minute", "second")
        },
        "nodes": _turned(_opening([_node(node) for node in document.nodes])),
    }


def _opening(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Begin each chapter of a report on a new page; documents without chapters stay as they are."""
    # The first heading is "Contents", which follows the title on the first page.
    if any(node["kind"] == "chapters" for node in nodes):
        heads = [node for node in nodes if node["kind"] == "heading" and node["level"] == 2]
        for node in heads[1:]:
            node["opens"] = True
    return nodes


def _turned(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put tables that are too wide for a portrait page on landscape pages, with their heading."""
    turned: list[dict[str, Any]] = []
    for node in nodes:
        turned.append(node)
        if node["kind"] == "table" and len(node["columns"]) > UPRIGHT:
            start = max(
                place for place, earlier in enumerate(turned) if earlier["kind"] == "heading"
            )
            turned[start:] = [{"kind": "landscape", "nodes": turned[start:]}]
    return turned


def _node(node: Node) -> dict[str, Any]:
    match node:
        case Heading():
            return _heading(node)
        case Paragraph():
            return {"kind": "paragraph", "words": _words(node.words)}
        case Points():
            points = [_words(point) for point in node.points]
            return {"kind": "points", "points": points, "ordered": node.ordered}
        case TableNode():
            return _table(node)
        case FigureNode():
            return _figure(node)
        case _:
            return _set_off(node)


def _heading(node: Heading) -> dict[str, Any]:
    return {
        "kind": "heading",
        "level": node.level,
        "text": node.shown,
        "anchor": node.anchor,
    }


def _set_off(node: Aside | Quotation | Apparatus) -> dict[str, Any]:
    match node:
        case Aside():
            return {"kind": "aside", "paragraphs": [_words(words) for words in node.paragraphs]}
        case Quotation():
            return {
                "kind": "quotation",
                "words": node.words,
                "source": node.source,
                "mark": _inline(node.mark),
            }
        case Contents():
            return {"kind": "contents", "tables": node.tables, "figures": node.figures}
        case ChapterList():
            return {
                "kind": "chapters",
                "entries": [
                    _heading(heading)
                    for chapter, below in node.chapters
                    for heading in (chapter, *below)
                ],
            }
        case _:
            return _apparatus(node)


def _apparatus(node: Facts | Definitions | Cases | Notes | Sources) -> dict[str, Any]:
    match node:
        case Facts():
            return {"kind": "facts", "facts": node.facts}
        case Cases():
            return {"kind": "cases", "title": node.title, "head": node.head, "rows": node.rows}
        case Notes():
            notes = [
                {"anchor": note_anchor(entry.number), "number": entry.number, "text": entry.text}
                | {"key": entry.key}
                for entry in node.notes
            ]
            return {"kind": "notes", "notes": notes}
        case Sources():
            sources = [
                {"anchor": entry.anchor, "words": _words(entry.words)} for entry in node.sources
            ]
            return {"kind": "sources", "sources": sources}
        case Definitions():
            return {
                "kind": "definitions",
                "definitions": [
                    {
                        "name": entry.name,
                        "text": entry.text,
                        "include": "; ".join(entry.include),
                        "exclude": "; ".join(entry.exclude),
                    }
                    for entry in node.definitions
                ],
            }


def _words(words: Words) -> list[Any]:
    return [_inline(part) for part in words]


def _inline(part: Inline) -> Any:
    match part:
        case str():
            return part
        case Number():
            return {"kind": "place", "to": part.table, "shown": part.shown}
        case Reference() | NoteMark():
            return {"kind": "place", "to": part.anchor, "shown": part.shown}
        case WebLink():
            return {"kind": "link", "to": part.url, "shown": part.shown}
        case Styled():
            return {"kind": "strong" if part.strong else "stressed", "shown": part.shown}


def _table(node: TableNode) -> dict[str, Any]:
    table = node.protected.table
    return {
        "kind": "table",
        "id": table.id,
        "name": node.name,
        "title": table.title,
        "base": table.base,
        "stub": table.stub,
        "columns": [column.label for column in table.columns],
        "rows": [
            {
                "label": row.label,
                "role": row.role,
                "group": row.group,
                "cells": [cell.shown for cell in row.cells],
            }
            for row in table.rows
        ],
        "shorthand": node.shorthand,
        "notes": table.notes,
    }


def print_svg(figure: Figure) -> str:
    """SVG of a figure with font and colour, which on the site come from the page around it."""
    return figure.svg.replace("<svg ", f'<svg font-family="{FONT}" color="#1d2521" ', 1)


def _figure(node: FigureNode) -> dict[str, Any]:
    return {
        "kind": "figure",
        "id": node.figure.id,
        "name": node.name,
        "title": node.figure.title,
        # On paper the green of the site is too light for lines and small text.
        "svg": print_svg(node.figure).replace("#2a7f79", "#0b5a57"),
        "text": node.figure.text,
    }


# ---- row headers ----


def _with_row_headers(compiled: bytes) -> bytes:
    """Mark the first cell of each body row as the header of its row.

    Typst marks only column headers; without this, a screen reader reads a number without saying
    what it counts. In the structure tree a table is /Table > /TBody > /TR > /TD: the first /TD of
    each row becomes a /TH with /Scope /Row.
    """
    with pikepdf.open(io.BytesIO(compiled)) as file:
        for table in _elements(file.Root.StructTreeRoot, "/Table"):
            for body in (*_elements(table, "/TBody"), *_elements(table, "/TFoot")):
                for row in _elements(body, "/TR"):
                    _head(row)
        out = io.BytesIO()
        # A PDF has an id that is random by default: derived from the content, bytes stay the same.
        file.save(out, deterministic_id=True)
    return out.getvalue()


def _elements(parent: pikepdf.Object, kind: str) -> list[pikepdf.Object]:
    """Structure elements of a kind below a parent, without those nested in them."""
    elements: list[pikepdf.Object] = []
    # /K of a structure element is one child, an array of them, or the number of marked content.
    below = parent.get("/K")
    for child in below if isinstance(below, pikepdf.Array) else [below]:
        if isinstance(child, pikepdf.Dictionary):
            elements += [child] if child.get("/S") == kind else _elements(child, kind)
    return elements


def _head(row: pikepdf.Object) -> None:
    cells = _elements(row, "/TD")
    if not cells or _elements(row, "/TH"):
        return
    cells[0].S = pikepdf.Name.TH
    # /Scope is an attribute of the owner /Table (ISO 32000-1, 14.8.5.7); Typst has written others.
    for attributes in cells[0].get("/A", []):
        if isinstance(attributes, pikepdf.Dictionary) and attributes.get("/O") == "/Table":
            attributes.Scope = pikepdf.Name.Row
