"""Plan, texts and release -> the whole report as one document, with every fault of its texts.

Pure. First what stands where: made parts and the blocks of texts, chapter by chapter. Then all that
can be referred to has its number. Then marks become words: numbers, references, notes.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from waymark.core.errors import NotFound
from waymark.documents.keys import KEY
from waymark.overview.release import Release
from waymark.publishing.citations import ReportText
from waymark.publishing.markdown import (
    Block,
    Linked,
    Mark,
    Runs,
    Said,
    SectionHead,
    TextAside,
    TextList,
    TextParagraph,
    TextQuote,
)
from waymark.publishing.marks import explained
from waymark.publishing.nodes import (
    Aside,
    ChapterList,
    Document,
    Edition,
    Heading,
    Inline,
    Node,
    Note,
    NoteMark,
    Notes,
    Number,
    Paragraph,
    Points,
    Quotation,
    Reference,
    Source,
    Sources,
    Styled,
    WebLink,
    Words,
    plain,
)
from waymark.publishing.parts import ChapterPieces, Piece, Written, chapters, full, source_anchor
from waymark.publishing.render import contents, name_of

DIGITS = re.compile(r"(?<![\w.,])(?!(?:1[89]|20)\d\d(?![\d,.]\d))\d[\d,.]*(?:%| per cent)?(?!\w)")
"""Numbers but years."""
CLOSED = "The words that were quoted here are no longer open to the public."
NOT_UNDER = "The words quoted here cannot be shown under the disclosure profile {0}."
CLOSED_NOTE = "A report that is no longer open to the public."


@dataclass(frozen=True, slots=True)
class TextFault:
    """What is wrong with a text, where, and what to do. line counted from 1; 0: all of it.

    readable: a reader can understand what stands there instead, as [c] with its meaning. Such a
    text can be rendered as a draft; it cannot be signed.
    """

    slot: str
    line: int
    message: str
    readable: bool = False

    def __str__(self) -> str:
        place = f"{self.slot}, line {self.line}" if self.line else self.slot
        return f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Composed:
    """A report as composed. faults: none where it may be signed.

    typed: numbers that stand in texts as digits, for people to look at: no table vouches for them.
    """

    document: Document
    faults: tuple[TextFault, ...]
    typed: tuple[TextFault, ...] = ()


def composed(
    release: Release,
    report: ReportText,
    edition: Edition,
    *,
    refused: Mapping[str, str] | None = None,
    doors: Collection[str] = (),
    closed: Collection[str] = (),
) -> Composed:
    """The whole report. Raises SpecError for a plan that cannot be read, RuleError as document().

    refused: why keys that texts name cannot be cited (drafts); doors: those of them that only the
    profile closes. closed: keys of reports whose words may no longer be shown.
    """
    making = _Making(release, report, dict(refused or {}), frozenset(doors), frozenset(closed))
    made, faults = chapters(release, report, edition)
    making.faults += [TextFault(slot, fault.line, fault.message) for slot, fault in faults]
    numbered = _numbered(made)
    making.targets = _targets(numbered, release)
    nodes = [node for pieces in numbered for node in explained(list(making.chapter(pieces)))]
    front: list[Node] = [
        Heading(2, "Contents", "contents"),
        _list_of(nodes),
        contents(release),
    ]
    spec = release.spec
    document = Document(
        title=spec.title,
        subtitle=spec.subtitle,
        scope=f"{spec.place}, {spec.period}",
        edition=edition.said,
        dated=edition.on,
        nodes=(*front, *(making.filled(node) for node in nodes)),
    )
    making.faults.sort(key=lambda fault: (fault.slot, fault.line))
    return Composed(document, tuple(dict.fromkeys(making.faults)), tuple(making.typed))


# ---- numbers of chapters and sections ----


def _numbered(made: Sequence[ChapterPieces]) -> list[list[Piece]]:
    """Chapters with the numbers of their headings. A text's heading becomes a heading here."""
    counted = lettered = 0
    result: list[list[Piece]] = []
    for chapter in made:
        number = ""
        if chapter.numbered == "count":
            counted += 1
            number = str(counted)
        elif chapter.numbered == "letter":
            number = f"Appendix {chr(ord('A') + lettered % 26)}"
            lettered += 1
        result.append(list(_chapter_numbered(chapter.pieces, number)))
    return result


def _chapter_numbered(pieces: Sequence[Piece], number: str) -> Iterator[Piece]:
    sections = parts = 0
    chapter = ""
    lead = number.removeprefix("Appendix ")
    for piece in pieces:
        match piece:
            case Heading(level=2):
                chapter = piece.anchor
                yield replace(piece, number=number)
            case Heading(level=3):
                sections += 1
                yield replace(piece, number=f"{lead}.{sections}" if lead else "")
            case Written(block=SectionHead() as head):
                parts += 1
                sections += head.level == 3
                shown = f"{lead}.{sections}" if lead and head.level == 3 else ""
                yield Heading(head.level, head.text, f"{chapter}--{parts}", shown)
            case _:
                yield piece


def _targets(made: Sequence[Sequence[Piece]], release: Release) -> dict[str, Reference]:
    """What {see ...} may name: tables, figures, chapters, sections by "chapter/heading", themes."""
    found = {one.id: Reference(name_of(one.id), one.id) for one in release.spec.tables}
    found |= {one.id: Reference(name_of(one.id), one.id) for one in release.spec.figures}
    for pieces in made:
        chapter = ""
        for piece in pieces:
            if not isinstance(piece, Heading):
                continue
            reference = Reference(_called(piece), piece.anchor)
            if piece.level == 2:
                chapter = piece.anchor
                found[chapter] = reference
                continue
            found.setdefault(f"{chapter}/{piece.text}", reference)
            theme = piece.anchor.removeprefix(f"{chapter}--")
            if not theme.isdigit():
                found.setdefault(theme, reference)
    return found


def _called(heading: Heading) -> str:
    """A heading as a sentence refers to it."""
    if not heading.number:
        return f"“{heading.text}”"
    if heading.number.startswith("Appendix"):
        return f"appendix {heading.number.removeprefix('Appendix ')}"
    return f"{'chapter' if heading.level == 2 else 'section'} {heading.number}"


def _list_of(nodes: Sequence[Node]) -> ChapterList:
    found: list[tuple[Heading, list[Heading]]] = []
    for node in nodes:
        if isinstance(node, Heading) and node.level == 2:
            found.append((node, []))
        elif isinstance(node, Heading) and node.level == 3 and found:
            found[-1][1].append(node)
    return ChapterList(tuple((chapter, tuple(sections)) for chapter, sections in found))


# ---- marks become words ----


def _begins(before: Sequence[Inline]) -> bool:
    """Whether a sentence begins after these words."""
    said = plain(tuple(before)).rstrip()
    return not said or said.endswith((".", "?", "!"))


@dataclass(slots=True)
class _Making:
    release: Release
    report: ReportText
    refused: dict[str, str]
    doors: frozenset[str]
    closed: frozenset[str]
    targets: dict[str, Reference] = field(default_factory=dict)
    faults: list[TextFault] = field(default_factory=list)
    typed: list[TextFault] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)

    def chapter(self, pieces: Sequence[Piece]) -> Iterator[Node]:
        """The nodes of a chapter, in order."""
        for piece in pieces:
            if isinstance(piece, Written):
                yield from self._block(piece.slot, piece.block)
            else:
                yield piece

    def _block(self, slot: str, block: Block) -> Iterator[Node]:
        match block:
            case TextParagraph():
                yield Paragraph(self._words(slot, block.runs), written=True)
            case TextList():
                points = tuple(self._words(slot, item) for item in block.items)
                yield Points(points, ordered=block.ordered, written=True)
            case TextAside():
                yield Aside(tuple(self._words(slot, one) for one in block.paragraphs))
            case TextQuote():
                yield self._quotation(slot, block.mark)

    def _words(self, slot: str, runs: Runs) -> Words:
        made: list[Inline] = []
        for run in runs:
            part = self._inline(slot, run)
            if isinstance(part, Reference) and _begins(made):
                part = replace(part, shown=part.shown[0].upper() + part.shown[1:])
            made.append(part)
        return tuple(made)

    def _inline(self, slot: str, run: Said | Linked | Mark) -> Inline:
        match run:
            case Said():
                self._look_at(slot, run)
                if run.strong or run.stressed:
                    return Styled(run.text, run.strong)
                return run.text
            case Linked():
                return WebLink(run.text, run.url)
            case Mark(kind="cell"):
                return self._cell(slot, run)
            case Mark(kind="see"):
                found = self.targets.get(run.name)
                return found or self._wrong(slot, run, self._no_place(run.name))
            case Mark(kind="record"):
                return self._record(slot, run)
            case _:
                return self._note(slot, run)

    def _look_at(self, slot: str, said: Said) -> None:
        for found in DIGITS.findall(said.text):
            self.typed.append(TextFault(slot, said.line, f"{found} is typed by hand"))

    def _wrong(self, slot: str, mark: Mark, message: str) -> str:
        """What stands in the place of a mark that cannot be followed, with its fault."""
        self.faults.append(TextFault(slot, mark.line, message))
        return f"[to be put right in line {mark.line} of this text]"

    def _no_place(self, name: str) -> str:
        near = get_close_matches(name, self.targets, n=3, cutoff=0.5)
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        return (
            f"{{see {name}}}: there is no such place. Name a table as T3, a figure as F3, a"
            f" chapter, a section as chapter/heading, or the code of a theme{meant}"
        )

    def _cell(self, slot: str, mark: Mark) -> Inline:
        table, row, column = mark.name.split("/")
        try:
            cell = self.release.table(table).table.cell(row, column)
        except (KeyError, NotFound):
            return self._wrong(slot, mark, self._no_cell(table, row))
        if cell.mark:
            why = "is withheld" if cell.mark == "[c]" else f"stands as {cell.mark}"
            said = f"{{{mark.name}}} {why} under {self.release.profile}: name another number"
            self.faults.append(TextFault(slot, mark.line, said, readable=True))
            return Number(table, row, column, cell.mark, opens=False)
        return Number(table, row, column, cell.shown, opens=bool(cell.records))

    def _no_cell(self, table: str, row: str) -> str:
        try:
            held = self.release.table(table).table
        except NotFound as error:
            return str(error)
        rows = [one.id for one in held.rows]
        if row not in rows:
            return f"{table} has no row {row}; it has {', '.join(rows)}"
        return f"{table} has no such column; it has {', '.join(one.id for one in held.columns)}"

    def _record(self, slot: str, mark: Mark) -> Inline:
        found = self.report.records.get(mark.name)
        if found is None:
            said = f"there is no publication {mark.name} in the catalogue that the public may see"
            return self._wrong(slot, mark, self.refused.get(mark.name, said))
        self.sources[mark.name] = None
        return Reference(f"({found.short})", source_anchor(mark.name))

    def _closed_door(self, slot: str, mark: Mark) -> bool:
        """Whether the profile alone closes a passage, which is then a fault of the text."""
        if mark.name not in self.doors:
            return False
        self.faults.append(TextFault(slot, mark.line, self._why_not(mark.name), readable=True))
        return True

    def _note(self, slot: str, mark: Mark) -> Inline:
        if self._closed_door(slot, mark):
            return ""
        if not self._citable(mark.name):
            return self._wrong(slot, mark, self._why_not(mark.name))
        return NoteMark(self.notes.setdefault(mark.name, len(self.notes) + 1))

    def _quotation(self, slot: str, mark: Mark) -> Node:
        if self._closed_door(slot, mark):
            return Paragraph((f"[{NOT_UNDER.format(self.release.profile)}]",))
        if not self._citable(mark.name):
            return Paragraph((self._wrong(slot, mark, self._why_not(mark.name)),), written=True)
        number = self.notes.setdefault(mark.name, len(self.notes) + 1)
        cited = self.report.passages[mark.name]
        if self._is_closed(mark.name):
            return Paragraph((f"[{CLOSED}]",))
        return Quotation(cited.words, cited.source, NoteMark(number), mark.name)

    def _citable(self, key: str) -> bool:
        return key in self.report.passages and key not in self.refused

    def _why_not(self, key: str) -> str:
        return self.refused.get(key, f"there is no passage {key}: copy its key from its page")

    def _is_closed(self, key: str) -> bool:
        found = KEY.fullmatch(key)
        return found is not None and found["report"] in self.closed

    def filled(self, node: Node) -> Node:
        """What the references hold is known only when all chapters are done."""
        match node:
            case Notes():
                return Notes(tuple(self._note_text(*one) for one in self.notes.items()))
            case Sources():
                records = [self.report.records[name] for name in self.sources]
                records.sort(key=lambda one: (one.short.lower(), one.key))
                return Sources(tuple(Source(source_anchor(one.key), full(one)) for one in records))
            case _:
                return node

    def _note_text(self, key: str, number: int) -> Note:
        if self._is_closed(key):
            return Note(number, CLOSED_NOTE, "")
        return Note(number, self.report.passages[key].note, key)
