"""The site as gunicorn serves it, loaded once before its processes begin."""

import socket
from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from threading import Thread
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.urls import reverse
from django.utils import timezone
from gunicorn.app.base import BaseApplication

from waymark.pipeline.start import start_installation
from waymark.web.server.gunicorn_worker import PatientWorker
from waymark.web.server.serve import THREADS

REQUEST_SECONDS = 300
"""Long enough for a large file over a slow connection."""
FIRST_PAGES = (("/", ""), ("/find/", "q=neglect"), ("/topics/", ""), ("/subjects/", ""))
"""Path and query of the pages that each process asks for when it begins."""


def load_site() -> WSGIHandler:
    """Import everything that answers requests or does jobs."""
    import_module("waymark.pipeline.worker")
    application = get_wsgi_application()
    # Imports the modules of all pages and compiles their addresses.
    reverse("home")
    return application


def run_gunicorn(
    listener: socket.socket,
    application: WSGIHandler,
    *,
    processes: int,
    stop_seconds: int,
    on_end: Callable[[str, int | None], None],
) -> None:
    """Serve the site on a socket that is already open until SIGTERM.

    on_end: called when a process that answers requests ended by itself.

    It uses threads, because browsers open connections in advance and send nothing on them: each
    would block a whole process of the default worker until its timeout.
    """

    def worker_ended(arbiter: Any, _worker: object) -> None:
        # It closes its sockets before it stops its processes.
        if arbiter.LISTENERS:
            on_end("a process that answers requests", None)

    options = {
        "child_exit": worker_ended,
        "bind": f"fd://{listener.fileno()}",
        "workers": processes,
        "worker_class": PatientWorker,
        "threads": THREADS,
        "timeout": REQUEST_SECONDS,
        "graceful_timeout": stop_seconds - 5,
        "limit_request_line": 8190,
        "loglevel": "warning",
        "control_socket_disable": True,
    }
    if settings.JSON_LOGS:
        logs: dict[str, Any] = settings.LOGGING
        own = {"gunicorn.error": {"handlers": [], "level": "WARNING", "propagate": True}}
        options["logconfig_dict"] = {**logs, "loggers": {**logs["loggers"], **own}}
    GunicornSite(application, options).run()


class GunicornSite(BaseApplication):  # type: ignore[misc]
    """The site, with its options of gunicorn."""

    def __init__(self, application: WSGIHandler, options: dict[str, Any]) -> None:
        self.application, self.options = application, options
        super().__init__()

    def load_config(self) -> None:
        """Take our settings, and none from files or the environment."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIHandler:
        """Check the installation in a process that answers requests, and return the site.

        A process that is started again may meet another database than the one before it.
        """
        # The lock is kept as long as the process lives.
        self.lock = start_installation(now=timezone.now())
        Thread(target=warm_up, args=(self.application,), daemon=True).start()
        return self.application


def warm_up(application: WSGIHandler) -> None:
    """Ask for the pages with which visitors begin: what a process reads once is then in memory.

    On a thread of its own, so that the first visitor waits no longer than without it.
    """
    for path, query in FIRST_PAGES:
        environ = {
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": settings.ALLOWED_HOSTS[0].lstrip(".").replace("*", "localhost"),
            "HTTP_X_FORWARDED_PROTO": "https",
        }
        setup_testing_defaults(environ)
        answer = application(environ, _start_response)
        with closing(answer):
            for _ in answer:
                pass


def _start_response(
    _status: str, _headers: list[tuple[str, str]], _error: object = None, /
) -> Callable[[bytes], object]:
    return lambda content: None
