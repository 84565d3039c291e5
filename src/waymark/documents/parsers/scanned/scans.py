"""Scanned pages: an image of the page, with recognised words as a text layer that is not seen."""

from typing import Any

import pypdfium2.raw as pdfium

from waymark.documents.parsers.layout.pdf_words import TextLayer

SHARE = 0.8  # of the page that the image covers


def is_pictured(page: Any) -> bool:
    """True if images, or strips of one, cover the page."""
    images = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3)
    return sum(_share_of_page(image, page) for image in images) >= SHARE


def _share_of_page(image: Any, page: Any) -> float:
    width, height = page.get_size()
    left, bottom, right, top = image.get_bounds()
    return float((right - left) * (top - bottom) / max(width * height, 1))


def is_scanned(page: Any, layer: TextLayer) -> bool:
    """True if an image covers the page and its words are invisible, or painted before the image.

    Words painted over an image, as on a cover, are meant to be seen: that is not a scan. Example:
    text, image is a scan, and so is it with a label or two on the image; image, text only if the
    text is invisible (render mode 3).
    """
    covered, before, after = False, 0, 0
    kinds = [pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_TEXT]
    # Objects come in the order of painting: before and after count words around the last image.
    for item in page.get_objects(filter=kinds, max_depth=3):
        if item.type == pdfium.FPDF_PAGEOBJ_TEXT:
            after += 1
        elif _share_of_page(item, page) >= SHARE:
            covered, before, after = True, before + after, 0
    return covered and (after <= before or layer.is_invisible(0))
