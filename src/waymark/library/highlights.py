"""Where the words of a query stand in a text: code points, computed from the tree, not the engine.

An engine would tell bytes of what it stored; the text shown is the database's.
"""

from waymark.library.analysis import Token, forms, tokens, words
from waymark.library.tree import Prefix, Sought, Tree, Word, sought

Pair = tuple[int, int]


def highlights(text: str, tree: Tree | None) -> list[Pair]:
    """[start, end) of each place where a word, prefix or phrase of the tree stands.

    In order, never overlapping: places that share a character are joined.
    """
    leaves = list(sought(tree))
    if not leaves:
        return []
    found = tokens(text)
    pairs = [pair for leaf in leaves for pair in _places(found, leaf)]
    return _joined(sorted(pairs))


def _places(found: list[Token], leaf: Sought) -> list[Pair]:
    if isinstance(leaf, Prefix):
        start = forms(leaf.text)[0]
        return [(at.start, at.end) for at in found if at.folded.startswith(start)]
    said = words(leaf.text)
    if isinstance(leaf, Word):
        stems = [at.stem for at in found]
        places = _runs(found, stems, [forms(word)[1] for word in said])
        if len(said) > 1:
            joined = forms("".join(said))[1]
            places += [(at.start, at.end) for at in found if at.stem == joined]
        return places
    return _runs(found, [at.folded for at in found], [forms(word)[0] for word in said])


def _runs(found: list[Token], terms: list[str], wanted: list[str]) -> list[Pair]:
    """Where the wanted terms stand side by side."""
    length = len(wanted)
    return [
        (found[at].start, found[at + length - 1].end)
        for at in range(len(terms) - length + 1)
        if terms[at] == wanted[0] and terms[at : at + length] == wanted
    ]


def _joined(pairs: list[Pair]) -> list[Pair]:
    kept: list[Pair] = []
    for start, end in pairs:
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept
