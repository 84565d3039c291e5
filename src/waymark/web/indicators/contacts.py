"""The contacts log of staff, and the highlights of its years that visitors read."""

from datetime import date

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import has_permission, require_permission
from waymark.core.errors import RuleError
from waymark.core.uk_time import uk_date
from waymark.indicators import services
from waymark.indicators.contact_terms import CHANNELS, TOPICS
from waymark.indicators.periods import year_period
from waymark.indicators.queries import contacts as queries
from waymark.indicators.services.contacts import starts_of_year
from waymark.web.shared.fields import ChoiceField, DateField, RadioField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList

CHANGE = ["GET", "HEAD", "POST"]
PUBLISH = "publish indicators"
CONTACTS = StaffList(
    "contact",
    "contacts",
    search=("note",),
    columns=(
        ListColumn("Day", "day", ("day",), falling=True),
        ListColumn("Topic", "topic", ("topic",)),
        ListColumn("Channel", "channel", ("channel",)),
        ListColumn(
            "Referred", "referred", ("referred",), words=("not referred first", "referred first")
        ),
        ListColumn("Note"),
    ),
    order="-day",
    filters=(
        ListFilter("topic", "Topic", TOPICS, lambda value: Q(topic=value)),
        ListFilter("channel", "Channel", CHANNELS, lambda value: Q(channel=value)),
        ListFilter(
            "referred",
            "Referred",
            {"yes": "Referred", "no": "Not referred"},
            lambda value: Q(referred=value == "yes"),
        ),
    ),
)


class LoggedContactForm(SiteForm):
    """A contact, without anybody's name."""

    day = DateField("Day of the contact", missing="Enter the day of the contact.")
    topic = ChoiceField("Topic", [("", "Choose"), *TOPICS.items()], missing="Choose a topic.")
    channel = ChoiceField(
        "Channel", [("", "Choose"), *CHANNELS.items()], missing="Choose a channel."
    )
    referred = RadioField(
        "Referred to children's services or the police?",
        (("yes", "Yes"), ("no", "No")),
        missing="Choose if it was referred.",
    )
    note = TextField(
        "Note", hint="No names, places, dates of birth or numbers of people.", most=200
    )


@require_http_methods(CHANGE)
def contacts_log(request: HttpRequest) -> HttpResponse:
    """The log, and the form to add to it; do=remove takes a contact out again."""
    rows = queries.logged_contacts(request.user)
    number = request.POST.get("remove", "")
    if number.isascii() and number.isdigit() and len(number) < 10:
        return _removed(request, int(number))
    form = LoggedContactForm.of(request, initial={"day": uk_date(timezone.now())})
    if request.method == "POST" and form.is_valid():
        values = {**form.cleaned_data, "referred": form.cleaned_data["referred"] == "yes"}
        try:
            services.log_contact(
                by=request.user, contact=services.ContactDetails(**values), now=timezone.now()
            )
        except RuleError as error:
            form.refuse(error, "note" if "note" in str(error) else None)
        else:
            messages.success(request, "Contact logged.")
            return redirect("contacts-log")
    context = {
        "form": form,
        "list": CONTACTS.view(request, rows),
        "may_publish": has_permission(request.user, PUBLISH),
    }
    return render(request, "indicators/contacts.html", context, status=form.http_status)


def _removed(request: HttpRequest, number: int) -> HttpResponse:
    try:
        services.remove_contact(by=request.user, number=number, now=timezone.now())
    except RuleError as error:
        messages.error(request, f"Nothing was removed: {error}.")
    else:
        messages.success(request, "Contact removed from the log.")
    return redirect("contacts-log")


class HighlightForm(SiteForm):
    """The year of a highlight and how its small numbers are protected."""

    year = ChoiceField("Financial year", missing="Choose a year.")
    profile = RadioField(
        "Small numbers",
        (
            ("k5", "Withhold numbers below 5"),
            ("k3", "Withhold numbers below 3"),
            ("r5", "Round all numbers to 5"),
        ),
        missing="Choose how small numbers are protected.",
    )


def _years() -> list[tuple[str, str]]:
    """Years that are over: 1 April of each, and the year as people write it."""
    this = starts_of_year(uk_date(timezone.now())).year
    years = [year_period("financial", year) for year in range(this - 1, this - 11, -1)]
    return [(period.start.isoformat(), period.key) for period in years]


@require_http_methods(CHANGE)
def publish_highlight(request: HttpRequest) -> HttpResponse:
    """Preview the protected counts of a year, publish them, withdraw a highlight."""
    require_permission(request.user, PUBLISH)
    if request.POST.get("do") == "withdraw":
        return _withdrawn(request)
    form = HighlightForm.of(request, initial={"profile": "k5"})
    form.fields["year"].choices = [("", "Choose"), *_years()]  # type: ignore[attr-defined]
    tables = None
    if request.method == "POST" and form.is_valid():
        starts = date.fromisoformat(form.cleaned_data["year"])
        profile = form.cleaned_data["profile"]
        try:
            if form.action == "publish":
                row = services.publish_highlight(
                    by=request.user, starts=starts, profile=profile, now=timezone.now()
                )
                messages.success(request, "Published.")
                return redirect("helpline-highlight", row.year)
            tables = queries.preview_highlight(starts, profile, request.user)
        except RuleError as error:
            form.refuse(error)
    context = {"form": form, "tables": tables, "highlights": queries.published_highlights()}
    return render(request, "indicators/publish_highlight.html", context, status=form.http_status)


def _withdrawn(request: HttpRequest) -> HttpResponse:
    rows = {row.starts.isoformat(): row for row in queries.published_highlights()}
    row = rows.get(request.POST.get("starts", ""))
    if row is not None:
        services.withdraw_highlight(by=request.user, starts=row.starts, now=timezone.now())
        messages.success(request, f"The highlight of {row.year} is withdrawn.")
    return redirect("publish-highlight")


@require_safe
def helpline_highlight(request: HttpRequest, year: str) -> HttpResponse:
    """Protected counts of the contacts of a year."""
    change = queries.highlight_of(year)
    context = {"change": change, "row": change.highlight, "tables": change.highlight.tables}
    return render(request, "indicators/highlight.html", context)
