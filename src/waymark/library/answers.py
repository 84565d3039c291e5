"""What a search answers: plain values, ready to be shown or printed as JSON. No Django here."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from waymark.library.broadening import AlsoSearched
from waymark.library.highlights import Pair
from waymark.library.query import Note
from waymark.library.tree import Tree


@dataclass(frozen=True, slots=True)
class HitReport:
    """A report of a review that the person may see."""

    key: str
    title: str
    kind: str
    kind_label: str
    pages: int


@dataclass(frozen=True, slots=True)
class HitRecord:
    """The library's record of a review or of a resource. title_highlights: code points of title.

    kind: "case-review", or the kind of resource; kind_label: what it is called. reference: the
    review's, or the resource's key; number: the record's own. by: whose it is: the board of a
    review, the publisher of a resource or, without one, its authors. subjects: those that a
    cataloguer gave it. board, review_type, fictional, reports: of a review alone; pages: of all
    its reports together, as far as the person may see them. strapline, url (where it is kept): of
    a resource alone.
    """

    number: int
    kind: str
    kind_label: str
    reference: str
    title: str
    title_highlights: tuple[Pair, ...]
    by: str
    nation: str
    year: int | None
    published_on: date | None
    summary: str
    subjects: tuple["Named", ...]
    board: str = ""
    review_type: str = ""
    fictional: bool = False
    reports: tuple[HitReport, ...] = ()
    strapline: str = ""
    url: str = ""

    @property
    def is_review(self) -> bool:
        return self.kind == "case-review"

    @property
    def pages(self) -> int:
        return sum(report.pages for report in self.reports)


@dataclass(frozen=True, slots=True)
class HitPassage:
    """A place where the words stand. highlights: code points of text, start included, end not.

    page: the page on which it starts; heading: the path of headings above it.
    """

    key: str
    page: int
    heading: str
    text: str
    highlights: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A code with its name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found. score: comparable within one answer, 0.0 in an order by date.

    passages: the best places; passages_total: how many hold any of the words. themes: agreed.
    """

    record: HitRecord
    score: float
    passages: tuple[HitPassage, ...]
    passages_total: int
    themes: tuple[Named, ...]

    @property
    def passages_left_out(self) -> int:
        """The number of matching passages that are not among `passages`."""
        return max(0, self.passages_total - len(self.passages))


@dataclass(frozen=True, slots=True)
class FacetValue:
    """count: the records one would see with this value chosen (beside those chosen already)."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """name: as in the query language and in filters; label: as shown."""

    name: str
    label: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another query that would find something. reason: "spelling" or "any word"."""

    query: str
    total: int
    reason: str


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """query: what was asked, as text. notes: what was not understood, or could not be done.

    total: records found. passages_total: passages that hold any of the words, in these records;
    None where there are no words, or too many records to count in. page: counted from 1; pages: how
    many there are (0 where nothing is found). suggestion: only where nothing is found.
    also: what was searched besides what was typed; in `tree` is what was typed. near: the best
    records that hold some of the words but not all, where that was asked for and few hold all.
    """

    query: str
    tree: Tree | None
    notes: tuple[Note, ...]
    total: int
    passages_total: int | None
    page: int
    pages: int
    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...]
    suggestion: Suggestion | None
    also: tuple[AlsoSearched, ...] = ()
    near: tuple[Hit, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What `waymark search --json` prints."""
        return {
            "total": self.total,
            "hits": [_hit(hit) for hit in self.hits],
            "facets": {
                facet.name: [
                    {"value": one.value, "label": one.label, "count": one.count}
                    for one in facet.values
                ]
                for facet in self.facets
            },
            "also": [
                {"typed": one.typed, "subject": one.subject, "names": list(one.names)}
                for one in self.also
            ],
            "notes": [
                {"message": note.message, "start": note.start, "end": note.end}
                for note in self.notes
            ],
        }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "record": hit.record.reference,
        "kind": hit.record.kind,
        "title": hit.record.title,
        "score": round(hit.score, 4),
        "passages": [
            {
                "id": passage.key,
                "page": passage.page,
                "text": passage.text,
                "highlights": [list(pair) for pair in passage.highlights],
            }
            for passage in hit.passages
        ],
    }
