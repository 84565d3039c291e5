"""Identity of an installation (data folder and database), and the pause of emails.

    DATA/installation.json      {"installation": "<32 hex digits>", "version": 1}
    Installation                the same identifier, in the one row of its table

Both are written at the first start, the row before the file. So a file without a row is never the
result of a crash: the database is new or a different one, and every command refuses to use it.
"""

import glob
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, Max

from waymark.accounts import audit
from waymark.accounts.models import AuditEntry, Installation
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.core.files import write_aside

VERSION = 1
TOGETHER = (
    "Set WAYMARK_DATA and DATABASE_URL to a folder and a database that belong together, or "
    "restore both from one backup. Nothing was changed"
)
OLDER = (
    "the database is an older copy: it has fewer audit entries than before, and emails sent since "
    "the copy was made would be sent again"
)
UNSURE = (
    "the file audit-position cannot be read, so the database may be an older copy, and emails sent "
    "since the copy was made would be sent again"
)


@dataclass(frozen=True, slots=True)
class FolderContents:
    """Numbers of files in a data folder, compared with its database.

    known: in both; unknown: in the folder only; missing: in the database only.
    """

    known: int = 0
    unknown: int = 0
    missing: int = 0


def folder_file() -> Path:
    """File with the identifier of the installation that the data folder belongs to."""
    return Path(settings.DATA) / "installation.json"


def database_name() -> str:
    """Name of the database for messages, without a password."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"the database {database['NAME']}"
    host = database["HOST"] or "this machine"
    return f"the PostgreSQL database {database['NAME'] or 'of its service'} on {host}"


def database_identifier() -> str:
    """Identifier in the database; "" before the first start."""
    return Installation.objects.values_list("identifier", flat=True).first() or ""


def folder_identifier() -> str:
    """Identifier in the data folder; "" before the first start.

    Raises RuleError if the file contains none.
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
            f"{folder_file()} does not name the installation of this folder: restore this file "
            "from a backup"
        )
    return name


def is_bound() -> bool:
    """True if folder and database have the same identifier. Raises RuleError as above."""
    return folder_identifier() == database_identifier() != ""


def check_folder(contents: FolderContents) -> None:
    """Raise RuleError unless folder and database belong to one installation.

    If only one of them has an identifier, the content of the folder decides: a database from a
    version without identifiers knows every file; a new or different one does not. If neither has
    one, they are new or from an earlier version.
    """
    folder, database = folder_identifier(), database_identifier()
    if folder == database:
        return
    if folder and database:
        raise RuleError(
            f"the data folder {settings.DATA} belongs to installation {folder}, and "
            f"{database_name()} to installation {database}. {TOGETHER}"
        )
    # The folder has an identifier, the database none. Files that the database does not know mean
    # that it is a different one; no known file at all, that it is new. Otherwise it is the right
    # database from a version without identifiers, and bind_folder() repairs it.
    if folder and (contents.unknown or not contents.known):
        raise _foreign_folder(
            f"installation {folder}, and {database_name()} is new or a different one"
        )
    # The other way round, a missing file also counts: the folder can be new and empty.
    if database and (contents.unknown or contents.missing):
        raise RuleError(
            f"{database_name()} belongs to installation {database}, and the data folder "
            f"{settings.DATA} is new or a different one: {contents.missing} files are missing. "
            f"{TOGETHER}"
        )


def check_new_database() -> None:
    """Raise RuleError for a folder that is in use while its database does not exist yet.

    Also for a missing folder next to those of an interrupted restore: a restore renames the old
    folder and then the new one, and a service that restarts between the two would create an empty
    installation in their place.
    """
    data = Path(settings.DATA)
    name = glob.escape(data.name)
    # A restore names the old folder DATA.before-restore-MOMENT and the new one .DATA-restoring-X.
    # Between its two renames, DATA itself does not exist.
    patterns = (f"{name}.before-restore-*", f".{name}-restoring-*")
    left = sorted(leftover.name for pattern in patterns for leftover in data.parent.glob(pattern))
    if left and not data.exists():
        raise RuleError(
            f"{data} does not exist, beside it are {', '.join(left)}: a restore was cut short. "
            f"Rename the folder you want to {data.name}, or move all of them to start again"
        )
    folder = folder_identifier()
    if folder:
        raise _foreign_folder(f"installation {folder}, and {database_name()} is new")
    files = [path for name in ("originals", "publications") for path in (data / name).rglob("*")]
    # A ".part" file is an upload that was cut short: it is of no report, so it does not make the
    # folder a used one.
    if any(path.is_file() and path.suffix != ".part" for path in files):
        raise _foreign_folder(f"reports or publications, and {database_name()} is new")


def _foreign_folder(content: str) -> RuleError:
    return RuleError(f"the data folder {settings.DATA} contains {content}. {TOGETHER}")


def bind_folder(*, now: datetime) -> str:
    """Write the identifier if it is missing, database first, then folder, and return it.

    Call check_folder() first. The folder's identifier has priority: a restored database from a
    version without identifiers becomes part of the installation again.
    """
    name = database_identifier() or _installation_row(
        folder_identifier() or secrets.token_hex(16), now
    )
    # The row is committed by now. A crash here leaves a row without a file, which the next start
    # completes; a file without a row would look like a different database.
    if not folder_file().exists():
        content = json.dumps({"installation": name, "version": VERSION})
        write_aside(folder_file(), content.encode())
    return name


@audit.serialized
def _installation_row(name: str, now: datetime) -> str:
    row, new = Installation.objects.get_or_create(
        pk=1, defaults={"identifier": name, "created_at": now}
    )
    if new:
        audit.record_entry(
            actor=None, action="bind folder", subject=f"installation {name}", now=now
        )
    return row.identifier


# ---- pause of emails ----


def sending_paused() -> bool:
    """True while emails are paused."""
    return Installation.objects.exclude(sending_paused_at=None).exists()


def pause_of_sending() -> tuple[datetime, str] | None:
    """Start and reason of the pause; None if emails are being sent."""
    row = Installation.objects.first()
    if row is None or row.sending_paused_at is None:
        return None
    return row.sending_paused_at, row.sending_paused_reason


def send_epoch() -> int:
    """Number that rises each time the database proves to be an older copy."""
    row = Installation.objects.values_list("send_epoch", flat=True).first()
    return 1 if row is None else row


@audit.serialized
def pause_sending(
    *, reason: str, now: datetime, by: Actor = None, older_database: bool = False
) -> None:
    """Pause emails until resume_sending(); an existing pause stays as it is.

    older_database: what the database has not sent may have been sent since it was copied. Raises
    NotPermitted, and RuleError without a reason.
    """
    require_permission(by, "pause sending")
    if not reason.strip():
        raise RuleError("enter a reason for the pause: staff can see it")
    if older_database:
        Installation.objects.update(send_epoch=F("send_epoch") + 1)
    running = Installation.objects.filter(sending_paused_at=None)
    if running.update(sending_paused_at=now, sending_paused_reason=reason.strip()[:500]):
        audit.record_entry(
            actor=by, action="pause sending", subject="emails", now=now, reason=reason
        )


@audit.serialized
def resume_sending(*, by: Actor, now: datetime) -> None:
    """Send emails again, starting with the waiting ones. Raises NotPermitted."""
    require_permission(by, "pause sending")
    paused = Installation.objects.exclude(sending_paused_at=None)
    if paused.update(sending_paused_at=None, sending_paused_reason=""):
        audit.record_entry(actor=by, action="resume sending", subject="emails", now=now)


# ---- detection of an older database ----


def _position_file() -> Path:
    return Path(settings.DATA) / "audit-position"


def _audit_position() -> int:
    last: Mapping[str, Any] = AuditEntry.objects.aggregate(last=Max("pk"))
    return last["last"] or 0


def note_position() -> None:
    """Write the number of audit entries to the data folder: see why_older()."""
    position = _audit_position()
    # Written only when it changes, because this is called often.
    if position != _noted_position():
        write_aside(_position_file(), str(position).encode())


def why_older() -> str:
    """Reason to think that the database is an older copy (fewer audit entries); "" if it is not.

    Emails sent since that copy was made would be sent again.
    """
    noted = _noted_position()
    if noted is None:
        return UNSURE
    return OLDER if _audit_position() < noted else ""


def _noted_position() -> int | None:
    """Noted number of audit entries; None if the note cannot be read."""
    try:
        return int(_position_file().read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0
    except ValueError:
        return None
