"""What is shown of the records found: read from the database, and asked there once more."""

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
    """The records whose review or resource a person may see."""
    return CatalogueRecord.objects.filter(
        visible_to(person, now=now, prefix="review__")
        | visible_to(person, now=now, prefix="resource__")
    )


@dataclass(frozen=True, slots=True)
class Rows:
    """Of some records, those that a person may see, with their review or resource; and the
    reports of each review that they may see, by the number of the review."""

    records: Mapping[int, CatalogueRecord]
    reports: Mapping[int, list[Report]]

    def shows(self, found: FoundRecord) -> bool:
        """Whether the person may see the record and every report that it was found by."""
        record = self.records.get(found.record)
        if record is None:
            return False
        visible = {report.pk for report in self.reports.get(record.review_id or 0, [])}
        return visible.issuperset(found.reports)


def rows_of(numbers: list[int], person: Actor, now: datetime) -> Rows:
    """The rows of the records with these numbers."""
    if not numbers:
        return Rows({}, {})
    records = open_records(person, now).select_related("review", "resource").in_bulk(numbers)
    reviews = [one.review_id for one in records.values() if one.review_id is not None]
    reports: dict[int, list[Report]] = {number: [] for number in reviews}
    if reviews:
        for report in open_reports(person, now).filter(review__in=reviews):
            reports[report.review_id].append(report)
    return Rows(records, reports)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the records of a page: facts by the review's number, subjects by the
    record's."""

    themes: Mapping[int, list[Fact]]
    years: Mapping[int, list[Fact]]
    told: Mapping[int, int]
    subjects: Mapping[int, list[Subject]]


def hits_of(request: Request, found: Found, rows: Rows) -> tuple[Hit, ...]:
    """The records found, with their best places; a few queries for the whole page."""
    numbers = [one.record for one in found.records]
    places = engine().places(request, records=numbers, limit=PLACES_OF_A_HIT)
    passages = _passages(places, rows, request.tree)
    reviews = list(rows.reports)
    shown = [one.review for one in rows.records.values() if one.review is not None]
    known = _Known(
        themes_of(reviews),
        values_of(reviews, YEAR_OF_REVIEW),
        years_told(one.pk for one in shown if not (one.completed_on or one.published_on)),
        subjects_of(numbers),
    )
    hits = []
    for one in found.records:
        record = rows.records[one.record]
        at = places.get(one.record, Places(0, ()))
        hits.append(
            Hit(
                record=_record(record, rows, known, request.tree),
                score=one.score,
                passages=tuple(passages[number] for number in at.passages if number in passages),
                passages_total=at.total,
                themes=tuple(
                    Named(fact.value, fact.label) for fact in _seen(known.themes, record, rows)
                ),
            )
        )
    return tuple(hits)


def _seen(facts: Mapping[int, list[Fact]], record: CatalogueRecord, rows: Rows) -> list[Fact]:
    """The facts of a record's review that rest on what the person may see."""
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
    raise LookupError("a record is of a review or of a resource: the database says so")


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
            HitReport(of.key, of.title, of.kind, ReportKind(of.kind).label, of.page_count)
            for of in rows.reports[review.pk]
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
    """The passages by their numbers, as far as their reports are among the rows."""
    wanted = [number for of in places.values() for number in of.passages]
    reports = [report.pk for of in rows.reports.values() for report in of]
    of_report: dict[int, list[tuple[int, str, int, str, int, int]]] = defaultdict(list)
    listed = Passage.objects.filter(pk__in=wanted, report__in=reports).order_by()
    columns = "report_id", "pk", "key", "page", "heading", "start", "end"
    for report, number, key, page, heading, start, end in listed.values_list(*columns):
        of_report[report].append((number, key, page, heading, start, end))
    shown = {}
    # Each text is read once, and a few at a time: one page of hits may cite many long reports.
    texts = ReportText.objects.filter(report__in=of_report).values_list("report_id", "content")
    for report, content in texts.iterator(chunk_size=TEXTS_AT_ONCE):
        for number, key, page, heading, start, end in of_report[report]:
            words = content[start:end]
            marked = tuple(highlights(words, tree))
            shown[number] = HitPassage(key, page, heading, words, marked)
    return shown
