"""Questions in words: searches that can be answered by meaning as well. Pure.

A phrase, a name, an identifier, a field, a star or an operator asks for exactly that. There, fusion
with another order would put what was asked for below what is only like it.
"""

import re

from waymark.library.language.analyser import words_in
from waymark.library.search.common_words import COMMON
from waymark.library.search.tree import OPERATORS, AndNode, QueryTree, WordNode

FEWEST_WORDS = 3
"""Fewer words are a subject or a name, and have no sentence's meaning."""
NOT_WORDS = re.compile(r"[\"“”„()*:\d/@]")


def is_question(text: str, tree: QueryTree | None) -> bool:
    """True for a question in words; text: as typed, tree: as parsed from it.

    A capital letter inside marks a name ("the review of Child Birch"), a digit an identifier.
    """
    words = words_in(text)
    return (
        len(words) >= FEWEST_WORDS
        and any(word.lower() not in COMMON for word in words)
        and NOT_WORDS.search(text) is None
        and OPERATORS.isdisjoint(text.split())
        and not any(word != word.lower() and word != "I" for word in words[1:])
        and isinstance(tree, AndNode)
        and all(isinstance(part, WordNode) for part in tree.parts)
    )
