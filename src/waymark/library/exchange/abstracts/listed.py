"""Split a list of abstracts, in HTML or text, into lines with their line numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from waymark.documents.parsers.charset import declared_encoding, decode_text
from waymark.library.exchange.readers.result import clean_line

BLOCKS = frozenset(
    {"p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "dt", "dd", "section",
     "article", "tr", "ul", "ol", "table", "body", "main", "blockquote", "pre", "header", "br"}
)  # fmt: skip
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
HIDDEN = frozenset({"script", "style", "head", "nav", "footer", "noscript", "template", "title"})
LOOKS_LIKE_HTML = re.compile(r"<(?:!doctype html|html|body|p|div|h[1-6]|ul|table)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListLine:
    """A paragraph or item. number: line in the file, from 1; marked: True for an HTML heading."""

    text: str
    number: int
    marked: bool = False


def lines_of(content: bytes) -> tuple[list[ListLine], list[str]]:
    """The lines that are not empty, and warnings about the character encoding."""
    html = LOOKS_LIKE_HTML.search(content[:20_000].decode("latin-1")) is not None
    text, warnings = decode_text(content, declared=declared_encoding(content) if html else "")
    # A text file has one paragraph on each line.
    if not html:
        text_lines = [
            ListLine(clean_line(raw), number)
            for number, raw in enumerate(text.split("\n"), start=1)
        ]
        return [list_line for list_line in text_lines if list_line.text], warnings
    return [list_line for list_line in _html_lines(text) if list_line.text], warnings


def _html_lines(text: str) -> Iterator[ListLine]:
    if not text.strip():
        return
    parser = etree.HTMLParser(
        no_network=True, huge_tree=False, remove_comments=True, remove_pis=True, encoding="utf-8"
    )
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is None:
        return
    walk = _HtmlWalk()
    walk.through(root)
    yield from walk.lines()


class _HtmlWalk:
    """Collects the text of an HTML tree, in a new line wherever a block begins or ends."""

    def __init__(self) -> None:
        self.collected: list[ListLine] = []
        self.words: list[str] = []
        self.number = 1
        self.marked = False

    def lines(self) -> list[ListLine]:
        """The lines so far."""
        self._end_line()
        return self.collected

    def through(self, root: etree._Element) -> None:
        """Walk the tree without recursion: a page may be deeper than Python's stack."""
        skipped = 0
        for event, element in etree.iterwalk(root, events=("start", "end")):
            name = str(element.tag).lower() if isinstance(element.tag, str) else ""
            # Hidden elements may be nested, so they are counted: text shows again at 0.
            if name in HIDDEN:
                skipped += 1 if event == "start" else -1
            if event == "start":
                self._begin(element, name, hidden=bool(skipped))
            else:
                self._end(element, name, hidden=bool(skipped))

    def _begin(self, element: etree._Element, name: str, *, hidden: bool) -> None:
        if name in BLOCKS:
            self._end_line()
            self.number = element.sourceline or self.number
            self.marked = name in HEADINGS
        if not hidden and element.text:
            self.words.append(str(element.text))

    def _end(self, element: etree._Element, name: str, *, hidden: bool) -> None:
        if name in BLOCKS:
            self._end_line()
            self.marked = False
        if not hidden and element.tail:
            self.words.append(str(element.tail))

    def _end_line(self) -> None:
        text = clean_line("".join(self.words))
        self.words.clear()
        if text:
            self.collected.append(ListLine(text, self.number, self.marked))
