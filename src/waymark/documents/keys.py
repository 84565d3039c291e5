"""Keys of reports and of places in them, computed from the bytes, so the same everywhere.

A report can be read more than once, and each reading is a text of its own. The text of the first
has the report's key, such as "3f9c01ab2d44"; that of a later one adds its number, such as
"3f9c01ab2d44r2". So a citation key always means the words of the reading it was made in, never
what another reading has at the same positions.
"""

import re
from dataclasses import dataclass

from waymark.core.errors import ParseError
from waymark.core.evidence import text_key
from waymark.core.spans import Span

KEY = re.compile(
    r"(?P<text>(?P<report>[0-9a-f]{12})(?:r(?P<reading>[2-9]|[1-9]\d{1,3}))?)"
    r"-(?P<start>\d{1,9})-(?P<end>\d{1,9})"
)

__all__ = ["KEY", "SpanKey", "parse_span_key", "report_key", "span_key", "text_key"]


def report_key(sha256: str) -> str:
    """The first 12 hex digits of the original's SHA-256."""
    return sha256[:12]


def span_key(text: str, span: Span) -> str:
    """The citation key of a place, such as "3f9c01ab2d44-1042-1190" (code points of the text).

    text: from text_key(); the report's key is the text key of its first reading.
    """
    return f"{text}-{span.start}-{span.end}"


@dataclass(frozen=True, slots=True)
class SpanKey:
    """A citation key, taken apart. text: key of the text; reading: its number, counted from 1."""

    text: str
    report: str
    reading: int
    span: Span


def parse_span_key(key: str) -> SpanKey:
    """Take a citation key apart. Raises ParseError for anything else."""
    match = KEY.fullmatch(key)
    if match is None or int(match["start"]) >= int(match["end"]):
        raise ParseError("expected report-start-end", text=key, at=0)
    span = Span(int(match["start"]), int(match["end"]))
    return SpanKey(match["text"], match["report"], int(match["reading"] or 1), span)
