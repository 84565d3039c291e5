"""The documents of reviews: all their reports say, as far as each of those who ask may see it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.documents.models import Passage, PassageKind, Report, ReportText, Review
from waymark.library.facts import NATURE, YEAR_OF_REVIEW, Fact, themes_of, values_of, year_of
from waymark.library.kinds import CASE_REVIEW, KINDS
from waymark.library.models import CatalogueRecord, ReviewDetails
from waymark.library.openings import ALWAYS, later_of, moment_of, opening_of
from waymark.library.search import Analysed, Documents, PassageDocument, RecordDocument, Seen
from waymark.library.subjects import Subject
from waymark.library.worded import available_from, day_of, names_of, terms_of, words_of


@dataclass(frozen=True, slots=True)
class _Part:
    """A report's words. opening: ALWAYS where it is public already; None where it is not."""

    report: int
    opening: datetime | None
    texts: tuple[Analysed, ...]


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is known of the reviews of a batch, each by the review's number but passages, by the
    report's, and subjects, by the record's."""

    reports: Mapping[int, list[Report]]
    passages: Mapping[int, list[tuple[int, bool, Analysed]]]
    details: Mapping[int, ReviewDetails]
    themes: Mapping[int, list[Fact]]
    natures: Mapping[int, list[Fact]]
    years: Mapping[int, list[Fact]]
    subjects: Mapping[int, list[Subject]]


def review_documents(
    records: Iterable[CatalogueRecord], subjects: Mapping[int, list[Subject]], now: datetime
) -> Iterator[Documents]:
    """Those of each record of a review; none where nobody may see it."""
    wanted = {record.review_id: record for record in records}
    reviews = Review.objects.filter(state__in=OPEN_TO_STAFF).in_bulk(
        [number for number in wanted if number is not None]
    )
    batch = _batch(reviews, subjects)
    for number, record in wanted.items():
        review = reviews.get(number or 0)
        if review is None:
            yield Documents(record.pk)
        else:
            yield _review(record, review, batch, now)


def _batch(reviews: Mapping[int, Review], subjects: Mapping[int, list[Subject]]) -> _Batch:
    reports: dict[int, list[Report]] = defaultdict(list)
    for report in Report.objects.filter(review__in=reviews, state__in=OPEN_TO_STAFF).order_by("pk"):
        reports[report.review_id].append(report)
    return _Batch(
        reports=reports,
        passages=_passages([report.pk for of in reports.values() for report in of]),
        details=ReviewDetails.objects.in_bulk(list(reviews)),
        themes=themes_of(reviews),
        natures=values_of(reviews, NATURE),
        years=values_of(reviews, YEAR_OF_REVIEW),
        subjects=subjects,
    )


def _passages(reports: list[int]) -> dict[int, list[tuple[int, bool, Analysed]]]:
    """Number, whether a heading, and words of each passage of each report."""
    contents = dict(
        ReportText.objects.filter(report__in=reports).values_list("report_id", "content")
    )
    rows = (
        Passage.objects.filter(report__in=reports)
        .order_by("report_id", "ordinal")
        .values_list("report_id", "pk", "start", "end", "kind")
    )
    found: dict[int, list[tuple[int, bool, Analysed]]] = defaultdict(list)
    for report, number, start, end, kind in rows.iterator(chunk_size=2_000):
        words = words_of(contents.get(report, "")[start:end])
        found[report].append((number, kind == PassageKind.HEADING, words))
    return found


def _review(record: CatalogueRecord, review: Review, batch: _Batch, now: datetime) -> Documents:
    opening = opening_of(review, now)
    parts, places = [], []
    for report in batch.reports.get(review.pk, []):
        since = later_of(opening, opening_of(report, now))
        seen = Seen(staff=True, public=since is not None, since=moment_of(since))
        texts = [words_of(report.title)]
        for number, heading, words in batch.passages.get(report.pk, []):
            places.append(PassageDocument(seen, number, words, heading))
            texts.append(words)
        parts.append(_Part(report.pk, since, tuple(texts)))
    available = available_from(record, opening)
    views = tuple(
        _view(record, review, seen, held, batch, available) for seen, held in _views(opening, parts)
    )
    return Documents(record.pk, views, tuple(places))


def _views(opening: datetime | None, parts: list[_Part]) -> list[tuple[Seen, list[_Part]]]:
    """The different ways in which a review shows: to whom, when, and with which reports.

    Where everybody may see all that staff may, one document does for both.
    """
    if opening is None:
        return [(Seen(staff=True, public=False), parts)]
    moments = sorted({opening} | {part.opening for part in parts if part.opening is not None})
    views = []
    for number, since in enumerate(moments):
        until = moments[number + 1] if number + 1 < len(moments) else None
        held = [part for part in parts if part.opening is not None and part.opening <= since]
        views.append((Seen(staff=False, public=True, since=moment_of(since), until=until), held))
    if len(views) == 1 and moments == [ALWAYS] and len(views[0][1]) == len(parts):
        return [(Seen(staff=True, public=True), parts)]
    return [(Seen(staff=True, public=False), parts), *views]


def _view(
    record: CatalogueRecord,
    review: Review,
    seen: Seen,
    parts: list[_Part],
    batch: _Batch,
    available: datetime | None,
) -> RecordDocument:
    reports = frozenset(part.report for part in parts)
    themes = _of(batch.themes, review, reports)
    natures = _of(batch.natures, review, reports)
    details = batch.details.get(review.pk)
    told = details.year if details else None
    year = year_of(review, _of(batch.years, review, reports), told)
    subjects = batch.subjects.get(record.pk, [])
    about = [words_of(text) for text in _about(review, batch.details.get(review.pk), subjects)]
    return RecordDocument(
        seen=seen,
        reports=tuple(part.report for part in parts),
        title=about[0],
        texts=(*about, *(text for part in parts for text in part.texts)),
        words={
            "kind": terms_of([CASE_REVIEW, KINDS[CASE_REVIEW]]),
            "subject": names_of(subjects),
            "theme": terms_of(said for fact in themes for said in (fact.value, fact.label)),
            "nature": terms_of(said for fact in natures for said in (fact.value, fact.label)),
            "nation": terms_of([review.nation]),
            "board": terms_of([review.board]),
            "review": terms_of([review.reference, review.title]),
            "type": terms_of([review.review_type]),
            "title": terms_of([review.title]),
            "publisher": terms_of([review.board]),
        },
        facets={
            "kind": (CASE_REVIEW,),
            "subject": tuple(subject.key for subject in subjects),
            "theme": tuple(fact.value for fact in themes),
            "nature": tuple(fact.value for fact in natures),
            "year": () if year is None else (str(year),),
            "nation": (review.nation,) if review.nation else (),
            "type": (review.review_type,) if review.review_type else (),
        },
        dated=day_of(review.published_on or review.completed_on),
        available=available,
    )


def _about(review: Review, details: ReviewDetails | None, subjects: Iterable[Subject]) -> list[str]:
    """What the catalogue says of a review, its title first."""
    said = [review.title, review.summary, review.board]
    if details is not None:
        said += [details.pseudonym, *details.keywords]
    return [*said, *(subject.name for subject in subjects if subject.given)]


def _of(facts: Mapping[int, list[Fact]], review: Review, reports: frozenset[int]) -> list[Fact]:
    return [fact for fact in facts.get(review.pk, []) if fact.seen_with(reports)]
