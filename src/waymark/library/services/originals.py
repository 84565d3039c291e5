"""Decide whether the original file of a report may be downloaded."""

from datetime import datetime

from waymark.accounts import audit, removals
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.documents.models import Report
from waymark.library.models import OriginalDecision
from waymark.library.queries.originals import original_obstacle, terms_obstacle

OFFER_ORIGINALS = "publish reports"
LONGEST_REASON = 500


@audit.serialized
def offer_original(
    *, by: Actor, report: Report, terms: str, reason: str, now: datetime
) -> OriginalDecision:
    """Offer the original of a report to everyone who can read the report.

    Raises NotPermitted; RuleError without a reason, while something in the file waits for an
    answer, and if its terms do not allow it.
    """
    require_permission(by, OFFER_ORIGINALS)
    if obstacle := original_obstacle(report) or terms_obstacle(report, terms):
        raise RuleError(obstacle)
    return _decide(by, report, now, offered=True, terms=terms, reason=reason)


@audit.serialized
def stop_offering_original(*, by: Actor, report: Report, reason: str, now: datetime) -> None:
    """Offer the original of a report no longer. Raises NotPermitted; RuleError without a reason."""
    require_permission(by, OFFER_ORIGINALS)
    if OriginalDecision.objects.filter(report=report, superseded_at=None, offered=True).exists():
        _decide(by, report, now, offered=False, terms="", reason=reason)


def _decide(
    by: Actor, report: Report, now: datetime, *, offered: bool, terms: str, reason: str
) -> OriginalDecision:
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise RuleError(f"enter a reason of at most {LONGEST_REASON} characters")
    OriginalDecision.objects.filter(report=report, superseded_at=None).update(superseded_at=now)
    decision = OriginalDecision.objects.create(
        report=report,
        offered=offered,
        terms=terms,
        reason=reason,
        decided_at=now,
        decided_by=by if isinstance(by, User) else None,
    )
    removals.note_withdrawal(subject=f"original {report.key}", withdrawn=not offered, now=now)
    action = "offer original" if offered else "stop offering original"
    audit.record_about(by, action, report, now, terms=terms)
    return decision
