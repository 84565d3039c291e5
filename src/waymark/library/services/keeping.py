"""For how long files may be had, and the tombstones of what went."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.db.models import QuerySet
from django.utils import timezone

from waymark.accounts import audit, removals
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import RuleError
from waymark.core.journal import Entry
from waymark.documents.models import Report
from waymark.library.models import CatalogueRecord, Removal, RemovalKind, Retention, ReviewDetails
from waymark.library.terms import years_after
from waymark.library.traces import names_any

EXPIRED = (
    "The time for which this file could be had here is over. Its entry in the catalogue stays."
)
KINDS = {State.WITHDRAWN: RemovalKind.WITHDRAWN, State.EXPIRED: RemovalKind.EXPIRED}


@dataclass(frozen=True, slots=True)
class Told:
    """What a tombstone tells. title: a neutral one, "" for the usual; successor: what to look at
    instead."""

    reason: str = ""
    title: str = ""
    successor: CatalogueRecord | None = None


@audit.in_turn
def set_retention(
    *,
    by: Actor,
    report: Report,
    until: date | None,
    legal_hold: bool,
    hold_reason: str,
    reason: str,
    now: datetime,
) -> Retention:
    """Say for how long a report's file may be had. until: the first day without it, None: no end.

    reason: why it is changed, for the audit. Raises NotPermitted; RuleError without a reason, and
    for a hold that says not why.
    """
    require(by, "publish reports")
    if not reason.strip():
        raise RuleError("say why the time is changed: the reason is kept in the audit")
    if legal_hold and not hold_reason.strip():
        raise RuleError("say why the file is held: whoever looks at it later has to know")
    kept, _ = Retention.objects.update_or_create(
        report=report,
        defaults={
            "until": until,
            "legal_hold": legal_hold,
            "hold_reason": hold_reason.strip()[:500] if legal_hold else "",
        },
    )
    audit.record(
        actor=by,
        action="set retention",
        subject=f"report {report.key}",
        now=now,
        until=until.isoformat() if until else None,
        legal_hold=legal_hold,
        reason=reason.strip()[:500],
    )
    return kept


@audit.in_turn
def begin_retention(
    *, by: Actor, report: Report, opens: datetime, years: int, now: datetime
) -> Retention:
    """Let the time run from the day on which a report opens; what was set before stays."""
    require(by, "publish reports")
    until = years_after(timezone.localdate(opens), years)
    kept, made = Retention.objects.get_or_create(report=report, defaults={"until": until})
    if made:
        audit.record(
            actor=by,
            action="begin retention",
            subject=f"report {report.key}",
            now=now,
            until=until.isoformat(),
        )
    return kept


@audit.in_turn
def note_removal(
    *,
    by: Actor,
    record: CatalogueRecord,
    report: Report | None,
    state: State,
    was_public: bool,
    told: Told,
    now: datetime,
) -> Removal | None:
    """Set up or take away the tombstone that goes with a state; None where there is none.

    report: what went, None where the whole record did. was_public: before the change. What nobody
    but staff ever saw leaves no tombstone. Raises RuleError where what is told says who or what it
    was.
    """
    require(by, "publish reports")
    standing = standing_removals(record, report)
    had = standing.update(undone_at=now) > 0
    kind = KINDS.get(state)
    if kind is None or not (was_public or had):
        return None
    usual = EXPIRED if kind == RemovalKind.EXPIRED else ""
    reason = told.reason.strip() or usual
    title = told.title.strip() or _neutral(record, report)
    _check(record, f"{title}\n{reason}")
    successor = told.successor
    if successor is not None and successor.pk == record.pk:
        raise RuleError("a record cannot be its own successor: name another, or none")
    stone = Removal.objects.create(
        record=record,
        report=report,
        kind=kind,
        at=now,
        reason=reason[:500],
        title=title[:300],
        successor=successor,
    )
    audit.before_commit(partial(removals.append, [tombstone_line(stone, now)]))
    return stone


def tombstone_line(stone: Removal, now: datetime) -> Entry:
    """What the journal of removals says of a tombstone."""
    return removals.line(
        subject=f"report {stone.report.key}" if stone.report else subject_of(stone.record),
        what=removals.TOMBSTONE,
        now=now,
        reason=stone.reason,
        title=stone.title,
        successor=subject_of(stone.successor) if stone.successor else "",
    )


def subject_of(record: CatalogueRecord) -> str:
    """What the record is of, as the audit names it."""
    if record.review is not None:
        return f"review {record.review.reference}"
    return f"resource {record.resource.key}" if record.resource else ""


def standing_removals(record: CatalogueRecord, report: Report | None) -> QuerySet[Removal]:
    """The tombstones of a record, or of a report of it, that nothing has undone."""
    return Removal.objects.filter(record=record, report=report, undone_at=None)


def _neutral(record: CatalogueRecord, report: Report | None) -> str:
    if record.resource_id is not None:
        return "A publication"
    return "A case review" if report is None else f"{report.get_kind_display()} of a case review"


def _check(record: CatalogueRecord, told: str) -> None:
    """Raises RuleError where the words of a tombstone name what it stands for."""
    review, resource = record.review, record.resource
    names = [review.title, review.board] if review else [resource.title if resource else ""]
    if review is not None:
        details = ReviewDetails.objects.filter(review=review).values_list("pseudonym", flat=True)
        names += [review.reference, *details]
    named = names_any([name for name in names if name], told)
    if named:
        raise RuleError(
            f"everybody reads these words: leave out “{named}”, so that they do not say what it was"
        )
