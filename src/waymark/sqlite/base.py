"""SQLite with a queue: whoever waits to write is woken when the one before has finished.

SQLite has one writer. Who finds it busy sleeps for up to 0.1 s and tries again, and may find it
busy again. Example: with 20 people who save at once, one sign-in in twenty waited for 89 to 510 ms,
and in this queue for 46 to 79 (docs/benchmarks.md). The system wakes those who wait for the lock of
a file roughly in the order in which they came; it promises no order.

<database>-queue    never read or written; only its lock (flock) matters, and ends with the process
"""

import fcntl
import os
import threading
from contextlib import suppress

from django.db import OperationalError
from django.db.backends.sqlite3 import base

SUFFIX = "-queue"


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to SQLite whose transactions wait for their turn before they begin.

    A transaction that has waited longer than the option "timeout" (seconds) for those before it
    fails as a locked database does. Connections that only read, and databases in memory, do not
    wait.
    """

    transaction_mode: str | None
    _turn = -1
    """Descriptor of the locked file while this connection has its turn, else -1."""

    def _start_transaction_under_autocommit(self) -> None:
        if self.transaction_mode is not None and not self.is_in_memory_db():
            self._wait_for_turn()
        try:
            # The stubs leave this method out.
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_turn()
            raise

    def _wait_for_turn(self) -> None:
        path = f"{self.settings_dict['NAME']}{SUFFIX}"
        try:
            turn = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return  # The folder is read-only: SQLite itself will say so.
        if not lock_within(turn, self.settings_dict["OPTIONS"].get("timeout", 5)):
            raise OperationalError("database is locked")
        self._turn = turn

    def _end_turn(self) -> None:
        if self._turn >= 0:
            unlock(self._turn)
            self._turn = -1

    def commit(self) -> None:
        super().commit()
        self._end_turn()

    def rollback(self) -> None:
        super().rollback()
        self._end_turn()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._end_turn()


def lock_within(handle: int, seconds: float) -> bool:
    """Lock an open file for this process alone; False, and close it, if that takes longer.

    flock knows no time limit, so a thread waits for it. The thread of one who gave up gives the
    lock back as soon as it gets it.
    """
    with suppress(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    # Whoever takes the baton decides: the thread that has the lock, or the one that gave up.
    baton = threading.Lock()
    locked = threading.Event()

    def wait() -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if baton.acquire(blocking=False):
            locked.set()
        else:
            unlock(handle)

    threading.Thread(target=wait, name="waits to write", daemon=True).start()
    # Where both come at the same moment, the thread took the baton and the lock is ours.
    return locked.wait(seconds) or not baton.acquire(blocking=False)


def unlock(handle: int) -> None:
    """Unlock and close a file. A forked process has it open too: closing alone is not enough."""
    fcntl.flock(handle, fcntl.LOCK_UN)
    os.close(handle)
