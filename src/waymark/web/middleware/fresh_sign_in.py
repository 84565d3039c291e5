"""Grave acts need a password or passkey that was used within the last 10 minutes.

A person who finds a signed-in browser cannot publish, withdraw or erase, change what people may do,
or see restricted numbers. What was sent is not lost: the page that asks for it sends it again
with it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.views.decorators.debug import sensitive_variables

from waymark.accounts.models import User
from waymark.accounts.proofs import confirm_passkey, confirm_password
from waymark.accounts.sessions import CONFIRMED, is_fresh
from waymark.core.errors import NotPermitted, RuleError
from waymark.web.shared.fields import PasswordField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.passkey_forms import PasskeyField, question, take_answer

ANY: frozenset[str] = frozenset()
GRAVE: Mapping[str, frozenset[str]] = {
    # publish and withdraw
    "report-state": ANY,
    "resource-state": ANY,
    "review-state": ANY,
    "publish-review": ANY,
    "deposit-check": frozenset({"publish"}),
    "sign-briefing": ANY,
    "sign-report": ANY,
    "indicator-state": ANY,
    "course-state": ANY,
    "bulk-preview": ANY,
    "bulk-undo": ANY,
    "original-decision": ANY,
    "concern-check": ANY,
    "preview-alert": ANY,
    "framework-version": frozenset({"publish"}),
    "inquiry-scheme": ANY,
    "edit-annual-report": frozenset({"publish", "withdraw"}),
    "publish-highlight": frozenset({"publish", "withdraw"}),
    "edit-answer": frozenset({"publish", "withdraw"}),
    "edit-topic": frozenset({"withdraw", "restore"}),
    "edit-alert-item": frozenset({"withdraw"}),
    "edit-other-overview": frozenset({"list", "unlist"}),
    "withdraw-briefing": ANY,
    "withdraw-overview": ANY,
    "withdraw-report": ANY,
    "withdraw-resource": ANY,
    "withdraw-review": ANY,
    # erase
    "report-keeping": ANY,
    "subscriber": frozenset({"erase"}),
    # accounts
    "manage-account": ANY,
    "invite-account": ANY,
    "body-contacts": ANY,
    # restricted numbers and data
    "decide-data-application": ANY,
    "withheld-cell": ANY,
    "coding-export": ANY,
    "coding-results": ANY,
    "connect-language-model": ANY,
}
"""Name of a page -> the buttons ("do" or "action") of its forms that need it; ANY for all.

tests/web/test_fresh_sign_in.py says of every other form why it needs none.
"""
AT_ONCE: Mapping[str, str] = {"concern-check": "hide"}
"""The button of a grave page that must not wait: what harms a person is hidden first."""
FIELD, PASSKEY = "confirm_password", "confirm_passkey"
NOT_AGAIN = {"csrfmiddlewaretoken", FIELD, PASSKEY}


class ConfirmForm(SiteForm):
    """The password of the person who is signed in, or the use of a passkey."""

    confirm_passkey = PasskeyField()
    confirm_password = PasswordField("Your password")

    def clean(self) -> dict[str, Any]:
        """Refuse a form without either."""
        values = super().clean() or {}
        if not values.get(FIELD) and not values.get(PASSKEY):
            self.refuse("Enter your password.", FIELD)
        return values


class FreshSignIn(MiddlewareMixin):
    """Middleware that asks for a password or passkey before a grave act, if that was long ago."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: Any
    ) -> HttpResponse | None:
        """The page that asks for the password; None if the act can go on."""
        if request.method != "POST" or not _is_grave(request):
            return None
        # Visitors are led to the page Sign in by the view.
        if not isinstance(request.user, User) or is_fresh(request.session, timezone.now()):
            return None
        return _confirm(request, request.user)


def _is_grave(request: HttpRequest) -> bool:
    here = request.resolver_match
    name = (here.url_name if here is not None else None) or ""
    buttons = GRAVE.get(name)
    if buttons is None:
        return False
    if buttons == ANY:
        return name not in AT_ONCE or request.POST.get("do") != AT_ONCE[name]
    return bool(buttons & {request.POST.get(key) for key in ("do", "action")})


@sensitive_variables("form")
def _confirm(request: HttpRequest, person: User) -> HttpResponse | None:
    """Check the password or passkey, if it came with the form; else ask for it."""
    form = ConfirmForm(request.POST if FIELD in request.POST else None)
    if form.is_valid():
        now = timezone.now()
        try:
            _prove(request, person, form.cleaned_data, now)
        except (NotPermitted, RuleError) as error:
            form.refuse(error, FIELD)
        else:
            request.session[CONFIRMED] = now.isoformat()
            return None
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in NOT_AGAIN
        for value in values
    ]
    context = {"form": form, "sent": sent, "question": question(request, person)}
    if not person.has_usable_password():
        context["organisation"] = settings.ORGANISATION_SIGN_IN
    answer = render(request, "accounts/confirm.html", context, status=403)
    answer["Cache-Control"] = "private, no-store"
    return answer


@sensitive_variables("values")
def _prove(request: HttpRequest, person: User, values: Mapping[str, Any], now: datetime) -> None:
    """Check what was entered. Raises NotPermitted, RuleError."""
    if values[PASSKEY]:
        confirm_passkey(by=person, answer=take_answer(request, values[PASSKEY]), now=now)
    else:
        confirm_password(by=person, password=values[FIELD], now=now)
