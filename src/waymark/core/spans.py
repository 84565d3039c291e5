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
        """The words of the span. Raises RuleError when the text is shorter than the span."""
        if self.end > len(text):
            raise RuleError(f"the span ends at {self.end}, the text at {len(text)}")
        return text[self.start : self.end]


def merged(spans: Iterable[Span]) -> list[Span]:
    """The stretches that the spans cover together, in order; spans that overlap become one."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start < joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


@dataclass(frozen=True, slots=True)
class Anchor:
    """A verbatim quotation with its place: exact == text[start:end].

    prefix, suffix: up to 32 code points before and after (the W3C quote selector), by which the
    quotation is found again when a newer extractor yields another text.
    page: the page on which it starts, counted from 1.
    """

    start: int
    end: int
    exact: str
    prefix: str
    suffix: str
    page: int


AROUND = 32


def anchor_at(text: str, span: Span, *, page: int) -> Anchor:
    """The anchor of a span of text. Raises RuleError when the span leaves the text."""
    return Anchor(
        start=span.start,
        end=span.end,
        exact=span.of(text),
        prefix=text[max(0, span.start - AROUND) : span.start],
        suffix=text[span.end : span.end + AROUND],
        page=page,
    )
