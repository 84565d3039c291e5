"""Words recognised in the image of a page: what text recognition yields (no Django).

The same form goes between processes and, compressed, into the database.
"""

# Example: a page skewed by 1.5 degrees that begins with "The panel" has angle 1.5 and the words
# ("The", (72.0, 100.2, 91.5, 111.0), 96, True), ("panel", (95.1, 100.2, 121.9, 113.3), 93, False).

import json
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from waymark.core.errors import RuleError

MOST_WORDS = 20_000  # of one page
LONGEST_WORD = 200
MOST_BYTES = 16 * 1024 * 1024
LOW_CONFIDENCE = 75
"""A page with a lower mean confidence is marked as a low quality scan. Measured on scanned pages:
a mean of 94 where 92% of the words were found, 60 where 52% were."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class RecognisedWord:
    """A word. box: x0, y0, x1, y1 in points from the top left of the straightened page.

    confidence: of the engine, 0 to 100. begins_line: it is the first word of a line.
    """

    text: str
    box: Box
    confidence: int
    begins_line: bool


@dataclass(frozen=True, slots=True)
class RecognisedPage:
    """The words of one page in the engine's order.

    engine: its name and version. languages: as the engine names them, such as "eng+cym". angle: the
    degrees, anticlockwise, by which the upright page was turned about its middle to straighten it.
    chosen: a person wants these words, whatever words the file has itself. turn: quarter turns,
    clockwise, of the words on the page: the boxes are on the page turned so that they are upright.
    """

    engine: str
    languages: str
    angle: float
    words: tuple[RecognisedWord, ...]
    chosen: bool = False
    turn: int = 0

    @property
    def confidence(self) -> int:
        """Mean confidence of the words, each counted by its length; 0 without words."""
        letters = sum(len(word.text) for word in self.words)
        total = sum(len(word.text) * word.confidence for word in self.words)
        return round(total / letters) if letters else 0

    def as_json(self) -> dict[str, Any]:
        """The object that `from_json` reads."""
        return {
            "engine": self.engine,
            "languages": self.languages,
            "angle": self.angle,
            "chosen": self.chosen,
            "turn": self.turn,
            "words": [
                (word.text, *word.box, word.confidence, word.begins_line) for word in self.words
            ],
        }

    def pack(self) -> bytes:
        """The bytes stored in the database."""
        content = json.dumps(self.as_json(), ensure_ascii=False, separators=(",", ":"))
        return zlib.compress(content.encode("utf-8"), 6)


def from_json(content: Any) -> RecognisedPage:
    """The page of an `as_json` object. Raises RuleError for anything else."""
    try:
        words = content["words"]
        if len(words) > MOST_WORDS:
            raise RuleError(f"a page with more than {MOST_WORDS:,} recognised words")
        return RecognisedPage(
            engine=str(content["engine"])[:60],
            languages=str(content["languages"])[:60],
            angle=_finite(content["angle"]),
            words=tuple(_word_of(row) for row in words),
            chosen=bool(content.get("chosen", False)),
            turn=int(content.get("turn", 0)) % 4,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RuleError("these are not recognised words") from error


def unpack_page(content: bytes | memoryview) -> RecognisedPage:
    """Bytes of `pack` -> the page. Raises RuleError for any other bytes."""
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(bytes(content), MOST_BYTES)
        return from_json(json.loads(plain))
    except (zlib.error, ValueError) as error:
        raise RuleError("recognised words are damaged") from error


def _word_of(row: Sequence[Any]) -> RecognisedWord:
    text, x0, y0, x1, y1, confidence, begins_line = row
    text = str(text)
    if not text or len(text) > LONGEST_WORD or text.split() != [text]:
        raise ValueError("not a word")
    box = (_finite(x0), _finite(y0), _finite(x1), _finite(y1))
    return RecognisedWord(text, box, min(max(int(confidence), 0), 100), bool(begins_line))


def _finite(number: Any) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError("not a number")
    return value
