"""Values of form fields and notes typed on the page, read as words at their place (no Django).

They are drawn by annotations, not by the content of the page, and pdfium reads only that. So the
annotations of such pages are drawn into the pages of the open document, which is never saved.
"""

from dataclasses import dataclass, field
from typing import Any

import pikepdf
import pypdfium2.raw as pdfium

from waymark.documents.parsers.page_hidden.covering import Box, hide_note_icons, redaction_marks

PUSH_BUTTON = 1 << 16  # of the flags of a field: it has no state
TICKED, EMPTY = "\u2612", "\u2610"
MAPPING = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Ticks def /CMapType 2 def
1 begincodespacerange <00> <FF> endcodespacerange
2 beginbfchar <78> <2612> <6F> <2610> endbfchar
endcmap end end"""
"""A font's table: its x reads as a ticked box, its o as an empty one."""


@dataclass(slots=True)
class DrawnFields:
    """Result of drawing fields into pages. words: by number of the page; marks: those for redaction
    that were on these pages, by index of the page."""

    words: dict[int, int] = field(default_factory=dict)
    marks: dict[int, list[Box]] = field(default_factory=dict)


def draw_fields(document: Any, numbers: set[int]) -> DrawnFields:
    """Make the fields and typed notes of these pages part of the pages of an open document."""
    drawn = DrawnFields()
    for number in sorted(numbers):
        page = document[number - 1]
        drawn.marks[number - 1] = redaction_marks(page)
        before = _word_count(page)
        hide_note_icons(page)
        # Drawing a page makes pdfium draw up the fields that have no appearance yet.
        page.render(scale=0.1).close()
        pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY)
        page.close()
        page = document[number - 1]
        if more := _word_count(page) - before:
            drawn.words[number] = more
        page.close()
    return drawn


def _word_count(page: Any) -> int:
    layer = page.get_textpage()
    words = len(layer.get_text_range().split())
    layer.close()
    return words


def is_tick_box(widget: Any) -> bool:
    """True for a check box or a radio button."""
    kind, flags = _inherited(widget, "/FT"), _inherited(widget, "/Ff")
    return str(kind) == "/Btn" and not (isinstance(flags, int) and flags & PUSH_BUTTON)


def _inherited(widget: Any, key: str) -> Any:
    for _ in range(20):
        if key in widget:
            return widget[key]
        widget = widget.get("/Parent")
        if not isinstance(widget, pikepdf.Dictionary):
            return None
    return None


def write_ticks(pdf: Any) -> None:
    """Draw every check box and radio button of an open file as a letter that reads as its state."""
    font = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            ToUnicode=pdf.make_stream(MAPPING),
        )
    )
    for page in pdf.pages:
        for widget in list(page.obj.get("/Annots", [])):
            if isinstance(widget, pikepdf.Dictionary) and is_tick_box(widget):
                _write_tick(pdf, widget, font)


def _write_tick(pdf: Any, widget: Any, font: Any) -> None:
    try:
        left, bottom, right, top = (float(side) for side in widget.get("/Rect"))
    except (TypeError, ValueError):
        return  # a box without a place is on no page
    width, height = abs(right - left), abs(top - bottom)
    size = max(min(width, height), 4)
    letter = b"o" if str(widget.get("/AS", "/Off")) == "/Off" else b"x"
    tick = pdf.make_stream(b"BT /F %g Tf 0 %g Td (%s) Tj ET" % (size, size / 5, letter))
    tick.Type, tick.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    tick.BBox = pikepdf.Array([0, 0, width, height])
    tick.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    widget["/AP"] = pikepdf.Dictionary(N=tick)
