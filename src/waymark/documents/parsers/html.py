"""HTML -> a report: headings give the paths, lists keep their numbers, hidden parts stay out."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from waymark.core.errors import FileRefused
from waymark.documents.parsers.charset import declared_encoding, decode_text
from waymark.documents.parsers.flow import FlowPiece, bounded_pieces, flowing_report, tidy_text
from waymark.documents.parsers.web.bounds import check_markup
from waymark.documents.parsers.web.hidden import ConcealedWords, ElementLook, look_of, page_look
from waymark.documents.parsers.web.pieces import PieceMaker
from waymark.documents.parsers.web.styles import PageStyles
from waymark.documents.reading.shown_words import ShownWords
from waymark.documents.reading.values import ReadingLimits, ReadReport, hidden_warnings

MEDIA_TYPE = "text/html"
EXTRACTOR = "waymark-html/3"
DROPPED = frozenset(
    {
        *("head", "script", "noscript", "style", "template", "nav", "xml", "frameset"),
        *(
            "defs",
            "symbol",
            "metadata",
            "annotation",
            "annotation-xml",
            "canvas",
            "iframe",
            "object",
            "embed",
            "audio",
            "video",
        ),
        *("button", "select", "datalist", "rp"),
    }
)
AUTHORS = re.compile(
    r"<o:(?:Last)?Author>\s*([^<]{1,100})|"
    r"<meta\s[^>]{0,100}?name\s*=\s*[\"']?author[\"']?\s[^>]{0,20}?content\s*=\s*[\"']([^\"'>]{1,100})",
    re.IGNORECASE,
)
DESCRIPTIONS = frozenset({"title", "desc"})  # of drawings; the title of the page is in its head
DESCRIBING = ("alt", "aria-label", "title")
CUT_SHORT = "it may be cut short: check that its last words are those of the report"
PRINT = "Print the page to PDF in a browser, and upload that"


def read_html(path: Path, file_name: str, limits: ReadingLimits, encoding: str = "") -> ReadReport:
    """Read an HTML file. Raises FileRefused. Hidden parts never reach the text; they are listed."""
    content = path.read_bytes()
    markup, warnings = decode_text(
        content, file_name, declared=declared_encoding(content), chosen=encoding
    )
    return report_of_page(
        markup, file_name, limits, media_type=MEDIA_TYPE, extractor=EXTRACTOR, warnings=warnings
    )


def report_of_page(
    markup: str,
    file_name: str,
    limits: ReadingLimits,
    *,
    media_type: str,
    extractor: str,
    warnings: list[str],
) -> ReadReport:
    """The report of a page in HTML, whatever file it came in. Raises FileRefused."""
    tree = _parsed(markup, file_name)
    title = tree.css_first("title")
    hidden = ConcealedWords()
    styles = PageStyles(tree)
    pieces = [*bounded_pieces(_walk_page(tree.body, styles, hidden), file_name, limits)]
    hidden.settle(ShownWords(piece.text for piece in pieces))
    if len(hidden.finds) > limits.hidden:
        reason = f"contains more than {limits.hidden:,} places with hidden text"
        raise FileRefused(file_name, reason, PRINT)
    return flowing_report(
        pieces,
        file_name=file_name,
        media_type=media_type,
        extractor=extractor,
        title=tidy_text(title.text()) if title is not None else "",
        hidden=hidden.finds,
        warnings=[*warnings, *_page_warnings(markup, tree), *hidden_warnings(hidden.finds)],
    )


def _parsed(markup: str, file_name: str) -> Any:
    check_markup(markup, file_name)
    tree = LexborHTMLParser(markup)
    frames = [frame.attributes.get("src") or "" for frame in tree.css("frameset frame")]
    if frames:
        raise FileRefused(
            file_name,
            f"is a page of frames: its words are in other files ({', '.join(frames[:5])[:200]})",
            "Upload those files, or print the page to PDF in a browser and upload that",
        )
    return tree


def _ends_within_markup(markup: str) -> bool:
    """True for a page that ends within a tag, comment, script or style: more was to follow."""
    written = markup.lower()
    parts = (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"))
    return bool(re.match(r"</?[a-z][^>]*\Z", written[written.rfind("<") :])) or any(
        written.rfind(begin) > written.rfind(end) for begin, end in parts
    )


def _page_warnings(markup: str, tree: Any) -> Iterator[str]:
    if _ends_within_markup(markup):
        yield CUT_SHORT
    if frames := len(tree.css("iframe")):
        pages = "1 other page, which is" if frames == 1 else f"{frames} other pages, which are"
        yield f"it shows {pages} not in this file"
    if choices := len(tree.css("select option")):
        menus = "1 choice of a menu was" if choices == 1 else f"{choices} choices of menus were"
        yield f"{menus} left out: check which one was made"
    if authors := {first or second for first, second in AUTHORS.findall(markup[:1_048_576])}:
        names = "”, “".join(sorted(tidy_text(name) for name in authors))
        yield f"the file names its author (“{names}”): remove the name before you share it"


def _walk_page(root: Any, styles: PageStyles, hidden: ConcealedWords) -> Iterator[FlowPiece]:
    """Pieces of a page, in order. Without recursion: a hostile page may nest 10,000 deep."""
    maker = PieceMaker(hidden)
    # Example: <p>One <b>two</b></p> gives enter p, words "One ", enter b, words "two", leave b,
    # leave p. left: the element that ends at this step; "" where one begins.
    steps = [(root, "", page_look(knows_colours=styles.knows_colours))] if root is not None else []
    while steps:
        node, left, look = steps.pop()
        if left:
            maker.leave(left)
            # The end of the outermost hidden element ends the find.
            if look.reason_of_words() is None:
                hidden.close()
        else:
            if node is not root and node.next is not None:
                steps.append((node.next, "", look))
            steps += _begin(node, look, styles, maker)
        yield from maker.take()
    yield from maker.finish()


def _begin(
    node: Any, look: ElementLook, styles: PageStyles, maker: PieceMaker
) -> Iterator[tuple[Any, str, ElementLook]]:
    """Begin an element, or add words: the end of the element and what is in it, still to do."""
    # Names of the library for what is no element: "-text", "-comment", "!doctype".
    tag = node.tag or "-"
    if tag == "-text":
        maker.add_words(node.text_content or "", look)
    elif tag in DESCRIPTIONS:
        maker.hidden.describe(node.text())
    elif tag not in DROPPED and tag[0] not in "-_!":
        inner = _enter(node, tag, styles, look, maker)
        yield node, tag, look
        if node.first_child is not None:
            yield node.first_child, "", inner


def _enter(
    node: Any, tag: str, styles: PageStyles, around: ElementLook, maker: PieceMaker
) -> ElementLook:
    """Enter an element; the look of the words in it."""
    attributes: dict[str, str | None] = node.attributes
    if attributes:
        maker.hidden.describe(*map(attributes.get, DESCRIBING))
    properties = styles.properties(node, attributes.get("style"))
    look = look_of(tag, attributes, properties, around)
    maker.enter(tag, attributes, properties, look)
    return look
