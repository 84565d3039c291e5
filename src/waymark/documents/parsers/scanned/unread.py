"""Pages whose words have to be recognised in their image, because the file does not have them.

Not "pages without text": one stray letter or a stamp is text. What counts is how much of the ink
that looks like text is under the words of the file, and whether these are words at all.
"""

# Example: a scan with the stamp "CONFIDENTIAL". 900 squares of the page look like text, and the
# stamp covers 12 of them: 1%, so the page is unread. A page set in type with a chart: 700 squares
# look like text, 690 of them under its words: 99%, so it is not, however much else is drawn on it.

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from waymark.documents.parsers.layout.pdf_words import PLAIN, PageWords, shown_boxes
from waymark.documents.parsers.scanned.ocr_layer import image_bounds

Squares = NDArray[np.bool_]

DOTS_PER_INCH = 100
SQUARE = 14  # pixels: 10 points
DARKER = 60  # of 255, than the paper
FEWEST_SQUARES = 30  # that look like text: about a line and a half of A4
LEAST_COVERED = 0.5  # share of these that the file's own words cover
LEAST_IMAGES = 0.6  # share of the page that images cover; less is a figure in the text
OUTLINES = 0.1  # share covered below which letters are drawn as shapes, on a page without images
FEW_WORDS = 25
FEWEST_JUDGED = 20  # words with letters, to judge whether they are words
STOP_WORDS_SHARE = 0.03
COMMON_LETTERS_SHARE = 0.5
ODD_SHARE = 0.3
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
LETTERS = re.compile(r"[^\W\d_]+")
COMMON_LETTERS = frozenset("etaoinshr")
# English, Welsh and Irish; in running text about every third word is one of these.
_FREQUENT = """
the of and to in a is that for it was on with as be by at this which or from had not are but have
an they you were her she he his their been who has will no if there all when what would
y yr yn i o ar ei am wedi oedd mae bod gan eu nad ac nid hyn fel ni ond sydd gyda
na agus go do le ag den don bhí tá sé sí siad leis sin seo mar nach gur ach
"""
STOP_WORDS = frozenset(_FREQUENT.split())


def is_unread(page: Any, words: PageWords, *, may_be_scan: bool) -> bool:
    """True if the words of a page have to be recognised in its image.

    may_be_scan: the file has images large enough for a page.
    """
    garbled = is_garbled(words.tokens)
    images = _image_squares(page) if may_be_scan else None
    share = float(images.mean()) if images is not None else 0.0
    if not garbled and share < LEAST_IMAGES and len(words.tokens) >= FEW_WORDS:
        return False
    like_text = squares_like_text(_page_in_grey(page))
    count = int(like_text.sum())
    if garbled:
        return count >= FEWEST_SQUARES
    covered = like_text & _covered_squares(words.boxes, like_text.shape)
    if count - int(covered.sum()) < FEWEST_SQUARES:
        return False
    covered_share = float(covered.sum()) / count
    return covered_share < (LEAST_COVERED if share >= LEAST_IMAGES else OUTLINES)


def has_ink(page: Any) -> bool:
    """True if anything is drawn on a page that differs from its paper."""
    pixels = _page_in_grey(page).astype(np.int16)
    return bool((np.abs(pixels - np.median(pixels)) > DARKER).mean() > 0.0005)


def is_garbled(tokens: Sequence[str]) -> bool:
    """True if words of a file are none: its fonts do not say which letters their shapes are.

    Judged by the stop words of running text and the commonest letters, which also names and
    headings in capitals have. Example: "7KH UHYLHZ" for "The review", each letter 29 too far, has
    no stop words and 31% of common letters.
    """
    joined = " ".join(tokens)
    solid = joined.replace(" ", "")
    if len(solid) > 4 * FEWEST_JUDGED:
        foreign = NOT_ASCII.findall(solid)
        odd = sum(not (char.isalnum() or ord(char) in PLAIN) for char in foreign)
        if odd > ODD_SHARE * len(solid):
            return True
    words = LETTERS.findall(joined.casefold())
    if len(words) < FEWEST_JUDGED:
        return False
    stop_words = sum(word in STOP_WORDS for word in words)
    if stop_words >= STOP_WORDS_SHARE * len(words):
        return False
    letters = "".join(words)
    common = sum(map(letters.count, COMMON_LETTERS))
    return common < COMMON_LETTERS_SHARE * len(letters)


def squares_like_text(pixels: NDArray[np.uint8]) -> Squares:
    """(rows, columns) True for squares of a page in grey that look like letters on paper.

    Paper is even and light; ink is much darker, covers a part of the square, and changes with the
    paper both along and across: a ruled line changes one way only, a photograph has no paper.
    """
    rows, columns = pixels.shape[0] // SQUARE, pixels.shape[1] // SQUARE
    area = pixels[: rows * SQUARE, : columns * SQUARE].astype(np.int16)
    squares = area.reshape(rows, SQUARE, columns, SQUARE).transpose(0, 2, 1, 3)
    flat = squares.reshape(rows, columns, SQUARE * SQUARE)
    paper, middle = (np.percentile(flat, share, axis=2) for share in (92, 65))
    dark = squares < (paper - DARKER)[:, :, None, None]
    share = dark.mean(axis=(2, 3))
    along = (dark[:, :, :, 1:] != dark[:, :, :, :-1]).sum(axis=(2, 3))
    across = (dark[:, :, 1:, :] != dark[:, :, :-1, :]).sum(axis=(2, 3))
    like: Squares = (
        (paper > 130)
        & (paper - middle < DARKER / 2)
        & (share > 0.03)
        & (share < 0.5)
        & (along >= 14)
        & (across >= 10)
    )
    return like


def _page_in_grey(page: Any) -> NDArray[np.uint8]:
    wide, high = page.get_size()
    scale = min(DOTS_PER_INCH / 72, (4_000_000 / max(wide * high, 1)) ** 0.5)
    pixels: NDArray[np.uint8] = page.render(scale=scale, grayscale=True).to_numpy()
    return pixels.reshape(pixels.shape[:2])


def _covered_squares(boxes: NDArray[np.float64], shape: tuple[int, ...]) -> Squares:
    """(rows, columns) True for squares that a box, in points from the top left, reaches into."""
    covered = np.zeros(shape, bool)
    in_squares = boxes * (DOTS_PER_INCH / 72 / SQUARE)
    for x0, y0, x1, y1 in in_squares.tolist():
        covered[int(max(y0, 0)) : int(y1) + 1, int(max(x0, 0)) : int(x1) + 1] = True
    return covered


def _image_squares(page: Any) -> Squares:
    wide, high = page.get_size()
    side = 72 * SQUARE / DOTS_PER_INCH
    shape = (max(1, int(high / side)), max(1, int(wide / side)))
    bounds = image_bounds(page)
    if not bounds:
        return np.zeros(shape, bool)
    corners = np.array([(left, top, right, bottom) for left, bottom, right, top in bounds])
    return _covered_squares(shown_boxes(corners.astype(np.float32), page), shape)
