"""Words of a text as the search sees them: folded, and as terms of their language.

The same words are made of reports and of queries, here and not in the engine, so that every
engine agrees. Folding: lower case, no accents, one kind of apostrophe. Terms: Snowball's stems of
English, with the irregular plurals of the field's own vocabulary, which no stemmer knows;
Snowball's stems of Irish, which also undo its mutations; Welsh words as they stand, because no
stemmer is to be had, and what a reader looks for stands for all shapes of it (mutations.py). A term
of Irish or Welsh says so, so that English words never meet it by accident: ga_paiste, cy_phlant.
"""

import re
import threading
import unicodedata
from functools import lru_cache
from importlib.metadata import version

import snowballstemmer

from waymark.library.languages import (
    ENGLISH,
    IRISH,
    LANGUAGES,
    MOST_WORDS_KEPT,
    WELSH,
    language_of,
)
from waymark.library.mutations import shapes

# Changes whenever the same text would give other words: the index is then built anew.
ANALYSER = f"2, snowballstemmer {version('snowballstemmer')}"

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
STEMMERS = {ENGLISH: "english", IRISH: "irish"}

_of_thread = threading.local()


def words(text: str) -> list[str]:
    """The words of a text as written, in their order."""
    return WORD.findall(text)


def analysed(text: str, otherwise: str = ENGLISH) -> tuple[str, str, str]:
    """The words of a text folded, and its terms, each divided by one space; and its language.

    otherwise: the language of a text too short to tell.
    """
    found = WORD.findall(text)
    language = language_of(text, found, otherwise)
    known = FORMS[language]
    pairs = [known[word] for word in found]
    return " ".join([one[0] for one in pairs]), " ".join([one[1] for one in pairs]), language


class _Forms(dict[str, tuple[str, str]]):
    """Word as written -> its forms in one language: worked out once for each word.

    A look-up costs a third of what lru_cache takes, and a library of texts is all look-ups.
    """

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def __missing__(self, word: str) -> tuple[str, str]:
        if len(self) >= MOST_WORDS_KEPT:
            self.clear()
        made = self[word] = self._made(word)
        return made

    def _made(self, word: str) -> tuple[str, str]:
        folded = _fold(word)
        if self.language == WELSH:
            return folded, f"{WELSH}_{folded}"
        if self.language == IRISH:
            # Folded first: readers leave accents out, and so must find what was written with them.
            return folded, f"{IRISH}_{_stem(folded, IRISH)}"
        return folded, IRREGULAR.get(folded) or _stem(folded, ENGLISH)


FORMS = {language: _Forms(language) for language in LANGUAGES}
"""Language -> word -> forms(word, language)."""


def forms(word: str, language: str = ENGLISH) -> tuple[str, str]:
    """A word as written -> folded, and as a term; neither is empty or holds white space.

    word: a match of WORD. Both are cut at LONGEST characters, before the mark of the language.
    """
    return FORMS[language][word]


@lru_cache(maxsize=16_384)
def runs_of(text: str, languages: tuple[str, ...] = LANGUAGES) -> tuple[tuple[str, ...], ...]:
    """All runs of terms that say what a text of one or more words says, each once.

    For each language, the words side by side; and, of hyphenated ones, written as one word
    (co-sleeping is also cosleeping). In Welsh the first word stands for all its shapes.
    """
    said = words(text)
    readings = [said]
    if len(said) > 1 and all(_fold(word).isalpha() for word in said):
        readings.append(["".join(said)])
    found: dict[tuple[str, ...], None] = {}
    for language in languages:
        for reading in readings:
            terms = [forms(word, language)[1] for word in reading]
            if language != WELSH or not terms:
                found[tuple(terms)] = None
                continue
            for shape in shapes(_fold(reading[0])):
                found[(f"{WELSH}_{shape}", *terms[1:])] = None
    return tuple(run for run in found if run)


def _stem(folded: str, language: str) -> str:
    # A stemmer keeps its state in itself, so each thread has its own.
    stemmers = _of_thread.__dict__
    if language not in stemmers:
        stemmers[language] = snowballstemmer.stemmer(STEMMERS[language])
    return stemmers[language].stemWord(folded) or folded


def _fold(word: str) -> str:
    straight = word.translate(APOSTROPHES)
    plain = unicodedata.normalize("NFKD", straight.casefold())
    kept = "".join(letter for letter in plain if letter.isalnum() or letter == "'")
    return (kept or word)[:LONGEST]
