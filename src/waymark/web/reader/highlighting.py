"""Marks in the text of a report: the cited passages, and the words that were searched for."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.http import HttpRequest

from waymark.core.errors import ParseError
from waymark.core.spans import Span, merged_spans
from waymark.documents.keys import SpanKey, parse_span_key, text_key
from waymark.documents.models import Report
from waymark.documents.queries.readings import older_numbers
from waymark.documents.reading.arrangement import TextStretch
from waymark.library.queries import Highlighter, highlighter_for
from waymark.web.library.search_request import AS_TYPED
from waymark.web.shared.clean_input import clean_line

MOST_PLACES = 50
"""Most passages marked in one text."""
MOST_HITS = 1_000


@dataclass(frozen=True, slots=True)
class TextMarks:
    """Marks in a text, in code points. targets: cited spans, where the page opens; hits: places
    with searched words, numbered from 1. Both in order, each without overlaps.

    left_out: there are more hits. current: number of the hit that the page opens at, 0 for none.
    """

    targets: tuple[Span, ...] = ()
    hits: tuple[Span, ...] = ()
    left_out: bool = False
    current: int = 0

    @property
    def opening(self) -> Span | None:
        """Where the page opens: the current hit, else the first cited span or hit."""
        if self.current:
            return self.hits[self.current - 1]
        return next(iter(self.targets or self.hits), None)

    @property
    def anchor(self) -> str:
        """Id of the element where the page opens, "" without one."""
        if self.targets and not self.current:
            return "at"
        return f"hit-{self.current or 1}" if self.hits else ""


def marks_of(
    request: HttpRequest, report: Report, reading: int, stretches: Sequence[TextStretch]
) -> TextMarks:
    """Marks that an address requests: ?at= passages, ?q= the searched words, ?hit= one of those.

    stretches: the text that is shown; nothing outside it is marked.
    """
    cited = merged_spans(cited_spans(request, report, reading))
    targets = [part for span in cited if (part := _shown_part(span, stretches))]
    hits: list[Span] = []
    left_out = False
    for span in _searched_spans(request, stretches):
        if len(hits) == MOST_HITS:
            left_out = True
            break
        hits.append(span)
    return TextMarks(tuple(targets), tuple(hits), left_out, _current_hit(request, hits))


def cited_spans(request: HttpRequest, report: Report, reading: int) -> list[Span]:
    """Spans of a reading that an address cites, in the order of the address."""
    text = text_key(report.key, reading)
    return [place.span for place in _cited_keys(request, report) if place.text == text]


def cited_reading(request: HttpRequest, report: Report) -> int:
    """Number of the reading whose words an address cites; the current one if it cites none."""
    cited = [place.reading for place in _cited_keys(request, report)]
    if not cited:
        return report.reading
    known = {report.reading, *older_numbers(report)}
    return next((reading for reading in cited if reading in known), report.reading)


def _cited_keys(request: HttpRequest, report: Report) -> Iterator[SpanKey]:
    """The cited keys that belong to this report."""
    # Keys come from the address, so anything can be in them: skip what is no key of this report.
    for key in request.GET.getlist("at")[:MOST_PLACES]:
        with suppress(ParseError):
            place = parse_span_key(key)
            if place.report == report.key:
                yield place


def _shown_part(span: Span, stretches: Sequence[TextStretch]) -> Span | None:
    """The part of a span from the first to the last character that is shown of it."""
    # Stretches are in order and do not overlap, so their starts and their ends are sorted.
    first = bisect_right(stretches, span.start, key=lambda stretch: stretch.end)
    last = bisect_left(stretches, span.end, key=lambda stretch: stretch.start) - 1
    if first > last:
        return None
    return Span(max(span.start, stretches[first].start), min(span.end, stretches[last].end))


def _searched_spans(request: HttpRequest, stretches: Iterable[TextStretch]) -> Iterator[Span]:
    """Places with searched words. Words with only a space between them are one place."""
    query = clean_line(request.GET.get("q", ""))
    if not query:
        return
    marks: Highlighter = highlighter_for(
        query, request.user, broaden=request.GET.get("broaden") != AS_TYPED
    )
    for stretch in stretches:
        start = end = -1
        for first, last in marks(stretch.text):
            if end >= 0 and stretch.text[end:first].isspace():
                end = last
                continue
            if end >= 0:
                yield Span(stretch.start + start, stretch.start + end)
            start, end = first, last
        if end >= 0:
            yield Span(stretch.start + start, stretch.start + end)


def _current_hit(request: HttpRequest, hits: Sequence[Span]) -> int:
    """Number of the requested hit, 0 if none is requested or it does not exist."""
    number = request.GET.get("hit", "")
    if not (number.isascii() and number.isdigit()):
        return 0
    return int(number[:9]) if 1 <= int(number[:9]) <= len(hits) else 0
