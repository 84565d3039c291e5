"""Who may see what, and what follows: the library, the tombstone, the time a file may be had."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from waymark.accounts.audit import in_turn
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor
from waymark.core.errors import RuleError
from waymark.documents import services as documents
from waymark.documents.models import Report, Review
from waymark.library import services as library
from waymark.library.models import CatalogueRecord, Deposit, Resource
from waymark.library.queries import repository
from waymark.library.services import keeping, resources
from waymark.library.services.keeping import Told

OPENING = frozenset({State.PUBLISHED, State.EMBARGOED})
AT_ONCE = 50


@in_turn
def change_state(
    *,
    by: Actor,
    thing: Review | Report | Resource,
    state: State,
    now: datetime,
    seen: State | None = None,
    public_from: datetime | None = None,
    told: Told | None = None,
) -> None:
    """Say who may see a review, a report or a resource, and have everything else follow.

    What becomes hidden is hidden at once: every query asks for the state. What the public could
    see and is withdrawn or expires leaves a tombstone, which says what is told; it goes when the
    thing is put back. The time for which a file may be had begins when it is opened.
    seen: the state that the person had before them. Raises NotPermitted; RuleError where the state
    has changed since, where a tombstone would say too much, and where the time of a file is over.
    """
    was_public = repository.is_public(thing, now)
    _set_state(by, thing, state, now, seen, public_from)
    review = _review_of(thing)
    if review is not None and state in OPENING:
        _begin_terms(by, review, now)
    record = _record_of(thing)
    if record is not None:
        keeping.note_removal(
            by=by,
            record=record,
            report=thing if isinstance(thing, Report) else None,
            state=state,
            was_public=was_public,
            told=told or Told(),
            now=now,
        )
    if review is not None:
        library.mark_changed(reviews=[review.pk], now=now)


def _set_state(
    by: Actor,
    thing: Review | Report | Resource,
    state: State,
    now: datetime,
    seen: State | None,
    public_from: datetime | None,
) -> None:
    if isinstance(thing, Review):
        documents.set_review_state(
            by=by, review=thing, state=state, now=now, public_from=public_from, seen=seen
        )
    elif isinstance(thing, Report):
        if state in OPENING:
            _check_term(thing, now)
        documents.set_report_state(
            by=by, report=thing, state=state, now=now, public_from=public_from, seen=seen
        )
    else:
        resources.set_resource_state(
            by=by, resource=thing, state=state, now=now, public_from=public_from, seen=seen
        )


def _review_of(thing: Review | Report | Resource) -> Review | None:
    if isinstance(thing, Report):
        # As it is now: its state may have changed since the report was read.
        return Review.objects.get(pk=thing.review_id)
    return thing if isinstance(thing, Review) else None


def _record_of(thing: Review | Report | Resource) -> CatalogueRecord | None:
    records = CatalogueRecord.objects.select_related("review", "resource")
    review = _review_of(thing)
    of = {"review": review} if review is not None else {"resource": thing}
    return records.filter(**of).first()


# ---- the time for which a file may be had ----


def _check_term(report: Report, now: datetime) -> None:
    kept = repository.retention_of(report)
    if kept.until is not None and kept.until <= timezone.localdate(now) and not kept.legal_hold:
        raise RuleError(
            f"the time for which this file may be had ended on {kept.until.isoformat()}: set a "
            "later day first"
        )


def _begin_terms(by: Actor, review: Review, now: datetime) -> None:
    """Let the time run for each report that the public sees, or will when an embargo ends."""
    if review.state not in OPENING:
        return
    for report in review.reports.filter(state__in=OPENING, retention=None):
        opens = max(now, review.public_from or now, report.public_from or now)
        years = _years_of(report)
        keeping.begin_retention(by=by, report=report, opens=opens, years=years, now=now)


def _years_of(report: Report) -> int:
    """As the board that sent it wished; else as the settings say."""
    batches = report.intakes.values("batch")
    wished = Deposit.objects.filter(batch__in=batches).values_list("available_years", flat=True)
    return wished.first() or settings.KEEP_YEARS


@in_turn
def begin_all_terms(*, by: Actor, now: datetime) -> int:
    """Let the time run from now for every public report that has no end; the number of reports."""
    reports = repository.public_without_end(now).filter(retention=None)
    for report in reports:
        keeping.begin_retention(by=by, report=report, opens=now, years=_years_of(report), now=now)
    return len(reports)


def expire_due(*, now: datetime) -> int:
    """Let expire what is due; the number of reports. The same again changes nothing.

    Each is a change of its own, asked for once more when its turn has come, so any number of
    workers may do this at once, and one that is killed has let some expire whole.
    """
    rows = repository.due(now).order_by("until", "pk")[:AT_ONCE]
    return sum(_expire(kept.pk, now) for kept in rows)


@in_turn
def _expire(kept: int, now: datetime) -> bool:
    still = repository.due(now).filter(pk=kept).select_related("report__review").first()
    if still is None:
        return False
    change_state(by=None, thing=still.report, state=State.EXPIRED, now=now)
    return True
