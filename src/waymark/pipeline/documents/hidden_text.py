"""Check stored files for hidden text and identifiers: those stored before the checks, or all."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import FileRefused
from waymark.documents import services as documents
from waymark.documents.files.storage import original_path
from waymark.documents.ingest import reading_limits
from waymark.documents.isolation.parent import read_many
from waymark.documents.models import Report
from waymark.documents.queries.anonymity import reports_with_identifiers
from waymark.documents.queries.holdings import reports_with_hidden_text
from waymark.documents.reading.values import ReadReport
from waymark.library.queries import repository
from waymark.pipeline.documents.stored_files import reading_jobs
from waymark.pipeline.publishing.publication_reasons import opens_by_itself
from waymark.pipeline.removals.state_changes import change_state


@dataclass(frozen=True, slots=True)
class ReportHeldBack:
    """A report that somebody must decide on before publication. public: everybody can read it."""

    file: str
    report: str
    review: str
    state: str
    public: bool
    reason: str


@dataclass(slots=True)
class HiddenTextCheck:
    """Result of checking stored files. failed: files that could not be read again.

    unchecked: reports still not checked for identifiers of people.
    """

    checked: int = 0
    failed: list[FileRefused] = field(default_factory=list)
    held_back: list[ReportHeldBack] = field(default_factory=list)
    unchecked: int = 0

    def as_json(self) -> dict[str, Any]:
        """The object that `waymark reports check --json` prints."""
        return {
            "checked": self.checked,
            "failed": [{"file": fault.file, "reason": fault.reason} for fault in self.failed],
            "held": [asdict(report) for report in self.held_back],
            "unchecked": self.unchecked,
        }


def check_stored_reports(
    *,
    by: Actor,
    only: Report | None = None,
    everything: bool = False,
    workers: int = 2,
    on_done: Callable[[str], None] = lambda name: None,
    clock: Callable[[], datetime] = timezone.now,
) -> HiddenTextCheck:
    """Look for hidden text and identifiers in stored reports not checked yet.

    only: this report; everything: all, also those checked before. Hidden text is looked for in the
    file, identifiers in the stored text. Public reports stay public until a person decides. Reports
    under an embargo become internal, so that they are not published automatically. Raises
    NotPermitted.
    """
    require_permission(by, "add reports")
    rows = _rows_to_check(only, everything=everything)
    # A file is read again only for hidden text: identifiers are found in the stored text.
    read_before = set() if everything or only else set(rows.exclude(hidden_text_checked_at=None))
    outcome = HiddenTextCheck()
    reports = {original_path(row.original_id): row for row in rows if row not in read_before}
    for report in read_before:
        _record_findings(by, report, None, clock())
        outcome.checked += 1
        on_done(report.file_name)
    jobs = reading_jobs(reports.values())
    for job, read in read_many(jobs, workers=workers, limits=reading_limits()):
        report = reports[job.path]
        if isinstance(read, FileRefused):
            outcome.failed.append(FileRefused(report.file_name, read.reason, read.remedy))
        else:
            _record_findings(by, report, read, clock())
            outcome.checked += 1
        on_done(report.file_name)
    outcome.held_back = [
        _held_back(report, clock())
        for report in _reports_held_back(by)
        if only is None or report == only
    ]
    outcome.unchecked = Report.objects.filter(
        anonymity_checked_at=None, state__in=OPEN_TO_STAFF
    ).count()
    return outcome


def _rows_to_check(only: Report | None, *, everything: bool) -> QuerySet[Report]:
    rows = Report.objects.filter(original__erased_at=None).order_by("pk")
    if only is not None:
        return rows.filter(pk=only.pk)
    if everything:
        return rows
    return rows.filter(Q(hidden_text_checked_at=None) | Q(anonymity_checked_at=None))


def _reports_held_back(by: Actor) -> list[Report]:
    """Reports held back by hidden text or possible identifiers, the last received first."""
    reports = {*reports_with_hidden_text(by), *reports_with_identifiers(by)}
    return sorted(reports, key=lambda report: (report.received_at, report.pk), reverse=True)


@serialized_in("documents", "library")
def _record_findings(by: Actor, report: Report, read: ReadReport | None, now: datetime) -> None:
    if read is not None:
        documents.record_check(by=by, report=report, hidden=read.hidden, now=now)
    documents.refresh_identifiers(by=by, report=report, now=now)
    report.refresh_from_db()
    if opens_by_itself(report, now) and documents.reason_not_ready(report):
        change_state(by=by, item=report, state=State.INTERNAL, now=now)


def _held_back(report: Report, now: datetime) -> ReportHeldBack:
    public = repository.is_public(report, now)
    return ReportHeldBack(
        file=report.file_name,
        report=report.key,
        review=report.review.reference,
        state=report.state,
        public=public,
        reason=documents.reason_not_ready(report),
    )
