"""Suggest another query for one without results; it is offered, never run instead."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from waymark.library.language.analyser import word_forms, words_in
from waymark.library.queries.search_backend import search_backend
from waymark.library.queries.thesaurus import subject_lexicon
from waymark.library.queries.wording import QueryWorder
from waymark.library.search.protocol import IndexQuery
from waymark.library.search.results import QuerySuggestion
from waymark.library.search.tree import (
    AndNode,
    QueryTree,
    TextNode,
    WordNode,
    all_of,
    any_of,
    as_text,
    replace_nodes,
    text_nodes,
    word_text,
)

LIKE_ENOUGH = 0.8
SHORTEST_HALF = 3
MOST_TRIED = 40
"""Queries to try for one query without results."""


def suggest_query(
    tree: QueryTree | None, request: IndexQuery, worder: QueryWorder
) -> QuerySuggestion | None:
    """Another query that has results, for one that has none; None if there is no such query.

    tree: as typed; request: as run. Tries, in this order: similar spellings of words that no text
    contains; similar names of the thesaurus; words joined or divided; any of the words.

    bedsharng -> bedsharing;  neglct otter -> neglect otter;  bed sharing -> bedsharing
    """
    if tree is None:
        return None
    tries = _QueryTrials(request, worder)
    spelt = replace_nodes(tree, _similar_spellings(tree, tries))
    for other in (spelt, *_similar_names(tree, tries), *_apart_or_as_one(tree)):
        if other != tree and (total := tries.total(other)):
            return QuerySuggestion(as_text(other), total, "spelling")
    leaves = list(text_nodes(tree))
    loose = any_of(leaves) if len(leaves) > 1 else tree
    if loose != tree and (total := tries.total(loose)):
        return QuerySuggestion(as_text(loose), total, "any word")
    return None


class _QueryTrials:
    """Counts the results of other queries, at most MOST_TRIED times."""

    def __init__(self, request: IndexQuery, worder: QueryWorder) -> None:
        self.request = request
        self.worder, self.left = worder, MOST_TRIED
        self.lexicon = worder.lexicon or subject_lexicon()

    def total(self, tree: QueryTree) -> int:
        """Number of records that match a query, with the filters of the request."""
        return self._total(replace(self.request, tree=self.worder.wording(tree).tree))

    def anywhere(self, tree: QueryTree) -> int:
        """Number of records that match a query, without any filters."""
        return self._total(replace(self.request, tree=tree, selections={}))

    def _total(self, request: IndexQuery) -> int:
        if not self.left:
            return 0
        self.left -= 1
        return search_backend().count(request)


def _similar_spellings(tree: QueryTree, tries: _QueryTrials) -> dict[TextNode, QueryTree]:
    """Word -> most similar visible word, for each word that no visible text contains."""
    better: dict[TextNode, QueryTree] = {}
    for leaf in dict.fromkeys(text_nodes(tree)):
        if not isinstance(leaf, WordNode) or len(words_in(leaf.text)) > 1 or tries.anywhere(leaf):
            continue
        # Spelt as in the thesaurus: "CSE" is no slip for "case", though no record has it.
        if tries.lexicon.knows_word(leaf.text):
            continue
        alike = search_backend().similar_words(leaf.text, tries.request.audience)
        # The index may still contain words of a report withdrawn a moment ago.
        visible = (
            word for similar in alike if tries.anywhere(word := WordNode(word_text(similar)))
        )
        if other := next(visible, None):
            better[leaf] = other
    return better


def _similar_names(tree: QueryTree, tries: _QueryTrials) -> Iterator[QueryTree]:
    """The tree with adjacent words replaced by a similar name of the thesaurus."""
    lexicon = tries.worder.lexicon
    if lexicon is None:
        return
    # Folded, so that accents and capitals do not count as differences in spelling.
    known = {
        _folded_text(words_in(name)): name for name in lexicon.every_name(tries.worder.languages)
    }
    for run in _word_runs(tree):
        written = [word for leaf in run for word in words_in(leaf.text)]
        if lexicon.key_of_words(written):
            continue
        typed = _folded_text(written)
        # get_close_matches is slow, so names that are much longer or shorter are left out first.
        close = [name for name in known if abs(len(name) - len(typed)) <= len(typed) // 3]
        for name in difflib.get_close_matches(typed, close, n=1, cutoff=LIKE_ENOUGH):
            yield _replace_run(tree, run, _typed_as(known[name]))


def _apart_or_as_one(tree: QueryTree) -> Iterator[QueryTree]:
    """The tree with a word divided, or two words joined: bedsharing, bed sharing."""
    for leaf in dict.fromkeys(text_nodes(tree)):
        if isinstance(leaf, WordNode) and leaf.text.isalpha():
            for at in range(SHORTEST_HALF, len(leaf.text) - SHORTEST_HALF + 1):
                halves = WordNode(word_text(f"{leaf.text[:at]}-{leaf.text[at:]}"))
                yield replace_nodes(tree, {leaf: halves})
    for run in _word_runs(tree):
        for first, second in pairwise(run):
            yield _replace_run(tree, (first, second), WordNode(word_text(first.text + second.text)))


def _typed_as(name: str) -> QueryTree:
    """A name as somebody would type it: its words joined by AND, keeping hyphens."""
    pieces = ["-".join(words_in(piece)) for piece in name.split()]
    return all_of([WordNode(word_text(piece)) for piece in pieces if piece])


def _word_runs(tree: QueryTree) -> Iterator[tuple[WordNode, ...]]:
    """Runs of adjacent words; a single word is a run of one."""
    if isinstance(tree, WordNode):
        yield (tree,)
        return
    run: list[WordNode] = []
    for part in tree.parts if isinstance(tree, AndNode) else ():
        if isinstance(part, WordNode):
            run.append(part)
        elif run:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def _replace_run(tree: QueryTree, run: Sequence[WordNode], other: QueryTree) -> QueryTree:
    """The tree with a run of adjacent words replaced."""
    if not isinstance(tree, AndNode):
        return other
    parts = tree.parts
    at = next(n for n in range(len(parts)) if parts[n : n + len(run)] == tuple(run))
    return all_of([*parts[:at], other, *parts[at + len(run) :]])


def _folded_text(written: Sequence[str]) -> str:
    return " ".join(word_forms(word)[0] for word in written)
