"""The lock of a data folder: programs that use it share it; what exchanges the folder has it alone.

DATA/lock       never read or written; only its lock (flock) counts, which ends with the process
"""

import fcntl
import os
import time
from pathlib import Path

from waymark.core.errors import RuleError

NAME = "lock"
LOOK_EVERY = 0.1


class FolderLock:
    """The lock of one folder as this process has it. Close it, or end, to let go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._handle = -1

    def share(self) -> None:
        """Use the folder beside others. Raises RuleError while another has it alone."""
        self._take(fcntl.LOCK_SH, 0)

    def alone(self, *, wait: float = 0) -> None:
        """Have the folder alone. Raises RuleError where another program uses it after wait seconds.

        What was shared before is let go first.
        """
        self.close()
        self._take(fcntl.LOCK_EX, wait)

    def back_to_sharing(self) -> None:
        """Let others in again."""
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    def close(self) -> None:
        """Let go."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _take(self, how: int, wait: float) -> None:
        until = time.monotonic() + wait
        while True:
            self._open()
            try:
                fcntl.flock(self._handle, how | fcntl.LOCK_NB)
            except BlockingIOError:
                self.close()
                if time.monotonic() >= until:
                    raise _in_use(self.folder, how) from None
                time.sleep(LOOK_EVERY)
                continue
            if self._is_of_the_folder():
                return
            self.close()  # the folder was exchanged between opening and locking

    def _open(self) -> None:
        path = self.folder / NAME
        try:
            self._handle = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:  # a folder that may only be read
            self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def _is_of_the_folder(self) -> bool:
        try:
            there = (self.folder / NAME).stat()
        except FileNotFoundError:
            return False
        return there.st_ino == os.fstat(self._handle).st_ino


def _in_use(folder: Path, how: int) -> RuleError:
    if how == fcntl.LOCK_SH:
        return RuleError(f"{folder} is being restored or migrated: wait until that is done")
    return RuleError(
        f"another waymark command uses {folder}: stop waymark serve and every other command first"
    )
