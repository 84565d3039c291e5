"""A batch of files on the computer -> reports, records and index."""

import logging
import time
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.database_remedy import disk_failure
from waymark.core.errors import FileRefused, RuleError, ServiceUnavailable
from waymark.core.jobs import Clock
from waymark.documents.ingest import IngestPreview, IngestResult
from waymark.documents.models import Report
from waymark.documents.queries.recognition import pages_waiting
from waymark.documents.reading.values import ReadReport
from waymark.pipeline.documents.cluster_ingest import store_on_cluster
from waymark.pipeline.documents.file_batch import Batch, BatchStopped, OnDone, store_read_file
from waymark.pipeline.documents.intake import publish_both
from waymark.pipeline.documents.recognition import recognise_pages
from waymark.pipeline.library.indexing import update_index
from waymark.pipeline.publishing.publication_reasons import reason_not_ready

log = logging.getLogger(__name__)


def ingest_files(
    files: Iterable[Path],
    *,
    workers: int,
    by: Actor,
    publish: bool = False,
    encoding: str = "",
    recognise: bool = True,
    on_done: OnDone = lambda name: None,
    on_page: OnDone = lambda name: None,
    clock: Clock = timezone.now,
) -> IngestResult:
    """Read and store files in parallel; files already stored are not read again.

    With WAYMARK_DASK workers of that cluster read and store them, whatever `workers` is.

    Each file is stored or refused on its own: a killed run has stored some files whole, and the
    same run again stores the rest. Only what no other file would escape, such as a full disk, ends
    the batch early: then `stopped` of the result says why, and what was stored stays. encoding: of
    texts, "" to find it by the content. recognise: then recognise the text of their scanned pages;
    if not, these wait for a worker. on_done, on_page: called with the name of each file, and of the
    file of each recognised page. Raises NotPermitted.
    """
    require_permission(by, "add reports")
    begun = time.monotonic()
    batch = Batch(files, workers, on_done, encoding)
    result = batch.result
    try:
        if settings.DASK:
            store_on_cluster(batch, by=by, publish=publish)
        else:
            for path, read in batch.readings(batch.look_for_identifiers):
                _store_one(path, read, batch, by=by, publish=publish, now=clock())
        batch.note_held_back()
        scans = [*batch.scanned, *batch.resumed]
        if scans and recognise:
            outcome = recognise_pages(
                by=by, reports=scans, workers=workers, on_done=on_page, clock=clock
            )
            result.recognised = outcome.recognised
        for report in batch.scanned:
            _settle_scanned(by, report, result, publish=publish, now=clock())
        for report in batch.resumed:
            # Stored by an earlier run: whether it is published was decided then, or is by a person.
            _settle_scanned(by, report, result, publish=False, now=clock())
    except BatchStopped as stopped:
        batch.note_held_back()
        result.stopped, result.unread = str(stopped), batch.unread
    _index_stored(result, clock)
    result.seconds = time.monotonic() - begun
    return result


def _store_one(
    path: Path, read: ReadReport, batch: Batch, *, by: Actor, publish: bool, now: datetime
) -> None:
    """Store one file of a batch or refuse it. Raises BatchStopped if no other could be stored."""
    try:
        report, stored = store_read_file(
            by=by,
            path=path,
            read=read,
            finds=partial(batch.identifiers_in, path, read),
            publish=publish,
            sha256=batch.digests.pop(path),
            encoding=batch.encoding,
            now=now,
        )
    except FileRefused as refusal:
        batch.refuse(refusal)
    else:
        batch.note_done(path.name, report, new=stored)


def _settle_scanned(
    by: Actor, report: Report, result: IngestResult, *, publish: bool, now: datetime
) -> None:
    """Publish a report whose scanned pages were recognised, or note why it cannot be published."""
    report.refresh_from_db()
    why = reason_not_ready(report)
    result.waiting += pages_waiting([report.pk])
    result.note_held_back(report.file_name, report.key, why)
    # In another state it was closed because the journal says that it was withdrawn before.
    if publish and not why and report.state == State.RECEIVED:
        publish_both(by, report, now)


def preview_ingest(
    files: Iterable[Path],
    *,
    workers: int,
    by: Actor,
    encoding: str = "",
    on_done: OnDone = lambda name: None,
) -> IngestPreview:
    """Read files as ingest_files() does, and store nothing. Raises NotPermitted."""
    require_permission(by, "add reports")
    batch = Batch(files, workers, on_done, encoding)
    preview = IngestPreview(batch.result, already=batch.already)
    try:
        for path, _ in batch.readings():
            preview.new.append(path)
            batch.done(path.name)
    except BatchStopped as stopped:
        batch.result.stopped, batch.result.unread = str(stopped), batch.unread
    return preview


def _index_stored(result: IngestResult, clock: Clock) -> None:
    """Bring the index up to date; what cannot be indexed now is found by its state later."""
    try:
        update_index(clock=clock)
    except RuleError:
        return  # another process is writing the index: its worker finds these records
    except (OSError, ValueError, ServiceUnavailable) as error:
        log.warning("the search index is not up to date: %s", error)
        failure = disk_failure(error) or f"{error}: run waymark index rebuild"
        result.stopped = result.stopped or f"the search index is not up to date: {failure}"
