"""Messages of the next page ("Saved."), in a cookie that is bound to the host as all others are."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookie(CookieStorage):
    """Django's cookie of messages; over HTTPS its name keeps other sites of the domain from it."""

    cookie_name = "__Host-messages" if settings.HTTPS else "messages"


class Messages(FallbackStorage):
    """In the cookie; what does not fit goes to the session."""

    storage_classes = (HostCookie, SessionStorage)
