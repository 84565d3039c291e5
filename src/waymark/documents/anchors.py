"""Quote anchors (TextAnchor rows): made from a span of a report, and moved to a newer reading.

An anchor stores the words (exact), up to 32 characters on each side (prefix, suffix), the span and
the page. Example: "The health visitor was not told." with the span (4, 18) gives

    exact "health visitor", prefix "The ", suffix " was not told."

The span finds the words at once. Prefix and suffix tell two equal quotes apart where only the
words are at hand, as in the quote selector of the W3C (core.spans.anchor_at).
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

from django.db.models import Q, QuerySet

from waymark.core.spans import QuoteAnchor, Span, anchor_at
from waymark.documents.keys import span_key, text_key
from waymark.documents.models import Report, TextAnchor
from waymark.documents.queries.readings import content_of, pages_of

AnyAnchor = TypeVar("AnyAnchor", bound=TextAnchor)

QUOTE_COLUMNS = ("report__key", "reading", "start", "end", "page", "exact")


def quote_columns(path: str = "") -> tuple[str, ...]:
    """The columns of a TextAnchor row for a Quote. path: to that row, such as "coding__"."""
    return tuple(f"{path}{column}" for column in QUOTE_COLUMNS)


def place_columns(path: str = "") -> tuple[str, ...]:
    """The same with the report's primary key instead of its key: no join, for very many rows."""
    return tuple(f"{path}{column}" for column in ("report_id", *QUOTE_COLUMNS[1:]))


@dataclass(frozen=True, slots=True)
class AnchoredPlace:
    """A place in a report at which something is anchored: its key, reading, span and words."""

    key: str
    reading: int
    span: Span
    exact: str


def anchored_places(rows: QuerySet[AnyAnchor]) -> list[AnchoredPlace]:
    """The places of quote anchors, each once."""
    columns = rows.order_by().values_list("key", "reading", "start", "end", "exact").distinct()
    return [
        AnchoredPlace(key, reading, Span(start, end), exact)
        for key, reading, start, end, exact in columns
    ]


def touching(report: Report, span: Span, *, reading: int = 0, now_at: Span | None = None) -> Q:
    """Quote anchors that share a character with a span of a report.

    reading: number of the reading that the span is in, 0 for the current one. now_at: the same
    words in the current reading, to which anchors may have moved.
    """
    # Example: an anchor of (4, 25) is included for the span (24, 30), not for (25, 30): its end is
    # the first character after it, so the two only touch. Hence < and >, not <= and >=.
    places = [(reading or report.reading, span)]
    if now_at is not None:
        places.append((report.reading, now_at))
    there = Q()
    for number, place in places:
        there |= Q(reading=number, start__lt=place.end, end__gt=place.start)
    return Q(report=report) & there


def move_anchors(
    rows: QuerySet[AnyAnchor],
    moves: Mapping[str, Span],
    anchors: "ReportAnchors",
    *,
    unique: Sequence[str] = (),
) -> dict[str, str]:
    """Move quote anchors from older readings to the current text; returns old key -> new key.

    moves: old key -> span in the current text. Only the place changes, never what a person decided
    about it. unique: with the key, the fields of which no two rows may have the same; a row whose
    new place is taken stays where it is, in its older reading.
    """
    moved = {}
    for row in rows.filter(key__in=moves):
        fields = anchors.fields(moves[row.key])
        same = {name: getattr(row, name) for name in unique}
        if same and rows.filter(key=fields["key"], **same).exists():
            continue
        moved[row.key] = str(fields["key"])
        for name, value in fields.items():
            setattr(row, name, value)
        row.save(update_fields=list(fields))
    return moved


class ReportAnchors:
    """Text and page starts of one report, read once to anchor many spans.

    reading: number of the reading, 0 for the current one. key: the key of its text, as citation
    keys begin with it.
    """

    def __init__(self, report: Report, *, reading: int = 0) -> None:
        self.report = report
        self.reading = reading or report.reading
        self.key = text_key(report.key, self.reading)
        self.text = content_of(report, self.reading)
        pages = pages_of(report, self.reading)
        self._starts = [page.start for page in pages]
        self._numbers = [page.number for page in pages]

    def anchor(self, span: Span) -> QuoteAnchor:
        """The verbatim anchor of a span. Raises RuleError when the span leaves the text."""
        place = max(0, bisect_right(self._starts, span.start) - 1)
        return anchor_at(self.text, span, page=self._numbers[place])

    def fields(self, span: Span) -> dict[str, object]:
        """The column values of a TextAnchor row for a span."""
        return {
            "report": self.report,
            "reading": self.reading,
            "key": span_key(self.key, span),
            **asdict(self.anchor(span)),
        }
