"""Conditions checked before anything is served or changed.

1. data folder and database have the same identifier (accounts/installation.py)
2. withdrawals, expiries and erasures since the copy are repeated (replay_removals.py)
3. the folder contains no report and no publication that the database does not know
"""

from datetime import datetime

from waymark.accounts import installation, removals
from waymark.core.errors import RuleError
from waymark.documents.files import storage
from waymark.documents.models import Original
from waymark.pipeline.unknown_files import UnknownFiles, known_publications, unknown_files


def open_installation(*, now: datetime) -> None:
    """Bind a new installation; refuse a folder and a database that do not belong together.

    Raises RuleError that says what differs and what to do. Every command with a database calls it
    first, except those that diagnose or repair.
    """
    # Listed before anything is replayed: an erasure that is repeated deletes files.
    unknown = unknown_files()
    if not installation.is_bound():
        check_bond(unknown)
        installation.bind_folder(now=now)
    if (
        not removals.journal_file().exists()
        or removals.is_shorter()
        or not removals.knows_all_kinds()
    ):
        from waymark.pipeline.replay_removals import begin_journal

        begin_journal(now=now)
    if removals.unseen_entries():
        # Imported only here: it needs the services of most stages, which most commands do not.
        from waymark.pipeline.replay_removals import replay_removals

        replay_removals(now=now)
    if reason := installation.why_older():
        installation.pause_sending(reason=reason, now=now, older_database=True)
    installation.note_position()
    check_files(unknown)


def check_bond(unknown: UnknownFiles) -> None:
    """Raise RuleError unless folder and database, which are not bound yet, belong together."""
    installation.check_folder(_folder_contents(unknown))
    check_files(unknown)


def check_files(unknown: UnknownFiles) -> None:
    """Raise RuleError if the folder contains files that the database should know but does not."""
    if not unknown.blocking:
        return
    parts = [
        f"{len(paths)} {noun}"
        for paths, noun in ((unknown.originals, "reports"), (unknown.publications, "publications"))
        if paths
    ]
    first = unknown.blocking[0]
    raise RuleError(
        f"{storage.originals_folder().parent} contains {' and '.join(parts)} that "
        f"{installation.database_name()} does not know, the first is {first}: the database is "
        "older than the folder, or a different one. Restore a newer copy of the database; or list "
        "these files with waymark files unknown, and move them aside with waymark files "
        "quarantine. Nothing was deleted"
    )


def _folder_contents(unknown: UnknownFiles) -> installation.FolderContents:
    rows = Original.objects.filter(erased_at=None).values_list("sha256", flat=True)
    expected = [storage.original_path(sha256) for sha256 in rows.iterator()]
    expected += [storage.publications_folder() / name for name in known_publications()]
    known = sum(path.exists() for path in expected)
    return installation.FolderContents(known, len(unknown.blocking), len(expected) - known)
