"""Staff pages of the applications for restricted data: the list, and the decision by two people."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.core.errors import RuleError
from waymark.core.uk_time import uk_date
from waymark.data_access.models import AccessApproval, AccessState, DataApplication
from waymark.data_access.queries import (
    application_for,
    dataset_choices,
    listed_applications,
    profile_label,
    profiles_for,
    waiting_approval,
)
from waymark.data_access.services import deciding
from waymark.web.shared.fields import DateField, RadioField, ReasonField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList, column_filter

APPLICATIONS = StaffList(
    "application",
    "applications",
    search=("reference", "name", "organisation", "purpose"),
    columns=(
        ListColumn("Application", "reference", ("reference",)),
        ListColumn("Organisation", "organisation", ("organisation", "reference")),
        ListColumn("Data", "dataset", ("dataset", "reference")),
        ListColumn("State", "state", ("state", "reference")),
        ListColumn("Received", "received", ("received_at",), falling=True),
        ListColumn("Waiting since", "waiting", ("waiting_since",), empty_last=True),
        ListColumn("Last day", "ends", ("expires_on",), empty_last=True),
    ),
    order="waiting",
)

NOT_READ = "the approval that you read does not wait any more: read this page again"


@require_safe
def application_list(request: HttpRequest) -> HttpResponse:
    """All applications for restricted data, those that wait for a decision first."""
    rows = listed_applications(request.user)
    states = column_filter("state", "State", rows, dict(AccessState.choices))
    context = {"list": APPLICATIONS.view(request, rows, states)}
    return render(request, "data_access/list.html", context)


class AccessApprovalForm(SiteForm):
    """What is given, and until when."""

    profile = RadioField("What they get", (), missing="Choose what they get.")
    until = DateField("Last day", missing="Enter the last day.", hint="")

    def __init__(self, application: DataApplication, *args: Any, **options: Any) -> None:
        months = application.extension_months or application.months
        first = application.expires_on or uk_date(timezone.now())
        # What they get is chosen by the person: no answer is ticked beforehand.
        initial = {"until": first + timedelta(days=round(months * 365.25 / 12))}
        super().__init__(*args, initial=initial, **options)
        self.fields["profile"].choices = list(profiles_for(application).items())  # type: ignore[attr-defined]


class RefusalForm(SiteForm):
    """Why an application is refused, or an access ended."""

    reason = ReasonField(
        "Reason", missing="Enter a reason.", hint="The applicant reads it.", rows=2, most=1_000
    )


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """One application: who asks for what, and the decision."""
    row = application_for(reference, request.user)
    action = str(request.POST.get("do", "")) if request.method == "POST" else ""
    approval = waiting_approval(row)
    forms: dict[str, SiteForm] = {
        "propose": AccessApprovalForm(row, request.POST if action == "propose" else None),
        **{
            name: RefusalForm(request.POST if action == name else None, auto_id=f"{name}-%s")
            for name in ("refuse", "revoke")
        },
    }
    sent = forms.get(action)
    if action in ACTIONS and (sent is None or sent.is_valid()):
        try:
            said = ACTIONS[action](request.user, row, _read_approval(request, approval), sent)
        except RuleError as error:
            if sent is None:
                messages.error(request, f"Nothing was changed: {error}.")
                return redirect("decide-data-application", reference)
            sent.refuse(error)
        else:
            messages.success(request, said)
            return redirect("decide-data-application", reference)
    context = {
        "application": row,
        "dataset": dataset_choices().get(row.dataset, row.dataset),
        "approval": approval,
        "approval_label": profile_label(approval.profile) if approval else "",
        "own": approval is not None and approval.proposed_by == request.user,
        "forms": forms,
        "sent": sent,
        "exports": row.exports.all()[:100],
        "approvals": row.approvals.exclude(confirmed_at=None).select_related(
            "proposed_by", "confirmed_by"
        ),
    }
    status = sent.http_status if sent is not None else 200
    return render(request, "data_access/decide.html", context, status=status)


def _read_approval(request: HttpRequest, waiting: AccessApproval | None) -> AccessApproval | None:
    """The approval that waits, if it is the one that the page showed to this person."""
    read = str(request.POST.get("approval", ""))
    return waiting if waiting is not None and read == str(waiting.pk) else None


def _propose(by: Any, row: DataApplication, _: AccessApproval | None, form: Any) -> str:
    values = form.cleaned_data
    deciding.propose_approval(by=by, application=row, now=timezone.now(), **values)
    return "Approval proposed. Another person must confirm it."


def _confirm(by: Any, row: DataApplication, approval: AccessApproval | None, _: Any) -> str:
    if approval is None:
        raise RuleError(NOT_READ)
    deciding.confirm_approval(by=by, approval=approval, now=timezone.now())
    return "Approved. The applicant is told by email."


def _drop(by: Any, row: DataApplication, approval: AccessApproval | None, _: Any) -> str:
    if approval is None:
        raise RuleError(NOT_READ)
    deciding.drop_approval(by=by, approval=approval, now=timezone.now())
    return "The proposed approval is dropped."


def _refuse(by: Any, row: DataApplication, _: AccessApproval | None, form: Any) -> str:
    reason = form.cleaned_data["reason"]
    deciding.refuse_application(by=by, application=row, reason=reason, now=timezone.now())
    return "Refused. The applicant is told by email."


def _revoke(by: Any, row: DataApplication, _: AccessApproval | None, form: Any) -> str:
    reason = form.cleaned_data["reason"]
    deciding.revoke_access(by=by, application=row, reason=reason, now=timezone.now())
    return "The access has ended. The applicant is told by email."


ACTIONS: Mapping[str, Callable[[Any, DataApplication, AccessApproval | None, Any], str]] = {
    "propose": _propose,
    "confirm": _confirm,
    "drop": _drop,
    "refuse": _refuse,
    "revoke": _revoke,
}
