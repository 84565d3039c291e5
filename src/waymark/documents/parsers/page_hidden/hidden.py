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
from numpy.typing import NDArray

from waymark.documents.parsers.layout.pdf_words import TextLayer, shown_boxes
from waymark.documents.parsers.page_hidden.bars import crossed_by_bars, mostly_covered
from waymark.documents.parsers.page_hidden.covering import (
    Box,
    hide_note_icons,
    is_covered,
    redaction_marks,
)
from waymark.documents.parsers.page_hidden.drawings import (
    Boxes,
    Mask,
    changed_pixels,
    draw_page,
    drawing_scale,
    drawn_twice,
    is_seen,
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

CLOSER = 2  # times larger
FEWEST = 2  # letters or digits of a hidden passage; one digit under a box is enough
FIRST_UNNAMED = "\ue000"
UNNAMED = "\ufeff\ufffd"  # what pdfium reads for signs of fonts without names
UNDER = "it is covered by a box or an image, or is as dark as the box behind it"
UNSEEN = "it is in the colour of the page, too small to read, or outside the page"
REDACT = "it is under a redaction mark that was never applied"


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
    scale = drawing_scale(page)
    full, bare = drawn_twice(page, scale, grayscale=True)
    crossed = crossed_by_bars(page, characters.corners) & characters.letters
    page.close()
    changed = changed_pixels(full, bare)
    unseen = ~is_seen(characters.boxes, changed, scale)
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
    places, ink = np.flatnonzero(crossed), partial(draw_page, grayscale=True)
    scale, covered = drawing_scale(page), np.zeros(crossed.size, bool)
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
    scale = drawing_scale(page)
    with TextLayer(page) as layer:
        scanned, objects = is_scanned(page, layer), layer.objects()
        for side in (pairs.lower, pairs.upper):
            with without_objects(objects, side) as removed:
                changed = changed_pixels(full, draw_page(page, scale, grayscale=True))
            removed[list(pairs.doubled)] = False
            unseen = np.flatnonzero(removed)
            unseen = unseen[~is_seen(characters.boxes[unseen], changed, scale)]
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
    scale = drawing_scale(page)
    recognised = unseen & _is_recognised(page, characters, unseen)
    hidden = unseen.copy()
    if (unseen & ~recognised & characters.letters).any():
        # In colour, because red words on a green ground may be as light as it is; and larger,
        # because the thin lines of pale letters are paler still in a small drawing.
        changed = changed_pixels(*drawn_twice(page, CLOSER * scale, grayscale=False))
        hidden &= ~is_seen(characters.boxes, changed, CLOSER * scale)
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
    paper, scale = float(np.median(full[::8, ::8])), drawing_scale(page)
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
