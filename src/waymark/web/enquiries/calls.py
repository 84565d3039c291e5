"""Log the enquiry of somebody who called, also for a copy, a loan or a visit."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.accounts.permissions import require_permission
from waymark.core.errors import NotFound, RuleError
from waymark.enquiries import services
from waymark.enquiries.declaration import current_declaration
from waymark.enquiries.models import EnquiryKind, WantedForm
from waymark.enquiries.queries import desk
from waymark.enquiries.services.copy_requests import CopyDetails
from waymark.library.models import Resource
from waymark.library.queries.resources import resource_for
from waymark.web.shared.fields import (
    CheckField,
    ChoiceField,
    EmailField,
    TextAreaField,
    TextField,
)
from waymark.web.shared.forms import SiteForm

NO_RECORD = (
    "The library has no public record at this address. Copy the address of its page, or leave this "
    "empty for a publication that the library does not have."
)
NOT_DECLARED = (
    "The law asks the person who needs the copy to confirm the declaration in writing. Tick this "
    "once you have it, or ask the caller to use the form on the page of the publication."
)
FOR_COPIES = ("record", "wanted", "part", "declared")


class CallForm(SiteForm):
    """A call that is logged. record, wanted, part, declared: of a copy, a loan or a visit."""

    kind = ChoiceField("Kind", EnquiryKind.choices, missing="Choose the kind.")
    text = TextAreaField(
        "What the caller asks",
        missing="Enter what the caller asks.",
        hint="Do not write down the name of a child or a family.",
        rows=8,
        most=20_000,
    )
    name = TextField("Name of the caller (optional)", most=200)
    phone = TextField("Telephone number (optional)", most=40)
    address = EmailField("Email address", missing="", hint="Without it, call with the answer.")
    record = TextField(
        "Address of the publication in the library",
        hint="For a copy, a loan or a visit: the web address of its page here.",
        most=500,
    )
    wanted = ChoiceField("What they need", [("", "Choose"), *WantedForm.choices])
    part = TextField("Part that they need", hint="For a copy: the chapter or pages.", most=300)
    declared = CheckField("I have the signed declaration of the caller")
    about_caller = ("kind", "text", "name", "phone", "address")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.resource: Resource | None = None
        self.fields["address"].error_messages["invalid"] = (
            "Enter an email address, such as name@example.org, or leave it empty."
        )

    @property
    def fields_of_caller(self) -> list[Any]:
        """The fields of every call."""
        return [self[name] for name in self.about_caller]

    @property
    def fields_of_copy(self) -> list[Any]:
        """The fields of a request for a copy, a loan or a visit."""
        return [self[name] for name in FOR_COPIES]

    def clean_record(self) -> str:
        """The key of a public record. Raises ValidationError if there is none."""
        key = str(self.cleaned_data["record"]).strip().rstrip("/").rpartition("/")[2]
        if key:
            try:
                self.resource = resource_for(key, AnonymousUser(), timezone.now())
            except NotFound as error:
                raise ValidationError(NO_RECORD) from error
        return key

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError for a copy without what it needs."""
        values: dict[str, Any] = super().clean() or {}
        if self.resource is None:
            return values
        faults = {}
        if values.get("kind") != EnquiryKind.COPY:
            faults["kind"] = "Choose the kind Copy or loan, or leave the publication empty."
        if not values.get("wanted"):
            faults["wanted"] = "Choose a copy, a loan or a visit."
        if values.get("wanted") == WantedForm.COPY:
            needed = {
                "part": "Enter the part that the caller needs.",
                "name": "Enter the name of the caller: the declaration needs it.",
                "declared": NOT_DECLARED,
            }
            faults |= {name: words for name, words in needed.items() if not values.get(name)}
        if faults:
            raise ValidationError(faults)
        return values

    def enquiry(self) -> services.NewEnquiry:
        """The enquiry of a valid form."""
        values = {name: self.cleaned_data[name] for name in self.about_caller}
        if self.resource is None:
            return services.NewEnquiry(**values)
        wanted, part = self.cleaned_data["wanted"], self.cleaned_data["part"]
        declared = self.cleaned_data["declared"]
        details = CopyDetails(self.resource, wanted, part, declared)
        return services.NewEnquiry(**values, copy=details)


@require_http_methods(["GET", "HEAD", "POST"])
def log_call(request: HttpRequest) -> HttpResponse:
    """Log the enquiry of somebody who called."""
    require_permission(request.user, desk.HANDLE)
    form = CallForm.of(request)
    if form.is_valid():
        try:
            enquiry = services.log_call(by=request.user, asked=form.enquiry(), now=timezone.now())
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, f"{enquiry.reference} logged.")
            return redirect("enquiry", enquiry.reference)
    context = {"form": form, "declaration": current_declaration()}
    return render(request, "enquiries/call.html", context, status=form.http_status)
