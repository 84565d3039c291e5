"""Scanned pages of reports, and what became of them, for staff."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Count, Max, Q

from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.documents.models import (
    QUEUED_STATES,
    UNREAD_STATES,
    PageRecognition,
    RecognitionState,
    Report,
)

# The text of a report is behind where it lacks words that were recognised, or has words that a
# person has since put aside.
BEHIND = Q(state=RecognitionState.DONE, in_text=False) | Q(
    state=RecognitionState.OWN_WORDS, in_text=True
)
OPEN_PAGES = Q(state__in=UNREAD_STATES) | BEHIND
"""Scanned pages that prevent the publication of their report."""


def pages_waiting(reports: Collection[int] | None = None) -> int:
    """Number of pages that wait for recognition or are being recognised."""
    rows = PageRecognition.objects.filter(state__in=QUEUED_STATES)
    return (rows if reports is None else rows.filter(report__in=reports)).count()


def leased_until(reports: Collection[int] | None = None) -> datetime | None:
    """When the last page that a process is recognising is free again, if that process has died.

    reports: primary keys, to look at these reports only.
    """
    running = PageRecognition.objects.filter(state=RecognitionState.RUNNING)
    if reports is not None:
        running = running.filter(report__in=reports)
    last: datetime | None = running.aggregate(last=Max("lease_until"))["last"]
    return last


def pages_of_report(report: Report, person: Actor) -> list[PageRecognition]:
    """The scanned pages of a report in order, without their words. Raises NotPermitted."""
    require_permission(person, "see unpublished reports")
    return list(report.recognitions.defer("words").order_by("number"))


def recognition_summaries(reports: Iterable[Report]) -> dict[int, str]:
    """Primary key -> scanned pages of a report in words, such as "2 pages need OCR"."""
    states: defaultdict[int, Counter[str]] = defaultdict(Counter)
    rows = PageRecognition.objects.filter(report__in=list(reports)).order_by()
    for report, state, number in rows.values_list("report", "state").annotate(Count("pk")):
        states[report][state] = number
    return {report: _summary(count) for report, count in states.items()}


def _summary(count: Counter[str]) -> str:
    parts = [
        f"{number} page{'s' * (number != 1)} {text}"
        for number, text in (
            (sum(count[state] for state in QUEUED_STATES), "need OCR"),
            (count[RecognitionState.FAILED], "could not be recognised"),
            (count[RecognitionState.DONE], "recognised from scans"),
        )
        if number
    ]
    return ", ".join(parts).replace("1 page need ", "1 page needs ")


def unread_reports(person: Actor) -> list[Report]:
    """Reports with pages that are not recognised yet, the last received first. Raises NotPermitted.

    Without withdrawn and expired ones.
    """
    require_permission(person, "see unpublished reports")
    waiting = PageRecognition.objects.filter(state__in=UNREAD_STATES).values("report")
    rows = Report.objects.filter(pk__in=waiting, state__in=OPEN_TO_STAFF).select_related("review")
    return list(rows.order_by("-received_at", "-pk"))
