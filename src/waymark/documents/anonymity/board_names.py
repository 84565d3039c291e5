"""Find the name of a board or person in a text: the check before anonymous publication (no Django).

A board is recognised by its full name and by its distinctive words, which other boards do not have
in their names: "Northshire Safeguarding Children Partnership" by "northshire".
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# fmt: off
COMMON_WORDS = frozenset({
    "a", "adult", "adults", "agency", "agencies", "and", "area", "authority", "board", "boards",
    "borough", "case", "child", "children", "childrens", "city", "commission", "committee",
    "council", "county", "district", "families", "family", "for", "foundation", "governance",
    "group", "health", "hospital", "in", "joint", "learning", "local", "management",
    "metropolitan", "nhs", "of", "on", "panel", "partners", "partnership", "people", "practice",
    "protection", "region", "regional", "review", "reviews", "royal", "safeguarding", "service",
    "services", "social", "care", "team", "the", "to", "trust", "unitary", "women", "young",
})
# fmt: on
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class NameTrace:
    """A place with a name. start: offset in code points; whole: the full name is there."""

    start: int
    words: str
    whole: bool


def distinctive_words(name: str) -> list[str]:
    """The words that distinguish a name from other names, folded, each once."""
    return [
        word
        for word in dict.fromkeys(_folded_word(w) for w, _ in _words_with_offsets(name))
        if _is_distinctive(word)
    ]


def _is_distinctive(word: str) -> bool:
    return len(word) > 2 and word not in COMMON_WORDS


def find_name(name: str, text: str) -> list[NameTrace]:
    """Return where a text contains a name, in full or by a distinctive word of it.

    Case, accents, punctuation and white space between words do not matter; word endings do:
    "Northshire's" is found for Northshire, "Northshireman" is not.
    """
    name_words = [_folded_word(word) for word, _ in _words_with_offsets(name)]
    if not name_words:
        return []
    distinctive = frozenset(distinctive_words(name))
    words = list(_words_with_offsets(text))
    folded = [_folded_word(word) for word, _ in words]
    places: list[NameTrace] = []
    # The full name first: its words would otherwise be reported one by one.
    index = 0
    while index < len(words):
        word, start = words[index]
        if folded[index : index + len(name_words)] == name_words:
            index += len(name_words)
            last, last_start = words[index - 1]
            places.append(NameTrace(start, text[start : last_start + len(last)], whole=True))
            continue
        if folded[index] in distinctive:
            places.append(NameTrace(start, word, whole=False))
        index += 1
    return places


def first_full_name(names: Iterable[str], text: str) -> str:
    """The first of the names that a text contains in full, or ""."""
    for name in names:
        if any(trace.whole for trace in find_name(name, text)):
            return name
    return ""


def _words_with_offsets(text: str) -> Iterator[tuple[str, int]]:
    return ((match.group(), match.start()) for match in _WORD.finditer(text))


def _folded_word(word: str) -> str:
    # NFKD splits a letter from its accents, which are then dropped: "Dún" is found as "dun".
    bare = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in bare if not unicodedata.combining(c))
