"""Journal of removals: withdrawals and other hiding changes, stored outside the database.

    DATA/removals.jsonl     {"number": 7, "at": "...", "subject": "report 3f9c01ab2d44",
                             "what": "state", "state": "withdrawn", "public_from": null}

A restored copy of the database would show again what was withdrawn since. The journal is not in the
database, so pipeline.replay_removals() can apply those withdrawals again. The database stores the
number of the last line that it contains (Installation.removals_seen).

Order of writing: a line that hides something is flushed to the disk after all checks of the service
and before the commit; a line that shows something is written after the commit. So whenever a
process is killed, the journal hides at least as much as the database. A line whose transaction was
lost is applied at the next start, or within a second by the upkeep worker, because a person had
requested it. A lost line of the other kind leaves a record hidden after a restore; the journal
never makes anything visible.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from waymark.accounts import audit
from waymark.accounts.models import Installation, State
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core import journal
from waymark.core.journal import Entry

STATE, TOMBSTONE, ERASED, EDITION = "state", "tombstone", "erased", "edition withdrawn"
WITHDRAWN = "withdrawn"
"""Anything else that was public and is so no longer: see note_withdrawal()."""
KINDS, KINDS_NOW = "kinds", 2
"""Line that says which kinds of removals begin_journal() has written: 1 without withdrawals."""
ACCESS = "access"
"""Alone or with the name of a role: access that a person has lost."""
Key = tuple[str, str, int]
"""Subject, kind of removal, and number of the edition (0 for other kinds)."""
ALWAYS, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
Opening = tuple[State, datetime | None]
"""State, and end of an embargo."""


def journal_file() -> Path:
    """The journal of this data folder."""
    return Path(settings.DATA) / "removals.jsonl"


def key_of(entry: Entry) -> Key:
    return entry["subject"], entry["what"], entry.get("edition", 0)


def last_entries() -> dict[Key, Entry]:
    """Last line about each subject. Raises RuleError if the journal cannot be read."""
    return {key_of(entry): entry for entry in journal.read_journal(journal_file())}


def unseen_entries() -> list[Entry]:
    """Lines that are newer than the database."""
    seen = _seen_number()
    return [entry for entry in journal.read_journal(journal_file()) if entry["number"] > seen]


def _seen_number() -> int:
    return Installation.objects.values_list("removals_seen", flat=True).first() or 0


def is_shorter() -> bool:
    """True if the journal has lost lines that the database has seen."""
    return journal.last_number(journal.read_journal(journal_file())) < _seen_number()


def mark_seen(number: int) -> None:
    """Record that the database contains all lines up to this number."""
    Installation.objects.filter(removals_seen__lt=number).update(removals_seen=number)


def write_removal(*, subject: str, what: str, now: datetime, **detail: Any) -> None:
    """Write a removal to the journal, before the transaction of the caller is committed."""
    audit.before_commit(
        partial(append_entries, [removal_entry(subject=subject, what=what, now=now, **detail)])
    )


def removal_entry(*, subject: str, what: str, now: datetime, **detail: Any) -> Entry:
    """Build a line of the journal, without its number."""
    return {"at": now.isoformat(), "subject": subject, "what": what, **detail}


def state_line(
    *, subject: str, opening: Opening, now: datetime, reports: Collection[str] = ()
) -> Entry:
    """Build the line for a new publication state.

    reports: keys of the reports of a review. They are hidden with it, also in a database that has
    lost both and gets the same files again without their review.
    """
    state, public_from = opening
    until = public_from.isoformat() if public_from else None
    detail = {"reports": sorted(reports)} if reports else {}
    return removal_entry(
        subject=subject, what=STATE, now=now, state=str(state), public_from=until, **detail
    )


def note_state(
    *, subject: str, before: Opening, after: Opening, now: datetime, reports: Collection[str] = ()
) -> None:
    """Write a change of state to the journal: before the commit if it hides, else after it.

    Changes between states that only staff can see are not written.
    """
    opened_before = _audience(before)[1] != NEVER
    # Example: received -> in check is visible to staff before and after, so no line is needed. But
    # received -> published -> internal needs one, or a restored copy would show it as published.
    if (
        not opened_before
        and after[0] in OPEN_TO_STAFF
        and (subject, STATE, 0) not in last_entries()
    ):
        return
    entry = state_line(subject=subject, opening=after, now=now, reports=reports)
    if is_closing(before, after):
        audit.before_commit(partial(append_entries, [entry]))
    else:
        transaction.on_commit(partial(_append_opening, entry))


def note_access(*, person: str, role: str = "", restored: bool, now: datetime) -> None:
    """Write to the journal that an account was closed or a role withdrawn, or restored.

    role: "" for the account itself. Restored access is written only if it was removed before.
    """
    subject, what = f"account {person}", f"{ACCESS} {role}".strip()
    removed = removal_entry(subject=subject, what=what, now=now, given=False)
    _note(removed, {**removed, "given": True}, restored=restored)


def note_withdrawal(*, subject: str, withdrawn: bool, now: datetime, **detail: Any) -> None:
    """Write to the journal that something was withdrawn, or is public again.

    subject: such as "indicator children-on-plans"; its first word is a kind that
    pipeline.repeat_withdrawals knows.
    """
    line = partial(removal_entry, subject=subject, what=WITHDRAWN, now=now, **detail)
    _note(line(withdrawn=True), line(withdrawn=False), restored=not withdrawn)


def _note(removed: Entry, restored_line: Entry, *, restored: bool) -> None:
    """Write one of two lines. What is restored is written only if it was removed before."""
    if not restored:
        audit.before_commit(partial(append_entries, [removed]))
    elif key_of(removed) in last_entries():
        transaction.on_commit(partial(_append_opening, restored_line))


def knows_all_kinds() -> bool:
    """True if the journal has every kind of removal, also those made by an earlier version."""
    line = last_entries().get(("journal", KINDS, 0), {})
    return bool(line.get("version") == KINDS_NOW)


def kinds_line(now: datetime) -> Entry:
    """Line that says so."""
    return removal_entry(subject="journal", what=KINDS, now=now, version=KINDS_NOW)


def is_closing(before: Opening, after: Opening) -> bool:
    """True if no person sees more, or sees it sooner, after the change."""
    staff_before, opens_before = _audience(before)
    staff_after, opens_after = _audience(after)
    # Example: published -> embargoed until June hides (ALWAYS < June); embargoed until June ->
    # embargoed until May shows it sooner and is no closing.
    return opens_after >= opens_before and (staff_before or not staff_after)


def _audience(opening: Opening) -> tuple[bool, datetime]:
    """Staff can see it, and the time from which everyone can (NEVER if not)."""
    state, public_from = opening
    if state == State.PUBLISHED:
        return True, ALWAYS
    if state == State.EMBARGOED and public_from is not None:
        return True, public_from
    return state in OPEN_TO_STAFF, NEVER


def append_entries(entries: Iterable[Entry]) -> None:
    """Write lines, except those that repeat the last line about their subject.

    Call it in the transaction of the change. If there are unseen lines before them, they are not
    marked as seen: replay_removals() applies those first.
    """
    seen = _seen_number()
    # The number seen is read before the journal is opened: a line that another process adds in
    # between then counts as a gap, and replay_removals() looks at it.
    with journal.open_journal(journal_file()) as lines:
        last = {key_of(entry): _without_number(entry) for entry in lines.entries}
        new = [entry for entry in entries if last.get(key_of(entry)) != _without_number(entry)]
        # With a gap, marking the new number as seen would skip the lines before it.
        gap = lines.last > seen
        number = lines.append(new, after=seen) if new else 0
    if new and not gap:
        mark_seen(number)


def _without_number(entry: Entry) -> Entry:
    return {name: value for name, value in entry.items() if name not in {"number", "at"}}


def _append_opening(entry: Entry) -> None:
    with transaction.atomic():
        append_entries([entry])
