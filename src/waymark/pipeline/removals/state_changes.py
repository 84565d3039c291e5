"""Change publication states and update index, tombstone and retention."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.jobs import Job, JobQueue
from waymark.documents import services as documents
from waymark.documents.models import Report, Review
from waymark.enquiries.queries.published_answers import answers_citing
from waymark.library import services as library
from waymark.library.models import Deposit, DepositState, Publishable
from waymark.library.queries import repository
from waymark.library.services import deposits
from waymark.library.services import retention as keeping
from waymark.library.services.retention import TombstoneText
from waymark.pipeline.publishing.publication_reasons import OPENING, require_ready

MOST_AT_ONCE = 50
SET_STATE: dict[str, Callable[..., None]] = {
    "review": documents.set_review_state,
    "report": documents.set_report_state,
    "resource": library.set_resource_state,
}
"""Kind of record -> the service that sets its state; the kind is also the argument's name."""


@serialized_in("documents", "library")
def change_state(
    *,
    by: Actor,
    item: Publishable,
    state: State,
    now: datetime,
    seen: State | None = None,
    public_from: datetime | None = None,
    tombstone: TombstoneText | None = None,
    was_public: bool = False,
    deciding: Deposit | None = None,
    repeated: bool = False,
) -> None:
    """Set the publication state of a review, a report or a resource, and update what depends on it.

    A record is hidden at once, because every query checks the state. A public record that is
    withdrawn or expires leaves a tombstone with the given text, until it is published again. A
    published answer that cites it is hidden, and the board that deposited it is told of a
    withdrawal. The retention period of a file begins when it is published.
    seen: the state shown in the person's form. was_public: it was public until a concern hid it,
    so that it gets a tombstone. deciding: the deposit whose publication this is. repeated: it was
    done before, in a database that a restore replaced, so that nobody is told again. Raises
    NotPermitted; RuleError if the state has changed since, and if a tombstone would reveal too
    much; NotReady with every reason why the record cannot be published yet.
    """
    require_permission(by, "publish reports")
    # Before the change: only a record that the public could see gets a tombstone.
    was_public = was_public or repository.is_public(item, now)
    report = item if isinstance(item, Report) else None
    if state in OPENING:
        require_ready([item], now, deciding=deciding)
    kind = str(item._meta.model_name)
    SET_STATE[kind](**{kind: item}, by=by, state=state, now=now, public_from=public_from, seen=seen)
    review = item.related_review()
    if review is not None:
        # Read again: its state may have changed since the report was read.
        review = Review.objects.get(pk=review.pk)
    if review is not None and state in OPENING:
        _begin_retention(by, review, now)
    record = repository.records_of(item).first()
    if record is not None:
        keeping.note_removal(
            by=by,
            record=record,
            report=report,
            state=state,
            was_public=was_public,
            tombstone=tombstone or TombstoneText(),
            now=now,
        )
    if review is not None:
        library.mark_changed(reviews=[review.pk], now=now)
    if state not in OPENING:
        _hide_answers(by, item, now)
    if state == State.WITHDRAWN and was_public and review is not None and not repeated:
        deposits.tell_withdrawn(by=by, deposits=_deposits_of(review, report), now=now)


def _deposits_of(review: Review, report: Report | None) -> QuerySet[Deposit]:
    """The published deposits of a review, or those that brought one of its files."""
    published = Deposit.objects.filter(review=review, state=DepositState.PUBLISHED)
    if report is None:
        return published
    return published.filter(batch__in=report.intakes.values("batch"))


def _hide_answers(by: Actor, item: Publishable, now: datetime) -> None:
    """Hide published answers that cite what is no longer public, until staff have changed them."""
    for answer in answers_citing(item):
        library.set_resource_state(by=by, resource=answer.resource, state=State.INTERNAL, now=now)


# ---- retention ----


def _begin_retention(by: Actor, review: Review, now: datetime) -> None:
    """Begin the retention period of each report that is public, or will be after an embargo."""
    if review.state not in OPENING:
        return
    # Example: published on 1 May with an embargo of the review until 1 July and 5 years: the period
    # begins on 1 July. A period that has begun is never restarted (retention=None).
    for report in review.reports.filter(state__in=OPENING, retention=None):
        opens = max(now, review.public_from or now, report.public_from or now)
        years = _retention_years(report)
        keeping.begin_retention(by=by, report=report, opens=opens, years=years, now=now)


def _retention_years(report: Report) -> int:
    """Retention in years: chosen by the board that sent it, else from the settings."""
    batches = report.intakes.values("batch")
    wished = Deposit.objects.filter(batch__in=batches).values_list("available_years", flat=True)
    return wished.first() or settings.KEEP_YEARS


@serialized_in("documents", "library")
def begin_all_retention(*, by: Actor, now: datetime) -> int:
    """Begin the retention period of every public report without one; returns their number.

    Raises NotPermitted, also where there is no such report.
    """
    require_permission(by, "publish reports")
    reports = repository.public_without_end(now).filter(retention=None)
    for report in reports:
        keeping.begin_retention(
            by=by, report=report, opens=now, years=_retention_years(report), now=now
        )
    return len(reports)


def expire_due(*, now: datetime) -> int:
    """Expire reports that are due; returns their number. Idempotent.

    Each is a transaction of its own that checks again whether it is due. So any number of workers
    may do this at the same time, and a killed one leaves no report half expired.
    """
    # A limit, because the worker has other tasks: the rest follow in its next round.
    rows = repository.expired_retentions(now).order_by("until", "pk")[:MOST_AT_ONCE]
    return sum(_expire_one(retention.pk, now) for retention in rows)


@serialized_in("documents", "library")
def _expire_one(pk: int, now: datetime) -> bool:
    retention = (
        repository.expired_retentions(now).filter(pk=pk).select_related("report__review").first()
    )
    if retention is None:
        return False
    change_state(by=None, item=retention.report, state=State.EXPIRED, now=now)
    return True


JOBS = (Job("remove expired files", JobQueue.UPKEEP, lambda clock: expire_due(now=clock()) > 0),)
