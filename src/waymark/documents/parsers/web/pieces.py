"""Elements and words of a web page, one after the other -> its paragraphs, items and headings."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from waymark.documents.parsers import plain
from waymark.documents.parsers.flow import FlowPiece, tidy_text
from waymark.documents.parsers.web.hidden import ConcealedWords, ElementLook
from waymark.documents.parsers.web.lists import NumberedList, open_list, whole_number
from waymark.documents.parsers.web.styles import Properties

HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = frozenset(
    {
        *HEADINGS,
        *("html", "body", "main", "header", "footer", "hgroup", "article", "section", "aside"),
        *("address", "blockquote", "center", "details", "div", "hr", "p", "pre", "summary"),
        *("dl", "dt", "dd", "ol", "ul", "menu", "li", "figure", "figcaption", "dialog", "search"),
        *(
            "text",
            "foreignobject",
            "fieldset",
            "form",
            "legend",
            "textarea",
            "listing",
            "xmp",
            "plaintext",
        ),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    }
)
LISTS = frozenset({"ol", "ul", "menu"})
BLOCK_DISPLAYS = frozenset(
    {"block", "flex", "grid", "list-item", "table", "table-row", "flow-root"}
)
PARTED_DISPLAYS = frozenset({"inline-block", "inline-flex", "inline-grid", "table-cell"})
TYPED = frozenset({"", "text", "search", "tel", "email", "url", "number", "date", "month", "week"})
SPACES = str.maketrans("\r\n\f", "   ")
EMPTY_LINE = re.compile(r"\n[ \t\xa0]*\n\s*")
NOTE = re.compile(r"(?:\d{1,3}|[*†‡§]{1,3}|[a-z]|[ivx]{2,5})(?:\s*,\s*\d{1,3})*")
BEFORE_NOTE = re.compile(r"(?:[^\W\d_]{3}|[.,;:!?)\]\"'\u2019\u201d]|\b\d{4})$")
LONGEST_CELL = 400  # characters of a cell that is read as one passage with its row


@dataclass(slots=True)
class OpenElement:
    """An element whose end has not been reached.

    ends: "heading", "item", "list", "row" or "contents", where its end is that of one; else "".
    words_before: parts of the words that were there when it began.
    """

    is_block: bool
    ends: str = ""
    is_parted: bool = False
    words_before: int = 0


@dataclass(slots=True)
class PieceMaker:
    """Builder of pieces: call enter, add_words and leave in the order of the page, then finish."""

    hidden: ConcealedWords
    _words: list[str] = field(default_factory=list)
    _preformatted: bool = False
    _opened: list[OpenElement] = field(default_factory=list)
    _kinds: list[tuple[int, str]] = field(default_factory=list)  # headings and items around
    _lists: list[NumberedList] = field(default_factory=list)
    _marker: str = ""
    _contents: int = 0  # open lists of the chapters
    _rows: list[list[list[FlowPiece]]] = field(default_factory=list)
    _ready: list[FlowPiece] = field(default_factory=list)

    def enter(
        self,
        tag: str,
        attributes: Mapping[str, str | None],
        properties: Properties,
        look: ElementLook,
    ) -> None:
        """Begin an element."""
        display = properties.get("display", "")
        element = OpenElement(tag in BLOCKS or display in BLOCK_DISPLAYS)
        self._opened.append(element)
        if element.is_block:
            self._end_piece()
            self._enter_kind(tag, attributes, properties)
            if look.reason is None:
                self._enter_part(tag, attributes, properties)
        elif tag == "br":
            self._words.append("\n")
            self.hidden.part()
        elif tag == "input" and (attributes.get("type") or "").lower() in TYPED:
            self.add_words(f" {attributes.get('value') or ''} ", look)
        elif tag == "sup":
            element.words_before = len(self._words)
        elif display in PARTED_DISPLAYS or tag == "tspan":
            element.is_parted = True
            self._words.append(" ")

    def add_words(self, words: str, look: ElementLook) -> None:
        """Add words of the element that was entered last."""
        reason = look.reason_of_words()
        if reason is not None:
            self.hidden.add(words, reason)
            return
        if not words.isspace():
            self.hidden.close()
        self._preformatted |= look.preformatted
        self._words.append(words if look.preformatted else words.translate(SPACES))

    def leave(self, tag: str) -> None:
        """End the element that was entered last."""
        if self._opened[-1].is_block:
            self._end_piece()
        element = self._opened.pop()
        if tag == "sup":
            self._mark_note(element.words_before)
        elif element.is_parted:
            self._words.append(" ")
        self._leave_part(element.ends)

    def take(self) -> Iterator[FlowPiece]:
        """The pieces that are complete."""
        if not self._rows:
            yield from self._ready
            self._ready = []

    def finish(self) -> Iterator[FlowPiece]:
        """The last pieces."""
        self._end_piece()
        while self._rows:
            self._end_row()
        yield from self.take()

    def _enter_kind(
        self, tag: str, attributes: Mapping[str, str | None], properties: Properties
    ) -> None:
        """Begin a heading or an item."""
        level = _heading_level(tag, attributes, properties)
        if (attributes.get("role") or "").lower() == "doc-toc":
            self._opened[-1].ends = "contents"
            self._contents += 1
        elif level or tag == "li" or "msolistparagraph" in (attributes.get("class") or "").lower():
            self._opened[-1].ends = "heading" if level else "item"
            self._kinds.append((level, self._opened[-1].ends))

    def _enter_part(
        self, tag: str, attributes: Mapping[str, str | None], properties: Properties
    ) -> None:
        """Begin a list, the number of an item, a row or a cell."""
        if tag in LISTS:
            self._lists.append(open_list(tag, attributes, properties))
            self._opened[-1].ends = "list"
        elif tag == "li" and self._lists:
            self._marker = self._lists[-1].marker(attributes, properties)
        elif tag == "tr":
            self._rows.append([])
            self._opened[-1].ends = "row"
        elif tag in {"td", "th"} and self._rows:
            self._rows[-1].append([])

    def _leave_part(self, part: str) -> None:
        if part in {"heading", "item"}:
            self._kinds.pop()
            self._marker = ""
        elif part == "contents":
            self._contents -= 1
        elif part == "list":
            self._lists.pop()
        elif part == "row":
            self._end_row()

    def _end_piece(self) -> None:
        """Make pieces of the words since the last block began or ended."""
        self.hidden.part()
        raw, preformatted = "".join(self._words), self._preformatted
        self._words, self._preformatted = [], False
        if not raw.strip():
            return
        level, kind = self._kinds[-1] if self._kinds else (0, "paragraph")
        pieces: list[FlowPiece]
        if level > 0:
            pieces = [FlowPiece(tidy_text(raw), "heading", level)]
        elif preformatted:
            pieces = [*plain.pieces_of(raw)]
        else:
            pieces = [FlowPiece(tidy_text(part), kind) for part in EMPTY_LINE.split(raw)]
        pieces = [piece for piece in pieces if piece.text]
        if pieces and self._marker:
            first = pieces[0]
            pieces[0] = FlowPiece(f"{self._marker}{first.text}", first.kind, first.level)
            self._marker = ""
        if self._contents:
            pieces = [replace(piece, listed=True) for piece in pieces]
        if level > 0:
            # A page that never ends its heading has paragraphs in it.
            self._kinds[-1] = 0, "paragraph"
        self._sink().extend(pieces)

    def _sink(self) -> list[FlowPiece]:
        cells = self._rows[-1] if self._rows else []
        return cells[-1] if cells else self._ready

    def _end_row(self) -> None:
        """Short cells of a row are one passage, so that a label and its value stay together."""
        # Example: <tr><th>Outcome</th><td>Died</td></tr> is "Outcome | Died". A row whose cells
        # have several paragraphs lays out the page: they stay apart.
        cells = [cell for cell in self._rows.pop() if cell]
        pieces = [piece for cell in cells for piece in cell]
        is_joined = len(cells) > 1 and all(
            len(cell) == 1 and cell[0].kind == "paragraph" and len(cell[0].text) <= LONGEST_CELL
            for cell in cells
        )
        if is_joined:
            pieces = [
                FlowPiece(" | ".join(piece.text for piece in pieces), listed=pieces[0].listed)
            ]
        self._sink().extend(pieces)

    def _mark_note(self, start: int) -> None:
        """Write the number of a note so that it cannot be taken for a part of the words."""
        # Examples: "weak" and a raised 12 is "weak[12]", "10" and a raised 3 is "10^3"; "1st", "m2"
        # and "[12]" stay.
        note = "".join(self._words[start:]).strip()
        before = "".join(self._words[max(0, start - 4) : start])
        if not NOTE.fullmatch(note):
            return
        if BEFORE_NOTE.search(before):
            self._words[start:] = [f"[{note}]"]
        elif before[-1:].isdigit() and note.isdigit():
            self._words[start:] = [f"^{note}"]


def _heading_level(tag: str, attributes: Mapping[str, str | None], properties: Properties) -> int:
    """The level of a heading, from 1; 0 for any other element."""
    if tag in HEADINGS:
        return HEADINGS[tag]
    if (attributes.get("role") or "").lower() == "heading":
        return min(max(whole_number(attributes.get("aria-level")) or 2, 1), 9)
    outline = whole_number(properties.get("mso-outline-level"))
    return outline if outline and 1 <= outline <= 9 else 0
