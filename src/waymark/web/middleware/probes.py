"""Addresses for programs that watch the site: /healthz and /readyz.

    /healthz   200 "ok": this process answers requests. Asks nothing else, so that a full disk or a
               database that is away does not make a supervisor restart what is not at fault.
    /readyz    200 "ready", or 503 with a line for each part that is not: database, folder

They answer under any host name and without TLS, because programs ask a process by its address, and
say nothing about the collection. Search is no part of it: the site works while it is repaired. Nor
is the schema: a process refuses to start on another, and none is migrated while a process runs.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from waymark.accounts.installation import database_identifier

KEPT_SECONDS = 2.0
"""How long a process repeats its last result: strangers can ask, and a check asks the database."""


class Probes:
    """Middleware that answers the two addresses before any other looks at the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._faults: tuple[str, ...] = ()
        self._checked = -KEPT_SECONDS
        self._lock = Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info not in {"/healthz", "/readyz"}:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        if request.path_info == "/healthz":
            return _plain("ok")
        faults = self._known_faults()
        return _plain("\n".join(faults), 503) if faults else _plain("ready")

    def _known_faults(self) -> tuple[str, ...]:
        with self._lock:
            if time.monotonic() - self._checked >= KEPT_SECONDS:
                self._faults = readiness_faults()
                self._checked = time.monotonic()
            return self._faults


def readiness_faults() -> tuple[str, ...]:
    """What keeps this process from answering pages, a short line for each; empty if nothing."""
    faults = []
    try:
        if not database_identifier():
            faults.append("database: it is of no installation")
    except DatabaseError:
        faults.append("database: no answer")
    if not os.access(Path(settings.DATA), os.R_OK | os.W_OK | os.X_OK):
        faults.append("folder: the data folder cannot be written")
    return tuple(faults)


def _plain(text: str, status: int = 200) -> HttpResponse:
    answer = HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    answer["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
