"""HTML -> a report: headings h1-h6 give the paths; scripts, styles and hidden parts are dropped."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from waymark.core.errors import FileRefused
from waymark.documents.parsers.charset import decode_text
from waymark.documents.parsers.flow import FlowPiece, flowing_report, tidy_text
from waymark.documents.parsers.html_hidden import PageStyles, Reason
from waymark.documents.reading.values import (
    ConcealedText,
    ReadingLimits,
    ReadReport,
    hidden_warnings,
)

MEDIA_TYPE = "text/html"
EXTRACTOR = "waymark-html/2"
DROPPED = frozenset(
    {
        *("head", "script", "noscript", "style", "template", "nav", "dialog"),
        *("svg", "math", "canvas", "iframe", "object", "embed", "audio", "video"),
        *("button", "input", "select", "textarea"),
    }
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = frozenset(
    {
        *HEADINGS,
        *("html", "body", "main", "header", "footer", "hgroup", "article", "section", "aside"),
        *("address", "blockquote", "center", "details", "div", "hr", "p", "pre", "summary"),
        *("dl", "dt", "dd", "ol", "ul", "li", "figure", "figcaption"),
        *("fieldset", "form", "legend"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    }
)
MOST_NODES = 2_000_000


def read_html(path: Path, file_name: str, limits: ReadingLimits) -> ReadReport:
    """Read an HTML file. Raises FileRefused. Hidden parts never reach the text; they are listed."""
    markup, warnings = decode_text(path.read_bytes(), declared=True)
    if not file_name.lower().endswith((".html", ".htm", ".xhtml")):
        warnings = [*warnings, "the file contains HTML, although its name does not end in .html"]
    hidden: list[ConcealedText] = []
    pieces, title = pieces_of(markup, file_name, hidden)
    return flowing_report(
        pieces,
        file_name=file_name,
        media_type=MEDIA_TYPE,
        extractor=EXTRACTOR,
        title=title,
        hidden=hidden,
        warnings=[*warnings, *hidden_warnings(hidden)],
    )


def pieces_of(
    markup: str, file_name: str, hidden: list[ConcealedText]
) -> tuple[list[FlowPiece], str]:
    """The pieces of an HTML document, and its title; hidden text is added to hidden."""
    tree = LexborHTMLParser(markup)
    title = tree.css_first("title")
    root = tree.body
    styles = PageStyles(tree)
    pieces = list(_walk_pieces(root, file_name, styles, hidden)) if root is not None else []
    return pieces, tidy_text(title.text()) if title is not None else ""


def _walk_pieces(
    root: Any, file_name: str, styles: PageStyles, hidden: list[ConcealedText]
) -> Iterator[FlowPiece]:
    """Pieces of a tree, in order. Without recursion: a hostile page may nest 100,000 deep."""
    words: list[str] = []
    opened: list[str] = []  # headings and list items around the place reached
    for event, node in _walk_tree(root, file_name, styles, hidden):
        tag = node.tag
        if event == "text":
            words.append(node.text_content or "")
        elif tag == "br":
            words.append(" ")
        elif tag in BLOCKS:
            yield from _piece_of_words(words, opened)
            words = []
            if tag in HEADINGS or tag == "li":
                _open_or_close(opened, tag, event)
    yield from _piece_of_words(words, opened)


def _open_or_close(opened: list[str], tag: str, event: str) -> None:
    if event == "enter":
        opened.append(tag)
    elif opened and opened[-1] == tag:
        opened.pop()


def _piece_of_words(words: list[str], opened: list[str]) -> Iterator[FlowPiece]:
    text = tidy_text("".join(words))
    if not text:
        return
    inner = opened[-1] if opened else ""
    if inner in HEADINGS:
        yield FlowPiece(text, "heading", HEADINGS[inner])
    else:
        yield FlowPiece(text, "item" if inner == "li" else "paragraph")


def _walk_tree(
    root: Any, file_name: str, styles: PageStyles, hidden: list[ConcealedText]
) -> Iterator[tuple[str, Any]]:
    """("text", node), ("enter", node) and ("leave", node), in the order of the document."""
    # Example: <p>One <b>two</b></p> gives enter p, text "One ", enter b, text "two", leave b, leave
    # p.
    open_nodes: list[Any] = []
    node, count = root, 0
    while node is not None:
        count += 1
        if count > MOST_NODES:
            raise FileRefused(file_name, f"has more than {MOST_NODES:,} parts", "Split it")
        below = None
        # Names of the library for what is no element: "-text", "-comment", "!doctype".
        if node.tag == "-text":
            yield from () if _is_hidden_by_colour(node, styles, hidden) else (("text", node),)
        elif not _is_dropped(node, styles, hidden):
            yield "enter", node
            below = node.first_child
            open_nodes.append(node)
        if below is None:
            node, left = _next_node(node, open_nodes)
            yield from (("leave", closed) for closed in left)
        else:
            node = below


def _next_node(node: Any, open_nodes: list[Any]) -> tuple[Any, list[Any]]:
    """The node after one without children to visit (None at the end), and the nodes left for it."""
    left = []
    if open_nodes and open_nodes[-1].mem_id == node.mem_id:  # == compares their markup
        left.append(open_nodes.pop())
    while open_nodes and node.next is None:
        node = open_nodes.pop()
        left.append(node)
    return (node.next if open_nodes else None), left


def _is_dropped(node: Any, styles: PageStyles, hidden: list[ConcealedText]) -> bool:
    tag = node.tag
    if tag is None or tag.startswith(("-", "_", "!")) or tag in DROPPED:
        return True
    reason = styles.reason(node)
    if reason is None:
        return False
    _note_hidden(node.text(deep=True, separator=" "), reason, hidden)
    return True


def _is_hidden_by_colour(node: Any, styles: PageStyles, hidden: list[ConcealedText]) -> bool:
    """True if words cannot be seen on their ground, while others in the same element can."""
    words = node.text_content or ""
    reason = styles.reason_of_words(node.parent) if words.strip() and node.parent else None
    if reason is None:
        return False
    _note_hidden(words, reason, hidden)
    return True


def _note_hidden(words: str, reason: Reason, hidden: list[ConcealedText]) -> None:
    kind, why = reason
    if text := tidy_text(words):
        hidden.append(ConcealedText(1, text, why, kind))
