"""Django's sessions in the database, with the limits of waymark.accounts.sessions."""

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from waymark.accounts.devices import device_in_words
from waymark.accounts.models import User
from waymark.accounts.sessions import CONFIRMED, LIMITS, new_limits, stays_open


class SessionStore(DatabaseSessions):
    """A session that is over is empty and its row is deleted, wherever it is read."""

    def load(self) -> dict[str, Any]:
        """The data of the session; {} for one that is over or does not exist."""
        row = self._get_session_from_db()  # type: ignore[attr-defined]  # not in the stubs
        if row is None:
            return {}
        content: dict[str, Any] = self.decode(row.session_data)
        if SESSION_KEY in content and not stays_open(row, content, timezone.now()):
            row.delete()
            self._session_key = None
            return {}
        return content

    def get_session_cookie_age(self) -> int:
        """Seconds after which it ends unless it is used."""
        limits = self.get(LIMITS)
        return int(limits["idle"]) if limits else settings.SESSION_COOKIE_AGE


@receiver(user_logged_in)
def begin_session(request: HttpRequest, user: User, **_: Any) -> None:
    """Give the session of whoever signs in its limits."""
    now = timezone.now()
    agent = request.META.get("HTTP_USER_AGENT", "")
    request.session[LIMITS] = new_limits(user.pk, now=now, device=device_in_words(agent))
    request.session[CONFIRMED] = now.isoformat()
