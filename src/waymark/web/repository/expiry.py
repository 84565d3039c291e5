"""File expiry: which files expire and when, a legal hold, and erasing a file for good."""

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark import pipeline
from waymark.accounts.permissions import require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.documents.files.originals import is_erased
from waymark.documents.models import Report
from waymark.documents.queries import holdings
from waymark.library.queries import repository
from waymark.library.queries.repository import ExpiryStatus
from waymark.library.services import retention as keeping
from waymark.web.shared.fields import CODE, CheckField, DateField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList
from waymark.web.shared.record_lists import report_state_filter

PUBLISH = "publish reports"
FILES = StaffList(
    "file",
    "files",
    search=("review__title", "review__reference", "file_name"),
    columns=(
        ListColumn("Report", "title", ("review__title", "kind")),
        ListColumn(
            "First day without it",
            "until",
            ("expires",),
            words=("earliest first", "latest first"),
        ),
        ListColumn("State", "state", ("state",)),
    ),
    order="until",
)


def _in_status(value: str) -> Q:
    return repository.in_expiry(ExpiryStatus(value), timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
def file_expiry_list(request: HttpRequest) -> HttpResponse:
    """Files that expire, the next first; files on legal hold, and files without an end.

    Its form starts the usual period today for files without one.
    """
    now = timezone.now()
    if request.method == "POST":
        begun = pipeline.begin_all_retention(by=request.user, now=now)
        messages.success(request, f"The period starts today for {begun} reports.")
        return redirect("keeping")
    rows = repository.files_with_expiry(request.user, now)
    status = ListFilter("status", "Expiry", dict(ExpiryStatus.choices), _in_status)
    in_status = partial(repository.in_expiry, now=now)
    return render(
        request,
        "staff/keeping.html",
        {
            "list": FILES.view(request, rows, status, report_state_filter(rows)),
            "over": rows.filter(in_status(ExpiryStatus.OVER)).count(),
            "endless": rows.filter(in_status(ExpiryStatus.ENDLESS)).count(),
            "years": settings.KEEP_YEARS,
        },
    )


class RetentionForm(SiteForm):
    """When the file of a report expires, and a legal hold on it."""

    until = DateField(
        "First day without the file (optional)",
        hint="For example, 4 5 2031. Leave it empty for no end.",
    )
    legal_hold = CheckField("Keep it beyond that day: legal hold")
    hold_reason = TextField("Reason for the legal hold")
    reason = TextField(
        "Reason for the change",
        missing="Enter why you change it.",
        hint="Stored in the audit log with your name.",
    )

    def clean(self) -> dict[str, Any]:
        """A hold needs a reason."""
        values = self.cleaned_data
        if values.get("legal_hold") and not values.get("hold_reason"):
            self.add_error("hold_reason", "Enter why the file is held.")
        return values


class EraseForm(SiteForm):
    """Erase a file for good. The key of the report confirms it."""

    erase = TextField(most=12, attrs=CODE)

    def __init__(self, report: Report, **options: Any) -> None:
        super().__init__(**options)
        self.report = report
        self.fields["erase"].label = f"To erase it, type {report.key}"

    def clean_erase(self) -> str:
        """The key. Raises ValidationError for another."""
        if self.cleaned_data["erase"] != self.report.key:
            raise ValidationError(f"Type {self.report.key} to erase the file.")
        return self.report.key


NOT_YET = (
    "The file and its text are gone from the library. The place where files are stored has not "
    "deleted the file yet: the site tries again each hour."
)


@require_http_methods(["GET", "HEAD", "POST"])
def file_expiry(request: HttpRequest, key: str) -> HttpResponse:
    """Change when the file of a report expires; erase a file that is no longer shown."""
    report = holdings.report_in_any_state(key, request.user)
    require_permission(request.user, PUBLISH)
    retention = repository.retention_of(report)
    form = RetentionForm(
        initial={
            "until": retention.until,
            "legal_hold": retention.legal_hold,
            "hold_reason": retention.hold_reason,
        }
    )
    erase = EraseForm(report)
    if request.method == "POST" and "erase" in request.POST:
        erase = EraseForm.of(request, report)
    else:
        form = RetentionForm.of(request, initial=form.initial)
    if erase.is_valid():
        pipeline.erase_file(by=request.user, report=report, now=timezone.now())
        if is_erased(report.original_id):
            messages.success(request, "The file is erased.")
        else:
            messages.warning(request, NOT_YET)
        return redirect("report-keeping", key=key)
    if form.is_valid():
        keeping.set_retention(
            by=request.user, report=report, now=timezone.now(), **form.cleaned_data
        )
        messages.success(request, "File expiry saved.")
        return redirect("report-keeping", key=key)
    return render(
        request,
        "staff/report_keeping.html",
        {
            "report": report,
            "kept": retention,
            "form": form,
            "erase": erase,
            "gone": report.state not in OPEN_TO_STAFF,
            "erased_at": report.original.erased_at,
        },
        status=max(form.http_status, erase.http_status),
    )
