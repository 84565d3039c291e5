"""Read an editor's text into blocks: a subset of Markdown, and marks that name what is cited.

Pure and total: every text gives blocks. What is not understood stays as words, with a fault that
names its line. There is no HTML: tags are text.

Marks: {T3/deaths/n} a number, {see T3} a place in the report, {quote KEY} on a line of its own the
words of a passage, [@KEY] a note to a passage, [@record:NAME] a publication. Two print nothing:
{check most: T3/deaths/n} links a word to the numbers it rests on, {exempt two: reason} says why a
number needs no link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal

from waymark.core.errors import FileFault
from waymark.core.extras import LaterModule

if TYPE_CHECKING:
    import markdown_it
    from markdown_it.token import Token
else:
    markdown_it = LaterModule("markdown_it")

RULES = ("heading", "list", "blockquote", "emphasis", "link", "escape", "newline", "entity")
SECTION, PART = 3, 4
MARK = re.compile(
    r"\{(?P<cell>T\d{1,3}/[^/{}\n]+/[^/{}\n]+)\}"
    r"|\{see (?P<see>[^{}\n]+)\}"
    r"|\{quote (?P<quote>[^{}\n]+)\}"
    # These print nothing, so the space before them goes too.
    r"|[ \t]*\{check (?P<check>[^{}\n]+)\}"
    r"|[ \t]*\{exempt (?P<exempt>[^{}\n]+)\}"
    r"|\[@record:(?P<record>[^\[\]\s]+)\]"
    r"|\[@(?P<note>[^\[\]\s]+)\]"
    # Last, anything in the form of a mark, to report it: "{T3/n}" or "[@]" are typing errors.
    r"|(?P<unknown>\{[^{}\n]*\}|\[@[^\[\]\n]*\])"
)
MarkKind = Literal["cell", "see", "quote", "record", "note", "check", "exempt"]
PRINTED_IN_SENTENCES: tuple[MarkKind, ...] = ("cell", "see", "record", "note")
SILENT_MARKS: tuple[MarkKind, ...] = ("check", "exempt")
"""Kinds of marks that print nothing."""
UNKNOWN = (
    "is not a mark: use {T3/row/column}, {see T3}, {quote KEY}, [@KEY], [@record:NAME],"
    " {check word: T3/row/column} or {exempt word: reason}"
)


@dataclass(frozen=True, slots=True)
class WordsRun:
    """Words as typed. strong: bold; stressed: italic. line: counted from 1."""

    text: str
    line: int
    strong: bool = False
    stressed: bool = False


@dataclass(frozen=True, slots=True)
class TextMark:
    """Mark as typed. name: of what it refers to; line: counted from 1."""

    kind: MarkKind
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class LinkedText:
    """Words that link to an https address."""

    text: str
    url: str


Run = WordsRun | TextMark | LinkedText
Runs = tuple[Run, ...]


@cache
def _reader() -> markdown_it.MarkdownIt:
    # "zero" knows only paragraphs and text: everything else must be named, so a new version of the
    # library cannot let more Markdown (or HTML) in.
    return markdown_it.MarkdownIt("zero").enable(list(RULES))


@dataclass(frozen=True, slots=True)
class SectionHead:
    """Heading of a section. level: 3 or 4."""

    level: int
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class TextParagraph:
    runs: Runs


@dataclass(frozen=True, slots=True)
class TextList:
    items: tuple[Runs, ...]
    ordered: bool


@dataclass(frozen=True, slots=True)
class TextAside:
    paragraphs: tuple[Runs, ...]


@dataclass(frozen=True, slots=True)
class TextQuote:
    """Quotation of a passage, by its key."""

    mark: TextMark


Block = SectionHead | TextParagraph | TextList | TextAside | TextQuote


@dataclass(frozen=True, slots=True)
class MarkdownText:
    """Text as read: its blocks in order, and its faults."""

    blocks: tuple[Block, ...]
    faults: tuple[FileFault, ...]

    def marks(self) -> Iterator[TextMark]:
        """Every mark, in order."""
        for block in self.blocks:
            match block:
                case TextQuote():
                    yield block.mark
                case TextParagraph():
                    yield from _marks_of(block.runs)
                case TextList():
                    for item in block.items:
                        yield from _marks_of(item)
                case TextAside():
                    for paragraph in block.paragraphs:
                        yield from _marks_of(paragraph)


def _marks_of(runs: Runs) -> Iterator[TextMark]:
    return (run for run in runs if isinstance(run, TextMark))


def read_text(source: str, *, level: int = SECTION) -> MarkdownText:
    """Read a text into blocks; never raises.

    level: of its highest headings: 3, or 4 if it is inside a section that has a heading already.
    """
    reading = _MarkdownReader(level)
    tokens = _reader().parse(source)
    at = 0
    while at < len(tokens):
        at = reading.block(tokens, at)
    return MarkdownText(tuple(reading.blocks), tuple(reading.faults))


@dataclass(slots=True)
class _MarkdownReader:
    level: int
    blocks: list[Block] = field(default_factory=list)
    faults: list[FileFault] = field(default_factory=list)
    sections: int = 0

    def add_fault(self, line: int, message: str) -> None:
        self.faults.append(FileFault(line, message))

    def block(self, tokens: Sequence[Token], at: int) -> int:
        """Read the block that begins at an index; return the index after it."""
        end = _end_of(tokens, at)
        inside = tokens[at + 1 : end]
        match tokens[at].type:
            case "heading_open":
                self._heading(tokens[at], inside)
            case "bullet_list_open" | "ordered_list_open":
                ordered = tokens[at].type.startswith("ordered")
                items = tuple(self._items(inside))
                if items:
                    self.blocks.append(TextList(items, ordered))
            case "blockquote_open":
                paragraphs = tuple(
                    runs
                    for token in inside
                    if token.type == "inline" and (runs := self._runs(token))
                )
                if paragraphs:
                    self.blocks.append(TextAside(paragraphs))
            case _:
                for token in inside:
                    if token.type == "inline":
                        self._paragraph(token)
        return end + 1

    def _heading(self, token: Token, inside: Sequence[Token]) -> None:
        line = _line_number(token)
        depth = int(token.tag[1])
        if depth not in (SECTION, PART):
            self.add_fault(line, "use ### or #### for headings: the chapter has its own above them")
        level = SECTION if depth <= SECTION else PART
        # Under a theme every heading is of level 4. Elsewhere a #### before any ### would skip a
        # level, which screen readers report as an error.
        if self.level == PART or (level == PART and not self.sections):
            level = self.level
        self.sections += level == SECTION
        runs = [run for child in inside if child.type == "inline" for run in self._runs(child)]
        # A number or note in a heading would be in the table of contents too, far from what
        # explains it.
        if any(not isinstance(run, WordsRun) for run in runs):
            self.add_fault(line, "a heading can contain only words: no mark, no link")
        text = "".join(run.text for run in runs if isinstance(run, WordsRun)).strip()
        if text:
            self.blocks.append(SectionHead(level, text, line))
        else:
            self.add_fault(line, "a heading needs words")

    def _items(self, inside: Sequence[Token]) -> Iterator[Runs]:
        """Items of a list; those of a nested list follow the item they are under."""
        runs: list[Run] = []
        for token in inside:
            if token.type == "list_item_open" and runs:
                yield tuple(runs)
                runs = []
            elif token.type.endswith("list_open"):
                self.add_fault(_line_number(token), "lists cannot be nested: make it one list")
            elif token.type == "inline":
                # Several paragraphs of one item become one text with a space between them.
                runs += [WordsRun(" ", _line_number(token))] if runs else []
                runs += self._runs(token)
        if runs:
            yield tuple(runs)

    def _paragraph(self, token: Token) -> None:
        """Add a paragraph, or quotations if each of its lines is one."""
        # Markdown joins lines without an empty line between them, so quotations on two such lines
        # arrive as one paragraph.
        lines = [MARK.fullmatch(line.strip()) for line in token.content.split("\n")]
        if lines and all(match is not None and match["quote"] for match in lines):
            for number, match in enumerate(lines):
                if match is not None:
                    mark = TextMark("quote", match["quote"].strip(), _line_number(token) + number)
                    self.blocks.append(TextQuote(mark))
            return
        runs = self._runs(token)
        if runs:
            self.blocks.append(TextParagraph(runs))

    def _runs(self, token: Token) -> Runs:
        """Runs of a paragraph: words, links and marks."""
        line = _ParagraphReader(self, _line_number(token))
        for child in token.children or ():
            line.take(child)
        line.finish()
        # Only spaces and empty marks of style: no paragraph.
        return tuple(line.runs) if any(_has_content(run) for run in line.runs) else ()

    def url(self, url: str, line: int) -> str | None:
        if re.match(r"https://[^\s/]+", url):
            return url
        self.add_fault(
            line, f"a link must be https:// and the name of a site, not {url[:60] or 'empty'}"
        )
        return None

    def marked(self, text: str, line: int, *, strong: bool, stressed: bool) -> Iterator[Run]:
        """Split a text into words and marks; an unknown mark stays words, with a fault."""
        at = 0
        for match in MARK.finditer(text):
            kind = match.lastgroup
            if kind == "unknown" or kind == "quote":
                message = f"{match[0]} {UNKNOWN}"
                if kind == "quote":
                    message = "put a quotation on a line of its own, with empty lines around it"
                self.add_fault(line, message)
                continue
            if match.start() > at:
                yield WordsRun(text[at : match.start()], line, strong, stressed)
            for name in PRINTED_IN_SENTENCES + SILENT_MARKS:
                if kind == name:
                    yield TextMark(name, match[name].strip(), line)
            at = match.end()
        if text[at:]:
            yield WordsRun(text[at:], line, strong, stressed)


@dataclass(slots=True)
class _ParagraphReader:
    """State of a paragraph while its tokens are read. line: of the next token."""

    reading: _MarkdownReader
    line: int
    runs: list[Run] = field(default_factory=list)
    text: str = ""
    url: str | None = None
    strong: int = 0
    stressed: int = 0

    def take(self, piece: Token) -> None:
        """Read the next token: words, a line break, or the beginning or end of a style."""
        if piece.type in {"text", "text_special"}:
            self.text += piece.content
        elif piece.type in {"softbreak", "hardbreak"}:
            self._next_line()
        else:
            self.finish()
            self.strong += {"strong_open": 1, "strong_close": -1}.get(piece.type, 0)
            self.stressed += {"em_open": 1, "em_close": -1}.get(piece.type, 0)
            # A link that is refused keeps its words as plain text: url stays None until link_close.
            if piece.type in {"link_open", "link_close"}:
                leads = str(piece.attrs.get("href", ""))
                opens = piece.type == "link_open"
                self.url = self.reading.url(leads, self.line) if opens else None

    def _next_line(self) -> None:
        if self.url is None:
            self.finish()
            self.runs.append(WordsRun(" ", self.line))
        else:
            self.text += " "
        self.line += 1

    def finish(self) -> None:
        """Turn the words gathered so far into runs."""
        if self.text and self.url is not None:
            self.runs.append(LinkedText(self.text, self.url))
        elif self.text:
            runs = self.reading.marked(
                self.text, self.line, strong=self.strong > 0, stressed=self.stressed > 0
            )
            self.runs.extend(runs)
        self.text = ""


def _has_content(run: Run) -> bool:
    return isinstance(run, TextMark) or bool(run.text.strip())


def _line_number(token: Token) -> int:
    # Only block tokens have a map: [first line, line after the last], counted from 0.
    return token.map[0] + 1 if token.map else 0


def _end_of(tokens: Sequence[Token], at: int) -> int:
    """Index of the token that closes the one at an index."""
    depth = 0
    for place in range(at, len(tokens)):
        # nesting is 1 for an opening token, -1 for a closing one, 0 for one that stands alone.
        depth += tokens[place].nesting
        if depth <= 0:
            return place
    return len(tokens)
