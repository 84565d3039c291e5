"""Highlight positions of a query in a text: code points, computed from the query tree.

A search engine would give byte positions of its stored text; the text shown is the database's.
"""

from collections.abc import Iterable

from waymark.library.analysis import FORMS, WORD, forms, runs_of, words
from waymark.library.languages import ENGLISH, language_of
from waymark.library.tree import Phrase, Prefix, Sought, Tree, sought

Pair = tuple[int, int]


class _Read:
    """The words of a text in order: their positions, folded forms and terms."""

    def __init__(self, text: str, otherwise: str) -> None:
        self.places = [at.span() for at in WORD.finditer(text)]
        written = [text[start:end] for start, end in self.places]
        self.language = language_of(text, written, otherwise)
        known = FORMS[self.language]
        pairs = [known[word] for word in written]
        self.folded = [folded for folded, _ in pairs]
        self.terms = [term for _, term in pairs]

    def places_of(self, leaf: Sought) -> Iterable[Pair]:
        """[start, end) of each match of a word, prefix or phrase."""
        if isinstance(leaf, Prefix):
            start = forms(leaf.text)[0]
            folded = enumerate(self.folded)
            return [self.places[number] for number, word in folded if word.startswith(start)]
        if isinstance(leaf, Phrase):
            return _runs(tuple(forms(word)[0] for word in words(leaf.text)), self.folded, self)
        return [
            pair
            for run in runs_of(leaf.text, (self.language,))
            for pair in _runs(run, self.terms, self)
        ]


def _runs(run: tuple[str, ...], text_words: list[str], read: _Read) -> list[Pair]:
    """[start, end) of each place where the terms of a run are adjacent in the text."""
    spans, length, at = [], len(run), -1
    # list.count and index are far faster than a loop, and most words are not in the text.
    for _ in range(text_words.count(run[0])):
        at = text_words.index(run[0], at + 1)
        if tuple(text_words[at : at + length]) == run:
            spans.append((read.places[at][0], read.places[at + length - 1][1]))
    return spans


def highlights(text: str, tree: Tree | None, otherwise: str = ENGLISH) -> list[Pair]:
    """[start, end) of each match of a word, prefix or phrase of the tree.

    In order, never overlapping: (0, 5) and (3, 9) become (0, 9). otherwise: the language of a text
    too short to tell, the same as when the text was indexed.
    """
    leaves = list(dict.fromkeys(sought(tree)))
    if not leaves:
        return []
    read = _Read(text, otherwise)
    return _joined(sorted(pair for leaf in leaves for pair in read.places_of(leaf)))


def _joined(pairs: list[Pair]) -> list[Pair]:
    joined: list[Pair] = []
    for start, end in pairs:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
