"""What has to be true before anything is served or changed: one installation, nothing shown again.

1. data folder and database carry the same identifier (accounts/installation.py)
2. what was withdrawn, expired or erased since the database was copied is so again
3. the folder holds no report and no publication that the database does not know
"""

from datetime import datetime

from waymark.accounts import installation, removals
from waymark.core.errors import RuleError
from waymark.documents import storage
from waymark.documents.models import Original
from waymark.pipeline.replaying import begin_journal, replay_removals
from waymark.pipeline.unknown import UnknownFiles, known_publications, unknown_files


def open_installation(*, now: datetime) -> None:
    """Bind a new installation; refuse a folder and a database that do not belong together.

    Raises RuleError that says what differs and what to do. Every command that has a database calls
    it first, but those by which one finds out what is wrong or puts it right.
    """
    unknown = unknown_files()
    if not installation.is_bound():
        check_bond(unknown)
        installation.bind(now=now)
    if not removals.journal_file().exists() or removals.is_shorter():
        begin_journal(now=now)
    replay_removals(now=now)
    if reason := installation.why_older():
        installation.pause_sending(reason=reason, now=now)
    installation.note_position()
    check_files(unknown)


def check_bond(unknown: UnknownFiles) -> None:
    """Raises RuleError unless folder and database, which are not bound yet, belong together."""
    installation.check(_contents(unknown))
    check_files(unknown)


def check_files(unknown: UnknownFiles) -> None:
    """Raises RuleError where the folder holds what the database ought to know and does not."""
    if not unknown.blocking:
        return
    parts = [
        f"{len(paths)} {noun}"
        for paths, noun in ((unknown.originals, "reports"), (unknown.publications, "publications"))
        if paths
    ]
    first = unknown.blocking[0]
    raise RuleError(
        f"{storage.originals().parent} holds {' and '.join(parts)} that "
        f"{installation.database_name()} does not know, the first is {first}: the database is "
        "older than the folder, or another one. Put a newer copy of the database back; or see "
        "these files with waymark files unknown, and move them aside with waymark files "
        "quarantine. Nothing was deleted"
    )


def _contents(unknown: UnknownFiles) -> installation.FolderContents:
    rows = Original.objects.filter(erased_at=None).values_list("sha256", flat=True)
    wanted = [storage.original_path(sha256) for sha256 in rows.iterator()]
    wanted += [storage.publications() / name for name in known_publications()]
    known = sum(path.exists() for path in wanted)
    return installation.FolderContents(known, len(unknown.blocking), len(wanted) - known)
