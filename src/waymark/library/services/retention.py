"""Retention periods of files, and tombstones of what was removed."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.db.models import QuerySet
from django.utils import timezone

from waymark.accounts import audit, removals
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.core.journal import Entry
from waymark.documents.anonymity.board_names import first_full_name
from waymark.documents.anonymity.identifiers import ADDRESS, BIRTH_DATE, INITIALS, PERSON
from waymark.documents.models import Report
from waymark.documents.queries.anonymity import identifiers_in
from waymark.library.access.retention_period import years_after
from waymark.library.models import CatalogueRecord, Removal, RemovalKind, Retention, ReviewDetails

EXPIRED_REASON = (
    "The period for which this file was available is over. We keep its catalogue record."
)
REMOVAL_KINDS = {State.WITHDRAWN: RemovalKind.WITHDRAWN, State.EXPIRED: RemovalKind.EXPIRED}

NAMING = frozenset({PERSON, INITIALS, BIRTH_DATE, ADDRESS})
"""Types of identifiers that the text of a tombstone must not have: nobody answers for it later."""


@dataclass(frozen=True, slots=True)
class TombstoneText:
    """Text of a tombstone. title: a neutral one, "" for the default; successor: the record to see
    instead.
    """

    reason: str = ""
    title: str = ""
    successor: CatalogueRecord | None = None


@audit.serialized
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
    """Set the retention period of a report's file. until: the first day without it, None: no end.

    reason: for the change, kept in the audit log. Raises NotPermitted; RuleError if a reason for
    the change or for a legal hold is missing.
    """
    require_permission(by, "publish reports")
    if not reason.strip():
        raise RuleError("enter why you are changing the period: we keep it in the audit log")
    if legal_hold and not hold_reason.strip():
        raise RuleError("enter the reason for the legal hold: others will need to know it")
    retention, _ = Retention.objects.update_or_create(
        report=report,
        defaults={
            "until": until,
            "legal_hold": legal_hold,
            "hold_reason": hold_reason.strip()[:500] if legal_hold else "",
        },
    )
    audit.record_about(
        by,
        "set retention",
        report,
        now,
        until=until.isoformat() if until else None,
        legal_hold=legal_hold,
        reason=reason.strip()[:500],
    )
    return retention


@audit.serialized
def begin_retention(
    *, by: Actor, report: Report, opens: datetime, years: int, now: datetime
) -> Retention:
    """Start the retention period on the day a report becomes public; an existing one stays."""
    require_permission(by, "publish reports")
    until = years_after(timezone.localdate(opens), years)
    retention, created = Retention.objects.get_or_create(report=report, defaults={"until": until})
    if created:
        audit.record_about(by, "begin retention", report, now, until=until.isoformat())
    return retention


@audit.serialized
def note_removal(
    *,
    by: Actor,
    record: CatalogueRecord,
    report: Report | None,
    state: State,
    was_public: bool,
    tombstone: TombstoneText,
    now: datetime,
) -> Removal | None:
    """Create or undo the tombstone that belongs to a state; None if the state has none.

    report: what was removed, None for the whole record. was_public: before the change. What only
    staff ever saw leaves no tombstone. Raises RuleError if the text identifies the item.
    """
    require_permission(by, "publish reports")
    had_tombstone = current_removals(record, report).update(undone_at=now) > 0
    # Public again, or under embargo: the state has no tombstone, and the old one is undone.
    kind = REMOVAL_KINDS.get(state)
    if kind is None or not (was_public or had_tombstone):
        return None
    default = EXPIRED_REASON if kind == RemovalKind.EXPIRED else ""
    reason = tombstone.reason.strip() or default
    title = tombstone.title.strip() or _neutral_title(record, report)
    _check_anonymous(record, f"{title}\n{reason}")
    successor = tombstone.successor
    if successor is not None and successor.pk == record.pk:
        raise RuleError("a record cannot replace itself: choose another record, or none")
    stone = Removal.objects.create(
        record=record,
        report=report,
        kind=kind,
        at=now,
        reason=reason[:500],
        title=title[:300],
        successor=successor,
    )
    # The journal is outside the database: a restored backup must not show again what was removed.
    audit.before_commit(partial(removals.append_entries, [tombstone_line(stone, now)]))
    return stone


def tombstone_line(stone: Removal, now: datetime) -> Entry:
    """The entry of a tombstone in the journal of removals."""
    return removals.removal_entry(
        subject=(stone.report or stone.record).audit_subject(),
        what=removals.TOMBSTONE,
        now=now,
        reason=stone.reason,
        title=stone.title,
        successor=stone.successor.audit_subject() if stone.successor else "",
    )


def current_removals(record: CatalogueRecord, report: Report | None) -> QuerySet[Removal]:
    """The tombstones of a record, or of one of its reports, that are not undone."""
    return Removal.objects.filter(record=record, report=report, undone_at=None)


def _neutral_title(record: CatalogueRecord, report: Report | None) -> str:
    if record.resource_id is not None:
        return "A publication"
    return "A case review" if report is None else f"{report.get_kind_display()} of a case review"


def _check_anonymous(record: CatalogueRecord, text: str) -> None:
    """Raise RuleError if the text of a tombstone names the item, the board, the child or anyone."""
    review, resource = record.review, record.resource
    # Reference and pseudonym too: each of them finds the review in a search engine.
    names = [review.title, review.board] if review else [resource.title if resource else ""]
    if review is not None:
        details = ReviewDetails.objects.filter(review=review).values_list("pseudonym", flat=True)
        names += [review.reference, *details]
    named = first_full_name([name for name in names if name], text)
    if review is not None and not named:
        finds = identifiers_in("", {"tombstone": text})
        named = next((find.words for find in finds if find.kind in NAMING), "")
    if named:
        raise RuleError(
            f"remove “{named}” from the text: it is public and must not identify the item"
        )
