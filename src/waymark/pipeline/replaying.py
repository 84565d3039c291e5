"""Removals of the journal carried out again in a database that does not contain them."""

from collections.abc import Iterator
from datetime import datetime

from waymark.accounts import audit, removals
from waymark.accounts import services as accounts
from waymark.accounts.installation import pause_sending
from waymark.accounts.models import Role, RoleGrant, State, User
from waymark.accounts.removals import ACCESS, EDITION, ERASED, STATE, TOMBSTONE, Key
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import RuleError
from waymark.core.journal import Entry
from waymark.documents import services as documents
from waymark.documents import storage
from waymark.documents.models import Report, Review
from waymark.library.models import CatalogueRecord, Removal, Resource
from waymark.library.services.keeping import Told, tombstone_line
from waymark.pipeline.states import change_state
from waymark.publishing import services as publishing
from waymark.publishing.models import Publication
from waymark.publishing.services import withdrawal_line

OLDER = (
    "the database was older than the journal of removals: it is a copy that was put back, and "
    "emails sent since the copy was taken would be sent again"
)
Standing = dict[Key, Entry]
GONE = (State.WITHDRAWN, State.EXPIRED)


def replay_removals(*, now: datetime) -> list[str]:
    """Withdraw, let expire and erase again what the database does not know of; what it was.

    Idempotent. Nothing is opened by it. Where it changed anything, sending is paused: the database
    is older than what was done with it.
    """
    return _replayed(now) if removals.unseen() else []


@audit.in_turn
def _replayed(now: datetime) -> list[str]:
    unseen = removals.unseen()
    if not unseen:
        return []
    standing = removals.standing()
    subjects = list(dict.fromkeys(entry["subject"] for entry in unseen))
    changed = [subject for subject in subjects if close_again(subject, standing, now)]
    if changed:
        audit.record(
            actor=None,
            action="replayed after restore",
            subject="removals",
            now=now,
            lines=[unseen[0]["number"], unseen[-1]["number"]],
            changed=changed,
        )
        pause_sending(reason=OLDER, now=now)
    removals.mark_seen(unseen[-1]["number"])
    return changed


@audit.in_turn
def close_again(subject: str, standing: Standing, now: datetime) -> bool:
    """Carry out what the journal says of one thing; False where nothing was left to do."""
    kind, _, key = subject.partition(" ")
    if kind == "account":
        lines = [entry for of, entry in standing.items() if of[0] == subject and not entry["given"]]
        return sum(_take_access(key, entry["what"], now) for entry in lines) > 0
    if kind == "overview":
        lines = [entry for of, entry in standing.items() if of[:2] == (subject, EDITION)]
        return sum(_withdraw_edition(key, entry, now) for entry in lines) > 0
    entry, thing = standing.get((subject, STATE, 0)), _thing(subject)
    tombstone = standing.get((subject, TOMBSTONE, 0))
    changed = [_set_state(thing, entry, tombstone, now)] if thing and entry else []
    erased = standing.get((subject, ERASED, 0))
    if erased is not None:
        changed.append(_erase(key, erased["sha256"], now))
    return any(changed)


@audit.in_turn
def close_new(*, report: Report, now: datetime) -> bool:
    """Close a report that was just stored as the journal says; False where it says nothing.

    The database lost the report then, and perhaps the review that was closed with it. What the
    journal says closed, or open only when an embargo ends, is not to be published with the storing.
    """
    standing = removals.standing()
    subject = f"report {report.key}"
    lines = [
        entry
        for entry in standing.values()
        if entry["what"] == STATE
        and entry["state"] != State.PUBLISHED
        and (entry["subject"] == subject or report.key in entry.get("reports", ()))
    ]
    for entry in lines:
        _set_state(report, entry, None, now)
    return bool(lines)


def _thing(subject: str) -> Review | Report | Resource | None:
    kind, _, key = subject.partition(" ")
    if kind == "review":
        return Review.objects.filter(reference=key).first()
    if kind == "report":
        return Report.objects.filter(key=key).first()
    return Resource.objects.filter(key=key).first()


def _set_state(
    thing: Review | Report | Resource, entry: Entry, tombstone: Entry | None, now: datetime
) -> bool:
    until = entry["public_from"]
    after = State(entry["state"]), datetime.fromisoformat(until) if until else None
    before = State(thing.state), thing.public_from
    if not removals.is_closing(before, after) or removals.is_closing(after, before):
        return False
    _close(thing, after, tombstone, now)
    return True


def _close(
    thing: Review | Report | Resource,
    after: removals.Opening,
    tombstone: Entry | None,
    now: datetime,
) -> None:
    state, until = after
    try:
        change_state(
            by=None, thing=thing, state=state, now=now, public_from=until, told=_told(tombstone)
        )
    except RuleError:
        # By the titles of the older database the words of the tombstone tell too much, or the time
        # of the file is over. Closing it goes before both.
        thing.refresh_from_db()
        closed = State.INTERNAL if until else state
        change_state(by=None, thing=thing, state=closed, now=now)


def _told(tombstone: Entry | None) -> Told:
    if tombstone is None:
        return Told()
    kind, _, key = tombstone["successor"].partition(" ")
    of = {"review__reference": key} if kind == "review" else {"resource__key": key}
    successor = CatalogueRecord.objects.filter(**of).first() if key else None
    return Told(tombstone["reason"], tombstone["title"], successor)


def _erase(key: str, sha256: str, now: datetime) -> bool:
    """Erase a file again, also where the database has never heard of it."""
    report = Report.objects.filter(key=key).select_related("original").first()
    if report is None:
        there = storage.original_path(sha256).exists()
        storage.erase(sha256)
        return there
    if report.original.erased_at is not None:
        return False
    if report.state in OPEN_TO_STAFF:
        # A copy from before there was a journal: what was erased had been closed before.
        change_state(by=None, thing=report, state=State.WITHDRAWN, now=now)
    documents.erase_original(by=None, report=report, now=now)
    return True


def _withdraw_edition(slug: str, entry: Entry, now: datetime) -> bool:
    edition = Publication.objects.filter(
        slug=slug, edition=entry["edition"], pdf=entry["pdf"], withdrawn_at=None
    ).first()
    if edition is None:
        return False
    reason = "it was withdrawn before the database was put back from a copy"
    publishing.withdraw(by=None, publication=edition, reason=reason, now=now)
    return True


def _take_access(name: str, what: str, now: datetime) -> bool:
    """Close an account again, or withdraw a role from it."""
    person = User.objects.filter(username=name).first()
    role = what.removeprefix(ACCESS).strip()
    if person is None:
        return False
    if not role:
        was_open = person.is_active
        accounts.close_account(person=person, by=None, now=now, last=True)
        return was_open
    had = RoleGrant.objects.filter(person=person, role=role).exists()
    if had:
        accounts.withdraw_role(person=person, role=Role(role), by=None, now=now, last=True)
    return had


@audit.in_turn
def begin_journal(*, now: datetime) -> None:
    """Write into the journal what the database says is gone: it is new, or lines were lost.

    An installation of an earlier version has no journal. What it withdrew before has to stay
    withdrawn too, when a copy from before that is put back.
    """
    lines = [*_gone(now), *_erased(now), *_withdrawn(now), *_closed_accounts(now)]
    audit.before_commit(lambda: removals.append(lines))


def _gone(now: datetime) -> Iterator[Entry]:
    for review in Review.objects.filter(state__in=GONE).prefetch_related("reports"):
        yield removals.state_line(
            subject=f"review {review.reference}",
            opening=(State(review.state), None),
            now=now,
            reports=[report.key for report in review.reports.all()],
        )
    reports = Report.objects.filter(state__in=GONE).values_list("key", "state")
    resources = Resource.objects.filter(state__in=GONE).values_list("key", "state")
    for kind, rows in (("report", reports), ("resource", resources)):
        for key, state in rows:
            opening = State(state), None
            yield removals.state_line(subject=f"{kind} {key}", opening=opening, now=now)
    for stone in Removal.objects.filter(undone_at=None).select_related("record", "report"):
        yield tombstone_line(stone, now)


def _erased(now: datetime) -> Iterator[Entry]:
    rows = Report.objects.exclude(original__erased_at=None).values_list("key", "original_id")
    for key, sha256 in rows:
        yield removals.line(subject=f"report {key}", what=ERASED, now=now, sha256=sha256)


def _closed_accounts(now: datetime) -> Iterator[Entry]:
    for name in User.objects.filter(is_active=False).values_list("username", flat=True):
        yield removals.line(subject=f"account {name}", what=ACCESS, now=now, given=False)


def _withdrawn(now: datetime) -> Iterator[Entry]:
    for edition in Publication.objects.exclude(withdrawn_at=None):
        yield withdrawal_line(edition, now)
