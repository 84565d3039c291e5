"""What a person who has signed in must do first: choose a password, add a second factor."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.deprecation import MiddlewareMixin

from waymark.accounts.models import User
from waymark.accounts.second_factor import needs_factor
from waymark.accounts.sessions import FACTOR_ELSEWHERE

OPEN = {
    "password": {"account-link", "password", "sign-out"},
    "second-factor": {"account-link", "password", "passkeys", "second-factor", "sign-out"},
}
"""Page of a step -> names of the pages that are open before it is taken."""


class FirstSteps(MiddlewareMixin):
    """Middleware that leads to the page of the step that a person has not taken yet."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: Any
    ) -> HttpResponse | None:
        """Redirect to the next step; None if there is none."""
        # Without the cookie nobody is signed in, and asking would make the page vary by it.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        here = request.resolver_match
        step = next_step(request, request.user) if isinstance(request.user, User) else None
        if step is None or (here is not None and here.url_name in OPEN[step]):
            return None
        return redirect(step)


def next_step(request: HttpRequest, person: User) -> str | None:
    """Name of the page of the step that comes next."""
    if person.first_password_until is not None:
        return "password"
    if request.session.get(FACTOR_ELSEWHERE):
        return None
    return "second-factor" if needs_factor(person) else None
