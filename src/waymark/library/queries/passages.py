"""Search passages: all that contain any of the words, across reviews or in one of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from waymark.accounts.permissions import Actor
from waymark.core.errors import require_found
from waymark.documents.models import Passage, ReportKind
from waymark.documents.queries.reader import open_reports
from waymark.documents.reading.values import PAGE_SOURCES
from waymark.library.queries.hydrate import open_records
from waymark.library.queries.search import CHECKS, prepared_search
from waymark.library.queries.search_backend import search_backend
from waymark.library.search.highlights import highlight_spans
from waymark.library.search.protocol import PassageResults, SearchRequest
from waymark.library.search.results import HitPassage, PassageAnswer, PassageHit
from waymark.library.search.tree import QueryTree, text_nodes


@dataclass(frozen=True, slots=True)
class VisiblePassage:
    """Row of a passage that the person may see. text: its words."""

    row: Passage
    text: str


def search_passages(
    request: SearchRequest, *, person: Actor, now: datetime, review: str = ""
) -> PassageAnswer:
    """One page of the passages with any of the words, those with most of them first.

    review: reference of the only review to search; else all records that match the request. A
    request without words has no passages. Raises NotFound for a review that the person may not
    see, and ServiceUnavailable while there is no index.
    """
    records, title = _records_of(review, person, now) if review else (None, "")
    search = prepared_search(request, person, now)
    if search.query is None or not any(text_nodes(search.query.tree)) or search.window.is_too_far:
        return PassageAnswer(0, search.window.page, 0, (), title)
    query = search.query
    for _ in range(CHECKS):
        results = search_backend().find_passages(query, records=records)
        rows = visible_passages(results, person, now)
        hidden = set(results.passages) - rows.keys()
        if not hidden:
            break
        # Withdrawn since it was indexed: its whole record is left out, as in a search.
        query = replace(query, without=query.without | _records_with(hidden))
    total = results.total
    pages = 0 if total is None else search.window.pages(total)
    hits = passage_hits(results, rows, query.tree)
    return PassageAnswer(total, search.window.page, pages, hits, title)


def _records_of(review: str, person: Actor, now: datetime) -> tuple[frozenset[int], str]:
    """The record of a review, and its title."""
    rows = open_records(person, now).filter(review__reference=review)
    record = require_found(
        rows.values_list("pk", "review__title").first(), f"there is no review {review}"
    )
    return frozenset({record[0]}), record[1]


def _records_with(passages: Iterable[int]) -> frozenset[int]:
    rows = Passage.objects.filter(pk__in=list(passages)).order_by()
    return frozenset(
        record for record in rows.values_list("report__review__record__pk", flat=True) if record
    )


def visible_passages(
    results: PassageResults, person: Actor, now: datetime
) -> dict[int, VisiblePassage]:
    """Number -> row of the passages that the person may see now."""
    listed = Passage.objects.filter(
        pk__in=results.passages, report__in=open_reports(person, now)
    ).select_related("report__review", "report__text")
    return {
        row.pk: VisiblePassage(row, row.report.text.content[row.start : row.end]) for row in listed
    }


def passage_hits(
    results: PassageResults, rows: dict[int, VisiblePassage], tree: QueryTree | None
) -> tuple[PassageHit, ...]:
    """The passages of these rows in the order of the results."""
    return tuple(_passage_hit(rows[number], tree) for number in results.passages if number in rows)


def _passage_hit(passage: VisiblePassage, tree: QueryTree | None) -> PassageHit:
    row = passage.row
    report, review = row.report, row.report.review
    return PassageHit(
        reference=review.reference,
        title=review.title,
        board=review.board,
        report=ReportKind(report.kind).label,
        fictional=review.fictional,
        passage=HitPassage(
            row.key,
            row.page,
            row.heading,
            passage.text,
            tuple(highlight_spans(passage.text, tree)),
            PAGE_SOURCES[row.source],
        ),
    )
