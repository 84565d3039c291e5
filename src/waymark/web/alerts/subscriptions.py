"""Pages of a subscriber, by the links in their emails: preferences and unsubscribing."""

from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from waymark.alerts import wordings
from waymark.alerts.choices import SubscriptionChoice, topic_choice
from waymark.alerts.models import AlertList, FollowedFrequency, Subscriber
from waymark.alerts.queries.alert_lists import CHOSEN_LISTS
from waymark.alerts.queries.subscribers import current_choices, subscriber_of
from waymark.alerts.services import erasure, sign_ups, subscriptions
from waymark.alerts.services.sign_ups import TooManySignUps
from waymark.core.errors import NotFound, RuleError
from waymark.library.queries.topics import topic_names
from waymark.web.alerts.address_field import AddressField
from waymark.web.middleware.errors import ErrorExplanation, error_page
from waymark.web.shared.client_address import client_network
from waymark.web.shared.fields import RadioField, TicksField
from waymark.web.shared.forms import SiteForm


class PreferencesForm(SiteForm):
    """What a subscriber receives: any list and any topic, and the searches that they follow."""

    lists = TicksField("Regular alerts", [(row.value, row.label) for row in CHOSEN_LISTS])
    topics = TicksField("Topics you follow", ())
    searches = TicksField("Searches you follow", (), hint="Untick a search to stop following it.")
    frequency = RadioField("How often we send topics and searches", FollowedFrequency.choices)

    def __init__(self, *args: Any, subscriber: Subscriber, **options: Any) -> None:
        current = current_choices(subscriber)
        of_list = {
            row: [choice for choice in current if choice.alert_list == row] for row in AlertList
        }
        # A topic may have been withdrawn since: it stays here under the name that it had.
        followed = {row.followed.removeprefix("topic "): row for row in of_list[AlertList.TOPICS]}
        self.topic_names = {key: row.name for key, row in followed.items()} | topic_names()
        self.followed_searches = {row.followed: row for row in of_list[AlertList.SEARCHES]}
        initial = {
            "lists": [row.value for row in CHOSEN_LISTS if of_list[row]],
            "topics": list(followed),
            "searches": list(self.followed_searches),
            "frequency": subscriber.followed_frequency,
        }
        super().__init__(*args, initial=initial, **options)
        cast(Any, self.fields["topics"]).choices = list(self.topic_names.items())
        if self.followed_searches:
            names = [(key, row.name) for key, row in self.followed_searches.items()]
            cast(Any, self.fields["searches"]).choices = names
        else:
            del self.fields["searches"]

    @property
    def choices(self) -> list[SubscriptionChoice]:
        """The choices of a valid form."""
        values = self.cleaned_data
        return [
            *(SubscriptionChoice(name) for name in values["lists"]),
            *(topic_choice(key, self.topic_names[key]) for key in values["topics"]),
            *(self.followed_searches[key] for key in values.get("searches", ())),
        ]


class NewAddressForm(SiteForm):
    """Another address of the same subscriber."""

    email = AddressField("New email address")


@require_http_methods(["GET", "HEAD", "POST"])
def preferences_page(request: HttpRequest, token: str) -> HttpResponse:
    """Change what a subscriber receives."""
    subscriber = subscriber_of(token)
    form = PreferencesForm.of(request, subscriber=subscriber)
    if form.is_valid():
        subscriptions.change_preferences(
            by=request.user,
            token=token,
            choices=form.choices,
            frequency=form.cleaned_data["frequency"],
            now=timezone.now(),
        )
        messages.success(request, "Your choices are saved.")
        return redirect("alert-preferences", token=token)
    return _preferences_page(request, subscriber, form, NewAddressForm())


def _preferences_page(
    request: HttpRequest, subscriber: Subscriber, form: PreferencesForm, address: NewAddressForm
) -> HttpResponse:
    context = {
        "subscriber": subscriber,
        "form": form,
        "address_form": address,
        "wording": wordings.WORDINGS[wordings.CURRENT],
    }
    status = max(form.http_status, address.http_status)
    return _private(render(request, "alerts/preferences.html", context, status=status))


@require_POST
def change_address(request: HttpRequest, token: str) -> HttpResponse:
    """Send a letter to another address of the subscriber; nothing changes before it confirms."""
    subscriber = subscriber_of(token)
    address = NewAddressForm.of(request)
    if address.is_valid():
        try:
            sign_ups.request_new_address(
                by=request.user,
                token=token,
                address=address.cleaned_data["email"],
                network=client_network(request),
                now=timezone.now(),
            )
        except (RuleError, TooManySignUps) as error:
            address.refuse(error, "email")
        else:
            messages.success(
                request,
                "We have sent an email to your new address. Until you use the link in it, your "
                "alerts go to the present one.",
            )
            return redirect("alert-preferences", token=token)
    form = PreferencesForm(subscriber=subscriber)
    return _preferences_page(request, subscriber, form, address)


@require_POST
def stop_all(request: HttpRequest, token: str) -> HttpResponse:
    """End all alerts of a subscriber."""
    subscriptions.stop_all(by=request.user, token=token, now=timezone.now())
    messages.success(request, "You receive no more alerts. You can choose some again here.")
    return redirect("alert-preferences", token=token)


@require_http_methods(["GET", "HEAD", "POST"])
def erase_page(request: HttpRequest, token: str) -> HttpResponse:
    """Erase all that is stored of a subscriber, after a page that says what that is."""
    subscriber = subscriber_of(token)
    if request.method == "POST":
        erasure.erase_own(by=request.user, token=token, now=timezone.now())
        return redirect("alert-erased")
    return _private(render(request, "alerts/erase.html", {"subscriber": subscriber}))


@require_safe
def erased_page(request: HttpRequest) -> HttpResponse:
    """The page after that."""
    return render(request, "alerts/erased.html")


NOT_UNSUBSCRIBED = ErrorExplanation(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "You are not unsubscribed yet",
    "The site could not save this at the moment.",
    "Try again in a few minutes.",
    retry_after=120,
)


# RFC 8058: mail programs send this without a cookie, with any body or none. The body is not read.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str, alert_list: str) -> HttpResponse:
    """End a list with one click. GET changes nothing and shows a button.

    The answer is the same for every token, so that nobody learns from it which ones exist.
    """
    if alert_list not in AlertList.values:
        raise NotFound(f"there is no alert {alert_list}")
    if request.method == "POST":
        try:
            subscriptions.unsubscribe(token=token, alert_list=alert_list, now=timezone.now())
        except DatabaseError:
            return error_page(request, NOT_UNSUBSCRIBED)
    context = {
        "name": AlertList(alert_list).label,
        "token": token,
        "done": request.method == "POST",
    }
    return _private(render(request, "alerts/unsubscribe.html", context))


def _private(answer: HttpResponse) -> HttpResponse:
    """An answer that no cache stores."""
    answer["Cache-Control"] = "no-store"
    return answer
