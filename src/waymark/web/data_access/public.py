"""Public pages of restricted data: what it is, the form, and the private page of an applicant."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from waymark.core.errors import RuleError
from waymark.core.wording import as_sentence
from waymark.data_access.models import AccessState, DataApplication
from waymark.data_access.queries import application_with, dataset_choices
from waymark.data_access.services.applying import (
    LONGEST_PURPOSE,
    NewApplication,
    TooManyApplications,
    apply_for_data,
)
from waymark.data_access.services.using import ask_extension, confirm_address, confirm_destruction
from waymark.data_access.terms import CONFIRMED_WITHIN, MOST_MONTHS, TERMS
from waymark.pipeline.data_access import take_data
from waymark.web.middleware.downloads import one_at_a_time
from waymark.web.shared.client_address import client_network
from waymark.web.shared.fields import (
    CheckField,
    EmailField,
    NumberField,
    RadioField,
    ReasonField,
    TextAreaField,
    TextField,
)
from waymark.web.shared.form_guard import GuardedForm
from waymark.web.shared.forms import SiteForm


def _datasets() -> list[tuple[str, str]]:
    return list(dataset_choices().items())


class MonthsField(NumberField):
    """A number of months, as int."""

    def clean(self, value: Any) -> int:
        """The months. Raises ValidationError."""
        months = super().clean(value)
        if months is None or months != int(months) or not 1 <= months <= MOST_MONTHS:
            raise ValidationError(f"Enter a whole number of months from 1 to {MOST_MONTHS}.")
        return int(months)


class ApplicationForm(GuardedForm):
    """An application for restricted data."""

    name = TextField(
        "Your name", missing="Enter your name.", most=200, attrs={"autocomplete": "name"}
    )
    organisation = TextField(
        "Organisation",
        missing="Enter your organisation.",
        most=200,
        attrs={"autocomplete": "organization"},
    )
    address = EmailField(
        "Email address",
        missing="Enter an email address, such as name@example.org.",
        hint="Use the address of your organisation. We send the private link there.",
    )
    dataset = RadioField("Data", _datasets, missing="Choose the data that you need.")
    purpose = TextAreaField(
        "What do you need the data for?",
        missing="Enter what you need the data for.",
        hint="Your question, why published numbers do not answer it, who works with the data, and "
        "what you will publish.",
        rows=8,
        most=LONGEST_PURPOSE,
    )
    ethics = TextField(
        "Ethics approval",
        missing="Enter which committee approved the research, with its number.",
        hint="The committee and its reference number.",
        most=500,
    )
    months = MonthsField(
        "For how many months?", missing="Enter for how many months you need the data."
    )
    accepted = CheckField("I accept the terms", missing="Tick that you accept the terms.")
    visible = ("name", "organisation", "address", "dataset", "purpose", "ethics", "months")

    @property
    def shown_fields(self) -> list[Any]:
        """The fields above the terms."""
        return [self[name] for name in self.visible]

    @property
    def application(self) -> NewApplication:
        """The application of a valid form."""
        names = (*self.visible, "accepted")
        return NewApplication(**{name: self.cleaned_data[name] for name in names})


class ExtensionForm(SiteForm):
    """Why more time is needed."""

    months = MonthsField("How many months more?", missing="Enter how many months more you need.")
    reason = ReasonField("Why?", missing="Enter why you need more time.", rows=3, most=1_000)


@require_safe
def about_access(request: HttpRequest) -> HttpResponse:
    """What restricted data is, who can have it, and how."""
    context = {
        "datasets": dataset_choices(),
        "terms": TERMS,
        "most_months": MOST_MONTHS,
        "months": settings.KEEP_ENQUIRIES_MONTHS,
    }
    return render(request, "data_access/about.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """Apply for restricted data. It needs no account."""
    form = ApplicationForm.of(request)
    status = form.http_status
    if form.is_valid():
        try:
            apply_for_data(
                by=request.user,
                asked=form.application,
                network=client_network(request),
                now=timezone.now(),
            )
        except TooManyApplications as error:
            form.refuse(error)
            status = 429
        except RuleError as error:
            form.refuse(error)
        else:
            return redirect("data-application-sent")
    context = {"form": form, "terms": TERMS}
    status = status if status == 429 else form.http_status
    return render(request, "data_access/apply.html", context, status=status)


@require_safe
def application_sent(request: HttpRequest) -> HttpResponse:
    """What happens after the form was sent. The private link is in the email alone."""
    return render(request, "data_access/sent.html", {"days": CONFIRMED_WITHIN.days})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def application(request: HttpRequest, reference: str, token: str) -> HttpResponseBase:
    """The private page of an applicant: where it stands, the data, more time, destruction."""
    row, now = application_with(reference, token), timezone.now()
    action = str(request.POST.get("do", ""))
    if action == "take":
        return _take(request, row, now)
    if action == "confirm":
        confirm_address(application=row, now=now)
        messages.success(request, "Thank you. Your address is confirmed.")
        return redirect("data-application", reference, token)
    form = ExtensionForm.of(request) if action == "extend" else ExtensionForm()
    if action == "destroyed":
        confirm_destruction(application=row, now=now)
        messages.success(request, "Thank you. We have recorded that you destroyed the data.")
        return redirect("data-application", reference, token)
    if action == "extend" and form.is_valid():
        try:
            ask_extension(application=row, now=now, **form.cleaned_data)
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "We have your request. Two people decide on it.")
            return redirect("data-application", reference, token)
    return _page(request, row, now, form, form.http_status)


def _page(
    request: HttpRequest, row: DataApplication, now: datetime, form: SiteForm, status: int
) -> HttpResponse:
    context = {
        "application": row,
        "dataset": dataset_choices().get(row.dataset, row.dataset),
        "is_open": row.is_open(now),
        "is_over": row.state == AccessState.GRANTED and not row.is_open(now),
        "exports": row.exports.all()[:20],
        "form": form,
        "months": settings.KEEP_ENQUIRIES_MONTHS,
        "days": CONFIRMED_WITHIN.days,
    }
    return render(request, "data_access/application.html", context, status=status)


@one_at_a_time
def _take(request: HttpRequest, row: DataApplication, now: datetime) -> HttpResponseBase:
    """The data as a ZIP; the page, which says why not, once the access has ended."""
    try:
        package = take_data(application=row, now=now)
    except RuleError as error:
        messages.error(request, as_sentence(error))
        return redirect("data-application", row.reference, row.token)
    answer = HttpResponse(package.content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{package.name}"'
    answer["Cache-Control"] = "no-store"
    return answer
