"""What a document is made of: headings, words, numbers, tables, figures. Every format reads this.

Pure. A number in a sentence is a cell of a protected table, and opens like it.
"""

from dataclasses import dataclass
from datetime import date, datetime

from waymark.core.tables import Figure, ProtectedTable

# ---- in a sentence ----


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a sentence: the cell of a table, as printed there. opens: it has evidence."""

    table: str
    row: str
    column: str
    shown: str
    opens: bool


@dataclass(frozen=True, slots=True)
class Styled:
    """Words that are stressed: strong, or not (then in italics)."""

    shown: str
    strong: bool


@dataclass(frozen=True, slots=True)
class WebLink:
    """Words that lead to another site. url: https."""

    shown: str
    url: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Words that lead to a place of the same document, as "section 4.2". anchor: its id there."""

    shown: str
    anchor: str


@dataclass(frozen=True, slots=True)
class NoteMark:
    """The number of a note, in brackets: digits alone could be read as a count."""

    number: int

    @property
    def shown(self) -> str:
        return f"[{self.number}]"

    @property
    def anchor(self) -> str:
        return note_anchor(self.number)


Inline = str | Number | Styled | WebLink | Reference | NoteMark
Words = tuple[Inline, ...]


def plain(words: Words) -> str:
    """A text with its numbers put in."""
    return "".join(part if isinstance(part, str) else part.shown for part in words)


def note_anchor(number: int) -> str:
    """The id of a note."""
    return f"note--{number}"


# ---- one after another ----


@dataclass(frozen=True, slots=True)
class Heading:
    """level 2 for chapters, 3 and 4 for parts of them (1 is the title). anchor: its id in the page.

    number: as printed before the text: "4", "4.2", "Appendix A", or "".
    """

    level: int
    text: str
    anchor: str
    number: str = ""

    @property
    def shown(self) -> str:
        """The whole heading as printed."""
        if not self.number:
            return self.text
        return f"{self.number}{'.' if ' ' in self.number else ''} {self.text}"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """written: by an editor, not made by the program."""

    words: Words
    written: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """A list of sentences. written: as in Paragraph."""

    points: tuple[Words, ...]
    ordered: bool = False
    written: bool = False


@dataclass(frozen=True, slots=True)
class Aside:
    """Paragraphs that an editor set off; not the words of a report, which are a Quotation."""

    paragraphs: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Quotation:
    """The exact words of a report. source: where they stand, in short. key: of their place."""

    words: str
    source: str
    mark: NoteMark
    key: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a note says. key: of the place it leads to, "" where that is closed."""

    number: int
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Notes:
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A publication that is cited, as it stands in the references."""

    anchor: str
    words: Words


@dataclass(frozen=True, slots=True)
class Sources:
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, as of the edition."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """What was counted under a name. include, exclude: notes of the framework."""

    name: str
    id: str
    text: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definitions:
    definitions: tuple[Definition, ...]


@dataclass(frozen=True, slots=True)
class Cases:
    """Reviews side by side: the reference, then what is said of it under each other head.

    Made under the profile open alone, of cells that open to their reviews.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class TableNode:
    """name: as printed before the title, "Table 3"."""

    name: str
    protected: ProtectedTable


@dataclass(frozen=True, slots=True)
class FigureNode:
    """name: as printed before the title, "Figure 3". table: the name of the table it draws."""

    name: str
    figure: Figure
    table: str


@dataclass(frozen=True, slots=True)
class ChapterList:
    """The contents: each heading of a chapter with those of its sections."""

    chapters: tuple[tuple[Heading, tuple[Heading, ...]], ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """The tables and the figures, each as name, title and anchor."""

    tables: tuple[tuple[str, str, str], ...]
    figures: tuple[tuple[str, str, str], ...]


Apparatus = Facts | Definitions | Cases | ChapterList | Contents | Notes | Sources
Node = Heading | Paragraph | Points | Aside | Quotation | TableNode | FigureNode | Apparatus


# ---- the whole ----


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed an edition, in which capacity, when. name: as the account had it then."""

    name: str
    capacity: str
    on: datetime


@dataclass(frozen=True, slots=True)
class Edition:
    """Which edition, given out when. number None: not published, a draft.

    content: SHA-256 of what was signed, "" where editions were not signed yet.
    """

    number: int | None
    on: datetime
    content: str = ""
    signed: tuple[Signed, ...] = ()

    @property
    def said(self) -> str:
        day = spoken(self.on.date())
        if self.number is None:
            return f"Draft, not published. Figures as frozen on {day}."
        return f"Edition {self.number}, published on {day}"


@dataclass(frozen=True, slots=True)
class Document:
    """A whole publication. dated: of the edition, the same in every rendering of it."""

    title: str
    subtitle: str
    scope: str
    edition: str
    dated: datetime
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ChapterNodes:
    """A chapter of a document: its heading, and what stands under it."""

    heading: Heading
    nodes: tuple[Node, ...]


def chapters_of(document: Document) -> list[ChapterNodes]:
    """A document cut at its headings of level 2; what stands before the first is left out."""
    starts = [
        at
        for at, node in enumerate(document.nodes)
        if isinstance(node, Heading) and node.level == 2
    ]
    ends = [*starts[1:], len(document.nodes)]
    made = []
    for start, end in zip(starts, ends, strict=True):
        heading = document.nodes[start]
        if isinstance(heading, Heading):
            made.append(ChapterNodes(heading, document.nodes[start + 1 : end]))
    return made


def spoken(day: date) -> str:
    """A date as people write it: 24 January 2013."""
    return f"{day.day} {day:%B %Y}"
