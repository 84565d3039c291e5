"""Parts of a report that the workbench shows: its pages, or stretches of a few screens."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.spans import Span
from waymark.documents.models import Page, Report
from waymark.documents.queries.readings import passage_spans

LONGEST_PART = 6_000
"""Characters after which the next passage begins a part, in a format without pages."""


@dataclass(frozen=True, slots=True)
class TextPart:
    """Part of a text, counted from 1. is_page: False in a format without pages."""

    number: int
    start: int
    end: int
    is_page: bool
    has_image: bool

    @property
    def span(self) -> Span | None:
        """Its span, None for a page without text."""
        return Span(self.start, self.end) if self.start < self.end else None

    @property
    def noun(self) -> str:
        """What it is called on the page."""
        return "page" if self.is_page else "part"


def parts_of(report: Report, length: int) -> list[TextPart]:
    """The parts of the current text of a report, in order. length: of the text."""
    # Not as rows of the model: a long report has a thousand of them, for every act.
    rows = Page.objects.filter(report=report).order_by("number")
    pages = list(rows.values_list("number", "start", "end", "has_image"))
    if len(pages) != 1 or pages[0][3]:
        return [TextPart(*page[:3], is_page=True, has_image=page[3]) for page in pages]
    starts = [0]
    if length > LONGEST_PART:
        for passage in passage_spans(report, report.reading, Span(0, length)):
            if passage.start - starts[-1] >= LONGEST_PART:
                starts.append(passage.start)
    ends = [*starts[1:], length]
    return [
        TextPart(number, start, end, is_page=False, has_image=False)
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
    ]


def part_at(parts: Sequence[TextPart], position: int) -> TextPart:
    """The part in which a position is."""
    return parts[max(bisect_right(parts, position, key=lambda part: part.start) - 1, 0)]


def parts_touching(parts: Sequence[TextPart], spans: Sequence[Span]) -> list[TextPart]:
    """The parts that share a character with one of the spans, in order."""
    return [
        part
        for part in parts
        if any(span.start < part.end and part.start < span.end for span in spans)
    ]
