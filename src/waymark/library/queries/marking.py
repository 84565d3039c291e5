"""Highlight the words of a search in any text, for the pages that a hit links to."""

from collections.abc import Callable

from waymark.library.highlights import Pair, highlights
from waymark.library.queries.suggesting import Broadening
from waymark.library.query import parse
from waymark.library.tree import sought

Marks = Callable[[str], list[Pair]]


def marks_for(query: str, *, broaden: bool = True) -> Marks:
    """Return a function: text -> [start, end) of each word of the query in it, as in hits.

    query: as typed; parts that are not understood are ignored. broaden: also highlight the other
    names that the thesaurus has for the typed words.
    """
    tree = parse(query).tree
    if broaden and any(sought(tree)):
        tree, _ = Broadening().of(tree)
    return lambda text: highlights(text, tree)
