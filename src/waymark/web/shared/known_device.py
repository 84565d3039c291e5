"""Signed cookie of a browser in which an account has signed in before.

It opens nothing. It only tells at sign-in that a person is where they were before, so that the
wrong tries of others do not make them wait.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from waymark.accounts.models import User
from waymark.accounts.sign_in import Device

SALT = "known device"
KEPT = timedelta(days=180)
MOST_ACCOUNTS = 10


def _name() -> str:
    return "__Host-device" if settings.HTTPS else "device"


def known_device(request: HttpRequest) -> Device | None:
    """The device of a request; None without a cookie, or for one that is not ours."""
    try:
        mark, accounts = signing.loads(request.COOKIES.get(_name(), ""), salt=SALT, max_age=KEPT)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return Device(mark, tuple(accounts))


def remember_device(request: HttpRequest, answer: HttpResponse, person: User) -> HttpResponse:
    """The answer with a cookie by which the device is known when this person signs in again."""
    device = known_device(request) or Device(secrets.token_hex(16), ())
    others = [number for number in device.accounts if number != person.pk]
    answer.set_cookie(
        _name(),
        signing.dumps([device.mark, [person.pk, *others][:MOST_ACCOUNTS]], salt=SALT),
        max_age=KEPT,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return answer
