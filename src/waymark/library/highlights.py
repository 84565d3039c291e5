"""Where the words of a query stand in a text: code points, computed from the tree, not the engine.

An engine would tell bytes of what it stored; the text shown is the database's.
"""

from collections import defaultdict
from collections.abc import Mapping

from waymark.library.analysis import WORD, forms, runs_of, words
from waymark.library.languages import ENGLISH, language_of
from waymark.library.tree import Phrase, Prefix, Sought, Tree, sought

Pair = tuple[int, int]


class _Read:
    """The words of a text, in their order, and where each folded form and each term stands."""

    def __init__(self, text: str, otherwise: str) -> None:
        found = list(WORD.finditer(text))
        self.language = language_of(text, [at[0] for at in found], otherwise)
        both = [forms(at[0], self.language) for at in found]
        self.places: list[Pair] = [at.span() for at in found]
        self.folded = [folded for folded, _ in both]
        self.terms = [term for _, term in both]
        self.at_folded, self.at_term = _positions(self.folded), _positions(self.terms)

    def places_of(self, leaf: Sought) -> list[Pair]:
        """[start, end) of each place where a word, prefix or phrase stands."""
        if isinstance(leaf, Prefix):
            start = forms(leaf.text)[0]
            known = [at for word, at in self.at_folded.items() if word.startswith(start)]
            return [self.places[number] for at in known for number in at]
        if isinstance(leaf, Phrase):
            run = tuple(forms(word)[0] for word in words(leaf.text))
            return self._runs(run, self.folded, self.at_folded)
        return [
            pair
            for run in runs_of(leaf.text, (self.language,))
            for pair in self._runs(run, self.terms, self.at_term)
        ]

    def _runs(
        self, run: tuple[str, ...], said: list[str], at: Mapping[str, list[int]]
    ) -> list[Pair]:
        """Where the words of a run stand side by side."""
        length = len(run)
        return [
            (self.places[first][0], self.places[first + length - 1][1])
            for first in at.get(run[0], [])
            if tuple(said[first : first + length]) == run
        ]


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


def _positions(said: list[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(said):
        found[one].append(number)
    return found


def _joined(pairs: list[Pair]) -> list[Pair]:
    kept: list[Pair] = []
    for start, end in pairs:
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept
