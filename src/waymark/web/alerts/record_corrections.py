"""Tell those who received an alert that a record in it was corrected."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.accounts.permissions import require_permission
from waymark.alerts.queries.issues import APPROVE, items_of_record
from waymark.core.errors import RuleError, require_found
from waymark.library.models import CatalogueRecord
from waymark.pipeline.library.record_corrections import correct_record
from waymark.web.shared.fields import ReasonField
from waymark.web.shared.forms import SiteForm


class RecordCorrectionForm(SiteForm):
    """What those who received an item of a record are told."""

    correction = ReasonField(
        "Message to those who received it",
        missing="Enter a message to those who received it.",
        hint="What was wrong, and what is right. The email shows the record as it is now.",
        rows=3,
        most=2_000,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def record_correction(request: HttpRequest, number: int) -> HttpResponse:
    """The alerts that had a record, and the form to tell their receivers of a correction."""
    require_permission(request.user, APPROVE)
    rows = CatalogueRecord.objects.filter(pk=number).select_related("review", "resource")
    record = require_found(rows.first(), f"there is no record {number}")
    form = RecordCorrectionForm.of(request)
    if form.is_valid():
        try:
            items = correct_record(
                by=request.user, record=record, now=timezone.now(), **form.cleaned_data
            )
        except RuleError as error:
            form.refuse(error)
        else:
            noun = "item is" if items == 1 else "items are"
            messages.success(request, f"{items} {noun} corrected. Their receivers get an email.")
            return redirect("alert-record", number)
    context = {"record": record, "items": items_of_record(record), "form": form}
    return render(request, "alerts/record.html", context, status=form.http_status)
