"""Whether a text names somebody who is not to be named: a board, a title (no Django).

A board is known by its whole name, and by its telling words: those that other boards do not have
in their names too. "Northshire Safeguarding Children Partnership" is told by "northshire".
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# fmt: off
COMMON = frozenset({
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
class Trace:
    """A place that names somebody. start: code point of the text; whole: by the whole name."""

    start: int
    words: str
    whole: bool


def telling_words(name: str) -> list[str]:
    """The words of a name that tell it from other names, folded, each once."""
    return [word for word in dict.fromkeys(_folded(w) for w, _ in _words(name)) if _tells(word)]


def _tells(word: str) -> bool:
    return len(word) > 2 and word not in COMMON


def traces(name: str, text: str) -> list[Trace]:
    """Where a text names somebody, by the whole name or by a telling word of it.

    Case, accents, punctuation and the white space between words do not matter; an ending does
    ("Northshire's" names Northshire, "Northshireman" does not).
    """
    wanted = [_folded(word) for word, _ in _words(name)]
    if not wanted:
        return []
    telling = frozenset(telling_words(name))
    there = list(_words(text))
    folded = [_folded(word) for word, _ in there]
    found: list[Trace] = []
    at = 0
    while at < len(there):
        if folded[at : at + len(wanted)] == wanted:
            last, end = there[at + len(wanted) - 1]
            start = there[at][1]
            found.append(Trace(start, text[start : end + len(last)], whole=True))
            at += len(wanted)
            continue
        if folded[at] in telling:
            found.append(Trace(there[at][1], there[at][0], whole=False))
        at += 1
    return found


def names_any(names: Iterable[str], text: str) -> str:
    """The first of the names that stands whole in a text, or ""."""
    for name in names:
        if any(trace.whole for trace in traces(name, text)):
            return name
    return ""


def _words(text: str) -> Iterator[tuple[str, int]]:
    return ((found.group(), found.start()) for found in _WORD.finditer(text))


def _folded(word: str) -> str:
    bare = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in bare if not unicodedata.combining(c))
