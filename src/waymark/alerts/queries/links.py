"""Addresses in the emails of the alerts."""

from django.conf import settings

from waymark.alerts.models import AlertList, Subscriber


def preferences_address(subscriber: Subscriber) -> str:
    """Page on which the subscriber changes what they receive, without a password."""
    return f"{_site()}/alerts/preferences/{subscriber.token}/"


def unsubscribe_address(subscriber: Subscriber, alert_list: AlertList | str) -> str:
    """Address that ends a list: for List-Unsubscribe (RFC 8058), and for people, as a page."""
    return f"{_site()}/alerts/unsubscribe/{subscriber.token}/{alert_list}/"


def _site() -> str:
    return str(getattr(settings, "SITE_ADDRESS", "http://localhost:8000"))
