"""Texts of a report by the number of the reading: the current one, and older ones.

A reading that waits for a person is in none of these queries: nobody may cite it yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.errors import NotFound
from waymark.core.spans import Span
from waymark.documents.keys import span_key, text_key
from waymark.documents.models import (
    Page,
    Passage,
    Reading,
    ReadingPage,
    ReadingState,
    Report,
    ReportText,
)

AnyPage = Page | ReadingPage


@dataclass(frozen=True, slots=True)
class PassageSpan:
    """A passage of any reading, without its words."""

    key: str
    start: int
    end: int
    heading: str
    kind: str


def older_reading(report: Report, number: int) -> Reading:
    """An older reading of a report. Raises NotFound."""
    reading = report.readings.filter(number=number, state=ReadingState.OLDER).first()
    if reading is None:
        raise NotFound(f"the report {report.key} has no reading {number}")
    return reading


def content_of(report: Report, number: int) -> str:
    """The whole text of a reading. Raises NotFound."""
    if number == report.reading:
        return ReportText.objects.values_list("content", flat=True).get(report=report)
    return older_reading(report, number).content


def pages_of(report: Report, number: int) -> Sequence[AnyPage]:
    """The pages of a reading in order, without their word boxes. Raises NotFound."""
    if number == report.reading:
        return list(Page.objects.filter(report=report).defer("words"))
    return list(older_reading(report, number).pages.defer("words"))


def page_of(report: Report, number: int, page: int) -> AnyPage:
    """A page of a reading. Raises NotFound."""
    row: AnyPage | None
    if number == report.reading:
        row = Page.objects.filter(report=report, number=page).first()
    else:
        row = older_reading(report, number).pages.filter(number=page).first()
    if row is None:
        raise NotFound(f"the report has no page {page}")
    return row


def passage_spans(report: Report, number: int, within: Span) -> list[PassageSpan]:
    """The passages of a reading that share a character with a span, in order. Raises NotFound."""
    if number == report.reading:
        rows = Passage.objects.filter(report=report, start__lt=within.end, end__gt=within.start)
        columns = ("key", "start", "end", "heading", "kind")
        return [PassageSpan(*row) for row in rows.order_by("start").values_list(*columns)]
    text = text_key(report.key, number)
    return [
        PassageSpan(span_key(text, Span(start, end)), start, end, heading, kind)
        for start, end, _, _, heading, kind in older_reading(report, number).passages
        if start < within.end and within.start < end
    ]
