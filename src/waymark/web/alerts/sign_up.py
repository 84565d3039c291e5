"""The public page of the alerts, the form on it, and the page that confirms a sign-up."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.alerts import wordings
from waymark.alerts.choices import SubscriptionChoice, from_rows
from waymark.alerts.models import AlertList, FollowedFrequency
from waymark.alerts.queries.alert_lists import CHOSEN_LISTS, list_summaries
from waymark.alerts.queries.subscribers import (
    SignUpState,
    lists_in_words,
    sign_up_of,
    sign_up_state,
)
from waymark.alerts.services import sign_ups as services
from waymark.alerts.services.sign_ups import LinkExpired, SignUpRequest, TooManySignUps
from waymark.core.errors import NotFound
from waymark.library.queries.topics import topic_names
from waymark.web.alerts.address_field import AddressField
from waymark.web.alerts.followed import searches_in, topics_in
from waymark.web.shared.client_address import client_network
from waymark.web.shared.fields import RadioField, TicksField
from waymark.web.shared.form_guard import GuardedForm

NO_CHOICE = "Choose at least one alert."


class SignUpForm(GuardedForm):
    """Address and choices. What a link requested to follow is offered, ticked."""

    email = AddressField()
    lists = TicksField("Regular alerts", [(row.value, row.label) for row in CHOSEN_LISTS])
    topics = TicksField("Topics you follow", ())
    searches = TicksField("Searches you follow", ())
    frequency = RadioField(
        "How often do you want to hear about what you follow?", FollowedFrequency.choices
    )

    def __init__(self, *args: Any, requested: dict[str, list[str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.followed = [
            *topics_in(requested["topics"], topic_names()),
            *searches_in(requested["searches"]),
        ]
        self._offer("topics", AlertList.TOPICS)
        self._offer("searches", AlertList.SEARCHES)
        if not self.followed:
            del self.fields["frequency"]
        self.initial.setdefault("lists", requested["lists"])
        self.initial.setdefault("frequency", FollowedFrequency.WEEKLY)

    def _offer(self, name: str, alert_list: AlertList) -> None:
        choices = [(_value(row), row.name) for row in self.followed if row.alert_list == alert_list]
        if not choices:
            del self.fields[name]
            return
        cast(Any, self.fields[name]).choices = choices
        self.initial.setdefault(name, [value for value, _ in choices])

    def clean(self) -> dict[str, Any]:
        """At least one choice."""
        values = super().clean() or {}
        if not self.errors and not self.choices_of(values):
            self.add_error("lists", NO_CHOICE)
        return values

    def choices_of(self, values: dict[str, Any]) -> list[SubscriptionChoice]:
        """The choices of a valid form."""
        ticked = {*values.get("topics", ()), *values.get("searches", ())}
        lists = [SubscriptionChoice(name) for name in values.get("lists", ())]
        return [*lists, *(row for row in self.followed if _value(row) in ticked)]

    @property
    def request(self) -> SignUpRequest:
        """What a valid form asks for."""
        values = self.cleaned_data
        frequency = values.get("frequency", "")
        return SignUpRequest(values["email"], self.choices_of(values), frequency)


def _value(choice: SubscriptionChoice) -> str:
    """The value of a followed topic or search in the form."""
    return choice.search or choice.followed.removeprefix("topic ")


@require_http_methods(["GET", "HEAD", "POST"])
def alerts_page(request: HttpRequest) -> HttpResponse:
    """What each list is, and the form to sign up."""
    sent = request.POST if request.method == "POST" else request.GET
    requested = {
        "topics": sent.getlist("topics") or sent.getlist("topic"),
        "searches": sent.getlist("searches") or sent.getlist("search"),
        "lists": sent.getlist("list"),
    }
    form = SignUpForm.of(request, requested=requested)
    if not form.is_valid():
        return _alerts_page(request, form)
    try:
        services.sign_up(
            by=request.user,
            request=form.request,
            network=client_network(request),
            now=timezone.now(),
        )
    except TooManySignUps as error:
        return _alerts_page(request, form, closed=f"{error}.")
    # No redirect: the address must not be in another address, and sending it again does nothing.
    answer = render(request, "alerts/check_email.html", {"address": form.cleaned_data["email"]})
    answer["Cache-Control"] = "no-store"
    return answer


def _alerts_page(request: HttpRequest, form: SignUpForm, closed: str = "") -> HttpResponse:
    status = 429 if closed else form.http_status
    context = {
        "form": form,
        "closed": closed,
        "lists": list_summaries(),
        "wording": wordings.WORDINGS[wordings.CURRENT],
    }
    answer = render(request, "alerts/alerts.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_page(request: HttpRequest, token: str) -> HttpResponse:
    """One button. GET changes nothing: programs that check emails open every link in them."""
    now = timezone.now()
    try:
        sign_up = sign_up_of(token)
    except NotFound:
        return _expired_page(request)
    newly = False
    if request.method == "POST":
        try:
            sign_up, newly = services.confirm_sign_up(token=token, now=now)
        except (LinkExpired, NotFound):
            return _expired_page(request)
    state = sign_up_state(sign_up, now)
    if state == SignUpState.EXPIRED:
        return _expired_page(request)
    context = {
        "address": sign_up.address,
        "lists": lists_in_words(from_rows(sign_up.choices)),
        "state": str(state),
        "newly": newly,
        "preferences": sign_up.subscriber.token,
    }
    answer = render(request, "alerts/confirm.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _expired_page(request: HttpRequest) -> HttpResponse:
    answer = render(request, "alerts/expired.html", status=410)
    answer["Cache-Control"] = "no-store"
    return answer
