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
    rows = ((page.start, page.end, page.source) for page in pages)
    return PAGE_SOURCES[_source_of_pages(rows, span)]


def mark_of_report(report: Report) -> str:
    """The mark of the least sure page of a report's current text."""
    sources = set(report.pages.order_by().values_list("source", flat=True).distinct())
    return PAGE_SOURCES[_least_sure(sources)]


def _source_of_pages(pages: Iterable[tuple[int, int, str]], span: Span) -> str:
    """The least sure source of the pages (start, end, source) that a span touches."""
    return _least_sure(
        {source for start, end, source in pages if start < span.end and end > span.start}
    )


def _least_sure(sources: Collection[str]) -> str:
    return next((source for source in LEAST_SURE_FIRST if source in sources), FROM_FILE)


class ScanMarks:
    """Marks by citation key; the pages of each text are read once. The caller shows no more than
    the person may see."""

    def __init__(self) -> None:
        self._pages: dict[str, list[tuple[int, int, str]]] = {}

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


def _scanned_pages(cited: SpanKey) -> list[tuple[int, int, str]]:
    """Start, end and source of the pages of a text that were not read from a file's own text."""
    fields = "start", "end", "source"
    current = Page.objects.filter(report__key=cited.report, report__reading=cited.reading)
    older = ReadingPage.objects.filter(
        reading__report__key=cited.report,
        reading__number=cited.reading,
        reading__state=ReadingState.OLDER,
    )
    # A reading is either the current one or an older one, so one of the two is empty.
    rows = current.exclude(source="").values_list(*fields).order_by()
    return list(rows.union(older.exclude(source="").values_list(*fields).order_by(), all=True))
