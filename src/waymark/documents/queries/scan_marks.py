"""Marks of quotations whose words were recognised in a scan and may be wrong."""

from collections.abc import Collection, Iterable

from waymark.core.errors import ParseError
from waymark.core.spans import Span
from waymark.documents.keys import SpanKey, parse_span_key
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


def _source_of_pages(pages: Iterable[AnyPage], span: Span) -> str:
    return _least_sure(
        {page.source for page in pages if page.start < span.end and page.end > span.start}
    )


def _least_sure(sources: Collection[str]) -> str:
    return next((source for source in LEAST_SURE_FIRST if source in sources), FROM_FILE)


class ScanMarks:
    """Marks by citation key; the pages of each text are read once. The caller shows no more than
    the person may see."""

    def __init__(self) -> None:
        self._pages: dict[str, list[AnyPage]] = {}

    def mark_of(self, key: str) -> str:
        """The mark of a citation key; "" if it needs none or there is no such place."""
        return PAGE_SOURCES[self.source_of(key)]

    def source_of(self, key: str) -> str:
        """Source of the words of a citation key, one of PAGE_SOURCES."""
        try:
            cited = parse_span_key(key)
        except ParseError:
            return FROM_FILE
        if cited.text not in self._pages:
            self._pages[cited.text] = _scanned_pages(cited)
        return _source_of_pages(self._pages[cited.text], cited.span)


def _scanned_pages(cited: SpanKey) -> list[AnyPage]:
    fields = "start", "end", "source"
    current = Page.objects.filter(report__key=cited.report, report__reading=cited.reading)
    pages: list[AnyPage] = list(current.exclude(source="").only(*fields))
    older = ReadingPage.objects.filter(
        reading__report__key=cited.report,
        reading__number=cited.reading,
        reading__state=ReadingState.OLDER,
    )
    return pages or list(older.exclude(source="").only(*fields))
