"""From a span of a report to the fields of a quote anchor (a TextAnchor row). Reads only.

An anchor stores the words (exact), up to 32 characters on each side (prefix, suffix), the span and
the page. Example: "The health visitor was not told." with the span (4, 18) gives

    exact "health visitor", prefix "The ", suffix " was not told."

The span finds the words at once. Prefix and suffix tell two equal quotes apart where only the
words are at hand, as in the quote selector of the W3C (core.spans.anchor_at).
"""

from bisect import bisect_right
from dataclasses import asdict

from waymark.core.spans import QuoteAnchor, Span, anchor_at
from waymark.documents.keys import span_key, text_key
from waymark.documents.models import Page, Report, ReportText

QUOTE_COLUMNS = ("report__key", "reading", "start", "end", "page", "exact")


def quote_columns(path: str = "") -> tuple[str, ...]:
    """The columns of a TextAnchor row for a Quote. path: to that row, such as "coding__"."""
    return tuple(f"{path}{column}" for column in QUOTE_COLUMNS)


def place_columns(path: str = "") -> tuple[str, ...]:
    """The same with the report's primary key instead of its key: no join, for very many rows."""
    return tuple(f"{path}{column}" for column in ("report_id", *QUOTE_COLUMNS[1:]))


class ReportAnchors:
    """Current text and page starts of one report, read once to anchor many spans.

    key: the key of the text, as citation keys begin with it.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        self.key = text_key(report.key, report.reading)
        self.text = ReportText.objects.values_list("content", flat=True).get(report=report)
        pages = Page.objects.filter(report=report).order_by("number")
        self._starts, self._numbers = [], []
        for start, number in pages.values_list("start", "number"):
            self._starts.append(start)
            self._numbers.append(number)

    def anchor(self, span: Span) -> QuoteAnchor:
        """The verbatim anchor of a span. Raises RuleError when the span leaves the text."""
        place = max(0, bisect_right(self._starts, span.start) - 1)
        return anchor_at(self.text, span, page=self._numbers[place])

    def fields(self, span: Span) -> dict[str, object]:
        """The column values of a TextAnchor row for a span."""
        return {
            "report": self.report,
            "reading": self.report.reading,
            "key": span_key(self.key, span),
            **asdict(self.anchor(span)),
        }
