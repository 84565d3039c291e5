"""Words of a text as the search sees them: folded and stemmed.

The same words are made of reports and of queries, here and not in the engine, so that every
engine agrees. Folding: lower case, no accents, one kind of apostrophe. Stemming: Snowball English,
and the irregular plurals of the field's own vocabulary, which no stemmer knows.
"""

import re
import threading
import unicodedata
from functools import lru_cache
from importlib.metadata import version

import snowballstemmer

# Changes whenever the same text would give other words: the index is then built anew.
ANALYSER = f"1, snowballstemmer {version('snowballstemmer')}"

# Letters and digits with their combining accents, and apostrophes inside; never an underscore.
# No two parts can match the same character, so the time is linear in the length of the text.
WORD = re.compile(r"[^\W_]+(?:(?:[\u0300-\u036f]+['\u2019]?|['\u2019])[^\W_]+)*[\u0300-\u036f]*")
APOSTROPHES = {0x2019: "'", 0x02BC: "'"}
LONGEST = 64
IRREGULAR = {
    "children": "child",
    "children's": "child",
    "childrens": "child",
    "men": "man",
    "men's": "man",
    "women": "woman",
    "women's": "woman",
}

_of_thread = threading.local()


def words(text: str) -> list[str]:
    """The words of a text as written, in their order."""
    return WORD.findall(text)


def analysed(text: str) -> tuple[str, str]:
    """The words of a text folded, and stemmed: two strings, words divided by one space."""
    pairs = [forms(word) for word in WORD.findall(text)]
    return " ".join(folded for folded, _ in pairs), " ".join(stem for _, stem in pairs)


@lru_cache(maxsize=131_072)
def forms(word: str) -> tuple[str, str]:
    """A word as written -> folded and stemmed; neither is empty or holds white space.

    word: a match of WORD. Both are cut at LONGEST characters.
    """
    folded = _fold(word)
    if folded in IRREGULAR:
        return folded, IRREGULAR[folded]
    # A stemmer keeps its state in itself, so each thread has its own.
    if not hasattr(_of_thread, "stemmer"):
        _of_thread.stemmer = snowballstemmer.stemmer("english")
    return folded, _of_thread.stemmer.stemWord(folded) or folded


def _fold(word: str) -> str:
    straight = word.translate(APOSTROPHES)
    plain = unicodedata.normalize("NFKD", straight.casefold())
    kept = "".join(letter for letter in plain if letter.isalnum() or letter == "'")
    return (kept or word)[:LONGEST]
