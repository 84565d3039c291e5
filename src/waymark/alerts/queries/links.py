"""Addresses in the emails of the alerts."""

from django.conf import settings
from django.urls import reverse

from waymark.alerts.models import AlertList, SignUp, Subscriber


def preferences_address(subscriber: Subscriber) -> str:
    """Page on which the subscriber changes what they receive, without a password."""
    return _absolute("alert-preferences", subscriber.token)


def unsubscribe_address(subscriber: Subscriber, alert_list: AlertList | str) -> str:
    """Address that ends a list: for List-Unsubscribe (RFC 8058), and for people, as a page."""
    return _absolute("alert-unsubscribe", subscriber.token, str(alert_list))


def confirm_address(sign_up: SignUp) -> str:
    """Page with the button that confirms a sign-up."""
    return _absolute("alert-confirm", sign_up.token)


def _absolute(name: str, *parts: str) -> str:
    return f"{settings.SITE_ADDRESS}{reverse(name, args=parts)}"
