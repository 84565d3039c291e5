"""Look for hidden text in stored files: those stored before Waymark checked for it, or all."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import FileRefused
from waymark.documents import services as documents
from waymark.documents.files.storage import original_path
from waymark.documents.ingest import reading_limits
from waymark.documents.isolation.parent import read_many
from waymark.documents.models import Report
from waymark.documents.queries.holdings import reports_with_hidden_text
from waymark.documents.reading.values import ReadReport
from waymark.library.queries import repository
from waymark.pipeline.state_changes import change_state


@dataclass(frozen=True, slots=True)
class ReportHeldBack:
    """A report with hidden text not yet found harmless. public: everybody can read it."""

    file: str
    report: str
    review: str
    state: str
    public: bool
    reason: str


@dataclass(slots=True)
class HiddenTextCheck:
    """Result of checking stored files. failed: files that could not be read again."""

    checked: int = 0
    failed: list[FileRefused] = field(default_factory=list)
    held_back: list[ReportHeldBack] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object that `waymark reports check --json` prints."""
        return {
            "checked": self.checked,
            "failed": [{"file": fault.file, "reason": fault.reason} for fault in self.failed],
            "held": [asdict(report) for report in self.held_back],
        }


def check_stored_reports(
    *,
    by: Actor,
    everything: bool = False,
    workers: int = 2,
    on_done: Callable[[str], None] = lambda name: None,
    clock: Callable[[], datetime] = timezone.now,
) -> HiddenTextCheck:
    """Look for hidden text in stored files not checked yet; everything: in all of them.

    Public reports stay public until a person decides. Reports under an embargo become internal, so
    that they are not published automatically. Raises NotPermitted.
    """
    require_permission(by, "add reports")
    rows = Report.objects.filter(original__erased_at=None).order_by("pk")
    if not everything:
        rows = rows.filter(hidden_text_checked_at=None)
    reports = {original_path(report.original_id): report for report in rows}
    outcome = HiddenTextCheck()
    for path, read in read_many(reports, workers=workers, limits=reading_limits()):
        report = reports[path]
        if isinstance(read, FileRefused):
            outcome.failed.append(FileRefused(report.file_name, read.reason, read.remedy))
        else:
            _record_findings(by, report, read, clock())
            outcome.checked += 1
        on_done(report.file_name)
    outcome.held_back = [_held_back(report, clock()) for report in reports_with_hidden_text(by)]
    return outcome


@serialized_in("documents", "library")
def _record_findings(by: Actor, report: Report, read: ReadReport, now: datetime) -> None:
    documents.record_check(by=by, report=report, hidden=read.hidden, now=now)
    report.refresh_from_db()
    embargoed = report.state == State.EMBARGOED and not repository.is_public(report, now)
    if embargoed and documents.reason_held_back(report):
        change_state(by=by, item=report, state=State.INTERNAL, now=now)


def _held_back(report: Report, now: datetime) -> ReportHeldBack:
    public = repository.is_public(report, now)
    return ReportHeldBack(
        file=report.file_name,
        report=report.key,
        review=report.review.reference,
        state=report.state,
        public=public,
        reason=documents.reason_held_back(report),
    )
