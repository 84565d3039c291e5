"""The record that every exchange format is converted to and from. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from waymark.library.catalogue.author_names import looks_like_body

ARTICLE = "journal-article"


@dataclass(frozen=True, slots=True)
class RecordData:
    """Bibliographic data of one record.

    kind: one of library.models.kinds.KINDS, or "" if the source has none; kind_label: its name.
    key: name in this library, "review/R01" or "resource/neglect-2012"; "" for records from
    elsewhere. page: https address of its page here. authors: "Surname, First", or the name of a
    body, in order. host_title, volume, issue, pages: of an article the journal and the place in it,
    of a chapter the book. place: where it was published. transcript_url: of a film or podcast.
    accessed_on: when a cataloguer last looked at a web page. conducted_by: bodies that did the
    work, as a sentence names them. board, review_type, pseudonym, period: case reviews only.
    abstract: plain text, paragraphs divided by
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
    author_bodies: tuple[str, ...] | None = None
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
    editors: tuple[str, ...] = ()
    host_title: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    edition: str = ""
    place: str = ""
    issn: str = ""
    transcript_url: str = ""
    accessed_on: date | None = None
    related: tuple[tuple[str, str], ...] = ()
    available_at: datetime | None = None
    changed_at: datetime | None = None

    @property
    def creators(self) -> tuple[str, ...]:
        """The names that begin a citation: the authors, else the board, else the publisher."""
        bodies = [name for name in (self.board, self.publisher) if name]
        return self.authors or tuple(bodies[:1])

    def is_body(self, name: str) -> bool:
        """True for the name of a body: as the record says of an author; any board or publisher."""
        if name in self.authors and self.author_bodies is not None:
            return name in self.author_bodies
        return name in (self.board, self.publisher) or looks_like_body(name)

    @property
    def full_title(self) -> str:
        """Title and strapline as one, "Crossing rivers: a study"."""
        return f"{self.title}: {self.strapline}" if self.strapline else self.title
