"""The list of feeds that are fetched for the Weekly alert: for administrators."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from waymark.alerts.queries import candidates as queries
from waymark.alerts.services import sources as services
from waymark.core.errors import RuleError
from waymark.library.queries.topics import topic_names
from waymark.web.shared.fields import CODE, ChoiceField, TextField
from waymark.web.shared.forms import SiteForm


def topic_choices() -> list[tuple[str, str]]:
    """The names of the topics, and none."""
    return [("", "No topic"), *((name, name) for name in topic_names().values())]


class FeedForm(SiteForm):
    """A new feed."""

    name = TextField("Name of the publisher", missing="Enter a name.", most=200)
    address = TextField(
        "Address of the feed",
        missing="Enter the address of the feed.",
        hint="It begins with https:// and is of an Atom or RSS feed, not of a web page.",
        most=1_000,
        attrs=CODE,
    )
    topic = ChoiceField(
        "Topic (optional)", topic_choices, hint="Proposed for everything that the feed brings."
    )


@require_http_methods(["GET", "HEAD", "POST"])
def feeds(request: HttpRequest) -> HttpResponse:
    """All feeds with what went wrong, and the form for a new one."""
    rows = list(queries.sources(request.user))
    form = FeedForm.of(request)
    if form.is_valid():
        try:
            services.add_source(by=request.user, now=timezone.now(), **form.cleaned_data)
        except RuleError as error:
            form.refuse(error, "address")
        else:
            messages.success(request, "Feed added. It is fetched within a minute.")
            return redirect("alert-feeds")
    context = {"feeds": rows, "form": form}
    return render(request, "alerts/feeds.html", context, status=form.http_status)


@require_POST
def change_feed(request: HttpRequest, number: int) -> HttpResponse:
    """Remove a feed from the list, or fetch it again."""
    source, now = queries.source_for(number, request.user), timezone.now()
    if request.POST.get("do") == "remove":
        services.end_source(by=request.user, source=source, now=now)
        messages.success(request, f"“{source.name}” is no longer fetched.")
    else:
        services.retry_source(by=request.user, source=source, now=now)
        messages.success(request, f"“{source.name}” is fetched within a minute.")
    return redirect("alert-feeds")
