"""The values that search backends exchange with the library, and the SearchBackend protocol.

There are two levels of document. A *record document* is a review or resource with its whole text,
so that the words of an AND may be on different pages. A *passage document* is one passage of a
report; a resource is only described here, so it has none. The index contains words and numbers,
never a text to show: texts are read from the database, where visibility is checked again.

Visibility is in the index. A record may have several record documents, because a reader who may
not see one of its reports must not find the record by that report's words:
- staff: everything that staff may see;
- public: what everybody may see, from `since` (included) to `until` (excluded), because an embargo
  ends at a moment, even if nobody indexes at that moment.

Example: review R1 has a report that is open and one under embargo until 1 March. It gets three
record documents: the open report for the public until 1 March, both reports for the public from
1 March, and both for staff. So a word that only the second report contains finds R1 for staff now,
and for everybody from 1 March on, without another run of the indexer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from waymark.core.executor import HERE, Executor
from waymark.library.search.known_items import KnownItem
from waymark.library.search.parser import USUAL_LIMITS, QueryLimits
from waymark.library.search.tree import QueryTree, TopicNode

Sort = Literal["relevance", "newest", "oldest", "title", "added"]
Filters = Mapping[str, Sequence[str]]
"""Facet or limit -> chosen values."""
COLLECTION = "collection"
FACETS = (
    *(COLLECTION, "nation", "year", "kind", "agency", "factor", "age", "theme", "nature"),
    *("subject", "board", "author", "publisher", "type"),
)
LIMITS = ("from", "to")
"""Filters with one year each, both included."""
TOPIC = "topic"
"""Filter with keys of topics: a record is about one of them."""
FILTERS = (*FACETS, *LIMITS, TOPIC)
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


class AnalysedText(NamedTuple):
    """Words of a text divided by one space, from analyser.analyse_text(), and its language.

    A tuple, as there are hundreds of thousands: quicker to make, and to pass between processes.
    """

    folded: str
    terms: str
    language: str


@dataclass(frozen=True, slots=True)
class DocumentVisibility:
    """Visibility of a document. since (included), until (excluded): limits for the public.

    None: no limit.
    """

    staff: bool
    public: bool
    since: datetime | None = None
    until: datetime | None = None


class PassageDocument(NamedTuple):
    """One passage. passage: its number in the database. heading: True for a heading."""

    visibility: DocumentVisibility
    passage: int
    words: AnalysedText
    heading: bool


@dataclass(frozen=True, slots=True)
class RecordDocument:
    """A record as one audience may see it.

    reports: numbers of the reports whose words it contains. texts: the title first, then the
    description, then each passage. words: texts of terms for the field queries, by TEXT_FIELDS.
    facets: values to count, by FACETS; the year as "2003". identifiers: as identifier_of() and
    title_keys() give them. codes: agreed codes, to search by. dated: day number (date.toordinal)
    for the orders newest and oldest, 0 if unknown. available: when the public could first find it,
    or will; None if unknown.
    """

    visibility: DocumentVisibility
    reports: tuple[int, ...]
    title: AnalysedText
    texts: tuple[AnalysedText, ...]
    words: Mapping[str, tuple[str, ...]]
    facets: Mapping[str, tuple[str, ...]]
    dated: int
    available: datetime | None = None
    identifiers: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexDocuments:
    """All documents of one record; none if nobody may see it, which removes it from the index.

    record: its number in the catalogue. version: of its row, when the documents were read; a newer
    row has a greater one.
    """

    record: int
    records: tuple[RecordDocument, ...] = ()
    passages: tuple[PassageDocument, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True)
class SearchAudience:
    """The person's rights and the time of a search: the filter that every search has."""

    staff: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search as a person or program asks for it: page, file, feed and saved search alike.

    text: in the query language; "" for all records. filters: facet -> chosen values; a record must
    match one value of every facet, the LIMITS, and be about a TOPIC. page: from 1; limit: records
    on a page. broaden: also search other names that the thesaurus has for the typed words.
    include_partial: if few records match all of the words, add the best that match some. counted:
    False where facets and the number of passages are not needed; listed: False where the records
    themselves are not. limits: of the text.
    """

    text: str
    filters: Filters = field(default_factory=dict)
    sort: Sort = "relevance"
    page: int = 1
    broaden: bool = True
    limit: int = 10
    include_partial: bool = False
    counted: bool = True
    listed: bool = True
    limits: QueryLimits = USUAL_LIMITS


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """A search as the backend runs it: parsed, limited to an audience.

    selections: facet -> chosen values, one of which must match. years: first and last, both
    included, None for no limit. topics: if not None, a record must be about one of them, whose
    words neither weigh nor count as passages. known: a record that is found whatever its words, and
    comes first. without: numbers of records to leave out. among: if not None, the only records that
    may be found. counted: False where only the records are needed, not facets and passages.
    offset >= 0, limit >= 1.
    """

    tree: QueryTree | None
    audience: SearchAudience
    selections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    years: tuple[int | None, int | None] = (None, None)
    topics: tuple[TopicNode, ...] | None = None
    known: KnownItem | None = None
    without: frozenset[int] = frozenset()
    among: frozenset[int] | None = None
    counted: bool = True
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 10


@dataclass(frozen=True, slots=True)
class IndexMatch:
    """A match. score: comparable within one answer; 0.0 unless the order is by relevance."""

    record: int
    reports: tuple[int, ...]
    score: float


@dataclass(frozen=True, slots=True)
class IndexResults:
    """Results of an IndexQuery. total: records; passages_total: with any of the words, else None.

    facets: facet -> (value, records), counted without the facet's own selection, so that readers
    see what another choice would give; largest count first, then by value.
    """

    total: int
    passages_total: int | None
    records: tuple[IndexMatch, ...]
    facets: Mapping[str, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True)
class BestPassages:
    """The best passages of one record, best first, and how many contain any of the words."""

    total: int
    passages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PassageResults:
    """Numbers of the passages on one page of a list, best first, and how many there are.

    total: None if too many records match to look for their passages.
    """

    total: int | None
    passages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RebuildProgress:
    """Progress of a rebuild. done, total: records; seconds: since it began."""

    done: int
    total: int
    seconds: float

    @property
    def seconds_left(self) -> int:
        """Expected seconds until its end, at least 10: the last step is not counted in records."""
        rest = self.seconds / self.done * (self.total - self.done) if self.done else 60
        return max(10, round(rest))


class SearchBackend(Protocol):
    """A full-text index of the library, with any number of readers."""

    def ready(self) -> bool:
        """Return True if the index opens and was made by this version of schema and analyser.

        Raises ServiceUnavailable if that cannot be known, because a cluster does not answer.
        """

    def faults(self) -> Iterator[str]:
        """Missing or damaged files of the index; reads all of it."""

    # Words in Welsh that are added to a search would tell of a Welsh report that is not public.
    def languages(self, audience: SearchAudience) -> tuple[str, ...]:
        """The languages of the texts an audience may see, out of languages.LANGUAGES."""

    def rebuild(
        self,
        parts: Sequence[Iterable[IndexDocuments]],
        *,
        executor: Executor = HERE,
        total: int = 0,
        replayed: Callable[[], Iterable[IndexDocuments]] | None = None,
    ) -> None:
        """Make the index again; until it is complete, the old one answers searches.

        parts: of the documents, each written where the executor does; what is not written in this
        process is pickled. total: number of
        records, for those who ask for the progress. replayed: makes those of the records that
        changed since the parts were chosen, for an engine with several writers.
        """

    def progress(self) -> RebuildProgress | None:
        """How far a rebuild is that is running in any process; None if there is none."""

    # Nothing between: a record must never be found with the text of before and the state of now.
    def replace(self, documents: Iterable[IndexDocuments]) -> None:
        """Replace everything indexed of these records, all or nothing."""

    def find(self, request: IndexQuery) -> IndexResults:
        """The records that match a request."""

    def count(self, request: IndexQuery) -> int:
        """The number of records that match a request."""

    # For what became hidden since it was indexed: the query leaves these records out, so that
    # totals and facets are right before the index has caught up.
    def indexed(self, records: Iterable[int], audience: SearchAudience) -> tuple[IndexMatch, ...]:
        """Those of these records that are indexed for an audience, whatever their text."""

    def best_passages(
        self, request: IndexQuery, *, records: Iterable[int], limit: int
    ) -> dict[int, BestPassages]:
        """The best passages of each record; limit: passages of one record.

        Those chosen show different words of the query before they repeat one.
        """

    def find_passages(
        self, request: IndexQuery, *, records: Iterable[int] | None = None
    ) -> PassageResults:
        """Passages with any of the words in the records that match a request.

        records: in these instead, whether they match or not. offset and limit of the request count
        passages.
        """

    def count_passages(self, audience: SearchAudience, *, without: frozenset[int]) -> int:
        """The number of passages that the audience may see."""

    # Of texts the audience may see: a suggestion of "Hawthorn" would reveal a name that is only in
    # an unpublished report.
    def similar_words(self, word: str, audience: SearchAudience) -> list[str]:
        """Words spelt almost like this one in texts the audience may see, most similar first."""
