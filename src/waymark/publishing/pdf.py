"""A document -> PDF/UA-1 by typst: tagged tables and figures, the same bytes every time.

Words reach typst as data, never as its code. Only the fonts inside typst are used, so that every
machine makes the same file; a character they do not hold is printed by its number and listed.
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
"""Columns of numbers that an upright page holds beside the labels."""
PROBE = f'#set document(title: "x")\n#set text(font: "{FONT}")\n#sys.inputs.text'


def pdf(document: Document) -> bytes:
    """The PDF of a document. Its dates are the document's: two runs give the same bytes."""
    data = _data(document)
    missing = sorted({character for character in _characters(data) if not prints(character)})
    if missing:
        document = replace(document, nodes=(*document.nodes, _missing_note(missing)))
        data = _printable(_data(document), {one: _by_number(one) for one in missing})
    compiled = typst.compile(
        str(TEMPLATE),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=int(document.dated.timestamp()),
    )
    return _with_row_headers(compiled)


# ---- characters ----


@lru_cache(maxsize=4096)
def prints(character: str) -> bool:
    """Whether the fonts hold a character: asked of typst itself, which refuses one they do not."""
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
    said = "Characters that this edition has no letters for are printed by their Unicode number"
    return Paragraph((f"{said}: {numbers}. The web page shows them.",))


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
    """Chapters of a report on a page of their own; without contents there are none to turn to."""
    if any(node["kind"] == "chapters" for node in nodes):
        heads = [node for node in nodes if node["kind"] == "heading" and node["level"] == 2]
        for node in heads[1:]:
            node["opens"] = True
    return nodes


def _turned(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tables too wide for an upright page on one of their own, lying, with their heading."""
    made: list[dict[str, Any]] = []
    for node in nodes:
        made.append(node)
        if node["kind"] == "table" and len(node["columns"]) > UPRIGHT:
            start = max(place for place, one in enumerate(made) if one["kind"] == "heading")
            made[start:] = [{"kind": "landscape", "nodes": made[start:]}]
    return made


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
            return {"kind": "aside", "paragraphs": [_words(one) for one in node.paragraphs]}
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
                    _heading(one) for chapter, below in node.chapters for one in (chapter, *below)
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
                {"anchor": note_anchor(one.number), "number": one.number, "text": one.text}
                | {"key": one.key}
                for one in node.notes
            ]
            return {"kind": "notes", "notes": notes}
        case Sources():
            sources = [{"anchor": one.anchor, "words": _words(one.words)} for one in node.sources]
            return {"kind": "sources", "sources": sources}
        case Definitions():
            return {
                "kind": "definitions",
                "definitions": [
                    {
                        "name": one.name,
                        "text": one.text,
                        "include": "; ".join(one.include),
                        "exclude": "; ".join(one.exclude),
                    }
                    for one in node.definitions
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
        "shorthand": "; ".join(f"{mark} {meaning}" for mark, meaning in node.protected.shorthand),
        "notes": table.notes,
    }


def _figure(node: FigureNode) -> dict[str, Any]:
    drawn = node.figure.svg.replace("<svg ", f'<svg font-family="{FONT}" color="#1d2521" ', 1)
    return {
        "kind": "figure",
        "id": node.figure.id,
        "name": node.name,
        "title": node.figure.title,
        "svg": drawn.replace("#2a7f79", "#0b5a57"),
        "text": node.figure.text,
    }


# ---- row headers ----


def _with_row_headers(compiled: bytes) -> bytes:
    """The first cell of each row of a table's body as a header of its row.

    typst marks headers of columns only; without this, a screen reader reads a number without
    saying what it counts.
    """
    with pikepdf.open(io.BytesIO(compiled)) as file:
        for table in _elements(file.Root.StructTreeRoot, "/Table"):
            for body in (*_elements(table, "/TBody"), *_elements(table, "/TFoot")):
                for row in _elements(body, "/TR"):
                    _head(row)
        out = io.BytesIO()
        file.save(out, deterministic_id=True)
    return out.getvalue()


def _elements(parent: pikepdf.Object, kind: str) -> list[pikepdf.Object]:
    """The structure elements of a kind below a parent, not looking inside those found."""
    found: list[pikepdf.Object] = []
    below = parent.get("/K")
    for child in below if isinstance(below, pikepdf.Array) else [below]:
        if isinstance(child, pikepdf.Dictionary):
            found += [child] if child.get("/S") == kind else _elements(child, kind)
    return found


def _head(row: pikepdf.Object) -> None:
    cells = _elements(row, "/TD")
    if not cells or _elements(row, "/TH"):
        return
    cells[0].S = pikepdf.Name.TH
    for attributes in cells[0].get("/A", []):
        if isinstance(attributes, pikepdf.Dictionary) and attributes.get("/O") == "/Table":
            attributes.Scope = pikepdf.Name.Row
