"""Results of a search: plain values for pages and JSON. Does not depend on Django."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from waymark.library.search.expansion import RelatedTerms
from waymark.library.search.highlights import HighlightSpan
from waymark.library.search.parser import QueryNote
from waymark.library.search.tree import QueryTree


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
    """The library's record of a review or resource. title_highlights: code points of title.

    kind: "case-review", or the kind of resource; kind_label: its name. reference: the review's, or
    the resource's key; number: the record's. by: the board of a review; the publisher of a
    resource, else its authors. board, review_type, fictional,
    reports, content_notes (a phrase): reviews only; pages: of all reports that the person may see.
    strapline, url (of the publication): resources only.
    """

    number: int
    kind: str
    kind_label: str
    reference: str
    title: str
    title_highlights: tuple[HighlightSpan, ...]
    by: str
    nation: str
    year: int | None
    published_on: date | None
    summary: str
    board: str = ""
    review_type: str = ""
    fictional: bool = False
    reports: tuple[HitReport, ...] = ()
    strapline: str = ""
    url: str = ""
    content_notes: str = ""

    @property
    def is_review(self) -> bool:
        return self.kind == "case-review"

    @property
    def pages(self) -> int:
        return sum(report.pages for report in self.reports)


@dataclass(frozen=True, slots=True)
class HitPassage:
    """A passage with the words. highlights: [start, end) in code points of text.

    page: the page on which it starts; heading: the path of headings above it. scan_mark: to show
    with the words if they were recognised in a scan, else "".
    """

    key: str
    page: int
    heading: str
    text: str
    highlights: tuple[HighlightSpan, ...]
    scan_mark: str = ""


@dataclass(frozen=True, slots=True)
class PassageHit:
    """A passage in a list of passages. reference, title, board, fictional: of its review.

    report: kind of its report, in words.
    """

    reference: str
    title: str
    board: str
    report: str
    fictional: bool
    passage: HitPassage


@dataclass(frozen=True, slots=True)
class PassageAnswer:
    """One page of passages. total: None if too many records match to look for their passages.

    review: title of the only review that was searched, or "".
    """

    total: int | None
    page: int
    pages: int
    hits: tuple[PassageHit, ...]
    review: str = ""


HitReason = Literal["", "some words", "meaning"]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A record that matches. score: comparable within one answer, 0.0 in an order by date.

    passages: the best ones; passages_total: all that contain any of the words. by: "meaning" if
    only a text near in meaning was found, "some words" if not all of the words, else "".
    """

    record: HitRecord
    score: float
    passages: tuple[HitPassage, ...]
    passages_total: int
    by: HitReason = ""

    @property
    def passages_left_out(self) -> int:
        """The number of matching passages that are not among `passages`."""
        return max(0, self.passages_total - len(self.passages))


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet. count: records if this value were chosen too."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class SearchFacet:
    """A facet with its values. name: as in queries and filters; label: as shown."""

    name: str
    label: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class QuerySuggestion:
    """Another query, which has results. reason: "spelling" or "any word"."""

    query: str
    total: int
    reason: str


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """One page of results. query: the text typed. notes: what was not understood or not possible.

    total: matching records. passages_total: passages in them with any of the words; None without
    words, or with too many records to count. page: from 1; pages: number of pages, 0 if nothing
    matches. suggestion: only if nothing matches. related_terms: related terms that were searched;
    `tree` contains only what was typed. common_words: typed words that were not searched.
    partial_matches: the best records with some but not all of the words, if the request included
    them and few records match all. years: the first and last year searched, None for no limit.
    """

    query: str
    tree: QueryTree | None
    notes: tuple[QueryNote, ...]
    total: int
    passages_total: int | None
    page: int
    pages: int
    hits: tuple[SearchHit, ...]
    facets: tuple[SearchFacet, ...]
    suggestion: QuerySuggestion | None
    related_terms: tuple[RelatedTerms, ...] = ()
    common_words: tuple[str, ...] = ()
    partial_matches: tuple[SearchHit, ...] = ()
    years: tuple[int | None, int | None] = (None, None)
    with_meaning: bool = False
    more: int = 0

    def as_json(self, *, scores: bool = False) -> dict[str, Any]:
        """The output of `waymark search --json`.

        scores: for the operator alone. The engine weighs a word by all records that it holds, so a
        score would tell visitors of words in records that they cannot see.
        """
        return {
            "total": self.total,
            "hits": [_hit_json(hit, scores=scores) for hit in self.hits],
            "facets": {
                facet.name: [
                    {"value": choice.value, "label": choice.label, "count": choice.count}
                    for choice in facet.values
                ]
                for facet in self.facets
            },
            "also": [
                {"typed": term.typed, "subject": term.subject, "names": list(term.names)}
                for term in self.related_terms
            ],
            "notes": [
                {"message": note.message, "start": note.start, "end": note.end}
                for note in self.notes
            ],
        }


def _hit_json(hit: SearchHit, *, scores: bool) -> dict[str, Any]:
    return {
        "record": hit.record.reference,
        "kind": hit.record.kind,
        "title": hit.record.title,
        **({"score": round(hit.score, 4)} if scores else {}),
        "passages": [
            {
                "id": passage.key,
                "page": passage.page,
                "scan": passage.scan_mark,
                "text": passage.text,
                "highlights": [list(pair) for pair in passage.highlights],
            }
            for passage in hit.passages
        ],
    }
