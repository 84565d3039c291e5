"""Conditions checked before anything is served or changed.

1. data folder and database have the same identifier (accounts/installation.py)
2. withdrawals, expiries and erasures since the copy are repeated (replay_removals.py)
3. originals are where the setting says
4. the folder contains no report and no publication that the database does not know; of originals
   elsewhere only the commands that serve or add files ask that, as the answer takes seconds
"""

import logging
from datetime import datetime

from django.conf import settings

from waymark.accounts import installation, removals
from waymark.core.errors import OriginalsRefused, OriginalsUnavailable, RuleError
from waymark.documents.files import originals, storage
from waymark.documents.models import Original
from waymark.pipeline.checks.unknown_files import (
    UnknownFiles,
    known_publications,
    place_of,
    unknown_files,
)

log = logging.getLogger(__name__)


def open_installation(*, now: datetime, list_originals: bool = False) -> None:
    """Bind a new installation; refuse a folder and a database that do not belong together.

    list_originals: also compare originals with the database that are at an address; if it does not
    answer, that is logged. Raises RuleError that says what differs and what to do. Every command
    with a database calls it first, except those that diagnose or repair.
    """
    # Listed before anything is replayed: an erasure that is repeated deletes files.
    check_address()
    unknown = _unknown_files(list_originals=list_originals or not installation.is_bound())
    if not installation.is_bound():
        check_bond(unknown)
        installation.bind_folder(now=now)
    if (
        not removals.journal_file().exists()
        or removals.is_shorter()
        or not removals.knows_all_kinds()
    ):
        from waymark.pipeline.removals.replay_removals import begin_journal

        begin_journal(now=now)
    if removals.unseen_entries():
        # Imported only here: it needs the services of most stages, which most commands do not.
        from waymark.pipeline.removals.replay_removals import replay_removals

        replay_removals(now=now)
    if reason := installation.why_older():
        installation.pause_sending(reason=reason, now=now, older_database=True)
    installation.note_position()
    check_files(unknown)


def check_address() -> None:
    """Raise RuleError unless the originals of this installation are where the setting says."""
    noted = originals.noted_address()
    if noted == settings.ORIGINALS:
        return
    if Original.objects.filter(erased_at=None).exists():
        setting = f"is {settings.ORIGINALS}" if settings.ORIGINALS else "is not set"
        remedy = f"set it to {noted}" if noted else "remove it"
        raise RuleError(
            f"the original files of this installation are in {noted or originals.FOLDER}, and "
            f"WAYMARK_ORIGINALS {setting}: {remedy}, and to move them run waymark move-originals"
        )
    originals.note_address(settings.ORIGINALS)


def _unknown_files(*, list_originals: bool) -> UnknownFiles:
    if not settings.ORIGINALS or not list_originals:
        return unknown_files(elsewhere=False)
    try:
        return unknown_files()
    except OriginalsRefused as error:
        raise RuleError(str(error)) from error
    except OriginalsUnavailable as error:
        # All that needs no original works without them, and goes on.
        log.error("the original files were not compared with the database: %s", error)
        return unknown_files(elsewhere=False)


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
    where = settings.ORIGINALS if unknown.originals else ""
    raise RuleError(
        f"{where or storage.originals_folder().parent} contains {' and '.join(parts)} that "
        f"{installation.database_name()} does not know, the first is {place_of(first)}: the "
        "database is older than the folder, or a different one. Restore a newer copy of the "
        "database; or list these files with waymark files unknown, and move them aside with "
        "waymark files quarantine. Nothing was deleted"
    )


def _folder_contents(unknown: UnknownFiles) -> installation.FolderContents:
    rows = Original.objects.filter(erased_at=None).values_list("sha256", flat=True)
    expected = [storage.publications_folder() / name for name in known_publications()]
    known = sum(path.exists() for path in expected)
    if settings.ORIGINALS:
        there = originals.original_store().sizes().keys()
        known += sum(sha256 in there for sha256 in rows)
    else:
        known += sum(storage.original_path(sha256).exists() for sha256 in rows)
    total = len(expected) + len(rows)
    return installation.FolderContents(known, len(unknown.blocking), total - known)
