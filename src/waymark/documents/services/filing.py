"""What came with a deposit put where it belongs; and the erasing of a file for good."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import transaction

from waymark.accounts import audit, removals
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import RuleError
from waymark.documents import storage
from waymark.documents.headings import shortened
from waymark.documents.models import Intake, Original, Page, Passage, Report, ReportText, Review
from waymark.documents.page_images import forget_images

NOT_YET_OPEN = frozenset({State.RECEIVED, State.IN_CHECK})


@audit.in_turn
def enter_review(
    *, by: Actor, review: Review, reference: str, title: str, board: str, now: datetime
) -> None:
    """Give a review that came with a deposit its reference, title and board.

    Only before anybody but staff could see it: an address that was public stays. Raises RuleError
    otherwise, and where another review has the reference.
    """
    require(by, "handle deposits")
    if review.state not in NOT_YET_OPEN:
        raise RuleError(f"{review.reference} was open before: its reference stays")
    if Review.objects.filter(reference=reference).exclude(pk=review.pk).exists():
        raise RuleError(f"there is a review {reference} already")
    before, review.reference = review.reference, reference
    review.title, review.board = shortened(title, 300), board
    review.save(update_fields=["reference", "title", "board"])
    audit.record(
        actor=by, action="enter review", subject=f"review {reference}", now=now, before=before
    )


@audit.in_turn
def move_reports(*, by: Actor, reports: Iterable[Report], review: Review, now: datetime) -> None:
    """Put reports that nobody but staff has seen under another review.

    A review that holds none any more, and was never open, goes. Raises RuleError for a report that
    was open: its address is in use.
    """
    require(by, "handle deposits")
    for report in reports:
        if report.state not in NOT_YET_OPEN:
            raise RuleError(f"{report.file_name} was open before: it stays with its review")
        left, report.review = report.review, review
        report.save(update_fields=["review"])
        Intake.objects.filter(report=report).update(review=review)
        audit.record(
            actor=by,
            action="move report",
            subject=f"report {report.key}",
            now=now,
            review=review.reference,
            before=left.reference,
        )
        if left.state in NOT_YET_OPEN and not left.reports.exists():
            subject = f"review {left.reference}"
            audit.record(actor=by, action="drop empty review", subject=subject, now=now)
            left.delete()


@audit.in_turn
def name_report(*, by: Actor, report: Report, title: str, now: datetime) -> None:
    """Give a report the title it is shown with, in place of the one that its file carries."""
    require(by, "handle deposits")
    report.title = shortened(title, 300)
    report.save(update_fields=["title"])
    audit.record(actor=by, action="name report", subject=f"report {report.key}", now=now)


@audit.in_turn
def erase_original(*, by: Actor, report: Report, now: datetime) -> None:
    """Erase a file for good: its bytes, its drawn pages, its text, and where its words stand.

    The rows of the report and of the original stay, and so do the quotations that judgements rest
    on, because published numbers are counted from them. Only of a report that is withdrawn or
    expired. Cannot be undone. Raises NotPermitted, RuleError.
    """
    require(by, "publish reports")
    original = Original.objects.select_for_update().get(pk=report.original_id)
    state = Report.objects.values_list("state", flat=True).get(pk=report.pk)
    if state in OPEN_TO_STAFF:
        raise RuleError("only the file of a report that is withdrawn or expired can be erased")
    if original.erased_at is not None:
        return
    original.erased_at = now
    original.save(update_fields=["erased_at"])
    ReportText.objects.filter(report=report).update(content="", furniture=[])
    Passage.objects.filter(report=report).delete()
    Page.objects.filter(report=report).delete()
    Report.objects.filter(pk=report.pk).update(warnings=[])
    subject = f"report {report.key}"
    removals.note(subject=subject, what=removals.ERASED, now=now, sha256=original.sha256)
    audit.record(actor=by, action="erase file", subject=subject, now=now)
    # After a crash before this is done, finish_erasures() finds the bytes that were to go.
    transaction.on_commit(partial(storage.erase, original.sha256))
    transaction.on_commit(partial(forget_images, report))
