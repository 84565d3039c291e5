"""Positions in a report's text, counted in code points: start included, end not."""

from collections.abc import Iterable
from dataclasses import dataclass

from waymark.core.errors import RuleError


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Code points start (included) to end (not) of one report's text; never empty."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise RuleError(f"a span needs 0 <= start < end: {self.start} and {self.end}")

    def of(self, text: str) -> str:
        """Return the words of the span. Raises RuleError if it ends after the text."""
        if self.end > len(text):
            raise RuleError(f"the span ends at {self.end}, the text at {len(text)}")
        return text[self.start : self.end]


def merged_spans(spans: Iterable[Span]) -> list[Span]:
    """Merge overlapping spans; sorted. [0, 4) and [2, 6) -> [0, 6); touching spans stay apart."""
    joined: list[Span] = []
    for span in sorted(spans):
        # Sorted by start, a span can only overlap the last one that was joined.
        if joined and span.start < joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


@dataclass(frozen=True, slots=True)
class QuoteAnchor:
    """Verbatim quotation with its position: exact == text[start:end].

    prefix, suffix: up to 32 code points before and after (the W3C quote selector), used to find
    the quotation again when a newer extractor produces a different text.
    page: the page on which it starts, counted from 1.
    """

    start: int
    end: int
    exact: str
    prefix: str
    suffix: str
    page: int


AROUND = 32


def anchor_at(text: str, span: Span, *, page: int) -> QuoteAnchor:
    """Anchor of a span of text. Raises RuleError if the span ends after the text."""
    return QuoteAnchor(
        start=span.start,
        end=span.end,
        exact=span.of(text),
        prefix=text[max(0, span.start - AROUND) : span.start],
        suffix=text[span.end : span.end + AROUND],
        page=page,
    )
