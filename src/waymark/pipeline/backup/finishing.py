"""Last steps on a restored data folder before it is put in place.

A backup lacks what was done since. So removals in the journal of the previous folder are carried
out again, journals of sending are joined, and emails are paused until a person releases them: they
might be sent twice.
"""

# Example: the backup's journal ends at line 40, the previous folder's at 45. Lines 41 to 45 are
# appended as 46 to 50: higher than all numbers that either database may have seen, so that each is
# carried out.

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import connection

from waymark.accounts.installation import pause_sending
from waymark.core import journal
from waymark.core.journal import Entry
from waymark.mail import sending_journal
from waymark.pipeline.checks.checks_before_serving import open_installation
from waymark.pipeline.checks.schema import migrate_database, schema_state

JOURNAL = "removals.jsonl"
SENDING = "sending"
"""Folder of the journals of what was sent to subscribers."""


def finish_restoring(
    new: Path, *, old: Path, created_at: datetime, now: datetime, tell: Callable[[str], None]
) -> None:
    """Bring the new folder's installation up to date, with the removals of the old one.

    created_at: time of the backup.
    """
    if schema_state().pending:
        tell("updating the database")
        migrate_database()
    if _installation_id(old) in ("", _installation_id(new)):
        carry_over(old / JOURNAL, new / JOURNAL)
        sending_journal.carry_over(old / SENDING, new / SENDING)
    else:
        tell(f"{old} belongs to another installation: its removals are not carried over")
    reason = f"restored from the backup of {created_at:%Y-%m-%d %H:%M} UTC"
    pause_sending(reason=reason, now=now, older_database=True)
    open_installation(now=now)
    tell("building the search index")
    # Every command imports this package; only a restore needs the services of the library.
    from waymark.library.services import rebuild_index

    rebuild_index(now=now)
    connection.close()


def carry_over(old: Path, new: Path) -> int:
    """Append the lines that only the old journal of the same installation has; returns how many."""
    entries = journal.read_journal(old)
    if not entries:
        return 0
    with journal.open_journal(new) as lines:
        known = {_canonical_text(entry) for entry in lines.entries}
        more = [_without_number(entry) for entry in entries if _canonical_text(entry) not in known]
        # Numbers continue after those of both, so that the database counts none as seen.
        lines.append(more, after=journal.last_number(entries))
    return len(more)


def _without_number(entry: Entry) -> Entry:
    return {name: value for name, value in entry.items() if name != "number"}


def _canonical_text(entry: Entry) -> str:
    return json.dumps(_without_number(entry), sort_keys=True)


def _installation_id(folder: Path) -> str:
    """The installation's identifier in a folder; "" if it has none that can be read."""
    try:
        return str(json.loads((folder / "installation.json").read_bytes())["installation"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
