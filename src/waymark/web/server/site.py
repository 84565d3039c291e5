"""The site as gunicorn serves it, loaded once before its processes begin."""

import socket
from importlib import import_module
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.urls import reverse
from django.utils import timezone
from gunicorn.app.base import BaseApplication

from waymark.pipeline.start import start_installation
from waymark.web.server.gunicorn_worker import PatientWorker

REQUEST_SECONDS = 300
"""Long enough for a large file over a slow connection."""
THREADS = 8


def load_site() -> WSGIHandler:
    """Import everything that answers requests or does jobs."""
    import_module("waymark.pipeline.worker")
    application = get_wsgi_application()
    # Imports the modules of all pages and compiles their addresses.
    reverse("home")
    return application


def run_gunicorn(
    listener: socket.socket, application: WSGIHandler, *, processes: int, stop_seconds: int
) -> None:
    """Serve the site on a socket that is already open until SIGTERM.

    It uses threads, because browsers open connections in advance and send nothing on them: each
    would block a whole process of the default worker until its timeout.
    """
    settings = {
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
    GunicornSite(application, settings).run()


class GunicornSite(BaseApplication):  # type: ignore[misc]
    """The site, with its settings of gunicorn."""

    def __init__(self, application: WSGIHandler, settings: dict[str, Any]) -> None:
        self.application, self.settings = application, settings
        super().__init__()

    def load_config(self) -> None:
        """Take our settings, and none from files or the environment."""
        for name, value in self.settings.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIHandler:
        """Check the installation in a process that answers requests, and return the site.

        A process that is started again may meet another database than the one before it.
        """
        # The lock is kept as long as the process lives.
        self.lock = start_installation(now=timezone.now())
        return self.application
