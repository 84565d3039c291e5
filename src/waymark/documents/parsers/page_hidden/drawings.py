"""Drawings of a page with and without its words: where a person sees a difference (no Django)."""

from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from waymark.documents.parsers.colours import relative_luminance
from waymark.documents.parsers.scanned.ocr_layer import Pixels

SCALE = 1.5  # 108 dots per inch
CHANGED = 10  # of 255: less is noise of the renderer
LEAST_CONTRAST = 1.3  # black on white has 21
OTHER_HUE = 64  # of 255: colours that differ so much can be told apart, however light they are
BLUE_GREEN_RED = np.array((0.0722, 0.7152, 0.2126))  # shares of luminance, as pdfium orders them
HUES = np.array((0.5, 1.0, 1.0))
LIGHT = np.array([relative_luminance((value, value, value)) for value in range(256)])
POINTS = tuple((down / 8, along / 8) for down in (4, 3, 5, 6) for along in (4, 3, 2, 5, 1, 6))
SMALLEST = 2.0  # points: the least height of a readable character
MOST_PIXELS = 30_000_000

Boxes = NDArray[np.float64]
Mask = NDArray[np.bool_]


def _are_apart(first: NDArray[np.float64], second: NDArray[np.float64]) -> Mask:
    """True where the contrast of two luminances is enough for words to be read."""
    lighter, darker = np.maximum(first, second), np.minimum(first, second)
    apart: Mask = lighter + 0.05 >= LEAST_CONTRAST * (darker + 0.05)
    return apart


DIFFERENCES = np.abs(np.subtract.outer(np.arange(256), np.arange(256)))
SEEN = (DIFFERENCES > CHANGED) & (_are_apart(LIGHT[:, None], LIGHT) | (DIFFERENCES >= OTHER_HUE))
"""(256, 256) True for two tones of grey that can be told apart: most drawings are in grey."""


def drawing_scale(page: Any) -> float:
    width, height = page.get_size()
    return float(min(SCALE, (MOST_PIXELS / max(width * height, 1)) ** 0.5))


def drawn_twice(page: Any, scale: float, *, grayscale: bool) -> tuple[Pixels, Pixels]:
    """The page with and without its words. The words are then removed from the open page."""
    full = draw_page(page, scale, grayscale=grayscale)
    _remove_text(page)
    return full, draw_page(page, scale, grayscale=grayscale)


def draw_page(page: Any, scale: float, *, grayscale: bool) -> Pixels:
    """(height, width, channels) of 0 to 255."""
    bitmap = page.render(scale=scale, grayscale=grayscale)
    pixels: Pixels = bitmap.to_numpy().copy()
    bitmap.close()
    return pixels.reshape(*pixels.shape[:2], -1)[:, :, :3]


def changed_pixels(first: Pixels, second: Pixels) -> Mask:
    """(height, width) True where two drawings differ so much that a person sees it."""
    changed: Mask = (
        (first != second).any(axis=2) if first.shape[2] > 1 else (first != second)[:, :, 0]
    )
    near = np.flatnonzero(changed)  # few of the pixels: only these are compared
    before, after = (pixels.reshape(-1, first.shape[2])[near] for pixels in (first, second))
    if first.shape[2] == 1:
        changed.ravel()[near] = SEEN[before[:, 0], after[:, 0]]
    else:
        # As is_unreadable() in colours.py: as light, and of the same hue. Blue is the darkest
        # colour: black on dark blue cannot be read where black on as much red or green can.
        difference = np.maximum(before, after) - np.minimum(before, after)
        apart = _are_apart(LIGHT[before] @ BLUE_GREEN_RED, LIGHT[after] @ BLUE_GREEN_RED)
        apart |= (difference * HUES).max(axis=1) >= OTHER_HUE
        changed.ravel()[near] = (difference.max(axis=1) > CHANGED) & apart
    return changed


def is_seen(boxes: Boxes, changed: Mask, scale: float) -> Mask:
    """(n,) True if a pixel in the box of a character changed, and the box is large enough.

    Letters cover much of their boxes, so most are seen at one of a few points; the boxes of the
    rest are looked at whole.
    """
    height, width = changed.shape
    places = np.floor(np.nan_to_num(boxes, nan=-1.0) * scale)
    left, right = (np.clip(x, 0, width).astype(int) for x in (places[:, 0], places[:, 2] + 1))
    top, bottom = (np.clip(y, 0, height).astype(int) for y in (places[:, 1], places[:, 3] + 1))
    seen = np.zeros(len(boxes), bool)
    sides = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    sought = np.flatnonzero((sides >= SMALLEST) & (top < bottom) & (left < right))
    for down, along in POINTS:
        y = top[sought] + ((bottom - top)[sought] * down).astype(int)
        x = left[sought] + ((right - left)[sought] * along).astype(int)
        seen[sought] = changed[y, x]
        sought = sought[~seen[sought]]
    edges = np.stack([sought, left[sought], right[sought], top[sought], bottom[sought]], axis=1)
    for index, x0, x1, y0, y1 in edges.tolist():
        seen[index] = changed[y0:y1, x0:x1].any()
    return seen


def _remove_text(page: Any) -> None:
    """Remove the text objects, through plain calls: pages have thousands."""
    # From the last to the first, because removing an object moves those after it.
    for index in reversed(range(pdfium.FPDFPage_CountObjects(page.raw))):
        item = pdfium.FPDFPage_GetObject(page.raw, index)
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            pdfium.FPDFPage_RemoveObject(page.raw, item)
            pdfium.FPDFPageObj_Destroy(item)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM:
            _remove_text_from_form(item, depth=0)


def _remove_text_from_form(form: Any, depth: int) -> None:
    for index in reversed(range(pdfium.FPDFFormObj_CountObjects(form))):
        inner = pdfium.FPDFFormObj_GetObject(form, index)
        kind = pdfium.FPDFPageObj_GetType(inner)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            pdfium.FPDFFormObj_RemoveObject(form, inner)
            pdfium.FPDFPageObj_Destroy(inner)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < 8:  # a hostile file may nest without end
            _remove_text_from_form(inner, depth + 1)
