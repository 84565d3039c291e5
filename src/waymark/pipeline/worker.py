"""The background workers: run the jobs that the modules beside this one list under JOBS."""

import time
from collections.abc import Callable, Iterable

from django.utils import timezone

from waymark.core.jobs import Clock, Job, JobQueue
from waymark.documents import services as documents
from waymark.pipeline import concerns, data_access, enquiries, follow_up
from waymark.pipeline.alerts import alert_sending, build_alerts, gather_alerts, subscribers
from waymark.pipeline.coding import coding_imports, suggestions
from waymark.pipeline.documents import deposits, intake, recognition
from waymark.pipeline.library import check_links, data_files, indexing, meaning, service_records
from waymark.pipeline.mail import (
    account_links,
    bounced_mail,
    emails,
    inbound_mail,
    operator_notices,
)
from waymark.pipeline.publishing import check_tables, edition_files, prepare_releases
from waymark.pipeline.removals import replay_removals, state_changes
from waymark.pipeline.retention import rules as retention
from waymark.publishing import services as publishing

IDLE_SECONDS = 1.0
# Removals come before the index, so that one round takes a removed record out of both.
JOBS: tuple[Job, ...] = (
    *account_links.JOBS,
    *intake.JOBS,
    *recognition.JOBS,
    *emails.JOBS,
    *inbound_mail.JOBS,
    *alert_sending.JOBS,
    *bounced_mail.JOBS,
    *operator_notices.JOBS,
    *replay_removals.JOBS,
    *state_changes.JOBS,
    *service_records.JOBS,
    *concerns.JOBS,
    *deposits.JOBS,
    *enquiries.JOBS,
    *follow_up.JOBS,
    *data_access.JOBS,
    *coding_imports.JOBS,
    *subscribers.JOBS,
    *retention.JOBS,
    *data_files.JOBS,
    *indexing.JOBS,
    # After the index, which knows what topics and searches find.
    *gather_alerts.JOBS,
    *build_alerts.JOBS,
    # The longest: what people have just uploaded or sent comes first.
    *prepare_releases.JOBS,
    *check_tables.JOBS,
    *edition_files.JOBS,
    *check_links.JOBS,
    *meaning.JOBS,
    *suggestions.JOBS,
)


def run_worker(
    *,
    once: bool,
    jobs: Iterable[Job] = JOBS,
    clock: Clock = timezone.now,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Do pending tasks until stopped; once: until none is left."""
    jobs = tuple(jobs)
    documents.sweep_leftovers(by=None, now=clock())
    publishing.remove_withdrawn()
    publishing.store_missing_uses()
    while True:
        # Every job runs in each round, so that a long queue of one does not delay the others.
        done = [job.run(clock) for job in jobs]
        if any(done):
            continue
        if once:
            return
        pause(IDLE_SECONDS)


def jobs_of(queue: JobQueue) -> tuple[Job, ...]:
    """The jobs of one queue."""
    return tuple(job for job in JOBS if job.queue == queue)
