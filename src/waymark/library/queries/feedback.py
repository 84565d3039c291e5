"""Answers to "Was this page useful?", counted for staff."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from waymark.accounts.permissions import Actor, require_permission
from waymark.library.models import PageFeedback

SEE_FEEDBACK = "see unpublished reports"


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """Answers about a page, or all pages of a kind together (page is "" then).

    last_day: of the latest answer; None if there is none.
    """

    kind: str
    page: str
    useful: int
    not_useful: int
    last_day: date | None

    @property
    def total(self) -> int:
        """Number of answers."""
        return self.useful + self.not_useful


def feedback_by_kind(person: Actor, *, since: date | None) -> list[FeedbackRow]:
    """Counts for each kind of page from a day on, by name of the kind. Raises NotPermitted."""
    require_permission(person, SEE_FEEDBACK)
    rows = _since(since).order_by("kind").values_list("kind")
    counts = rows.annotate(yes=_answers(useful=True), no=_answers(useful=False), last=Max("day"))
    return [FeedbackRow(kind, "", yes, no, last) for kind, yes, no, last in counts]


ORDERS = {
    "no": ("-no", "-yes", "page"),
    "yes": ("-yes", "-no", "page"),
    "answers": ("-all", "page"),
    "latest": ("-last", "page"),
    "page": ("page",),
}
"""Order of the pages -> columns."""


def feedback_by_page(
    person: Actor,
    *,
    since: date | None,
    kind: str,
    words: str,
    offset: int,
    limit: int,
    order: str = "no",
) -> tuple[int, list[FeedbackRow]]:
    """The number of pages with answers, and some of them in an order of ORDERS.

    kind: URL name, "" for all; words: part of the address, "" for all. Raises NotPermitted.
    """
    require_permission(person, SEE_FEEDBACK)
    answers = _since(since)
    if kind:
        answers = answers.filter(kind=kind)
    if words:
        answers = answers.filter(page__icontains=words)
    rows = answers.order_by().values_list("kind", "page")
    counts = rows.annotate(yes=_answers(useful=True), no=_answers(useful=False), last=Max("day"))
    page = counts.annotate(all=F("yes") + F("no")).order_by(*ORDERS[order])
    return counts.count(), [FeedbackRow(*row[:5]) for row in page[offset : offset + limit]]


def _answers(*, useful: bool) -> Coalesce:
    """The sum of the answers "yes", or of the answers "no"."""
    return Coalesce(Sum("number", filter=Q(useful=useful)), 0)


def _since(since: date | None) -> QuerySet[PageFeedback]:
    answers = PageFeedback.objects.all()
    return answers if since is None else answers.filter(day__gte=since)
