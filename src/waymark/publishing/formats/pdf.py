"""Typeset a document as PDF/UA-1 with Typst: tagged tables and figures, the same bytes every time.

Texts reach Typst as data (JSON in sys.inputs), never as markup, so no text can run Typst code. Only
the fonts inside Typst are used, so every machine makes the same file; a character they do not have
is printed by its number and listed in a note.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.extras import OptionalModule
from waymark.overview.charts import svg
from waymark.overview.charts.charts import saved_drawing
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
    with_sources,
)
from waymark.publishing.formats.pdf_structure import with_structure
from waymark.publishing.formats.table_widths import TEXT_WIDTH, is_wide

typst = OptionalModule("typst", "report")
TEMPLATE = Path(__file__).resolve().parent / "overview.typ"
FONT = "Libertinus Serif"
MOST_HEIGHT = 20.5
"""Most height of a figure on a portrait page, in centimetres."""
VIEW_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
PROBE = f"""#set document(title: "x")
#set text(font: "{FONT}")
#for words in json(bytes(sys.inputs.texts)) {{ par(words) }}"""
NO_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed')
"""Typst's complaint about one text, with a character outside ASCII as itself or as \\u{202e}."""


def render_pdf(document: ReportDocument) -> bytes:
    """Typeset a document. Its dates are the document's, so two runs give the same bytes."""
    data = _document_data(document)
    # Typst stops at the first missing character, so all are looked for before it runs.
    missing = sorted(without_glyph(_all_characters(data)))
    if missing:
        document = replace(document, nodes=(*document.nodes, _missing_note(missing)))
        data = _with_replacements(
            _document_data(document), {character: _by_number(character) for character in missing}
        )
    return with_structure(_compiled(TEMPLATE, data, document.dated), document.imprint.publisher)


def typeset_data(template: Path, data: dict[str, Any], *, dated: datetime) -> bytes:
    """Typeset data with a template of another work; characters without a glyph by their number."""
    missing = without_glyph(_all_characters(data))
    printed = _with_replacements(data, {character: _by_number(character) for character in missing})
    return _compiled(template, printed, dated)


def _compiled(template: Path, data: Any, dated: datetime) -> bytes:
    # For PDF/UA-1 Typst refuses what would not be accessible, such as a figure without alt text.
    compiled: bytes = typst.compile(
        str(template),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        # The default is the time of the run, which would change the bytes.
        timestamp=int(dated.timestamp()),
    )
    return compiled


# ---- characters ----


DISALLOWED = frozenset("\0\ufeff\ufffe")
"""Characters that PDF/UA allows in no file. Typst tells of them only in some texts."""
_glyphs: dict[str, bool] = {}
"""Character -> whether the fonts have it, of those asked for before."""


def without_glyph(characters: Iterable[str]) -> set[str]:
    """Those of some characters that the fonts do not have.

    Typst itself is asked, all at once: under PDF/UA it refuses a text with such characters and
    names them.
    """
    wanted = {character for character in characters if not _is_plain(character)}
    new = sorted(wanted - DISALLOWED - _glyphs.keys())
    if new:
        refused = _refused_by_typst(new)
        _glyphs.update({character: character not in refused for character in new})
    return {character for character in wanted if not _glyphs.get(character)}


def _is_plain(character: str) -> bool:
    return " " <= character <= "~" or character == "\n"


def _refused_by_typst(characters: Sequence[str]) -> set[str]:
    """Those of some characters that Typst cannot print, in as few runs as possible.

    A run names all it refuses. If it names none of ours, each half is tried by itself, so that one
    odd character costs a few runs more.
    """
    try:
        typst.compile(
            PROBE.encode(),
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"texts": json.dumps([f"a{character}b" for character in characters])},
            pdf_standards=["ua-1"],
            timestamp=0,
        )
    except typst.TypstError as error:
        if len(characters) == 1:
            return set(characters)
        named = {_unescaped(text) for text in NO_GLYPH.findall(error.diagnostic)}
        refused = {character for character in characters if character in named}
        rest = [character for character in characters if character not in refused]
        parts = [rest] if refused else [rest[: len(rest) // 2], rest[len(rest) // 2 :]]
        return refused.union(*(_refused_by_typst(part) for part in parts if part))
    return set()


def _unescaped(text: str) -> str:
    """A text as Typst names it: "\\u{202e}" is one character."""
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda match: chr(int(match[1], 16)), text)


def _by_number(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def _missing_note(missing: list[str]) -> ParagraphNode:
    numbers = ", ".join(_by_number(character) for character in missing)
    message = (
        "Characters that the fonts of this file cannot print are shown by their Unicode number"
    )
    return ParagraphNode((f"{message}: {numbers}. The web page shows them.",))


def _all_characters(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield from set(data)
    elif isinstance(data, dict):
        for value in data.values():
            yield from _all_characters(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _all_characters(value)


def _with_replacements(data: Any, instead: dict[str, str | int | None]) -> Any:
    if isinstance(data, str):
        return data.translate(str.maketrans(instead))
    if isinstance(data, dict):
        return {key: _with_replacements(value, instead) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_with_replacements(value, instead) for value in data]
    return data


# ---- the document as data ----


def _document_data(document: ReportDocument) -> dict[str, Any]:
    dated = document.dated.astimezone(UTC)
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "scope": document.scope,
        "edition": document.edition,
        "forbidden_uses": FORBIDDEN_USES_IN_FULL,
        "publisher": document.imprint.publisher,
        "imprint": document.imprint.facts,
        "dated": {
            part: getattr(dated, part)
            for part in ("year", "month", "day", "hour", "minute", "second")
        },
        "nodes": _turn_wide_tables(
            _mark_chapter_starts([_node_data(node) for node in with_sources(document).nodes])
        ),
    }


def _mark_chapter_starts(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Begin the contents, the first chapter and the first appendix of a report on a new page.

    Other chapters go on where the last ended: a page for each would leave many half empty.
    Documents without chapters stay as they are.
    """
    if any(node["kind"] == "chapters" for node in nodes):
        heads = [node for node in nodes if node["kind"] == "heading" and node["level"] == 2]
        # The first heading is "Contents", which lists the others.
        heads[0]["listed"] = False
        appendices = [node for node in heads if node["text"].startswith("Appendix")]
        for node in (*heads[:2], *appendices[:1]):
            node["opens"] = True
    return nodes


def _turn_wide_tables(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put tables that are too wide for a portrait page on landscape pages."""
    return [{"kind": "landscape", "nodes": [node]} if node.get("wide") else node for node in nodes]


def _node_data(node: Node) -> dict[str, Any]:
    match node:
        case HeadingNode():
            return _heading_data(node)
        case ParagraphNode():
            return {"kind": "paragraph", "words": _words_data(node.words)}
        case PointList():
            points = [_words_data(point) for point in node.points]
            return {"kind": "points", "points": points, "ordered": node.ordered}
        case TableNode():
            return _table_data(node)
        case FigureNode():
            return _figure_data(node)
        case _:
            return _set_off_data(node)


def _heading_data(node: HeadingNode) -> dict[str, Any]:
    return {
        "kind": "heading",
        "level": node.level,
        "text": node.full_text,
        "anchor": node.anchor,
        "opens": False,
        "listed": True,
    }


def _set_off_data(node: AsideNode | QuotationNode | Apparatus) -> dict[str, Any]:
    match node:
        case AsideNode():
            return {
                "kind": "aside",
                "paragraphs": [_words_data(words) for words in node.paragraphs],
            }
        case QuotationNode():
            return {
                "kind": "quotation",
                "words": node.words,
                "source": node.source,
                "mark": _inline_data(node.mark),
            }
        case ContentsLists():
            return {"kind": "contents", "tables": node.tables, "figures": node.figures}
        case ChapterList():
            # Typst lists the headings itself, and tags them as a table of contents.
            return {"kind": "chapters"}
        case _:
            return _apparatus_data(node)


def _apparatus_data(
    node: FactList | DefinitionList | CaseTable | NoteList | SourceList,
) -> dict[str, Any]:
    match node:
        case FactList():
            return {"kind": "facts", "facts": node.facts}
        case CaseTable():
            rows = node.rows + node.closed_rows
            return {"kind": "cases", "title": node.title, "head": node.head, "rows": rows}
        case NoteList():
            notes = [
                {"anchor": note_anchor(entry.number), "number": entry.number, "text": entry.text}
                | {"key": entry.key}
                for entry in node.notes
            ]
            return {"kind": "notes", "notes": notes}
        case SourceList():
            sources = [
                {"anchor": entry.anchor, "words": _words_data(entry.words)}
                for entry in node.sources
            ]
            return {"kind": "sources", "sources": sources}
        case DefinitionList():
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


def _words_data(words: Words) -> list[Any]:
    return [_inline_data(part) for part in words]


def _inline_data(part: Inline) -> Any:
    match part:
        case str():
            return part
        case InlineNumber():
            return {"kind": "place", "to": part.table, "shown": part.text}
        case InlineReference() | NoteMark():
            return {"kind": "place", "to": part.anchor, "shown": part.text}
        case WebLink():
            return {"kind": "link", "to": part.url, "shown": part.text}
        case StyledText():
            return {"kind": "strong" if part.strong else "stressed", "shown": part.text}


def _table_data(node: TableNode) -> dict[str, Any]:
    table = node.table
    return {
        "kind": "table",
        "wide": is_wide(table),
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
        "notes": node.notes,
    }


def print_svg(node: FigureNode) -> str:
    """SVG of a figure as it is saved, in the font of the PDF, which has not those of the site."""
    return saved_drawing(node.figure, node.source).replace(escape(svg.FONTS), FONT, 1)


def _figure_data(node: FigureNode) -> dict[str, Any]:
    return {
        "kind": "figure",
        "id": node.figure.id,
        "name": node.name,
        "title": node.figure.title,
        "svg": print_svg(node),
        "width": _figure_width(node),
        "text": node.figure.text,
    }


def _figure_width(node: FigureNode) -> int:
    """Width of a figure in per cent of the text: all of it, unless it were too high for a page."""
    box = VIEW_BOX.search(node.figure.svg)
    if box is None:
        return 100
    high = TEXT_WIDTH * float(box[2]) / float(box[1])
    return min(100, int(100 * MOST_HEIGHT / high))
