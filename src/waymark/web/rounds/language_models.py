"""Staff page on which an administrator enters the address of a language model."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.accounts.permissions import require_permission
from waymark.coding import services
from waymark.coding.queries import machines as queries
from waymark.core.errors import NotFound, RuleError
from waymark.web.rounds.suggesters import CHANGE, require_on
from waymark.web.shared.fields import CheckField, TextField
from waymark.web.shared.forms import SiteForm


class ConnectionForm(SiteForm):
    """The address of a language model."""

    address = TextField(
        "Address",
        missing="Enter the address of the language model.",
        hint="Of its chat interface, such as https://models.example/v1/chat/completions.",
        most=500,
    )
    model = TextField("Model", missing="Enter the name of the model.", most=100)
    private = CheckField("Its server is on our own network")


@require_http_methods(CHANGE)
def connect_language_model(request: HttpRequest) -> HttpResponse:
    """Enter the address of a language model."""
    require_permission(request.user, queries.CONNECT)
    require_on()
    if not settings.LANGUAGE_MODELS:
        raise NotFound(queries.NO_LANGUAGE_MODELS)
    form = ConnectionForm.of(request)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            machine = services.connect_language_model(
                by=request.user,
                address=values["address"],
                model=values["model"],
                private=values["private"],
                now=timezone.now(),
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, f"{machine.name} added. It suggests only when it is asked.")
            return redirect("suggester", machine.pk)
    return render(request, "suggestions/connect.html", {"form": form}, status=form.http_status)
