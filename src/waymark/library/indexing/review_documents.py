"""Index documents of reviews: the text of their reports, in one version for each audience.

Staff see all open reports, the public only those that are published, and more once an embargo ends:
each of these views is a document of its own, so that a search never matches hidden text.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.documents.models import Passage, PassageKind, Report, ReportText, Review
from waymark.library.indexing.embargo import ALREADY_PUBLIC, embargo_end, later_opening, opening_of
from waymark.library.indexing.index_fields import (
    analysed_subjects,
    analysed_text,
    available_from,
    day_of,
    names_of,
    terms_of,
)
from waymark.library.models import CatalogueRecord, ReviewDetails
from waymark.library.models.kinds import CASE_REVIEW, KINDS, collection_of
from waymark.library.queries.agreed_facts import (
    NATURE,
    YEAR_OF_REVIEW,
    AgreedFact,
    codes_and_themes_of,
    values_of,
    year_of,
)
from waymark.library.queries.review_facets import (
    ReviewFacetFacts,
    facet_facts_of,
    reviews_to_filter,
)
from waymark.library.queries.subjects import RecordSubject
from waymark.library.search.known_items import identifier_of, title_keys
from waymark.library.search.protocol import (
    AnalysedText,
    DocumentVisibility,
    IndexDocuments,
    PassageDocument,
    RecordDocument,
)


@dataclass(frozen=True, slots=True)
class _ReportWords:
    """The text of one report. opening: as opening_of() gives it; None if it is not public."""

    report: int
    opening: datetime | None
    texts: tuple[AnalysedText, ...]


@dataclass(frozen=True, slots=True)
class _ReviewBatch:
    """Data of the reviews of a batch, by the review's number; passages by the report's number, and
    subjects by the record's. filtered: reviews whose agreed facts are filters.
    """

    reports: Mapping[int, list[Report]]
    passages: Mapping[int, list[tuple[int, bool, AnalysedText]]]
    details: Mapping[int, ReviewDetails]
    themes: Mapping[int, list[AgreedFact]]
    codes: Mapping[int, list[AgreedFact]]
    natures: Mapping[int, list[AgreedFact]]
    years: Mapping[int, list[AgreedFact]]
    filtered: frozenset[int]
    facets: ReviewFacetFacts
    subjects: Mapping[int, list[RecordSubject]]


def review_documents(
    records: Iterable[CatalogueRecord], subjects: Mapping[int, list[RecordSubject]], now: datetime
) -> Iterator[IndexDocuments]:
    """Yield the documents of each record of a review; none for a review that nobody may see."""
    by_review = {record.review_id: record for record in records}
    reviews = Review.objects.filter(state__in=OPEN_TO_STAFF).in_bulk(
        [number for number in by_review if number is not None]
    )
    batch = _load_batch(reviews, subjects)
    for number, record in by_review.items():
        review = reviews.get(number or 0)
        if review is None:
            yield IndexDocuments(record.pk)
        else:
            yield _documents_of_review(record, review, batch, now)


def _load_batch(
    reviews: Mapping[int, Review], subjects: Mapping[int, list[RecordSubject]]
) -> _ReviewBatch:
    reports: dict[int, list[Report]] = defaultdict(list)
    for report in Report.objects.filter(review__in=reviews, state__in=OPEN_TO_STAFF).order_by("pk"):
        reports[report.review_id].append(report)
    filtered = reviews_to_filter(reviews)
    codes, themes = codes_and_themes_of(reviews)
    return _ReviewBatch(
        reports=reports,
        passages=_analysed_passages(
            [report.pk for listed in reports.values() for report in listed]
        ),
        details=ReviewDetails.objects.in_bulk(list(reviews)),
        themes=themes,
        codes=codes,
        natures=values_of(reviews, NATURE),
        years=values_of(reviews, YEAR_OF_REVIEW),
        filtered=filtered,
        facets=facet_facts_of(filtered),
        subjects=subjects,
    )


def _analysed_passages(reports: list[int]) -> dict[int, list[tuple[int, bool, AnalysedText]]]:
    """Report -> number, True for a heading, and analysed text of each of its passages."""
    contents = dict(
        ReportText.objects.filter(report__in=reports).values_list("report_id", "content")
    )
    rows = (
        Passage.objects.filter(report__in=reports)
        .order_by("report_id", "ordinal")
        .values_list("report_id", "pk", "start", "end", "kind")
    )
    passages: dict[int, list[tuple[int, bool, AnalysedText]]] = defaultdict(list)
    for report, number, start, end, kind in rows.iterator(chunk_size=2_000):
        words = analysed_text(contents.get(report, "")[start:end])
        passages[report].append((number, kind == PassageKind.HEADING, words))
    return passages


def _documents_of_review(
    record: CatalogueRecord, review: Review, batch: _ReviewBatch, now: datetime
) -> IndexDocuments:
    opening = opening_of(review, now)
    parts, places = [], []
    for report in batch.reports.get(review.pk, []):
        since = later_opening(opening, opening_of(report, now))
        seen = DocumentVisibility(staff=True, public=since is not None, since=embargo_end(since))
        texts = [analysed_text(report.title)]
        for number, heading, words in batch.passages.get(report.pk, []):
            places.append(PassageDocument(seen, number, words, heading))
            texts.append(words)
        parts.append(_ReportWords(report.pk, since, tuple(texts)))
    available = available_from(record, opening)
    views = tuple(
        _record_document(record, review, seen, visible, batch, available)
        for seen, visible in _audience_views(opening, parts)
    )
    return IndexDocuments(record.pk, views, tuple(places))


def _audience_views(
    opening: datetime | None, parts: list[_ReportWords]
) -> list[tuple[DocumentVisibility, list[_ReportWords]]]:
    """The audiences of a review: to whom, from when to when, and with which reports.

    A public review with one published report and one under embargo until 1 May has three: staff
    with both, the public until 1 May with one, the public from 1 May with both. Where everybody
    may see all that staff may, one document is enough.
    """
    if opening is None:
        return [(DocumentVisibility(staff=True, public=False), parts)]
    moments = sorted({opening} | {part.opening for part in parts if part.opening is not None})
    views = []
    # moments [March, May] give the views (March, May) and (May, None): each lasts until the next
    # begins. A search at any time matches exactly one of them, so no record is counted twice.
    for since, until in zip(moments, [*moments[1:], None], strict=True):
        visible = [part for part in parts if part.opening is not None and part.opening <= since]
        # Each moment ends the view before it.
        views.append(
            (
                DocumentVisibility(staff=False, public=True, since=embargo_end(since), until=until),
                visible,
            )
        )
    # Most records: one document instead of two equal ones halves the index.
    if len(views) == 1 and moments == [ALREADY_PUBLIC] and len(views[0][1]) == len(parts):
        return [(DocumentVisibility(staff=True, public=True), parts)]
    return [(DocumentVisibility(staff=True, public=False), parts), *views]


def _record_document(
    record: CatalogueRecord,
    review: Review,
    seen: DocumentVisibility,
    parts: list[_ReportWords],
    batch: _ReviewBatch,
    available: datetime | None,
) -> RecordDocument:
    # Facts of hidden reports must not be found, either: only facts supported by these reports are
    # indexed for this audience.
    reports = frozenset(part.report for part in parts)
    themes = _visible_facts(batch.themes, review, reports)
    natures = _visible_facts(batch.natures, review, reports)
    # A query by these words is limited when it is asked, by who asks: protected_facts.py.
    filters = (themes, natures) if review.pk in batch.filtered else ([], [])
    details = batch.details.get(review.pk)
    year = year_of(
        review, _visible_facts(batch.years, review, reports), details.year if details else None
    )
    subjects = batch.subjects.get(record.pk, [])
    catalogued = [
        *map(analysed_text, _catalogue_texts(review, details)),
        *analysed_subjects(subjects),
    ]
    return RecordDocument(
        visibility=seen,
        reports=tuple(part.report for part in parts),
        title=catalogued[0],
        texts=(*catalogued, *(text for part in parts for text in part.texts)),
        words={
            "kind": terms_of([CASE_REVIEW, KINDS[CASE_REVIEW]]),
            "subject": names_of(subjects),
            "theme": terms_of(_fact_words(themes)),
            "nature": terms_of(_fact_words(natures)),
            "nation": terms_of([review.nation]),
            "board": terms_of([review.board]),
            "review": terms_of([review.reference, review.title]),
            "type": terms_of([review.review_type]),
            "title": terms_of([review.title]),
            "publisher": terms_of([review.board]),
        },
        facets={
            "collection": (collection_of(CASE_REVIEW),),
            "kind": (CASE_REVIEW,),
            "subject": tuple(subject.key for subject in subjects),
            "theme": tuple(fact.value for fact in filters[0]),
            "nature": tuple(fact.value for fact in filters[1]),
            "agency": _facet_facts(batch.facets.agencies, review, reports),
            "factor": _facet_facts(batch.facets.factors, review, reports),
            "age": _facet_facts(batch.facets.ages, review, reports),
            "year": _facet_value(year),
            "nation": _facet_value(review.nation),
            "board": _facet_value(review.board),
            "type": _facet_value(review.review_type),
        },
        identifiers=(identifier_of(review.reference), *title_keys(review.title)),
        dated=day_of(review.published_on or review.completed_on),
        available=available,
        codes=tuple(fact.value for fact in _visible_facts(batch.codes, review, reports)),
    )


def _facet_value(value: int | str | None) -> tuple[str, ...]:
    """One facet value, or none if it is unknown."""
    return () if value is None or value == "" else (str(value),)


def _facet_facts(
    facts: Mapping[int, list[AgreedFact]], review: Review, reports: frozenset[int]
) -> tuple[str, ...]:
    return tuple(fact.value for fact in _visible_facts(facts, review, reports))


def _fact_words(facts: Iterable[AgreedFact]) -> list[str]:
    return [word for fact in facts for word in (fact.value, fact.label)]


def _catalogue_texts(review: Review, details: ReviewDetails | None) -> list[str]:
    """The texts of the catalogue record without its subjects, the title first."""
    texts = [review.title, review.summary, review.board]
    if details is not None:
        texts += [details.pseudonym, *details.keywords]
    return texts


def _visible_facts(
    facts: Mapping[int, list[AgreedFact]], review: Review, reports: frozenset[int]
) -> list[AgreedFact]:
    return [fact for fact in facts.get(review.pk, []) if fact.visible_with(reports)]
