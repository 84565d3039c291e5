"""Serving the site: gunicorn for the pages, and beside it the workers that do what waits.

    waymark serve (this process: holds the port, watches the others)
        gunicorn, with its processes that answer requests
        the reading worker: `python -m waymark.web.serve slow`: uploads, letters
        the keeping worker: `python -m waymark.web.serve quick`: expiry, the search index

Two workers, because a long file or a mail server that does not answer must not keep what was
withdrawn in the index.

One signal stops all of them; one that dies is started again. The port is opened here, so it stays
open, and requests wait, while gunicorn is started again.
"""

import ctypes
import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event

from waymark.core.errors import RuleError, WaymarkError

log = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
"""Reached from this machine only: a proxy that ends TLS stands before a public site."""
FIRST_OF_ALL, LAST = 1024, 65_535
"""The ports that everybody may use."""
PROCESSES = 2
THREADS = 8
WORKER = "waymark.web.gunicorn_worker.PatientWorker"
REQUEST_SECONDS = 300
"""Long enough for a large file over a slow line."""
STOP_SECONDS = 15
"""How long a process may finish what it is doing before it is killed."""
STEADY_SECONDS = 10
"""Who lived shorter than this is started again after a pause, each time a longer one."""
LONGEST_PAUSE = 30.0
LOOK_EVERY = 0.25
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Start = Callable[[], "subprocess.Popen[bytes]"]


@dataclass(slots=True)
class Kept:
    """A process that is kept running.

    start: makes it; process: the one now, None before the first; began, again_at: seconds of the
    monotonic clock; short_lives: how often in a row it died early.
    """

    name: str
    start: Start
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    again_at: float = 0.0
    short_lives: int = 0

    def look(self, now: float) -> None:
        """Start it where it is not running and its pause is over."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            early = now - self.began < STEADY_SECONDS
            self.short_lives = self.short_lives + 1 if early else 0
            pause = min(LONGEST_PAUSE, 2.0 ** (self.short_lives - 1)) if early else 0.0
            log.warning("%s ended (%s); it is started again in %.0f s", self.name, code, pause)
            self.again_at = now + pause
            self.process = None
        if now >= self.again_at:
            self.process, self.began = self.start(), now

    def ask_to_stop(self) -> None:
        """The signal to finish and end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, until: float) -> None:
        """Wait for its end; kill it and what it started at the moment `until`."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop and is killed", self.name)
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@dataclass(slots=True)
class Keeper:
    """Keeps processes running until it is told to stop, then ends them all."""

    kept: Sequence[Kept]
    stopping: Event = field(default_factory=Event)

    def run(self) -> None:
        """Returns when a signal of STOPPING came and everything has ended."""
        before = {number: signal.signal(number, self._stop) for number in STOPPING}
        try:
            while not self.stopping.wait(LOOK_EVERY):
                for one in self.kept:
                    one.look(time.monotonic())
        finally:
            until = time.monotonic() + STOP_SECONDS
            for one in self.kept:
                one.ask_to_stop()
            for one in self.kept:
                one.end(until)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: object) -> None:
        self.stopping.set()


def serve(port: int) -> None:
    """Serve the site on a port of this machine until Ctrl-C or SIGTERM.

    Raises RuleError where the port cannot be had.
    """
    with _listen(port) as listener:
        kept = (
            Kept("the site", _site(listener)),
            Kept("the reading worker", partial(_worker, "slow")),
            Kept("the keeping worker", partial(_worker, "quick")),
        )
        Keeper(kept).run()


def require_port(port: int) -> None:
    """Raises RuleError where the port cannot be had: asked before anything that takes long."""
    _listen(port).close()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        raise RuleError(_port_remedy(port, error)) from error
    return listener


def _port_remedy(port: int, error: OSError) -> str:
    busy = "another program uses it, perhaps another Waymark"
    why = busy if error.errno == errno.EADDRINUSE else error.strerror
    return f"port {port} cannot be used ({why}): choose another, as --port {_free_port(port)}"


def _free_port(above: int) -> int:
    """A port above this one, and above the administrator's, on which nobody listens."""
    for port in range(max(above + 1, FIRST_OF_ALL), LAST):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
            if trial.connect_ex((ADDRESS, port)) == errno.ECONNREFUSED:
                return port
    return LAST


def _site(listener: socket.socket) -> Start:
    """gunicorn on a socket that is already open.

    Threads, because a browser opens connections ahead of need and sends nothing on them: each would
    hold a whole process of the plain kind until its time is over.
    """
    handle = listener.fileno()
    command = [sys.executable, "-m", "gunicorn", "waymark.wsgi", f"--bind=fd://{handle}"]
    command += [f"--workers={PROCESSES}", f"--worker-class={WORKER}", f"--threads={THREADS}"]
    command += [f"--timeout={REQUEST_SECONDS}", f"--graceful-timeout={STOP_SECONDS - 5}"]
    command += ["--limit-request-line=8190", "--log-level=warning", "--no-control-socket"]

    def start() -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            command, pass_fds=[handle], start_new_session=True, preexec_fn=_end_with_parent
        )

    return start


def _worker(pace: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "waymark.web.serve", pace],
        start_new_session=True,
        preexec_fn=_end_with_parent,
    )


_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """In the new process: ask Linux for SIGTERM when the parent dies, even by kill -9.

    Own sessions keep the terminal's Ctrl-C away from them: the parent alone says when to stop.
    """
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def do_tasks(pace: str) -> None:
    """A worker: does what takes its time ("slow") or what has to be quick ("quick"), until SIGTERM.

    SIGTERM ends it as an exception does, so that the process reading a file is ended with it; the
    file's lease runs out and the next worker takes it up.
    """
    import django

    django.setup()
    from django.utils import timezone

    from waymark.pipeline import intake
    from waymark.pipeline.starting import start_installation

    try:
        lock = start_installation(now=timezone.now())
    except WaymarkError as error:
        sys.exit(f"waymark: {error}")
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    try:
        intake.work(once=False, tasks=intake.SLOW if pace == "slow" else intake.QUICK)
    finally:
        lock.close()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waymark.settings")
    do_tasks(sys.argv[1])
