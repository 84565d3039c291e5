"""Explain marks such as [c] at the end of the chapter whose text uses them. Pure."""

from collections.abc import Iterator, Sequence

from waymark.core.tables import SHORTHAND
from waymark.publishing.nodes import Aside, Node, Number, Paragraph, Points, Words


def explained(nodes: Sequence[Node]) -> Iterator[Node]:
    """Nodes of a chapter, and a last one that explains the marks in its sentences.

    "In [c] reviews" -> ... "In this chapter, [c] means withheld to protect people."
    """
    yield from nodes
    # Only marks in sentences: tables explain theirs in a legend of their own.
    used = {
        part.shown
        for node in nodes
        for words in _sentences(node)
        for part in words
        if isinstance(part, Number)
    }
    explanations = [
        f"{mark} means {explanation}" for mark, explanation in SHORTHAND if mark in used
    ]
    if explanations:
        yield Paragraph((f"In this chapter, {'; '.join(explanations)}.",))


def _sentences(node: Node) -> Sequence[Words]:
    match node:
        case Paragraph():
            return (node.words,)
        case Points():
            return node.points
        case Aside():
            return node.paragraphs
        case _:
            return ()
