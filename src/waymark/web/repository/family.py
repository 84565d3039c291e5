"""When the family in a review was told of its publication: the records, for staff who publish."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.core.errors import RuleError
from waymark.documents.models import Review
from waymark.documents.queries import holdings
from waymark.library.models import FamilyNotification, NotificationMethod
from waymark.library.queries.family import family_notifications
from waymark.library.services import family
from waymark.web.shared.fields import ChoiceField, DateField, TextAreaField, TextField
from waymark.web.shared.forms import SiteForm


class FamilyForm(SiteForm):
    """When, by whom and how a family was told."""

    on = DateField(
        "Date",
        missing="Enter the day on which the family was told.",
        hint="For example, 24 1 2026.",
    )
    given_by = TextField(
        "Told by",
        missing="Enter who told the family.",
        hint="A role, such as the chair of the review. Name no person.",
        most=family.LONGEST_GIVER,
    )
    method = ChoiceField(
        "How",
        [("", "Choose"), *NotificationMethod.choices],
        missing="Choose how the family was told.",
    )
    note = TextAreaField(
        "Note (optional)",
        hint="For example, whether they saw the report, what they asked for, and who else to "
        "tell before publication. Name no person.",
        most=family.LONGEST_NOTE,
        rows=4,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def family_told(request: HttpRequest, reference: str) -> HttpResponse:
    """Records of when the family was told; adding one, and removing one entered wrongly."""
    review = holdings.review_in_any_state(reference, request.user)
    records = family_notifications(review, request.user)
    form = FamilyForm.of(request)
    try:
        message = _change_records(request, review, records, form)
    except RuleError as error:
        message = ""
        form.refuse(error, alone=True)
    if message:
        messages.success(request, message)
        return redirect("family-told", reference)
    return render(
        request,
        "staff/family_told.html",
        {"review": review, "records": records, "form": form},
        status=form.http_status,
    )


def _change_records(
    request: HttpRequest, review: Review, records: list[FamilyNotification], form: FamilyForm
) -> str:
    """Do what the button asks for; a message, or "" for a form with errors. Raises RuleError."""
    now = timezone.now()
    if form.action == "remove":
        chosen = next((row for row in records if str(row.pk) == form.data.get("record")), None)
        if chosen is None:
            raise RuleError("this record was already removed")
        family.withdraw_family_notification(by=request.user, notification=chosen, now=now)
        return "Record removed."
    if not form.is_valid():
        return ""
    values = {**form.cleaned_data, "method": NotificationMethod(form.cleaned_data["method"])}
    family.record_family_notification(by=request.user, review=review, now=now, **values)
    return "Recorded."
