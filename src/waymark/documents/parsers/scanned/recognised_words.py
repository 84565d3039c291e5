"""Recognised words of a page as PageWords, so that they are read like the words of a PDF."""

# Example: the page was turned by 1.5 degrees to straighten it. Lines, columns and paragraphs are
# found on the straightened page; the boxes that are stored are turned back, so that a quotation is
# marked where it stands on the page image.

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from waymark.documents.parsers.flow import CONTROLS
from waymark.documents.parsers.layout.pdf_words import (
    LIGATURES,
    Floats,
    PageWords,
    upright_boxes,
)
from waymark.documents.parsers.scanned.recognised_tables import table_order
from waymark.documents.reading.recognised import RecognisedPage, RecognisedWord

DESCENDING = re.compile(r"[gjpqyQ,;()\[\]]")
BROKEN = re.compile(r".[^\W\d_]-$")  # at the end of a line: the word goes on in the next
TALL = re.compile(r"[A-Z0-9bdfhklßÀ-Ý]")
SMALL_TO_TALL = 1.5  # height of capitals, in heights of an x
ABOVE, BELOW = 1.25, 0.32  # reach of a typeset box from the base line, in heights of capitals
FAR = 0.8  # from the word before, in heights of it
WORD_SPACE = 0.7  # in heights of a word
SURE = 50  # confidence of a word that counts when two layers are compared
TIDY = str.maketrans(LIGATURES)


class NoFonts:
    """The fonts of a page of which only an image is known."""

    def is_bold(self, index: int) -> bool:
        """False: recognition does not tell."""
        return False

    def size(self, index: int) -> float:
        """0: recognition does not tell."""
        return 0.0


def recognised_words(recognised: RecognisedPage, size: tuple[float, float]) -> PageWords:
    """The words of a page of that size, with boxes on the straightened page."""
    cleaned = [(_tidy(word.text), word) for word in recognised.words]
    rows = _without_specks([(token, word) for token, word in cleaned if token])
    rows, begins = _lines_made_whole(rows)
    boxes = _even_boxes([word for _, word in rows], begins)
    lines = table_order(boxes, begins)
    order = [index for line in lines for index in line]
    firsts = {line[0] for line in lines}
    begins = [index in firsts for index in order]
    tokens = [rows[index][0] for index in order]
    ends = [*begins[1:], False]
    hyphen = [
        end and BROKEN.search(token) is not None for token, end in zip(tokens, ends, strict=True)
    ]
    tokens = [token[:-1] if broken else token for token, broken in zip(tokens, hyphen, strict=True)]
    return PageWords(
        *size,
        tokens=tokens,
        lengths=np.fromiter(map(len, tokens), np.int64, len(tokens)),
        at=list(range(len(tokens))),
        hyphen=np.array(hyphen, bool),
        breaks=np.array(begins, bool),
        boxes=boxes[order],
    )


def _without_specks(rows: list[tuple[str, RecognisedWord]]) -> list[tuple[str, RecognisedWord]]:
    """The words without marks that stand alone within a line: specks and rules, as of a table.

    A dash of a sentence is as near to its neighbours as a word; a bullet begins its line.
    """
    staying = []
    for place, (token, word) in enumerate(rows):
        alone = not any(map(str.isalnum, token)) and not word.begins_line and place > 0
        if alone:
            before = rows[place - 1][1].box
            alone = word.box[0] - before[2] > FAR * (before[3] - before[1])
        if not alone:
            staying.append((token, word))
    return staying


def _lines_made_whole(
    rows: list[tuple[str, RecognisedWord]],
) -> tuple[list[tuple[str, RecognisedWord]], list[bool]]:
    """The words with lines that were cut at a word space put together, and which begin a line.

    Where words of several lines happen to stand below each other, the engine takes them for a
    column. Example: ten lines that end in "chances were missed." come as ten lines that end in
    "were", and a column of ten times "missed.", 5 points to the right of them.
    """
    lines: list[list[tuple[str, RecognisedWord]]] = []
    for place, (token, word) in enumerate(rows):
        if place == 0 or word.begins_line:
            lines.append([])
        lines[-1].append((token, word))
    whole: list[list[tuple[str, RecognisedWord]]] = []
    for line in lines:
        before = next((other for other in whole if _goes_on(other[-1][1], line[0][1])), None)
        if before is None:
            whole.append(line)
        else:
            before += line
    begins = [place == 0 for line in whole for place in range(len(line))]
    return [row for line in whole for row in line], begins


def _goes_on(before: RecognisedWord, word: RecognisedWord) -> bool:
    """True if a word is a word space to the right of another, on one row with it."""
    high = max(before.box[3] - before.box[1], word.box[3] - word.box[1])
    shared = min(before.box[3], word.box[3]) - max(before.box[1], word.box[1])
    low = min(before.box[3] - before.box[1], word.box[3] - word.box[1])
    return 0 <= word.box[0] - before.box[2] < WORD_SPACE * high and shared > 0.6 * low


def _even_boxes(words: Sequence[RecognisedWord], begins: list[bool]) -> Floats:
    """(n, 4) boxes, those of one line equally high, as the boxes of typeset words are.

    Recognised boxes end where the ink ends, so "an" is half as high as "May" and lines seem to be
    set in different sizes. Example: "an" has y 105 to 110 and "Tom" 102 to 110: the base line is at
    110 and capitals are 8 high, so both get the box from 110 - 1.25 * 8 to 110 + 0.32 * 8.
    """
    boxes = np.array([word.box for word in words], np.float64).reshape(-1, 4)
    starts = np.flatnonzero(begins).tolist()
    for start, end in pairwise([*starts, len(words)]):
        base, height = _measure_line(words[start:end])
        boxes[start:end, 1], boxes[start:end, 3] = base - ABOVE * height, base + BELOW * height
    return boxes


def _measure_line(words: Sequence[RecognisedWord]) -> tuple[float, float]:
    """Base line and height of capitals of a line, from the words whose letters show them."""
    flat = [word for word in words if not DESCENDING.search(word.text)] or words
    base = float(np.median([word.box[3] for word in flat]))
    tall = [word.box[1] for word in words if TALL.search(word.text)]
    tops = tall or [word.box[1] for word in words]
    height = base - float(np.median(tops))
    return base, max(height if tall else SMALL_TO_TALL * height, 1.0)


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", CONTROLS.sub("", text.translate(TIDY)))


def boxes_on_page(boxes: Floats, angle: float, size: tuple[float, float], turn: int = 0) -> Floats:
    """Boxes on the straightened page -> boxes on the page as it is shown, within its edges.

    size: of the upright page. turn: quarters, clockwise, by which the words are turned on the page.
    """
    radians = np.radians(angle)
    half = (boxes[:, 2:] - boxes[:, :2]) / 2
    middle = np.array(size) / 2
    x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2 - middle).T
    turned = np.column_stack(
        [x * np.cos(radians) - y * np.sin(radians), x * np.sin(radians) + y * np.cos(radians)]
    )
    corners = np.hstack([turned + middle - half, turned + middle + half])
    return upright_boxes(np.clip(corners, 0, np.array([*size, *size])), -turn % 4, *size)


def upright_size(turn: int, size: tuple[float, float]) -> tuple[float, float]:
    """Size of a page turned by quarters."""
    return (size[1], size[0]) if turn % 2 else size


def has_more_words(recognised: RecognisedPage, words: PageWords) -> bool:
    """True if recognition found at least as many words as the file itself has on a page."""
    return sum(word.confidence >= SURE for word in recognised.words) >= len(words.tokens)
