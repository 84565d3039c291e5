"""Where the words of a search stand in any text: for the pages that a hit opens."""

from collections.abc import Callable

from waymark.library.highlights import Pair, highlights
from waymark.library.queries.suggesting import Broadening
from waymark.library.query import parse
from waymark.library.tree import sought

Marks = Callable[[str], list[Pair]]


def marks_for(query: str, *, broaden: bool = True) -> Marks:
    """text -> [start, end) of each place in it where a word of the query stands, as a hit has it.

    query: as it was typed; whatever is not understood marks nothing. broaden: mark the other names
    too that the thesaurus has for what was typed.
    """
    tree = parse(query).tree
    if broaden and any(sought(tree)):
        tree, _ = Broadening().of(tree)
    return lambda text: highlights(text, tree)
