"""Load the hits of a search from the database, which checks visibility again."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from waymark.accounts.permissions import Actor
from waymark.accounts.visibility import visible_to
from waymark.documents.models import Passage, Report, ReportKind, ReportText, Review
from waymark.documents.queries.reader import open_reports
from waymark.documents.reading.values import PAGE_SOURCES
from waymark.library.language.languages import language_of_tag
from waymark.library.models import CatalogueRecord, Resource
from waymark.library.models.kinds import KINDS, kind_of
from waymark.library.queries.agreed_facts import (
    YEAR_OF_REVIEW,
    AgreedFact,
    publication_years,
    values_of,
    year_of,
)
from waymark.library.queries.content_notes import content_notes_of
from waymark.library.queries.search_backend import search_backend
from waymark.library.search.highlights import highlight_spans
from waymark.library.search.protocol import BestPassages, IndexMatch, IndexQuery, IndexResults
from waymark.library.search.results import HitPassage, HitRecord, HitReport, SearchHit
from waymark.library.search.tree import QueryTree

PLACES_OF_A_HIT = 3
TEXTS_AT_ONCE = 20
REPORT_COLUMNS = ("key", "review", "title", "kind", "page_count")
"""Columns of a report that a hit shows."""


def open_records(person: Actor, now: datetime) -> QuerySet[CatalogueRecord]:
    """Records of the reviews and resources that a person may see."""
    return CatalogueRecord.objects.filter(is_open(person, now))


def is_open(person: Actor, now: datetime, *, prefix: str = "") -> Q:
    """Condition for records of what a person may see. prefix: path to the record."""
    return visible_to(person, now=now, prefix=f"{prefix}review__") | visible_to(
        person, now=now, prefix=f"{prefix}resource__"
    )


def visible_references(names: Collection[str], person: Actor, now: datetime) -> set[str]:
    """The references of reviews and keys of resources that a person may see, out of some."""
    named = Q(review__reference__in=names) | Q(resource__key__in=names)
    rows = open_records(person, now).filter(named)
    pairs = rows.values_list("review__reference", "resource__key")
    return {name for pair in pairs for name in pair if name}


@dataclass(frozen=True, slots=True)
class VisibleRows:
    """Database rows that a person may see, out of some records. reports: by review number."""

    records: Mapping[int, CatalogueRecord]
    reports: Mapping[int, list[Report]]

    def shows(self, match: IndexMatch) -> bool:
        """True if the person may see the record and every report whose words matched."""
        record = self.records.get(match.record)
        if record is None:
            return False
        visible = {report.pk for report in self.reports.get(record.review_id or 0, [])}
        return visible.issuperset(match.reports)


def visible_rows(numbers: list[int], person: Actor, now: datetime) -> VisibleRows:
    """The rows of the records with these numbers."""
    if not numbers:
        return VisibleRows({}, {})
    visible = open_records(person, now).select_related("review__details", "resource")
    records = visible.in_bulk(numbers)
    reviews = [record.review_id for record in records.values() if record.review_id is not None]
    reports: dict[int, list[Report]] = {number: [] for number in reviews}
    if reviews:
        for report in open_reports(person, now).filter(review__in=reviews).only(*REPORT_COLUMNS):
            reports[report.review_id].append(report)
    return VisibleRows(records, reports)


def visible_passage_numbers(numbers: list[int], person: Actor, now: datetime) -> set[int]:
    """The numbers of the passages that a person may see, out of some."""
    if not numbers:
        return set()
    reports = dict(Passage.objects.filter(pk__in=numbers).order_by().values_list("pk", "report"))
    # By numbers: as a subquery, SQLite would list all reports of the library.
    listed = open_reports(person, now).filter(pk__in=set(reports.values())).order_by()
    visible = set(listed.values_list("pk", flat=True))
    return {number for number, report in reports.items() if report in visible}


@dataclass(frozen=True, slots=True)
class _PageFacts:
    """Years of the reviews of one page: as agreed, and as the catalogue states them."""

    years: Mapping[int, list[AgreedFact]]
    years_stated: Mapping[int, int]


def load_hits(
    request: IndexQuery,
    results: IndexResults,
    rows: VisibleRows,
    *,
    chosen: Mapping[int, Sequence[int]] | None = None,
) -> tuple[SearchHit, ...]:
    """The results with their best passages; a few database queries for the whole page.

    chosen: numbers of passages by record, which are shown instead of its best.
    """
    others = {
        record: BestPassages(len(listed), tuple(listed))
        for record, listed in (chosen or {}).items()
    }
    numbers = [match.record for match in results.records if match.record not in others]
    places = others | search_backend().best_passages(
        request, records=numbers, limit=PLACES_OF_A_HIT
    )
    passages = _hit_passages(places, rows, request.tree)
    known = _page_facts(rows)
    # Order and scores are those of the engine; every text and value is read from the database.
    hits = []
    for match in results.records:
        record = rows.records[match.record]
        best = places.get(match.record, BestPassages(0, ()))
        hits.append(
            SearchHit(
                record=_hit_record(record, rows, known, request.tree),
                score=match.score,
                passages=tuple(passages[number] for number in best.passages if number in passages),
                passages_total=best.total,
            )
        )
    return tuple(hits)


def _page_facts(rows: VisibleRows) -> _PageFacts:
    reviews = [record.review for record in rows.records.values() if record.review is not None]
    undated = (review.pk for review in reviews if not (review.completed_on or review.published_on))
    return _PageFacts(
        values_of(rows.reports, YEAR_OF_REVIEW),
        publication_years(undated),
    )


def visible_facts(
    facts: Mapping[int, list[AgreedFact]], record: CatalogueRecord, rows: VisibleRows
) -> list[AgreedFact]:
    """Facts of a record's review, limited to evidence that the person may see."""
    review = record.review_id or 0
    visible = frozenset(report.pk for report in rows.reports.get(review, []))
    return [fact for fact in facts.get(review, []) if fact.visible_with(visible)]


def _hit_record(
    record: CatalogueRecord, rows: VisibleRows, known: _PageFacts, tree: QueryTree | None
) -> HitRecord:
    if record.resource is not None:
        return _resource_hit_record(record, record.resource, tree)
    if record.review is not None:
        year = year_of(
            record.review,
            visible_facts(known.years, record, rows),
            known.years_stated.get(record.review.pk),
        )
        return _review_hit_record(record, record.review, year, rows, tree)
    raise LookupError("a record has neither review nor resource: the database forbids it")


def _review_hit_record(
    record: CatalogueRecord,
    review: Review,
    year: int | None,
    rows: VisibleRows,
    tree: QueryTree | None,
) -> HitRecord:
    return HitRecord(
        number=record.pk,
        kind=kind_of(record),
        kind_label=KINDS[kind_of(record)],
        reference=review.reference,
        title=review.title,
        title_highlights=tuple(highlight_spans(review.title, tree)),
        by=review.board,
        nation=review.nation,
        year=year,
        published_on=review.published_on,
        summary=review.summary,
        board=review.board,
        review_type=review.review_type,
        fictional=review.fictional,
        content_notes=content_notes_of(review),
        reports=tuple(
            HitReport(
                report.key,
                report.title,
                report.kind,
                ReportKind(report.kind).label,
                report.page_count,
            )
            for report in rows.reports[review.pk]
        ),
    )


def _resource_hit_record(
    record: CatalogueRecord,
    resource: Resource,
    tree: QueryTree | None,
) -> HitRecord:
    return HitRecord(
        number=record.pk,
        kind=resource.kind,
        kind_label=KINDS[resource.kind],
        reference=resource.key,
        title=resource.title,
        title_highlights=tuple(
            highlight_spans(resource.title, tree, language_of_tag(resource.language))
        ),
        by=resource.publisher or "; ".join(resource.authors),
        nation=resource.nation,
        year=resource.year or (resource.published_on.year if resource.published_on else None),
        published_on=resource.published_on,
        summary=resource.summary,
        strapline=resource.strapline,
        url=resource.url,
    )


def _hit_passages(
    places: Mapping[int, BestPassages], rows: VisibleRows, tree: QueryTree | None
) -> dict[int, HitPassage]:
    """Number -> passage, limited to reports that the person may see."""
    numbers = [number for best in places.values() for number in best.passages]
    reports = [report.pk for visible in rows.reports.values() for report in visible]
    of_report: dict[int, list[tuple[int, str, int, str, int, int, str]]] = defaultdict(list)
    listed = Passage.objects.filter(pk__in=numbers, report__in=reports).order_by()
    columns = "report_id", "pk", "key", "page", "heading", "start", "end", "source"
    for report, number, key, page, heading, start, end, source in listed.values_list(*columns):
        of_report[report].append((number, key, page, heading, start, end, source))
    hit_passages = {}
    # Each text is read once, a few at a time: one page of hits may quote many long reports.
    texts = ReportText.objects.filter(report__in=of_report).values_list("report_id", "content")
    for report, content in texts.iterator(chunk_size=TEXTS_AT_ONCE):
        for number, key, page, heading, start, end, source in of_report[report]:
            words = content[start:end]
            marked = tuple(highlight_spans(words, tree))
            hit_passages[number] = HitPassage(
                key, page, heading, words, marked, PAGE_SOURCES[source]
            )
    return hit_passages
