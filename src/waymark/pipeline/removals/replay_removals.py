"""Repeat removals of the journal in a database that does not contain them.

The journal is a file beside the database; every withdrawal, expiry and erasure, and every
subscription to alerts that ends, is a numbered line in it. Example: a backup of Monday is restored
on Wednesday. The database has seen lines up to 40; line 41, of Tuesday, withdrew report ab12. At
the start line 41 is unseen: the report is withdrawn again, emails are paused, and the database has
then seen line 41.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from waymark.accounts import audit, removals
from waymark.accounts import services as accounts
from waymark.accounts.installation import pause_sending
from waymark.accounts.models import Role, RoleGrant, State, User
from waymark.accounts.removals import ACCESS, EDITION, ERASED, STATE, TOMBSTONE, WITHDRAWN, Key
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.alerts.models import SuppressedAddress
from waymark.alerts.services import erasure, subscriptions
from waymark.alerts.services.subscriptions import ENDED
from waymark.core.errors import RuleError
from waymark.core.jobs import Job, JobQueue
from waymark.core.journal import Entry
from waymark.documents.files import originals
from waymark.documents.models import Report, Review
from waymark.library.models import CatalogueRecord, Publishable, Removal, Resource
from waymark.library.services.authors import HIDDEN, hidden_author_lines, hide_again
from waymark.library.services.retention import TombstoneText, tombstone_line
from waymark.overview.services.other_overviews import UNLISTED, unlist_again
from waymark.pipeline.removals.erasing import erase_file
from waymark.pipeline.removals.repeat_withdrawals import (
    WITHDRAWN_KINDS,
    repeat_withdrawal,
    withdrawal_lines,
)
from waymark.pipeline.removals.state_changes import change_state
from waymark.publishing import services as publishing
from waymark.publishing.models import ManuscriptKind, Publication
from waymark.publishing.services import withdrawal_line

OLDER_DATABASE = (
    "the database was older than the journal of removals: it is a restored copy, and emails sent "
    "since the copy was made would be sent again"
)
LatestEntries = dict[Key, Entry]
HIDE_AGAIN: Mapping[str, tuple[str, Callable[..., bool]]] = {
    "author": (HIDDEN, hide_again),
    "other-overview": (UNLISTED, unlist_again),
}
"""Kind of subject -> kind of its line, and the service that hides it once more."""
HIDDEN_STATES = (State.WITHDRAWN, State.EXPIRED)


def replay_removals(*, now: datetime) -> list[str]:
    """Repeat withdrawals, expiries and erasures that the database lacks; returns their subjects.

    Idempotent. It publishes nothing. If it changed anything, sending is paused, because the
    database is older than work done with it.
    """
    return _replay_unseen(now) if removals.unseen_entries() else []


@audit.serialized
def _replay_unseen(now: datetime) -> list[str]:
    unseen = removals.unseen_entries()
    if not unseen:
        return []
    latest = removals.last_entries()
    subjects = list(dict.fromkeys(entry["subject"] for entry in unseen))
    changed = [subject for subject in subjects if close_again(subject, latest, now)]
    if changed:
        audit.record_entry(
            actor=None,
            action="replayed after restore",
            subject="removals",
            now=now,
            lines=[unseen[0]["number"], unseen[-1]["number"]],
            changed=changed,
        )
        pause_sending(reason=OLDER_DATABASE, now=now, older_database=True)
    removals.mark_seen(unseen[-1]["number"])
    return changed


@audit.serialized
def close_again(subject: str, latest: LatestEntries, now: datetime) -> bool:
    """Carry out the journal's entries for one subject; False if nothing was left to do.

    latest: (subject, kind, number of the edition or 0) -> last entry of the journal.
    """
    kind, _, key = subject.partition(" ")
    own = {where: entry for where, entry in latest.items() if where[0] == subject}
    # sum() and not any(): every entry has to be carried out, also after one that changed something.
    if kind == "account":
        accesses = [entry["what"] for entry in own.values() if not entry["given"]]
        return sum(_take_access(key, access, now) for access in accesses) > 0
    if kind in {"address", "subscriber"}:
        return _leave_again(kind, key, own, now)
    if kind in HIDE_AGAIN:
        what, hide = HIDE_AGAIN[kind]
        entry = own.get((subject, what, 0))
        return entry is not None and hide(key=key, entry=entry, now=now)
    if kind in ManuscriptKind.values:
        editions = [entry for where, entry in own.items() if where[1] == EDITION]
        return sum(_withdraw_edition(kind, key, entry, now) for entry in editions) > 0
    if kind == "journal":
        return False
    if kind in WITHDRAWN_KINDS or kind == "contact":
        return repeat_withdrawal(kind, key, own.get((subject, WITHDRAWN, 0)), now)
    return _close_record(subject, key, own, now)


def _close_record(subject: str, key: str, own: LatestEntries, now: datetime) -> bool:
    """Close a review, report or resource again, and erase its file again."""
    state, record = own.get((subject, STATE, 0)), _item_of(subject)
    changed = False
    if record and state:
        changed = _set_state(record, state, own.get((subject, TOMBSTONE, 0)), now)
    erased = own.get((subject, ERASED, 0))
    if erased is not None:
        changed |= _erase_again(key, erased["sha256"], now)
    return changed


@audit.serialized_in("documents", "library")
def close_new(*, report: Report, now: datetime) -> bool:
    """Close a report that was just stored, if the journal says so; False if it does not.

    Then the database had lost the report, and perhaps the review that was closed with it. A report
    that the journal says is closed, or under an embargo, must not be published when it is stored.
    """
    latest = removals.last_entries()
    subject = report.audit_subject()
    lines = [
        entry
        for entry in latest.values()
        if entry["what"] == STATE
        and entry["state"] != State.PUBLISHED
        and (entry["subject"] == subject or report.key in entry.get("reports", ()))
    ]
    for entry in lines:
        _set_state(report, entry, None, now)
    return bool(lines)


def _item_of(subject: str) -> Publishable | None:
    kind, _, key = subject.partition(" ")
    if kind == "review":
        return Review.objects.filter(reference=key).first()
    if kind == "report":
        return Report.objects.filter(key=key).first()
    return Resource.objects.filter(key=key).first()


def _set_state(record: Publishable, entry: Entry, tombstone: Entry | None, now: datetime) -> bool:
    until = entry["public_from"]
    after = State(entry["state"]), datetime.fromisoformat(until) if until else None
    before = State(record.state), record.public_from
    # Only a step that closes is repeated. Where each state closes something that the other leaves
    # open (an embargo against a withdrawal), the database's own state stays.
    if not removals.is_closing(before, after) or removals.is_closing(after, before):
        return False
    _close_item(record, after, tombstone, now)
    return True


def _close_item(
    record: Publishable, after: removals.Opening, tombstone: Entry | None, now: datetime
) -> None:
    state, until = after
    try:
        change_state(
            by=None,
            item=record,
            state=state,
            now=now,
            public_from=until,
            tombstone=_tombstone_text(tombstone),
            repeated=True,
        )
    except RuleError:
        # The tombstone's text may not suit the titles of the older database, or the file may have
        # expired. Closing the record matters more than either.
        record.refresh_from_db()
        closed = State.INTERNAL if until else state
        change_state(by=None, item=record, state=closed, now=now, repeated=True)


def _tombstone_text(tombstone: Entry | None) -> TombstoneText:
    if tombstone is None:
        return TombstoneText()
    kind, _, key = tombstone["successor"].partition(" ")
    of = {"review__reference": key} if kind == "review" else {"resource__key": key}
    successor = CatalogueRecord.objects.filter(**of).first() if key else None
    return TombstoneText(tombstone["reason"], tombstone["title"], successor)


def _erase_again(key: str, sha256: str, now: datetime) -> bool:
    """Erase a file again, also if the database does not know it."""
    report = Report.objects.filter(key=key).select_related("original").first()
    if report is None:
        there = originals.original_store().traces(sha256)
        originals.erase_original(sha256)
        return there
    if report.original.erased_at is not None:
        return False
    if report.state in OPEN_TO_STAFF:
        # A copy from before there was a journal: only closed reports could be erased.
        change_state(by=None, item=report, state=State.WITHDRAWN, now=now, repeated=True)
    erase_file(by=None, report=report, now=now)
    return True


def _leave_again(kind: str, key: str, own: LatestEntries, now: datetime) -> bool:
    """Erase an address again, or end the subscriptions that its owner had ended."""
    if kind == "address":
        return erasure.erase_again(digest=key, now=now)
    ended = {
        what.removeprefix(ENDED): datetime.fromisoformat(entry["since"])
        for (_, what, _), entry in own.items()
    }
    return subscriptions.end_again(number=int(key), ended=ended, now=now)


def _withdraw_edition(kind: str, slug: str, entry: Entry, now: datetime) -> bool:
    edition = Publication.objects.filter(
        kind=kind, slug=slug, edition=entry["edition"], pdf=entry["pdf"], withdrawn_at=None
    ).first()
    if edition is None:
        return False
    reason = "it was withdrawn before the database was restored from a copy"
    publishing.withdraw_edition(by=None, publication=edition, reason=reason, now=now)
    return True


def _take_access(name: str, what: str, now: datetime) -> bool:
    """Close an account again, or withdraw a role again."""
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


@audit.serialized
def begin_journal(*, now: datetime) -> None:
    """Write all removals in the database into a journal that is new or lost lines.

    An installation of an earlier version has no journal. Its withdrawals must survive the restoring
    of an older copy too.
    """
    # Written to the file before the commit: a journal that knows too much is harmless, since each
    # line is true, but a removal without its line could be undone by a restore.
    lines = [
        *_hidden_lines(now),
        *_erased_lines(now),
        *_withdrawn_lines(now),
        *hidden_author_lines(now),
        *_closed_account_lines(now),
        *_erased_address_lines(now),
        *withdrawal_lines(now),
        removals.kinds_line(now),
    ]
    audit.before_commit(lambda: removals.append_entries(lines))


def _hidden_lines(now: datetime) -> Iterator[Entry]:
    for review in Review.objects.filter(state__in=HIDDEN_STATES).prefetch_related("reports"):
        yield removals.state_line(
            subject=review.audit_subject(),
            opening=(State(review.state), None),
            now=now,
            reports=[report.key for report in review.reports.all()],
        )
    for model in (Report, Resource):
        for row in model._default_manager.filter(state__in=HIDDEN_STATES):
            opening = State(row.state), None
            yield removals.state_line(subject=row.audit_subject(), opening=opening, now=now)
    for stone in Removal.objects.filter(undone_at=None).select_related("record", "report"):
        yield tombstone_line(stone, now)


def _erased_lines(now: datetime) -> Iterator[Entry]:
    rows = Report.objects.exclude(original__erased_at=None).values_list("key", "original_id")
    for key, sha256 in rows:
        yield removals.removal_entry(subject=f"report {key}", what=ERASED, now=now, sha256=sha256)


def _closed_account_lines(now: datetime) -> Iterator[Entry]:
    for name in User.objects.filter(is_active=False).values_list("username", flat=True):
        yield removals.removal_entry(subject=f"account {name}", what=ACCESS, now=now, given=False)


def _erased_address_lines(now: datetime) -> Iterator[Entry]:
    for row in SuppressedAddress.objects.all():
        yield erasure.erasure_line(row.digest, row.at)


def _withdrawn_lines(now: datetime) -> Iterator[Entry]:
    for edition in Publication.objects.exclude(withdrawn_at=None).select_related("manuscript"):
        yield withdrawal_line(edition, now)


JOBS = (Job("repeat removals", JobQueue.UPKEEP, lambda clock: bool(replay_removals(now=clock()))),)
