"""Another query for one that finds nothing: offered, never put in its place."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from waymark.library.analysis import forms, words
from waymark.library.answers import Suggestion
from waymark.library.broadening import AlsoSearched, broadened
from waymark.library.engine import engine
from waymark.library.queries.thesaurus import lexicon
from waymark.library.search import Request
from waymark.library.tree import (
    And,
    Sought,
    Tree,
    Word,
    all_of,
    any_of,
    as_text,
    replaced,
    sought,
    word_text,
)

LIKE_ENOUGH = 0.8
SHORTEST_HALF = 3
MOST_TRIED = 40
"""Queries tried for one that finds nothing."""


class Broadening:
    """The thesaurus and the languages held, as they stand now, for broadening what is typed."""

    def __init__(self) -> None:
        self.lexicon, self.languages = lexicon(), engine().languages()

    def of(self, tree: Tree | None) -> tuple[Tree | None, tuple[AlsoSearched, ...]]:
        """The tree with other names beside what was typed, and what was added."""
        return (None, ()) if tree is None else broadened(tree, self.lexicon, self.languages)


def suggested(
    tree: Tree | None, request: Request, broadening: Broadening | None
) -> Suggestion | None:
    """Another query that finds something, for one that finds nothing.

    tree: as it was typed; request: as it was asked. Words are tried that are written almost alike,
    names of the thesaurus that are, and words written as one or apart; then any of the words.
    """
    if tree is None:
        return None
    tries = _Tries(request, broadening)
    spelt = replaced(tree, _spellings(tree, tries))
    for other in (spelt, *_names(tree, tries), *_apart_or_as_one(tree)):
        if other != tree and (total := tries.total(other)):
            return Suggestion(as_text(other), total, "spelling")
    leaves = list(sought(tree))
    loose = any_of(leaves) if len(leaves) > 1 else tree
    if loose != tree and (total := tries.total(loose)):
        return Suggestion(as_text(loose), total, "any word")
    return None


class _Tries:
    """Asks how many records another query would find, so many times and no more."""

    def __init__(self, request: Request, broadening: Broadening | None) -> None:
        self.request = request
        self.broadening, self.left = broadening, MOST_TRIED

    def total(self, tree: Tree) -> int:
        """Records that a query finds within what is chosen."""
        return self._total(replace(self.request, tree=self._asked(tree)))

    def anywhere(self, tree: Tree) -> int:
        """Records that a query finds whatever is chosen."""
        return self._total(replace(self.request, tree=tree, selections={}))

    def _asked(self, tree: Tree) -> Tree | None:
        return self.broadening.of(tree)[0] if self.broadening else tree

    def _total(self, request: Request) -> int:
        if not self.left:
            return 0
        self.left -= 1
        return engine().count(request)


def _spellings(tree: Tree, tries: _Tries) -> dict[Sought, Tree]:
    """For each word that nothing visible holds, the visible word most like it."""
    better: dict[Sought, Tree] = {}
    for leaf in dict.fromkeys(sought(tree)):
        if not isinstance(leaf, Word) or len(words(leaf.text)) > 1 or tries.anywhere(leaf):
            continue
        alike = engine().like(leaf.text, tries.request.audience)
        # The index may still hold words of what was withdrawn a moment ago.
        visible = (word for one in alike if tries.anywhere(word := Word(word_text(one))))
        if other := next(visible, None):
            better[leaf] = other
    return better


def _names(tree: Tree, tries: _Tries) -> Iterator[Tree]:
    """The tree with a name of the thesaurus in place of words side by side that are almost it."""
    if tries.broadening is None:
        return
    known = {
        _folded(words(name)): name
        for name in tries.broadening.lexicon.every_name(tries.broadening.languages)
    }
    for run in _runs(tree):
        typed = _folded([word for leaf in run for word in words(leaf.text)])
        close = [name for name in known if abs(len(name) - len(typed)) <= len(typed) // 3]
        for name in difflib.get_close_matches(typed, close, n=1, cutoff=LIKE_ENOUGH):
            yield _with(tree, run, _typed_as(known[name]))


def _apart_or_as_one(tree: Tree) -> Iterator[Tree]:
    """The tree with a word cut in two, or two words as one: bedsharing, bed sharing."""
    for leaf in dict.fromkeys(sought(tree)):
        if isinstance(leaf, Word) and leaf.text.isalpha():
            for at in range(SHORTEST_HALF, len(leaf.text) - SHORTEST_HALF + 1):
                halves = Word(word_text(f"{leaf.text[:at]}-{leaf.text[at:]}"))
                yield replaced(tree, {leaf: halves})
    for run in _runs(tree):
        for first, second in pairwise(run):
            yield _with(tree, (first, second), Word(word_text(first.text + second.text)))


def _typed_as(name: str) -> Tree:
    """A name as somebody would type it: its words, those with a hyphen side by side."""
    pieces = ["-".join(words(piece)) for piece in name.split()]
    return all_of([Word(word_text(piece)) for piece in pieces if piece])


def _runs(tree: Tree) -> Iterator[tuple[Word, ...]]:
    """Words that stand side by side; a word that stands alone is a run of one."""
    if isinstance(tree, Word):
        yield (tree,)
        return
    run: list[Word] = []
    for part in tree.parts if isinstance(tree, And) else ():
        if isinstance(part, Word):
            run.append(part)
        elif run:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def _with(tree: Tree, run: Sequence[Word], other: Tree) -> Tree:
    """The tree with something else in place of words that stand side by side."""
    if not isinstance(tree, And):
        return other
    parts = tree.parts
    at = next(n for n in range(len(parts)) if parts[n : n + len(run)] == tuple(run))
    return all_of([*parts[:at], other, *parts[at + len(run) :]])


def _folded(said: Sequence[str]) -> str:
    return " ".join(forms(word)[0] for word in said)
