"""Words that are in a PDF but cannot be seen on its pages, found by rendering twice (no Django).

A page is drawn, its text objects are removed, and it is drawn again: a character whose pixels do
not change was not visible, however it was hidden (under a box or an image, white on white, off the
page, clipped). The way of hiding does not matter. The recognised words of a scan paint nothing by
design: for them ocr_layer.py looks at the image instead.
"""

# Example: "Oak" in white on white. Both drawings are 255 everywhere in its boxes: hidden. "Oak" in
# grey (200) on white: without the text the pixels of the letters rise from 200 to 255, more than
# CHANGED: seen. Black "Oak" under a black box painted later: 0 in both drawings: hidden, COVERED.

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from waymark.documents.parsers.covering import hide_note_icons, is_covered, redaction_marks
from waymark.documents.parsers.ocr_layer import (
    Pixels,
    blank_words,
    image_bounds,
    inside_images,
    is_other_tone,
    tone_at,
)
from waymark.documents.parsers.overprinting import overlapping_characters, without_objects
from waymark.documents.parsers.pdf_words import TextLayer, shown_boxes
from waymark.documents.parsers.scans import is_scanned
from waymark.documents.reading.values import COVERED, INVISIBLE, ConcealedText

SCALE = 1.5  # 108 dots per inch
CHANGED = 10  # of 255: less is noise of the renderer
FEWEST = 2  # letters or digits of a hidden passage
SMALLEST = 2.0  # points: the least height of a readable character
MOST_PIXELS = 30_000_000
UNDER = "it is covered by a box or an image, or is as dark as the box behind it"
UNSEEN = "it is in the colour of the page, too small to read, or outside the page"
REDACT = "it is under a redaction mark that was never applied"

Boxes = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class UnseenWords:
    """Words of a page that cannot be seen. characters: their indices in pdfium's text."""

    concealed: ConcealedText
    characters: tuple[int, ...]


@dataclass(slots=True)
class _PageCharacters:
    """The n characters of a page: text, boxes as shown, corners in the page's own space."""

    text: str
    boxes: Boxes
    corners: NDArray[np.float32]

    @property
    def letters(self) -> Mask:
        """(n,) True for a letter or a digit."""
        return np.fromiter(map(str.isalnum, self.text), bool, len(self.text))


def unseen_words(document: Any) -> list[UnseenWords]:
    """The runs of words that cannot be seen, in the order of the pages."""
    document.init_forms()
    return [words for number in range(len(document)) for words in _unseen_on_page(document, number)]


def _unseen_on_page(document: Any, number: int) -> Iterator[UnseenWords]:
    page = document[number]
    characters = _characters_of(page)
    if characters is None:
        page.close()
        return
    hide_note_icons(page)
    marks = redaction_marks(page)
    scale = _drawing_scale(page)
    full, bare = _drawn_twice(page, scale, grayscale=True)
    page.close()
    unseen = ~_is_seen(characters.boxes, _changed_pixels(full, bare), scale)
    # Most pages end here: two drawings in grey. The closer look below draws them twice more.
    if (unseen & characters.letters).any():
        unseen &= _is_hidden(document, number, characters, unseen, bare)
    unseen |= _is_overprinted(document, number, characters, full)
    if (unseen & characters.letters).any():
        yield from _unseen_runs(document, number, characters, unseen, full)
    for mark in marks:
        yield from _hidden_passage(
            number, characters, _boxes_inside(characters.boxes, mark), COVERED, REDACT
        )


def _is_overprinted(document: Any, number: int, characters: _PageCharacters, full: Pixels) -> Mask:
    """(n,) True for a character under other words of which nothing can be seen.

    The words recognised in a scan are under its image and may overlap: _is_hidden() judges them.
    """
    hidden = np.zeros(len(characters.text), bool)
    pairs = overlapping_characters(characters.text, characters.boxes)
    if not pairs.lower:
        return hidden
    page = document[number]
    scale = _drawing_scale(page)
    with TextLayer(page) as layer:
        for side in () if is_scanned(page, layer) else (pairs.lower, pairs.upper):
            with without_objects(layer.raw, side) as removed:
                changed = _changed_pixels(full, _draw_page(page, scale, grayscale=True))
            seen = _is_seen(characters.boxes, changed, scale)
            for index in set(removed) - pairs.doubled:
                hidden[index] |= not (seen[index] or layer.is_invisible(index))
    page.close()
    return hidden


def _characters_of(page: Any) -> _PageCharacters | None:
    """The characters of a page; None if it has none."""
    with TextLayer(page) as layer:
        codes = layer.characters()
        if not codes.size:
            return None
        corners = layer.corners(list(range(len(codes))))
        # Surrogates (U+D800 to U+DFFF) are halves of a character: alone they are no text.
        text = "".join(map(chr, np.where((codes & 0xFFFFF800) == 0xD800, 0xFFFD, codes).tolist()))
        return _PageCharacters(text, shown_boxes(corners, page), corners)


def _is_hidden(
    document: Any, number: int, characters: _PageCharacters, unseen: Mask, bare: Pixels
) -> Mask:
    """(n,) True for unseen characters that are hidden: those of a scan can be in its image."""
    page = document[number]
    scale = _drawing_scale(page)
    recognised = unseen & _is_recognised(page, characters, unseen)
    hidden = unseen.copy()
    if (unseen & ~recognised & characters.letters).any():
        # In colour, because red words on a green ground may be as light as it is.
        changed = _changed_pixels(*_drawn_twice(page, scale, grayscale=False))
        hidden &= ~_is_seen(characters.boxes, changed, scale)
    page.close()
    blank = blank_words(characters.text, characters.boxes, recognised, bare, scale)
    return np.where(recognised, blank, hidden)


def _is_recognised(page: Any, characters: _PageCharacters, unseen: Mask) -> Mask:
    """(n,) True for an unseen character that belongs to the text layer of a scan."""
    with TextLayer(page) as layer:
        if is_scanned(page, layer):
            return unseen
        invisible = np.zeros(unseen.size, bool)
        for index in np.flatnonzero(unseen).tolist():
            invisible[index] = layer.is_invisible(index)
    return invisible & inside_images(characters.corners, image_bounds(page))


def _drawing_scale(page: Any) -> float:
    width, height = page.get_size()
    return float(min(SCALE, (MOST_PIXELS / max(width * height, 1)) ** 0.5))


def _drawn_twice(page: Any, scale: float, *, grayscale: bool) -> tuple[Pixels, Pixels]:
    """The page with and without its words. The words are then removed from the open page."""
    full = _draw_page(page, scale, grayscale=grayscale)
    _remove_text(page)
    return full, _draw_page(page, scale, grayscale=grayscale)


def _draw_page(page: Any, scale: float, *, grayscale: bool) -> Pixels:
    """(height, width, channels) of 0 to 255."""
    bitmap = page.render(scale=scale, grayscale=grayscale)
    pixels: Pixels = bitmap.to_numpy().copy()
    bitmap.close()
    return pixels.reshape(*pixels.shape[:2], -1)[:, :, :3]


def _changed_pixels(first: Pixels, second: Pixels) -> Mask:
    difference = np.maximum(first, second) - np.minimum(first, second)
    changed: Mask = difference.max(axis=2) > CHANGED
    return changed


def _is_seen(boxes: Boxes, changed: Mask, scale: float) -> Mask:
    """(n,) True if a pixel in the box of a character changed, and the box is large enough.

    sums[y, x] is the number of changed pixels of row y left of x, so row y of a box contains
    sums[y, x1] - sums[y, x0] of them. Example: the row 0 0 1 1 0 has the sums 0 0 0 1 2 2, and a
    box from 1 to 4 contains 2 - 0 = 2. Rows are looked at from the top until a character is seen:
    most need few.
    """
    height, width = changed.shape
    sums = np.zeros((height, width + 1), np.int16)
    np.cumsum(changed, axis=1, dtype=np.int16, out=sums[:, 1:])
    places = np.floor(np.nan_to_num(boxes, nan=-1.0) * scale)
    left, right = (np.clip(x, 0, width).astype(int) for x in (places[:, 0], places[:, 2] + 1))
    top, bottom = (np.clip(y, 0, height).astype(int) for y in (places[:, 1], places[:, 3] + 1))
    seen = np.zeros(len(boxes), bool)
    sides = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    sought, row = np.flatnonzero((sides >= SMALLEST) & (top < bottom)), 0
    while sought.size:
        y = top[sought] + row
        seen[sought] = sums[y, right[sought]] != sums[y, left[sought]]
        row += 1
        sought = sought[~seen[sought] & (top[sought] + row < bottom[sought])]
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


def _unseen_runs(
    document: Any, number: int, characters: _PageCharacters, unseen: Mask, full: Pixels
) -> Iterator[UnseenWords]:
    """Runs of unseen characters of one class, with the white space within them.

    Each line is judged by itself: a box over one says nothing about the next. Neighbours of one
    class with only white space between them become one run.
    """
    page = document[number]
    # The colour of most of the page; every eighth pixel in both directions is enough, at 1/64 of
    # the time.
    paper, scale = float(np.median(full[::8, ::8])), _drawing_scale(page)
    classes: list[tuple[str, int, int]] = []
    for start, end in _unseen_stretches(characters.text, unseen):
        line = np.arange(start, end)
        tone = tone_at(_bounding_box(characters.boxes[line]), full, scale)
        dark = tone is not None and is_other_tone(tone, paper)
        kind = COVERED if dark or is_covered(page, characters.corners[line]) else INVISIBLE
        if (
            classes
            and classes[-1][0] == kind
            and not characters.text[classes[-1][2] : start].strip()
        ):
            # Runs (covered, 10, 14) and (covered, 15, 20) with a space at 14 become (covered, 10,
            # 20).
            start = classes.pop()[1]
        classes.append((kind, start, end))
    page.close()
    for kind, start, end in classes:
        # All characters of the run, with the white space between its words.
        mask = np.zeros(unseen.size, bool)
        mask[start:end] = True
        yield from _hidden_passage(
            number, characters, mask, kind, UNDER if kind == COVERED else UNSEEN
        )


def _unseen_stretches(text: str, unseen: Mask) -> Iterator[tuple[int, int]]:
    """Start and end of the unseen parts of lines, without white space around them."""
    # Example: in "to Oak Rd\n" with "Oak" and "Rd" unseen it is (3, 9): white space between two
    # unseen words does not part them, a seen character or the end of the line does.
    start = end = -1
    for index, character in enumerate(text):
        blank = character.isspace() or not character.isprintable()
        if start >= 0 and (character in "\r\n" or not (blank or unseen[index])):
            yield start, end
            start = -1
        if unseen[index] and not blank:
            start, end = (start if start >= 0 else index), index + 1
    if start >= 0:
        yield start, end


def _hidden_passage(
    number: int, characters: _PageCharacters, mask: Mask, kind: str, why: str
) -> Iterator[UnseenWords]:
    """The characters of the mask as one hidden passage, if there are enough to be words."""
    indices = np.flatnonzero(mask)
    text = " ".join("".join(characters.text[index] for index in indices).split())
    if sum(map(str.isalnum, text)) >= FEWEST:
        box = _bounding_box(characters.boxes[indices])
        concealed = ConcealedText(number + 1, text, why, kind, box)
        yield UnseenWords(concealed, tuple(indices.tolist()))


def _bounding_box(boxes: Boxes) -> tuple[float, float, float, float]:
    """The smallest box around boxes that have a size."""
    sized = boxes[(boxes[:, 2] > boxes[:, 0]) | (boxes[:, 3] > boxes[:, 1])]
    if not sized.size:
        return (0.0, 0.0, 0.0, 0.0)
    x0, y0 = sized[:, :2].min(axis=0).tolist()
    x1, y1 = sized[:, 2:].max(axis=0).tolist()
    return x0, y0, x1, y1


def _boxes_inside(boxes: Boxes, mark: tuple[float, float, float, float]) -> Mask:
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    inside: Mask = (mark[0] <= x) & (x <= mark[2]) & (mark[1] <= y) & (y <= mark[3])
    return inside
