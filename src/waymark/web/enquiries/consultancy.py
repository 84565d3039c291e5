"""The terms and hours of a consultancy."""

from typing import Any

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.core.errors import RuleError
from waymark.enquiries.models import Consultancy, Enquiry, FeeAgreement
from waymark.enquiries.queries import desk
from waymark.enquiries.services.consultancy import ConsultancyTerms, add_hours, save_consultancy
from waymark.web.shared.fields import DateField, NumberField, RadioField, TextAreaField, TextField
from waymark.web.shared.forms import SiteForm


class TermsForm(SiteForm):
    """The terms of a consultancy."""

    organisation = TextField("Organisation", most=200)
    scope = TextAreaField(
        "Scope", hint="What we do, and what we do not.", missing="Enter the scope.", most=5_000
    )
    starts_on = DateField("Starts on (optional)", hint="")
    ends_on = DateField("Ends on (optional)", hint="")
    agreement = RadioField("Fee", FeeAgreement.choices, missing="Choose whether a fee is agreed.")
    fee = NumberField("Agreed fee in pounds", hint="For an agreed fee alone, such as 450.")


class HoursForm(SiteForm):
    """Hours of one day."""

    on = DateField("Day", hint="", missing="Enter the day.")
    hours = NumberField("Hours", hint="Such as 1.5.", missing="Enter the hours.")


@require_http_methods(["GET", "HEAD", "POST"])
def consultancy_page(request: HttpRequest, reference: str) -> HttpResponse:
    """The terms, and the hours worked so far."""
    enquiry = desk.enquiry_for(reference, request.user)
    row = Consultancy.objects.filter(enquiry=enquiry).first()
    action = str(request.POST.get("do", ""))
    terms = TermsForm(request.POST) if action == "terms" else TermsForm(initial=_initial(row))
    hours = HoursForm(request.POST if action == "hours" else None)
    sent: SiteForm = hours if action == "hours" else terms
    if sent.is_bound and sent.is_valid():
        try:
            _save(request, enquiry, action, sent.cleaned_data)
        except RuleError as error:
            sent.refuse(error)
        else:
            messages.success(request, "Saved.")
            return redirect("consultancy", reference)
    context = {
        "enquiry": enquiry,
        "consultancy": row,
        "terms": terms,
        "hours": hours,
        "sent": sent,
        "rows": row.hours.select_related("worked_by") if row else [],
        "total": row.hours.aggregate(all=Sum("hours"))["all"] if row else None,
    }
    return render(request, "enquiries/consultancy.html", context, status=sent.http_status)


def _initial(row: Consultancy | None) -> dict[str, Any]:
    if row is None:
        return {"agreement": FeeAgreement.OPEN}
    return {name: getattr(row, name) for name in TermsForm.base_fields}


def _save(request: HttpRequest, enquiry: Enquiry, action: str, values: dict[str, Any]) -> None:
    by, now = request.user, timezone.now()
    if action == "hours":
        add_hours(by=by, enquiry=enquiry, now=now, **values)
    else:
        save_consultancy(by=by, enquiry=enquiry, terms=ConsultancyTerms(**values), now=now)
