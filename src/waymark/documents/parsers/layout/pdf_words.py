"""The words of a PDF page with their boxes, in the order in which pdfium says they were drawn.

pdfium writes through C pointers into numpy arrays, two calls a word: a call for each character, or
Python objects for each box, would cost more than pdfium's own reading of the page.
"""

import ctypes
import math
import re
import unicodedata
from collections import deque
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# pdfium's mark for a hyphen at a line's end (no line feed follows it), in its text and by index.
HYPHENS = "\ufffe\x02"
BOLD = re.compile("bold|black|heavy|demi", re.IGNORECASE)
# Characters that are replaced or dropped: bullets of symbol fonts, ligatures, control characters.
BULLETS = "".join(map(chr, range(0xF000, 0xF100))) + "●▪■◼◾◆►▶➢➤❖✓✔"
LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
ODD = re.compile(
    "[\x00\x01\x03-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\uffff\ud800-\udfff"
    f"{''.join(LIGATURES)}{BULLETS}]"
)
SPACES = frozenset(
    (0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
)
# Characters beyond printable ASCII that need no cleaning: line ends, marks of English texts.
PLAIN = frozenset(map(ord, "\n\r\t\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2022\xa3\xe9"))
MOST_SLANT = 0.1  # of a quarter turn, 9 degrees
INVISIBLE = 3  # the PDF text render mode that paints nothing


def _pdfium_function(name: str, result: Any, *arguments: Any) -> Any:
    """A function of pdfium that takes plain addresses and keeps Python's lock (the GIL).

    Both save time, and so does ignoring its result (None): half of it for the calls of every word.
    """
    address = ctypes.cast(getattr(pdfium, name), ctypes.c_void_p).value or 0
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


_P, _I = ctypes.c_void_p, ctypes.c_int
_get_text = _pdfium_function("FPDFText_GetText", _I, _P, _I, _I, _P)
_get_unicode = _pdfium_function("FPDFText_GetUnicode", ctypes.c_uint, _P, _I)
_get_box = _pdfium_function("FPDFText_GetLooseCharBox", None, _P, _I, _P)
_get_angle = _pdfium_function("FPDFText_GetCharAngle", ctypes.c_float, _P, _I)
_get_object = _pdfium_function("FPDFText_GetTextObject", _P, _P, _I)
_get_font = _pdfium_function("FPDFTextObj_GetFont", _P, _P)
_get_mode = _pdfium_function("FPDFTextObj_GetTextRenderMode", _I, _P)
_get_font_name = _pdfium_function(
    "FPDFFont_GetBaseFontName", ctypes.c_size_t, _P, _P, ctypes.c_size_t
)


@dataclass(slots=True)
class PageWords:
    """The n words of a page in drawing order.

    tokens: n words, clean, NFC; lengths: (n,) of them. at: (n,) index of the first character.
    hyphen: (n,) True if a line-end hyphen was removed. breaks: (n,) True if pdfium reports a new
    line before the word.
    boxes: (n, 4) x0, y0, x1, y1 in points from the top left of the page as it is shown.
    outside: number of words wholly off the page, which were left out.
    turns: (n,) quarter turns, clockwise, of the words as shown; None if all are upright.
    """

    width: float
    height: float
    tokens: list[str] = field(default_factory=list)
    lengths: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    at: list[int] = field(default_factory=list)
    hyphen: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    breaks: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    boxes: Floats = field(default_factory=lambda: np.zeros((0, 4)))
    outside: int = 0
    turns: NDArray[np.int64] | None = None


class TextLayer:
    """One open text page of pdfium: characters, boxes and fonts by index. Use it in a `with`."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self._layer = page.get_textpage()
        self._handle = ctypes.cast(self._layer.raw, _P).value
        self._fonts: dict[int, bool] = {}

    def __enter__(self) -> "TextLayer":
        return self

    def __exit__(self, *_: object) -> None:
        self._layer.close()

    @property
    def raw(self) -> Any:
        """The text page, for pdfium's own functions."""
        return self._layer.raw

    def characters(self) -> NDArray[np.uint32]:
        """(n,) code points, one for each of pdfium's indices."""
        count = pdfium.FPDFText_CountChars(self._layer.raw)
        if count <= 0:
            return np.zeros(0, dtype=np.uint32)
        units = np.zeros(2 * count + 2, dtype=np.uint16)
        written = _get_text(self._handle, 0, count, units.ctypes.data) - 1  # one is a final 0
        codes = units[:count].astype(np.uint32)
        if written == count and codes.all():
            return codes
        # pdfium leaves some characters out of its text; then each is read by its index, and those
        # without a code become U+FEFF, which _clean_tokens() drops.
        each = [_get_unicode(self._handle, index) for index in range(count)]
        return np.array([code if 0 < code < 0x110000 else 0xFEFF for code in each], np.uint32)

    def corners(self, indices: list[int]) -> NDArray[np.float32]:
        """(n, 4): left, top, right, bottom of n characters, in the page's own space."""
        boxes = np.zeros((len(indices), 4), dtype=np.float32)
        first = boxes.ctypes.data
        # One row is 4 floats of 4 bytes: pdfium writes row i at first + 16 * i.
        places = range(first, first + boxes.nbytes, 16)
        deque(map(_get_box, repeat(self._handle), indices, places), maxlen=0)  # the fastest loop
        return boxes

    def objects(self) -> NDArray[np.uint64]:
        """(n,) addresses of the objects that the characters belong to; 0 for none."""
        count = max(pdfium.FPDFText_CountChars(self._layer.raw), 0)
        addresses = (_get_object(self._handle, index) or 0 for index in range(count))
        return np.fromiter(addresses, np.uint64, count)

    def angles(self, indices: list[int]) -> Floats:
        """(n,) angles of characters to the page's own x axis, clockwise, in quarter turns."""
        radians = map(_get_angle, repeat(self._handle), indices)
        return np.fromiter(radians, np.float64, len(indices)) / (math.pi / 2)

    def is_bold(self, index: int) -> bool:
        """True if the name of the character's font says bold."""
        drawn = _get_object(self._handle, index)
        font = _get_font(drawn) if drawn else None
        if not font:
            return False
        if font not in self._fonts:
            name = ctypes.create_string_buffer(128)
            _get_font_name(font, ctypes.addressof(name), 128)
            self._fonts[font] = bool(BOLD.search(name.value.decode("utf-8", "replace")))
        return self._fonts[font]

    def size(self, index: int) -> float:
        """Size of the character's type in points, as it is drawn; 0 if it is unknown.

        Boxes tell it less exactly: how high they are depends on the letters.
        """
        matrix = pdfium.FS_MATRIX()
        if not pdfium.FPDFText_GetMatrix(self._layer.raw, index, matrix):
            return 0.0
        # A letter as high as (0, 1) in its own space is drawn as high as (c, d).
        return float(
            pdfium.FPDFText_GetFontSize(self._layer.raw, index) * math.hypot(matrix.c, matrix.d)
        )

    def is_invisible(self, index: int) -> bool:
        """True if the character paints nothing, as in the text layer under a scan."""
        drawn = _get_object(self._handle, index)
        return bool(drawn) and _get_mode(drawn) == INVISIBLE


def text_of(codes: NDArray[np.uint32]) -> str:
    """Code points -> text. pdfium gives a character beyond the first plane as two halves."""
    text = codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    if ((codes & 0xFFFFF800) == 0xD800).any():
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def words_of(layer: TextLayer) -> PageWords:
    """The words of an open page.

    Words are runs of characters between white space. Example: for "to go\r\n" white is
    0 0 1 0 0 1 1; with a 1 on each side it changes at 0, 2, 3, 5: the words are (0, 2) and (3, 5).
    """
    page = layer.page
    width, height = page.get_size()
    codes = layer.characters()
    hyphens = (codes == ord(HYPHENS[0])) | (codes == ord(HYPHENS[1]))
    codes[hyphens] = ord(" ")
    # White space as in str.split(), so that the tokens below are the same words.
    white = (codes <= 32) & ((codes > 27) | ((codes > 8) & (codes < 14)))
    foreign = ((codes > 126) | (codes < 28)).nonzero()[0]
    strange = codes[foreign].tolist()
    if strange:
        white[foreign] |= np.array([code in SPACES for code in strange])
    edge = np.empty(white.size + 2, bool)
    edge[0] = edge[-1] = True
    edge[1:-1] = white
    places = (edge[1:] != edge[:-1]).nonzero()[0]
    starts, ends = places[::2], places[1::2]
    if not starts.size:
        return PageWords(width, height)
    tokens = text_of(codes).split()
    if len(tokens) != len(starts):
        raise ValueError(f"{len(tokens)} words at {len(starts)} places")
    line = np.cumsum(codes == ord("\n"))[starts]
    breaks = np.ones(starts.size, bool)
    breaks[1:] = line[1:] > line[:-1]
    corners = layer.corners(np.concatenate([starts, ends - 1]).tolist())
    characters = shown_boxes(corners, page)
    words = PageWords(
        width,
        height,
        tokens=tokens if PLAIN.issuperset(strange) else _clean_tokens(tokens),
        at=starts.tolist(),
        hyphen=np.append(hyphens, False)[ends],
        breaks=breaks,
        boxes=_word_boxes(characters),
    )
    if _some_turned(characters):
        words.turns = _turns_of(words.at, layer)
    return _only_on_page(words)


def _some_turned(characters: Floats) -> bool:
    """True if a word ends above, below or left of where it begins: some words may be turned.

    characters: (2n, 4) boxes of the first and then of the last characters of n words. Most pages
    have no such word, so the angles of their words need not be asked for.
    """
    first, last = characters[: len(characters) // 2], characters[len(characters) // 2 :]
    apart = (last[:, 1] >= first[:, 3]) | (last[:, 3] <= first[:, 1])
    return bool((apart | (last[:, 2] <= first[:, 0])).any())


def _turns_of(at: list[int], layer: TextLayer) -> NDArray[np.int64] | None:
    """(n,) quarter turns of words, by their first characters; None if all are upright.

    Slanted words, as of a watermark, count as upright.
    """
    angles = layer.angles(at)
    quarters = np.rint(angles)
    straight = np.abs(angles - quarters) < MOST_SLANT
    rotation = pdfium.FPDFPage_GetRotation(layer.page.raw)
    turns = np.where(straight, (quarters + rotation) % 4, 0).astype(np.int64)
    return turns if turns.any() else None


def upright_boxes(boxes: Floats, turn: int, width: float, height: float) -> Floats:
    """(n, 4) boxes on a page as shown -> (n, 4) boxes on the page turned so that words are upright.

    turn: quarter turns, clockwise, of the words. Example: on a page 600 wide and 800 high, words
    that run upwards (turn 3) from y 700 to 500 at x 100 to 110 have the box (100, 500, 110, 700).
    With the page turned clockwise they run from x 100 to 300 at y 100 to 110.
    """
    x0, y0, x1, y1 = boxes.T
    return np.stack(
        {
            0: (x0, y0, x1, y1),
            1: (y0, width - x1, y1, width - x0),
            2: (width - x1, height - y1, width - x0, height - y0),
            3: (height - y1, x0, height - y0, x1),
        }[turn],
        axis=1,
    )


def shown_boxes(corners: NDArray[np.float32], page: Any) -> Floats:
    """(n, 4) left, top, right, bottom in the page's own space -> (n, 4) x0, y0, x1, y1 as shown.

    A page's own space has y growing upwards; turn is in quarters, clockwise. Example: on a page 600
    wide and 800 high, a character with left 100, top 700, right 110, bottom 690 is shown at
    (100, 100, 110, 110); with a quarter turn, on a page then 800 wide, at (690, 100, 700, 110).
    """
    space = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page.raw, space)
    turn = pdfium.FPDFPage_GetRotation(page.raw)
    left, top, right, bottom = corners.T
    x0, x1 = left - space.left, right - space.left
    y0, y1 = space.top - top, space.top - bottom
    wide, high = space.right - space.left, space.top - space.bottom
    boxes = np.empty((len(corners), 4))
    boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3] = {
        0: lambda: (x0, y0, x1, y1),
        1: lambda: (high - y1, x0, high - y0, x1),
        2: lambda: (wide - x1, high - y1, wide - x0, high - y0),
        3: lambda: (y0, wide - x1, y1, wide - x0),
    }[turn]()
    return boxes


def _word_boxes(characters: Floats) -> Floats:
    """(2n, 4) boxes of the first and then of the last characters of n words -> (n, 4).

    A raised last character (the mark of a footnote) does not make a word taller.
    """
    count = len(characters) // 2
    boxes, last = characters[:count].copy(), characters[count:]
    shared = np.minimum(boxes[:, 3], last[:, 3]) - np.maximum(boxes[:, 1], last[:, 1])
    other = shared <= 0.4 * (boxes[:, 3] - boxes[:, 1])
    boxes[:, 0] = np.minimum(boxes[:, 0], last[:, 0])
    boxes[:, 2] = np.maximum(boxes[:, 2], last[:, 2])
    if other.any():
        boxes[other, 1] = np.minimum(boxes[other, 1], last[other, 1])
        boxes[other, 3] = np.maximum(boxes[other, 3], last[other, 3])
    return boxes


def _clean_tokens(tokens: list[str]) -> list[str]:
    """Words in NFC, without control characters or ligatures; "" if nothing is left."""
    joined = " ".join(tokens)
    if ODD.search(joined):
        joined = ODD.sub(_replacement_of, joined)
    if unicodedata.is_normalized("NFC", joined):
        return joined.split(" ")
    return [unicodedata.normalize("NFC", token) for token in joined.split(" ")]


def _replacement_of(match: re.Match[str]) -> str:
    odd = match[0]
    return LIGATURES.get(odd, "•" if odd in BULLETS else "")


def _only_on_page(words: PageWords) -> PageWords:
    """Leave out words that are empty or wholly off the page, where nobody can see them."""
    box = words.boxes
    words.lengths = np.fromiter(map(len, words.tokens), np.int64, len(words.tokens))
    on_page = (
        (box[:, 2] > 0) & (box[:, 3] > 0) & (box[:, 0] < words.width) & (box[:, 1] < words.height)
    )
    words.boxes = np.minimum(np.maximum(box, 0), [words.width, words.height] * 2)
    words.outside = int(((words.lengths > 0) & ~on_page).sum())
    return only_words(words, on_page & (words.lengths > 0))


def without_unseen(words: PageWords, unseen: set[int]) -> PageWords:
    """The words of which at most one character is unseen. unseen: indices of characters.

    Overlapping neighbours may hide a letter of a word that can be read, so one is allowed, but not
    half of a word: of "Oak" one, of "is" none.
    """
    if not unseen:
        return words
    hidden = [
        sum(index in unseen for index in range(at, at + length))
        for at, length in zip(words.at, words.lengths.tolist(), strict=True)
    ]
    count = np.array(hidden, np.int64)
    return only_words(words, (count < 2) & (2 * count < words.lengths))


def only_words(words: PageWords, staying: NDArray[np.bool_]) -> PageWords:
    if staying.all():
        return words
    # A line break before a dropped word passes to the next word that stays.
    places = np.flatnonzero(staying)
    passed = np.cumsum(words.breaks)[places]
    words.breaks = np.diff(passed, prepend=0) > 0
    words.tokens = [words.tokens[index] for index in places]
    words.at = [words.at[index] for index in places]
    words.lengths, words.hyphen = words.lengths[places], words.hyphen[places]
    words.boxes = words.boxes[places]
    if words.turns is not None:
        words.turns = words.turns[places]
    return words
