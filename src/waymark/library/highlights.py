"""Where the words of a query stand in a text: code points, computed from the tree, not the engine.

An engine would tell bytes of what it stored; the text shown is the database's.
"""

from dataclasses import dataclass

from waymark.library.analysis import WORD, forms, words
from waymark.library.tree import Prefix, Sought, Tree, Word, sought

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Read:
    """The words of a text: the place, the folded form and the stem of each, in their order."""

    places: list[Pair]
    folded: list[str]
    stems: list[str]


def highlights(text: str, tree: Tree | None) -> list[Pair]:
    """[start, end) of each place where a word, prefix or phrase of the tree stands.

    In order, never overlapping: places that share a character are joined.
    """
    leaves = list(sought(tree))
    if not leaves:
        return []
    places, both = [], []
    for at in WORD.finditer(text):
        places.append(at.span())
        both.append(forms(at[0]))
    read = _Read(places, [folded for folded, _ in both], [stem for _, stem in both])
    return _joined(sorted(pair for leaf in leaves for pair in _places(read, leaf)))


def _places(read: _Read, leaf: Sought) -> list[Pair]:
    if isinstance(leaf, Prefix):
        start = forms(leaf.text)[0]
        starts = (word.startswith(start) for word in read.folded)
        return [place for place, is_one in zip(read.places, starts, strict=True) if is_one]
    said = words(leaf.text)
    if not isinstance(leaf, Word):
        return _runs(read.places, read.folded, [forms(word)[0] for word in said])
    places = _runs(read.places, read.stems, [forms(word)[1] for word in said])
    if len(said) > 1:
        places += _runs(read.places, read.stems, [forms("".join(said))[1]])
    return places


def _runs(places: list[Pair], terms: list[str], wanted: list[str]) -> list[Pair]:
    """Where the wanted terms stand side by side."""
    length = len(wanted)
    return [
        (places[at][0], places[at + length - 1][1])
        for at, term in enumerate(terms)
        if term == wanted[0] and terms[at : at + length] == wanted
    ]


def _joined(pairs: list[Pair]) -> list[Pair]:
    kept: list[Pair] = []
    for start, end in pairs:
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept
