"""Typeset the one-page form and the seven-minute form, as PDF/UA-1. Pure.

Texts reach Typst as data, never as markup, as in publishing.formats.pdf.
"""

from __future__ import annotations

import io
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from waymark.core.data_use import FORBIDDEN_USES
from waymark.core.extras import LaterModule
from waymark.publishing.document.nodes import (
    HeadingNode,
    NoteList,
    NoteMark,
    ParagraphNode,
    PointList,
    QuotationNode,
    ReportDocument,
    Words,
    plain_text,
)
from waymark.publishing.formats.pdf import typeset_data

if TYPE_CHECKING:
    import pikepdf
else:
    pikepdf = LaterModule("pikepdf")

FOLDER = Path(__file__).resolve().parent
SHEET, SLIDES = FOLDER / "sheet.typ", FOLDER / "slides.typ"
SIZES = (11.5, 11, 10.5, 10, 9.5, 9, 8.5, 8)
"""Sizes of type in points that are tried, the largest first, until a sheet fits on its pages."""


def one_page_pdf(document: ReportDocument, *, address: str) -> bytes:
    """One page of A4. address: where the whole briefing is, printed at its foot."""
    return _fitted(document, address=address, pages=1, columns=2)


def short_form_pdf(document: ReportDocument, *, address: str) -> bytes:
    """The seven-minute form on A4, on two pages at most where it can be read."""
    return _fitted(document, address=address, pages=2, columns=1)


def slides_pdf(document: ReportDocument, *, address: str) -> bytes:
    """The seven-minute form as slides: a title, and one or more for each part."""
    return typeset_data(SLIDES, _data(document, address), dated=document.dated)


def _fitted(document: ReportDocument, *, address: str, pages: int, columns: int) -> bytes:
    """The sheet in the largest size in which it fits; in the smallest, if it fits in none."""
    data = _data(document, address) | {"columns": columns}
    file = b""
    for size in SIZES:
        file = typeset_data(SHEET, data | {"size": size}, dated=document.dated)
        if _page_count(file) <= pages:
            break
    return file


def _page_count(file: bytes) -> int:
    with pikepdf.open(io.BytesIO(file)) as opened:
        return len(opened.pages)


def _data(document: ReportDocument, address: str) -> dict[str, Any]:
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "scope": document.scope,
        "edition": document.edition,
        "address": address,
        "uses": FORBIDDEN_USES,
        "opening": _opening(document),
        "parts": _parts(document),
    }


def _opening(document: ReportDocument) -> list[str]:
    """Paragraphs before the first heading: notes on what follows."""
    before = takewhile(lambda node: not isinstance(node, HeadingNode), document.nodes)
    return [_text(node.words) for node in before if isinstance(node, ParagraphNode)]


def _parts(document: ReportDocument) -> list[dict[str, Any]]:
    """Headings with their rows: paragraphs and points. The list of passages is left out."""
    parts: list[dict[str, Any]] = []
    for node in document.nodes:
        match node:
            case HeadingNode():
                parts.append({"heading": node.full_text, "level": node.level, "rows": []})
            case ParagraphNode() if parts:
                parts[-1]["rows"].append({"point": False, "text": _text(node.words)})
            case PointList() if parts:
                parts[-1]["rows"] += [{"point": True, "text": _text(row)} for row in node.points]
            case QuotationNode() if parts:
                row = {"point": False, "text": f"“{node.words}” ({node.source})"}
                parts[-1]["rows"].append(row)
            case NoteList() if parts:
                parts.pop()
    return parts


def _text(words: Words) -> str:
    """Words without the numbers of notes, which a sheet does not list."""
    return " ".join(plain_text(tuple(w for w in words if not isinstance(w, NoteMark))).split())
