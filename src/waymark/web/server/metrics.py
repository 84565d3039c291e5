"""Metrics for Prometheus at an address of their own (WAYMARK_METRICS), which no visitor reaches.

Each process counts in a file of its own (the multiprocess mode of prometheus_client); one more
process adds them up when it is asked, and measures the installation:

    processes of the site -> DATA/operation/metrics/*.db -> the server of the metrics -> Prometheus

Labels are routes and never addresses, so nothing of searches or readers is counted apart.
"""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count
from django.utils import timezone

from waymark import __version__
from waymark.accounts.watch_state import last_backup, watch_folder
from waymark.core.extras import LaterModule
from waymark.documents.models import Intake
from waymark.library.models import unindexed_records
from waymark.mail.queries import email_counts
from waymark.web.shared import request_metrics

prometheus = LaterModule("prometheus_client")
families = LaterModule("prometheus_client.core")
multiprocess = LaterModule("prometheus_client.multiprocess")


def begin() -> None:
    """Prepare counting, before the first counter is made and the first process begins."""
    folder = watch_folder() / "metrics"
    # Counts begin with the processes: Prometheus knows that counters may fall to 0.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    request_metrics.create()


def count_end(name: str) -> None:
    """Count a process that ended by itself."""
    request_metrics.process_ends().labels(name.removeprefix("the ")).inc()


def serve() -> None:
    """Answer Prometheus until SIGTERM."""
    if settings.METRICS is None:
        return
    stopping = Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopping.set())
    address, port = settings.METRICS
    try:
        server, _thread = prometheus.start_http_server(port, address, registry())
    except OSError as error:
        sys.exit(f"waymark: the metrics cannot be had at {address} port {port}: {error.strerror}")
    stopping.wait()
    server.shutdown()


def registry() -> Any:
    """All metrics: the sums of all processes, and those of the installation."""
    all_metrics = prometheus.CollectorRegistry()
    multiprocess.MultiProcessCollector(all_metrics)
    all_metrics.register(InstallationMetrics())
    return all_metrics


class InstallationMetrics:
    """Collector of what is measured when Prometheus asks."""

    def describe(self) -> list[Any]:
        """Names known in advance: none, so that registering asks no database."""
        return []

    def collect(self) -> Iterator[Any]:
        """Yield the metrics; those of the database are left out while it does not answer."""
        yield gauge("waymark_info", "Version of Waymark.", {("version", __version__): 1})
        free = shutil.disk_usage(Path(settings.DATA)).free
        yield gauge("waymark_disk_free_bytes", "Free bytes on the disk of the data folder.", free)
        if backup := last_backup():
            yield gauge(
                "waymark_last_backup_timestamp_seconds",
                "Moment of the last finished backup.",
                backup.timestamp(),
            )
        try:
            emails = email_counts(timezone.now())
            states = Intake.objects.values_list("state").annotate(Count("pk")).order_by("state")
            uploads = {("state", state): number for state, number in states}
            unindexed = unindexed_records().count()
            reached = True
        except DatabaseError:
            reached = False
        finally:
            connection.close()  # of this request's thread
        yield gauge("waymark_database_up", "1 if the database answers.", int(reached))
        if reached:
            unsent = {("state", "waiting"): emails.waiting, ("state", "failed"): emails.failed}
            yield gauge("waymark_unsent_emails", "Emails that are not sent.", unsent)
            yield gauge("waymark_uploads", "Uploaded files by state.", uploads)
            yield gauge(
                "waymark_unindexed_records", "Records that wait for the search index.", unindexed
            )


def gauge(name: str, description: str, value: float | dict[tuple[str, str], int]) -> Any:
    """Metric of one value, or of a value for each (label, its value)."""
    if not isinstance(value, dict):
        return families.GaugeMetricFamily(name, description, value=value)
    labels = sorted({label for label, _ in value}) or ["state"]
    metric = families.GaugeMetricFamily(name, description, labels=labels)
    for (_, state), number in value.items():
        metric.add_metric([state], number)
    return metric
