"""Reviews, reports, pages and places in them, limited to those a person may see.

A person may see a report only if its own state and its review's both allow it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from waymark.accounts.permissions import Actor, has_permission
from waymark.accounts.visibility import visible_rows, visible_to
from waymark.core.errors import NotFound, ParseError
from waymark.core.spans import Span
from waymark.documents.keys import parse_span_key
from waymark.documents.models import Intake, Passage, Report, ReportText, Review
from waymark.documents.queries.readings import (
    AnyPage,
    PassageSpan,
    content_of,
    page_of,
    pages_of,
    pages_over,
    passage_spans,
    running_lines_of,
)
from waymark.documents.queries.scan_marks import mark_of_pages
from waymark.documents.reading.arrangement import TextStretch

ReviewSelection = Collection[int] | QuerySet[Review]
"""Selection of reviews: primary keys, or a query, which has no limit of parameters."""


def open_reviews(person: Actor, now: datetime) -> QuerySet[Review]:
    """The reviews a person may see."""
    return visible_rows(Review, person, now)


def open_reports(person: Actor, now: datetime) -> QuerySet[Report]:
    """The reports a person may see."""
    return visible_rows(Report, person, now)


def references_of(reviews: ReviewSelection) -> dict[int, str]:
    """Primary key -> reference of reviews. The caller checks who may see them."""
    return dict(Review.objects.filter(Q(pk__in=reviews)).order_by().values_list("pk", "reference"))


class ReportKeys(dict[int, str]):
    """Primary key -> key of reports; a missing one is read from the database on demand."""

    def __missing__(self, report: int) -> str:
        self[report] = Report.objects.values_list("key", flat=True).get(pk=report)
        return self[report]


def keys_of_reports(reviews: ReviewSelection) -> ReportKeys:
    """Keys of the reports of reviews. The caller checks who may see them.

    A quote may be in a report that has since moved to another review: hence ReportKeys.
    """
    return ReportKeys(Report.objects.filter(review__in=reviews).order_by().values_list("pk", "key"))


def closed_reviews(person: Actor, now: datetime) -> QuerySet[Review]:
    """The reviews that a person may not see."""
    return Review.objects.exclude(visible_to(person, now=now))


def closed_reports(person: Actor, now: datetime) -> QuerySet[Report]:
    """The reports whose own state hides them from a person."""
    return Report.objects.exclude(visible_to(person, now=now))


def review_for(reference: str, person: Actor, now: datetime) -> Review:
    """The review of a reference. Raises NotFound, also if the person may not see it."""
    review = open_reviews(person, now).filter(reference=reference).first()
    if review is None:
        raise NotFound(f"there is no review {reference}")
    return review


def reports_of(review: Review, person: Actor, now: datetime) -> list[Report]:
    """The reports about a review that the person may see."""
    return list(open_reports(person, now).filter(review=review))


def stored_reports(keys: Sequence[str]) -> list[Report]:
    """The reports of these keys, in their order, for the code that has just stored them."""
    reports = Report.objects.filter(key__in=keys).select_related("review")
    return sorted(reports, key=lambda report: keys.index(report.key))


def report_for(key: str, person: Actor, now: datetime) -> Report:
    """The report of a key, with its review. Raises NotFound."""
    report = open_reports(person, now).filter(key=key).select_related("review").first()
    if report is None:
        raise NotFound(f"there is no report {key}")
    return report


def require_page_image(report: Report, number: int) -> None:
    """Raise NotFound if the report has no page of this number, or its format has no pages."""
    if not report.pages.filter(number=number, has_image=True).exists():
        raise NotFound(f"the report {report.key} has no image of a page {number}")


@dataclass(frozen=True, slots=True)
class PageText:
    """One page and its text in stretches, in reading order, without the white space between.

    reading: number of the reading that the text is of. running_lines: the words of its running
    headers and footers, which are not in the text.
    """

    page: AnyPage
    reading: int
    stretches: tuple[TextStretch, ...]
    running_lines: tuple[str, ...]


def page_for(report: Report, number: int, *, reading: int = 0) -> PageText:
    """A page of a report the person may see. reading: 0 for the current one. Raises NotFound."""
    reading = reading or report.reading
    page = page_of(report, reading, number)
    content = content_of(report, reading)
    blank = page.start == page.end
    passages = [] if blank else passage_spans(report, reading, Span(page.start, page.end))
    stretches = _stretches_of(content, passages, page.start, page.end)
    running = (text for on, text in running_lines_of(report, reading) if on == number)
    return PageText(page, reading, tuple(stretches), tuple(running))


@dataclass(frozen=True, slots=True)
class WholeText:
    """The whole text of a reading in stretches, in reading order, and its pages in order.

    pages: without their word boxes. Running headers and footers are not in it.
    """

    reading: int
    content: str
    pages: tuple[AnyPage, ...]
    stretches: tuple[TextStretch, ...]


def whole_text(report: Report, *, reading: int = 0) -> WholeText:
    """The text of a report the person may see. reading: 0 for the current one. Raises NotFound."""
    reading = reading or report.reading
    content = content_of(report, reading)
    passages = passage_spans(report, reading, Span(0, len(content))) if content else []
    stretches = _stretches_of(content, passages, 0, len(content))
    return WholeText(reading, content, tuple(pages_of(report, reading)), tuple(stretches))


def stretches_between(
    report: Report, content: str, span: Span, *, reading: int = 0
) -> list[TextStretch]:
    """The text of a part of a report in stretches, as page_for() gives those of a page.

    content: the whole text of the reading (0 for the current one).
    """
    passages = passage_spans(report, reading or report.reading, span)
    return _stretches_of(content, passages, span.start, span.end)


def _stretches_of(
    content: str, passages: Iterable[PassageSpan], start: int, end: int
) -> list[TextStretch]:
    """The text from start to end, cut at its passages."""
    stretches: list[TextStretch] = []
    # Example: page 20 to 90 with passages (10, 40) and (45, 80) gives the stretches (20, 40), which
    # began on the page before, (45, 80), and (40, 45) and (80, 90) unless they are white space.
    at = start
    for passage in passages:
        first, last = max(passage.start, at), min(passage.end, end)
        stretches += _loose_stretch(content, at, first)
        stretches.append(
            TextStretch(
                first,
                last,
                content[first:last],
                passage.key,
                passage.kind,
                continued=passage.start < start,
                heading=passage.heading,
            )
        )
        at = max(at, last)
    return stretches + _loose_stretch(content, at, end)


def _loose_stretch(content: str, start: int, end: int) -> list[TextStretch]:
    """The text between two passages as a stretch of its own; none if it is only white space."""
    text = content[start:end]
    if not text.strip():
        return []
    start += len(text) - len(text.lstrip())
    text = text.strip()
    return [TextStretch(start, start + len(text), text, "", "", continued=False)]


@dataclass(frozen=True, slots=True)
class CitedPlace:
    """A place in a report. quote: its words; page: where it starts; heading: the path above it.

    reading: number of the reading it is in. passage: the key of the paragraph or list item it
    starts in, "" if in none. scan_mark: to show with the words if they were recognised in a scan.
    """

    key: str
    report: Report
    reading: int
    span: Span
    quote: str
    page: int
    heading: str
    passage: str
    scan_mark: str


def cited_place(key: str, person: Actor, now: datetime) -> CitedPlace:
    """The place of a citation key. Raises NotFound if it is malformed, unknown or not visible."""
    try:
        cited = parse_span_key(key)
    except ParseError as error:
        raise NotFound(f"there is no passage {key}") from error
    report, span = report_for(cited.report, person, now), cited.span
    content = content_of(report, cited.reading)
    pages = pages_over(report, cited.reading, span)
    page = next((page for page in pages if page.start <= span.start), None)
    if span.end > len(content) or page is None:
        raise NotFound(f"there is no passage {key}")
    first = Span(span.start, span.start + 1)
    passage = next(iter(passage_spans(report, cited.reading, first)), None)
    return CitedPlace(
        key=key,
        report=report,
        reading=cited.reading,
        span=span,
        quote=span.of(content),
        page=page.number,
        heading=passage.heading if passage else "",
        passage=passage.key if passage else "",
        scan_mark=mark_of_pages(pages, span),
    )


def text_of(report: Report) -> str:
    """The whole text of a report."""
    return ReportText.objects.values_list("content", flat=True).get(report=report)


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage with its words."""

    key: str
    start: int
    end: int
    page: int
    last_page: int
    heading: str
    kind: str
    text: str


def passages_of(report: Report) -> Iterator[PassageRow]:
    """The passages of a report in order, with their words.

    The text is read once and cut here: substr() in SQLite counts from the beginning each time, so
    1,000 passages of a text of 1 MB would read 500 MB.
    """
    content = text_of(report)
    rows = Passage.objects.filter(report=report).order_by("ordinal")
    columns = rows.values("key", "start", "end", "page", "last_page", "heading", "kind")
    for row in columns.iterator(chunk_size=500):
        yield PassageRow(**row, text=content[row["start"] : row["end"]])


def recent_intakes(person: Actor, *, batch: str = "", limit: int = 200) -> list[Intake]:
    """The files received last, newest first; none for people who may not add reports."""
    if not has_permission(person, "add reports"):
        return []
    rows = Intake.objects.select_related("report", "review", "received_from").order_by("-pk")
    return list((rows.filter(batch=batch) if batch else rows)[:limit])


def report_with_bytes(sha256: str) -> Report | None:
    """The report whose original has this SHA-256, whoever may see it, to detect duplicates."""
    return Report.objects.filter(original_id=sha256).first()
