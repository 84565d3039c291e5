"""Which data folder and which database belong together, and whether emails are sent.

    DATA/installation.json      {"installation": "<32 hex digits>", "version": 1}
    Installation                the same identifier, in the one row of its table

Both are written at the first start, the row before the file. So a file without a row never comes
of a crash: it means that the database is new or another one, and no command works with it.
"""

import glob
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max

from waymark.accounts import audit
from waymark.accounts.models import AuditEntry, Installation
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import RuleError
from waymark.core.files import write_aside

VERSION = 1
TOGETHER = (
    "Set WAYMARK_DATA and DATABASE_URL to a folder and a database that belong together, or bring "
    "both back from one backup. Nothing was changed"
)
OLDER = (
    "the database is a copy that was put back: it has fewer audit entries than there were, and "
    "emails sent since the copy was taken would be sent again"
)
UNSURE = (
    "the file audit-position cannot be read, so the database may be a copy that was put back, and "
    "emails sent since the copy was taken would be sent again"
)


@dataclass(frozen=True, slots=True)
class FolderContents:
    """What a folder holds, compared with its database: numbers of files.

    known: in both; unknown: in the folder only; missing: in the database only.
    """

    known: int = 0
    unknown: int = 0
    missing: int = 0


def folder_file() -> Path:
    """The file that says to which installation the data folder belongs."""
    return Path(settings.DATA) / "installation.json"


def database_name() -> str:
    """The database in words, without a password: for messages."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"the database {database['NAME']}"
    host = database["HOST"] or "this machine"
    return f"the PostgreSQL database {database['NAME'] or 'of its service'} on {host}"


def identifier() -> str:
    """The identifier that the database holds; "" before the first start."""
    return Installation.objects.values_list("identifier", flat=True).first() or ""


def folder_identifier() -> str:
    """The identifier that the data folder holds; "" before the first start.

    Raises RuleError where the file says none.
    """
    try:
        content = json.loads(folder_file().read_bytes())
    except FileNotFoundError:
        return ""
    except ValueError:
        content = None
    name = content.get("installation") if isinstance(content, dict) else None
    if not isinstance(name, str) or not name:
        raise RuleError(
            f"{folder_file()} does not say to which installation the folder belongs: bring this "
            "file back from a backup"
        )
    return name


def is_bound() -> bool:
    """Whether folder and database carry the same identifier. Raises RuleError as above."""
    return folder_identifier() == identifier() != ""


def check(contents: FolderContents) -> None:
    """Raises RuleError unless folder and database are of one installation.

    Where only one of them has an identifier, what the folder contains decides: a database from
    before there were identifiers knows every file; one that is new or of somebody else does not.
    Where neither has one, they are of an earlier version or new.
    """
    folder, database = folder_identifier(), identifier()
    if folder == database:
        return
    if folder and database:
        raise RuleError(
            f"the data folder {settings.DATA} belongs to installation {folder}, and "
            f"{database_name()} to installation {database}. {TOGETHER}"
        )
    if folder and (contents.unknown or not contents.known):
        raise _foreign(f"installation {folder}, and {database_name()} is new or another one")
    if database and (contents.unknown or contents.missing):
        raise RuleError(
            f"{database_name()} belongs to installation {database}, and the data folder "
            f"{settings.DATA} is new or another one: {contents.missing} files are missing. "
            f"{TOGETHER}"
        )


def check_new_database() -> None:
    """Raises RuleError for a folder that is in use, with a database that does not exist yet.

    Also for one that is not there beside folders of a restore that was cut short: a restore renames
    the old folder, then the new one, and a service that starts by itself between the two would
    begin an empty installation in their place.
    """
    data = Path(settings.DATA)
    name = glob.escape(data.name)
    patterns = (f"{name}.before-restore-*", f".{name}-restoring-*")
    left = sorted(one.name for pattern in patterns for one in data.parent.glob(pattern))
    if left and not data.exists():
        raise RuleError(
            f"{data} is not there, and beside it are {', '.join(left)}: a restore was cut short. "
            f"Rename the folder that you want to {data.name}, or move all away to begin anew"
        )
    folder = folder_identifier()
    if folder:
        raise _foreign(f"installation {folder}, and {database_name()} is new")
    kept = [path for name in ("originals", "publications") for path in _below(name)]
    if any(path.is_file() and path.suffix != ".part" for path in kept):
        raise _foreign(f"reports or publications, and {database_name()} is new")


def _below(name: str) -> Iterator[Path]:
    return (Path(settings.DATA) / name).rglob("*")


def _foreign(content: str) -> RuleError:
    return RuleError(f"the data folder {settings.DATA} holds {content}. {TOGETHER}")


def bind(*, now: datetime) -> str:
    """Write the identifier where it is not yet: database, then folder. Returns it.

    Call check() first. The folder's identifier goes before: a database from before there were
    identifiers, put back later, becomes part of the installation again.
    """
    name = identifier() or _row(folder_identifier() or secrets.token_hex(16), now)
    if not folder_file().exists():
        content = json.dumps({"installation": name, "version": VERSION})
        write_aside(folder_file(), content.encode())
    return name


@audit.in_turn
def _row(name: str, now: datetime) -> str:
    row, new = Installation.objects.get_or_create(
        pk=1, defaults={"identifier": name, "created_at": now}
    )
    if new:
        audit.record(actor=None, action="bind folder", subject=f"installation {name}", now=now)
    return row.identifier


# ---- sending ----


def sending_paused() -> bool:
    """Whether emails wait until a person lets them go."""
    return Installation.objects.exclude(sending_paused_at=None).exists()


def pause_of_sending() -> tuple[datetime, str] | None:
    """Since when emails wait, and why; None where they are sent."""
    row = Installation.objects.first()
    if row is None or row.sending_paused_at is None:
        return None
    return row.sending_paused_at, row.sending_paused_reason


@audit.in_turn
def pause_sending(*, reason: str, now: datetime, by: Actor = None) -> None:
    """Send no more emails until resume_sending(); what is paused already stays as it is.

    Raises NotPermitted, and RuleError without a reason.
    """
    require(by, "pause sending")
    if not reason.strip():
        raise RuleError("say why no emails are to be sent: staff read the reason")
    running = Installation.objects.filter(sending_paused_at=None)
    if running.update(sending_paused_at=now, sending_paused_reason=reason.strip()[:500]):
        audit.record(actor=by, action="pause sending", subject="emails", now=now, reason=reason)


@audit.in_turn
def resume_sending(*, by: Actor, now: datetime) -> None:
    """Send emails again, those that wait first. Raises NotPermitted."""
    require(by, "pause sending")
    paused = Installation.objects.exclude(sending_paused_at=None)
    if paused.update(sending_paused_at=None, sending_paused_reason=""):
        audit.record(actor=by, action="resume sending", subject="emails", now=now)


# ---- whether the database is older than it was ----


def _position_file() -> Path:
    return Path(settings.DATA) / "audit-position"


def _position() -> int:
    last: Mapping[str, Any] = AuditEntry.objects.aggregate(last=Max("pk"))
    return last["last"] or 0


def note_position() -> None:
    """Write beside the originals how many audit entries there are: see why_older()."""
    position = _position()
    if position != _noted():
        write_aside(_position_file(), str(position).encode())


def why_older() -> str:
    """Why the database seems to be a copy put back: it has fewer audit entries; "" where it is not.

    Emails that were sent since the copy was taken would be sent again.
    """
    noted = _noted()
    if noted is None:
        return UNSURE
    return OLDER if _position() < noted else ""


def _noted() -> int | None:
    """How many entries there were; None where the note cannot be read."""
    try:
        return int(_position_file().read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0
    except ValueError:
        return None
