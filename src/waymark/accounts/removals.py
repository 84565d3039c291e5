"""Journal of removals: what was taken from sight, written beside the originals.

    DATA/removals.jsonl     {"number": 7, "at": "...", "subject": "report 3f9c01ab2d44",
                             "what": "state", "state": "withdrawn", "public_from": null}

A database that is put back from a copy shows again what was withdrawn since. The journal is not in
the database, so it still says so, and pipeline.replay_removals() carries it out again. The database
remembers the number of the last line it contains (Installation.removals_seen).

Order of writing. A line that takes from sight is flushed to the disk after every check of the
service and before the commit; one that opens is written after the commit. So whatever moment a
process is killed at, the journal never says less closed than the database. A line whose transaction
was lost is carried out at the next start, or within a second by the keeping worker: a person had
asked for it. A lost line of an opening leaves a thing closed after a restore; nothing is ever
opened by the journal.
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
ACCESS = "access"
"""With or without the name of a role: what a person may use no more."""
Key = tuple[str, str, int]
"""Subject, what, and the number of the edition (0 for all else): what one line can be about."""
ALWAYS, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
Opening = tuple[State, datetime | None]
"""A state, and when an embargo ends."""


def journal_file() -> Path:
    """The journal of this data folder."""
    return Path(settings.DATA) / "removals.jsonl"


def key_of(entry: Entry) -> Key:
    return entry["subject"], entry["what"], entry.get("edition", 0)


def standing() -> dict[Key, Entry]:
    """The last line about each thing. Raises RuleError where the journal cannot be read."""
    return {key_of(entry): entry for entry in journal.read(journal_file())}


def unseen() -> list[Entry]:
    """The lines that the database does not contain: it is older than they are."""
    seen = _seen()
    return [entry for entry in journal.read(journal_file()) if entry["number"] > seen]


def _seen() -> int:
    return Installation.objects.values_list("removals_seen", flat=True).first() or 0


def is_shorter() -> bool:
    """Whether the database has seen lines that the journal does not have: they were lost."""
    return journal.last_number(journal.read(journal_file())) < _seen()


def mark_seen(number: int) -> None:
    """The database contains all lines up to this one."""
    Installation.objects.filter(removals_seen__lt=number).update(removals_seen=number)


def note(*, subject: str, what: str, now: datetime, **detail: Any) -> None:
    """Write a removal to the journal, before the transaction of the caller is committed."""
    audit.before_commit(partial(append, [line(subject=subject, what=what, now=now, **detail)]))


def line(*, subject: str, what: str, now: datetime, **detail: Any) -> Entry:
    """A line of the journal, without its number."""
    return {"at": now.isoformat(), "subject": subject, "what": what, **detail}


def state_line(
    *, subject: str, opening: Opening, now: datetime, reports: Collection[str] = ()
) -> Entry:
    """The line that says into which state something came.

    reports: keys of the reports of a review. They close with it, also in a database that has lost
    both, where the same files come again without their review.
    """
    state, public_from = opening
    until = public_from.isoformat() if public_from else None
    detail = {"reports": sorted(reports)} if reports else {}
    return line(subject=subject, what=STATE, now=now, state=str(state), public_from=until, **detail)


def note_state(
    *,
    subject: str,
    before: Opening,
    after: Opening,
    now: datetime,
    reports: Collection[str] = (),
) -> None:
    """Write a change of state to the journal: closings before the commit, openings after it.

    What nobody but staff could see, and staff still see, is not written.
    """
    opened_before = _openness(before)[1] != NEVER
    if not opened_before and after[0] in OPEN_TO_STAFF and (subject, STATE, 0) not in standing():
        return
    entry = state_line(subject=subject, opening=after, now=now, reports=reports)
    if is_closing(before, after):
        audit.before_commit(partial(append, [entry]))
    else:
        transaction.on_commit(partial(_append_opening, entry))


def note_access(*, person: str, role: str = "", given: bool, now: datetime) -> None:
    """Write that an account was closed, or a role withdrawn, to the journal; or given back.

    role: "" for the account itself. What was never taken away is not written.
    """
    subject, what = f"account {person}", f"{ACCESS} {role}".strip()
    if not given:
        note(subject=subject, what=what, now=now, given=False)
    elif (subject, what, 0) in standing():
        entry = line(subject=subject, what=what, now=now, given=True)
        transaction.on_commit(partial(_append_opening, entry))


def is_closing(before: Opening, after: Opening) -> bool:
    """Whether nobody sees more after the change, nor sees it sooner."""
    staff_before, opens_before = _openness(before)
    staff_after, opens_after = _openness(after)
    return opens_after >= opens_before and (staff_before or not staff_after)


def _openness(opening: Opening) -> tuple[bool, datetime]:
    """Whether staff may read it, and from when everybody may."""
    state, public_from = opening
    if state == State.PUBLISHED:
        return True, ALWAYS
    if state == State.EMBARGOED and public_from is not None:
        return True, public_from
    return state in OPEN_TO_STAFF, NEVER


def append(entries: Iterable[Entry]) -> None:
    """Write lines, but those that say of a thing what its last line says.

    In the transaction that does what they say. With unseen lines before them they are left to
    replay_removals(), which sees to those first.
    """
    seen = _seen()
    with journal.opened(journal_file()) as lines:
        last = {key_of(entry): _message(entry) for entry in lines.entries}
        new = [entry for entry in entries if last.get(key_of(entry)) != _message(entry)]
        gap = lines.last > seen
        number = lines.append(new, after=seen) if new else 0
    if new and not gap:
        mark_seen(number)


def _message(entry: Entry) -> Entry:
    return {name: value for name, value in entry.items() if name not in {"number", "at"}}


def _append_opening(entry: Entry) -> None:
    with transaction.atomic():
        append([entry])
