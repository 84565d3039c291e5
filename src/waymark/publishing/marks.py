"""What a mark in running text means, said at the end of the chapter in which it is used. Pure."""

from collections.abc import Iterator, Sequence

from waymark.core.tables import SHORTHAND
from waymark.publishing.nodes import Aside, Node, Number, Paragraph, Points, Words


def explained(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes of a chapter, and a last one for the marks that its sentences use.

    "In [c] reviews" -> ... "In this chapter, [c] means withheld to protect people."
    """
    yield from nodes
    used = {
        part.shown
        for node in nodes
        for words in _sentences(node)
        for part in words
        if isinstance(part, Number)
    }
    said = [f"{mark} means {meaning}" for mark, meaning in SHORTHAND if mark in used]
    if said:
        yield Paragraph((f"In this chapter, {'; '.join(said)}.",))


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
