"""Passkeys in forms: the question in the page, its challenge in the session, the answer sent back.

The script passkey.js hands the question to the browser and the answer to a hidden field, so a form
is sent as any other. A challenge is for one answer within CHALLENGE_VALID.
"""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from waymark.accounts.models import User
from waymark.accounts.passkeys import (
    CHALLENGE_VALID,
    PasskeyAnswer,
    ask,
    ask_for_new,
    passkey_origin,
    passkeys_of,
)
from waymark.web.shared.fields import HiddenField

SESSION = "passkey_challenge"
LONGEST_ANSWER = 20_000


class PasskeyField(HiddenField):
    """What the browser answers; "" if the person has not used a passkey."""

    def __init__(self) -> None:
        super().__init__(most=LONGEST_ANSWER)

    def bound_data(self, data: Any, initial: Any) -> str:
        """Nothing: an answer is of no use a second time."""
        return ""


def passkeys_work_here(request: HttpRequest) -> bool:
    """True if the page was opened at the address for which passkeys are made."""
    return passkey_origin() == f"{request.scheme}://{request.get_host()}"


def question(request: HttpRequest, person: User) -> str:
    """What the script asks the browser for, as JSON; "" without a passkey that works here."""
    if not passkeys_work_here(request) or not passkeys_of(person):
        return ""
    return _keep(request, *ask(person))


def question_for_new(request: HttpRequest, person: User) -> str:
    """The same for a new passkey."""
    return _keep(request, *ask_for_new(person)) if passkeys_work_here(request) else ""


def _keep(request: HttpRequest, options: dict[str, Any], challenge: dict[str, Any]) -> str:
    until = timezone.now() + CHALLENGE_VALID
    request.session[SESSION] = {"challenge": challenge, "until": until.isoformat()}
    return json.dumps(options)


def take_answer(request: HttpRequest, text: str) -> PasskeyAnswer:
    """The answer with the challenge of the session, which is used up by it."""
    kept = request.session.pop(SESSION, None)
    if kept is None or timezone.now() >= datetime.fromisoformat(kept["until"]):
        return PasskeyAnswer(text, None)
    return PasskeyAnswer(text, kept["challenge"])


def passkey_address() -> str:
    """Where passkeys work, for a page that was opened elsewhere; "" for nowhere."""
    return settings.SITE_ADDRESS if passkey_origin() else ""
