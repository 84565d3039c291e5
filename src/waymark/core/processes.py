"""Processes that begin as copies of this one, so that modules are loaded once and share memory."""

import ctypes
import gc
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkProcess

log = logging.getLogger(__name__)
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15


class ForkedProcess(ForkProcess):
    """Copy of this process that runs one function, with the methods of Popen that we use."""

    def poll(self) -> int | None:
        """Exit code; None while it runs."""
        return self.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end. Raises TimeoutExpired if it still runs after timeout seconds."""
        self.join(timeout)
        if timeout is not None and self.exitcode is None:
            raise subprocess.TimeoutExpired(self.name, timeout)
        return self.exitcode


def fork(run: Callable[[], None], *, name: str, signals: Iterable[signal.Signals]) -> ForkedProcess:
    """Start a copy of this process that runs a function in a session of its own.

    name: shown by ps and top. signals: those whose handlers here are not for the copy. The copy
    ends when this process does.
    """
    parent = os.getpid()

    def run_in_copy() -> None:
        os.setsid()
        end_with_parent(parent)
        _set_name(name)
        for number in signals:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        try:
            run()
        except Exception:
            # Else multiprocessing prints it beside the log, which may be read by a program.
            log.exception("%s stopped", name)
            sys.exit(1)

    process = ForkedProcess(target=run_in_copy, name=name)
    # A signal that came before the copy has dropped our handlers would be lost in them.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return process


@contextmanager
def without_collector() -> Iterator[None]:
    """Load modules without looking for garbage: they make none, and an eighth of the time goes."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def share_memory() -> None:
    """Prepare for copies: what was loaded so far is never collected, so its pages stay shared.

    Not collected before: of what loading leaves it is one object in twenty, and looking for them
    takes a tenth of a second in which no page is answered.
    """
    gc.freeze()


def end_with_parent(parent: int) -> None:
    """Ask Linux for SIGTERM when the parent dies, even by kill -9.

    Separate sessions keep the terminal's Ctrl-C from the copies: only the parent stops them.
    """
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before it was asked
            sys.exit(1)


def _set_name(name: str) -> None:
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_NAME, name.encode("ascii"))
