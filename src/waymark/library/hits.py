"""What is shown of the reviews found: read from the database, and asked there once more."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.permissions import Actor
from waymark.documents.models import Passage, Report, ReportKind, ReportText, Review
from waymark.documents.queries import open_reports, open_reviews
from waymark.library.answers import Hit, HitPassage, HitRecord, HitReport, Named
from waymark.library.engine import engine
from waymark.library.facts import YEAR_OF_REVIEW, Fact, themes_of, values_of, year_of
from waymark.library.highlights import highlights
from waymark.library.search import Found, FoundRecord, Places, Request
from waymark.library.tree import Tree

PLACES_OF_A_HIT = 3
TEXTS_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Rows:
    """Of some reviews, those that a person may see, and the reports of each they may see."""

    reviews: Mapping[int, Review]
    reports: Mapping[int, list[Report]]

    def shows(self, found: FoundRecord) -> bool:
        """Whether the person may see the review and every report that it was found by."""
        visible = {report.pk for report in self.reports.get(found.review, [])}
        return found.review in self.reviews and visible.issuperset(found.reports)


def rows_of(numbers: list[int], person: Actor, now: datetime) -> Rows:
    """The rows of the reviews with these numbers."""
    reviews = open_reviews(person, now).in_bulk(numbers) if numbers else {}
    reports: dict[int, list[Report]] = {number: [] for number in reviews}
    if reviews:
        for report in open_reports(person, now).filter(review__in=list(reviews)):
            reports[report.review_id].append(report)
    return Rows(reviews, reports)


def hits_of(request: Request, found: Found, rows: Rows) -> tuple[Hit, ...]:
    """The reviews found, with their best places; a few queries for the whole page."""
    numbers = [record.review for record in found.records]
    places = engine().places(request, reviews=numbers, limit=PLACES_OF_A_HIT)
    passages = _passages(places, rows, request.tree)
    themes, years = themes_of(numbers), values_of(numbers, YEAR_OF_REVIEW)
    hits = []
    for one in found.records:
        review, reports = rows.reviews[one.review], rows.reports[one.review]
        visible = frozenset(report.pk for report in reports)
        at = places.get(one.review, Places(0, ()))
        shown = [fact for fact in themes.get(review.pk, []) if fact.seen_with(visible)]
        judged = [fact for fact in years.get(review.pk, []) if fact.seen_with(visible)]
        hits.append(
            Hit(
                record=_record(review, reports, judged, request.tree),
                score=one.score,
                passages=tuple(passages[number] for number in at.passages if number in passages),
                passages_total=at.total,
                themes=tuple(Named(fact.value, fact.label) for fact in shown),
            )
        )
    return tuple(hits)


def _record(
    review: Review, reports: list[Report], judged: list[Fact], tree: Tree | None
) -> HitRecord:
    return HitRecord(
        reference=review.reference,
        title=review.title,
        title_highlights=tuple(highlights(review.title, tree)),
        board=review.board,
        nation=review.nation,
        review_type=review.review_type,
        year=year_of(review, judged),
        published_on=review.published_on,
        summary=review.summary,
        fictional=review.fictional,
        reports=tuple(
            HitReport(of.key, of.title, of.kind, ReportKind(of.kind).label, of.page_count)
            for of in reports
        ),
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
