"""Load the hits of a search from the database, which checks visibility again."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from waymark.accounts.permissions import Actor
from waymark.accounts.visibility import visible_to
from waymark.documents.models import Passage, Report, ReportKind, ReportText, Review
from waymark.documents.queries import open_reports
from waymark.library.answers import Hit, HitPassage, HitRecord, HitReport, Named
from waymark.library.engine import engine
from waymark.library.facts import YEAR_OF_REVIEW, Fact, themes_of, values_of, year_of, years_told
from waymark.library.highlights import highlights
from waymark.library.kinds import KINDS, kind_of
from waymark.library.languages import language_said
from waymark.library.models import CatalogueRecord, Resource
from waymark.library.search import Found, FoundRecord, Places, Request
from waymark.library.subjects import Subject, subjects_of
from waymark.library.tree import Tree

PLACES_OF_A_HIT = 3
TEXTS_AT_ONCE = 20


def open_records(person: Actor, now: datetime) -> QuerySet[CatalogueRecord]:
    """Records of the reviews and resources that a person may see."""
    return CatalogueRecord.objects.filter(
        visible_to(person, now=now, prefix="review__")
        | visible_to(person, now=now, prefix="resource__")
    )


@dataclass(frozen=True, slots=True)
class Rows:
    """Database rows that a person may see, out of some records. reports: by review number."""

    records: Mapping[int, CatalogueRecord]
    reports: Mapping[int, list[Report]]

    def shows(self, match: FoundRecord) -> bool:
        """True if the person may see the record and every report whose words matched."""
        record = self.records.get(match.record)
        if record is None:
            return False
        visible = {report.pk for report in self.reports.get(record.review_id or 0, [])}
        return visible.issuperset(match.reports)


def rows_of(numbers: list[int], person: Actor, now: datetime) -> Rows:
    """The rows of the records with these numbers."""
    if not numbers:
        return Rows({}, {})
    records = open_records(person, now).select_related("review", "resource").in_bulk(numbers)
    reviews = [record.review_id for record in records.values() if record.review_id is not None]
    reports: dict[int, list[Report]] = {number: [] for number in reviews}
    if reviews:
        for report in open_reports(person, now).filter(review__in=reviews):
            reports[report.review_id].append(report)
    return Rows(records, reports)


@dataclass(frozen=True, slots=True)
class _Known:
    """Facts and subjects of the records of one page: facts by review, subjects by record."""

    themes: Mapping[int, list[Fact]]
    years: Mapping[int, list[Fact]]
    told: Mapping[int, int]
    subjects: Mapping[int, list[Subject]]


def hits_of(request: Request, results: Found, rows: Rows) -> tuple[Hit, ...]:
    """The results with their best passages; a few database queries for the whole page."""
    numbers = [match.record for match in results.records]
    places = engine().places(request, records=numbers, limit=PLACES_OF_A_HIT)
    passages = _passages(places, rows, request.tree)
    known = _known(numbers, rows)
    # Order and scores are those of the engine; every text and value is read from the database.
    hits = []
    for match in results.records:
        record = rows.records[match.record]
        best = places.get(match.record, Places(0, ()))
        themes = _seen(known.themes, record, rows)
        hits.append(
            Hit(
                record=_record(record, rows, known, request.tree),
                score=match.score,
                passages=tuple(passages[number] for number in best.passages if number in passages),
                passages_total=best.total,
                themes=tuple(Named(fact.value, fact.label) for fact in themes),
            )
        )
    return tuple(hits)


def _known(numbers: list[int], rows: Rows) -> _Known:
    reviews = [record.review for record in rows.records.values() if record.review is not None]
    undated = (review.pk for review in reviews if not (review.completed_on or review.published_on))
    return _Known(
        themes_of(rows.reports),
        values_of(rows.reports, YEAR_OF_REVIEW),
        years_told(undated),
        subjects_of(numbers),
    )


def _seen(facts: Mapping[int, list[Fact]], record: CatalogueRecord, rows: Rows) -> list[Fact]:
    """Facts of a record's review, limited to evidence that the person may see."""
    review = record.review_id or 0
    visible = frozenset(report.pk for report in rows.reports.get(review, []))
    return [fact for fact in facts.get(review, []) if fact.seen_with(visible)]


def _record(record: CatalogueRecord, rows: Rows, known: _Known, tree: Tree | None) -> HitRecord:
    subjects = tuple(
        Named(subject.key, subject.name)
        for subject in known.subjects.get(record.pk, [])
        if subject.given
    )
    if record.resource is not None:
        return _of_resource(record, record.resource, subjects, tree)
    if record.review is not None:
        year = year_of(
            record.review, _seen(known.years, record, rows), known.told.get(record.review.pk)
        )
        return _of_review(record, record.review, subjects, year, rows, tree)
    raise LookupError("a record has neither review nor resource: the database forbids it")


def _of_review(
    record: CatalogueRecord,
    review: Review,
    subjects: tuple[Named, ...],
    year: int | None,
    rows: Rows,
    tree: Tree | None,
) -> HitRecord:
    return HitRecord(
        number=record.pk,
        kind=kind_of(record),
        kind_label=KINDS[kind_of(record)],
        reference=review.reference,
        title=review.title,
        title_highlights=tuple(highlights(review.title, tree)),
        by=review.board,
        nation=review.nation,
        year=year,
        published_on=review.published_on,
        summary=review.summary,
        subjects=subjects,
        board=review.board,
        review_type=review.review_type,
        fictional=review.fictional,
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


def _of_resource(
    record: CatalogueRecord, resource: Resource, subjects: tuple[Named, ...], tree: Tree | None
) -> HitRecord:
    return HitRecord(
        number=record.pk,
        kind=resource.kind,
        kind_label=KINDS[resource.kind],
        reference=resource.key,
        title=resource.title,
        title_highlights=tuple(highlights(resource.title, tree, language_said(resource.language))),
        by=resource.publisher or "; ".join(resource.authors),
        nation=resource.nation,
        year=resource.year or (resource.published_on.year if resource.published_on else None),
        published_on=resource.published_on,
        summary=resource.summary,
        subjects=subjects,
        strapline=resource.strapline,
        url=resource.url,
    )


def _passages(places: Mapping[int, Places], rows: Rows, tree: Tree | None) -> dict[int, HitPassage]:
    """Number -> passage, limited to reports that the person may see."""
    numbers = [number for best in places.values() for number in best.passages]
    reports = [report.pk for visible in rows.reports.values() for report in visible]
    of_report: dict[int, list[tuple[int, str, int, str, int, int]]] = defaultdict(list)
    listed = Passage.objects.filter(pk__in=numbers, report__in=reports).order_by()
    columns = "report_id", "pk", "key", "page", "heading", "start", "end"
    for report, number, key, page, heading, start, end in listed.values_list(*columns):
        of_report[report].append((number, key, page, heading, start, end))
    hit_passages = {}
    # Each text is read once, a few at a time: one page of hits may quote many long reports.
    texts = ReportText.objects.filter(report__in=of_report).values_list("report_id", "content")
    for report, content in texts.iterator(chunk_size=TEXTS_AT_ONCE):
        for number, key, page, heading, start, end in of_report[report]:
            words = content[start:end]
            marked = tuple(highlights(words, tree))
            hit_passages[number] = HitPassage(key, page, heading, words, marked)
    return hit_passages
