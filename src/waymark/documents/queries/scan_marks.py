"""Marks of quotations whose words were recognised in a scan and may be wrong."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from waymark.core.errors import ParseError
from waymark.core.evidence import report_of_key
from waymark.core.spans import Span
from waymark.documents.keys import parse_span_key, text_key
from waymark.documents.models import Page, ReadingPage, ReadingState, Report
from waymark.documents.queries.readings import AnyPage
from waymark.documents.reading.values import FROM_FILE, LEAST_SURE_FIRST, PAGE_SOURCES


def mark_of_pages(pages: Iterable[AnyPage], span: Span) -> str:
    """The mark of a place in a text, from the least sure of its pages; "" if it needs none."""
    return PAGE_SOURCES[_source_of_pages(pages, span)]


def mark_of_report(report: Report) -> str:
    """The mark of the least sure page of a report's current text."""
    sources = set(report.pages.order_by().values_list("source", flat=True).distinct())
    return PAGE_SOURCES[_least_sure(sources)]


def _source_of_pages(pages: Iterable["AnyPage | _ScannedPlace"], span: Span) -> str:
    return _least_sure(
        {page.source for page in pages if page.start < span.end and page.end > span.start}
    )


def _least_sure(sources: Collection[str]) -> str:
    return next((source for source in LEAST_SURE_FIRST if source in sources), FROM_FILE)


class _ScannedPlace(NamedTuple):
    """Part of a text that stands on a page recognised from a scan."""

    start: int
    end: int
    source: str


class ScanMarks:
    """Marks by citation key; the pages of each report are read once. The caller shows no more than
    the person may see.

    keys: citation keys that will be asked for, so that all their reports are read together.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._read: set[str] = set()
        self._places: dict[str, list[_ScannedPlace]] = {}
        self.read_reports(report_of_key(key) for key in keys)

    def read_reports(self, reports: Iterable[str]) -> None:
        """Read the scanned pages of reports that are not read yet, by one query for all."""
        unread = set(reports) - self._read
        if not unread:
            return
        self._read |= unread
        current = Page.objects.filter(report__key__in=unread).exclude(source="").order_by()
        older = ReadingPage.objects.filter(
            reading__report__key__in=unread, reading__state=ReadingState.OLDER
        )
        columns = "start", "end", "source"
        listed = current.values_list("report__key", "report__reading", *columns).union(
            older.exclude(source="")
            .order_by()
            .values_list("reading__report__key", "reading__number", *columns),
            all=True,
        )
        for report, reading, *place in listed:
            self._places.setdefault(text_key(report, reading), []).append(_ScannedPlace(*place))

    def mark_of(self, key: str) -> str:
        """The mark of a citation key; "" if it needs none or there is no such place."""
        return PAGE_SOURCES[self.source_of(key)]

    def source_of(self, key: str) -> str:
        """Source of the words of a citation key, one of PAGE_SOURCES."""
        try:
            cited = parse_span_key(key)
        except ParseError:
            return FROM_FILE
        self.read_reports([cited.report])
        return _source_of_pages(self._places.get(cited.text, ()), cited.span)
