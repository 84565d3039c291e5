"""Serve the site: gunicorn for the pages, and workers for background tasks.

    waymark serve (this process: opens the port, loads the site, supervises the others)
        gunicorn, with its processes that answer requests
        a worker for each queue of jobs (core/jobs.py): reading (uploads, emails) and upkeep
        (removals, expiry, the search index)

All are copies of this process (core/processes.py): loading the site takes longer than everything
else before the first page, and so happens once, and most of the memory is shared.

Separate workers, because a long file or a mail server that does not answer must not delay the
removal of withdrawn records from the index.

One signal stops all of them; a process that dies is restarted. The port is opened here, so it stays
open, and requests wait, while gunicorn restarts.
"""

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
from typing import Protocol

from waymark.core.errors import RuleError, WaymarkError
from waymark.core.jobs import JobQueue
from waymark.core.processes import fork, share_memory, without_collector

log = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
"""Only this machine can connect: a public site needs a proxy that handles TLS."""
FIRST_OF_ALL, LAST = 1024, 65_535
"""Ports that do not need administrator rights."""
PROCESSES, THREADS = 2, 8
"""Processes that answer requests, and the threads of each."""
STOP_SECONDS = 15
"""Time for a process to finish its work before it is killed."""
STEADY_SECONDS = 10
"""A process that ends sooner is restarted after a pause, which grows each time."""
LONGEST_PAUSE = 30.0
LOOK_EVERY = 0.25
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StartedProcess(Protocol):
    """Process that was started, with the methods of Popen that we use."""

    @property
    def pid(self) -> int | None:
        """Number of the process."""

    def poll(self) -> int | None:
        """Exit code; None while it runs."""

    def terminate(self) -> None:
        """Send SIGTERM."""

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end. Raises TimeoutExpired if it still runs after timeout seconds."""


Start = Callable[[], StartedProcess]
OnEnd = Callable[[str, int | None], None]


def _tell_nobody(_name: str, _code: int | None) -> None:
    """Nothing is done when a process ends."""


@dataclass(slots=True)
class SupervisedProcess:
    """Supervised process.

    start: starts it; on_end: called with name and exit code when it ended by itself; process: the
    current one, None before the first; began, again_at: seconds of the monotonic clock;
    short_lives: number of early ends in a row.
    """

    name: str
    start: Start
    on_end: OnEnd = _tell_nobody
    process: StartedProcess | None = None
    began: float = 0.0
    again_at: float = 0.0
    short_lives: int = 0

    def look(self, now: float) -> None:
        """Start the process if it is not running and its pause is over.

        Pauses after early ends in a row: 1, 2, 4, 8, 16, then 30 seconds.
        """
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            # A process that ran for a while is restarted at once; only repeated early ends, such as
            # a broken setting, lead to pauses.
            early = now - self.began < STEADY_SECONDS
            self.short_lives = self.short_lives + 1 if early else 0
            pause = min(LONGEST_PAUSE, 2.0 ** (self.short_lives - 1)) if early else 0.0
            log.warning("%s ended (%s); restarting in %.0f s", self.name, code, pause)
            self.again_at = now + pause
            self.process = None
            self.on_end(self.name, code)
        if now >= self.again_at:
            self.process, self.began = self.start(), now

    def ask_to_stop(self) -> None:
        """Send the signal to finish and end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, until: float) -> None:
        """Wait for the process to end; at the moment `until`, kill it and its children."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop and was killed", self.name)
            # Each child is the leader of its own session, so its group includes its own children.
            if self.process.pid is not None:
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@dataclass(slots=True)
class ProcessSupervisor:
    """Supervisor that keeps processes running until a stop signal, then ends them all."""

    processes: Sequence[SupervisedProcess]
    stopping: Event = field(default_factory=Event)

    def run(self) -> None:
        """Run until a signal of STOPPING arrives and every process has ended."""
        before = {number: signal.signal(number, self._stop) for number in STOPPING}
        try:
            while not self.stopping.is_set():
                for process in self.processes:
                    process.look(time.monotonic())
                self.stopping.wait(LOOK_EVERY)
        finally:
            # All are asked to stop first and share one deadline, so stopping takes STOP_SECONDS in
            # all and not for each process.
            until = time.monotonic() + STOP_SECONDS
            for process in self.processes:
                process.ask_to_stop()
            for process in self.processes:
                process.end(until)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: object) -> None:
        self.stopping.set()


def serve_site(port: int) -> None:
    """Serve the site on a port of this machine until Ctrl-C or SIGTERM.

    Raises RuleError if the port is not available.
    """
    with _open_port(port) as listener:
        with without_collector():
            # Imported only here: the command imports this module also to print its help.
            from django.conf import settings
            from django.db import connections

            from waymark.web.server.site import load_site, run_gunicorn
            from waymark.web.server.static_files import collect_static_files

            collect_static_files()
            if settings.METRICS:
                from waymark.web.server import metrics

                metrics.begin()
            application = load_site()
        # A connection to the database must not be used by two processes.
        connections.close_all()
        share_memory()
        start = partial(fork, signals=STOPPING)
        site = partial(
            run_gunicorn,
            listener,
            application,
            processes=PROCESSES,
            stop_seconds=STOP_SECONDS,
            on_end=process_ended,
        )
        work: dict[str, tuple[str, Callable[[], None]]] = {"the site": ("waymark site", site)}
        for queue in JobQueue:
            work[f"the {queue} worker"] = f"waymark {queue}", partial(do_jobs, queue)
        if settings.METRICS:
            work["the server of the metrics"] = "waymark metrics", metrics.serve
        processes = [
            SupervisedProcess(name, partial(start, run, name=short), process_ended)
            for name, (short, run) in work.items()
        ]
        ProcessSupervisor(processes).run()


def process_ended(name: str, code: int | None) -> None:
    """Count the end of a process, and tell the operators from a process of its own.

    The supervisor itself must not wait for a mail server.
    """
    from django.conf import settings

    if settings.METRICS:
        from waymark.web.server import metrics

        metrics.count_end(name)
    if settings.OPERATOR_EMAIL:
        fork(partial(_tell_operators, name, code), name="waymark notice", signals=STOPPING)


def _tell_operators(name: str, code: int | None) -> None:
    from django.utils import timezone

    from waymark.pipeline.mail.operator_notices import tell_of_ended_process

    tell_of_ended_process(name, code, timezone.now())


def require_port(port: int) -> None:
    """Raise RuleError if the port is not available, before starting any long work."""
    _open_port(port).close()


def _open_port(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Without this option a restart fails for a minute while old connections are in TIME_WAIT.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        raise RuleError(_port_remedy(port, error)) from error
    return listener


def _port_remedy(port: int, error: OSError) -> str:
    busy = "another program, perhaps another Waymark, is using it"
    why = busy if error.errno == errno.EADDRINUSE else error.strerror
    return f"port {port} is not available ({why}): try --port {_free_port(port)}"


def _free_port(above: int) -> int:
    """A free port above this one and above those that need administrator rights."""
    for port in range(max(above + 1, FIRST_OF_ALL), LAST):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
            if trial.connect_ex((ADDRESS, port)) == errno.ECONNREFUSED:
                return port
    return LAST


def do_jobs(queue: JobQueue) -> None:
    """Run the worker of a queue until SIGTERM.

    SIGTERM ends it like an exception, so that the process that reads a file ends with it; the
    file's lease then expires and the next worker continues with it.
    """
    from django.utils import timezone

    from waymark.pipeline.start import start_installation
    from waymark.pipeline.worker import jobs_of, run_worker

    try:
        lock = start_installation(now=timezone.now())
    except WaymarkError as error:
        sys.exit(f"waymark: {error}")
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    try:
        run_worker(once=False, jobs=jobs_of(queue))
    finally:
        lock.close()
