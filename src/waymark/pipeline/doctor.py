"""Every promise of an installation, checked against what is really there. Reads only.

Each check yields its faults one by one, so that a large collection is walked without holding it.
Each fault names the remedy. A check that cannot be carried out is a fault of its own, and the
others still run.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.models import Q

from waymark.accounts import installation, removals
from waymark.accounts.audit import broken_links, head
from waymark.accounts.models import State
from waymark.coding.models import Coding, Suggestion
from waymark.core.errors import RuleError, WaymarkError
from waymark.core.spans import Span
from waymark.documents.held import reports_with_hidden_text
from waymark.documents.keys import report_key, span_key
from waymark.documents.models import (
    Anchored,
    Intake,
    IntakeState,
    Original,
    Report,
    ReportText,
)
from waymark.documents.storage import original_path, page_images, publications, sha256_of
from waymark.library.models import Letter
from waymark.library.post import can_send
from waymark.library.queries import repository
from waymark.library.queries.index_check import index_faults
from waymark.library.queries.thesaurus import thesaurus_now
from waymark.library.thesaurus import findings
from waymark.overview.models import Snapshot
from waymark.overview.snapshot_file import digest_of
from waymark.pipeline.backup.database import count_of
from waymark.pipeline.backup.sqlite import faults
from waymark.pipeline.opening import check_bond
from waymark.pipeline.schema import schema_state
from waymark.pipeline.unknown import unknown_files
from waymark.profiles.models import JudgementQuote
from waymark.publishing.models import Publication
from waymark.recommendations.models import Recommendation
from waymark.settings import secret_key_in

log = logging.getLogger(__name__)
Check = Callable[[], Iterator[str]]
FIRST = "put right what stands above; where nothing does, restore a backup with waymark restore"
REPORT = "this is a fault of the program, please report it with what is above"
LATE = timedelta(days=1)
ANCHORED: tuple[type[Anchored], ...] = (Coding, JudgementQuote, Suggestion, Recommendation)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what it looked at, and what is wrong, in words; empty when all is well."""

    name: str
    faults: tuple[str, ...]


def examine(*, now: datetime) -> list[Finding]:
    """Every check, in the order of the stages. It changes nothing."""
    checks: tuple[tuple[str, Check], ...] = (
        ("the database is whole", _database),
        ("the database has the form of this version", _schema),
        ("the secret key can be read", _secret_key),
        ("folder and database are of one installation", _installation),
        ("the audit chain is whole", _audit),
        ("the folder holds nothing that the database does not know", _unknown),
        ("the database contains every removal of the journal", _removals),
        ("every original is there and unchanged", _originals),
        ("every page and passage lies in its text", _passages),
        ("every quotation is word for word in its report", _quotations),
        ("no upload is stuck", lambda: _uploads(now)),
        ("every frozen snapshot is as it was frozen", _snapshots),
        ("every published file is there", _publications),
        ("the search index follows the library", lambda: index_faults(now)),
        ("the thesaurus keeps its rules", _thesaurus),
        ("what may not be seen has no drawn pages", _images),
        ("every file was checked for hidden text", _hidden_text_unchecked),
        ("nothing public has hidden text that nobody answered for", lambda: _hidden_text(now)),
        ("every file whose time is over has expired", lambda: _terms(now)),
        ("every letter was sent or is on its way", lambda: _letters(now)),
    )
    return [Finding(name, tuple(_guarded(check))) for name, check in checks]


def _guarded(check: Check) -> Iterator[str]:
    """The faults of a check, and that it could not go on where it could not."""
    try:
        yield from check()
    except (WaymarkError, DatabaseError, sqlite3.Error, OSError) as error:
        yield f"it could not be checked ({_line(error)}): {FIRST}"
    except Exception as error:
        log.exception("a check of the doctor stopped")
        yield f"it could not be checked ({_line(error)}): {REPORT}"


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _database() -> Iterator[str]:
    restore = "restore a backup with waymark restore"
    if connection.vendor != "sqlite":
        for table in connection.introspection.table_names():
            with connection.cursor() as cursor:
                cursor.execute(count_of(table))
        return
    connection.ensure_connection()
    for fault in faults(connection.connection):
        yield f"{fault}: stop the site and {restore}"


def _schema() -> Iterator[str]:
    state = schema_state()
    if state.newer:
        yield (
            f"it was made by a newer version of Waymark (it has {state.newer[0]}): install that "
            "version, or a newer one"
        )
    if state.pending:
        yield f"it lacks {len(state.pending)} migrations of this version: run waymark migrate"


def _secret_key() -> Iterator[str]:
    path = Path(settings.DATA) / "secret-key"
    if not path.exists():
        return  # who needs it first makes it
    try:
        secret_key_in(path)
    except ImproperlyConfigured as error:
        yield str(error)


def _installation() -> Iterator[str]:
    """Whether the next start would refuse to work, bind what is not bound or pause the emails."""
    if installation.is_bound():
        if reason := installation.why_older():
            yield (
                f"{reason}: sending is paused at the next start; see what waits with "
                "waymark sending status"
            )
        return
    try:
        check_bond(unknown_files())
    except RuleError as error:
        yield str(error)
    else:
        yield (
            f"{installation.folder_file()} or the database does not say of which installation it "
            "is: start waymark serve, which writes it, or bring the file back from a backup"
        )


def head_of_audit() -> str | None:
    """The hash of the last audit entry; None where it cannot be read."""
    try:
        return head()
    except DatabaseError:
        return None


def _thesaurus() -> Iterator[str]:
    for key, said in findings(thesaurus_now()):
        yield f"subject {key} {said}: change it at Staff, Thesaurus"


def _audit() -> Iterator[str]:
    for number in broken_links():
        yield f"audit entry {number} does not fit the one before it"


def _unknown() -> Iterator[str]:
    unknown = unknown_files()
    for path in unknown.blocking:
        yield f"{path} is not known: put a newer database back, or run waymark files quarantine"
    for path in unknown.uploads:
        yield f"no upload names {path}: run waymark files quarantine, and take it in from there"
    for path in unknown.arriving:
        yield f"{path} was being stored when its process was killed: take it in again"


def _removals() -> Iterator[str]:
    for entry in removals.unseen():
        yield f"line {entry['number']} of {removals.journal_file()} waits: run waymark work --once"
    if removals.is_shorter():
        yield f"{removals.journal_file()} has lost lines: bring it back from a backup"


def _originals() -> Iterator[str]:
    for original in Original.objects.iterator():
        path = original_path(original.sha256)
        if original.erased_at is not None:
            if path.exists():
                yield f"original {original.sha256[:12]} was erased and is there: run waymark work"
        else:
            fault = _fault_of(path, original.sha256)
            if fault:
                yield f"original {original.sha256[:12]} {fault}: bring back {path} from a backup"
    for report in Report.objects.only("key", "original").iterator():
        if report.key != report_key(report.original_id):
            yield f"report {report.key} is not named after its original"


def _passages() -> Iterator[str]:
    for report in Report.objects.select_related("text").iterator(chunk_size=50):
        length, at = len(report.text.content), 0
        for number, start, end in report.pages.values_list("number", "start", "end"):
            if not at <= start <= end <= length:
                yield f"page {number} of report {report.key} leaves its text"
            at = end
        at = 0
        for key, start, end in report.passages.values_list("key", "start", "end"):
            if not at <= start < end <= length or key != span_key(report.key, Span(start, end)):
                yield f"passage {key} of report {report.key} leaves its text or its place"
            at = max(at, end)


def _quotations() -> Iterator[str]:
    kept = ReportText.objects.filter(report__original__erased_at=None)
    for report, text in kept.values_list("report", "content").iterator(chunk_size=50):
        for model in ANCHORED:
            placed = model._default_manager.filter(report=report)
            for key, start, end, exact in placed.values_list("key", "start", "end", "exact"):
                if text[start:end] != exact:
                    yield f"{model._meta.verbose_name} {key} does not stand in its report"


def _uploads(now: datetime) -> Iterator[str]:
    late = Intake.objects.filter(state=IntakeState.READING, lease_until__lt=now)
    for intake in late.iterator():
        yield f"{intake.file_name} was being read when its reader stopped: run waymark work"


def _snapshots() -> Iterator[str]:
    for snapshot in Snapshot.objects.select_related("overview").iterator(chunk_size=5):
        name = f"snapshot {snapshot.number} of {snapshot.overview}"
        try:
            if digest_of(bytes(snapshot.rows)) != snapshot.sha256:
                yield f"{name} is not what was frozen"
        except RuleError as error:
            yield f"{name}: {error}"


def _publications() -> Iterator[str]:
    for publication in Publication.objects.filter(withdrawn_at=None).iterator():
        path = publications() / publication.pdf
        fault = _fault_of(path, path.stem)
        if fault:
            yield f"the PDF of {publication} {fault}: bring back {path} from a backup"


def _fault_of(path: Path, sha256: str) -> str:
    """What is wrong with a file that is named by its content; "" where nothing is."""
    try:
        return "" if sha256_of(path) == sha256 else "has changed"
    except FileNotFoundError:
        return "is not there"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _images() -> Iterator[str]:
    gone = (State.WITHDRAWN, State.EXPIRED)
    closed = Report.objects.filter(Q(state__in=gone) | Q(review__state__in=gone))
    for key in closed.values_list("key", flat=True).iterator():
        if any((page_images() / key[:2]).glob(f"{key}-*.png")):
            yield f"report {key} may not be seen and has drawn pages in {page_images() / key[:2]}"


def _hidden_text_unchecked() -> Iterator[str]:
    unchecked = Report.objects.filter(hidden_text_checked_at=None, original__erased_at=None)
    if count := unchecked.count():
        yield f"{count} stored files were not checked for hidden text: run waymark reports check"


def _hidden_text(now: datetime) -> Iterator[str]:
    for report in reports_with_hidden_text(None):
        if repository.is_public(report, now) and repository.is_public(report.review, now):
            yield (
                f"report {report.key} is public and has hidden text: answer for it at Staff, "
                f"Hidden text, or run waymark reports answer {report.key}"
            )


def _terms(now: datetime) -> Iterator[str]:
    for kept in repository.due(now - LATE).select_related("report"):
        yield f"the time of report {kept.report.key} ended on {kept.until}: run waymark work"


def _letters(now: datetime) -> Iterator[str]:
    letters = Letter.objects.filter(sent_at=None)
    pause = installation.pause_of_sending()
    if pause is not None:
        yield f"sending is paused ({pause[1]}): check the letters, then run waymark sending resume"
    for letter in letters.exclude(failed="").filter(lease_until=None):
        yield f"the letter “{letter.key}” could not be sent: {letter.failed}"
    waiting = letters.filter(failed="", written_at__lt=now - LATE).count()
    if waiting and can_send() and pause is None:
        yield f"{waiting} letters have waited for a day: run waymark work"
