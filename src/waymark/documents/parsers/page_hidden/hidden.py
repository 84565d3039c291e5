"""Words that are in a PDF but cannot be seen on its pages, found by rendering twice (no Django).

A page is drawn, its text objects are removed, and it is drawn again: a character whose pixels do
not change was not visible, however it was hidden (under a box or an image, white on white, off the
page, clipped). The way of hiding does not matter. The recognised words of a scan paint nothing by
design: for them ocr_layer.py looks at the image instead.
"""

# Example: "Oak" in white on white. Both drawings are 255 everywhere in its boxes: hidden. "Oak" in
# grey (200) on white: without the text the pixels of the letters rise from 200 to 255, a contrast
# of 1.67: seen. In grey (240) it is 1.15, less than LEAST_CONTRAST: hidden. Black "Oak" under a
# black box painted later: 0 in both drawings: hidden, COVERED.

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from waymark.documents.parsers.colours import relative_luminance
from waymark.documents.parsers.layout.pdf_words import TextLayer, shown_boxes
from waymark.documents.parsers.page_hidden.bars import crossed_by_bars, mostly_covered
from waymark.documents.parsers.page_hidden.covering import (
    Box,
    hide_note_icons,
    is_covered,
    redaction_marks,
)
from waymark.documents.parsers.page_hidden.overprinting import (
    overlapping_characters,
    without_objects,
)
from waymark.documents.parsers.scanned.ocr_layer import (
    Pixels,
    blank_words,
    image_bounds,
    inside_images,
    is_other_tone,
    tone_at,
)
from waymark.documents.parsers.scanned.scans import is_scanned
from waymark.documents.reading.values import COVERED, INVISIBLE, ConcealedText

SCALE = 1.5  # 108 dots per inch
CLOSER = 2
CHANGED = 10  # of 255: less is noise of the renderer
LEAST_CONTRAST = 1.3  # black on white has 21
OTHER_HUE = 64  # of 255: colours that differ so much can be told apart, however light they are
BLUE_GREEN_RED = np.array((0.0722, 0.7152, 0.2126))  # shares of luminance, as pdfium orders them
HUES = np.array((0.5, 1.0, 1.0))
LIGHT = np.array([relative_luminance((value, value, value)) for value in range(256)])
FEWEST = 2  # letters or digits of a hidden passage; one digit under a box is enough
POINTS = tuple((down / 8, along / 8) for down in (4, 3, 5, 6) for along in (4, 3, 2, 5, 1, 6))
SMALLEST = 2.0  # points: the least height of a readable character
MOST_PIXELS = 30_000_000
FIRST_UNNAMED = "\ue000"
UNNAMED = "\ufeff\ufffd"  # what pdfium reads for signs of fonts without names
UNDER = "it is covered by a box or an image, or is as dark as the box behind it"
UNSEEN = "it is in the colour of the page, too small to read, or outside the page"
REDACT = "it is under a redaction mark that was never applied"

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


@dataclass(frozen=True, slots=True)
class UnseenWords:
    """Words of a page that cannot be seen. characters: their indices in pdfium's text."""

    concealed: ConcealedText
    characters: tuple[int, ...]


@dataclass(slots=True)
class _PageCharacters:
    """The n characters of a page: text, boxes as shown, corners in the page's own space.

    letters: (n,) True for a letter, a digit, or a sign of a font that does not say what it is.
    """

    text: str
    boxes: Boxes
    corners: NDArray[np.float32]
    letters: Mask


def _is_letter(character: str) -> bool:
    return character.isalnum() or _is_unnamed(character)


def _is_unnamed(character: str) -> bool:
    return character in UNNAMED or FIRST_UNNAMED <= character <= "\uf8ff"


def unseen_words(document: Any, marks: Mapping[int, list[Box]]) -> list[UnseenWords]:
    """The runs of words that cannot be seen, in the order of the pages.

    marks: for redaction, on the pages whose annotations were drawn into them.
    """
    return [
        words
        for number in range(len(document))
        for words in _unseen_on_page(document, number, marks.get(number))
    ]


def _unseen_on_page(document: Any, number: int, marks: list[Box] | None) -> Iterator[UnseenWords]:
    page = document[number]
    characters = _characters_of(page)
    if characters is None:
        page.close()
        return
    hide_note_icons(page)
    marks = redaction_marks(page) if marks is None else marks
    scale = _drawing_scale(page)
    full, bare = _drawn_twice(page, scale, grayscale=True)
    crossed = crossed_by_bars(page, characters.corners) & characters.letters
    page.close()
    changed = _changed_pixels(full, bare)
    unseen = ~_is_seen(characters.boxes, changed, scale)
    overprinted, scanned = _is_overprinted(document, number, characters, full)
    if scanned:
        unseen |= overprinted  # whether they can be read in the image is judged below
    # Most pages end here: two drawings in grey. The closer look below draws them twice more.
    if (unseen & characters.letters).any():
        unseen &= _is_hidden(document, number, characters, unseen, bare)
    if crossed.any():
        crossed = _is_mostly_covered(document, number, characters, crossed, changed)
    unseen |= overprinted & (not scanned) | crossed
    if (unseen & characters.letters).any():
        yield from _unseen_runs(document, number, characters, unseen, full, crossed)
    for mark in marks:
        yield from _hidden_passage(
            number, characters, _boxes_inside(characters.boxes, mark), COVERED, REDACT
        )


def _is_mostly_covered(
    document: Any, number: int, characters: _PageCharacters, crossed: Mask, changed: Mask
) -> Mask:
    """(n,) True for a character, of those that a bar crosses, that it covers for the most part."""
    page = document[number]
    places, ink = np.flatnonzero(crossed), partial(_draw_page, grayscale=True)
    scale, covered = _drawing_scale(page), np.zeros(crossed.size, bool)
    covered[places] = mostly_covered(page, characters.boxes[places], changed, scale, ink)
    page.close()
    return covered


def _is_overprinted(
    document: Any, number: int, characters: _PageCharacters, full: Pixels
) -> tuple[Mask, bool]:
    """(n,) True for a character under other words of which nothing can be seen; is it a scan?

    The words recognised in a scan are under its image and may overlap: _is_hidden() judges them.
    """
    hidden = np.zeros(len(characters.text), bool)
    pairs = overlapping_characters(characters.text, characters.boxes)
    if not pairs.lower:
        return hidden, False
    page = document[number]
    scale = _drawing_scale(page)
    with TextLayer(page) as layer:
        scanned, objects = is_scanned(page, layer), layer.objects()
        for side in (pairs.lower, pairs.upper):
            with without_objects(objects, side) as removed:
                changed = _changed_pixels(full, _draw_page(page, scale, grayscale=True))
            removed[list(pairs.doubled)] = False
            unseen = np.flatnonzero(removed)
            unseen = unseen[~_is_seen(characters.boxes[unseen], changed, scale)]
            for index in unseen.tolist():
                hidden[index] |= scanned or not layer.is_invisible(index)
    page.close()
    return hidden, scanned


def _characters_of(page: Any) -> _PageCharacters | None:
    """The characters of a page; None if it has none."""
    with TextLayer(page) as layer:
        codes = layer.characters()
        if not codes.size:
            return None
        corners = layer.corners(list(range(len(codes))))
        # Surrogates (U+D800 to U+DFFF) are halves of a character: alone they are no text.
        text = "".join(map(chr, np.where((codes & 0xFFFFF800) == 0xD800, 0xFFFD, codes).tolist()))
        letters = np.fromiter(map(str.isalnum, text), bool, len(text))
        for index in np.flatnonzero(codes >= ord(FIRST_UNNAMED)).tolist():
            letters[index] |= _is_unnamed(text[index])
        return _PageCharacters(text, shown_boxes(corners, page), corners, letters)


def _is_hidden(
    document: Any, number: int, characters: _PageCharacters, unseen: Mask, bare: Pixels
) -> Mask:
    """(n,) True for unseen characters that are hidden: those of a scan can be in its image."""
    page = document[number]
    scale = _drawing_scale(page)
    recognised = unseen & _is_recognised(page, characters, unseen)
    hidden = unseen.copy()
    if (unseen & ~recognised & characters.letters).any():
        # In colour, because red words on a green ground may be as light as it is; and larger,
        # because the thin lines of pale letters are paler still in a small drawing.
        changed = _changed_pixels(*_drawn_twice(page, CLOSER * scale, grayscale=False))
        hidden &= ~_is_seen(characters.boxes, changed, CLOSER * scale)
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
    """(height, width) True where two drawings differ so much that a person sees it."""
    changed: Mask = (
        (first != second).any(axis=2) if first.shape[2] > 1 else (first != second)[:, :, 0]
    )
    near = np.flatnonzero(changed)  # few of the pixels: only these are compared
    one, other = (pixels.reshape(-1, first.shape[2])[near] for pixels in (first, second))
    if first.shape[2] == 1:
        changed.ravel()[near] = SEEN[one[:, 0], other[:, 0]]
    else:
        # As is_unreadable() in colours.py: as light, and of the same hue. Blue is the darkest
        # colour: black on dark blue cannot be read where black on as much red or green can.
        difference = np.maximum(one, other) - np.minimum(one, other)
        apart = _are_apart(LIGHT[one] @ BLUE_GREEN_RED, LIGHT[other] @ BLUE_GREEN_RED)
        apart |= (difference * HUES).max(axis=1) >= OTHER_HUE
        changed.ravel()[near] = (difference.max(axis=1) > CHANGED) & apart
    return changed


def _is_seen(boxes: Boxes, changed: Mask, scale: float) -> Mask:
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


def _unseen_runs(
    document: Any,
    number: int,
    characters: _PageCharacters,
    unseen: Mask,
    full: Pixels,
    crossed: Mask,
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
        dark = crossed[line].any() or (tone is not None and is_other_tone(tone, paper))
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
    text = "".join("\ufffd" if _is_unnamed(letter) else letter for letter in text)
    letters = sum(map(_is_letter if kind == COVERED else str.isalnum, text))
    if letters >= FEWEST or (kind == COVERED and text.isdecimal()):
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
