"""Bars painted over the greater part of words, so that the rest peeps out (no Django).

Drawing a page twice finds words of which nothing can be seen. Under a thin bar the tops of letters
can, and so can be guessed. So the ink of letters that a bar crosses is drawn alone and compared: a
letter is covered if less than SHOWN of its ink can be seen on the page.
"""

# Example: a bar from 702 to 708 over words from 698 to 709.5 overlaps 6 of their 11.5 points: a
# letter with 40 pixels of ink, 18 of them outside the bar, shows 0.45 of it. A line that strikes
# words out is 0.7 points high: no bar.

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from waymark.documents.parsers.scanned.ocr_layer import Pixels

Boxes = NDArray[np.float64]
Mask = NDArray[np.bool_]

SHOWN = 0.7  # of the ink
THINNEST = 2.0  # points
LEAST_OVERLAP = 0.25  # of the height of a letter
MOST_OVERLAP = 0.95  # more is a background, or covers the letter whole
INK = 40  # of 255: darker than the paper by so much
LEAST_INK = 4  # pixels
MOST_BARS = 2_000
ACTIVE, INACTIVE = True, False


def crossed_by_bars(page: Any, corners: NDArray[np.float32]) -> Mask:
    """(n,) True for a character that a bar crosses. corners: in the page's own space."""
    crossed = np.zeros(len(corners), bool)
    bars = _bars_of(page)
    if not bars or len(bars) > MOST_BARS:
        return crossed
    left, top, right, bottom = corners.T
    middle, height = (left + right) / 2, np.maximum(top - bottom, 0.1)
    for x0, y0, x1, y1 in bars:
        overlap = (np.minimum(top, y1) - np.maximum(bottom, y0)) / height
        crossed |= (
            (x0 <= middle)
            & (middle <= x1)
            & (overlap >= LEAST_OVERLAP)
            & (overlap <= MOST_OVERLAP)
            & (y1 - y0 <= 2 * height)
        )
    return crossed


def _bars_of(page: Any) -> list[tuple[float, float, float, float]]:
    bars = []
    sides = [ctypes.c_float() for _ in range(4)]
    left, bottom, right, top = sides
    for index in range(pdfium.FPDFPage_CountObjects(page.raw)):
        item = pdfium.FPDFPage_GetObject(page.raw, index)
        if pdfium.FPDFPageObj_GetType(item) != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        pdfium.FPDFPageObj_GetBounds(item, *sides)
        high = top.value - bottom.value
        if THINNEST <= high <= right.value - left.value and _is_painted(item):
            bars.append((left.value, bottom.value, right.value, top.value))
    return bars


def _is_painted(path: Any) -> bool:
    """True for a path that is filled, or stroked by a thick line."""
    fill, stroke, width = ctypes.c_int(), ctypes.c_int(), ctypes.c_float()
    pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
    pdfium.FPDFPageObj_GetStrokeWidth(path, width)
    return bool(fill.value) or bool(stroke.value and width.value >= THINNEST)


def mostly_covered(
    page: Any, boxes: Boxes, changed: Mask, scale: float, draw: Callable[[Any, float], Pixels]
) -> Mask:
    """(n,) True for a character of whose ink less than SHOWN can be seen.

    changed: pixels of the page that change with its words. boxes: as shown.
    """
    others = [
        item
        for index in range(pdfium.FPDFPage_CountObjects(page.raw))
        if pdfium.FPDFPageObj_GetType(item := pdfium.FPDFPage_GetObject(page.raw, index))
        not in {pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_FORM}
    ]
    for item in others:
        pdfium.FPDFPageObj_SetIsActive(item, INACTIVE)
    ink = 255 - draw(page, scale).min(axis=2) > INK
    for item in others:
        pdfium.FPDFPageObj_SetIsActive(item, ACTIVE)
    covered = np.zeros(len(boxes), bool)
    for index, (x0, y0, x1, y1) in enumerate(np.clip(boxes * scale, 0, None).astype(int).tolist()):
        place = slice(y0, y1 + 1), slice(x0, x1 + 1)
        inked = int(ink[place].sum())
        visible = int((ink[place] & changed[place]).sum())
        covered[index] = inked >= LEAST_INK and visible < SHOWN * inked
    return covered
