"""The record that every exchange format is converted to and from. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime

ARTICLE = "journal-article"
_PLACE = re.compile(
    r"(?P<volume>\w+)(?: ?\((?P<issue>[^()]+)\))?"
    r"(?:, ?(?P<first_page>\w+)(?:-(?P<last_page>\w+))?)?"
)


@dataclass(frozen=True, slots=True)
class RecordData:
    """Bibliographic data of one record.

    kind: one of library.models.kinds.KINDS, or "" if the source has none; kind_label: its name.
    key: name in this library, "review/R01" or "resource/neglect-2012"; "" for records from
    elsewhere. page: https address of its page here. authors: "Surname, First", or the name of a
    body, in order. series, report_number: of an article the journal, and volume and pages.
    conducted_by: bodies that did the work, as a sentence names them. board,
    review_type, pseudonym, period: case reviews only. abstract: plain text, paragraphs divided by
    an empty line. subjects: preferred names of concepts; keywords: uncontrolled words of another
    catalogue. url: of the publication itself. language: BCP 47.
    rights_holder: whose it is; licence: short name of core.licences, or terms in words; both "" if
    unknown. related: (title, address). evaluation: (label, words) of what an evaluation says of
    itself, findings and costs among it.
    available_at: when the public could first find it; changed_at: when any of this last changed.
    """

    kind: str
    title: str
    kind_label: str = ""
    key: str = ""
    page: str = ""
    strapline: str = ""
    authors: tuple[str, ...] = ()
    conducted_by: str = ""
    publisher: str = ""
    series: str = ""
    report_number: str = ""
    year: int | None = None
    published_on: date | None = None
    nation: str = ""
    audience: str = ""
    board: str = ""
    review_type: str = ""
    pseudonym: str = ""
    period: str = ""
    language: str = "en"
    abstract: str = ""
    key_points: tuple[str, ...] = ()
    contents: tuple[tuple[str, int | None], ...] = ()
    evaluation: tuple[tuple[str, str], ...] = ()
    subjects: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    url: str = ""
    doi: str = ""
    isbn: str = ""
    rights_holder: str = ""
    licence: str = ""
    related: tuple[tuple[str, str], ...] = ()
    available_at: datetime | None = None
    changed_at: datetime | None = None

    @property
    def creators(self) -> tuple[str, ...]:
        """The names that begin a citation: the authors, else the board, else the publisher."""
        bodies = [name for name in (self.board, self.publisher) if name]
        return self.authors or tuple(bodies[:1])

    @property
    def article_place(self) -> "ArticlePlace | None":
        """Place in a journal; None for anything but an article in one."""
        return parse_article_place(self.report_number) if self.kind == ARTICLE else None


@dataclass(frozen=True, slots=True)
class ArticlePlace:
    """Place of an article in its journal: volume, issue and pages, "" where unknown."""

    volume: str = ""
    issue: str = ""
    first_page: str = ""
    last_page: str = ""

    def __str__(self) -> str:
        """As printed in a reference: "41(2), 242-260"."""
        volume = f"{self.volume}({self.issue})" if self.issue else self.volume
        return ", ".join(filter(None, (volume, self.pages)))

    @property
    def pages(self) -> str:
        """First and last page: "242-260"."""
        return "-".join(filter(None, (self.first_page, self.last_page)))


def parse_article_place(text: str) -> ArticlePlace:
    """Divide "41(2), 242-260" into volume 41, issue 2 and pages 242 to 260; empty otherwise."""
    match = _PLACE.fullmatch(text.replace("\N{EN DASH}", "-"))
    return ArticlePlace(**match.groupdict("")) if match else ArticlePlace()
