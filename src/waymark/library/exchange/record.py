"""One record as catalogues exchange it: between every format and the database. Pure."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class RecordData:
    """kind: one of library.kinds.KINDS, or "" where a source does not say; kind_label: in words.

    key: what it is called here, as "review/R01" or "resource/neglect-2012"; "" for one that comes
    from elsewhere. page: the https address of its page here. authors: as "Surname, First", or the
    name of a body, in order. conducted_by: bodies that did the work, in a sentence's words. board,
    review_type, pseudonym, period: of case reviews. abstract: plain text, paragraphs divided by an
    empty line. subjects: preferred names of concepts; keywords: words of another catalogue, not
    controlled. url: where the publication itself is. language: BCP 47. related: titles with
    addresses. available_at: when the public could first find it; changed_at: when what is told
    here last changed.
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
    year: int | None = None
    published_on: date | None = None
    nation: str = ""
    board: str = ""
    review_type: str = ""
    pseudonym: str = ""
    period: str = ""
    language: str = "en"
    abstract: str = ""
    key_points: tuple[str, ...] = ()
    contents: tuple[tuple[str, int | None], ...] = ()
    subjects: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    url: str = ""
    doi: str = ""
    isbn: str = ""
    related: tuple[tuple[str, str], ...] = ()
    available_at: datetime | None = None
    changed_at: datetime | None = None

    @property
    def creators(self) -> tuple[str, ...]:
        """Who a citation names first: the authors, else the board, else the publisher."""
        bodies = [name for name in (self.board, self.publisher) if name]
        return self.authors or tuple(bodies[:1])
