"""Recognised words of a page as PageWords, so that they are read like the words of a PDF."""

# Example: the page was turned by 1.5 degrees to straighten it. Lines, columns and paragraphs are
# found on the straightened page; the boxes that are stored are turned back, so that a quotation is
# marked where it stands on the page image.

import unicodedata

import numpy as np

from waymark.documents.parsers.flow import CONTROLS
from waymark.documents.parsers.pdf_words import LIGATURES, Floats, PageWords
from waymark.documents.reading.recognised import RecognisedPage

SURE = 50  # confidence of a word that counts when two layers are compared
TIDY = str.maketrans(LIGATURES)


class NoFonts:
    """The fonts of a page of which only an image is known."""

    def is_bold(self, index: int) -> bool:
        """False: recognition does not tell."""
        return False


def recognised_words(recognised: RecognisedPage, size: tuple[float, float]) -> PageWords:
    """The words of a page of that size, with boxes on the straightened page."""
    cleaned = [(_tidy(word.text), word) for word in recognised.words]
    rows = [(token, word) for token, word in cleaned if token]
    begins = [word.begins_line for _, word in rows]
    tokens: list[str] = []
    hyphen = np.zeros(len(rows), bool)
    for place, (token, _) in enumerate(rows):
        last_of_line = place + 1 < len(rows) and begins[place + 1]
        broken = last_of_line and len(token) > 2 and token.endswith("-") and token[-2].isalpha()
        hyphen[place] = broken
        tokens.append(token[:-1] if broken else token)
    return PageWords(
        *size,
        tokens=tokens,
        lengths=np.fromiter(map(len, tokens), np.int64, len(tokens)),
        at=list(range(len(tokens))),
        hyphen=hyphen,
        breaks=np.array(begins, bool),
        boxes=np.array([word.box for _, word in rows], np.float64).reshape(-1, 4),
    )


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", CONTROLS.sub("", text.translate(TIDY)))


def boxes_on_page(boxes: Floats, angle: float, size: tuple[float, float]) -> Floats:
    """Boxes on the straightened page -> boxes on the page as it is shown, within its edges."""
    turn = np.radians(angle)
    half = (boxes[:, 2:] - boxes[:, :2]) / 2
    middle = np.array(size) / 2
    x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2 - middle).T
    turned = np.column_stack(
        [x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)]
    )
    corners = np.hstack([turned + middle - half, turned + middle + half])
    return np.clip(corners, 0, np.array([*size, *size]))


def has_more_words(recognised: RecognisedPage, words: PageWords) -> bool:
    """True if recognition found at least as many words as the file itself has on a page."""
    return sum(word.confidence >= SURE for word in recognised.words) >= len(words.tokens)
