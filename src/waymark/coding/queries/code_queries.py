"""Queries over codings: expressions of codes, nearness, qualifiers, sections; matrices of codes."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from waymark.accounts.permissions import Actor
from waymark.coding.code_expression import CodeExpression, wanted_terms
from waymark.coding.code_neighbours import (
    PairCount,
    QueriedCoding,
    Within,
    check_comparable,
    code_pairs,
    select_codings,
)
from waymark.coding.queries.coded_places import CodedPlace, ExportRequest, queried_places
from waymark.core.errors import RuleError
from waymark.core.spans import Span
from waymark.documents.models import Report
from waymark.documents.queries.readings import content_of, passage_spans

WORD = re.compile(r"\w+")
MOST_CODINGS = 50_000
FARTHEST = 1_000


@dataclass(frozen=True, slots=True)
class CodeQuery:
    """A query. expression: None for all codings. qualifier: (name, value). section: words of the
    headings above, "" for any."""

    request: ExportRequest
    expression: CodeExpression | None = None
    within: Within = "overlap"
    distance: int = 0
    qualifier: tuple[str, str] | None = None
    section: str = ""


@dataclass(frozen=True, slots=True)
class QueryRow:
    """A coding that a query selects, with the headings above it."""

    place: CodedPlace
    section: str


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Result of a query. compared: the codings of wanted codes that the filters leave."""

    query: CodeQuery
    rows: tuple[QueryRow, ...]
    compared: Sequence[QueriedCoding]

    @property
    def reviews(self) -> int:
        """Number of reviews."""
        return len({row.place.anchor.report.review_id for row in self.rows})

    def pairs(self) -> dict[tuple[str, str], PairCount]:
        """The wanted codes that are together. Counted anew by each call."""
        return code_pairs(self.compared, self.query.within, self.query.distance)


def run_query(
    query: CodeQuery, person: Actor, now: datetime, *, withheld: Collection[str] = ()
) -> QueryResult:
    """The codings that a query selects, in reading order. withheld: reviews that are left out.

    Memos are shown to their coder alone. Filters choose the codings; the expression is then
    evaluated among these. Raises as queried_places does; RuleError for more codings than can be
    compared.
    """
    places = queried_places(person, query.request, now, withheld=withheld)
    if person is not None and query.request.coder != person:
        # Memos are a coder's own notes.
        places = [replace(place, memo="") for place in places]
    if len(places) > MOST_CODINGS:
        raise RuleError(f"more than {MOST_CODINGS:,} codings: choose single reviews")
    structures = ReportStructures(with_words=query.within == "words")
    rows = [
        (place, structures.coding(number, place))
        for number, place in enumerate(places)
        if _has_qualifier(place, query.qualifier)
    ]
    section = query.section.casefold()
    codings = [coding for _, coding in rows if section in coding.section.casefold()]
    check_comparable(codings, query.expression, query.within)
    selected: Sequence[QueriedCoding] = codings
    compared: Sequence[QueriedCoding] = codings
    if query.expression is not None:
        selected = select_codings(query.expression, codings, query.within, query.distance)
        terms = wanted_terms(query.expression)
        compared = [row for row in codings if any(term.matches(row.code) for term in terms)]
    found = tuple(QueryRow(places[coding.number], coding.section) for coding in selected)
    return QueryResult(query, found, compared)


def _has_qualifier(place: CodedPlace, qualifier: tuple[str, str] | None) -> bool:
    return qualifier is None or str(place.qualifiers.get(qualifier[0], "")) == qualifier[1]


class ReportStructures:
    """Words, paragraphs and headings of reports, each read once."""

    def __init__(self, *, with_words: bool) -> None:
        self._with_words = with_words
        self._known: dict[tuple[int, int], _Structure] = {}

    def coding(self, number: int, place: CodedPlace) -> QueriedCoding:
        """A coding with the numbers of its words and paragraphs."""
        anchor, report = place.anchor, place.anchor.report
        key = report.pk, anchor.reading
        if key not in self._known:
            self._known[key] = _structure_of(report, anchor.reading, with_words=self._with_words)
        structure, span = self._known[key], Span(anchor.start, anchor.end)
        first, last = _numbers(structure.paragraphs, span)
        return QueriedCoding(
            number,
            report.review.reference,
            f"{report.key}r{anchor.reading}",
            place.code,
            span.start,
            span.end,
            _numbers(structure.words, span),
            (first, last),
            structure.headings[first] if structure.headings else "",
        )


@dataclass(frozen=True, slots=True)
class _Structure:
    words: Sequence[int]
    paragraphs: Sequence[int]
    headings: Sequence[str]


def _structure_of(report: Report, reading: int, *, with_words: bool) -> _Structure:
    passages = passage_spans(report, reading, Span(0, 2**31 - 1))
    text = content_of(report, reading) if with_words else ""
    return _Structure(
        _starts(match.start() for match in WORD.finditer(text)),
        _starts(row.start for row in passages),
        [row.heading for row in passages],
    )


def _starts(starts: Iterable[int]) -> list[int]:
    return list(starts)


def _numbers(starts: Sequence[int], span: Span) -> tuple[int, int]:
    """Numbers of the first and the last part that a span touches."""
    first = max(0, bisect_right(starts, span.start) - 1)
    return first, max(first, bisect_left(starts, span.end) - 1)
