"""An editor's text -> blocks: a small part of Markdown, and marks that name what is cited.

Pure, and total: any text gives blocks, and what is not understood stays as words, with a fault that
names its line. There is no HTML: what looks like it is text.

Marks: {T3/deaths/n} a number, {see T3} a place of the report, {quote KEY} on a line of its own the
words of a passage, [@KEY] a note to a passage, [@record:NAME] a publication.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from waymark.core.errors import Fault

READER = MarkdownIt("zero").enable(
    ["heading", "list", "blockquote", "emphasis", "link", "escape", "newline", "entity"]
)
SECTION, PART = 3, 4
MARK = re.compile(
    r"\{(?P<cell>T\d{1,3}/[^/{}\n]+/[^/{}\n]+)\}"
    r"|\{see (?P<see>[^{}\n]+)\}"
    r"|\{quote (?P<quote>[^{}\n]+)\}"
    r"|\[@record:(?P<record>[^\[\]\s]+)\]"
    r"|\[@(?P<note>[^\[\]\s]+)\]"
    r"|(?P<unknown>\{[^{}\n]*\}|\[@[^\[\]\n]*\])"
)
MarkKind = Literal["cell", "see", "quote", "record", "note"]
UNKNOWN = "is no mark: there are {T3/row/column}, {see T3}, {quote KEY}, [@KEY] and [@record:NAME]"


@dataclass(frozen=True, slots=True)
class Said:
    """Words as typed. strong, stressed: how. line counted from 1."""

    text: str
    line: int
    strong: bool = False
    stressed: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark as typed. name: what it names; line counted from 1."""

    kind: MarkKind
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Linked:
    """Words that lead to an https address."""

    text: str
    url: str


Run = Said | Mark | Linked
Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class SectionHead:
    """level: 3 or 4."""

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
    """The words of a passage, by its key."""

    mark: Mark


Block = SectionHead | TextParagraph | TextList | TextAside | TextQuote


@dataclass(frozen=True, slots=True)
class Text:
    """A text as read: its blocks in order, and what is wrong with it."""

    blocks: tuple[Block, ...]
    faults: tuple[Fault, ...]

    def marks(self) -> Iterator[Mark]:
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


def _marks_of(runs: Runs) -> Iterator[Mark]:
    return (run for run in runs if isinstance(run, Mark))


def read_text(source: str, *, level: int = SECTION) -> Text:
    """The blocks of a text. level: of its highest headings, 3, or 4 under a section made already.

    Never raises.
    """
    reading = _Reading(level)
    tokens = READER.parse(source)
    at = 0
    while at < len(tokens):
        at = reading.block(tokens, at)
    return Text(tuple(reading.blocks), tuple(reading.faults))


@dataclass(slots=True)
class _Reading:
    level: int
    blocks: list[Block] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sections: int = 0

    def wrong(self, line: int, message: str) -> None:
        self.faults.append(Fault(line, message))

    def block(self, tokens: Sequence[Token], at: int) -> int:
        """Read the block that begins at a place. The place after it."""
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
        line = _line(token)
        depth = int(token.tag[1])
        if depth not in (SECTION, PART):
            self.wrong(line, "headings begin with ### or ####: the chapter has its own above them")
        level = SECTION if depth <= SECTION else PART
        if self.level == PART or (level == PART and not self.sections):
            level = self.level
        self.sections += level == SECTION
        runs = [run for one in inside if one.type == "inline" for run in self._runs(one)]
        if any(not isinstance(run, Said) for run in runs):
            self.wrong(line, "a heading holds words alone: no mark, no link")
        text = "".join(run.text for run in runs if isinstance(run, Said)).strip()
        if text:
            self.blocks.append(SectionHead(level, text, line))
        else:
            self.wrong(line, "a heading needs words")

    def _items(self, inside: Sequence[Token]) -> Iterator[Runs]:
        """The items of a list; those of a list within it follow the one they stand under."""
        runs: list[Run] = []
        for token in inside:
            if token.type == "list_item_open" and runs:
                yield tuple(runs)
                runs = []
            elif token.type.endswith("list_open"):
                self.wrong(_line(token), "a list within a list is not used here: make it one list")
            elif token.type == "inline":
                runs += [Said(" ", _line(token))] if runs else []
                runs += self._runs(token)
        if runs:
            yield tuple(runs)

    def _paragraph(self, token: Token) -> None:
        """A paragraph, or the quotations of which each has a line of its own."""
        lines = [MARK.fullmatch(line.strip()) for line in token.content.split("\n")]
        if lines and all(found is not None and found["quote"] for found in lines):
            for number, found in enumerate(lines):
                if found is not None:
                    mark = Mark("quote", found["quote"].strip(), _line(token) + number)
                    self.blocks.append(TextQuote(mark))
            return
        runs = self._runs(token)
        if runs:
            self.blocks.append(TextParagraph(runs))

    def _runs(self, token: Token) -> Runs:
        """What stands in a paragraph, with its marks found."""
        made = _Line(self, _line(token))
        for child in token.children or ():
            made.take(child)
        made.finish()
        return tuple(made.runs) if any(_says(run) for run in made.runs) else ()

    def url(self, url: str, line: int) -> str | None:
        if re.match(r"https://[^\s/]+", url):
            return url
        self.wrong(line, f"a link leads to https:// and a site, not to {url[:60] or 'nothing'}")
        return None

    def marked(self, text: str, line: int, *, strong: bool, stressed: bool) -> Iterator[Run]:
        """A piece of text as words and marks; what is no mark stays words, with a fault."""
        at = 0
        for found in MARK.finditer(text):
            kind = found.lastgroup
            if kind == "unknown" or kind == "quote":
                said = f"{found[0]} {UNKNOWN}"
                if kind == "quote":
                    said = "a quotation stands on a line of its own, with an empty line around it"
                self.wrong(line, said)
                continue
            if found.start() > at:
                yield Said(text[at : found.start()], line, strong, stressed)
            for name in ("cell", "see", "record", "note"):
                if kind == name:
                    yield Mark(name, found[name].strip(), line)
            at = found.end()
        if text[at:]:
            yield Said(text[at:], line, strong, stressed)


@dataclass(slots=True)
class _Line:
    """A paragraph while it is read, piece by piece. line: of the piece that comes next."""

    reading: _Reading
    line: int
    runs: list[Run] = field(default_factory=list)
    text: str = ""
    url: str | None = None
    strong: int = 0
    stressed: int = 0

    def take(self, piece: Token) -> None:
        """The next piece: words, a break, or where something begins or ends."""
        if piece.type in {"text", "text_special"}:
            self.text += piece.content
        elif piece.type in {"softbreak", "hardbreak"}:
            self._next_line()
        else:
            self.finish()
            self.strong += {"strong_open": 1, "strong_close": -1}.get(piece.type, 0)
            self.stressed += {"em_open": 1, "em_close": -1}.get(piece.type, 0)
            if piece.type in {"link_open", "link_close"}:
                leads = str(piece.attrs.get("href", ""))
                opens = piece.type == "link_open"
                self.url = self.reading.url(leads, self.line) if opens else None

    def _next_line(self) -> None:
        if self.url is None:
            self.finish()
            self.runs.append(Said(" ", self.line))
        else:
            self.text += " "
        self.line += 1

    def finish(self) -> None:
        """What was gathered as runs."""
        if self.text and self.url is not None:
            self.runs.append(Linked(self.text, self.url))
        elif self.text:
            said = self.reading.marked(
                self.text, self.line, strong=self.strong > 0, stressed=self.stressed > 0
            )
            self.runs.extend(said)
        self.text = ""


def _says(run: Run) -> bool:
    return isinstance(run, Mark) or bool(run.text.strip())


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def _end_of(tokens: Sequence[Token], at: int) -> int:
    """The place of the token that closes the one at a place."""
    depth = 0
    for place in range(at, len(tokens)):
        depth += tokens[place].nesting
        if depth <= 0:
            return place
    return len(tokens)
