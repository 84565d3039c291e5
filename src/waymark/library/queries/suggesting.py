"""Suggest another query for one without results; it is offered, never run instead."""

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
"""Queries to try for one query without results."""


class Broadening:
    """Query expansion with the current thesaurus and the languages of the indexed texts."""

    def __init__(self) -> None:
        self.lexicon, self.languages = lexicon(), engine().languages()

    def of(self, tree: Tree | None) -> tuple[Tree | None, tuple[AlsoSearched, ...]]:
        """(expanded tree, added terms)."""
        return (None, ()) if tree is None else broadened(tree, self.lexicon, self.languages)


def suggested(
    tree: Tree | None, request: Request, broadening: Broadening | None
) -> Suggestion | None:
    """Another query that has results, for one that has none; None if there is no such query.

    tree: as typed; request: as run. Tries, in this order: similar spellings of words that no text
    contains; similar names of the thesaurus; words joined or divided; any of the words.

    bedsharng -> bedsharing;  neglct otter -> neglect otter;  bed sharing -> bedsharing
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
    """Counts the results of other queries, at most MOST_TRIED times."""

    def __init__(self, request: Request, broadening: Broadening | None) -> None:
        self.request = request
        self.broadening, self.left = broadening, MOST_TRIED

    def total(self, tree: Tree) -> int:
        """Number of records that match a query, with the filters of the request."""
        return self._total(replace(self.request, tree=self._asked(tree)))

    def anywhere(self, tree: Tree) -> int:
        """Number of records that match a query, without any filters."""
        return self._total(replace(self.request, tree=tree, selections={}))

    def _asked(self, tree: Tree) -> Tree | None:
        return self.broadening.of(tree)[0] if self.broadening else tree

    def _total(self, request: Request) -> int:
        if not self.left:
            return 0
        self.left -= 1
        return engine().count(request)


def _spellings(tree: Tree, tries: _Tries) -> dict[Sought, Tree]:
    """Word -> most similar visible word, for each word that no visible text contains."""
    better: dict[Sought, Tree] = {}
    for leaf in dict.fromkeys(sought(tree)):
        if not isinstance(leaf, Word) or len(words(leaf.text)) > 1 or tries.anywhere(leaf):
            continue
        alike = engine().like(leaf.text, tries.request.audience)
        # The index may still contain words of a report withdrawn a moment ago.
        visible = (word for similar in alike if tries.anywhere(word := Word(word_text(similar))))
        if other := next(visible, None):
            better[leaf] = other
    return better


def _names(tree: Tree, tries: _Tries) -> Iterator[Tree]:
    """The tree with adjacent words replaced by a similar name of the thesaurus."""
    if tries.broadening is None:
        return
    # Folded, so that accents and capitals do not count as differences in spelling.
    known = {
        _folded(words(name)): name
        for name in tries.broadening.lexicon.every_name(tries.broadening.languages)
    }
    for run in _runs(tree):
        typed = _folded([word for leaf in run for word in words(leaf.text)])
        # get_close_matches is slow, so names that are much longer or shorter are left out first.
        close = [name for name in known if abs(len(name) - len(typed)) <= len(typed) // 3]
        for name in difflib.get_close_matches(typed, close, n=1, cutoff=LIKE_ENOUGH):
            yield _with(tree, run, _typed_as(known[name]))


def _apart_or_as_one(tree: Tree) -> Iterator[Tree]:
    """The tree with a word divided, or two words joined: bedsharing, bed sharing."""
    for leaf in dict.fromkeys(sought(tree)):
        if isinstance(leaf, Word) and leaf.text.isalpha():
            for at in range(SHORTEST_HALF, len(leaf.text) - SHORTEST_HALF + 1):
                halves = Word(word_text(f"{leaf.text[:at]}-{leaf.text[at:]}"))
                yield replaced(tree, {leaf: halves})
    for run in _runs(tree):
        for first, second in pairwise(run):
            yield _with(tree, (first, second), Word(word_text(first.text + second.text)))


def _typed_as(name: str) -> Tree:
    """A name as somebody would type it: its words joined by AND, keeping hyphens."""
    pieces = ["-".join(words(piece)) for piece in name.split()]
    return all_of([Word(word_text(piece)) for piece in pieces if piece])


def _runs(tree: Tree) -> Iterator[tuple[Word, ...]]:
    """Runs of adjacent words; a single word is a run of one."""
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
    """The tree with a run of adjacent words replaced."""
    if not isinstance(tree, And):
        return other
    parts = tree.parts
    at = next(n for n in range(len(parts)) if parts[n : n + len(run)] == tuple(run))
    return all_of([*parts[:at], other, *parts[at + len(run) :]])


def _folded(written: Sequence[str]) -> str:
    return " ".join(forms(word)[0] for word in written)
