"""What a search engine is given, asked and answers: the same words for every engine.

Two levels. A *record document* is what the library holds of a review or a resource with its whole
text, so that the words of an AND may stand on different pages; a *passage document* is one place in
a report (a resource is described here and kept elsewhere, so it has none). The engine holds words
and numbers, never a text to show: what is shown is read from the database, and asked there again
whether it may be.

Visibility is in the index. A record may have several record documents, because a reader who may
not see one of its reports must not find it by that report's words:
- staff: everything that staff may see;
- public: what everybody may see, from `since` (included) until `until` (not), because an embargo
  ends at a moment, whether or not anybody indexes then.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from waymark.library.tree import Tree

Sort = Literal["relevance", "newest", "oldest", "title", "added"]
FACETS = ("kind", "subject", "theme", "nature", "year", "nation", "type")
TEXT_FIELDS = (
    "kind",
    "subject",
    "theme",
    "nature",
    "nation",
    "board",
    "review",
    "type",
    "title",
    "author",
    "publisher",
)


@dataclass(frozen=True, slots=True)
class Analysed:
    """A text as words divided by one space, as analysis.analysed() makes them; its language."""

    folded: str
    terms: str
    language: str


@dataclass(frozen=True, slots=True)
class Seen:
    """To whom a document shows: staff, public; since, until: when everybody may see it.

    since is included, until is not; None: no such end.
    """

    staff: bool
    public: bool
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PassageDocument:
    """One passage. passage: its number in the database. heading: a heading, not a text."""

    seen: Seen
    passage: int
    words: Analysed
    heading: bool


@dataclass(frozen=True, slots=True)
class RecordDocument:
    """A record as some may see it.

    reports: numbers of the reports whose words it holds. texts: the title first, then what is said
    about it, then each passage. words: what the field queries search, for each of TEXT_FIELDS:
    texts of terms. facets: values counted, for each of FACETS; the year as "2003". dated: days, by
    which newest and oldest are told; 0 where unknown. available: when the public could first find
    it, or will; None where that is not known.
    """

    seen: Seen
    reports: tuple[int, ...]
    title: Analysed
    texts: tuple[Analysed, ...]
    words: Mapping[str, tuple[str, ...]]
    facets: Mapping[str, tuple[str, ...]]
    dated: int
    available: datetime | None = None


@dataclass(frozen=True, slots=True)
class Documents:
    """All documents of one record; none where nobody may see it, and then it leaves the index.

    record: its number in the catalogue.
    """

    record: int
    views: tuple[RecordDocument, ...] = ()
    passages: tuple[PassageDocument, ...] = ()


@dataclass(frozen=True, slots=True)
class Audience:
    """Who asks, and when: the filter that no search goes without."""

    staff: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """selections: facet -> values, any of which will do. without: numbers of records to leave out.

    offset >= 0, limit >= 1.
    """

    tree: Tree | None
    audience: Audience
    selections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    without: frozenset[int] = frozenset()
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 10


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """score: comparable within one answer; 0.0 where the order is by date."""

    record: int
    reports: tuple[int, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """total: records. passages: how many hold any of the words; None where it was not counted.

    facets: facet -> (value, records), counted without the facet's own selection, so that one sees
    what another choice would give; most first, then by value.
    """

    total: int
    passages: int | None
    records: tuple[FoundRecord, ...]
    facets: Mapping[str, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True)
class Places:
    """The best passages of one record, best first, and how many hold any of the words."""

    total: int
    passages: tuple[int, ...]


class SearchBackend(Protocol):
    """What the library asks of an engine. One writer at a time; any number of readers."""

    def ready(self) -> bool:
        """Whether there is an index that opens, made by this version of schema and analyser."""

    def faults(self) -> Iterator[str]:
        """The files of the index that are missing or damaged; all of it is read."""

    def languages(self) -> tuple[str, ...]:
        """Those that texts are held in, of languages.LANGUAGES."""

    def rebuild(self, documents: Iterable[Documents]) -> None:
        """Make the index anew; until it is done, searches are answered by the old one."""

    def replace(self, documents: Iterable[Documents]) -> None:
        """Put these in place of what the index held of their records, all or nothing."""

    def find(self, request: Request) -> Found:
        """The records that a request asks for."""

    def count(self, request: Request) -> int:
        """How many records a request asks for."""

    def held(self, records: Iterable[int], audience: Audience) -> tuple[FoundRecord, ...]:
        """What the index holds of these records for an audience, whatever they say."""

    def places(self, request: Request, *, records: Iterable[int], limit: int) -> dict[int, Places]:
        """Where the words stand in each of the records; limit: passages of one record."""

    def count_passages(self, audience: Audience, *, without: frozenset[int]) -> int:
        """How many passages the audience may see."""

    def like(self, word: str, audience: Audience) -> list[str]:
        """Words of what the audience may see that are written almost like this one, best first."""
