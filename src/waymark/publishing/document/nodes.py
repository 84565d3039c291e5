"""Nodes of a document: headings, words, numbers, tables, figures. Every output format reads them.

Pure. A number in a sentence is a cell of a protected table and links to the same evidence.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from waymark.core.tables import Figure, ProtectedTable, Table
from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.publishing.document.note_marks import marked_table, note_mark

CLOSED_REVIEW = "A review that is no longer public"

# ---- in a sentence ----


@dataclass(frozen=True, slots=True)
class InlineNumber:
    """Number in a sentence: a cell of a table, as printed there. opens: it has evidence."""

    table: str
    row: str
    column: str
    text: str
    opens: bool


@dataclass(frozen=True, slots=True)
class StyledText:
    """Emphasised words: bold if strong, else italic."""

    text: str
    strong: bool


@dataclass(frozen=True, slots=True)
class WebLink:
    """Words that link to another site. url: https."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class InlineReference:
    """Words that link within the document, for example "section 4.2". anchor: id of the target."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class NoteMark:
    """Number of a note, in brackets: digits alone could be read as a count."""

    number: int

    @property
    def text(self) -> str:
        return f"[{self.number}]"

    @property
    def anchor(self) -> str:
        return note_anchor(self.number)


Inline = str | InlineNumber | StyledText | WebLink | InlineReference | NoteMark
Words = tuple[Inline, ...]


def plain_text(words: Words) -> str:
    """Words as plain text."""
    return "".join(part if isinstance(part, str) else part.text for part in words)


def note_anchor(number: int) -> str:
    """Id of a note."""
    return f"note--{number}"


# ---- one after another ----


@dataclass(frozen=True, slots=True)
class HeadingNode:
    """Heading. level: 2 for chapters, 3 and 4 for their parts (1 is the title). anchor: its id.

    number: as printed before the text: "4", "4.2", "Appendix A", or "".
    """

    level: int
    text: str
    anchor: str
    number: str = ""

    @property
    def full_text(self) -> str:
        """Heading as printed, with its number."""
        if not self.number:
            return self.text
        return f"{self.number}{'.' if ' ' in self.number else ''} {self.text}"


@dataclass(frozen=True, slots=True)
class ParagraphNode:
    """Paragraph. written: by an editor, not generated."""

    words: Words
    written: bool = False


@dataclass(frozen=True, slots=True)
class PointList:
    """List of sentences. written: by an editor, not generated."""

    points: tuple[Words, ...]
    ordered: bool = False
    written: bool = False


@dataclass(frozen=True, slots=True)
class AsideNode:
    """Paragraphs that an editor set apart; words of a report are a QuotationNode."""

    paragraphs: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class QuotationNode:
    """Exact words of a report. source: short source; key: citation key of the passage."""

    words: str
    source: str
    mark: NoteMark
    key: str


@dataclass(frozen=True, slots=True)
class ReportNote:
    """Text of a note. key: of the passage it links to, "" if that is not public."""

    number: int
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class NoteList:
    notes: tuple[ReportNote, ...]


@dataclass(frozen=True, slots=True)
class CitedSource:
    """Cited publication in the list of references."""

    anchor: str
    words: Words


@dataclass(frozen=True, slots=True)
class SourceList:
    sources: tuple[CitedSource, ...]


@dataclass(frozen=True, slots=True)
class FactList:
    """List of names and values, for example about the edition."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TermDefinition:
    """Definition of a variable or code. include, exclude: notes of the framework."""

    name: str
    id: str
    text: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DefinitionList:
    definitions: tuple[TermDefinition, ...]


@dataclass(frozen=True, slots=True)
class CaseTable:
    """Reviews side by side: each row has the reference and a value for each other heading.

    Only under the profile open, from cells that link to their reviews. closed: number of further
    reviews, which are no longer public: their rows have no reference and no values.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    closed: int = 0

    @property
    def closed_rows(self) -> tuple[tuple[str, ...], ...]:
        """Rows of the reviews that are no longer public."""
        # They are printed last, because a place between two references would tell the reference.
        return ((CLOSED_REVIEW, *("" for _ in self.head[1:])),) * self.closed

    def without(self, references: Collection[str]) -> "CaseTable":
        """Table in which the rows of these reviews are closed."""
        rows = tuple(row for row in self.rows if row[0] not in references)
        return replace(self, rows=rows, closed=self.closed + len(self.rows) - len(rows))


@dataclass(frozen=True, slots=True)
class TableNode:
    """Table. name: printed before the title, "Table 3".

    numbers: of its notes in the edition, empty if they have none. above: for each note, the name of
    the earlier table under which its text is printed, or "".
    """

    name: str
    protected: ProtectedTable
    numbers: tuple[int, ...] = ()
    above: tuple[str, ...] = ()

    @property
    def table(self) -> Table:
        """The table to print, with marks of notes at the headers and labels that they concern."""
        return marked_table(self.protected.table, self.numbers)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes to print under the table, with their numbers; last, where others are printed."""
        if not self.numbers:
            return self.protected.table.notes
        own: list[str] = []
        elsewhere: dict[str, list[str]] = {}
        for note, number, above in zip(
            self.protected.table.notes, self.numbers, self.above, strict=True
        ):
            if above:
                elsewhere.setdefault(above, []).append(note_mark(number))
            else:
                own.append(f"{note_mark(number)} {note}")
        return (*own, *(f"{', '.join(marks)}: under {name}." for name, marks in elsewhere.items()))

    def with_all_notes(self) -> "TableNode":
        """The table with the texts of all its notes, for where no other table is above it."""
        return replace(self, above=("",) * len(self.numbers))

    @property
    def shorthand(self) -> str:
        """Meanings of the marks in the table: "[c] withheld to protect people"; "" for none."""
        return "; ".join(f"{mark} {explanation}" for mark, explanation in self.protected.shorthand)


@dataclass(frozen=True, slots=True)
class FigureNode:
    """Figure. name: printed before the title, "Figure 3". table: name of the table it shows.

    source: the document and its edition, as printed in the figure; with_sources() fills it in.
    """

    name: str
    figure: Figure
    table: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class ChapterList:
    """Table of contents: headings of the chapters with those of their sections."""

    chapters: tuple[tuple[HeadingNode, tuple[HeadingNode, ...]], ...]


@dataclass(frozen=True, slots=True)
class ContentsLists:
    """Lists of tables and figures, each as name, title and anchor."""

    tables: tuple[tuple[str, str, str], ...]
    figures: tuple[tuple[str, str, str], ...]


Apparatus = (
    FactList | DefinitionList | CaseTable | ChapterList | ContentsLists | NoteList | SourceList
)
Node = (
    HeadingNode
    | ParagraphNode
    | PointList
    | AsideNode
    | QuotationNode
    | TableNode
    | FigureNode
    | Apparatus
)


# ---- the whole ----


@dataclass(frozen=True, slots=True)
class EditionSignature:
    """Signature under an edition. name: of the account at that time."""

    name: str
    capacity: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class EditionInfo:
    """Number and date of an edition. number: None for a draft.

    content: SHA-256 of the signed content, "" in editions from before signatures existed.
    """

    number: int | None
    dated: datetime
    content: str = ""
    signatures: tuple[EditionSignature, ...] = ()

    @property
    def statement(self) -> str:
        day = date_in_words(uk_date(self.dated))
        if self.number is None:
            return f"Draft, not published. Figures as frozen on {day}."
        return f"Edition {self.number}, published on {day}"


@dataclass(frozen=True, slots=True)
class DocumentImprint:
    """Who publishes a document, and how it may be used and cited.

    publisher: as the author of the file too; "" for a fragment that nobody publishes. licence: in
    words, also if there is none. citation: "" for drafts, which are not to be cited.
    """

    publisher: str = ""
    contact: str = ""
    licence: str = ""
    address: str = ""
    citation: str = ""

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Its parts that are known, each with its name."""
        parts = (
            ("Publisher", self.publisher),
            ("Contact", self.contact),
            ("Website", self.address),
            ("Licence", self.licence),
            ("How to cite it", self.citation),
        )
        return tuple((name, text) for name, text in parts if text)


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """Whole document. dated: date of the edition, the same in every rendering."""

    title: str
    subtitle: str
    scope: str
    edition: str
    dated: datetime
    nodes: tuple[Node, ...]
    imprint: DocumentImprint = DocumentImprint()


def source_of(document: ReportDocument) -> str:
    """A document and its edition, as printed in its figures."""
    parts = (part.rstrip(".") for part in (document.title, document.edition) if part)
    return "".join(f"{part}. " for part in parts).rstrip()


def with_sources(document: ReportDocument) -> ReportDocument:
    """A document whose figures name it, so that a copied picture says where it comes from."""
    source = source_of(document)
    nodes = tuple(
        replace(node, source=source) if isinstance(node, FigureNode) else node
        for node in document.nodes
    )
    return replace(document, nodes=nodes)


def reviews_listed(document: ReportDocument) -> set[str]:
    """References of the reviews that a document lists side by side."""
    return {row[0] for node in document.nodes if isinstance(node, CaseTable) for row in node.rows}


def without_reviews(document: ReportDocument, references: Collection[str]) -> ReportDocument:
    """Document that says of these reviews, in lists of reviews, only that they are closed."""
    if not references:
        return document
    nodes = tuple(
        node.without(references) if isinstance(node, CaseTable) else node for node in document.nodes
    )
    return replace(document, nodes=nodes)


@dataclass(frozen=True, slots=True)
class ChapterNodes:
    """Chapter of a document: its heading and the nodes under it."""

    heading: HeadingNode
    nodes: tuple[Node, ...]


def chapters_of(document: ReportDocument) -> list[ChapterNodes]:
    """Split a document at its headings of level 2; nodes before the first are left out."""
    # Nodes before the first chapter are the title page.
    starts = [
        at
        for at, node in enumerate(document.nodes)
        if isinstance(node, HeadingNode) and node.level == 2
    ]
    ends = [*starts[1:], len(document.nodes)]
    chapters = []
    for start, end in zip(starts, ends, strict=True):
        heading = document.nodes[start]
        if isinstance(heading, HeadingNode):
            chapters.append(ChapterNodes(heading, document.nodes[start + 1 : end]))
    return chapters
