"""Passages of the demo's reports by the labels that its sources use, as "R08 4.3.3"."""

import re

from waymark.documents.models import Report
from waymark.documents.queries.reader import text_of
from waymark.recommendations.models import Recommendation

LABEL = re.compile(r"((?:[A-F]|\d+\.)?\d+(?:\.\d+)*)\.? (?=\S)")


def labelled_passages(reference: str) -> dict[str, str]:
    """Label of each numbered paragraph of a review, and R1 of its recommendations -> its key."""
    labels: dict[str, str] = {}
    for report in Report.objects.filter(review__reference=reference):
        text = text_of(report)
        for passage in report.passages.all():
            if match := LABEL.match(text[passage.start : passage.end]):
                labels.setdefault(match[1], passage.key)
    rows = Recommendation.objects.filter(review__reference=reference, superseded_at=None)
    return labels | {f"R{row.number}": row.key for row in rows}
