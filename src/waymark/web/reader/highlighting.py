"""Highlights on a page of a report: the searched words, or a cited passage."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from django.http import HttpRequest

from waymark.core.errors import ParseError
from waymark.core.spans import Span
from waymark.documents.keys import SpanKey, parse_span_key, text_key
from waymark.documents.models import Report
from waymark.documents.queries.reader import PageText, TextStretch
from waymark.documents.queries.readings import older_numbers
from waymark.library.queries import Highlighter, highlighter_for
from waymark.web.library.search_request import AS_TYPED
from waymark.web.shared.clean_input import clean_line

MOST_PLACES = 50
"""Most passages highlighted on one page."""
MOST_WORDS = 400


@dataclass(frozen=True, slots=True)
class PageHighlights:
    """Highlights of a page. marks: highlighted spans; places: cited spans, where the page opens."""

    marks: tuple[Span, ...]
    places: tuple[Span, ...] = ()

    def opens_at(self, stretch: TextStretch) -> bool:
        """True if the stretch contains a cited span or, without those, a highlighted one."""
        return any(
            span.start < stretch.end and stretch.start < span.end
            for span in self.places or self.marks
        )


def highlights_of(request: HttpRequest, report: Report, page: PageText) -> PageHighlights:
    """Highlights that an address requests: ?at= a passage, ?q= the searched words.

    Without words, or if none of them is on this page, the passages themselves are highlighted.
    """
    text = text_key(report.key, page.reading)
    places = tuple(place.span for place in _cited_keys(request, report) if place.text == text)
    words = tuple(_searched_spans(request, page.stretches))
    return PageHighlights(words or places, places)


def cited_reading(request: HttpRequest, report: Report) -> int:
    """Number of the reading whose words an address cites; the current one if it cites none."""
    known = {report.reading, *older_numbers(report)}
    cited = (place.reading for place in _cited_keys(request, report))
    return next((reading for reading in cited if reading in known), report.reading)


def _cited_keys(request: HttpRequest, report: Report) -> Iterator[SpanKey]:
    """The cited keys that belong to this report."""
    # Keys come from the address, so anything can be in them: skip what is no key of this report.
    for key in request.GET.getlist("at")[:MOST_PLACES]:
        with suppress(ParseError):
            place = parse_span_key(key)
            if place.report == report.key:
                yield place


def _searched_spans(request: HttpRequest, stretches: Iterable[TextStretch]) -> list[Span]:
    query = clean_line(request.GET.get("q", ""))
    if not query:
        return []
    marks: Highlighter = highlighter_for(query, broaden=request.GET.get("broaden") != AS_TYPED)
    spans = [
        Span(stretch.start + start, stretch.start + end)
        for stretch in stretches
        for start, end in marks(stretch.text)
    ]
    return spans[:MOST_WORDS]
