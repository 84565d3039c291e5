"""Ask for a copy of a part of a publication, for a loan, or to read it on a visit."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.enquiries import services
from waymark.enquiries.declaration import current_declaration
from waymark.enquiries.models import EnquiryKind, WantedForm
from waymark.enquiries.services.copy_requests import CopyDetails
from waymark.library.models import Resource
from waymark.library.queries.resources import resource_for
from waymark.web.enquiries.ask import help_first, needs_help_first
from waymark.web.shared.client_address import client_network
from waymark.web.shared.fields import (
    CheckField,
    EmailField,
    HiddenField,
    RadioField,
    TextAreaField,
    TextField,
)
from waymark.web.shared.form_guard import GuardedForm

NOT_DECLARED = "Confirm each point of the declaration: the law asks for it before we make a copy."


class CopyForm(GuardedForm):
    """A request for a copy, a loan or a visit."""

    seen_help = HiddenField()
    wanted = RadioField("What do you need?", WantedForm.choices, missing="Choose what you need.")
    part = TextField(
        "Part that you need",
        hint="For a copy: the chapter or pages, such as chapter 3 or pages 40 to 52.",
        most=300,
    )
    declared = CheckField("I confirm each of these points")
    name = TextField("Name", most=200, attrs={"autocomplete": "name"}, hint="Needed for a copy.")
    address = EmailField("Email address", missing="", hint="We send our answer there.")
    phone = TextField(
        "Telephone number (optional)", most=40, attrs={"autocomplete": "tel", "inputmode": "tel"}
    )
    text = TextAreaField("Anything else (optional)", rows=4, most=5_000)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["address"].error_messages["invalid"] = (
            "Enter an email address, such as name@example.org."
        )

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError without a way to answer, and without what a copy needs."""
        values: dict[str, Any] = super().clean() or {}
        faults = {}
        if "address" in values and not values["address"] and not values.get("phone"):
            faults["address"] = "Enter an email address or a telephone number."
        if values.get("wanted") == WantedForm.COPY:
            faults |= {
                name: message
                for name, message in (
                    ("part", "Enter the part that you need."),
                    ("declared", NOT_DECLARED),
                    ("name", "Enter your name: the declaration needs it."),
                )
                if name in values and not values[name]
            }
        if faults:
            raise ValidationError(faults)
        return values

    def enquiry(self, resource: Resource) -> services.NewEnquiry:
        """The enquiry of a valid form."""
        values = self.cleaned_data
        form_of_copy = str(WantedForm(values["wanted"]).label)
        short = form_of_copy.partition(" of a")[0].partition(" to ")[0]
        lines = [f"{form_of_copy}: {resource.title}", values["part"], values["text"]]
        return services.NewEnquiry(
            kind=EnquiryKind.COPY,
            text="\n\n".join(filter(None, lines)),
            subject=f"{short}: {resource.title}"[:200],
            name=values["name"],
            address=values["address"],
            phone=values["phone"],
            asked_from=reverse("resource", args=[resource.key]),
            copy=CopyDetails(resource, values["wanted"], values["part"], values["declared"]),
            form=self.shown_mark,
        )


@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_copy(request: HttpRequest, key: str) -> HttpResponse:
    """The form for one publication. It needs no account."""
    resource = resource_for(key, request.user, timezone.now())
    form = CopyForm.of(request)
    status = form.http_status
    if form.action != "change" and form.is_valid():
        if needs_help_first(form):
            return help_first(request, form, "ask-for-copy", key)
        try:
            enquiry = services.take_enquiry(
                by=request.user,
                asked=form.enquiry(resource),
                network=client_network(request),
                now=timezone.now(),
            )
        except services.TooManyEnquiries as error:
            form.refuse(error)
            status = 429
        else:
            return redirect("enquiry-thread", enquiry.reference, enquiry.token)
    elif form.action == "change":
        form = CopyForm(initial={name: form[name].value() for name in form.fields})
        status = 200
    elif form.is_bound:
        status = form.http_status
    context = {
        "resource": resource,
        "form": form,
        "declaration": current_declaration(),
        "days": settings.ANSWER_DAYS,
        "months": settings.KEEP_ENQUIRIES_MONTHS,
    }
    answer = render(request, "enquiries/copy.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
