"""A report of many pages about nobody, and codings on it, written straight into the database."""

from datetime import datetime

from tests.factories import NOON, make_report
from waymark.accounts.models import User
from waymark.coding.models import Coding
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import Page, Passage, Report, Review
from waymark.frameworks.models import Code

SENTENCES = (
    "The health visitor called in March and found nobody at home.",
    "A letter was sent to the family, and no answer came.",
    "The school asked for a meeting, which took place in June.",
    "Two services worked with the mother and neither knew of the other.",
    "The nurse wrote down what the child had said.",
    "It is not recorded who was told.",
)
PASSAGES = 8
"""Passages of a page, of four sentences each: some 2,000 characters, as in printed reports."""


def make_long_report(review: Review, pages: int) -> Report:
    """A report of so many pages without images; each passage begins with its number."""
    paragraphs = [
        f"{page}.{number} " + " ".join(SENTENCES[(page + number + k) % 6] for k in range(4))
        for page in range(1, pages + 1)
        for number in range(1, PASSAGES + 1)
    ]
    report = make_report(review, *paragraphs)
    rows = list(Passage.objects.filter(report=report).order_by("ordinal"))
    Page.objects.filter(report=report).delete()
    Page.objects.bulk_create(
        Page(
            report=report,
            number=page,
            width=0,
            height=0,
            start=rows[(page - 1) * PASSAGES].start,
            end=rows[page * PASSAGES - 1].end + (page < pages),
            words=b"",
            has_image=False,
        )
        for page in range(1, pages + 1)
    )
    for row in rows:
        row.page = row.last_page = row.ordinal // PASSAGES + 1
    Passage.objects.bulk_update(rows, ["page", "last_page"], batch_size=300)
    report.page_count = pages
    report.save(update_fields=["page_count"])
    return report


def add_codings(
    report: Report, coder: User, codes: list[Code], number: int, now: datetime = NOON
) -> None:
    """So many codings, spread evenly over the report; some share words."""
    anchors = ReportAnchors(report)
    step = (len(anchors.text) - 200) // number
    Coding.objects.bulk_create(
        Coding(
            code=codes[at % len(codes)],
            coder=coder,
            decided_at=now,
            **anchors.fields(Span(at * step, at * step + 60 + at % 7 * 20)),
        )
        for at in range(number)
    )
