"""Sign-ups for tests: asked, confirmed."""

from datetime import timedelta

from tests.factories import NOON
from waymark.alerts.choices import SubscriptionChoice
from waymark.alerts.models import SignUp, Subscriber
from waymark.alerts.services.sign_ups import SignUpRequest, confirm_sign_up, sign_up

WEEKLY = SubscriptionChoice("weekly")
LIBRARY = SubscriptionChoice("library")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def ask(address="ann@a.example", *choices, now=NOON, network="192.0.2.1", frequency=""):
    """Sign up on the website."""
    request = SignUpRequest(address, choices or (WEEKLY,), frequency)
    sign_up(by=None, request=request, network=network, now=now)


def waiting(address="ann@a.example") -> SignUp:
    """The sign-up that this address has to confirm."""
    return SignUp.objects.get(address__iexact=address, confirmed_at=None)


def subscribe(address="ann@a.example", *choices, now=NOON, frequency="") -> Subscriber:
    """Sign up and confirm."""
    ask(address, *choices, now=now, frequency=frequency)
    confirmed, _ = confirm_sign_up(token=waiting(address).token, now=now)
    return Subscriber.objects.get(pk=confirmed.subscriber_id)
