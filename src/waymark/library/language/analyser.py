"""Text analysis for search: folded words, and terms of the language of the text.

Reports and queries are analysed here and not in the search engine, so that every engine agrees.
Folding: lower case, no accents, one kind of apostrophe. Terms: Snowball stems of English, with the
irregular plurals of the field's own vocabulary, which no stemmer knows, and of words that it
confuses, such as Traveller with travel; Snowball stems of Irish, which also undo its mutations;
Welsh words unstemmed, because there is no Welsh stemmer, so a query is expanded to all mutated
forms instead (welsh.py). Terms of Irish and Welsh have a prefix, so that English words never match
them by accident.

    "Children's" -> folded children's, term child
    "Pháistí"    -> folded phaisti,    term ga_paisti (of páiste, child)
    "phlant"     -> folded phlant,     term cy_phlant
"""

import re
import threading
import unicodedata
from functools import lru_cache
from importlib.metadata import version

from waymark.library.language.languages import (
    ENGLISH,
    IRISH,
    LANGUAGES,
    MOST_WORDS_KEPT,
    WELSH,
    language_of,
)
from waymark.library.language.welsh import related_forms

# Change it whenever the same text would give other words: every index is then built again.
ANALYSER = f"3, snowballstemmer {version('snowballstemmer')}"

# Letters and digits with their combining accents, and apostrophes inside; never an underscore.
# No two parts can match the same character, so the time is linear in the length of the text.
WORD = re.compile(r"[^\W_]+(?:(?:[\u0300-\u036f]+['\u2019]?|['\u2019])[^\W_]+)*[\u0300-\u036f]*")
SPACES = {code: " " for code in range(128) if not chr(code).isalnum()}
"""ASCII characters that are in no word -> a space."""
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
    # Words that Snowball reads as forms of another one: travel, author, medical, hospital.
    **dict.fromkeys(("traveller", "travellers", "traveller's", "travellers'"), "traveller"),
    **dict.fromkeys(("authority", "authorities", "authority's"), "authority"),
    **dict.fromkeys(("medication", "medications"), "medication"),
    "hospitality": "hospitality",
}
STEMMERS = {ENGLISH: "english", IRISH: "irish"}

_of_thread = threading.local()


def words_in(text: str) -> list[str]:
    """The words of a text as written, in order."""
    # Half the time for most texts. Without apostrophes and accents a word is a run of letters and
    # digits, so what remains after all else became spaces is the same as the pattern's matches.
    if text.isascii() and "'" not in text:
        return text.translate(SPACES).split()
    return WORD.findall(text)


def analyse_text(text: str, otherwise: str = ENGLISH) -> tuple[str, str, str]:
    """(folded words, terms, language) of a text; words and terms are divided by one space.

    otherwise: the language of a text too short to tell.
    """
    written = words_in(text)
    language = language_of(text, written, otherwise)
    pairs = list(map(FORMS[language].__getitem__, written))
    return (
        " ".join([folded for folded, _ in pairs]),
        " ".join([term for _, term in pairs]),
        language,
    )


class _WordForms(dict[str, tuple[str, str]]):
    """Cache of one language: word as written -> (folded, term).

    A dict look-up takes a third of the time of lru_cache, and indexing is mostly look-ups.
    """

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def __missing__(self, word: str) -> tuple[str, str]:
        if len(self) >= MOST_WORDS_KEPT:
            self.clear()
        pair = self[word] = self._analyse(word)
        return pair

    def _analyse(self, word: str) -> tuple[str, str]:
        folded = _fold_word(word)
        if self.language == WELSH:
            return folded, f"{WELSH}_{folded}"
        if self.language == IRISH:
            # Folded first: readers leave accents out, but must find words that have them.
            return folded, f"{IRISH}_{_stem_word(folded, IRISH)}"
        return folded, IRREGULAR.get(folded) or _stem_word(folded, ENGLISH)


FORMS = {language: _WordForms(language) for language in LANGUAGES}
"""Language -> word -> word_forms(word, language)."""


def word_forms(word: str, language: str = ENGLISH) -> tuple[str, str]:
    """(folded, term) of a word as written; neither is empty or contains white space.

    word: a match of WORD. Both are cut at LONGEST characters, before the language prefix.
    """
    return FORMS[language][word]


@lru_cache(maxsize=16_384)
def runs_of(text: str, languages: tuple[str, ...] = LANGUAGES) -> tuple[tuple[str, ...], ...]:
    """All runs of adjacent terms that a text of one or more words may be indexed as, each once.

    For each language, the words side by side; for hyphenated words also as one word. In Welsh the
    first word is replaced by each of its mutated forms.

    co-sleeping -> (co, sleep), (cosleep), and the same for Irish and Welsh
    plant -> (plant), (ga_...), (cy_plant), (cy_blant), (cy_mhlant), (cy_phlant)
    """
    written = words_in(text)
    readings = [written]
    if len(written) > 1 and all(_fold_word(word).isalpha() for word in written):
        readings.append(["".join(written)])
    runs: dict[tuple[str, ...], None] = {}
    for language in languages:
        for reading in readings:
            terms = [word_forms(word, language)[1] for word in reading]
            if language != WELSH or not terms:
                runs[tuple(terms)] = None
                continue
            # Only the first word of a Welsh phrase is mutated by the word before it: "plant bach"
            # is written "blant bach" or "phlant bach", while "bach" stays.
            for shape in related_forms(_fold_word(reading[0])):
                runs[(f"{WELSH}_{shape}", *terms[1:])] = None
    return tuple(run for run in runs if run)


def _stem_word(folded: str, language: str) -> str:
    # A stemmer keeps state between calls, so each thread has its own.
    stemmers = _of_thread.__dict__
    if language not in stemmers:
        # Imported when the first word is read: it loads the stemmers of all its languages.
        import snowballstemmer

        stemmers[language] = snowballstemmer.stemmer(STEMMERS[language])
    return stemmers[language].stemWord(folded) or folded


def _fold_word(word: str) -> str:
    straight = word.translate(APOSTROPHES)
    plain = unicodedata.normalize("NFKD", straight.casefold())
    letters = "".join(letter for letter in plain if letter.isalnum() or letter == "'")
    return (letters or word)[:LONGEST]
