"""File the reports of a deposit under their review; and erase a file permanently."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial

from django.db import transaction

from waymark.accounts import audit, removals
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import RuleError
from waymark.documents.files.originals import erase_or_later
from waymark.documents.files.page_images import delete_page_images
from waymark.documents.models import (
    HiddenText,
    Intake,
    Original,
    Page,
    PageRecognition,
    Passage,
    Report,
    ReportText,
    Review,
)
from waymark.documents.reading.headings import shorten_text

NOT_YET_OPEN = frozenset({State.RECEIVED, State.IN_CHECK})


@audit.serialized
def enter_review(
    *,
    by: Actor,
    review: Review,
    reference: str,
    title: str,
    board: str,
    now: datetime,
    completed_on: date | None = None,
    published_on: date | None = None,
) -> None:
    """Give a review that came with a deposit its reference, title, board and dates.

    Only until it is visible outside the staff, because a public address must not change. Raises
    RuleError otherwise, and if another review has the reference.
    """
    require_permission(by, "handle deposits")
    if review.state not in NOT_YET_OPEN:
        raise RuleError(
            f"{review.reference} has been visible to readers: its reference cannot be changed"
        )
    if Review.objects.filter(reference=reference).exclude(pk=review.pk).exists():
        raise RuleError(f"a review {reference} already exists: enter another reference")
    before, review.reference = review.reference, reference
    review.title, review.board = shorten_text(title, 300), board
    review.completed_on, review.published_on = completed_on, published_on
    review.save(update_fields=["reference", "title", "board", "completed_on", "published_on"])
    audit.record_about(by, "enter review", review, now, before=before)


@audit.serialized
def move_reports(*, by: Actor, reports: Iterable[Report], review: Review, now: datetime) -> None:
    """Move reports that only staff have seen to another review.

    A review that is left without reports, and was never visible to readers, is deleted. Raises
    RuleError for a report that was visible: its address is in use.
    """
    require_permission(by, "handle deposits")
    for report in reports:
        if report.state not in NOT_YET_OPEN:
            raise RuleError(
                f"{report.file_name} has been visible to readers: it cannot be moved to another"
                " review"
            )
        left, report.review = report.review, review
        report.save(update_fields=["review"])
        Intake.objects.filter(report=report).update(review=review)
        audit.record_about(
            by, "move report", report, now, review=review.reference, before=left.reference
        )
        if left.state in NOT_YET_OPEN and not left.reports.exists():
            audit.record_about(by, "drop empty review", left, now)
            left.delete()


@audit.serialized
def name_report(*, by: Actor, report: Report, title: str, now: datetime) -> None:
    """Set the title that is shown for a report, instead of the one in its file."""
    require_permission(by, "handle deposits")
    report.title = shorten_text(title, 300)
    report.save(update_fields=["title"])
    audit.record_about(by, "name report", report, now)


@audit.serialized
def erase_original(*, by: Actor, report: Report, now: datetime) -> None:
    """Erase a file permanently: its bytes, page images, every text read from it, and word boxes.

    The rows of the report and of the original stay, and so do the quotes that support judgements,
    because published numbers are counted from them. Only for a report that is withdrawn or expired.
    Cannot be undone. Raises NotPermitted, RuleError.
    """
    require_permission(by, "publish reports")
    original = Original.objects.select_for_update(of=("self",)).get(pk=report.original_id)
    state = Report.objects.values_list("state", flat=True).get(pk=report.pk)
    if state in OPEN_TO_STAFF:
        raise RuleError("withdraw the report first: the file of a visible report cannot be erased")
    if original.erased_at is not None:
        return
    original.erased_at = now
    original.save(update_fields=["erased_at"])
    ReportText.objects.filter(report=report).update(content="", furniture=[], running_lines=[])
    Passage.objects.filter(report=report).delete()
    Page.objects.filter(report=report).delete()
    HiddenText.objects.filter(report=report).delete()
    PageRecognition.objects.filter(report=report).delete()
    # The words of a possible identifier are those of the file; who answered it and why is in the
    # audit log.
    report.possible_identifiers.all().delete()
    # Older and newer readings have the same words, and so has the list of what moved between them.
    report.readings.all().delete()
    report.rejected_readings.all().delete()
    report.moves.update(exact="", words="")
    Report.objects.filter(pk=report.pk).update(warnings=[])
    removals.write_removal(
        subject=report.audit_subject(), what=removals.ERASED, now=now, sha256=original.sha256
    )
    audit.record_about(by, "erase file", report, now)
    # If a crash comes before this is done, sweep_leftovers() erases the bytes later.
    transaction.on_commit(partial(erase_or_later, original.sha256))
    transaction.on_commit(partial(delete_page_images, report))
