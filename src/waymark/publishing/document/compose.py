"""Compose a whole report from its plan, texts and release, and list the faults of its texts.

Pure. Three steps: gather the pieces of each chapter (generated parts, blocks of texts); number all
that can be referred to; replace the marks by words (numbers, references, notes).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from waymark.core.errors import NotFound
from waymark.core.near_names import did_you_mean
from waymark.documents.keys import KEY
from waymark.overview.releases.release import Release
from waymark.publishing.document.blocks import (
    Piece,
    WrittenBlock,
    full_reference,
    gather_chapters,
    source_anchor,
)
from waymark.publishing.document.citations import ReportContent
from waymark.publishing.document.markdown import (
    SILENT_MARKS,
    Block,
    LinkedText,
    Runs,
    TextAside,
    TextList,
    TextMark,
    TextParagraph,
    TextQuote,
    WordsRun,
)
from waymark.publishing.document.nodes import (
    AsideNode,
    ChapterList,
    CitedSource,
    EditionInfo,
    FigureNode,
    HeadingNode,
    Inline,
    InlineNumber,
    InlineReference,
    Node,
    NoteList,
    NoteMark,
    ParagraphNode,
    PointList,
    QuotationNode,
    ReportDocument,
    ReportNote,
    SourceList,
    StyledText,
    TableNode,
    WebLink,
    Words,
    plain_text,
)
from waymark.publishing.document.numbering import number_chapters
from waymark.publishing.document.render import contents_lists, name_of
from waymark.publishing.document.table_marks import explain_marks
from waymark.publishing.document.table_notes import NoteNumbers

KEPT_NUMBERS = (
    "Tables and figures keep their numbers in every edition, so that a reference stays right. They"
    " are numbered in the order of the data, which is not always the order of the chapters."
)
CLOSED = "The words quoted here are no longer public."
NOT_UNDER = "The words quoted here cannot be shown under the disclosure profile {0}."
CLOSED_NOTE = "A report that is no longer public."


@dataclass(frozen=True, slots=True)
class TextFault:
    """Fault of a text with its place and remedy. line: from 1; 0 for the whole text.

    readable: the text still makes sense to a reader, for example with [c] in place of a number.
    Such a text can be rendered as a draft, but not signed.
    """

    slot: str
    line: int
    message: str
    readable: bool = False

    def __str__(self) -> str:
        place = f"{self.slot}, line {self.line}" if self.line else self.slot
        return f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class ComposedReport:
    """Composed report. faults: of its marks; claims.check lists those of its sentences."""

    document: ReportDocument
    faults: tuple[TextFault, ...]


def compose_report(
    release: Release,
    report: ReportContent,
    edition: EditionInfo,
    *,
    refused: Mapping[str, str] | None = None,
    side_doors: Collection[str] = (),
    closed: Collection[str] = (),
) -> ComposedReport:
    """Compose a report. Raises SpecError for an unreadable plan, RuleError as plain_document()
    does.

    refused: for drafts, cited keys that may not be cited, with the reason. side_doors: those of
    them that only the profile closes. closed: keys of reports that are no longer public.
    """
    making = _ReportComposer(
        release, report, dict(refused or {}), frozenset(side_doors), frozenset(closed)
    )
    gathered, faults = gather_chapters(release, report, edition)
    making.faults += [TextFault(slot, fault.line, fault.message) for slot, fault in faults]
    numbered = number_chapters(gathered)
    # {see ...} may name a chapter that comes later, so all headings are numbered before any mark
    # is replaced.
    making.targets = _reference_targets(numbered, release)
    note_numbers = NoteNumbers()
    nodes = [
        node
        for pieces in numbered
        for node in explain_marks(list(note_numbers.number(making.chapter(pieces))))
    ]
    front: list[Node] = [
        HeadingNode(2, "Contents", "contents"),
        _chapter_list(nodes),
        contents_lists(release),
        *_note_on_numbers(nodes),
    ]
    spec = release.spec
    document = ReportDocument(
        title=spec.title,
        subtitle=spec.subtitle,
        scope=f"{spec.place}, {spec.period}",
        edition=edition.statement,
        dated=edition.dated,
        nodes=(*front, *(making.fill(node) for node in nodes)),
    )
    making.faults.sort(key=lambda fault: (fault.slot, fault.line))
    return ComposedReport(document, tuple(dict.fromkeys(making.faults)))


def _note_on_numbers(nodes: Sequence[Node]) -> Iterator[ParagraphNode]:
    """A sentence where the numbers of tables or figures do not rise from chapter to chapter."""
    tables = [int(node.protected.table.id[1:]) for node in nodes if isinstance(node, TableNode)]
    figures = [int(node.figure.id[1:]) for node in nodes if isinstance(node, FigureNode)]
    if tables != sorted(tables) or figures != sorted(figures):
        yield ParagraphNode((KEPT_NUMBERS,))


def _reference_targets(
    numbered: Sequence[Sequence[Piece]], release: Release
) -> dict[str, InlineReference]:
    """Targets of {see ...}: tables, figures, chapters, sections as "chapter/heading", themes."""
    targets = {part.id: InlineReference(name_of(part.id), part.id) for part in release.spec.tables}
    targets |= {
        part.id: InlineReference(name_of(part.id), part.id) for part in release.spec.figures
    }
    for pieces in numbered:
        chapter = ""
        for piece in pieces:
            if not isinstance(piece, HeadingNode):
                continue
            reference = InlineReference(_heading_reference(piece), piece.anchor)
            if piece.level == 2:
                chapter = piece.anchor
                targets[chapter] = reference
                continue
            targets.setdefault(f"{chapter}/{piece.text}", reference)
            # Anchors of generated headings end in a name, "key-themes--prac.assessment"; those of
            # headings in texts in a number, "introduction--2", which is not a target of its own.
            theme = piece.anchor.removeprefix(f"{chapter}--")
            if not theme.isdigit():
                targets.setdefault(theme, reference)
    return targets


def _heading_reference(heading: HeadingNode) -> str:
    """Name of a heading in a sentence: "section 4.2"."""
    if not heading.number:
        return f"“{heading.text}”"
    if heading.number.startswith("Appendix"):
        return f"appendix {heading.number.removeprefix('Appendix ')}"
    return f"{'chapter' if heading.level == 2 else 'section'} {heading.number}"


def _chapter_list(nodes: Sequence[Node]) -> ChapterList:
    entries: list[tuple[HeadingNode, list[HeadingNode]]] = []
    for node in nodes:
        if isinstance(node, HeadingNode) and node.level == 2:
            entries.append((node, []))
        elif isinstance(node, HeadingNode) and node.level == 3 and entries:
            entries[-1][1].append(node)
    return ChapterList(tuple((chapter, tuple(sections)) for chapter, sections in entries))


# ---- marks become words ----


def _begins_sentence(before: Sequence[Inline]) -> bool:
    """Return True if a sentence begins after these words."""
    text = plain_text(tuple(before)).rstrip()
    return not text or text.endswith((".", "?", "!"))


@dataclass(slots=True)
class _ReportComposer:
    release: Release
    report: ReportContent
    refused: dict[str, str]
    side_doors: frozenset[str]
    closed: frozenset[str]
    targets: dict[str, InlineReference] = field(default_factory=dict)
    faults: list[TextFault] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)

    def chapter(self, pieces: Sequence[Piece]) -> Iterator[Node]:
        """Nodes of a chapter, in order."""
        for piece in pieces:
            if isinstance(piece, WrittenBlock):
                yield from self._block(piece.slot, piece.block)
            else:
                yield piece

    def _block(self, slot: str, block: Block) -> Iterator[Node]:
        match block:
            case TextParagraph():
                yield ParagraphNode(self._words(slot, block.runs), written=True)
            case TextList():
                points = tuple(self._words(slot, item) for item in block.items)
                yield PointList(points, ordered=block.ordered, written=True)
            case TextAside():
                yield AsideNode(
                    tuple(self._words(slot, paragraph) for paragraph in block.paragraphs)
                )
            case TextQuote():
                yield self._quotation(slot, block.mark)

    def _words(self, slot: str, runs: Runs) -> Words:
        inlines: list[Inline] = []
        for run in runs:
            if isinstance(run, TextMark) and run.kind in SILENT_MARKS:
                continue
            part = self._inline(slot, run)
            if isinstance(part, InlineReference) and _begins_sentence(inlines):
                # "section 4.2" becomes "Section 4.2" at the beginning of a sentence.
                part = InlineReference(part.text[0].upper() + part.text[1:], part.anchor)
            inlines.append(part)
        return tuple(inlines)

    def _inline(self, slot: str, run: WordsRun | LinkedText | TextMark) -> Inline:
        match run:
            case WordsRun():
                if run.strong or run.stressed:
                    return StyledText(run.text, run.strong)
                return run.text
            case LinkedText():
                return WebLink(run.text, run.url)
            case TextMark(kind="cell"):
                return self._cell(slot, run)
            case TextMark(kind="see"):
                target = self.targets.get(run.name)
                return target or self._add_fault(slot, run, self._unknown_target(run.name))
            case TextMark(kind="record"):
                return self._record(slot, run)
            case _:
                return self._note(slot, run)

    def _add_fault(self, slot: str, mark: TextMark, message: str) -> str:
        """Record the fault of a mark that cannot be followed; return the words that replace it."""
        self.faults.append(TextFault(slot, mark.line, message))
        return f"[correct line {mark.line} of this text]"

    def _unknown_target(self, name: str) -> str:
        suggestion = did_you_mean(name, self.targets)
        return (
            f"{{see {name}}}: nothing in the report has that name. Name a table as T3, a figure as"
            f" F3, a chapter, a section as chapter/heading, or the code of a theme{suggestion}"
        )

    def _cell(self, slot: str, mark: TextMark) -> Inline:
        table, row, column = mark.name.split("/")
        try:
            cell = self.release.table(table).table.cell(row, column)
        except (KeyError, NotFound):
            return self._add_fault(slot, mark, self._unknown_cell(table, row))
        if cell.mark:
            why = "is withheld" if cell.is_withheld else f"is printed as {cell.mark}"
            message = f"{{{mark.name}}} {why} under {self.release.profile}: use another number"
            self.faults.append(TextFault(slot, mark.line, message, readable=True))
            return InlineNumber(table, row, column, cell.mark, opens=False)
        return InlineNumber(table, row, column, cell.shown, opens=bool(cell.records))

    def _unknown_cell(self, table: str, row: str) -> str:
        try:
            printed = self.release.table(table).table
        except NotFound as error:
            return str(error)
        rows = [known.id for known in printed.rows]
        if row not in rows:
            return f"{table} has no row {row}; it has {', '.join(rows)}"
        return (
            f"{table} has no such column; it has {', '.join(known.id for known in printed.columns)}"
        )

    def _record(self, slot: str, mark: TextMark) -> Inline:
        record = self.report.records.get(mark.name)
        if record is None:
            message = f"the public catalogue has no publication {mark.name}"
            return self._add_fault(slot, mark, self.refused.get(mark.name, message))
        self.sources[mark.name] = None
        return InlineReference(f"({record.short})", source_anchor(mark.name))

    def _is_side_door(self, slot: str, mark: TextMark) -> bool:
        """True if only the profile closes a passage; records that as a fault of the text."""
        if mark.name not in self.side_doors:
            return False
        self.faults.append(TextFault(slot, mark.line, self._refusal(mark.name), readable=True))
        return True

    def _note(self, slot: str, mark: TextMark) -> Inline:
        if self._is_side_door(slot, mark):
            return ""
        if not self._citable(mark.name):
            return self._add_fault(slot, mark, self._refusal(mark.name))
        # Notes are numbered in the order of first use; a passage cited again keeps its number.
        return NoteMark(self.notes.setdefault(mark.name, len(self.notes) + 1))

    def _quotation(self, slot: str, mark: TextMark) -> Node:
        if self._is_side_door(slot, mark):
            return ParagraphNode((f"[{NOT_UNDER.format(self.release.profile)}]",))
        if not self._citable(mark.name):
            return ParagraphNode(
                (self._add_fault(slot, mark, self._refusal(mark.name)),), written=True
            )
        number = self.notes.setdefault(mark.name, len(self.notes) + 1)
        # The note keeps its number even if the words are closed now: the numbers after it stay.
        cited = self.report.passages[mark.name]
        if self._is_closed(mark.name):
            return ParagraphNode((f"[{CLOSED}]",))
        return QuotationNode(cited.words, cited.source, NoteMark(number), mark.name)

    def _citable(self, key: str) -> bool:
        return key in self.report.passages and key not in self.refused

    def _refusal(self, key: str) -> str:
        return self.refused.get(key, f"there is no passage {key}: copy its key from its page")

    def _is_closed(self, key: str) -> bool:
        match = KEY.fullmatch(key)
        return match is not None and match["report"] in self.closed

    def fill(self, node: Node) -> Node:
        """Fill in the references, which are complete only once all chapters are composed."""
        match node:
            case NoteList():
                return NoteList(
                    tuple(self._note_text(key, number) for key, number in self.notes.items())
                )
            case SourceList():
                records = [self.report.records[name] for name in self.sources]
                records.sort(key=lambda record: (record.short.lower(), record.key))
                return SourceList(
                    tuple(
                        CitedSource(source_anchor(record.key), full_reference(record))
                        for record in records
                    )
                )
            case _:
                return node

    def _note_text(self, key: str, number: int) -> ReportNote:
        if self._is_closed(key):
            return ReportNote(number, CLOSED_NOTE, "")
        return ReportNote(number, self.report.passages[key].note, key)
