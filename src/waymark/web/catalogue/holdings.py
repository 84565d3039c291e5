"""Where a publication can be read: the tab "How to get it" of a resource."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.core.errors import RuleError
from waymark.library.models import HoldingKind
from waymark.library.queries import cataloguing as queries
from waymark.library.services.holdings import add_holding, remove_holding
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.fields import CODE, RadioField, TextField
from waymark.web.shared.forms import SiteForm


class HoldingForm(SiteForm):
    """A place or way to get a publication."""

    kind = RadioField("How can people get it?", HoldingKind.choices, missing="Choose one.")
    place = TextField("Library or site", hint="For example, British Library.", most=200)
    address = TextField("Web address", most=500, attrs=CODE)
    note = TextField("Note (optional)", hint="For example, a shelf mark or opening days.", most=300)


@require_http_methods(["GET", "HEAD", "POST"])
def resource_holdings(request: HttpRequest, key: str) -> HttpResponse:
    """The places of a publication; add one, or remove it."""
    resource = queries.resource_to_catalogue(key, request.user)
    number = whole_number(str(request.POST.get("remove", "")))
    if number is not None:
        remove_holding(by=request.user, resource=resource, holding=number, now=timezone.now())
        messages.success(request, "Removed.")
        return redirect("resource-holdings", key)
    form = HoldingForm.of(request)
    if form.is_valid():
        try:
            add_holding(by=request.user, resource=resource, now=timezone.now(), **form.cleaned_data)
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Added.")
            return redirect("resource-holdings", key)
    context = {"record": resource, "form": form, "holdings": resource.holdings.all()}
    return render(request, "catalogue/holdings.html", context, status=form.http_status)
