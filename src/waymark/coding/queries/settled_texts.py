"""Passages of settled reviews with their agreed codes, for a program to learn from.

Only codings that support a current agreed code are read, of reviews that nobody is coding: what a
coder did in an unfinished review teaches nothing.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from waymark.accounts.visibility import visible_rows
from waymark.coding.assignments import unsettled_work
from waymark.coding.learned.coded_text import CodedText
from waymark.coding.models import AgreedCode, Assignment
from waymark.coding.queries.machines import blocked
from waymark.coding.suggest import PassageText
from waymark.core.errors import RuleError
from waymark.core.wording import counted
from waymark.documents.models import Report, Review
from waymark.documents.queries.reader import passages_of
from waymark.frameworks.models import Framework

FEWEST_REVIEWS = 6
"""Settled reviews below which nothing is learned: each part of four must have one to be tried."""


@dataclass(frozen=True, slots=True)
class SettledTexts:
    """Passages to learn from. group of each text: reference of its review."""

    texts: list[CodedText]
    codes: tuple[str, ...]
    reviews: list[Review]
    reports: list[Report]


def settled_reviews(framework: Framework, now: datetime) -> QuerySet[Review]:
    """Visible reviews whose codes are agreed in a framework version and that nobody is coding."""
    agreed = AgreedCode.objects.filter(
        review=OuterRef("pk"), code__framework=framework, superseded_at=None
    )
    open_work = Assignment.objects.filter(
        review=OuterRef("pk"), framework=framework, finished_at=None
    )
    unsettled = unsettled_work().filter(review=OuterRef("pk"), framework=framework)
    return visible_rows(Review, None, now).filter(
        Exists(agreed), ~Exists(open_work), ~Exists(unsettled)
    )


def settled_texts(framework: Framework, now: datetime, leave_out: Collection[str]) -> SettledTexts:
    """The passages of settled reviews with the codes that were agreed there.

    leave_out: references of reviews whose facts are protected. Reviews for which suggestions are
    off, withdrawn and expired ones are left out too. Raises RuleError below FEWEST_REVIEWS.
    """
    rows = settled_reviews(framework, now).exclude(blocked()).exclude(reference__in=leave_out)
    reviews = list(rows.order_by("reference"))
    if len(reviews) < FEWEST_REVIEWS:
        raise RuleError(
            f"{counted(len(reviews), 'settled review')} can be learned from with"
            f" {framework}, and at least {FEWEST_REVIEWS} are needed: settle more, then train again"
        )
    coded = agreed_places(framework, reviews)
    visible = visible_rows(Report, None, now).filter(review__in=reviews)
    reports = list(visible.select_related("review"))
    texts = [
        CodedText(
            passage.text,
            frozenset(
                code
                for start, end, code in coded[report.pk, report.reading]
                if start < passage.start + len(passage.text) and passage.start < end
            ),
            report.review.reference,
        )
        for report in reports
        for passage in passage_texts(report)
    ]
    codes = tuple(framework.codes.values_list("code", flat=True))
    return SettledTexts(texts, codes, reviews, reports)


def passage_texts(report: Report) -> list[PassageText]:
    """The passages of a report that a program reads, in order: all but headings."""
    rows = passages_of(report)
    return [PassageText(row.start, row.text, row.heading) for row in rows if row.kind != "heading"]


def agreed_places(
    framework: Framework, reviews: Collection[Review] | QuerySet[Review]
) -> dict[tuple[int, int], list[tuple[int, int, str]]]:
    """(report, reading) -> start, end and code of each coding that supports an agreed code."""
    rows = AgreedCode.codings.through.objects.filter(
        agreedcode__review__in=reviews,
        agreedcode__code__framework=framework,
        agreedcode__present=True,
        agreedcode__superseded_at=None,
    ).order_by()
    columns = ("report", "reading", "start", "end")
    places: dict[tuple[int, int], list[tuple[int, int, str]]] = defaultdict(list)
    for report, reading, start, end, code in rows.values_list(
        *(f"coding__{column}" for column in columns), "agreedcode__code__code"
    ):
        places[report, reading].append((start, end, code))
    return places
