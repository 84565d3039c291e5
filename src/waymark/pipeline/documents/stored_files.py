"""Jobs to read stored files again, with all that a person or a scan has added to them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from waymark.core.errors import FileRefused
from waymark.documents import services as documents
from waymark.documents.files.originals import original_store
from waymark.documents.files.storage import original_path
from waymark.documents.isolation.parent import ReadingJob
from waymark.documents.models import Report


def reading_job(report: Report) -> ReadingJob:
    """The job that reads the file of a report as it was read when it was stored.

    Its path names the file; where originals are elsewhere, it reads a copy.
    """
    return ReadingJob(
        original_path(report.original_id),
        report.file_name,
        report.encoding,
        documents.recognised_pages(report),
        partial(file_of_report, report),
    )


@contextmanager
def file_of_report(report: Report) -> Iterator[Path]:
    """The file of a report, on this machine. Raises FileRefused, OriginalsUnavailable.

    Uses no database: threads call it.
    """
    try:
        with original_store().local_file(report.original_id) as path:
            yield path
    except FileNotFoundError as error:
        raise FileRefused(report.file_name, "is missing", "Restore it from a backup") from error


def reading_jobs(reports: Iterable[Report]) -> Iterator[ReadingJob]:
    """The jobs of many reports, each made when it is asked for: recognised pages are large."""
    return map(reading_job, reports)
