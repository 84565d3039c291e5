"""Lock of a data folder: commands that use the folder share it; one that replaces it is exclusive.

DATA/lock       never read or written; only its lock (flock) matters, which ends with the process
"""

import fcntl
import os
import time
from pathlib import Path

from waymark.core.errors import RuleError

NAME = "lock"
LOOK_EVERY = 0.1


class FolderLock:
    """This process's lock of one folder, released by close() or at the end of the process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._handle = -1

    def lock_shared(self) -> None:
        """Take a shared lock. Raises RuleError while another process has an exclusive one."""
        self._take(fcntl.LOCK_SH, 0)

    def lock_exclusively(self, *, wait: float = 0) -> None:
        """Take an exclusive lock. Raises RuleError if the folder is in use for over wait seconds.

        Releases the shared lock of this process first.
        """
        self.close()
        self._take(fcntl.LOCK_EX, wait)

    def downgrade_to_shared(self) -> None:
        """Turn the exclusive lock into a shared one."""
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    def close(self) -> None:
        """Release the lock."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _take(self, operation: int, wait: float) -> None:
        until = time.monotonic() + wait
        while True:
            self._open()
            # flock never blocks here, so that waiting can end at a time limit.
            try:
                fcntl.flock(self._handle, operation | fcntl.LOCK_NB)
            except BlockingIOError:
                self.close()
                if time.monotonic() >= until:
                    raise _in_use(self.folder, operation) from None
                time.sleep(LOOK_EVERY)
                continue
            if self._is_of_the_folder():
                return
            self.close()  # the folder was replaced between opening and locking

    def _open(self) -> None:
        path = self.folder / NAME
        try:
            self._handle = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:  # the folder is read-only
            self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def _is_of_the_folder(self) -> bool:
        try:
            status = (self.folder / NAME).stat()
        except FileNotFoundError:
            return False
        # A restore renames the folder: the lock we hold may be of the old one, with another inode.
        return status.st_ino == os.fstat(self._handle).st_ino


def _in_use(folder: Path, operation: int) -> RuleError:
    if operation == fcntl.LOCK_SH:
        return RuleError(f"{folder} is being restored or migrated: wait until that has finished")
    return RuleError(
        f"another waymark command is using {folder}: stop waymark serve, "
        "waymark dask-worker and all other commands, on every machine"
    )
