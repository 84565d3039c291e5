"""Candidates of the Weekly alert: gathered, and chosen or not against the stated criteria."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts.criteria import DUPLICATE, alert_criteria
from waymark.alerts.models import AlertList, Candidate, FeedSource, IssueItem
from waymark.alerts.queries.issues import EDIT
from waymark.alerts.services.issues import append_item, open_draft
from waymark.alerts.services.item_texts import ItemText
from waymark.core.errors import ConcurrentChange, RuleError
from waymark.library.catalogue.duplicates import plain_title, plain_url, titles_match

TITLES_COMPARED = timedelta(days=90)
MOST_COMPARED = 2_000
MOST_TITLE_WORDS = 3
"""Titles of up to so many words, such as "Annual report", are shared by different works."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Something gathered. entry: name in its feed; record: of the library, None for a feed."""

    title: str
    entry: str = ""
    summary: str = ""
    publisher: str = ""
    dated: str = ""
    address: str = ""
    doi: str = ""
    topic: str = ""
    record: int | None = None


@audit.serialized
def store_candidates(
    *, by: Actor, source: FeedSource | None, gathered: Iterable[Gathered], now: datetime
) -> int:
    """Store what is new of a feed or of the library; return how many candidates wait.

    The same address or DOI as an earlier candidate or item: not chosen, as a duplicate. The same
    title alone is a hint for the person who decides. Raises NotPermitted.
    """
    require_permission(by, EDIT)
    waiting = stored = 0
    for entry in gathered:
        if _is_known(source, entry):
            continue
        candidate = _candidate(source, entry, now)
        candidate.save()
        stored += 1
        waiting += not candidate.decision
    if stored:
        subject = source.audit_subject() if source else "alert candidates of the library"
        audit.record_entry(
            actor=by, action="gather candidates", subject=subject, now=now, new=stored
        )
    return waiting


def _is_known(source: FeedSource | None, entry: Gathered) -> bool:
    if entry.record is not None:
        return Candidate.objects.filter(record=entry.record).exists()
    return bool(entry.entry) and Candidate.objects.filter(source=source, entry=entry.entry).exists()


def _candidate(source: FeedSource | None, entry: Gathered, now: datetime) -> Candidate:
    candidate = Candidate(
        source=source,
        record_id=entry.record,
        entry=entry.entry,
        title=entry.title[:300],
        summary=entry.summary[:2_000],
        publisher=entry.publisher[:200],
        dated=entry.dated[:60],
        address=entry.address[:1_000],
        address_key=plain_url(entry.address)[:1_000],
        doi=entry.doi.lower()[:100],
        title_key=plain_title(entry.title)[:300],
        topic=entry.topic[:80],
        gathered_at=now,
    )
    candidate.duplicate_of, candidate.duplicate_by = _earlier(candidate, now)
    if candidate.duplicate_by in {"address", "DOI"}:
        candidate.decision = Candidate.Decision.NOT_CHOSEN
        candidate.criterion, candidate.decided_at = DUPLICATE, now
    return candidate


def _earlier(new: Candidate, now: datetime) -> tuple[Candidate | None, str]:
    """An earlier candidate of the same work, and by what it was recognised."""
    if new.doi and (same := Candidate.objects.filter(doi=new.doi).first()):
        return same, "DOI"
    if new.address_key and (same := Candidate.objects.filter(address_key=new.address_key).first()):
        return same, "address"
    # An item that people added by hand was no candidate.
    if new.address and IssueItem.objects.filter(address=new.address).exists():
        return None, "address"
    if len(new.title_key.split()) <= MOST_TITLE_WORDS:
        return None, ""
    recent = Candidate.objects.filter(
        Q(title_key=new.title_key) | Q(gathered_at__gte=now - TITLES_COMPARED)
    ).order_by("-gathered_at")
    for other in recent[:MOST_COMPARED]:
        if titles_match(new.title_key, other.title_key):
            return other, "title"
    return None, ""


# ---- decisions ----


@audit.serialized
def choose_candidate(
    *, by: Actor, candidate: Candidate, criterion: str, now: datetime, note: str = ""
) -> IssueItem:
    """Choose a candidate: it becomes an item of the draft of the Weekly alert.

    Raises NotPermitted; RuleError for a criterion that is not one to choose by; ConcurrentChange
    if somebody decided since.
    """
    require_permission(by, EDIT)
    _check_criterion(criterion, [row.key for row in alert_criteria().choose])
    candidate = _undecided(candidate)
    draft = open_draft(by=by, alert_list=AlertList.WEEKLY, now=now)
    text, record = _first_text(candidate), candidate.record_id
    item = append_item(by=by, draft=draft, text=text, record=record, now=now)
    candidate.item = item
    _decide(candidate, Candidate.Decision.CHOSEN, criterion, note, by, now)
    return item


@audit.serialized
def leave_candidate(
    *, by: Actor, candidate: Candidate, criterion: str, now: datetime, note: str = ""
) -> None:
    """Decide not to choose a candidate. Raises NotPermitted, RuleError, ConcurrentChange."""
    require_permission(by, EDIT)
    _check_criterion(criterion, [row.key for row in alert_criteria().leave])
    candidate = _undecided(candidate)
    _decide(candidate, Candidate.Decision.NOT_CHOSEN, criterion, note, by, now)


@audit.serialized
def reopen_candidate(*, by: Actor, candidate: Candidate, now: datetime) -> None:
    """Let a candidate that was not chosen wait again. Raises NotPermitted, RuleError."""
    require_permission(by, EDIT)
    candidate = Candidate.objects.select_for_update(of=("self",)).get(pk=candidate.pk)
    if candidate.decision != Candidate.Decision.NOT_CHOSEN:
        raise RuleError("only a candidate that was not chosen can be decided again here")
    candidate.decision, candidate.criterion, candidate.note = "", "", ""
    candidate.decided_at, candidate.decided_by = None, None
    candidate.save()
    audit.record_about(by, "reopen candidate", candidate, now)


def _check_criterion(criterion: str, known: list[str]) -> None:
    if criterion not in known:
        raise RuleError("choose the criterion that decides")


def _undecided(candidate: Candidate) -> Candidate:
    candidate = Candidate.objects.select_for_update(of=("self",)).get(pk=candidate.pk)
    if candidate.decision:
        raise ConcurrentChange("someone else has since decided on this candidate")
    return candidate


def _first_text(candidate: Candidate) -> ItemText:
    """The item as the candidate has it, for a person to edit."""
    return ItemText(
        heading=candidate.title,
        summary=" ".join(candidate.summary.split()),
        group=candidate.topic,
        source=candidate.publisher,
        dated=candidate.dated,
        address=candidate.address,
    )


def _decide(
    candidate: Candidate, decision: str, criterion: str, note: str, by: Actor, now: datetime
) -> None:
    candidate.decision, candidate.criterion = decision, criterion
    candidate.note = " ".join(note.split())[:500]
    candidate.decided_at = now
    candidate.decided_by = by if isinstance(by, User) else None
    candidate.save()
    audit.record_about(by, "decide on candidate", candidate, now, decision=decision)
