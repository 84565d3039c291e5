"""Recognised words of scans whose place in the image is a plain box (no Django).

A text layer paints nothing, so drawing twice does not tell if its words can be read in the image.
The image does: a readable word is ink on paper, two tones; a blacked-out one, in the image or above
it, is a single tone, or two dark ones under a marker pen.
"""

# Example: a word's box of 300 pixels with 90 below 60 and the rest near 240 has two tones: 90 of
# them differ from the median by more than TONE, and SPECKS allows 3. It can be read. The same box
# with 299 pixels at 10 and one speck at 200 has one tone: the word was blacked out.

from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from waymark.documents.parsers.colours import DARK, relative_luminance

Pixels = NDArray[np.uint8]
Box = tuple[float, float, float, float]

TONE = 40  # of 255: tones further apart can be told apart, also in a noisy scan
LEAST_CONTRAST = 3.0  # of words on a dark ground; black letters under a black marker have about 2
STRONGEST = 0.9  # of the inked pixels
SPECKS = 0.01  # share of the place of a word that dust may cover
MARGIN = 0.2  # of the height of a word: recognised boxes are not exact
FEWEST = 2  # letters or digits of a word


def blank_words(
    text: str, boxes: NDArray[np.float64], recognised: NDArray[np.bool_], page: Pixels, scale: float
) -> NDArray[np.bool_]:
    """(n,) True for a recognised character of a word whose place on the page shows no words."""
    blank = np.zeros(len(text), bool)
    if not recognised.any():
        return blank
    for start, end in _recognised_words(text, recognised):
        sides = boxes[start:end]
        box = (*sides[:, :2].min(axis=0).tolist(), *sides[:, 2:].max(axis=0).tolist())
        blank[start:end] = _shows_nothing(box, page, scale)
    return blank


def _recognised_words(text: str, recognised: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    start = -1
    for index, character in enumerate(f"{text} "):
        inside = index < len(text) and bool(recognised[index]) and not character.isspace()
        if inside and start < 0:
            start = index
        elif not inside and start >= 0:
            if sum(map(str.isalnum, text[start:index])) >= FEWEST:
                yield start, index
            start = -1


def _shows_nothing(box: Box, page: Pixels, scale: float) -> bool:
    """True for a place of one tone, or a dark one with ink nearly as dark: under a marker pen."""
    margin = MARGIN * (box[3] - box[1])
    inner = (box[0] + margin, box[1] + margin, box[2] - margin, box[3] - margin)
    place = _crop_page(inner, page, scale)
    if place.size == 0:
        return False
    ground = int(np.median(place))
    difference = place.astype(np.int16) - ground
    inked = difference[np.abs(difference) > TONE]
    if inked.size <= SPECKS * place.size:
        return True
    # Most of the ink of thin letters is their blurred edges: the darkest, or lightest, tells.
    ink = ground + int(np.quantile(inked, STRONGEST if np.median(inked) > 0 else 1 - STRONGEST))
    darker, lighter = sorted(map(_luminance, (ground, ink)))
    return _luminance(ground) < DARK and lighter + 0.05 < LEAST_CONTRAST * (darker + 0.05)


def _luminance(tone: int) -> float:
    return relative_luminance((tone, tone, tone))


def _crop_page(box: Box, page: Pixels, scale: float) -> Pixels:
    x0, y0, x1, y1 = (int(max(side, 0) * scale) for side in box)
    return page[y0 : y1 + 1, x0 : x1 + 1]


def tone_at(box: Box, page: Pixels, scale: float) -> float | None:
    """The usual tone of a place on the page, 0 to 255; None outside the page."""
    place = _crop_page(box, page, scale) if box[2] > 0 and box[3] > 0 else page[:0]
    return float(np.median(place)) if place.size else None


def is_other_tone(tone: float, paper: float) -> bool:
    """True if a tone can be told apart from that of the paper."""
    return abs(tone - paper) > TONE


def image_bounds(page: Any) -> list[Box]:
    """Left, bottom, right and top of the images of a page, in its own space."""
    images = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3)
    return [image.get_bounds() for image in images]


def inside_images(corners: NDArray[np.float32], images: list[Box]) -> NDArray[np.bool_]:
    """(n,) True if the middle of a character is in one of the images."""
    x, y = (corners[:, 0] + corners[:, 2]) / 2, (corners[:, 1] + corners[:, 3]) / 2
    inside = np.zeros(len(corners), bool)
    for left, bottom, right, top in images:
        inside |= (left <= x) & (x <= right) & (bottom <= y) & (y <= top)
    return inside
