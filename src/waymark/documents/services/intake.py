"""Queue of received files, from upload to report or refusal; and leftovers of crashes.

The lease makes the queue safe with any number of workers and without locks held while reading.
Example with a lease of 10 minutes: worker A takes a file at 12:00 (attempts = 1, lease until 12:10)
and is killed. At 12:11 worker B takes it (attempts = 2, until 12:21). Should A only have been slow
and come back at 12:12, it carries attempts = 1: _still_leased() is false, and A's result changes
nothing. After three attempts that ended so, the file is refused, since it seems to kill its reader.
A process that is told to stop gives its file back at once, and its attempt does not count.
"""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Q, QuerySet, Sum, When

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, Person, require_permission
from waymark.core.errors import FileRefused, OriginalsRefused, OriginalsUnavailable, RuleError
from waymark.documents.files import originals, storage
from waymark.documents.files.uploads import IncomingFile, masked_name, plain_name
from waymark.documents.models import Intake, IntakeState, Original, Report, ReportKind, Review
from waymark.documents.reading.values import MIB

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 3
POSTPONED = timedelta(minutes=1)
DAY = timedelta(days=1)
STRANGERS_LAST = Case(When(received_from=None, then=1), default=0)


class UploadQuotaReached(RuleError):
    """The quota of an account, or of all accounts together, is used up."""


def check_quota(*, by: User, size: int, now: datetime) -> None:
    """Raise UploadQuotaReached if files of size bytes are more than an account may add now.

    One quota for a day of each account; one for all files of accounts that wait to be read. The
    files of deposits count in neither: strangers never use up what staff need. Raises NotPermitted.
    """
    require_permission(by, "add reports")
    rows = Intake.objects.filter(received_from__isnull=False)
    own = rows.filter(received_from=by, received_at__gt=now - DAY)
    if _bytes_of(own) + size > settings.UPLOADS_A_DAY_MIB * MIB:
        raise UploadQuotaReached(
            f"You can add {settings.UPLOADS_A_DAY_MIB:,} MiB a day: continue tomorrow, or ask the "
            "people who run this site to raise the limit"
        )
    unread = rows.filter(state__in=(IntakeState.WAITING, IntakeState.READING))
    if _bytes_of(unread) + size > settings.UPLOADS_WAITING_MIB * MIB:
        raise UploadQuotaReached(
            f"More than {settings.UPLOADS_WAITING_MIB:,} MiB wait to be read: add these files when "
            "some have been read"
        )


def _bytes_of(rows: QuerySet[Intake]) -> int:
    return rows.aggregate(total=Sum("size"))["total"] or 0


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file on disk that no row names yet. staged_name: in the staging folder, "" if refused.

    size: bytes, 0 if refused.
    """

    name: str
    staged_name: str
    refused: FileRefused | None
    size: int = 0


def receive_upload(
    *,
    by: User,
    files: Iterable[IncomingFile],
    batch: str,
    now: datetime,
    review: Review | None = None,
    kind: str = ReportKind.OVERVIEW,
    encoding: str = "",
) -> list[Intake]:
    """Add uploaded files to the queue of the reading worker; one too large is refused at once.

    batch: up to 32 characters that name this upload. encoding: of texts, "" to find it by the
    content. Raises NotPermitted, UploadQuotaReached.
    """
    require_permission(by, "add reports")
    files, intakes = list(files), []
    check_quota(by=by, size=sum(file.size or 0 for file in files), now=now)
    for file in files:
        # Each file by itself: of ten uploads nine stay queued if the tenth fails.
        staged = stage_file(file)
        try:
            intake = _queue_in_quota(by, staged, batch, now, review, kind, encoding)
        except UploadQuotaReached:
            storage.unstage_upload(staged.staged_name)
            raise
        intakes.append(intake)
    return intakes


@audit.serialized
def _queue_in_quota(
    by: User,
    staged: StagedFile,
    batch: str,
    now: datetime,
    review: Review | None,
    kind: str,
    encoding: str,
) -> Intake:
    """Queue a staged file, unless others came meanwhile that used the quota up."""
    check_quota(by=by, size=staged.size, now=now)
    intake = _queue_file(by, staged, batch, now, sender=by, review=review, kind=kind)
    if encoding:
        intake.encoding = encoding
        intake.save(update_fields=["encoding"])
    return intake


def stage_file(file: IncomingFile) -> StagedFile:
    """Save a file in the staging folder, or refuse it. A file that is not queued then stays."""
    name, limit = plain_name(file.name or ""), settings.MAX_UPLOAD_MIB * MIB
    if file.size is not None and file.size > limit:
        remedy = "Split it, or ask the administrator to raise the limit"
        too_large = FileRefused(name, f"is larger than {settings.MAX_UPLOAD_MIB} MiB", remedy)
        return StagedFile(name, "", too_large)
    staged = storage.stage_upload(file.chunks())
    return StagedFile(name, staged, None, (storage.staging_folder() / staged).stat().st_size)


def hash_of_staged(file: StagedFile) -> str:
    """SHA-256 of a staged file; of a refused one, its name."""
    if file.refused:
        return file.name
    with (storage.staging_folder() / file.staged_name).open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@audit.serialized
def queue_deposit(
    *, by: Person, files: Iterable[StagedFile], batch: str, now: datetime, held: bool = False
) -> list[Intake]:
    """Add files that a person without a role sent to the queue of the reading worker.

    Anybody may: only staff see the result. The caller enforces the limits. held: they are not read
    before release_held().
    """
    # All rows in one transaction (audit.serialized): a deposit is queued whole or not at all.
    intakes = [_queue_file(by, file, batch, now) for file in files]
    if held:
        for intake in intakes:
            if intake.state == IntakeState.WAITING:
                intake.state = IntakeState.HELD
                intake.save(update_fields=["state"])
    return intakes


@audit.serialized
def release_held(*, batch: str) -> None:
    """Let the held files of a batch be read: their sender is confirmed."""
    Intake.objects.filter(batch=batch, state=IntakeState.HELD).update(state=IntakeState.WAITING)


@audit.serialized
def refuse_held(*, by: Actor, batch: str, now: datetime) -> None:
    """Refuse the held files of a batch unread, and delete them: nobody wants them."""
    require_permission(by, "add reports")
    for intake in Intake.objects.filter(batch=batch, state=IntakeState.HELD):
        intake.state = IntakeState.REFUSED
        intake.reason = "was not read: nobody confirmed that they sent it"
        intake.remedy = "Ask for another copy"
        _close_intake(by, intake, now)


def _queue_file(
    by: Person,
    file: StagedFile,
    batch: str,
    now: datetime,
    *,
    sender: User | None = None,
    review: Review | None = None,
    kind: str = ReportKind.OVERVIEW,
) -> Intake:
    intake = Intake.objects.create(
        batch=batch,
        file_name=file.name,
        staged=file.staged_name,
        state=IntakeState.REFUSED if file.refused else IntakeState.WAITING,
        reason=file.refused.reason if file.refused else "",
        remedy=file.refused.remedy if file.refused else "",
        review=review,
        kind=ReportKind(kind),
        size=file.size,
        received_at=now,
        received_from=sender,
    )
    audit.record_about(by, "upload", intake, now, file=masked_name(intake.file_name))
    return intake


@audit.serialized
def lease_intake(*, now: datetime) -> Intake | None:
    """Lease the file that has waited longest to the caller, who then reads it.

    Files of people with an account come before those of deposits, so that strangers never delay
    the work of staff. A file whose reader died is free again when its lease has run out; after
    three times it is refused.
    """
    # Waiting, or being read by a worker whose time is over: a worker that was killed cannot say so.
    free = Q(state=IntakeState.WAITING) | Q(state=IntakeState.READING, lease_until__lt=now)
    # skip_locked: on PostgreSQL two workers asking at once get different files; SQLite has only one
    # writer and ignores it.
    waiting = Intake.objects.select_for_update(skip_locked=True, of=("self",)).filter(free)
    waiting = waiting.order_by(STRANGERS_LAST, "pk")
    for intake in waiting:
        if intake.attempts < MOST_ATTEMPTS:
            intake.state, intake.lease_until = IntakeState.READING, now + LEASE
            intake.attempts += 1
            intake.save(update_fields=["state", "lease_until", "attempts"])
            return intake
        refusal = FileRefused(
            intake.file_name,
            f"crashed its reader {MOST_ATTEMPTS} times",
            "Ask for another copy, or print it to a new file and upload that",
        )
        refuse_intake(by=None, intake=intake, refused=refusal, now=now)
    return None


@audit.serialized
def postpone_intake(*, by: Actor, intake: Intake, now: datetime) -> None:
    """Keep a file in the queue for POSTPONED, because it could not be stored for now.

    This attempt is not counted: the file is not at fault. Nothing changes if another reader has
    taken the file in the meantime.
    """
    require_permission(by, "add reports")
    if _still_leased(intake):
        intake.attempts, intake.lease_until = intake.attempts - 1, now + POSTPONED
        intake.save(update_fields=["attempts", "lease_until"])


@audit.serialized
def return_intake(*, intake: Intake) -> None:
    """Let a leased file wait again, for a process that is told to stop before it is read.

    This attempt is not counted. Nothing changes if another reader has taken the file.
    """
    if _still_leased(intake):
        intake.attempts, intake.lease_until = intake.attempts - 1, None
        intake.state = IntakeState.WAITING
        intake.save(update_fields=["attempts", "lease_until", "state"])


@audit.serialized
def finish_intake(
    *, by: Actor, intake: Intake, report: Report, stored: bool, now: datetime
) -> None:
    """Close an intake whose file is now a report, or was already stored (stored=False).

    Nothing changes if another reader has taken the file in the meantime.
    """
    require_permission(by, "add reports")
    if not _still_leased(intake):
        return
    intake.state = IntakeState.STORED if stored else IntakeState.ALREADY
    intake.report, intake.review = report, report.review
    _close_intake(by, intake, now)


@audit.serialized
def refuse_intake(*, by: Actor, intake: Intake, refused: FileRefused, now: datetime) -> None:
    """Close an intake whose file was refused; reason and remedy are kept for the list.

    Nothing changes if another reader has taken the file in the meantime.
    """
    require_permission(by, "add reports")
    if not _still_leased(intake):
        return
    intake.state = IntakeState.REFUSED
    intake.reason, intake.remedy = refused.reason[:500], refused.remedy[:500]
    _close_intake(by, intake, now)


def _still_leased(intake: Intake) -> bool:
    """True if the intake is open and nobody has taken it since the caller did."""
    still = Intake.objects.filter(pk=intake.pk, attempts=intake.attempts)
    return still.filter(state__in=(IntakeState.WAITING, IntakeState.READING)).exists()


def _close_intake(by: Actor, intake: Intake, now: datetime) -> None:
    staged, intake.staged, intake.lease_until = intake.staged, "", None
    intake.save()
    state = str(intake.state)
    audit.record_about(by, "close intake", intake, now, state=state, reason=intake.reason)
    transaction.on_commit(lambda: storage.unstage_upload(staged))


def sweep_leftovers(*, by: Actor, now: datetime) -> list[Path]:
    """Delete part files of killed writers and files that staff erased; returns what was deleted.

    Files that no row names stay: see quarantine.py.
    """
    require_permission(by, "add reports")
    deleted = storage.sweep_storage(now=now)
    store = originals.original_store()
    for sha256 in Original.objects.exclude(erased_at=None).values_list("sha256", flat=True):
        try:
            if store.traces(sha256):
                originals.erase_original(sha256)
                deleted.append(storage.original_path(sha256))
        except OriginalsRefused as error:
            # A bucket may keep one file and let others go.
            originals.log_erased_later(sha256, error)
        except OriginalsUnavailable as error:
            log.error("files that staff erased may still be there: %s", error)
            break
    if deleted:
        audit.record_entry(actor=by, action="sweep", subject="files", now=now, count=len(deleted))
    return deleted
