"""What a restored data folder needs before it takes its place.

A backup is older than what was done since. So removals that the folder before it remembers are
carried out again, and emails wait until a person lets them go: they might be sent twice.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import connection

from waymark.accounts.installation import pause_sending
from waymark.core import journal
from waymark.core.journal import Entry
from waymark.library.services import rebuild_index
from waymark.pipeline.opening import open_installation
from waymark.pipeline.schema import migrate, schema_state

JOURNAL = "removals.jsonl"


def finish(
    new: Path, *, old: Path, made: datetime, now: datetime, tell: Callable[[str], None]
) -> None:
    """Bring the new folder's installation up to date, with the removals that the old one knows.

    made: when the backup was made.
    """
    if schema_state().pending:
        tell("bringing the database up to date")
        migrate()
    if _installation(old) in ("", _installation(new)):
        carry_over(old / JOURNAL, new / JOURNAL)
    else:
        tell(f"{old} is of another installation: its removals are not carried over")
    reason = f"restored from the backup of {made:%Y-%m-%d %H:%M} UTC"
    pause_sending(reason=reason, now=now)
    open_installation(now=now)
    tell("making the search index")
    rebuild_index(now=now)
    connection.close()


def carry_over(old: Path, new: Path) -> int:
    """Add to a journal the lines that another one of the same installation has more; how many."""
    entries = journal.read(old)
    if not entries:
        return 0
    with journal.opened(new) as lines:
        known = {_said(entry) for entry in lines.entries}
        more = [_unnumbered(entry) for entry in entries if _said(entry) not in known]
        # The numbers go on after those of both, so that the database takes none for seen.
        lines.append(more, after=journal.last_number(entries))
    return len(more)


def _unnumbered(entry: Entry) -> Entry:
    return {name: value for name, value in entry.items() if name != "number"}


def _said(entry: Entry) -> str:
    return json.dumps(_unnumbered(entry), sort_keys=True)


def _installation(folder: Path) -> str:
    """The identifier that a folder holds; "" where it has none that can be read."""
    try:
        return str(json.loads((folder / "installation.json").read_bytes())["installation"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
