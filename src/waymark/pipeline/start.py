"""First steps of every command: find the installation, share its folder, check its database."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from waymark.accounts.file_permissions import keep_private
from waymark.accounts.installation import check_new_database, database_name
from waymark.core.database_remedy import unusable_database
from waymark.core.errors import RuleError
from waymark.core.locks import FolderLock
from waymark.pipeline.backup.migrating import bring_up_to_date
from waymark.pipeline.checks.checks_before_serving import open_installation
from waymark.pipeline.checks.schema import refuse_newer, schema_state

MIGRATE = "stop waymark serve, take a backup with the version you had, then run waymark migrate"


def start_installation(
    *,
    now: datetime,
    new: bool = False,
    migrate: bool = False,
    check: bool = True,
    list_originals: bool = False,
    tell: Callable[[str], None] = lambda step: None,
) -> FolderLock:
    """Open the data folder, shared with other processes as long as the returned lock is kept.

    new: create an installation if there is none. migrate: also migrate its database, after copying
    it. check: require that folder and database belong together. list_originals:
    see open_installation(). tell: called with each step. Raises
    RuleError that says what is wrong and what to do.
    """
    data = Path(settings.DATA)
    if not has_database():
        check_new_database()
        if not new and not migrate:
            raise no_installation()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Shared with other commands and the site, but not with a restore or a migration, which need
    # the folder alone. Taken before the schema is read, so that it cannot change in between.
    lock = FolderLock(data)
    lock.lock_shared()
    keep_private()
    state = schema_state()
    refuse_newer(state.newer, of=database_name())
    if state.pending and state.applied and not migrate:
        raise RuleError(f"{database_name()} is of an earlier version of Waymark: {MIGRATE}")
    if state.pending:
        bring_up_to_date(lock, now=now, tell=tell)
        # Imported only here: most commands need no service of the library.
        from waymark.library.services.topics import load_builtin_topics

        load_builtin_topics(by=None, now=now)
    if check:
        open_installation(now=now, list_originals=list_originals)
    return lock


def open_read_only(*, damaged: bool = False) -> None:
    """Make this process read the database only; it neither writes nor creates one.

    damaged: open SQLite's file also if it cannot be read as a database. Raises RuleError if there
    is none.
    """
    try:
        present = has_database()
    except RuleError:
        if not damaged or connection.vendor != "sqlite":
            raise
        present = True
    if not present:
        check_new_database()
        raise no_installation()
    connection.close()
    options = dict(connection.settings_dict["OPTIONS"])
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"]).absolute()
        connection.settings_dict["NAME"] = f"{path.as_uri()}?mode=ro"
        # The usual settings begin transactions with a write lock and set the journal mode: both
        # would fail on a connection that cannot write.
        options |= {"transaction_mode": None, "init_command": "PRAGMA foreign_keys=ON"}
    else:
        options["options"] = f"{options.get('options', '')} -c default_transaction_read_only=on"
    connection.settings_dict["OPTIONS"] = options


def no_installation() -> RuleError:
    """Error that there is no installation, with what to do."""
    return RuleError(
        f"there is no installation in {settings.DATA} with {database_name()}: give its folder with "
        "--data or WAYMARK_DATA, or create a new one with waymark serve or waymark ingest"
    )


def has_database() -> bool:
    """True if the database has tables. Does not create the file.

    Raises RuleError if the database does not answer.
    """
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        if not path.is_file() or not path.stat().st_size:
            return False
    try:
        return bool(connection.introspection.table_names())
    except DatabaseError as error:
        raise RuleError(unusable_database(error)) from error
