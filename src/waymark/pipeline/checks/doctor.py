"""Consistency checks of an installation: files, database, index and journal. Reads only.

Each check yields its faults one by one, so that a large collection need not fit in memory. Each
fault names the remedy. A check that fails to run is a fault of its own, and the others still run.
"""

import logging
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, connections
from django.db.models import Q

from waymark.accounts import installation, removals
from waymark.accounts.audit import broken_links, chain_head
from waymark.accounts.cluster import cluster_executor
from waymark.accounts.models import State
from waymark.alerts.queries.faults import subscriber_faults
from waymark.coding.machine_files import model_fault, suggesters_folder
from waymark.coding.queries.machines import known_model_files
from waymark.core.data_folder import file_system_of
from waymark.core.errors import FileRefused, RuleError, ServiceUnavailable, WaymarkError
from waymark.core.parallel import in_parallel
from waymark.documents.files.originals import noted_address, original_store
from waymark.documents.files.page_images import drawn_pages
from waymark.documents.files.storage import (
    TEMPORARY,
    fault_of_file,
    files_of,
    originals_folder,
    page_images_folder,
    publications_folder,
)
from waymark.documents.ingest import reading_limits
from waymark.documents.isolation.confinement import confinement_faults
from waymark.documents.isolation.engine import HOW_TO_INSTALL, find_engine
from waymark.documents.isolation.parent import recognise_isolated
from waymark.documents.isolation.sandbox import sandbox_fault
from waymark.documents.keys import report_key
from waymark.documents.models import (
    QUEUED_STATES,
    Intake,
    IntakeState,
    Original,
    RecognitionState,
    Report,
)
from waymark.documents.queries.holdings import reports_with_hidden_text
from waymark.documents.queries.recognition import pages_of_report, unread_reports
from waymark.enquiries.models import EnquiryAttachment
from waymark.enquiries.queries.files import attachment_path
from waymark.library.queries import repository
from waymark.library.queries.index_check import index_faults, index_notes
from waymark.library.queries.thesaurus import current_thesaurus
from waymark.library.thesaurus import broken_rules
from waymark.mail.inbound.outcome import raw_path
from waymark.mail.models import InboundMail, Letter
from waymark.mail.smtp import can_send
from waymark.overview.models import Snapshot
from waymark.overview.snapshot.file_format import digest_of
from waymark.pipeline.backup.database import count_of
from waymark.pipeline.backup.postgresql import sorts_by_letters
from waymark.pipeline.backup.sqlite import database_faults
from waymark.pipeline.checks.check_readings import (
    passage_faults,
    quotation_faults,
    reading_faults,
    reading_notes,
)
from waymark.pipeline.checks.checks_before_serving import check_address, check_bond
from waymark.pipeline.checks.connection_notes import connection_notes
from waymark.pipeline.checks.schema import schema_state
from waymark.pipeline.checks.unknown_files import place_of, unknown_files
from waymark.pipeline.library.meaning import meaning_notes
from waymark.publishing.models import Publication
from waymark.settings import secret_key_in

log = logging.getLogger(__name__)
Check = Callable[[], Iterator[str]]
REPAIR_FIRST = "correct any faults above; if there are none, restore a backup with waymark restore"
CONFINED = "the kernel confines the reading process (Landlock, filtered system calls)"
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
        ("every file in the folder is known to the database", _unknown_file_faults),
        ("the database contains every removal in the journal", _removal_faults),
        ("every original exists and is unchanged", _original_faults),
        ("every page and passage is within its text", passage_faults),
        ("every older reading is within its own text", reading_faults),
        ("every quotation is word for word in its report", quotation_faults),
        ("no upload is stuck", lambda: _upload_faults(now)),
        ("every snapshot is unchanged since it was frozen", _snapshot_faults),
        ("every published file exists", _publication_faults),
        ("every trained suggester exists and is unchanged", _suggester_faults),
        ("the search index is up to date", lambda: index_faults(now)),
        ("the thesaurus follows its rules", _thesaurus_faults),
        ("hidden reports have no page images", _page_image_faults),
        ("every file was checked for hidden text", _hidden_text_unchecked),
        ("no public report has hidden text without an answer", lambda: _hidden_text_faults(now)),
        ("no scanned page has failed or waited too long", lambda: _recognition_faults(now)),
        ("every file past its expiry date has been removed", lambda: _expiry_faults(now)),
        ("every email was sent or is about to be sent", lambda: _email_faults(now)),
        ("every email and file that arrived is in the data folder", _arrived_faults),
        ("alerts go to people who confirmed and to nobody else", lambda: subscriber_faults(now)),
        *_with_settings(),
    )


def _with_settings() -> Iterator[tuple[str, Check]]:
    """Checks of what only some installations have."""
    if settings.DASK:
        yield "the cluster that reads files has a worker", _cluster_faults
    if settings.ORIGINALS or noted_address():
        yield "the original files are where the setting says", _address_faults
    if settings.ORIGINALS:
        yield "the bucket of the original files keeps them private", _bucket_faults


def _cluster_faults() -> Iterator[str]:
    try:
        with cluster_executor():
            return
    except ServiceUnavailable as error:
        yield str(error)


def _address_faults() -> Iterator[str]:
    try:
        check_address()
    except RuleError as error:
        yield str(error)


def _bucket_faults() -> Iterator[str]:
    # Imported only here: an installation without the setting does not load the client.
    from waymark.documents.files.s3_bucket import bucket_faults

    yield from bucket_faults(settings.ORIGINALS)


def original_notes() -> Iterator[str]:
    """What an administrator should know of an address where originals are."""
    if not settings.ORIGINALS:
        return
    from waymark.documents.files.s3_bucket import bucket_notes

    if any(files_of(originals_folder())):
        yield (
            f"the original files are in {settings.ORIGINALS}, and {originals_folder()} still has "
            "files: delete it when a backup has all of them"
        )
    try:
        yield from bucket_notes(settings.ORIGINALS)
    except ServiceUnavailable:
        return  # a fault of the checks


def _run_guarded(check: Check) -> Iterator[str]:
    """The faults of a check; an error while it runs is a fault too."""
    try:
        yield from check()
    except (WaymarkError, DatabaseError, sqlite3.Error, OSError) as error:
        yield f"it could not be checked ({_error_line(error)}): {REPAIR_FIRST}"
    except Exception as error:
        log.exception("a check of the doctor stopped")
        yield f"it could not be checked ({_error_line(error)}): {REPORT_FAULT}"


def installation_notes() -> list[str]:
    """What waits for a person and is no fault; without the database what can be known."""
    notes = [*sandbox_notes(), *engine_notes(), *file_system_notes(), *original_notes()]
    notes += connection_notes()
    try:
        return [*_order_notes(), *reading_notes(), *meaning_notes(), *index_notes(), *notes]
    except (WaymarkError, DatabaseError):
        return notes


def sandbox_notes() -> Iterator[str]:
    """What the isolation of uploaded files lacks here, and what holds all the same."""
    missing = confinement_faults()
    if fault := sandbox_fault():
        holds = "" if missing else "; " + CONFINED
        yield f"uploaded files are read with limits, but in no sandbox: {fault}{holds}"
    for reason in missing:
        yield f"the process that reads uploaded files is not wholly confined: {reason}"


def engine_notes() -> Iterator[str]:
    """A note if a Tesseract outside the system cannot open its libraries where files are read."""
    engine = find_engine()
    if engine is None or engine.of_system:
        return
    import pikepdf

    with tempfile.NamedTemporaryFile(suffix=".pdf") as file, pikepdf.new() as blank:
        blank.add_blank_page(page_size=(72, 72))
        blank.save(Path(file.name))
        languages = "+".join(sorted(engine.languages)[:1]) or "eng"
        try:
            recognise_isolated(Path(file.name), 1, engine, languages, reading_limits())
        except (FileRefused, OSError):
            yield (
                f"{engine.program} does not start where uploaded files are read: install Tesseract "
                "from the system, or with its libraries in a folder of /opt"
            )


def file_system_notes() -> Iterator[str]:
    """A note if several hosts cannot share the embedded index on this file system."""
    kind = file_system_of(Path(settings.DATA))
    if kind.startswith("nfs") and settings.SEARCH_BACKEND == "tantivy":
        yield (
            f"the data folder is on NFS ({kind}): before a second host uses it, set "
            "WAYMARK_SEARCH_BACKEND=opensearch, because a file of the embedded index that one host "
            "deletes is gone for the others that read it"
        )


def _order_notes() -> Iterator[str]:
    if connection.vendor == "postgresql" and not sorts_by_letters(connection):
        yield (
            "the database sorts by the rules of a language, so some lists have another order than "
            "documented: restore a backup to a database created with createdb --locale=C "
            "--template=template0"
        )


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


def _unknown_file_faults() -> Iterator[str]:
    unknown = unknown_files()
    for path in unknown.blocking:
        yield (
            f"{place_of(path)} is not known: restore a newer database, or run waymark files "
            "quarantine"
        )
    for path in unknown.uploads:
        yield f"no upload names {path}: run waymark files quarantine, then waymark ingest on it"
    for path in unknown.arriving:
        yield f"{place_of(path)} was being stored when its process was killed: upload it again"


def _removal_faults() -> Iterator[str]:
    for entry in removals.unseen_entries():
        yield (
            f"line {entry['number']} of {removals.journal_file()} has not been carried out: run "
            "waymark work --once"
        )
    if removals.is_shorter():
        yield f"{removals.journal_file()} has lost lines: restore it from a backup"


def _original_faults() -> Iterator[str]:
    store = original_store()
    for original in Original.objects.iterator():
        if original.erased_at is not None:
            if store.traces(original.sha256):
                yield (
                    f"original {original.sha256[:12]} was erased but still exists: run waymark work"
                )
        else:
            fault = store.fault(original.sha256)
            if fault:
                place = store.place(original.sha256)
                yield f"original {original.sha256[:12]} {fault}: restore {place} from a backup"
    for report in Report.objects.only("key", "original").iterator():
        if report.key != report_key(report.original_id):
            yield f"report {report.key} is not named after its original"


def _upload_faults(now: datetime) -> Iterator[str]:
    late = Intake.objects.filter(state=IntakeState.READING, lease_until__lt=now)
    for intake in late.iterator():
        yield f"{intake.file_name} was being read when its reader stopped: run waymark work"


def _snapshot_faults() -> Iterator[str]:
    for snapshot in Snapshot.objects.select_related("overview").iterator(chunk_size=5):
        name = f"snapshot {snapshot.number} of {snapshot.overview}"
        try:
            if digest_of(bytes(snapshot.rows)) != snapshot.sha256:
                yield f"{name} has changed since it was frozen"
        except RuleError as error:
            yield f"{name}: {error}"


def _publication_faults() -> Iterator[str]:
    for publication in Publication.objects.filter(withdrawn_at=None).iterator():
        path = publications_folder() / publication.pdf
        fault = fault_of_file(path, path.stem)
        if fault:
            yield f"the PDF of {publication} {fault}: restore {path} from a backup"


def _suggester_faults() -> Iterator[str]:
    known = known_model_files()
    for sha256 in sorted(known):
        if fault := model_fault(sha256):
            path = suggesters_folder() / sha256
            yield f"the file of a suggester {fault}: restore {path} from a backup"
    for path in sorted(files_of(suggesters_folder())):
        if path.name not in known and path.suffix != TEMPORARY:
            yield f"no suggester names {path}: its training was cut short, delete it"


def _page_image_faults() -> Iterator[str]:
    hidden = (State.WITHDRAWN, State.EXPIRED)
    closed = Report.objects.filter(Q(state__in=hidden) | Q(review__state__in=hidden))
    for key in closed.values_list("key", flat=True).iterator():
        if drawn_pages(key):
            yield (
                f"report {key} is withdrawn or expired but has page images in "
                f"{page_images_folder() / key[:2]}"
            )


def _hidden_text_unchecked() -> Iterator[str]:
    unchecked = Report.objects.filter(hidden_text_checked_at=None, original__erased_at=None)
    if count := unchecked.count():
        yield f"{count} stored files were not checked for hidden text: run waymark reports check"


def _hidden_text_faults(now: datetime) -> Iterator[str]:
    for report in reports_with_hidden_text(None):
        if repository.is_public(report, now):
            yield (
                f"report {report.key} is public and has hidden text: check it at Workspace, "
                f"Hidden text, or run waymark reports answer {report.key}"
            )


def _recognition_faults(now: datetime) -> Iterator[str]:
    """Pages that wait though no engine is installed, or for long, and pages that failed."""
    choose = "waymark reports recognise {0} --own-words if these pages need no text"
    engine = find_engine()
    for report in unread_reports(None):
        rows = pages_of_report(report, None)
        failed = [row.number for row in rows if row.state == RecognitionState.FAILED]
        waiting = sum(row.state in QUEUED_STATES for row in rows)
        if failed:
            yield (
                f"page {failed[0]} of report {report.key} could not be recognised: run waymark "
                f"reports recognise {report.key} again, or {choose.format(report.key)}"
            )
        if waiting and engine is None:
            yield (
                f"{waiting} scanned pages of report {report.key} need text recognition (OCR): "
                f"{HOW_TO_INSTALL}, or run {choose.format(report.key)}"
            )
        elif waiting and report.received_at < now - LATE:
            yield f"{waiting} scanned pages of report {report.key} wait: run waymark work"


def _expiry_faults(now: datetime) -> Iterator[str]:
    for retention in repository.expired_retentions(now - LATE).select_related("report"):
        yield f"report {retention.report.key} expired on {retention.until}: run waymark work"


def _arrived_faults() -> Iterator[str]:
    """Emails and their files that the database knows and the data folder does not have."""
    restore = "restore it from a backup, or erase its enquiry"
    for mail in InboundMail.objects.filter(has_raw=True).order_by("pk").iterator():
        if not raw_path(mail.sha256).is_file():
            yield f"the email {mail.pk} that arrived has no file ({mail.sha256[:12]}): {restore}"
    files = EnquiryAttachment.objects.exclude(sha256="").values_list("sha256", flat=True)
    for sha256 in files.order_by("sha256").distinct():
        if not attachment_path(sha256).is_file():
            yield f"a file of an enquiry is missing ({sha256[:12]}): {restore}"


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
