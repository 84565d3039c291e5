"""Lines of the log: one line of text, or one JSON object, for each event (no Django)."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Number of the request that this thread answers; "" outside a request."""

ACCESS = "waymark.access"
"""Logger of the access log, whose records have the fields of ACCESS_FIELDS."""
ACCESS_FIELDS = ("method", "route", "status", "bytes", "milliseconds")
FAULT = 500
"""First HTTP status that is a fault of the site."""
_REFUSED = "django.security"
"""Django's logger of requests that it refuses, such as those with another host name."""


def message_of(record: logging.LogRecord) -> str:
    """Message of a log record, on one line where a stranger's request was refused.

    A refused request is named by its route: its address can be the secret link of an email.
    """
    message = record.getMessage()
    if record.name.startswith(_REFUSED):
        # Django names its own setting; operators know ours.
        message = " ".join(message.replace("ALLOWED_HOSTS", "WAYMARK_HOSTS").split())
    request = getattr(record, "request", None)
    match = getattr(request, "resolver_match", None)
    if match is not None and getattr(record, "status_code", FAULT) < FAULT:
        message = message.replace(getattr(request, "path", ""), f"/{match.route}")
    return message


def has_traceback(record: logging.LogRecord) -> bool:
    """True if the traceback of a record says more than its message.

    A refused request is no fault of the program, and strangers must not fill the log with it.
    """
    return bool(record.exc_info) and not record.name.startswith(_REFUSED)


class TextLines(logging.Formatter):
    """Formatter of plain text: the message, and the traceback of a fault."""

    def format(self, record: logging.LogRecord) -> str:
        """Text of a record."""
        text = message_of(record)
        if has_traceback(record) and record.exc_info:
            text = f"{text}\n{self.formatException(record.exc_info)}"
        return text


class JsonLines(logging.Formatter):
    """Formatter of JSON objects, one a line, for programs that collect logs.

    {"time": "2027-01-24T09:30:00.123456+00:00", "level": "error", "logger": "django.request",
     "message": "...", "request": "5f0c...", "error": "Traceback ..."}
    """

    def format(self, record: logging.LogRecord) -> str:
        """JSON of a record."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
        }
        if number := request_id.get():
            entry["request"] = number
        if record.name == ACCESS:
            entry |= {name: getattr(record, name) for name in ACCESS_FIELDS}
        if has_traceback(record) and record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)
