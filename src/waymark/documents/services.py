"""The only writers of reviews, originals, reports and intakes.

An original is on the disk before the row that names it, and a report's rows are written in one
transaction: a process killed anywhere leaves nothing half done, at most a file that sweep() takes.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from waymark.accounts import audit
from waymark.accounts.models import State, User, Visible
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import Refused, RuleError
from waymark.core.spans import Span
from waymark.documents import storage
from waymark.documents.headings import shortened
from waymark.documents.keys import report_key, span_key
from waymark.documents.models import (
    Intake,
    IntakeState,
    Original,
    Page,
    Passage,
    Report,
    ReportKind,
    ReportText,
    Review,
)
from waymark.documents.page_images import forget_images
from waymark.documents.reading import MIB, ReadReport
from waymark.documents.uploads import Upload, plain_name
from waymark.documents.words import pack

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 3
ROWS = 500


@audit.in_turn
def add_review(
    *,
    by: Actor,
    reference: str,
    title: str,
    now: datetime,
    collection: str = "",
    nation: str = "",
    board: str = "",
    review_type: str = "",
    period: str = "",
    completed_on: date | None = None,
    published_on: date | None = None,
    summary: str = "",
    fictional: bool = False,
) -> Review:
    """Enter a case review, as "received". Raises RuleError when the reference is taken."""
    require(by, "take in reports")
    if Review.objects.filter(reference=reference).exists():
        raise RuleError(f"there is a review {reference} already")
    review = Review(
        reference=reference,
        title=shortened(title, 300),
        collection=collection,
        nation=nation,
        board=board,
        review_type=review_type,
        period=period,
        completed_on=completed_on,
        published_on=published_on,
        summary=summary,
        fictional=fictional,
        added_at=now,
    )
    review.save(force_insert=True)
    audit.record(actor=by, action="add review", subject=f"review {reference}", now=now)
    return review


def store_report(
    *,
    by: Actor,
    path: Path,
    file_name: str,
    read: ReadReport,
    now: datetime,
    review: Review | None = None,
    kind: str = ReportKind.OVERVIEW,
) -> tuple[Report, bool]:
    """Keep the file and what was read of it; False where its bytes are here already.

    Without a review, one is made that carries the document's title and waits to be catalogued.
    Raises NotPermitted.
    """
    require(by, "take in reports")
    sha256, size = storage.keep_original(path)
    try:
        with transaction.atomic():
            known = Report.objects.filter(original_id=sha256).first()
            if known is not None:
                return known, False
            original = Original(sha256=sha256, media_type=read.media_type, size=size, stored_at=now)
            original.save(force_insert=True)
            if review is None:
                review = add_review(
                    by=by, reference=f"r-{report_key(sha256)}", title=read.title, now=now
                )
            report = _new_report(original, review, kind, plain_name(file_name), read, now)
            audit.record(
                actor=by,
                action="store report",
                subject=f"report {report.key}",
                now=now,
                review=review.reference,
                file=report.file_name,
            )
            return report, True
    except IntegrityError:
        # Another process stored the same bytes between the question and the answer (PostgreSQL).
        known = Report.objects.filter(original_id=sha256).first()
        if known is None:
            raise
        return known, False


def _new_report(
    original: Original, review: Review, kind: str, file_name: str, read: ReadReport, now: datetime
) -> Report:
    report = Report(
        key=report_key(original.sha256),
        review=review,
        original=original,
        kind=ReportKind(kind),
        title=read.title or file_name,
        file_name=file_name,
        page_count=len(read.pages),
        extractor=read.extractor,
        warnings=list(read.warnings),
        received_at=now,
    )
    report.save(force_insert=True)
    ReportText.objects.create(
        report=report, content=read.text, furniture=[list(span) for span in read.furniture]
    )
    Page.objects.bulk_create(
        (
            Page(
                report=report,
                number=page.number,
                width=page.width,
                height=page.height,
                start=page.start,
                end=page.end,
                words=pack(page.words),
                has_image=page.has_image,
            )
            for page in read.pages
        ),
        batch_size=ROWS,
    )
    Passage.objects.bulk_create(
        (
            Passage(
                report=report,
                key=span_key(report.key, Span(found.start, found.end)),
                ordinal=ordinal,
                start=found.start,
                end=found.end,
                page=found.page,
                last_page=found.last_page,
                heading=found.heading,
                kind=found.kind,
            )
            for ordinal, found in enumerate(read.passages)
        ),
        batch_size=ROWS,
    )
    return report


@audit.in_turn
def set_review_state(
    *,
    by: Actor,
    review: Review,
    state: State,
    now: datetime,
    public_from: datetime | None = None,
    seen: State | None = None,
) -> None:
    """Say who may see a review. Raises NotPermitted, and RuleError as _set_state does."""
    require(by, "publish reports")
    _set_state(review, state, public_from, seen)
    if state in {State.WITHDRAWN, State.EXPIRED}:
        _forget_images_of(review.reports.all())
    audit.record(
        actor=by,
        action="set state",
        subject=f"review {review.reference}",
        now=now,
        state=str(state),
    )


@audit.in_turn
def set_report_state(
    *,
    by: Actor,
    report: Report,
    state: State,
    now: datetime,
    public_from: datetime | None = None,
    seen: State | None = None,
) -> None:
    """Say who may see a report; the review's state has to allow it too. Raises as above."""
    require(by, "publish reports")
    _set_state(report, state, public_from, seen)
    if state in {State.WITHDRAWN, State.EXPIRED}:
        _forget_images_of([report])
    audit.record(
        actor=by, action="set state", subject=f"report {report.key}", now=now, state=str(state)
    )


def _set_state(
    thing: Visible, state: State, public_from: datetime | None, seen: State | None
) -> None:
    """seen: the state that whoever decided had before them, where they had one.

    Raises RuleError unless an embargo, and only an embargo, comes with its end; and where the
    state was changed after it was seen, so that nobody publishes what was just withdrawn.
    """
    if (state == State.EMBARGOED) != (public_from is not None):
        raise RuleError("an embargo needs the time of its end, and nothing else takes one")
    there = type(thing)._default_manager.values_list("state", flat=True).get(pk=thing.pk)
    if seen is not None and there != seen:
        label = State(there).label.lower()
        raise RuleError(f"somebody has made it {label} meanwhile: look at it again, then decide")
    thing.state, thing.public_from = State(state), public_from
    thing.save(update_fields=["state", "public_from"])


def _forget_images_of(reports: Iterable[Report]) -> None:
    """Delete the drawn pages of reports, once the change is made."""
    for report in reports:
        transaction.on_commit(partial(forget_images, report))


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
        staged, refused = _staged(file)
        with transaction.atomic():
            intake = Intake.objects.create(
                batch=batch,
                file_name=plain_name(file.name or ""),
                staged=staged,
                state=IntakeState.REFUSED if refused else IntakeState.WAITING,
                reason=refused.reason if refused else "",
                remedy=refused.remedy if refused else "",
                review=review,
                kind=ReportKind(kind),
                received_at=now,
                received_from=by,
            )
            audit.record(
                actor=by,
                action="upload",
                subject=f"intake {intake.pk}",
                now=now,
                file=intake.file_name,
            )
        intakes.append(intake)
    return intakes


def _staged(file: Upload) -> tuple[str, Refused | None]:
    """The name in the staging folder, or why the file is not kept."""
    limit = settings.MAX_UPLOAD_MIB * MIB
    if file.size is not None and file.size > limit:
        return "", Refused(
            plain_name(file.name or ""),
            f"is larger than {settings.MAX_UPLOAD_MIB} MiB",
            "Split it, or ask the administrator to raise the limit",
        )
    return storage.stage(file.chunks()), None


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
    """Delete files that crashes left behind and nothing refers to; returns what went."""
    require(by, "take in reports")
    staged = set(Intake.objects.exclude(staged="").values_list("staged", flat=True))
    gone = storage.sweep(
        known=lambda sha256: Original.objects.filter(pk=sha256).exists(), staged=staged, now=now
    )
    if gone:
        audit.record(actor=by, action="sweep", subject="files", now=now, count=len(gone))
    return gone
