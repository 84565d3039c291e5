"""Subscribers for staff: counts, list, one subscriber, and signing up a person who phones.

A list names nobody in full, and there is no export. An address is looked up by POST, so that it
stays out of addresses and logs.
"""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from waymark.accounts.permissions import require_permission
from waymark.alerts import wordings
from waymark.alerts.choices import SubscriptionChoice, from_rows, topic_choice
from waymark.alerts.models import AlertList, FollowedFrequency, SignUpSource, Subscriber
from waymark.alerts.queries import subscriber_lists as queries
from waymark.alerts.queries.alert_lists import CHOSEN_LISTS
from waymark.alerts.queries.subscriber_lists import OF_STATE, SubscriberState
from waymark.alerts.queries.subscribers import MANAGE, lists_in_words
from waymark.alerts.services import erasure, sign_ups, subscriptions
from waymark.alerts.services.sign_ups import SignUpRequest
from waymark.core.errors import RuleError
from waymark.library.queries.topics import topic_names
from waymark.web.alerts.address_field import AddressField
from waymark.web.alerts.sign_up import NO_CHOICE
from waymark.web.shared.fields import RadioField, TicksField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList

STATES = {
    SubscriberState.CONFIRMED: "Confirmed",
    SubscriberState.UNCONFIRMED: "Not confirmed",
    SubscriberState.STOPPED: "Stopped",
    SubscriberState.ERASED: "Erased",
}
SUBSCRIBERS = StaffList(
    "subscriber",
    "subscribers",
    search=(),
    columns=(
        ListColumn("Subscriber", "number", ("pk",), falling=True),
        ListColumn("State"),
        ListColumn("Alerts"),
        ListColumn("Signed up", "signed-up", ("created_at",), falling=True),
    ),
    order="-number",
    filters=(
        ListFilter(
            "state",
            "State",
            {str(state): label for state, label in STATES.items()},
            lambda value: OF_STATE[SubscriberState(value)],
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    """A subscriber in the list. name: their address, masked."""

    subscriber: Subscriber
    name: str
    state: str
    alerts: list[str]


@require_safe
def subscriber_list(request: HttpRequest) -> HttpResponse:
    """Counts, and all subscribers, the latest first."""
    view = SUBSCRIBERS.view(request, queries.listed_subscribers(request.user))
    choices = queries.choices_of(view.rows)
    rows = [
        SubscriberRow(
            row,
            queries.masked(row.address),
            STATES[queries.state_of(row)],
            lists_in_words(choices[row.pk]),
        )
        for row in view.rows
    ]
    counts = queries.subscriber_counts(request.user)
    context = {
        "list": view,
        "rows": rows,
        "states": [(STATES[state], number) for state, number in counts.of_state.items()],
        "lists": [(row.label, number) for row, number in counts.of_list.items()],
    }
    return render(request, "alerts/staff/subscribers.html", context)


@require_POST
def find_subscriber(request: HttpRequest) -> HttpResponse:
    """The subscriber with exactly the address that was typed."""
    subscriber = queries.subscriber_at(request.POST.get("address", ""), request.user)
    if subscriber is None:
        messages.error(request, "Nobody subscribes with this address. Check its spelling.")
        return redirect("subscribers")
    return redirect("subscriber", number=subscriber.pk)


# ---- one subscriber ----


@require_http_methods(["GET", "HEAD", "POST"])
def subscriber_page(request: HttpRequest, number: int) -> HttpResponse:
    """What is stored of a subscriber; stop, undo a stop, erase."""
    subscriber = queries.subscriber_with(number, request.user)
    if request.method == "POST":
        try:
            messages.success(request, _apply_action(request, subscriber))
        except RuleError as error:
            messages.error(request, f"Nothing was changed: {error}.")
        return redirect("subscriber", number=number)
    record = queries.subscriber_record(number, request.user)
    own_stop = subscriber.stopped_because in subscriptions.OWN_STOPS
    context = {
        "record": record,
        "state": STATES[record.state],
        "consents": [(row, lists_in_words(from_rows(row.choices))) for row in record.consents],
        "wordings": wordings.WORDINGS,
        "may_undo": record.state == SubscriberState.STOPPED and not own_stop,
        "may_stop": record.state == SubscriberState.CONFIRMED,
        "may_erase": record.state != SubscriberState.ERASED,
    }
    return render(request, "alerts/staff/subscriber.html", context)


def _apply_action(request: HttpRequest, subscriber: Subscriber) -> str:
    """Do what the sent form asks for, and return a message. Raises RuleError."""
    by, now = request.user, timezone.now()
    action = request.POST.get("action", "")
    if action == "stop":
        subscriptions.stop_subscriber(by=by, subscriber=subscriber, now=now)
        return "This person receives no more alerts."
    if action == "undo":
        subscriptions.undo_stop(by=by, subscriber=subscriber, now=now)
        return "This person receives alerts again."
    if action == "erase":
        if not request.POST.get("sure"):
            raise RuleError("tick the box to erase this subscriber")
        erasure.erase_subscriber(by=by, subscriber=subscriber, now=now)
        return "This subscriber is erased."
    raise RuleError("choose a button on this page")


# ---- a person who phones or writes ----


class CallerForm(SiteForm):
    """Sign-up of a person who phoned or wrote."""

    email = AddressField()
    source = RadioField(
        "How did they ask?",
        [(row.value, str(row.label)) for row in (SignUpSource.PHONE, SignUpSource.EMAIL)],
        missing="Choose how they asked.",
    )
    lists = TicksField("Regular alerts", [(row.value, row.label) for row in CHOSEN_LISTS])
    topics = TicksField("Topics they follow", ())
    frequency = RadioField("How often we send topics", FollowedFrequency.choices)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, initial={"frequency": FollowedFrequency.WEEKLY}, **options)
        self.topic_names = topic_names()
        cast(Any, self.fields["topics"]).choices = list(self.topic_names.items())
        if not self.topic_names:
            del self.fields["topics"], self.fields["frequency"]

    def clean(self) -> dict[str, Any]:
        """At least one choice."""
        values = super().clean() or {}
        if not self.errors and not values["lists"] and not values.get("topics"):
            self.add_error("lists", NO_CHOICE)
        return values

    @property
    def request(self) -> SignUpRequest:
        """What a valid form asks for."""
        values = self.cleaned_data
        lists = [SubscriptionChoice(AlertList(name).value) for name in values["lists"]]
        topics = [topic_choice(key, self.topic_names[key]) for key in values.get("topics", ())]
        return SignUpRequest(values["email"], [*lists, *topics], values.get("frequency", ""))


@require_http_methods(["GET", "HEAD", "POST"])
def add_subscriber(request: HttpRequest) -> HttpResponse:
    """Sign up a person who phoned or wrote: they confirm by the same letter as everyone."""
    require_permission(request.user, MANAGE)
    form = CallerForm.of(request)
    if form.is_valid():
        try:
            subscriber = sign_ups.sign_up_caller(
                by=request.user,
                request=form.request,
                source=SignUpSource(form.cleaned_data["source"]),
                now=timezone.now(),
            )
        except RuleError as error:
            form.refuse(error, "email")
        else:
            messages.success(request, "We have emailed this person a link to confirm.")
            return redirect("subscriber", number=subscriber.pk)
    context = {"form": form, "wording": wordings.WORDINGS[wordings.CURRENT]}
    return render(request, "alerts/staff/add.html", context, status=form.http_status)
