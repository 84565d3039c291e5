"""Highlight positions of a query in a text: code points, computed from the query tree.

A search engine would give byte positions of its stored text; the text shown is the database's.
"""

from collections.abc import Iterable
from functools import cached_property
from itertools import product

from waymark.library.language.analyser import FORMS, WORD, runs_of, word_forms, words_in
from waymark.library.language.languages import ENGLISH, language_of
from waymark.library.search.tree import (
    PhraseNode,
    PrefixNode,
    QueryTree,
    TextNode,
    WordNode,
    text_nodes,
)

HighlightSpan = tuple[int, int]


class _TextWords:
    """The words of a text in order: their folded forms and terms, and their positions."""

    def __init__(self, text: str, otherwise: str) -> None:
        written = words_in(text)
        self._text = text
        self.language = language_of(text, written, otherwise)
        pairs = list(map(FORMS[self.language].__getitem__, written))
        self.folded = [folded for folded, _ in pairs]
        self.terms = [term for _, term in pairs]

    @cached_property
    def places(self) -> list[HighlightSpan]:
        """[start, end) of each word; most texts have no word of the query and need none."""
        return [at.span() for at in WORD.finditer(self._text)]

    def places_of(self, leaf: TextNode) -> Iterable[HighlightSpan]:
        """[start, end) of each match of a word, prefix or phrase."""
        if isinstance(leaf, PrefixNode):
            start = word_forms(leaf.text)[0]
            folded = enumerate(self.folded)
            return [self.places[number] for number, word in folded if word.startswith(start)]
        if isinstance(leaf, PhraseNode):
            return _run_spans(
                tuple(word_forms(word)[0] for word in words_in(leaf.text)), self.folded, self
            )
        apart = leaf.apart if isinstance(leaf, WordNode) else 0
        return [
            pair
            for run in runs_of(leaf.text, (self.language,))
            for pair in (
                _near_spans(run, self, apart) if apart else _run_spans(run, self.terms, self)
            )
        ]


def _run_spans(
    run: tuple[str, ...], text_words: list[str], read: _TextWords
) -> list[HighlightSpan]:
    """[start, end) of each place where the terms of a run are adjacent in the text."""
    spans, length, at = [], len(run), -1
    # list.count and index are far faster than a loop, and most words are not in the text.
    for _ in range(text_words.count(run[0])):
        at = text_words.index(run[0], at + 1)
        if tuple(text_words[at : at + length]) == run:
            spans.append((read.places[at][0], read.places[at + length - 1][1]))
    return spans


def _near_spans(run: tuple[str, ...], read: _TextWords, apart: int) -> list[HighlightSpan]:
    """[start, end) of the terms of a run where they are near each other, as the index finds them.

    Each term has a place in the text from which its place in the run is taken: "appointments that
    she missed" has 0 - 1 and 3 - 0 for missed appointments, which 4 apart.
    """
    offsets = [
        [place - at for place, term in enumerate(read.terms) if term == wanted]
        for at, wanted in enumerate(run)
    ]
    spans: list[HighlightSpan] = []
    for first in offsets[0]:
        near = [[first], *([o for o in each if abs(o - first) <= apart] for each in offsets[1:])]
        for chosen in product(*near):
            if max(chosen) - min(chosen) > apart:
                continue
            places = sorted(read.places[at + offset] for at, offset in enumerate(chosen))
            if len(set(chosen)) == 1:
                places = [(places[0][0], places[-1][1])]
            spans += places
    return spans


def highlight_spans(
    text: str, tree: QueryTree | None, otherwise: str = ENGLISH
) -> list[HighlightSpan]:
    """[start, end) of each match of a word, prefix or phrase of the tree.

    In order, never overlapping: (0, 5) and (3, 9) become (0, 9). otherwise: the language of a text
    too short to tell, the same as when the text was indexed.
    """
    leaves = list(dict.fromkeys(text_nodes(tree)))
    if not leaves:
        return []
    read = _TextWords(text, otherwise)
    return _merged_spans(sorted(pair for leaf in leaves for pair in read.places_of(leaf)))


def _merged_spans(pairs: list[HighlightSpan]) -> list[HighlightSpan]:
    joined: list[HighlightSpan] = []
    for start, end in pairs:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
