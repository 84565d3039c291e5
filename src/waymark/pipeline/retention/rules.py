"""How the personal data of each line of the schedule are counted and erased."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from waymark.accounts import expired_sessions
from waymark.alerts.services import erasure as subscribers
from waymark.alerts.services import sign_ups
from waymark.core.errors import RuleError
from waymark.core.jobs import HourlyRun, Job, JobQueue
from waymark.data_access.services import upkeep as applications
from waymark.enquiries.services import erasure as enquiries
from waymark.enquiries.services import limits
from waymark.library.services import concerns, deposit_contacts
from waymark.mail import services as mail
from waymark.pipeline.retention.schedule import RetentionPeriod, retention_schedule

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """Rule of a key.

    count: number of what is due. erase: erases some of it and returns how many; called until it
    returns 0. Both take the time before which data are due, and now.
    """

    count: Callable[[datetime, datetime], int]
    erase: Callable[[datetime, datetime], int]


@dataclass(frozen=True, slots=True)
class RetentionResult:
    """What is due of a line, and how much of it was erased: 0 in a dry run."""

    period: RetentionPeriod
    due: int
    erased: int


def _count_marks(before: datetime, _now: datetime) -> int:
    return sum(
        count(before=before)
        for count in (
            limits.count_old_events,
            sign_ups.count_old_attempts,
            applications.count_old_events,
        )
    )


def _forget_marks(before: datetime, _now: datetime) -> int:
    return sum(
        forget(before=before)
        for forget in (
            limits.forget_old_events,
            sign_ups.forget_old_attempts,
            applications.forget_old_events,
        )
    )


RULES: dict[str, RetentionRule] = {
    "sessions": RetentionRule(
        lambda before, now: expired_sessions.count_expired(before=before),
        lambda before, now: expired_sessions.delete_expired(before=before, now=now),
    ),
    "form-marks": RetentionRule(_count_marks, _forget_marks),
    "sent-emails": RetentionRule(
        lambda before, now: mail.sent_before(before).count(),
        lambda before, now: mail.erase_sent(before=before, now=now),
    ),
    "returned-deposits": RetentionRule(
        lambda before, now: deposit_contacts.returned_before(before).count(),
        lambda before, now: deposit_contacts.erase_returned(before=before, now=now),
    ),
    "published-deposits": RetentionRule(
        lambda before, now: deposit_contacts.published_before(before).count(),
        lambda before, now: deposit_contacts.erase_published(before=before, now=now),
    ),
    "stopped-subscribers": RetentionRule(
        lambda before, now: subscribers.stopped_before(before).count(),
        lambda before, now: subscribers.erase_stopped(before=before, now=now),
    ),
    "unconfirmed-sign-ups": RetentionRule(
        lambda before, now: sign_ups.unconfirmed_before(before).count(),
        lambda before, now: sign_ups.forget_unconfirmed(now=now),
    ),
    "concerns": RetentionRule(
        lambda before, now: concerns.count_due(now=now),
        lambda before, now: concerns.erase_due(now=now),
    ),
    "enquiries": RetentionRule(
        lambda before, now: enquiries.count_due(now=now),
        lambda before, now: enquiries.erase_due(now=now),
    ),
    "data-applications": RetentionRule(
        lambda before, now: applications.count_due(now=now),
        lambda before, now: applications.erase_due(now=now),
    ),
}
"""Key of the schedule -> its rule."""


def apply_retention(*, now: datetime, dry_run: bool = False) -> tuple[RetentionResult, ...]:
    """Erase what is due by the schedule; dry_run: only count it.

    Raises RuleError if WAYMARK_RETENTION makes no sense: nothing is then erased. If a line fails,
    the others are erased before its error is raised.
    """
    results, failed = [], None
    for period in retention_schedule():
        try:
            results.append(_apply_period(period, now, dry_run=dry_run))
        except Exception as error:  # noqa: BLE001 raised below
            log.error("the line %s of the retention schedule failed: %s", period.key, error)
            failed = failed or error
    if failed is not None:
        raise failed
    return tuple(results)


def _apply_period(period: RetentionPeriod, now: datetime, *, dry_run: bool) -> RetentionResult:
    rule = RULES[period.key]
    before = now - timedelta(days=period.days or 0)
    due, erased = rule.count(before, now), 0
    while due and not dry_run and (number := rule.erase(before, now)):
        erased += number
    return RetentionResult(period, due, erased)


def retention_run(now: datetime) -> bool:
    """Apply the schedule; True if anything was erased."""
    try:
        results = apply_retention(now=now)
    except RuleError as error:
        # No reason for the worker to stop: nothing is erased until the setting is corrected.
        log.error("%s", error)
        return False
    return any(result.erased for result in results)


JOBS = (Job("erase by the retention schedule", JobQueue.UPKEEP, HourlyRun(retention_run)),)
