"""Jobs to read stored files again, with all that a person or a scan has added to them."""

from collections.abc import Iterable, Iterator

from waymark.documents import services as documents
from waymark.documents.files.storage import original_path
from waymark.documents.isolation.parent import ReadingJob
from waymark.documents.models import Report


def reading_job(report: Report) -> ReadingJob:
    """The job that reads the file of a report as it was read when it was stored."""
    return ReadingJob(
        original_path(report.original_id),
        report.file_name,
        report.encoding,
        documents.recognised_pages(report),
    )


def reading_jobs(reports: Iterable[Report]) -> Iterator[ReadingJob]:
    """The jobs of many reports, each made when it is asked for: recognised pages are large."""
    return map(reading_job, reports)
