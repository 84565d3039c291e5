"""The same words in two texts that differ in white space, quotation marks and dashes.

Programs break the lines of a PDF where they like, and some drop line breaks altogether. So texts
are compared without white space and invisible marks, with one form of each quotation mark and dash,
and every folded character knows its position.
"""

# Example: "the  child's\nhome" folds to "thechild'shome"; its "home" is at folded 10 to 14, which
# is 13 to 17 of the text.

import hashlib
import re
from functools import cached_property

from waymark.core.spans import Span

DROPPED = re.compile("[\\s\u00ad\u200b-\u200f\u2060\ufeff\x00-\x1f]+")
FORMS = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u02bc": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
    }
)
MOST_SEARCHED = 1_000_000_000
"""Characters that are searched in one text: then words count as not found. About a second."""
CONTEXT = 40
"""Folded characters on each side that tell two equal quotations apart."""


def fold(text: str) -> str:
    """The text as it is compared."""
    return DROPPED.sub("", text).translate(FORMS)


class FoldedText:
    """A text to find words of other texts in. text: as it is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._searched = 0

    @cached_property
    def folded(self) -> str:
        """The text as it is compared."""
        return fold(self.text)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the folded text: equal for texts that differ in white space alone."""
        return hashlib.sha256(self.folded.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def _places(self) -> list[int]:
        """Position of each folded character in the text, then the length of the text."""
        places: list[int] = []
        at = 0
        for gap in DROPPED.finditer(self.text):
            places += range(at, gap.start())
            at = gap.end()
        return [*places, *range(at, len(self.text)), len(self.text)]

    @cached_property
    def _counts(self) -> list[int]:
        """Number of folded characters before each position of the text, and before its end."""
        counts = [0] * (len(self.text) + 1)
        at = 0
        for number, place in enumerate(self._places[:-1]):
            counts[at : place + 1] = [number] * (place + 1 - at)
            at = place + 1
        counts[at:] = [len(self._places) - 1] * (len(self.text) + 1 - at)
        return counts

    def folded_span(self, start: int, end: int) -> tuple[int, int]:
        """The folded characters of a stretch of the text; empty if it has none."""
        return self._counts[start], self._counts[end]

    def span_of(self, start: int, end: int) -> Span | None:
        """The span of folded characters, without white space at its ends; None if it is empty."""
        if not 0 <= start < end <= len(self.folded):
            return None
        return Span(self._places[start], self._places[end - 1] + 1)

    def find(self, words: str, before: str = "", after: str = "") -> Span | None:
        """The one place of words; of several, the one with these words before and after it.

        None if the words are not there, or if it is not certain which place is meant.
        """
        folded_words = fold(words)
        self._searched += len(self.folded)
        if self._searched > MOST_SEARCHED:
            return None
        places = self._all_places(folded_words) if folded_words else []
        if len(places) > 1:
            left, right = fold(before)[-CONTEXT:], fold(after)[:CONTEXT]
            places = [
                place for place in places if self._has_around(place, folded_words, left, right)
            ]
        return self.span_of(places[0], places[0] + len(folded_words)) if len(places) == 1 else None

    def _all_places(self, wanted: str) -> list[int]:
        places: list[int] = []
        at = self.folded.find(wanted)
        while at >= 0 and len(places) < 1_000:
            places.append(at)
            at = self.folded.find(wanted, at + 1)
        return places

    def _has_around(self, place: int, wanted: str, left: str, right: str) -> bool:
        if not left and not right:
            return False
        end = place + len(wanted)
        return self.folded[:place].endswith(left) and self.folded.startswith(right, end)


def moved_span(source: FoldedText, start: int, end: int, target: FoldedText) -> Span | None:
    """A stretch of one text in another that has the same folded text. None if it has no words."""
    return target.span_of(*source.folded_span(start, end))
