"""Files in which an installation notes what operators watch; neither backed up nor restored.

DATA/operation/last-backup      2027-01-24T02:00:00+00:00, the end of the last finished backup
DATA/operation/notices.json     what operators have been told, and when
DATA/operation/metrics/         counts of the processes that run now
"""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings

from waymark.core.files import write_aside


def watch_folder() -> Path:
    """The folder; created if it is missing."""
    folder = Path(settings.DATA) / "operation"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def note_backup(at: datetime) -> None:
    """Note the end of a finished backup."""
    # The backup itself is finished: a full disk here must not make it seem a failed one.
    with suppress(OSError):
        write_aside(watch_folder() / "last-backup", at.isoformat().encode("ascii"))


def last_backup() -> datetime | None:
    """When the last finished backup of this folder was made; None if there is none."""
    try:
        text = (Path(settings.DATA) / "operation" / "last-backup").read_text("ascii")
        return datetime.fromisoformat(text)
    except (OSError, ValueError):
        return None
