"""Files -> reports, records and index; who may see them; the worker that does what waits."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from waymark.accounts.audit import in_turn
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import Refused, RuleError
from waymark.documents import services as documents
from waymark.documents.ingest import IngestResult, reading_limits, sort_out
from waymark.documents.isolation import read_isolated, read_many
from waymark.documents.models import Report, ReportKind, Review
from waymark.documents.queries import report_with_bytes
from waymark.documents.reading import ReadReport
from waymark.documents.storage import sha256_of, staging
from waymark.library import services as library

IDLE_SECONDS = 1.0


def take_in(
    *,
    by: Actor,
    path: Path,
    now: datetime,
    review: Review | None = None,
    kind: str = ReportKind.OVERVIEW,
) -> Report:
    """Read one file in a child and store it. Raises Refused, NotPermitted."""
    require(by, "take in reports")
    read = read_isolated(path, path.name, reading_limits())
    report, _ = _store(
        by=by, path=path, file_name=path.name, read=read, review=review, kind=kind, now=now
    )
    return report


@transaction.atomic
def _store(
    *,
    by: Actor,
    path: Path,
    file_name: str,
    read: ReadReport,
    review: Review | None,
    kind: str,
    now: datetime,
    publish: bool = False,
) -> tuple[Report, bool]:
    """Store a report, give its review a record, and have the index follow; all or nothing."""
    report, stored = documents.store_report(
        by=by, path=path, file_name=file_name, read=read, review=review, kind=kind, now=now
    )
    if publish and stored:
        for thing, set_state in (
            (report, partial(documents.set_report_state, report=report)),
            (report.review, partial(documents.set_review_state, review=report.review)),
        ):
            if thing.state != State.PUBLISHED:
                set_state(by=by, state=State.PUBLISHED, now=now)
    if stored:
        library.catalogue_review(by=by, review=report.review, now=now)
    return report, stored


def ingest(
    files: Iterable[Path],
    *,
    workers: int,
    by: Actor,
    publish: bool = False,
    on_done: Callable[[str], None] = lambda name: None,
    clock: Callable[[], datetime] = timezone.now,
) -> IngestResult:
    """Take in files side by side; what is here already is not read again.

    Each file is stored, or refused with its reason, by itself: a run that is killed has stored
    some files whole, and the same run again takes in the rest. on_done: told the name of each
    file. Raises NotPermitted.
    """
    require(by, "take in reports")
    begun = time.monotonic()
    found = sort_out(files)
    result = IngestResult(refused=found.refused)

    def unknown() -> Iterator[Path]:
        for path in found.files:
            if report_with_bytes(sha256_of(path)) is None:
                yield path
            else:
                result.already += 1
                on_done(path.name)

    for refusal in found.refused:
        on_done(refusal.file)
    for path, read in read_many(unknown(), workers=workers, limits=reading_limits()):
        if isinstance(read, Refused):
            result.refused.append(read)
        else:
            report, stored = _store(
                by=by,
                path=path,
                file_name=path.name,
                read=read,
                review=None,
                kind=ReportKind.OVERVIEW,
                publish=publish,
                now=clock(),
            )
            result.count(report.key, read, stored=stored)
        on_done(path.name)
    # Where another process writes the index, its worker finds these records by their state.
    with suppress(RuleError):
        while library.index_changed(now=clock()).done:
            continue
    result.seconds = time.monotonic() - begun
    return result


def read_upload(*, clock: Callable[[], datetime] = timezone.now) -> bool:
    """Take up the upload that has waited longest, and store or refuse it; False: none waits.

    The lease is what is still to do: a worker that dies leaves it to the next.
    """
    intake = documents.lease_intake(now=clock())
    if intake is None:
        return False
    path = staging() / intake.staged
    try:
        if not path.exists():
            raise Refused(intake.file_name, "is no longer here", "Upload it again")
        read = read_isolated(path, intake.file_name, reading_limits())
    except Refused as refused:
        documents.refuse_intake(by=None, intake=intake, refused=refused, now=clock())
        return True
    with transaction.atomic():
        now = clock()
        report, stored = _store(
            by=None,
            path=path,
            file_name=intake.file_name,
            read=read,
            review=intake.review,
            kind=intake.kind,
            now=now,
        )
        documents.finish_intake(by=None, intake=intake, report=report, stored=stored, now=now)
    return True


def work(
    *,
    once: bool,
    clock: Callable[[], datetime] = timezone.now,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Read what was uploaded and have the index follow, until stopped; once: until all is done.

    What is still to do is a state in the database, so any number of these may run, and one that
    is killed loses nothing.
    """
    documents.sweep(by=None, now=clock())
    while True:
        read = read_upload(clock=clock)
        indexed = library.index_changed(now=clock())
        if read or indexed.done:
            continue
        if once:
            return
        pause(IDLE_SECONDS)


@in_turn
def change_state(
    *,
    by: Actor,
    thing: Review | Report,
    state: State,
    now: datetime,
    seen: State | None = None,
) -> None:
    """Say who may see a review or a report, and have the library follow.

    What becomes hidden is hidden at once: every query asks for the state. seen: the state that the
    person had before them. Raises NotPermitted, RuleError where it has changed since.
    """
    if isinstance(thing, Review):
        documents.set_review_state(by=by, review=thing, state=state, now=now, seen=seen)
        review = thing
    else:
        documents.set_report_state(by=by, report=thing, state=state, now=now, seen=seen)
        review = thing.review
    library.mark_changed(reviews=[review.pk], now=now)
