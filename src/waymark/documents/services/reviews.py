"""Descriptions of reviews, and the publication states of reviews and reports."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial

from django.db import transaction

from waymark.accounts import audit
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.publication_state import set_state
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import RuleError
from waymark.documents.files.page_images import delete_page_images
from waymark.documents.models import Original, Report, Review
from waymark.documents.reading.headings import shorten_text
from waymark.documents.services.hidden_text import OPENING
from waymark.documents.services.readiness import require_ready


@audit.serialized
def add_review(
    *,
    by: Actor,
    reference: str,
    title: str,
    now: datetime,
    collection: str = "",
    nation: str = "",
    board: str = "",
    review_type: str = "",
    period: str = "",
    completed_on: date | None = None,
    published_on: date | None = None,
    summary: str = "",
    fictional: bool = False,
) -> Review:
    """Create a case review in the state "received". Raises RuleError if the reference is taken."""
    require_permission(by, "add reports")
    if Review.objects.filter(reference=reference).exists():
        raise RuleError(f"a review {reference} already exists: enter another reference")
    review = Review(
        reference=reference,
        title=shorten_text(title, 300),
        collection=collection,
        nation=nation,
        board=board,
        review_type=review_type,
        period=period,
        completed_on=completed_on,
        published_on=published_on,
        summary=summary,
        fictional=fictional,
        added_at=now,
    )
    review.save(force_insert=True)
    audit.record_about(by, "add review", review, now)
    return review


@audit.serialized
def change_review(
    *,
    by: Actor,
    review: Review,
    title: str,
    now: datetime,
    nation: str = "",
    board: str = "",
    review_type: str = "",
    period: str = "",
    completed_on: date | None = None,
    published_on: date | None = None,
    summary: str = "",
) -> list[str]:
    """Replace the description of a review; returns the names of the changed fields, in order.

    Reference, collection and fictional do not change. Raises RuleError without a title.
    """
    require_permission(by, "catalogue")
    values = {
        "title": shorten_text(title, 300),
        "nation": nation,
        "board": board,
        "review_type": review_type,
        "period": period,
        "completed_on": completed_on,
        "published_on": published_on,
        "summary": summary,
    }
    if not values["title"]:
        raise RuleError("enter a title for the review")
    changed = [name for name, value in values.items() if getattr(review, name) != value]
    if changed:
        for name in changed:
            setattr(review, name, values[name])
        review.save(update_fields=changed)
        audit.record_about(by, "change review", review, now, fields=changed)
    return changed


@audit.serialized
def set_review_state(
    *,
    by: Actor,
    review: Review,
    state: State,
    now: datetime,
    public_from: datetime | None = None,
    seen: State | None = None,
) -> None:
    """Set the publication state of a review. Raises NotPermitted, and RuleError like set_state.

    Raises NotReady, with every reason, if it would publish a report with hidden text not yet found
    harmless, with scanned pages whose text is not recognised yet, or with a possible identifier of
    the anonymity check.
    """
    require_permission(by, "publish reports")
    if state in OPENING:
        require_ready(review.reports.filter(state__in=OPENING))
    set_state(
        review,
        state,
        by=by,
        now=now,
        public_from=public_from,
        seen=seen,
        reports=list(review.reports.values_list("key", flat=True)),
    )
    if state in {State.WITHDRAWN, State.EXPIRED}:
        _forget_images_of(review.reports.all())


@audit.serialized
def set_report_state(
    *,
    by: Actor,
    report: Report,
    state: State,
    now: datetime,
    public_from: datetime | None = None,
    seen: State | None = None,
) -> None:
    """Set the publication state of a report. Raises as above.

    Also RuleError if the file was erased, since nothing is left to show. Readers see the report
    only if the state of its review allows it too.
    """
    require_permission(by, "publish reports")
    # Asked here and not read from report.original, which may be older than the erasure.
    erased = Original.objects.filter(pk=report.original_id, erased_at__isnull=False)
    if state in OPEN_TO_STAFF and erased.exists():
        raise RuleError("the file of this report was erased: it cannot be shown again")
    if state in OPENING:
        require_ready(Report.objects.filter(pk=report.pk))
    set_state(report, state, by=by, now=now, public_from=public_from, seen=seen)
    if state in {State.WITHDRAWN, State.EXPIRED}:
        _forget_images_of([report])


def _forget_images_of(reports: Iterable[Report]) -> None:
    """Delete the drawn pages of reports when the change is committed."""
    for report in reports:
        transaction.on_commit(partial(delete_page_images, report))
