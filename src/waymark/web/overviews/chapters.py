"""Chapters of an overview: their addresses and their HTML."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.urls import reverse

from waymark.publishing.document.nodes import (
    ChapterNodes,
    ContentsLists,
    FigureNode,
    HeadingNode,
    Node,
    NoteList,
    ReportDocument,
    SourceList,
    TableNode,
    chapters_of,
    note_anchor,
)
from waymark.publishing.formats.html import PageLinks, render_fragment

FRONT = "contents"
"""Id of the contents, which come before the chapters."""


@dataclass(frozen=True, slots=True)
class ChapterLink:
    """Chapter of an overview. title: with its number; url: of its page."""

    name: str
    title: str
    url: str


def chapter_links(document: ReportDocument, slug: str) -> list[ChapterLink]:
    """Chapters that have a page, in order."""
    return [
        ChapterLink(
            chapter.heading.anchor,
            chapter.heading.full_text,
            reverse("overview-chapter", args=[slug, chapter.heading.anchor]),
        )
        for chapter in chapters_of(document)
        if chapter.heading.anchor != FRONT
    ]


def links_in(document: ReportDocument, slug: str, here: str = "") -> PageLinks:
    """Link targets for the pages of an overview. here: the chapter on this page."""
    return PageLinks(
        place=_chapter_addresses(document, slug, here),
        passage=lambda key: reverse("passage", args=[key]),
        review=lambda reference: reverse("review", args=[reference]),
    )


def _chapter_addresses(document: ReportDocument, slug: str, here: str) -> Callable[[str], str]:
    """Anchor -> address: on this page by the anchor alone, else on the page of its chapter."""
    # Anchor -> chapter. A link within the chapter on this page needs only the anchor.
    on: dict[str, str] = {}
    for chapter in chapters_of(document):
        name = chapter.heading.anchor
        on[name] = name
        for node in chapter.nodes:
            on.update(dict.fromkeys(_node_anchors(node), name))

    def place(anchor: str) -> str:
        chapter = on.get(anchor, "")
        if not chapter or chapter == FRONT:
            return f"{reverse('overview', args=[slug])}#{anchor}"
        page = "" if chapter == here else reverse("overview-chapter", args=[slug, chapter])
        if anchor == chapter:
            return page or "#main"
        return f"{page}#{anchor}"

    return place


def _node_anchors(node: Node) -> list[str]:
    match node:
        case HeadingNode():
            return [node.anchor]
        case TableNode():
            return [node.protected.table.id]
        case FigureNode():
            return [node.figure.id]
        case NoteList():
            return [note_anchor(item.number) for item in node.notes]
        case SourceList():
            return [item.anchor for item in node.sources]
        case _:
            return []


def chapter_html(
    document: ReportDocument, chapter: ChapterNodes, *, address: str | None, links: PageLinks
) -> str:
    """Body of a chapter as HTML. Its heading is left out: the page has it as its own."""
    nodes = tuple(
        replace(node, level=node.level - 1) if isinstance(node, HeadingNode) else node
        for node in chapter.nodes
    )
    return render_fragment(replace(document, nodes=nodes), address=address, links=links)


def contents_of(document: ReportDocument) -> tuple[Node, ...]:
    """Lists of tables and figures before the chapters."""
    return tuple(
        node
        for chapter in chapters_of(document)
        if chapter.heading.anchor == FRONT
        for node in chapter.nodes
        if isinstance(node, ContentsLists)
    )


def main_points(document: ReportDocument) -> tuple[Node, ...]:
    """Generated main points, in whichever chapter the plan has them."""
    nodes = document.nodes
    return tuple(
        nodes[at + 1]
        for at, node in enumerate(nodes[:-1])
        if isinstance(node, HeadingNode) and node.anchor.endswith("--main-points")
    )
