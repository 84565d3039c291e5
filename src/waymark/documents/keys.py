"""Keys of reports and of places in them, computed from the bytes, so the same everywhere."""

import re

from waymark.core.errors import ParseError
from waymark.core.spans import Span

KEY = re.compile(r"(?P<report>[0-9a-f]{12})-(?P<start>\d{1,9})-(?P<end>\d{1,9})")


def report_key(sha256: str) -> str:
    """The first 12 hex digits of the original's SHA-256."""
    return sha256[:12]


def span_key(report: str, span: Span) -> str:
    """The citation key of a place, such as "3f9c01ab2d44-1042-1190" (code points of the text)."""
    return f"{report}-{span.start}-{span.end}"


def parse_span_key(key: str) -> tuple[str, Span]:
    """A citation key -> report key and span. Raises ParseError for anything else."""
    match = KEY.fullmatch(key)
    if match is None or int(match["start"]) >= int(match["end"]):
        raise ParseError("expected report-start-end", text=key, at=0)
    return match["report"], Span(int(match["start"]), int(match["end"]))
