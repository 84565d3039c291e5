"""Serve recommendations on addressees, and record what each of them did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from waymark.accounts import audit, removals
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.bodies.models import Body
from waymark.bodies.queries import body_called
from waymark.core.errors import RuleError
from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.documents.models import Review
from waymark.recommendations.models import (
    Addressee,
    AddresseeAction,
    Answer,
    EntryKind,
    LedgerEntry,
    Progress,
    ProgressImpact,
    ProgressStatus,
    Recommendation,
    Source,
)
from waymark.recommendations.progress_rules import ReportedState, progress_faults
from waymark.recommendations.response_schemes import response_schemes
from waymark.recommendations.services.count_blocks import note_change
from waymark.recommendations.services.standing import refresh_recommendation, refresh_standing

RECORD = "record progress"
MOST_ADDRESSEES = 50
MOST_ENTRIES = 500
"""Entries and actions of an addressee."""
LONGEST = 5_000
LADDER = frozenset({EntryKind.REMINDED, EntryKind.LISTED})
"""Entries that are steps of the chasing ladder."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry of the ledger. See LedgerEntry."""

    kind: str
    on: date
    how: str = ""
    answer: str = ""
    text: str = ""
    level: int | None = None


@dataclass(frozen=True, slots=True)
class NewAction:
    """What an addressee will do. See AddresseeAction."""

    text: str
    owner: str = ""
    due: date | None = None


@dataclass(frozen=True, slots=True)
class NewProgress:
    """Progress as it is reported. See Progress."""

    status: str
    impact: str
    due: date | None = None
    evidence: str = ""
    evidence_on: date | None = None
    reported_on: date | None = None
    verified: bool | None = None
    judged_by: str = ""


# ---- addressees ----


@audit.serialized
def add_addressee(
    *,
    by: Actor,
    review: Review,
    number: int,
    words: str,
    now: datetime,
    body: Body | None = None,
    scheme: str = "",
) -> Addressee:
    """Name a body that a recommendation asks to act; the record of the body is found by the words.

    Raises NotPermitted; RuleError for a recommendation, scheme or name that cannot be.
    """
    require_permission(by, RECORD)
    words = words.strip()
    if not words or len(words) > 200:
        raise RuleError("enter who is asked to act, in at most 200 characters")
    if scheme and response_schemes().find(scheme) is None:
        raise RuleError(f"there is no scheme {scheme}")
    _current(review, number)
    present = Addressee.objects.filter(review=review, number=number)
    if present.filter(words=words).exists():
        raise RuleError(f"{words} is an addressee of this recommendation already")
    if present.count() >= MOST_ADDRESSEES:
        raise RuleError(f"a recommendation has at most {MOST_ADDRESSEES} addressees")
    addressee = Addressee.objects.create(
        review=review,
        number=number,
        body=body or body_called(words),
        words=words,
        scheme=scheme,
        added_at=now,
        added_by=by if isinstance(by, User) else None,
    )
    refresh_standing([addressee])
    audit.record_about(by, "add addressee", addressee, now, words=words)
    return addressee


@audit.serialized
def name_body_of(*, by: Actor, addressee: Addressee, body: Body | None, now: datetime) -> None:
    """Say which body an addressee is; the words stay."""
    require_permission(by, RECORD)
    addressee.body = body
    addressee.save(update_fields=["body"])
    note_change(addressee.review_id)
    audit.record_about(
        by, "name body of addressee", addressee, now, body=body.key if body else None
    )


@audit.serialized
def remove_addressee(*, by: Actor, addressee: Addressee, now: datetime) -> None:
    """Remove an addressee that was added by mistake. Raises RuleError once its ledger has begun."""
    require_permission(by, RECORD)
    if addressee.entries.exists() or addressee.actions.exists() or addressee.progress.exists():
        raise RuleError(
            f"{addressee.words} has entries in the ledger, which stay: take them back instead, with"
            " the reason"
        )
    audit.record_about(by, "remove addressee", addressee, now, words=addressee.words)
    addressee.delete()
    refresh_recommendation(addressee.review_id, addressee.number)


# ---- entries ----


@audit.serialized
def record_entry_of(
    *, by: Actor, addressee: Addressee, entry: NewEntry, now: datetime
) -> LedgerEntry:
    """Record what happened. Raises NotPermitted, RuleError for what cannot be."""
    require_permission(by, RECORD)
    return write_entry(addressee, entry, Source.STAFF, by=by, now=now)


def write_entry(
    addressee: Addressee, entry: NewEntry, source: Source, *, by: Actor, now: datetime
) -> LedgerEntry:
    """Write an entry in the caller's transaction. The caller checks who may."""
    _check_entry(addressee, entry, now)
    cycle = addressee.overdue_from if entry.kind in LADDER else None
    row = LedgerEntry.objects.create(
        addressee=addressee,
        kind=entry.kind,
        on=entry.on,
        how=entry.how.strip()[:100],
        answer=entry.answer,
        text=entry.text.strip(),
        level=entry.level,
        cycle=cycle,
        step=_next_number(addressee, cycle) if cycle else None,
        source=source,
        recorded_at=now,
        recorded_by=by if isinstance(by, User) else None,
    )
    refresh_standing([addressee])
    audit.record_about(by, "record in ledger", addressee, now, kind=entry.kind, source=str(source))
    return row


def _next_number(addressee: Addressee, cycle: date) -> int:
    """Number of the step that a reminder by hand is: the ladder goes on from there."""
    earlier_steps = addressee.entries.filter(cycle=cycle, taken_back_at=None)
    return (earlier_steps.aggregate(last=Max("step"))["last"] or 0) + 1


def _check_entry(addressee: Addressee, entry: NewEntry, now: datetime) -> None:
    _check_values(entry)
    if len(entry.text) > LONGEST:
        raise RuleError(f"enter at most {LONGEST:,} characters")
    if entry.on > uk_date(now):
        raise RuleError(f"{date_in_words(entry.on)} is in the future: correct the date")
    made_on = addressee.review.completed_on
    if made_on is not None and entry.on < made_on:
        raise RuleError(
            f"{date_in_words(entry.on)} is before the review ended on {date_in_words(made_on)}:"
            " correct the date"
        )
    if addressee.entries.count() >= MOST_ENTRIES:
        raise RuleError(f"the ledger of an addressee has at most {MOST_ENTRIES} entries")


def _check_values(entry: NewEntry) -> None:
    _require_one_of("kind", entry.kind, EntryKind.values)
    if (entry.kind == EntryKind.ANSWERED) != bool(entry.answer):
        raise RuleError("choose the answer" if not entry.answer else "only an answer has an answer")
    if entry.answer:
        _require_one_of("answer", entry.answer, Answer.values)
    if entry.answer == Answer.REJECTED and not entry.text.strip():
        raise RuleError("enter the reason why the recommendation is not accepted")
    if entry.kind == EntryKind.ESCALATED and not entry.level:
        raise RuleError("choose the level to which it is escalated")


@audit.serialized
def take_back_entry(*, by: Actor, entry: LedgerEntry, reason: str, now: datetime) -> None:
    """Take back an entry that was wrong; it stays on record, with the reason."""
    require_permission(by, RECORD)
    if not reason.strip():
        raise RuleError("enter why the entry is wrong")
    entry = LedgerEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if entry.taken_back_at is not None:
        raise RuleError("this entry has already been taken back")
    entry.taken_back_at, entry.reason = now, reason.strip()[:500]
    entry.save(update_fields=["taken_back_at", "reason"])
    removals.note_withdrawal(subject=f"entry {entry.pk}", withdrawn=True, now=now)
    refresh_standing([entry.addressee])
    audit.record_about(by, "take back entry", entry.addressee, now, entry=entry.pk)


# ---- actions ----


@audit.serialized
def add_action(
    *, by: Actor, addressee: Addressee, action: NewAction, now: datetime
) -> AddresseeAction:
    """Record what an addressee will do. Raises NotPermitted, RuleError."""
    require_permission(by, RECORD)
    return write_action(addressee, action, Source.STAFF, by=by, now=now)


def write_action(
    addressee: Addressee, action: NewAction, source: Source, *, by: Actor, now: datetime
) -> AddresseeAction:
    """Write an action in the caller's transaction. The caller checks who may."""
    if not action.text.strip() or len(action.text) > LONGEST:
        raise RuleError(f"enter what will be done, in at most {LONGEST:,} characters")
    if addressee.actions.count() >= MOST_ENTRIES:
        raise RuleError(f"an addressee has at most {MOST_ENTRIES} actions")
    row = AddresseeAction.objects.create(
        addressee=addressee,
        text=action.text.strip(),
        owner=action.owner.strip()[:200],
        due=action.due,
        source=source,
        recorded_at=now,
        recorded_by=by if isinstance(by, User) else None,
    )
    refresh_standing([addressee])
    audit.record_about(by, "add action", addressee, now, source=str(source))
    return row


@audit.serialized
def finish_action(
    *, by: Actor, action: AddresseeAction, done_on: date, evidence: str, now: datetime
) -> None:
    """Record that an action is done, with its evidence. Raises NotPermitted, RuleError."""
    require_permission(by, RECORD)
    write_done(action, done_on, evidence, by=by, now=now)


def write_done(
    action: AddresseeAction, done_on: date, evidence: str, *, by: Actor, now: datetime
) -> None:
    """Store that an action is done, in the caller's transaction. The caller checks who may."""
    if action.done_on is not None:
        raise RuleError(f"this action was done on {date_in_words(action.done_on)} already")
    if done_on > uk_date(now):
        raise RuleError(f"{date_in_words(done_on)} is in the future: correct the date")
    if len(evidence) > LONGEST:
        raise RuleError(f"enter at most {LONGEST:,} characters")
    action.done_on, action.evidence = done_on, evidence.strip()
    action.save(update_fields=["done_on", "evidence"])
    refresh_standing([action.addressee])
    audit.record_about(by, "finish action", action.addressee, now, number=action.pk)


# ---- progress ----


@audit.serialized
def record_progress(
    *,
    by: User,
    review: Review,
    number: int,
    status: str,
    impact: str,
    due: date | None,
    now: datetime,
    evidence: str = "",
    evidence_on: date | None = None,
    reported_on: date | None = None,
    verified: bool | None = None,
) -> Progress:
    """Store progress on a recommendation as a whole; earlier reports stay.

    evidence: what the impact was judged by; verified: see Progress. Raises NotPermitted; RuleError
    also for progress that is impossible. What is only doubtful is stored: progress_doubts names it.
    """
    require_permission(by, RECORD)
    progress = NewProgress(status, impact, due, evidence, evidence_on, reported_on, verified)
    return write_progress(review, number, progress, Source.STAFF, by=by, now=now)


@audit.serialized
def record_progress_of(
    *, by: Actor, addressee: Addressee, progress: NewProgress, now: datetime
) -> Progress:
    """Store the progress of one addressee. Raises like record_progress."""
    require_permission(by, RECORD)
    return write_progress(
        addressee.review, addressee.number, progress, Source.STAFF, addressee, by=by, now=now
    )


def write_progress(
    review: Review,
    number: int,
    progress: NewProgress,
    source: Source,
    addressee: Addressee | None = None,
    *,
    by: Actor,
    now: datetime,
) -> Progress:
    """Write progress in the caller's transaction. The caller checks who may."""
    _require_one_of("status", progress.status, ProgressStatus.values)
    _require_one_of("impact", progress.impact, ProgressImpact.values)
    recommendation = _current(review, number)
    state = ReportedState(
        progress.status, progress.impact, progress.due, progress.evidence, progress.evidence_on
    )
    today = uk_date(now)
    faults = progress_faults(state, made_on=review.completed_on, today=today)
    if progress.reported_on is not None and progress.reported_on > today:
        faults.append(f"{date_in_words(progress.reported_on)} is in the future: correct the date")
    if faults:
        raise RuleError(f"{review.reference} recommendation {number}: {'; '.join(faults)}")
    row = Progress.objects.create(
        recommendation=recommendation,
        addressee=addressee,
        status=progress.status,
        impact=progress.impact,
        due=progress.due,
        evidence=progress.evidence.strip(),
        evidence_on=progress.evidence_on,
        reported_on=progress.reported_on,
        verified=progress.verified,
        judged_by=progress.judged_by.strip()[:200],
        source=source,
        told_at=now,
        told_by=by if isinstance(by, User) else None,
    )
    refresh_recommendation(review.pk, number)
    details = {"number": number, "status": progress.status, "impact": progress.impact}
    if addressee is not None:
        details["addressee"] = addressee.pk
    audit.record_about(by, "tell progress", review, now, **details)
    return row


def _current(review: Review, number: int) -> Recommendation:
    current = Recommendation.objects.filter(review=review, number=number, superseded_at=None)
    recommendation = current.first()
    if recommendation is None:
        raise RuleError(f"{review.reference} has no recommendation {number}")
    return recommendation


def _require_one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise RuleError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
