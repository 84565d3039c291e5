"""Where the words of a query stand in a text: code points, computed from the tree, not the engine.

An engine would tell bytes of what it stored; the text shown is the database's.
"""

from collections.abc import Iterable

from waymark.library.analysis import FORMS, WORD, forms, runs_of, words
from waymark.library.languages import ENGLISH, language_of
from waymark.library.tree import Phrase, Prefix, Sought, Tree, sought

Pair = tuple[int, int]


class _Read:
    """The words of a text, in their order, as they are written, folded and as terms."""

    def __init__(self, text: str, otherwise: str) -> None:
        self.places = [at.span() for at in WORD.finditer(text)]
        written = [text[start:end] for start, end in self.places]
        self.language = language_of(text, written, otherwise)
        known = FORMS[self.language]
        both = [known[word] for word in written]
        self.folded = [one[0] for one in both]
        self.terms = [one[1] for one in both]

    def places_of(self, leaf: Sought) -> Iterable[Pair]:
        """[start, end) of each place where a word, prefix or phrase stands."""
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


def _runs(run: tuple[str, ...], said: list[str], read: _Read) -> list[Pair]:
    """Where the words of a run stand side by side in what is said."""
    found, length, at = [], len(run), -1
    # list.index goes through a text far faster than a loop does, and most words stand nowhere.
    for _ in range(said.count(run[0])):
        at = said.index(run[0], at + 1)
        if tuple(said[at : at + length]) == run:
            found.append((read.places[at][0], read.places[at + length - 1][1]))
    return found


def highlights(text: str, tree: Tree | None, otherwise: str = ENGLISH) -> list[Pair]:
    """[start, end) of each place where a word, prefix or phrase of the tree stands.

    In order, never overlapping: places that share a character are joined. otherwise: the language
    of a text too short to tell, as it was when the text was put into the index.
    """
    leaves = list(dict.fromkeys(sought(tree)))
    if not leaves:
        return []
    read = _Read(text, otherwise)
    return _joined(sorted(pair for leaf in leaves for pair in read.places_of(leaf)))


def _joined(pairs: list[Pair]) -> list[Pair]:
    kept: list[Pair] = []
    for start, end in pairs:
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept
