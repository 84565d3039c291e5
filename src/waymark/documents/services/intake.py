"""The queue of files that came in, from upload to report or refusal; what crashes left behind."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, Person, require
from waymark.core.errors import Refused
from waymark.documents import storage
from waymark.documents.models import Intake, IntakeState, Original, Report, ReportKind, Review
from waymark.documents.reading import MIB
from waymark.documents.uploads import Upload, plain_name

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 3


def receive_upload(
    *,
    by: User,
    files: Iterable[Upload],
    batch: str,
    now: datetime,
    review: Review | None = None,
    kind: str = ReportKind.OVERVIEW,
) -> list[Intake]:
    """Put uploaded files in the queue of the reading worker; a file too large is refused at once.

    batch: up to 32 characters that name this upload. Raises NotPermitted.
    """
    require(by, "take in reports")
    intakes = []
    for file in files:
        staged = stage_file(file)
        with transaction.atomic():
            intakes.append(_queued(by, staged, batch, now, sender=by, review=review, kind=kind))
    return intakes


@dataclass(frozen=True, slots=True)
class Staged:
    """A file on the disk that no row names yet. place: in the staging folder, "" where refused."""

    name: str
    place: str
    refused: Refused | None


def stage_file(file: Upload) -> Staged:
    """Keep a file until it is read, or say why it is not kept. What nobody queues is kept."""
    name, limit = plain_name(file.name or ""), settings.MAX_UPLOAD_MIB * MIB
    if file.size is not None and file.size > limit:
        remedy = "Split it, or ask the administrator to raise the limit"
        too_large = Refused(name, f"is larger than {settings.MAX_UPLOAD_MIB} MiB", remedy)
        return Staged(name, "", too_large)
    return Staged(name, storage.stage(file.chunks()), None)


@audit.in_turn
def queue_deposit(
    *, by: Person, files: Iterable[Staged], batch: str, now: datetime
) -> list[Intake]:
    """Put files that somebody without a role sent in the queue of the reading worker.

    Anybody may: what comes of them is seen by staff alone. Who calls it sees to the limits.
    """
    return [_queued(by, file, batch, now) for file in files]


def _queued(
    by: Person,
    file: Staged,
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
        staged=file.place,
        state=IntakeState.REFUSED if file.refused else IntakeState.WAITING,
        reason=file.refused.reason if file.refused else "",
        remedy=file.refused.remedy if file.refused else "",
        review=review,
        kind=ReportKind(kind),
        received_at=now,
        received_from=sender,
    )
    audit.record(
        actor=by, action="upload", subject=f"intake {intake.pk}", now=now, file=intake.file_name
    )
    return intake


@audit.in_turn
def lease_intake(*, now: datetime) -> Intake | None:
    """The file that has waited longest, now being read by the caller for the time of the lease.

    A file whose reader died comes back when its lease has run out; after three times it is refused.
    """
    free = Q(state=IntakeState.WAITING) | Q(state=IntakeState.READING, lease_until__lt=now)
    waiting = Intake.objects.select_for_update(skip_locked=True).filter(free).order_by("pk")
    for intake in waiting:
        if intake.attempts < MOST_ATTEMPTS:
            intake.state, intake.lease_until = IntakeState.READING, now + LEASE
            intake.attempts += 1
            intake.save(update_fields=["state", "lease_until", "attempts"])
            return intake
        refusal = Refused(
            intake.file_name,
            f"stopped its reader {MOST_ATTEMPTS} times",
            "Ask for another copy, or print it to a new file and take in that",
        )
        refuse_intake(by=None, intake=intake, refused=refusal, now=now)
    return None


@audit.in_turn
def finish_intake(
    *, by: Actor, intake: Intake, report: Report, stored: bool, now: datetime
) -> None:
    """A waiting file has become a report, or was here already (stored False).

    Nothing changes where another reader has taken the file up meanwhile.
    """
    require(by, "take in reports")
    if not _still_held(intake):
        return
    intake.state = IntakeState.STORED if stored else IntakeState.ALREADY
    intake.report, intake.review = report, report.review
    _close(by, intake, now)


@audit.in_turn
def refuse_intake(*, by: Actor, intake: Intake, refused: Refused, now: datetime) -> None:
    """A waiting file cannot be taken in; its reason and remedy are kept for the list.

    Nothing changes where another reader has taken the file up meanwhile.
    """
    require(by, "take in reports")
    if not _still_held(intake):
        return
    intake.state = IntakeState.REFUSED
    intake.reason, intake.remedy = refused.reason[:500], refused.remedy[:500]
    _close(by, intake, now)


def _still_held(intake: Intake) -> bool:
    """Whether it is open and nobody took it up after the caller, whose lease may have run out."""
    still = Intake.objects.filter(pk=intake.pk, attempts=intake.attempts)
    return still.filter(state__in=(IntakeState.WAITING, IntakeState.READING)).exists()


def _close(by: Actor, intake: Intake, now: datetime) -> None:
    staged, intake.staged, intake.lease_until = intake.staged, "", None
    intake.save()
    audit.record(
        actor=by,
        action="close intake",
        subject=f"intake {intake.pk}",
        now=now,
        state=str(intake.state),
        reason=intake.reason,
    )
    transaction.on_commit(lambda: storage.unstage(staged))


def sweep(*, by: Actor, now: datetime) -> list[Path]:
    """Delete part files of killed writers, and what staff erased; returns what went.

    Files that no row names stay: see quarantine.py.
    """
    require(by, "take in reports")
    gone = storage.sweep(now=now)
    for original in Original.objects.exclude(erased_at=None):
        path = storage.original_path(original.sha256)
        if path.exists():
            storage.erase(original.sha256)
            gone.append(path)
    if gone:
        audit.record(actor=by, action="sweep", subject="files", now=now, count=len(gone))
    return gone
