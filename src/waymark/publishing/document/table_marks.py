"""Explain marks such as [c] at the end of the chapter whose text uses them. Pure."""

from collections.abc import Iterator, Sequence

from waymark.core.tables import SHORTHAND
from waymark.publishing.document.nodes import (
    AsideNode,
    InlineNumber,
    Node,
    ParagraphNode,
    PointList,
    Words,
)


def explain_marks(nodes: Sequence[Node]) -> Iterator[Node]:
    """Nodes of a chapter, and a last one that explains the marks in its sentences.

    "In [c] reviews" -> ... "In this chapter, [c] means withheld to protect people."
    """
    yield from nodes
    # Only marks in sentences: tables explain theirs in a legend of their own.
    used = {
        part.text
        for node in nodes
        for words in _node_sentences(node)
        for part in words
        if isinstance(part, InlineNumber)
    }
    explanations = [
        f"{mark} means {explanation}" for mark, explanation in SHORTHAND if mark in used
    ]
    if explanations:
        yield ParagraphNode((f"In this chapter, {'; '.join(explanations)}.",))


def _node_sentences(node: Node) -> Sequence[Words]:
    match node:
        case ParagraphNode():
            return (node.words,)
        case PointList():
            return node.points
        case AsideNode():
            return node.paragraphs
        case _:
            return ()
