"""Objects of a PDF page painted over words, and redaction marks never applied (no Django).

A page's own space has its origin at the bottom left, y growing upwards; boxes "as shown" have it at
the top left, y growing downwards, after the page is turned (pdf_words.shown_boxes).
"""

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from waymark.documents.parsers.layout.pdf_words import shown_boxes

NOTES = frozenset(
    {pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_POPUP, pdfium.FPDF_ANNOT_FILEATTACHMENT}
)
Box = tuple[float, float, float, float]
TEXT_BEARING = frozenset({pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_FORM})


def is_covered(page: Any, corners: NDArray[np.float32]) -> bool:
    """True if something filled was painted over the middle of these characters, after them."""
    x = float(corners[:, [0, 2]].mean())
    y = float(corners[:, [1, 3]].mean())
    # Objects come in the order in which they are painted. A box before the words is their
    # background; a box after them covers them.
    painted = False
    for item in page.get_objects(max_depth=1):
        left, bottom, right, top = item.get_bounds()
        if not (left <= x <= right and bottom <= y <= top):
            continue
        if painted and _is_filled(item):
            return True
        painted = painted or item.type in TEXT_BEARING
    return False


def _is_filled(item: Any) -> bool:
    if item.type == pdfium.FPDF_PAGEOBJ_PATH:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDFPath_GetDrawMode(item.raw, fill, stroke)
        return bool(fill.value != pdfium.FPDF_FILLMODE_NONE)
    return bool(item.type != pdfium.FPDF_PAGEOBJ_TEXT)


def hide_note_icons(page: Any) -> None:
    """Leave out of the drawings of an open page what a reader moves aside or does not see.

    These are the icons of notes, and the annotations that are not shown on a screen.
    """
    for index in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        mark = pdfium.FPDFPage_GetAnnot(page.raw, index)
        flags = pdfium.FPDFAnnot_GetFlags(mark)
        if pdfium.FPDFAnnot_GetSubtype(mark) in NOTES or flags & pdfium.FPDF_ANNOT_FLAG_NOVIEW:
            pdfium.FPDFAnnot_SetFlags(mark, flags | pdfium.FPDF_ANNOT_FLAG_HIDDEN)
        pdfium.FPDFPage_CloseAnnot(mark)


def redaction_marks(page: Any) -> list[Box]:
    """The places of redaction marks that are still annotations, in points from the top left."""
    return list(_redaction_marks(page))


def _redaction_marks(page: Any) -> Iterator[Box]:
    for index in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        mark = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if pdfium.FPDFAnnot_GetSubtype(mark) == pdfium.FPDF_ANNOT_REDACT:
            place = pdfium.FS_RECTF()
            pdfium.FPDFAnnot_GetRect(mark, place)
            corners = np.array([[place.left, place.top, place.right, place.bottom]], np.float32)
            x0, y0, x1, y1 = shown_boxes(corners, page)[0].tolist()
            yield x0, y0, x1, y1
        pdfium.FPDFPage_CloseAnnot(mark)
