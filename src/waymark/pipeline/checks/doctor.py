"""Consistency checks of an installation: files, database, index and journal. Reads only.

Each check yields its faults one by one, so that a large collection need not fit in memory. Each
fault names the remedy. A check that fails to run is a fault of its own, and the others still run.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, connections

from waymark.accounts import installation, removals
from waymark.accounts.audit import broken_links, chain_head
from waymark.alerts.queries.faults import subscriber_faults
from waymark.core.errors import RuleError, ServiceUnavailable, WaymarkError
from waymark.core.parallel import in_parallel
from waymark.documents.files.originals import noted_address
from waymark.library.queries.index_check import index_faults, index_notes
from waymark.library.queries.thesaurus import current_thesaurus
from waymark.library.thesaurus import broken_rules
from waymark.mail.models import Letter
from waymark.mail.smtp import can_send
from waymark.pipeline.backup.database import count_of
from waymark.pipeline.backup.sqlite import database_faults
from waymark.pipeline.checks import files, host
from waymark.pipeline.checks.check_readings import (
    passage_faults,
    quotation_faults,
    reading_faults,
    reading_notes,
)
from waymark.pipeline.checks.checks_before_serving import check_bond
from waymark.pipeline.checks.connection_notes import connection_notes
from waymark.pipeline.checks.schema import schema_state
from waymark.pipeline.checks.unknown_files import unknown_files
from waymark.pipeline.library.meaning import meaning_notes
from waymark.settings import secret_key_in

log = logging.getLogger(__name__)
Check = Callable[[], Iterator[str]]
REPAIR_FIRST = "correct any faults above; if there are none, restore a backup with waymark restore"
REPORT_FAULT = "this is a fault in Waymark, please report it with the text above"
LATE = timedelta(days=1)
SLOW = frozenset(
    {
        "the database is whole",
        "the audit chain is whole",
        "every original exists and is unchanged",
        "every page and passage is within its text",
        "every older reading is within its own text",
        "every quotation is word for word in its report",
        "every snapshot is unchanged since it was frozen",
        "every published file exists",
        "the search index is up to date",
    }
)
"""Checks that read every file or every row: their time grows with the collection."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of one check. name: what should be true; faults: empty if it is.

    skipped: True if a quick examination left it out, so that nothing is known.
    """

    name: str
    faults: tuple[str, ...]
    skipped: bool = False


def examine_installation(
    *,
    now: datetime,
    quick: bool = False,
    processes: int = 1,
    on_check: Callable[[str], None] = lambda name: None,
) -> list[CheckResult]:
    """Run every check; the results are in the order of the stages. Changes nothing.

    quick: without those of SLOW, whose results then say so. processes: how many run at once. A
    transaction must not be open with more than one. on_check: called with the name of each check
    before its result is waited for.
    """
    names = [name for name, _ in _checks(now)]
    wanted = [name for name in names if not (quick and name in SLOW)]
    if processes > 1:
        # Each process opens a connection of its own.
        connections.close_all()
    faults_of: dict[str, tuple[str, ...]] = {}
    results = in_parallel(partial(_faults_of_check, now), wanted, processes=processes)
    for name in wanted:
        on_check(name)
        faults_of[name] = next(results)
    return [CheckResult(name, faults_of.get(name, ()), name not in faults_of) for name in names]


def _faults_of_check(now: datetime, name: str) -> tuple[str, ...]:
    return tuple(_run_guarded(dict(_checks(now))[name]))


def _checks(now: datetime) -> tuple[tuple[str, Check], ...]:
    """Name and function of each check."""
    return (
        ("the database is whole", _database_faults),
        ("the database has the form of this version", _schema_faults),
        ("the secret key can be read", _secret_key_faults),
        ("folder and database belong to the same installation", _installation_faults),
        ("the audit chain is whole", _audit_faults),
        ("every file in the folder is known to the database", files.unknown_file_faults),
        ("the database contains every removal in the journal", _removal_faults),
        ("every original exists and is unchanged", files.original_faults),
        ("every page and passage is within its text", passage_faults),
        ("every older reading is within its own text", reading_faults),
        ("every quotation is word for word in its report", quotation_faults),
        ("no upload is stuck", lambda: files.upload_faults(now)),
        ("every snapshot is unchanged since it was frozen", files.snapshot_faults),
        ("every published file exists", files.publication_faults),
        ("every trained suggester exists and is unchanged", files.suggester_faults),
        ("the search index is up to date", lambda: index_faults(now)),
        ("the thesaurus follows its rules", _thesaurus_faults),
        ("hidden reports have no page images", files.page_image_faults),
        ("every file was checked for hidden text", files.hidden_text_unchecked),
        (
            "no public report has hidden text without an answer",
            lambda: files.hidden_text_faults(now),
        ),
        ("no scanned page has failed or waited too long", lambda: files.recognition_faults(now)),
        ("every file past its expiry date has been removed", lambda: files.expiry_faults(now)),
        ("every email was sent or is about to be sent", lambda: _email_faults(now)),
        ("every email and file that arrived is in the data folder", files.arrived_faults),
        ("alerts go to people who confirmed and to nobody else", lambda: subscriber_faults(now)),
        *_with_settings(),
    )


def _with_settings() -> Iterator[tuple[str, Check]]:
    """Checks of what only some installations have."""
    if settings.DASK:
        yield "the cluster that reads files has a worker", host.cluster_faults
    if settings.ORIGINALS or noted_address():
        yield "the original files are where the setting says", host.address_faults
    if settings.ORIGINALS:
        yield "the bucket of the original files keeps them private", host.bucket_faults


def _run_guarded(check: Check) -> Iterator[str]:
    """The faults of a check; an error while it runs is a fault too."""
    try:
        yield from check()
    except ServiceUnavailable as error:
        # It says what to do, and a backup would bring nothing back.
        yield f"it could not be checked: {error}"
    except (WaymarkError, DatabaseError, sqlite3.Error, OSError) as error:
        yield f"it could not be checked ({_error_line(error)}): {REPAIR_FIRST}"
    except Exception as error:
        log.exception("a check of the doctor stopped")
        yield f"it could not be checked ({_error_line(error)}): {REPORT_FAULT}"


def installation_notes() -> list[str]:
    """What waits for a person and is no fault; without the database what can be known."""
    notes = [
        *host.sandbox_notes(),
        *host.engine_notes(),
        *host.file_system_notes(),
        *host.original_notes(),
    ]
    notes += connection_notes()
    try:
        return [*host.order_notes(), *reading_notes(), *meaning_notes(), *index_notes(), *notes]
    except (WaymarkError, DatabaseError):
        return notes


def _error_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _database_faults() -> Iterator[str]:
    restore = "restore a backup with waymark restore"
    if connection.vendor != "sqlite":
        for table in connection.introspection.table_names():
            with connection.cursor() as cursor:
                cursor.execute(count_of(table))
        return
    connection.ensure_connection()
    for fault in database_faults(connection.connection):
        yield f"{fault}: stop the site and {restore}"


def _schema_faults() -> Iterator[str]:
    state = schema_state()
    if state.newer:
        yield (
            f"it was created by a newer version of Waymark (it has {state.newer[0]}): install that "
            "version or a newer one"
        )
    if state.pending:
        yield f"{len(state.pending)} migrations of this version are missing: run waymark migrate"


def _secret_key_faults() -> Iterator[str]:
    path = Path(settings.DATA) / "secret-key"
    if not path.exists():
        return  # it is created when it is first needed
    try:
        secret_key_in(path)
    except ImproperlyConfigured as error:
        yield str(error)


def _installation_faults() -> Iterator[str]:
    """Problems that would make the next start refuse, bind a new folder or pause emails."""
    if installation.is_bound():
        if reason := installation.why_older():
            yield (
                f"{reason}: emails are paused at the next start; then check them at Workspace, "
                "Unsent emails, and run waymark sending resume"
            )
        return
    try:
        check_bond(unknown_files())
    except RuleError as error:
        yield str(error)
    else:
        yield (
            f"{installation.folder_file()} or the database does not name its installation: start "
            "waymark serve, which writes it, or restore the file from a backup"
        )


def head_of_audit() -> str | None:
    """The hash of the last audit entry; None if it cannot be read."""
    try:
        return chain_head()
    except DatabaseError:
        return None


def _thesaurus_faults() -> Iterator[str]:
    for key, problem in broken_rules(current_thesaurus()):
        yield f"subject {key} {problem}: change it at Workspace, Thesaurus"


def _audit_faults() -> Iterator[str]:
    for number in broken_links():
        yield f"audit entry {number} does not match the one before it"


def _removal_faults() -> Iterator[str]:
    for entry in removals.unseen_entries():
        yield (
            f"line {entry['number']} of {removals.journal_file()} has not been carried out: run "
            "waymark work --once"
        )
    if removals.is_shorter():
        yield f"{removals.journal_file()} has lost lines: restore it from a backup"


def _email_faults(now: datetime) -> Iterator[str]:
    letters = Letter.objects.filter(sent_at=None)
    pause = installation.pause_of_sending()
    if pause is not None:
        yield (
            f"emails are paused ({pause[1]}): check them at Workspace, Unsent emails, then run "
            "waymark sending resume"
        )
    for letter in letters.exclude(failed="").filter(lease_until=None):
        yield (
            f"the email “{letter.key}” could not be sent ({letter.failed}): try again at "
            "Workspace, Unsent emails"
        )
    waiting = letters.filter(failed="", written_at__lt=now - LATE).count()
    if waiting and can_send() and pause is None:
        yield f"{waiting} emails have waited for more than a day: run waymark work"
