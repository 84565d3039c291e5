"""The original files of reports that are offered for download, and what is against it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import NotFound, OriginalMissing
from waymark.core.licences import LICENCES
from waymark.documents.files.originals import StoredContent, original_store
from waymark.documents.models import Report
from waymark.documents.queries.reader import report_for
from waymark.documents.queries.readiness import reports_with_questions
from waymark.documents.reading.values import ACTIVE_CONTENT
from waymark.library.models import OriginalDecision, OriginalTerms, ReviewDetails

OFFER_ORIGINALS = "publish reports"
PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """An original as it is sent. name: neutral, because a file name can contain a person's."""

    content: Path | StoredContent
    name: str
    media_type: str
    sha256: str


def original_obstacle(report: Report) -> str:
    """Reason against offering the original of a report, whatever its terms; "" for none.

    Asked again with each download, because a later check can find more in the file.
    """
    original = report.original
    if original.erased_at is not None:
        return "the file has been erased"
    for item in (report, report.review):
        if item.state not in OPEN_TO_STAFF:
            return f"it is {item.get_state_display().lower()}: restore it first"
    if original.media_type != PDF:
        return (
            "only PDF files can be offered: files of other kinds can contain earlier wording and "
            "properties that nobody has checked"
        )
    if active := next((note for note in report.warnings if ACTIVE_CONTENT in note), ""):
        return (
            f"the file has content that its pages do not show ({active.partition(': ')[2]}): ask "
            "for a copy without it, and add that instead"
        )
    if reports_with_questions().filter(pk=report.pk).exists():
        return (
            "hidden text, identifiers of people or scanned pages of the file are not answered yet: "
            "answer them first"
        )
    return ""


def terms_obstacle(report: Report, terms: str) -> str:
    """Reason against the terms of offering an original; "" for none."""
    if terms not in OriginalTerms.values:
        return "choose why the file may be offered"
    if terms == OriginalTerms.LICENCE and _licence_of(report) not in LICENCES:
        return (
            "the record of the review names no licence that allows copies: enter one, such as "
            "CC-BY-4.0 or OGL-UK-3.0, or ask the rights holder"
        )
    return ""


def _licence_of(report: Report) -> str:
    details = ReviewDetails.objects.filter(review=report.review_id)
    return details.values_list("licence", flat=True).first() or ""


def original_for(key: str, person: Actor, now: datetime) -> OriginalFile:
    """The original of a report that is offered and that the person may see.

    Raises NotFound; OriginalMissing if the file is gone, OriginalsUnavailable if its store does not
    answer.
    """
    report = report_for(key, person, now)
    if report.pk not in offered_originals([report]):
        raise NotFound(f"the original of {key} is not offered")
    store = original_store()
    try:
        content = store.content(report.original_id)
    except FileNotFoundError as error:
        raise OriginalMissing(key, store.place(report.original_id)) from error
    name = f"{report.review.reference}-{report.kind}.pdf"
    return OriginalFile(content, name, report.original.media_type, report.original_id)


def offered_originals(reports: Iterable[Report]) -> frozenset[int]:
    """Ids of those of some reports whose original is offered, and may still be."""
    known = {report.pk: report for report in reports}
    current = OriginalDecision.objects.filter(
        report__in=known, offered=True, superseded_at=None
    ).values_list("report", "terms")
    return frozenset(
        number
        for number, terms in current
        if not (original_obstacle(known[number]) or terms_obstacle(known[number], terms))
    )


def original_decisions(report: Report, person: Actor) -> list[OriginalDecision]:
    """All decisions about the original of a report, the latest first. Raises NotPermitted."""
    require_permission(person, OFFER_ORIGINALS)
    return list(OriginalDecision.objects.filter(report=report).select_related("decided_by"))
