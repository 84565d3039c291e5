"""The words that the pages of a document show, to compare other words of the file (no Django)."""

import re
import unicodedata
from collections.abc import Iterable

WORD = re.compile(r"[^\W_]+")
LEAST_SQUEEZED = 8  # letters: a shorter text may be within a longer word by chance
GENERIC = frozenset(
    re.findall(
        r"\w+",
        "microsoft word powerpoint excel presentation document untitled unspecified anonymous "
        "unknown draft final version copy report title slide page doc docx pdf logo picture icon",
    )
)
"""Words that say nothing about a person or a case, and that programs put into files."""


class ShownWords:
    """Set of the visible words of a document."""

    # Example: the page shows "1.2Findings of the review" and a bookmark says "1.2 Findings of the
    # review". "findings" is not among the words, but the text without spaces is within the page's.

    def __init__(self, texts: Iterable[str]) -> None:
        words = [word for text in texts for word in WORD.findall(_folded(text))]
        self.words = set(words) | GENERIC
        self._squeezed = "".join(words)

    def include(self, text: str) -> bool:
        """True if the pages show every word of the text, whatever the spaces in it."""
        words = WORD.findall(_folded(text))
        squeezed = "".join(words)
        return self.words.issuperset(words) or (
            len(squeezed) >= LEAST_SQUEEZED and squeezed in self._squeezed
        )

    def include_piece(self, text: str) -> bool:
        """True if the text, all in small letters, is a part of a word: programs write pieces."""
        return text.islower() and text.isalpha() and _folded(text) in self._squeezed


def letters_of(text: str) -> str:
    """The letters and digits of a text alone, without case."""
    return "".join(WORD.findall(_folded(text)))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
