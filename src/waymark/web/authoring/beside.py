"""A chapter as readers will see it, each paragraph beside the tables and figures that it cites."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from waymark.publishing.document.nodes import (
    AsideNode,
    ChapterNodes,
    FigureNode,
    HeadingNode,
    InlineNumber,
    InlineReference,
    Node,
    ParagraphNode,
    PointList,
    ReportDocument,
    TableNode,
    Words,
)
from waymark.publishing.formats.html import PageLinks, render_fragment

Shown = TableNode | FigureNode


@dataclass(frozen=True, slots=True)
class CitedPart:
    """A table or figure beside a paragraph. anchor: its id; html: from publishing.formats.html."""

    anchor: str
    name: str
    html: str


@dataclass(frozen=True, slots=True)
class ChapterPart:
    """Nodes of a chapter with what they cite. place: the table or figure that stands here for
    readers, where it is already shown beside the paragraph that cites it; else None.
    """

    html: str
    cited: tuple[CitedPart, ...] = ()
    place: CitedPart | None = None


def chapter_parts(
    document: ReportDocument, chapter: ChapterNodes, links: PageLinks
) -> list[ChapterPart]:
    """The parts of a chapter in order. Each table and figure is in one of them only."""
    by_anchor = {_anchor(node): node for node in document.nodes if isinstance(node, Shown)}
    beside = _citing_nodes(chapter, by_anchor)
    moved = {anchor for anchors in beside.values() for anchor in anchors}

    def html(nodes: tuple[Node, ...]) -> str:
        # The page has the heading of the chapter as its own, so those below it come a level up.
        raised = tuple(
            replace(node, level=node.level - 1) if isinstance(node, HeadingNode) else node
            for node in nodes
        )
        return render_fragment(replace(document, nodes=raised), address=None, links=links)

    def cited(anchor: str, *, whole: bool = True) -> CitedPart:
        node = by_anchor[anchor]
        title = node.protected.table.title if isinstance(node, TableNode) else node.figure.title
        return CitedPart(anchor, f"{node.name}. {title}", html((node,)) if whole else "")

    parts = []
    for at, node in enumerate(chapter.nodes):
        if isinstance(node, Shown) and _anchor(node) in moved:
            parts.append(ChapterPart("", place=cited(_anchor(node), whole=False)))
        else:
            parts.append(ChapterPart(html((node,)), tuple(map(cited, beside.get(at, ())))))
    return parts


def _citing_nodes(chapter: ChapterNodes, by_anchor: dict[str, Shown]) -> dict[int, list[str]]:
    """Position of a written node -> what it is the first in the chapter to cite."""
    before: set[str] = set()
    citing = {}
    for at, node in enumerate(chapter.nodes):
        anchors = [anchor for anchor in dict.fromkeys(_cited_in(node)) if anchor in by_anchor]
        if first := [anchor for anchor in anchors if anchor not in before]:
            citing[at] = first
            before.update(first)
    return citing


def _anchor(node: Shown) -> str:
    return node.protected.table.id if isinstance(node, TableNode) else node.figure.id


def _cited_in(node: Node) -> Iterator[str]:
    for words in _written_words(node):
        for part in words:
            if isinstance(part, InlineNumber):
                yield part.table
            elif isinstance(part, InlineReference):
                yield part.anchor


def _written_words(node: Node) -> tuple[Words, ...]:
    """Words that an editor wrote; generated sentences cite every table there is."""
    match node:
        case ParagraphNode(written=True):
            return (node.words,)
        case PointList(written=True):
            return node.points
        case AsideNode():
            return node.paragraphs
        case _:
            return ()
