"""Compose a briefing, its one-page form and its seven-minute form as documents. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from waymark.briefings.text.briefing import BriefingContent
from waymark.briefings.text.sections import SHORT_TITLE, sections_of
from waymark.briefings.text.statements import BriefingStatement, StatementText
from waymark.core.wording import date_in_words
from waymark.publishing.document.blocks import full_reference, source_anchor
from waymark.publishing.document.compose import CLOSED, CLOSED_NOTE
from waymark.publishing.document.markdown import LinkedText, TextMark, WordsRun
from waymark.publishing.document.nodes import (
    CitedSource,
    EditionInfo,
    FactList,
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
    WebLink,
    Words,
)

DRAFT = "Draft, not published"
OWN_VIEW = "(our view)"
"""Printed after a statement that the author marked as their own."""
NOT_SHOWN = "not shown, to protect people"
CHECK_AGAIN = "[check again]"
"""Printed after a statement that rests on something that was withdrawn or changed since."""
WITHDRAWN_NUMBER = "[number withdrawn]"
ONE_PAGE_SLOTS = {"briefing": ("issues", "learning", "questions"), "guide": ("guidance",)}
ON_ONE_PAGE = 3
"""Most statements under a heading that the one-page form prints."""


@dataclass(frozen=True, slots=True)
class EditionState:
    """State of what an edition rests on, since it was signed.

    unreadable: keys of passages whose words are not public, and so left out. broken: text and
    number of each statement to check again. numbers_withdrawn: its numbers are left out.
    """

    unreadable: frozenset[str] = frozenset()
    broken: frozenset[tuple[str, int]] = frozenset()
    numbers_withdrawn: bool = False


AS_SIGNED = EditionState()


def compose_briefing(
    content: BriefingContent,
    edition: EditionInfo,
    *,
    state: EditionState = AS_SIGNED,
    hide_number: bool = False,
) -> ReportDocument:
    """The whole briefing. Raises SpecError without a description.

    hide_number: the number of reviews read is not shown, because an overview protects numbers about
    them.
    """
    composer = _BriefingComposer(content, state)
    nodes: list[Node] = [_facts(content, hide_number=hide_number)]
    for section in sections_of(content.kind):
        text = content.sections.get(section.slot)
        if text is not None and section.slot != "references":
            nodes.append(HeadingNode(2, section.title, section.slot))
            nodes += composer.section(section.slot, text, level=3)
    nodes += composer.references()
    nodes += composer.notes_of_passages()
    return _document(content, edition, content.about.strapline, nodes)


def statement_words(
    content: BriefingContent, statement: BriefingStatement, *, numbers_withdrawn: bool = False
) -> Words:
    """Words of one statement that is no quotation, without notes."""
    state = EditionState(numbers_withdrawn=numbers_withdrawn)
    return _BriefingComposer(content, state, notes=False).words(statement)


def compose_one_page(
    content: BriefingContent, edition: EditionInfo, *, state: EditionState = AS_SIGNED
) -> ReportDocument:
    """The first statements under each heading: one page to hand out."""
    composer = _BriefingComposer(content, state, notes=False)
    nodes: list[Node] = []
    for slot in ONE_PAGE_SLOTS[content.kind]:
        if (text := content.sections.get(slot)) is None:
            continue
        title = next(row.title for row in sections_of(content.kind) if row.slot == slot)
        nodes.append(HeadingNode(2, title, slot))
        for at, part in enumerate(text.parts, start=1):
            if part.heading:
                nodes.append(HeadingNode(3, part.heading, f"{slot}--{at}"))
            rows = [row for row in part.statements if not row.quotation][:ON_ONE_PAGE]
            nodes.append(PointList(tuple(map(composer.words, rows))))
    nodes.append(ParagraphNode(("The whole briefing shows what each statement rests on.",)))
    return _document(content, edition, content.about.strapline, nodes)


def compose_short(
    content: BriefingContent, edition: EditionInfo, *, state: EditionState = AS_SIGNED
) -> ReportDocument:
    """The seven-minute form."""
    composer = _BriefingComposer(content, state)
    nodes: list[Node] = list(composer.section("short", content.short, level=2))
    nodes += composer.notes_of_passages()
    return _document(content, edition, SHORT_TITLE, nodes)


def _document(
    content: BriefingContent, edition: EditionInfo, subtitle: str, nodes: Sequence[Node]
) -> ReportDocument:
    about = content.about
    return ReportDocument(
        title=about.title,
        subtitle=subtitle,
        scope=f"For {about.audience}",
        edition=DRAFT if edition.number is None else edition.statement,
        dated=edition.dated,
        nodes=tuple(nodes),
    )


def _facts(content: BriefingContent, *, hide_number: bool) -> FactList:
    """Facts about a briefing: what it read, when, and how it was found."""
    about, numbers = content.about, content.numbers
    read = NOT_SHOWN if hide_number else str(len(about.reviews) or "")
    day = date_in_words(about.searched_on) if about.searched_on else ""
    facts = (
        ("Audience", about.audience),
        ("Reviews read", read if about.reviews else ""),
        ("Published", about.period),
        ("Selection", about.rule),
        ("Search", about.query),
        ("Date of the search", day),
        ("Review date", date_in_words(about.review_on) if about.review_on else ""),
        (
            "Numbers",
            f"from the overview {numbers.overview}, edition {numbers.edition}"
            if numbers.cells
            else "",
        ),
    )
    return FactList(tuple((name, value) for name, value in facts if value))


@dataclass(slots=True)
class _BriefingComposer:
    content: BriefingContent
    state: EditionState
    notes: bool = True
    numbers: dict[str, int] = field(default_factory=dict)

    def section(self, slot: str, text: StatementText, *, level: int) -> Iterator[Node]:
        """Nodes of a text. level: of its headings."""
        for at, part in enumerate(text.parts, start=1):
            if part.heading:
                deeper = min(level + max(part.level - 3, 0), 4)
                yield HeadingNode(deeper, part.heading, f"{slot}--{at}")
            for listed, statements in part.blocks:
                if listed:
                    yield PointList(tuple(map(self.words, statements)), written=True)
                else:
                    yield from (self._paragraph(row) for row in statements)

    def _paragraph(self, statement: BriefingStatement) -> Node:
        if not statement.quotation:
            return ParagraphNode(self.words(statement), written=True)
        key = statement.passages[0]
        passage = self.content.report.passages.get(key)
        mark = NoteMark(self._number(key))
        if passage is None or key in self.state.unreadable:
            return ParagraphNode((f"[{CLOSED}]",))
        return QuotationNode(passage.words, passage.source, mark, key)

    def words(self, statement: BriefingStatement) -> Words:
        """A statement with its notes and numbers, marked if it is the author's own, or broken."""
        parts = (self._inline(run) for run in statement.runs)
        inlines = _trimmed([part for part in parts if part is not None])
        if statement.own:
            inlines += [" ", StyledText(OWN_VIEW, strong=False)]
        if (statement.slot, statement.number) in self.state.broken:
            inlines += [" ", StyledText(CHECK_AGAIN, strong=True)]
        return tuple(inlines)

    def _inline(self, run: WordsRun | LinkedText | TextMark) -> Inline | None:
        match run:
            case WordsRun():
                plain = not (run.strong or run.stressed)
                return run.text if plain else StyledText(run.text, run.strong)
            case LinkedText():
                return WebLink(run.text, run.url)
            case TextMark(kind="note"):
                return NoteMark(self._number(run.name)) if self.notes else None
            case TextMark(kind="cell") if self.state.numbers_withdrawn:
                return WITHDRAWN_NUMBER
            case TextMark(kind="cell"):
                table, row, column = run.name.split("/")
                text = self.content.numbers.cells.get(run.name, "[?]")
                return InlineNumber(table, row, column, text, opens=bool(text))
            case TextMark(kind="record") if self.notes:
                record = self.content.report.records.get(run.name)
                return (
                    InlineReference(f"({record.short})", source_anchor(run.name))
                    if record
                    else None
                )
            case _:
                return None

    def _number(self, key: str) -> int:
        return self.numbers.setdefault(key, len(self.numbers) + 1)

    def references(self) -> Iterator[Node]:
        """The publications cited, by name."""
        records = sorted(
            self.content.report.records.values(), key=lambda row: (row.short.lower(), row.key)
        )
        if records:
            yield HeadingNode(2, "References", "references")
            yield SourceList(
                tuple(CitedSource(source_anchor(row.key), full_reference(row)) for row in records)
            )

    def notes_of_passages(self) -> Iterator[Node]:
        """The passages cited, by number."""
        if self.numbers:
            yield HeadingNode(2, "Passages", "passages")
            yield NoteList(tuple(self._note(key, number) for key, number in self.numbers.items()))

    def _note(self, key: str, number: int) -> ReportNote:
        passage = self.content.report.passages.get(key)
        if passage is None or key in self.state.unreadable:
            return ReportNote(number, CLOSED_NOTE, "")
        return ReportNote(number, passage.note, key)


def _trimmed(inlines: list[Inline]) -> list[Inline]:
    """Words without the space before a full stop that a removed mark leaves at their end."""
    last = inlines[-1] if inlines else ""
    return [*inlines[:-1], last.rstrip()] if isinstance(last, str) and last.strip() else inlines


def with_opening(document: ReportDocument, *, notes: str, state: EditionState) -> ReportDocument:
    """A file that begins with what the reviews cited describe, and with what is to be checked.

    notes: content notes as one phrase, "" for none.
    """
    opening: list[Node] = []
    if broken := len(state.broken):
        needs = f"{broken} statement{'s' * (broken > 1)} of this edition need{'s' * (broken == 1)}"
        warning = f"{needs} checking again, marked {CHECK_AGAIN}: what they rest on was withdrawn"
        opening.append(
            ParagraphNode((StyledText(f"{warning} or changed after this edition.", strong=True),))
        )
    if notes:
        words = f" The reviews cited here describe {notes}."
        opening.append(ParagraphNode((StyledText("Content note.", strong=True), words)))
    return replace(document, nodes=(*opening, *document.nodes))


def for_print(document: ReportDocument) -> ReportDocument:
    """A document without links to numbers: a file has no table for them to lead to."""
    return replace(document, nodes=tuple(map(_printed, document.nodes)))


def _printed(node: Node) -> Node:
    match node:
        case ParagraphNode():
            return replace(node, words=_without_links(node.words))
        case PointList():
            return replace(node, points=tuple(map(_without_links, node.points)))
        case _:
            return node


def _without_links(words: Words) -> Words:
    return tuple(part.text if isinstance(part, InlineNumber) else part for part in words)
